//! The feed of changes: every change of every record in the order of its sequence number, as pages, as pages that wait for
//! the next change, and as an event stream. A client that continues after the last sequence number it has misses nothing.

pub mod api;
pub mod followers;
pub mod model;
pub mod request;
mod sessions;
mod stream;
