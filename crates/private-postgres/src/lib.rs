//! A private PostgreSQL cluster in a data directory, for programs that bring their own database: a demo, a
//! desktop program, a test suite.
//!
//! [`Cluster::start`] finds PostgreSQL's programs (or downloads pinned ones), makes the cluster once, starts it and
//! returns when it accepts connections. It works for any user, root included: PostgreSQL refuses to run as root, so
//! root hands the cluster to another user. A server that outlives its owner is adopted by the next start; one that was
//! killed recovers from its write-ahead log.
//!
//! - [`Application`]: what the program is called, and what its clusters need. Names of files, users and directories
//!   come from it.
//! - [`Cluster`]: a running cluster, held by this process.
//! - [`Endpoint`]: where a running cluster accepts connections, and as whom.
//! - [`SharedCluster`]: one cluster for all test processes of a run; a guard process removes it after the last one.
//!
//! ```no_run
//! use private_postgres::{Application, Cluster, Settings};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! const NOTES: Application = Application::named("notes");
//!
//! let cluster = Cluster::start(&Settings::new(NOTES, ".notes")).await?;
//! let (client, connection) = cluster
//!     .endpoint()
//!     .connection("postgres")
//!     .connect(tokio_postgres::NoTls)
//!     .await?;
//! tokio::spawn(connection);
//! client.batch_execute("create table if not exists notes (text text)").await?;
//! cluster.stop().await?;
//! # Ok(())
//! # }
//! ```
//!
//! # What is where
//!
//! The data directory holds `postgresql/` (what initdb makes), the log, the superuser's password (readable by its
//! owner alone), the port, the socket in `run/`, and a marker file by which [`Cluster::destroy`] knows that it may
//! remove the directory. Where the user as whom PostgreSQL runs can't reach the data directory, all this is kept in a
//! directory under `/var/lib/<application>`, and the data directory points there.

#![warn(missing_docs, clippy::unwrap_used)]

mod account;
mod application;
mod cluster;
mod configuration;
mod download;
mod endpoint;
mod error;
mod files;
mod home;
mod initialise;
mod keep;
mod kept;
mod lock;
mod log;
mod obtain;
mod packages;
mod ports;
mod postmaster;
mod programs;
mod shared;
mod sockets;
mod start;
mod unpack;
mod version;

pub use self::application::{Application, Settings};
pub use self::cluster::Cluster;
pub use self::download::download;
pub use self::endpoint::Endpoint;
pub use self::error::ClusterError;
pub use self::packages::{PACKAGES, Package, PackageClient};
pub use self::shared::{Guard, SharedCluster, guard};
pub use self::version::OLDEST_MAJOR;
