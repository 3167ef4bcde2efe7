//! Lists over HTTP: the query parameters that every list has, and the response: a page of JSON, or a stream.

mod counts;
mod facets;
mod parameters;
mod response;

pub use crate::query::{Conditions, CursorKey, Selection, Sort};
pub use counts::{Counts, CountsParameters};
pub use parameters::{Count, Listing, MOST_VALUES, PageOf};
pub use response::Page;
