//! Databases for tests: templates are built once and copied for each test.

use std::path::PathBuf;
use std::sync::mpsc::{Sender, channel};

use demarche::config::Limits;
use demarche::db::{Db, Target};
use demarche::demo::cluster::APPLICATION;
use demarche::migrating::migrate;
use private_postgres::{Cluster, Guard, SharedCluster};
use tokio::sync::OnceCell;
use uuid::Uuid;

use super::{add_tokens, capacity, in_memory_or};

static SERVER: OnceCell<Server> = OnceCell::const_new();
static MIGRATED: OnceCell<String> = OnceCell::const_new();
static WITH_TOKENS: OnceCell<String> = OnceCell::const_new();
static WITH_DEMO: OnceCell<String> = OnceCell::const_new();
static WITH_OWNER: OnceCell<String> = OnceCell::const_new();

const OWNERS_PASSWORD: &str = "of the owner";

/// The server with the databases of the tests.
struct Server {
    configuration: tokio_postgres::Config,
    /// Takes the names of databases to drop. `None` on a server that outlives the tests: there each test
    /// drops its database itself.
    sweeper: Option<Sender<String>>,
}

/// A database of one test.
pub struct TestDatabase {
    configuration: tokio_postgres::Config,
    /// As superuser.
    superuser: tokio_postgres::Config,
    pub name: String,
    /// Whether it is removed with a cluster of the test's own, and need not be dropped.
    goes_with_its_cluster: bool,
    /// Whether the users and tokens of `super::TOKENS` are in it.
    pub has_tokens: bool,
}

impl TestDatabase {
    /// A migrated database.
    pub async fn new() -> Self {
        Self::copy(migrated().await).await
    }

    /// A migrated database with the users and tokens of `super::TOKENS`.
    pub async fn with_tokens() -> Self {
        let mut database = Self::copy(with_tokens().await).await;
        database.has_tokens = true;
        database
    }

    /// A database with tokens and the records of the demo.
    pub async fn with_demo() -> Self {
        let mut database = Self::copy(with_demo().await).await;
        database.has_tokens = true;
        database
    }

    /// A database with nothing in it.
    pub async fn empty() -> Self {
        Self::make("").await.expect("a database")
    }

    /// A database with nothing in it, with an encoding and a locale of its own.
    ///
    /// # Errors
    /// That of PostgreSQL if it has not what they need.
    #[allow(dead_code, reason = "tests/it alone uses it")]
    pub async fn empty_with(properties: &str) -> Result<Self, tokio_postgres::Error> {
        Self::make(&format!("template template0 {properties}")).await
    }

    /// A migrated database in a cluster of the test's own.
    #[allow(dead_code, reason = "tests/slow alone uses it")]
    pub async fn of_cluster(cluster: &Cluster) -> Self {
        let name = "demarche_test".to_owned();
        let mut configuration = cluster.endpoint().connection("postgres");
        maintenance(&configuration)
            .await
            .batch_execute(&format!("create database {name}"))
            .await
            .expect("a database");
        configuration.dbname(&name);
        migrate(&Target::new(configuration.clone()))
            .await
            .expect("migrated");
        Self {
            superuser: configuration.clone(),
            configuration,
            name,
            goes_with_its_cluster: true,
            has_tokens: false,
        }
    }

    /// Copies a template.
    async fn copy(template: &str) -> Self {
        // Copying files takes half as long as copying pages, which would be written to the WAL too.
        Self::make(&format!("template {template} strategy file_copy"))
            .await
            .expect("a database")
    }

    /// Creates a database with these properties, as `create database` has them.
    async fn make(properties: &str) -> Result<Self, tokio_postgres::Error> {
        let server = server().await;
        let name = format!("demarche_test_{}", Uuid::now_v7().simple());
        let client = maintenance(&server.configuration).await;
        client
            .batch_execute(&format!("create database {name} {properties}"))
            .await?;
        let mut configuration = server.configuration.clone();
        configuration.dbname(&name);
        Ok(Self {
            superuser: configuration.clone(),
            configuration,
            name,
            goes_with_its_cluster: false,
            has_tokens: false,
        })
    }

    /// A migrated database whose owner has only the right to create roles, as in production. Roles whose names begin with
    /// that of the database are dropped with it.
    pub async fn owned() -> Self {
        let template = with_owner().await;
        let mut database = Self::copy(template).await;
        let owner = database.create_owner("createrole").await;
        database
            .superuser()
            .await
            .batch_execute(&format!("reassign owned by {template}_owner to {owner}"))
            .await
            .expect("another owner");
        database
    }

    /// A database that its owner, with these rights, has migrated.
    pub async fn migrated_by_an_owner(rights: &str) -> Self {
        let mut database = Self::empty().await;
        database.create_owner(rights).await;
        migrate(&database.target()).await.expect("migrated");
        database
    }

