//! What actors did to, or with, others, and how one such action led to the next.

pub mod api;
pub mod chain;
pub mod children;
pub mod circle;
pub mod filter;
pub mod model;
pub mod request;
mod table;
