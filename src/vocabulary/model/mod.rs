//! The open vocabularies: nine tables of one shape, each with a few columns of its own. Only `Vocabulary::columns`, `Extra`
//! and `usage.sql` distinguish them.

mod conflicts;
mod entry;
mod list;
mod values;

pub use entry::{Entry, Line};
pub use list::{EntryFilter, Summary, Vocabulary};
pub use values::{Extra, Values};
