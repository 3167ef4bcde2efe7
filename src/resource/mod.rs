//! What a record is, whatever its kind: how it is named and found, stored and restored, and what hangs on it.

pub mod children;
pub mod citations;
mod codes;
pub mod constraints;
pub mod counting;
pub mod country;
pub mod external_keys;
pub mod fields;
pub mod filter;
mod find;
pub mod full_text;
pub mod included;
mod kind;
mod lookup;
mod lookup_faults;
mod named;
mod near_codes;
pub mod operators;
pub mod parameters;
pub mod plausibility;
pub mod properties;
mod ranges;
pub mod record;
pub mod record_sql;
mod record_template;
mod reference;
pub mod state_roll_up;
pub mod store;
pub mod unique_keys;
pub mod warnings;

pub use codes::Codes;
pub use constraints::ConstraintError;
pub use find::{find, find_existing, unknown};
pub use included::{Included, Listed};
pub use kind::Kind;
pub use lookup::{Element, Found, Lookup};
pub use named::{find_then, lock_named, moved, read_named, still_names};
pub use record::{
    Basis, Command, Common, CommonColumns, Identity, Input, Record, RecordRow, RecordSql, Resource, Row,
};
pub use record_sql::Template;
pub use reference::{ActorReference, ProgrammeReference, Reference, SourceReference, TitleReference};
