//! What opens the demo: kept in its data directory, readable by its owner alone, the same at every start.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::db::Target;
use crate::db::cluster::Endpoint;
use crate::users::model::new_token;

const FILE: &str = "demo.json";

/// Name of the demo's database, and of the role that owns it.
pub const DATABASE: &str = "demarche";
pub const OWNER: &str = "demarche";
/// The login that BI tools use.
pub const READER: &str = "demarche_reader";

#[derive(Clone, Serialize, Deserialize)]
pub struct Credentials {
    pub owner_password: String,
    pub reader_password: String,
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

    /// Those of a directory, if it has any.
    pub fn read(directory: &Path) -> std::io::Result<Option<Self>> {
        match fs::read(directory.join(FILE)) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Those of a directory, made where there are none.
    pub fn read_or_make(directory: &Path) -> std::io::Result<Self> {
        if let Some(credentials) = Self::read(directory)? {
            return Ok(credentials);
        }
        let made = Self::new();
        // Written beside and renamed, so that a crash leaves no half file.
        let beside = directory.join(format!("{FILE}.new"));
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&beside)?;
        file.write_all(&serde_json::to_vec_pretty(&made)?)?;
        file.sync_all()?;
        fs::rename(&beside, directory.join(FILE))?;
        Ok(made)
    }

    /// A connection to the demo's database as its owner, over the cluster's socket.
    pub fn owner(&self, endpoint: &Endpoint) -> Target {
        let mut configuration = tokio_postgres::Config::new();
        configuration
            .host_path(&endpoint.socket_dir)
            .port(endpoint.port)
            .dbname(DATABASE)
            .user(OWNER)
            .password(&self.owner_password);
        Target::new(configuration)
    }
}
