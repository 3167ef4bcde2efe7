//! Legal bases under which sanctions are imposed.

pub mod api;
pub mod filter;
pub mod model;
pub mod request;
