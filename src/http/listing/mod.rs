//! Lists over HTTP: the query parameters that every list has, and the response: a page of JSON, or a stream.

mod counts;
mod facets;
mod page_parameters;
mod parameters;
mod response;

pub use crate::query::{Conditions, CursorKey, Selection, Sort};
pub use counts::{Counts, CountsParameters};
pub use page_parameters::{Count, PageOf};
pub use parameters::{Listing, MOST_VALUES};
pub use response::Page;
