//! How records are named: by id, by natural key (`iso3166:CO`, `passport:CO:AB123`,
//! `programme:GLOMAG`, any external key), by the object that an answer holds, or, within one batch,
//! by the name that an earlier operation gave (`@petro`). Every place that names a record uses this.

mod find;
mod lookup;
mod reference;
mod resource;

pub use find::{find, find_for_write, gone, unknown};
pub use lookup::{Found, Handles, Lookup, Place};
pub use reference::{ActorReference, ProgrammeReference, Reference, TitleReference};
pub use resource::Resource;
