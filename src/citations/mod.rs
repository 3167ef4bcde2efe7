//! Who says so: citations of claims, the same for relationships, sanctions and diplomatic actions.

pub mod api;
