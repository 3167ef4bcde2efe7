//! A connection pooler between the server and PostgreSQL: Debian's PgBouncer.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use demarche::db::connect::Target;
use serde_json::json;

use crate::support::{TestApp, TestDatabase, wait_until};

/// A PgBouncer in front of one database.
struct Pooler {
    child: Child,
    directory: PathBuf,
    url: String,
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

impl Pooler {
    /// Starts PgBouncer in a pool mode; `None`, with a printed reason, if it is not installed.
    async fn start(database: &TestDatabase, pool_mode: &str) -> Option<Self> {
        let program = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"]
            .into_iter()
            .find(|path| fs::exists(path).is_ok_and(|there| there));
        let Some(program) = program else {
            eprintln!("skipped: PgBouncer is not installed (Debian: apt-get install pgbouncer)");
            return None;
        };
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let directory =
            std::env::temp_dir().join(format!("demarche-pooler-{}-{pool_mode}", std::process::id()));
        fs::create_dir(&directory).expect("a directory");
        // PgBouncer gives up root before it reads the file again.
        fs::set_permissions(&directory, Permissions::from_mode(0o755)).expect("permissions");
        let configuration = directory.join("pgbouncer.ini");
        let text = format!(
            "[databases]\nregistry = {}\n\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n\
             auth_type = any\npool_mode = {pool_mode}\ndefault_pool_size = 20\nmax_client_conn = 100\n",
            // PgBouncer does not read an empty password.
            database.keywords().replace(" password=''", ""),
        );
        fs::write(&configuration, text).expect("a file");
        let mut command = Command::new(program);
        if nix::unistd::geteuid().is_root() {
            command.arg("-u").arg(user(database));
        }
        let child = command
            .arg(&configuration)
            .stderr(Stdio::null())
            .spawn()
            .expect("PgBouncer starts");
        let pooler = Self {
            child,
            directory,
            url: format!("postgres://demarche@127.0.0.1:{port}/registry"),
        };
        let target = pooler.target();
        wait_until("PgBouncer serves", async || target.client().await.is_ok()).await;
        Some(pooler)
    }

    fn target(&self) -> Target {
        Target::parse(&self.url).expect("a URL")
    }

    /// Runs a command of the program on the database behind the pooler, and returns its exit status and what it prints.
    fn run(&self, command: &str) -> (Option<i32>, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_demarche"))
            .args(
                [command, "--port", "0"]
                    .iter()
                    .take(if command == "serve" { 3 } else { 1 }),
            )
            .env("DATABASE_URL", &self.url)
            .output()
            .expect("the program runs");
        let printed = String::from_utf8(output.stderr).expect("text");
        (output.status.code(), printed)
    }
}

/// A user who may connect to the database's socket: PgBouncer refuses to run as root.
fn user(database: &TestDatabase) -> String {
    let owner = match database.target().configuration().get_hosts().first() {
        Some(tokio_postgres::config::Host::Unix(directory)) => fs::metadata(directory).ok(),
        Some(tokio_postgres::config::Host::Tcp(_)) | None => None,
    };
    owner
        .and_then(|owner| nix::unistd::User::from_uid(owner.uid().into()).ok().flatten())
        .map_or_else(|| "nobody".to_owned(), |user| user.name)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_that_moves_sessions_is_refused_with_what_to_set() {
    let database = TestDatabase::with_tokens().await;
    let Some(pooler) = Pooler::start(&database, "transaction").await else {
        return;
    };

    for command in ["serve", "migrate", "verify"] {
        let (status, printed) = pooler.run(command);

        assert_eq!(status, Some(1), "{command}: {printed}");
        assert_eq!(printed.lines().count(), 1, "{command}: {printed}");
        assert!(
            printed.contains("set pool_mode = session for this database"),
            "{command}: {printed}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_that_keeps_sessions_works() {
    let database = TestDatabase::with_tokens().await;
    let Some(pooler) = Pooler::start(&database, "session").await else {
        return;
    };
    let app = TestApp::through(database, pooler.target(), &[]);

    let (status, printed) = pooler.run("migrate");
    let id = app
        .create("actors", json!({"kind": "person", "name": "Behind a pooler"}))
        .await;
    let patched = app
        .patch(&format!("/v1/actors/{id}"), &json!({"name": "Still there"}))
        .await
        .expect(200);
    let read = app.get(&format!("/v1/actors/{id}")).await.expect(200);
    let lines = app.get("/v1/actors?format=ndjson&kind=person").await.expect(200);

    assert_eq!(status, Some(0), "{printed}");
    assert_eq!(read.text, patched.text);
    assert_eq!(lines.text.lines().count(), 1);
}
