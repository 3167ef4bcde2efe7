//! What serves BI tools beside the views themselves: who may read them, and for how long.

pub mod access;
pub mod addresses;
pub mod situation;
pub mod watch;
