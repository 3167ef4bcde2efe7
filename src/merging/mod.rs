//! Two actors found to be one: the one becomes part of the other, its old id leads there for ever, and restoring it undoes
//! all of that.

pub mod api;
mod merge_fields;
pub mod model;
pub mod redirect;
pub mod undo;
