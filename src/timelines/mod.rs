//! What happened to an actor, or between two, in order of day: sanctions imposed, lifted and expired,
//! and diplomatic actions.

pub mod api;
pub mod model;