    /// Creates the role that owns the database, and makes connections as that role.
    async fn create_owner(&mut self, rights: &str) -> String {
        let owner = format!("{}_owner", self.name);
        let client = self.maintenance().await;
        client
            .batch_execute(&format!(
                "create role {owner} login password '{OWNERS_PASSWORD}' {rights};
                 alter database {} owner to {owner}",
                self.name
            ))
            .await
            .expect("an owner");
        self.configuration.user(&owner).password(OWNERS_PASSWORD);
        owner
    }

    /// The same database for another server, which does not drop it.
    #[allow(dead_code, reason = "tests/slow does not use it")]
    pub fn shared(&self) -> Self {
        Self {
            configuration: self.configuration.clone(),
            superuser: self.superuser.clone(),
            name: self.name.clone(),
            goes_with_its_cluster: true,
            has_tokens: self.has_tokens,
        }
    }

    /// The database as its cluster's superuser.
    pub async fn superuser(&self) -> tokio_postgres::Client {
        Target::new(self.superuser.clone())
            .client()
            .await
            .expect("a connection")
    }

    /// The connection string for a program.
    pub fn keywords(&self) -> String {
        self.keywords_of(&self.configuration)
    }

    pub fn keywords_of_superuser(&self) -> String {
        self.keywords_of(&self.superuser)
    }

    fn keywords_of(&self, configuration: &tokio_postgres::Config) -> String {
        let host = match configuration.get_hosts().first() {
            Some(tokio_postgres::config::Host::Tcp(name)) => name.clone(),
            Some(tokio_postgres::config::Host::Unix(path)) => path.display().to_string(),
            None => "127.0.0.1".to_owned(),
        };
        format!(
            "host='{host}' port={} dbname={} user={} password='{}'",
            configuration.get_ports().first().copied().unwrap_or(5432),
            self.name,
            configuration.get_user().unwrap_or("postgres"),
            String::from_utf8_lossy(configuration.get_password().unwrap_or_default()),
        )
    }

    pub fn target(&self) -> Target {
        Target::new(self.configuration.clone())
    }

    /// Connects as a BI login: a member of the database's BI group, which has only what migrating grants.
    pub async fn reader(&self) -> tokio_postgres::Client {
        let name = &self.name;
        let owner = self.target().client().await.expect("a connection");
        owner
            .batch_execute(&format!(
                "create role {name}_bi nologin;
                 create role {name}_reader login password 'reader' in role {name}_bi;
                 revoke connect, temporary on database {name} from public;
                 grant connect on database {name} to {name}_bi;
                 revoke all on schema public from public;
                 comment on schema bi is 'to be built anew, with grants'"
            ))
            .await
            .expect("a login");
        migrate(&self.target()).await.expect("migrated");
        self.reader_target()
            .client()
            .await
            .expect("a connection of the login")
    }

    /// The target of the login that `reader` created.
    pub fn reader_target(&self) -> Target {
        let mut configuration = self.configuration.clone();
        configuration
            .user(format!("{}_reader", self.name))
            .password("reader")
            .application_name("dashboard");
        Target::new(configuration)
    }

    /// Connects to the cluster's maintenance database as superuser.
    pub async fn maintenance(&self) -> tokio_postgres::Client {
        maintenance(&self.superuser).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if self.goes_with_its_cluster {
            return;
        }
        let sweeper = SERVER.get().and_then(|server| server.sweeper.as_ref());
        if sweeper.is_some_and(|sweeper| sweeper.send(self.name.clone()).is_ok()) {
            return;
        }
        let (configuration, name) = (self.superuser.clone(), self.name.clone());
        // A thread, because the test's runtime may be ending; joined, so that databases do not pile up.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| {
                runtime.block_on(async {
                    let client = maintenance(&configuration).await;
                    drop_database(&client, &name).await
                })
            })
        });
        drop(dropped.join());
    }
}

/// Drops a database and the roles created for it.
async fn drop_database(client: &tokio_postgres::Client, name: &str) -> Result<(), tokio_postgres::Error> {
    client
        .batch_execute(&format!("drop database if exists {name} with (force)"))
        .await?;
    client
        .batch_execute(&format!(
            "do $$ declare own text; begin
               for own in select rolname from pg_roles where starts_with(rolname, '{name}_') loop
                 execute format('drop role %I', own);
               end loop;
             end $$"
        ))
        .await
}

/// Starts a thread that drops databases beside the tests. What it has not dropped at the end is removed with the cluster.
fn start_sweeper(configuration: &tokio_postgres::Config) -> Option<Sender<String>> {
    let (sender, names) = channel::<String>();
    let configuration = configuration.clone();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .ok()?;
    std::thread::spawn(move || {
        let client = runtime.block_on(maintenance(&configuration));
        for name in names {
            // A database that is still in use stays until the cluster is removed.
            drop(runtime.block_on(drop_database(&client, &name)));
        }
    });
    Some(sender)
}

async fn maintenance(configuration: &tokio_postgres::Config) -> tokio_postgres::Client {
    let mut configuration = configuration.clone();
    configuration.dbname("postgres");
    Target::new(configuration)
        .client()
        .await
        .expect("the tests' cluster")
}

