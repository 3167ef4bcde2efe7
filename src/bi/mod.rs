//! What BI stands on: data that the views of schema `bi` read and that is worked out from the registry.

pub mod refresh;
