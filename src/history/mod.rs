//! Recorded time: what the registry knew, and when. The database writes a revision with every change of a record; here they
//! are put in their one order (`sequencer`), told record by record (`model`, `api`) and brought back (`restoring`), and whether
//! anybody changed what was written is found out (`verify`).

pub mod api;
pub mod find;
pub mod model;
pub mod restoring;
pub mod verify;
