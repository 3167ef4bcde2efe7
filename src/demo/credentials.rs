//! What opens the demo: kept in its data directory, readable by its owner alone, the same at every start.

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

/// Name of the demo's database, and of the role that owns it.
pub const DATABASE: &str = "demarche";
pub const OWNER: &str = "demarche";

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

    /// Those of a cluster's directory, if it has any.
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

    /// Those of a cluster's directory, made where there are none.
    pub fn read_or_make(directory: &Path) -> std::io::Result<Self> {
        Self::read_or_make_file(&directory.join(FILE))
    }

    /// Those of a demo on a database of DATABASE_URL: beside the data directory, which a cluster
    /// that is started later must find empty.
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
        // Written beside and renamed, so that a crash leaves no half file.
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

    /// A connection to a database of the demo's as its owner, over the cluster's socket.
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
