//! Typed, dated ties between two actors.

pub mod api;
pub mod filter;
pub mod model;
pub mod percent;
pub mod request;
