//! Documents that claims rest on.

pub mod api;
pub mod filter;
pub mod model;
pub mod request;
