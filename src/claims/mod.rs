//! Claims across resources: relationships, sanctions and diplomatic actions, with how far each is established and who says
//! so.

pub mod api;
pub mod model;
