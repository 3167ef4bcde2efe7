//! What a record is, whatever its kind: how it is named and found, stored and restored, and what hangs on it.

pub mod citations;
pub mod external_keys;
mod find;
mod kind;
mod lookup;
pub mod records;
mod reference;
pub mod state_roll_up;

pub use find::{find, find_for_write, gone, unknown};
pub use kind::Kind;
pub use lookup::{Found, Lookup, Place};
pub use reference::{ActorReference, ProgrammeReference, Reference, TitleReference};
