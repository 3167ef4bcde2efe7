//! BI tools: the logins that may read schema `bi`, the limits on their sessions, and the tables that views read and that are
//! computed from the registry.

pub mod access;
pub mod addresses;
mod memory;
pub mod privileges;
pub mod refresh;
pub mod watch;
