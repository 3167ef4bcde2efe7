//! Everything that talks to PostgreSQL. [`Db`] is the handle that the rest of the server holds:
//!
//! * point reads share a few connections and are pipelined on them (`shared`);
//! * one statement confirms for all readers of a thread, at a moment, that nothing has changed (`snapshot`);
//! * writes, lists and streams take a connection of a pool for themselves (`pool`, `transaction`, `stream`);
//! * reads as of a moment have connections of their own (`as_of`);
//! * each kind of work has room of its own (`capacity`), has to end in time, and is cancelled when its client is gone
//!   (`abandon`).
//!
//! Only bulk work and commands open other connections, through [`connect`].

mod abandon;
pub mod additions;
mod as_of;
mod as_of_bi;
pub mod as_of_schema;
mod capacity;
mod clean_text;
mod common;
pub mod connect;
pub mod error;
pub mod functions;
mod handle;
pub mod health;
pub mod migrate;
pub mod monitor;
mod plain_name;
mod pool;
pub mod pooler;
mod read_on;
mod retry;
pub mod sequencer;
mod shared;
mod snapshot;
pub mod statement;
mod stream;
pub mod template;
mod transaction;
pub mod views;
mod watch;

pub use additions::{Additions, StoredSelect};
pub use capacity::Capacity;
pub use connect::Target;
pub use handle::{Db, RequestPlace};
pub use health::Health;
pub use read_on::ReadOn;
pub use snapshot::{Snapshot, Snapshots};
pub use statement::{Bind, Statement};
pub use stream::Streaming;
pub use transaction::{Handles, Write};
