//! Lists in SQL: what is selected, filtered, sorted, and where a page begins. Pages are found by key instead of by offset,
//! so that page 10,000 costs what page 1 costs. Nothing here knows HTTP; `http::listing` reads a request's parameters and
//! sends the result.

mod cursor;
mod page;
pub mod parameters;
mod selection;
mod several_values;
pub mod table_row;
mod unknown_parameter;

pub use cursor::CursorKey;
pub use page::{List, RowPage};
pub use selection::{Conditions, Selection, Sort, one_of};
pub use several_values::explain_commas;
pub use table_row::{Column, TableRow};
pub use unknown_parameter::{unknown_filter, unknown_parameter};
