//! Full text across kinds of records.

pub mod api;
pub mod model;
