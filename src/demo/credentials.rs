//! The demo's passwords and token: kept in its data directory, readable by its owner only, the same at every start.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use private_postgres::Endpoint;
use serde::{Deserialize, Serialize};

use crate::db::Target;
use crate::users::model::new_token;

const FILE: &str = "demo.json";

/// Name of the demo's database.
pub const DATABASE: &str = "demarche";
/// Name of the role that owns the demo's databases.
pub const OWNER: &str = "demarche";

/// The secrets of a demo.
#[derive(Clone, Serialize, Deserialize)]
pub struct Credentials {
    /// Password of the role that owns the database.
    pub owner_password: String,
    /// Password of the login for BI tools.
    pub reader_password: String,
    /// Token of an analyst.
    pub token: String,
}

impl Credentials {
    fn new() -> Self {
        let password = || URL_SAFE_NO_PAD.encode(rand::random::<[u8; 18]>());
        Self {
            owner_password: password(),
            reader_password: password(),
            token: new_token(),
        }
    }

    /// Reads the credentials in a cluster's directory; `None` if there are none.
    ///
    /// # Errors
    /// If the file can't be read.
    pub fn read(directory: &Path) -> std::io::Result<Option<Self>> {
        Self::read_file(&directory.join(FILE))
    }

    fn read_file(file: &Path) -> std::io::Result<Option<Self>> {
        match fs::read(file) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads the credentials in a cluster's directory, and makes them first if there are none.
    ///
    /// # Errors
    /// If the file can't be read or written.
    pub fn read_or_make(directory: &Path) -> std::io::Result<Self> {
        Self::read_or_make_file(&directory.join(FILE))
    }

    /// The same for a demo on a database of DATABASE_URL. The file is beside the data directory, which must be empty for a
    /// cluster that is started later.
    ///
    /// # Errors
    /// If the file can't be read or written.
    pub fn read_or_make_beside(data_dir: &Path) -> std::io::Result<Self> {
        let mut name = data_dir.file_name().unwrap_or_default().to_owned();
        name.push(".json");
        Self::read_or_make_file(&data_dir.with_file_name(name))
    }

    fn read_or_make_file(file: &Path) -> std::io::Result<Self> {
        if let Some(credentials) = Self::read_file(file)? {
            return Ok(credentials);
        }
        let made = Self::new();
        // Written under another name and renamed, so that a crash leaves no incomplete file.
        let beside = file.with_extension("json.new");
        let mut open = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&beside)?;
        open.write_all(&serde_json::to_vec_pretty(&made)?)?;
        open.sync_all()?;
        fs::rename(&beside, file)?;
        Ok(made)
    }

    /// Returns a connection to one of the demo's databases as its owner, over the cluster's socket.
    pub fn owner(&self, endpoint: &Endpoint, database: &str) -> Target {
        let mut configuration = tokio_postgres::Config::new();
        configuration
            .host_path(&endpoint.socket_dir)
            .port(endpoint.port)
            .dbname(database)
            .user(OWNER)
            .password(&self.owner_password);
        Target::new(configuration)
    }
}
