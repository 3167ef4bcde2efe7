//! The open vocabularies: ten tables of one shape, each with a few columns of its own. Only `Vocabulary::columns`, `Extra`
//! and `usage.sql` distinguish them.

mod conflicts;
mod entry;
mod list;
mod row;

pub use entry::{Entry, Line};
pub use list::{EntryFilter, Summary, Vocabulary};
pub use row::{EntryRow, Extra, ValueType};
