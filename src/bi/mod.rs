//! What serves BI tools beside the views themselves: who may read them and for how long, and the data that views read and
//! that is worked out from the registry.

pub mod access;
pub mod addresses;
pub mod refresh;
pub mod situation;
pub mod watch;
