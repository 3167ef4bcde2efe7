//! Transaction time: what the registry recorded, and when. The database writes a revision with every change of a record, and
//! `db::sequencer` numbers them. Here the history of a record is read (`find`, `model`, `api`), an earlier version is restored
//! (`restoring`), and changes of the history itself are detected (`verify`).

pub mod api;
pub mod find;
pub mod model;
pub mod restoring;
pub mod verify;
