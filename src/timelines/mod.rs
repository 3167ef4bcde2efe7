//! Timelines: the sanctions and diplomatic actions of one actor, or between two actors, in order of day.

pub mod api;
pub mod model;
