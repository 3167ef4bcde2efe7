//! One imposer's measures against one target.

pub mod api;
pub mod children;
pub mod code_or;
pub mod filter;
pub mod model;
pub mod of_actor;
pub mod request;
pub mod table_row;
