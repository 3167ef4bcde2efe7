//! Merging two actors that are one. The source is merged into the target, its id redirects to the target, and restoring the
//! source undoes the merge.

pub mod api;
mod merge_fields;
pub mod model;
pub mod redirect;
pub mod references;
mod ties;
pub mod undo;
