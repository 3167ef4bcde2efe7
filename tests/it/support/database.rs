//! Databases for tests: a template is migrated once, and copied for each test.

use std::path::{Path, PathBuf};

use demarche::db::Target;
use demarche::db::migrate::migrate;
use demarche::demo::cluster::APPLICATION;
use private_postgres::{Cluster, Guard, SharedCluster};
use tokio::sync::OnceCell;
use uuid::Uuid;

static PLACE: OnceCell<Place> = OnceCell::const_new();

/// Where the tests' databases are, and the template of this build.
struct Place {
    configuration: tokio_postgres::Config,
    template: String,
}

/// A database of one test.
pub struct TestDatabase {
    configuration: tokio_postgres::Config,
    /// As superuser, whoever the test's own connections are.
    superuser: tokio_postgres::Config,
    pub name: String,
    /// Whether it goes with a cluster of the test's own, and need not be dropped.
    goes_with_its_cluster: bool,
}

impl TestDatabase {
    /// A migrated database.
    pub async fn new() -> Self {
        let place = place().await;
        Self::make(Some(&place.template)).await
    }

    /// A database with nothing in it.
    pub async fn empty() -> Self {
        Self::make(None).await
    }

    /// A migrated database in a cluster of the test's own.
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
        }
    }

    async fn make(template: Option<&str>) -> Self {
        let place = place().await;
        let name = format!("demarche_test_{}", Uuid::now_v7().simple());
        let client = maintenance(&place.configuration).await;
        let template = template
            .map(|template| format!(" template {template}"))
            .unwrap_or_default();
        client
            .batch_execute(&format!("create database {name}{template}"))
            .await
            .expect("a database");
        let mut configuration = place.configuration.clone();
        configuration.dbname(&name);
        Self {
            superuser: configuration.clone(),
            configuration,
            name,
            goes_with_its_cluster: false,
        }
    }

    /// A migrated database of an owner with these rights and no other, as production has it. Roles whose names begin with
    /// the database's go when it goes.
    pub async fn owned(rights: &str) -> Self {
        let mut database = Self::empty().await;
        let owner = format!("{}_owner", database.name);
        let client = database.maintenance().await;
        client
            .batch_execute(&format!(
                "create role {owner} login password 'of the owner' {rights};
                 alter database {} owner to {owner}",
                database.name
            ))
            .await
            .expect("an owner");
        database.configuration.user(&owner).password("of the owner");
        migrate(&database.target()).await.expect("migrated");
        database
    }

    /// The database as its cluster's superuser.
    pub async fn superuser(&self) -> tokio_postgres::Client {
        Target::new(self.superuser.clone())
            .client()
            .await
            .expect("a connection")
    }

    /// How a program is told of it.
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

    /// A login of BI tools: a member of the database's group of them, which has what migrating grants, and no other right.
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

    /// Where the login that `reader` has made connects to.
    pub fn reader_target(&self) -> Target {
        let mut configuration = self.configuration.clone();
        configuration
            .user(format!("{}_reader", self.name))
            .password("reader")
            .application_name("dashboard");
        Target::new(configuration)
    }

    /// The cluster's maintenance database, as superuser: for what owners may not do.
    pub async fn maintenance(&self) -> tokio_postgres::Client {
        maintenance(&self.superuser).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if self.goes_with_its_cluster {
            return;
        }
        let (configuration, name) = (self.superuser.clone(), self.name.clone());
        // A thread, because the test's runtime may be ending; joined, so that databases do not pile up.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.map(|runtime| {
                runtime.block_on(async {
                    let client = maintenance(&configuration).await;
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
                })
            })
        });
        drop(dropped.join());
    }
}

async fn maintenance(configuration: &tokio_postgres::Config) -> tokio_postgres::Client {
    let mut configuration = configuration.clone();
    configuration.dbname("postgres");
    Target::new(configuration)
        .client()
        .await
        .expect("the tests' cluster")
}

async fn place() -> &'static Place {
    PLACE
        .get_or_init(|| async {
            let configuration = match std::env::var("TEST_DATABASE_URL") {
                Ok(url) => url.parse().expect("TEST_DATABASE_URL is a connection URL"),
                Err(_) => {
                    let shared = SharedCluster {
                        application: APPLICATION,
                        directory: directory(),
                        guard: Guard {
                            program: PathBuf::from(env!("CARGO_BIN_EXE_demarche")),
                            arguments: vec!["cluster-guard".into()],
                        },
                        programs: std::env::var_os("PG_BIN").map(PathBuf::from),
                    };
                    shared
                        .join()
                        .await
                        .expect("a cluster for the tests")
                        .connection("postgres")
                }
            };
            let template = template(&configuration).await;
            Place {
                configuration,
                template,
            }
        })
        .await
}

/// Beside the other things that a build makes, so that two checkouts do not share a cluster.
fn directory() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("cluster")
}

/// The template of this build's migrations: made by whichever process comes first.
async fn template(configuration: &tokio_postgres::Config) -> String {
    let program = std::fs::metadata(env!("CARGO_BIN_EXE_demarche")).expect("the program is built");
    let built = program
        .modified()
        .expect("a file has a time")
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970")
        .as_nanos();
    let name = format!("demarche_test_template_{built}");
    let client = maintenance(configuration).await;
    client
        .batch_execute("select pg_advisory_lock(hashtextextended('demarche test template', 0))")
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
        client
            .batch_execute(&format!("create database {making}"))
            .await
            .expect("created");
        let mut own = configuration.clone();
        own.dbname(&making);
        migrate(&Target::new(own)).await.expect("migrated");
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
