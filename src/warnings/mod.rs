//! All warnings: what is implausible in any record of the registry.

pub mod api;
pub mod model;
