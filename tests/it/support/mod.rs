//! `TestApp`: a whole server on a database of its own, copied from a migrated template.
//! TEST_DATABASE_URL names another cluster; only databases `demarche_test_…` are ever made there.

mod bi;
mod database;
mod desk;
mod http;
mod lists;
mod place;
#[allow(dead_code, reason = "tests/slow alone uses it")]
mod private;
mod raw;
mod sample;
mod transcript;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use demarche::config;
use demarche::db::{Capacity, Db, Target};
use demarche::resource::Kind;
use demarche::server::{self, Handle};
use demarche::users::model::{User, new_token};
use demarche::vocabulary::UserRole;
use tokio::sync::OnceCell;

pub use bi::{BiLogin, demarche, demarche_as, everything_off};
pub use database::TestDatabase;
pub use desk::Desk;
pub use http::{READS, Response};
pub use lists::rank;
pub use place::in_memory_or;
#[allow(unused_imports, reason = "tests/slow alone uses it")]
pub use private::Private;
pub use raw::Raw;
#[allow(unused_imports, reason = "tests/slow does not use it")]
pub use raw::RawAnswer;
pub use sample::{Sample, make_surroundings};
pub use transcript::{Transcript, assert_snapshot, pretty_json};

/// The longest time that a test waits for a condition. It ends a test that would never end; a machine under load is slow, not
/// wrong.
pub const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Waits until a condition holds.
///
/// # Panics
/// If it does not within `LONGEST_WAIT`.
pub async fn wait_until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < LONGEST_WAIT, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Enough for the requests that tests send side by side as one user.
fn capacity(limits: config::Limits) -> Capacity {
    let limits = patient(limits);
    Capacity {
        shared: 1,
        read_time: Duration::from_secs(limits.read_seconds),
        write_time: Duration::from_secs(limits.write_seconds),
        ..Capacity::default()
    }
}

/// Returns limits under which a machine under load is slow, not wrong. A test of the limit itself sets another.
fn patient(limits: config::Limits) -> config::Limits {
    if limits.read_seconds == config::Limits::default().read_seconds {
        config::Limits {
            read_seconds: 300,
            ..limits
        }
    } else {
        limits
    }
}

/// A user of each role, with a token that is in the template and so the same in every test.
const TOKENS: [(&str, UserRole, &str); 3] = [
    (
        "reader",
        UserRole::Reader,
        "dmr_readerreaderreaderreaderreaderreaderreader0",
    ),
    (
        "analyst",
        UserRole::Analyst,
        "dmr_analystanalystanalystanalystanalystanalyst0",
    ),
    (
        "admin",
        UserRole::Admin,
        "dmr_adminadminadminadminadminadminadminadmin000",
    ),
];

/// A server, a database, and tokens for each role.
pub struct TestApp {
    pub address: String,
    pub database: TestDatabase,
    pub db: Db,
    pub reader: String,
    pub analyst: String,
    pub admin: String,
    http: reqwest::Client,
    server: Handle,
    /// Reads the state; connected once.
    watcher: OnceCell<tokio_postgres::Client>,
}

/// How large the server of a test is.
struct Sizes {
    workers: u16,
    max_connections: Option<u32>,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            workers: 1,
            max_connections: None,
        }
    }
}

impl TestApp {
    /// Starts a server with the records of the demo and public reading.
    pub async fn with_demo() -> Self {
        let limits = config::Limits {
            public_read: true,
            ..config::Limits::default()
        };
        Self::on(TestDatabase::with_demo().await, limits).await
    }

    /// Starts a server with public reading.
    pub async fn new() -> Self {
        Self::with(config::Limits {
            public_read: true,
            ..config::Limits::default()
        })
        .await
    }

    pub async fn with(limits: config::Limits) -> Self {
        let database = TestDatabase::with_tokens().await;
        Self::on(database, limits).await
    }

    /// Starts a server on a database without tables, and so without tokens.
    pub async fn unmigrated(database: TestDatabase) -> Self {
        let db = Db::new(database.target(), capacity(config::Limits::default()));
        Self::serve(
            database,
            db,
            config::Limits::default(),
            everything_off(),
            Vec::new(),
            [const { String::new() }; 3],
            Sizes::default(),
        )
    }

    /// Starts another server on the database of this one.
    #[allow(dead_code, reason = "tests/slow does not use it")]
    pub async fn beside(&self, limits: config::Limits) -> Self {
        Self::on(self.database.shared(), limits).await
    }

    /// Starts a server with public reading and at most this number of connections.
    #[allow(dead_code, reason = "tests/slow does not use it")]
    pub async fn with_connections(most: u32) -> Self {
        let database = TestDatabase::with_tokens().await;
        let db = Db::new(database.target(), capacity(config::Limits::default()));
        let limits = config::Limits {
            public_read: true,
            ..config::Limits::default()
        };
        let tokens = TOKENS.map(|(_, _, token)| token.to_owned());
        Self::serve(
            database,
            db,
            limits,
            everything_off(),
            Vec::new(),
            tokens,
            Sizes {
                max_connections: Some(most),
                ..Sizes::default()
            },
        )
    }

