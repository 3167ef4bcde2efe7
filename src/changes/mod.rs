//! The feed of changes: everything that happened to records, in the one order that `history` gives it, by pages, by
//! waiting for more, and as an event stream. Who goes on after the last sequence they had misses nothing.

pub mod api;
pub mod followers;
pub mod model;
pub mod request;
mod stream;
