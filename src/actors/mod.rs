//! Anyone who acts or is acted upon.

pub mod api;
pub mod filter;
pub mod model;
pub mod request;
