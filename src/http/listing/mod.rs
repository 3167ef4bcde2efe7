//! Lists over HTTP: the query parameters that every list has, and the response: a page of JSON, or a stream.

mod parameters;
mod response;

pub use crate::query::{Conditions, CursorKey, Selection, Sort};
pub use parameters::{Count, Listing, MOST_VALUES, PageParameters};
pub use response::Page;