async fn server() -> &'static Server {
    SERVER
        .get_or_init(|| async {
            if let Ok(url) = std::env::var("TEST_DATABASE_URL") {
                return Server {
                    configuration: url.parse().expect("TEST_DATABASE_URL is a connection URL"),
                    sweeper: None,
                };
            }
            let shared = SharedCluster {
                application: APPLICATION,
                // In the target directory or in memory, so that two checkouts do not share a cluster.
                directory: in_memory_or(env!("CARGO_TARGET_TMPDIR").into()).join("cluster"),
                guard: Guard {
                    program: PathBuf::from(env!("CARGO_BIN_EXE_demarche")),
                    arguments: vec!["cluster-guard".into()],
                },
                programs: std::env::var_os("PG_BIN").map(PathBuf::from),
            };
            let configuration = shared
                .join()
                .await
                .expect("a cluster for the tests")
                .connection("postgres");
            let sweeper = start_sweeper(&configuration);
            Server {
                configuration,
                sweeper,
            }
        })
        .await
}

/// The template of this build's migrations.
async fn migrated() -> &'static str {
    MIGRATED
        .get_or_init(|| {
            template("migrated", None, async |_, target| {
                migrate(&target).await.map(drop).expect("migrated");
                // Migrating leaves 9 MB of dead rows in the catalogue, which every test would copy.
                let client = target.client().await.expect("a connection");
                client.batch_execute("vacuum full").await.expect("vacuumed");
            })
        })
        .await
}

async fn with_tokens() -> &'static str {
    WITH_TOKENS
        .get_or_init(|| async {
            let from = migrated().await;
            template("tokens", Some(from), async |_, target| {
                add_tokens(&Db::new(target, capacity(Limits::default()))).await
            })
            .await
        })
        .await
}

/// The template of a database that a role with no right but to create roles has migrated. The role owns everything in it, and
/// no longer logs in.
async fn with_owner() -> &'static str {
    WITH_OWNER
        .get_or_init(|| async {
            template("owned", None, async |name, target| {
                let superuser = target.client().await.expect("a connection");
                let owner = format!("{name}_owner");
                superuser
                    .batch_execute(&format!(
                        "drop role if exists {owner};
                         create role {owner} login password '{OWNERS_PASSWORD}' createrole;
                         alter database {name}_making owner to {owner}"
                    ))
                    .await
                    .expect("an owner");
                let mut configuration = target.configuration().clone();
                configuration.user(&owner).password(OWNERS_PASSWORD);
                migrate(&Target::new(configuration)).await.expect("migrated");
                // Reassigning what the role owns in a copy must not reassign the template.
                superuser
                    .batch_execute(&format!(
                        "alter database {name}_making owner to current_user;
                         alter role {owner} nologin nocreaterole"
                    ))
                    .await
                    .expect("an owner without rights");
            })
            .await
        })
        .await
}

async fn with_demo() -> &'static str {
    WITH_DEMO
        .get_or_init(|| async {
            let from = with_tokens().await;
            template("demo", Some(from), async |_, target| {
                let first = demarche::demo::load::load(&Db::new(target, capacity(Limits::default())))
                    .await
                    .expect("the cases load");
                assert!(first.made > 2000 && first.kept == 0, "{first:?}");
            })
            .await
        })
        .await
}

/// Returns the name of a template, which the first process builds: `fill` gets the name and the database, which is called
/// `{name}_making` until it is complete.
async fn template(kind: &str, from: Option<&str>, fill: impl AsyncFnOnce(&str, Target)) -> String {
    let configuration = &server().await.configuration;
    let program = std::fs::metadata(env!("CARGO_BIN_EXE_demarche")).expect("the program is built");
    let built = program
        .modified()
        .expect("a file has a time")
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970")
        .as_nanos();
    let name = format!("demarche_test_template_{built}_{kind}");
    let client = maintenance(configuration).await;
    client
        .batch_execute(&format!(
            "select pg_advisory_lock(hashtextextended('demarche test template {kind}', 0))"
        ))
        .await
        .expect("a lock");
    let there = client
        .query_opt("select from pg_database where datname = $1", &[&name])
        .await
        .expect("the list of databases");
    if there.is_none() {
        let making = format!("{name}_making");
        client
            .batch_execute(&format!("drop database if exists {making} with (force)"))
            .await
            .expect("dropped");
        let from = from.map(|from| format!(" template {from}")).unwrap_or_default();
        client
            .batch_execute(&format!("create database {making}{from}"))
            .await
            .expect("created");
        let mut own = configuration.clone();
        own.dbname(&making);
        fill(&name, Target::new(own)).await;
        client
            .batch_execute(&format!(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{making}'"
            ))
            .await
            .expect("terminated");
        client
            .batch_execute(&format!("alter database {making} rename to {name}"))
            .await
            .expect("renamed");
    }
    name
}
