//! Recorded time: what the registry knew, and when. The database writes a revision with every change of a record; here they
//! are put in their one order (`sequencer`), and whether anybody changed what was written is found out (`verify`).

pub mod sequencer;
pub mod verify;
