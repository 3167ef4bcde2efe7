//! The demo: recorded cases on a private cluster, with a token and a BI login of its own.

pub mod cluster;
pub mod credentials;
pub mod load;
mod progress;
mod recorded;
pub mod setup;
pub mod synthetic;