    pub async fn on(database: TestDatabase, limits: config::Limits) -> Self {
        Self::watching(database, limits, everything_off()).await
    }

    /// Starts a server that pages of these origins may call.
    pub async fn with_origins(origins: &[&str]) -> Self {
        let database = TestDatabase::with_tokens().await;
        let target = database.target();
        Self::through(database, target, origins)
    }

    /// Starts a server with public reading that reaches its database by an address, and that pages of these origins may call.
    pub fn through(database: TestDatabase, target: Target, origins: &[&str]) -> Self {
        let limits = config::Limits {
            public_read: true,
            ..config::Limits::default()
        };
        let origins = origins.iter().map(|origin| (*origin).to_owned()).collect();
        let tokens = TOKENS.map(|(_, _, token)| token.to_owned());
        Self::serve(
            database,
            Db::new(target, capacity(limits)),
            limits,
            everything_off(),
            origins,
            tokens,
            Sizes::default(),
        )
    }

    /// Starts a server with public reading and this number of threads that respond.
    pub async fn with_workers(database: TestDatabase, limits: config::Limits, workers: u16) -> Self {
        let sizes = Sizes {
            workers,
            ..Sizes::default()
        };
        Self::sized(database, limits, everything_off(), sizes).await
    }

    /// Starts a server that enforces these limits of BI logins.
    pub async fn watching(database: TestDatabase, limits: config::Limits, bi: config::BiLimits) -> Self {
        Self::sized(database, limits, bi, Sizes::default()).await
    }

    async fn sized(
        database: TestDatabase,
        limits: config::Limits,
        bi: config::BiLimits,
        sizes: Sizes,
    ) -> Self {
        let db = Db::new(database.target(), capacity(limits));
        if !database.has_tokens {
            add_tokens(&db).await;
        }
        let tokens = TOKENS.map(|(_, _, token)| token.to_owned());
        Self::serve(database, db, limits, bi, Vec::new(), tokens, sizes)
    }

    fn serve(
        database: TestDatabase,
        db: Db,
        limits: config::Limits,
        bi: config::BiLimits,
        cors_origins: Vec<String>,
        [reader, analyst, admin]: [String; 3],
        sizes: Sizes,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let configuration = config::Server {
            bind: std::net::Ipv4Addr::LOCALHOST.into(),
            port: 0,
            workers: Some(sizes.workers),
            max_connections: sizes.max_connections,
            shared_connections: 1,
            pool_size: 4,
            shutdown_seconds: 1,
            cors_origins,
            // The tests are the proxy: a request says by X-Forwarded-For from which address it comes.
            trusted_proxies: vec!["127.0.0.1/32".parse().ok()],
            limits,
            bi,
        };
        let running = server::start(db.clone(), &configuration, listener).expect("a server");
        let handle = running.handle();
        tokio::spawn(running);
        Self {
            address,
            database,
            db,
            reader,
            analyst,
            admin,
            // The server closes a connection that was idle for 5 s; a request must not be on its way then.
            http: reqwest::Client::builder()
                .pool_idle_timeout(std::time::Duration::from_secs(2))
                .build()
                .expect("a client"),
            server: handle,
            watcher: OnceCell::new(),
        }
    }

    /// Creates a token for a user of this name and role.
    pub async fn token(&self, name: &'static str, role: UserRole) -> String {
        token(&self.db, name, role).await
    }

    /// Returns the number of records of each kind and the sum of their versions: the same before and after a failed request.
    pub async fn state(&self) -> String {
        let parts: Vec<String> = Kind::ALL
            .iter()
            .map(|resource| {
                let table = resource.table();
                format!(
                    "select '{table}' as name, count(*) as records, sum(version) as versions from {table}"
                )
            })
            .collect();
        let sql = format!(
            "select string_agg(name || ' ' || records || ' ' || coalesce(versions, 0), ', ') from ({}) as part",
            parts.join(" union all ")
        );
        let watcher = self.watcher.get_or_init(|| self.client()).await;
        watcher.query_one(&sql, &[]).await.expect("counts").get(0)
    }

    /// Stops the server as SIGTERM does, and waits for it.
    pub async fn stop(&self) {
        self.server.stop(true).await;
    }

    /// Connects as the database's owner.
    pub async fn client(&self) -> tokio_postgres::Client {
        self.target().client().await.expect("a connection")
    }

    pub fn target(&self) -> Target {
        self.database.target()
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        // Not awaited: the runtime of the test ends with it.
        drop(self.server.stop(false));
    }
}

/// Creates the users of `TOKENS` and their tokens.
async fn add_tokens(db: &Db) {
    for (name, role, token) in TOKENS {
        add_token(db, name, role, token).await;
    }
}

/// Creates a token for a user. Creates the user, with this role, if no user has the name.
async fn token(db: &Db, name: &'static str, role: UserRole) -> String {
    let token = new_token();
    add_token(db, name, role, &token).await;
    token
}

async fn add_token(db: &Db, name: &'static str, role: UserRole, token: &str) {
    let token = token.to_owned();
    db.write("tests", move |write| {
        Box::pin(async move {
            User::ensure(write, name, role)
                .await?
                .add_token(write, &token, None, None)
                .await
        })
    })
    .await
    .expect("a token");
}
