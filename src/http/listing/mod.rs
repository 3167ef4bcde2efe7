//! Lists: query parameters, order, and pages by keyset, so that page 10,000 costs what page 1 costs.
//! A resource says what it selects and sorts by; filters are its own.

mod cursor;
mod page;
mod parameters;
mod selection;

pub use cursor::CursorKey;
pub use page::Page;
pub use parameters::{Count, Listing, MOST_VALUES, PageParameters};
pub use selection::{Conditions, Selection, Sort};
