//! Several writes in one transaction; later operations can name records that earlier ones created.

pub mod api;
mod lock_targets;
mod reader;
mod request;
