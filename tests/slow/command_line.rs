//! The program as a user runs it: the demo from start to stop, and the README's tour. Its name sorts before those of the
//! other files because its longest test takes half as long as all of them, and must not be the last to start.

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::support::in_memory_or;

/// A directory that PostgreSQL's user can reach, removed in the end.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let path = in_memory_or(std::env::temp_dir())
            .join(format!("demarche-program-{}", uuid::Uuid::now_v7().simple()));
        fs::create_dir(&path).expect("a directory");
        fs::set_permissions(&path, Permissions::from_mode(0o711)).expect("permissions");
        Self(path)
    }

    fn data(&self) -> PathBuf {
        self.0.join("data")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// A demo that runs, and what it printed.
struct Demo {
    child: Running,
    printed: String,
    api: String,
    token: String,
    psql: String,
}

/// Ends a program that a test started: with SIGTERM, or with SIGKILL if it does not exit.
fn end(child: &mut Child) {
    let Ok(pid) = i32::try_from(child.id()) else {
        return;
    };
    // Once it was waited for, another process may have its id.
    if !matches!(child.try_wait(), Ok(None)) {
        return;
    }
    let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(30) {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(child.kill());
    drop(child.wait());
}

/// A program that is stopped when its test ends or fails, together with its PostgreSQL, which only an orderly end
/// stops.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        end(&mut self.0);
    }
}

fn program(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demarche"));
    command
        .env_remove("DATABASE_URL")
        .current_dir(data.parent().expect("a parent"));
    command.env("LOG", "warn");
    command
}

impl Demo {
    fn start(data: &Path) -> Self {
        let child = program(data)
            .args(["demo", "--port", "0", "--data-dir"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the program starts");
        let mut child = Running(child);
        let mut lines = BufReader::new(child.0.stdout.take().expect("its output")).lines();
        let mut printed = String::new();
        while !printed.contains("claim_status=unconfirmed") {
            let line = lines.next().expect("it says what to try").expect("a line");
            printed.push_str(&line);
            printed.push('\n');
        }
        // Reads on, so that the pipe does not fill up.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let value = |prefix: &str| {
            let line = printed.lines().find_map(|line| line.strip_prefix(prefix));
            line.unwrap_or_else(|| panic!("no {prefix} in {printed}"))
                .to_owned()
        };
        let (api, psql) = (value("API="), value("psql "));
        let token = value("TOKEN=");
        Self {
            child,
            api,
            psql,
            token,
            printed,
        }
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.0.id()).expect("a pid"));
        kill(pid, signal).expect("the signal is sent");
    }

    fn wait(mut self) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.0.try_wait().expect("its status") {
                return status;
            }
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "the demo does not stop"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn stop(self) {
        self.signal(Signal::SIGTERM);
        assert_eq!(self.wait().code(), Some(0));
    }

    async fn get(&self, path: &str) -> Value {
        let answer = reqwest::get(format!("{}{path}", self.api))
            .await
            .expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.expect("JSON")
    }

    async fn record(&self, name: &str) -> String {
        let answer = reqwest::Client::new()
            .post(format!("{}/v1/actors", self.api))
            .bearer_auth(&self.token)
            .json(&serde_json::json!({"kind": "person", "name": name}))
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status().as_u16(), 201);
        let body: Value = answer.json().await.expect("JSON");
        body["id"].as_str().expect("an id").to_owned()
    }
}

fn run(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn the_demo_runs_prints_what_works_and_keeps_what_was_recorded() {
    let directory = Directory::new();
    let data = directory.data();

    let demo = Demo::start(&data);

    assert_eq!(demo.printed.matches("dmr_").count(), 2, "{}", demo.printed);
    assert_eq!(
        demo.printed.matches("postgresql://").count(),
        1,
        "{}",
        demo.printed
    );
    assert!(demo.printed.contains(&format!("docs {}/docs/", demo.api)));
    every_printed_command_works(&demo.printed);
    every_command_of_the_tour_works(&demo);
    the_login_reads_the_views_alone(&demo.psql).await;
    let secrets = fs::metadata(data.join("demo.json"))
        .expect("the credentials")
        .permissions()
        .mode();
    assert_eq!(secrets & 0o777, 0o600);

    let (code, out, err) = run(program(&data)
        .env("LOG", "info")
        .args(["demo", "--port", "0", "--data-dir"])
        .arg(&data));
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(
        err.contains(&format!("held by process {}", demo.child.0.id()))
            && !err.contains("starting the private PostgreSQL"),
        "{err}"
    );

    let (code, out, err) = run(program(&data)
        .args(["token", "create", "alice", "--role", "reader", "--data-dir"])
        .arg(&data));
    assert_eq!(code, Some(0), "{err}");
    assert!(out.starts_with("dmr_") && out.lines().count() == 1, "{out}");
    a_users_role_is_changed_by_its_command(&data);

    let id = demo.record("Kept").await;
    let (token, psql) = (demo.token.clone(), demo.psql.clone());
    demo.signal(Signal::SIGINT);
    assert_eq!(demo.wait().code(), Some(0));

    let again = Demo::start(&data);
    assert_eq!((&again.token, &again.psql), (&token, &psql));
    assert_eq!(again.get(&format!("/v1/actors/{id}")).await["name"], "Kept");

    a_killed_postgresql_is_started_again(&again, &data).await;
    let survivor = again.record("Acknowledged before the kill").await;
    again.signal(Signal::SIGKILL);
    again.wait();
    let after = Demo::start(&data);
    assert_eq!(after.get(&format!("/v1/actors/{survivor}")).await["version"], 1);
    assert_eq!(after.psql, psql);
    after.stop();

    let fresh = program(&data)
        .args(["demo", "--port", "0", "--fresh", "--data-dir"])
        .arg(&data)
        .env("DATABASE_URL", "postgresql://127.0.0.1:1/somebody")
        .output()
        .expect("the program runs");
    assert_eq!(fresh.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&fresh.stderr).contains("--fresh never touches"));

    for url in ["", "dbname=registry"] {
        let verify = program(&data)
            .arg("verify")
            .env("DATABASE_URL", url)
            .output()
            .expect("the program runs");
        assert_eq!(verify.status.code(), Some(1));
        let told = String::from_utf8_lossy(&verify.stderr);
        assert!(
            told.contains("DATABASE_URL is not a connection URL: it names no host"),
            "{told}"
        );
    }
}

#[test]
fn an_unreachable_database_is_reported_with_the_cause() {
    let directory = Directory::new();
    let data = directory.data();

    for (url, told) in [
        (
            "postgresql://somebody@127.0.0.1:1/registry",
            "error connecting to server: Connection refused",
        ),
        (
            "postgresql://somebody@db.example.org/registry?sslmode=often",
            "DATABASE_URL is not a connection URL: invalid connection string; write it as postgres://",
        ),
    ] {
        let (code, _, err) = run(program(&data).arg("verify").env("DATABASE_URL", url));

        assert_eq!(code, Some(1), "{err}");
        assert!(err.contains(told), "{err}");
    }
}

/// Runs each command that the demo prints in a shell.
/// Kills the demo's PostgreSQL while records are written: it runs again within seconds, and has all that was acknowledged.
async fn a_killed_postgresql_is_started_again(demo: &Demo, data: &Path) {
    let postmaster = || {
        let text = fs::read_to_string(data.join("postgresql/postmaster.pid")).expect("postmaster.pid");
        let first = text.lines().next().expect("a line");
        Pid::from_raw(first.parse().expect("a process id"))
    };
    let http = reqwest::Client::new();
    let write = async |name: &str| {
        let answer = http
            .post(format!("{}/v1/actors", demo.api))
            .bearer_auth(&demo.token)
            .json(&serde_json::json!({"kind": "person", "name": name}))
            .send()
            .await
            .expect("an answer");
        match answer.status().as_u16() {
            201 => Some(
                answer.json::<Value>().await.expect("JSON")["id"]
                    .to_string()
                    .replace('"', ""),
            ),
            status => {
                assert_eq!(status, 503, "{name}");
                tokio::time::sleep(Duration::from_millis(20)).await;
                None
            }
        }
    };
    let before = postmaster();
    let mut acknowledged = Vec::new();
    let (mut killed, mut written_after) = (None, 0);

    for number in 0.. {
        if number == 5 {
            kill(before, Signal::SIGKILL).expect("killed");
            killed = Some(Instant::now());
        }
        if let Some(id) = write(&format!("Writer {number}")).await {
            acknowledged.push(id);
            written_after += usize::from(killed.is_some());
        }
        if written_after == 5 {
            break;
        }
        let waited = killed.map_or(Duration::ZERO, |moment| moment.elapsed());
        assert!(waited < Duration::from_secs(30), "PostgreSQL does not run again");
    }

    assert_ne!(postmaster(), before);
    let ready = reqwest::get(format!("{}/readyz", demo.api))
        .await
        .expect("an answer");
    assert_eq!(ready.status().as_u16(), 200);
    for id in acknowledged {
        assert_eq!(demo.get(&format!("/v1/actors/{id}")).await["version"], 1);
    }
}

fn every_printed_command_works(printed: &str) {
    let joined = printed.replace("\\\n", " ");
    let commands: Vec<&str> = joined
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with("curl "))
        .collect();
    assert_eq!(commands.len(), 5, "{printed}");
    for command in commands {
        let (code, out, err) =
            run(Command::new("sh").args(["-c", &command.replace("curl -s", "curl -sS --fail-with-body")]));
        assert_eq!(code, Some(0), "{command}: {err}{out}");
        let answer: Value =
            serde_json::from_str(&out).unwrap_or_else(|error| panic!("{command}: {error}: {out}"));
        let has_items = answer["items"].as_array().is_some_and(|items| !items.is_empty());
        assert!(has_items || answer["name"] == "Jane Doe", "{command}: {out}");
    }
}

async fn the_login_reads_the_views_alone(url: &str) {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls)
        .await
        .expect("the login works");
    tokio::spawn(connection);

    for view in ["actors", "sanctions", "diplomatic_actions"] {
        let row = client
            .query_one(&format!("select count(*) from bi.{view}"), &[])
            .await
            .expect("the view is read");
        assert!(row.get::<_, i64>(0) > 0, "{view}");
    }
    client
        .query(
            "select imposer_state, target_state, status from bi.sanctions",
            &[],
        )
        .await
        .expect("derived columns");
    for forbidden in [
        "select * from public.tokens",
        "select * from public.actors",
        "select * from public.secrets",
        "create table bi.mine (n integer)",
        "create temporary table mine (n integer)",
        "set transaction read write; create table public.mine (n integer)",
        "copy (select 1) to program 'true'",
        "select pg_read_file('/etc/passwd')",
    ] {
        assert!(client.batch_execute(forbidden).await.is_err(), "{forbidden}");
    }
    let other = url
        .rsplit_once('/')
        .map(|(server, _)| format!("{server}/postgres"))
        .expect("a URL");
    assert!(
        tokio_postgres::connect(&other, tokio_postgres::NoTls)
            .await
            .is_err()
    );
}

/// Runs each command of the README's tour in a shell.
fn every_command_of_the_tour_works(demo: &Demo) {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("the README");
    let tour = readme
        .split("## A tour with curl")
        .nth(1)
        .and_then(|rest| rest.split("\n## ").next())
        .expect("a tour");
    let commands: Vec<&str> = tour
        .split("```bash\n")
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
        .collect();
    assert_eq!(commands.len(), 21);

    for command in commands {
        let shell = command.replace("curl -s", "curl -sS --fail-with-body");
        let (code, out, err) = run(Command::new("sh")
            .args(["-c", &shell])
            .env("API", &demo.api)
            .env("TOKEN", &demo.token));
        assert_eq!(code, Some(0), "{command}: {err}{out}");
        assert!(
            out.len() > 100 && !out.contains("\"items\":[]") && !out.contains("\"items\": []"),
            "{command}: {out}"
        );
    }
}

/// The demo runs, and alice is a reader.
fn a_users_role_is_changed_by_its_command(data: &Path) {
    let token = |words: &[&str]| run(program(data).arg("token").args(words).arg("--data-dir").arg(data));

    let (refused, _, told) = token(&["create", "alice", "--role", "analyst"]);
    let (changed, out, said) = token(&["role", "alice", "analyst"]);
    let (made, ..) = token(&["create", "alice", "--role", "analyst"]);
    let (nobody, _, unknown) = token(&["role", "bob", "admin"]);
    let (usage, ..) = token(&["role", "alice", "wizard"]);
    let (_, listed, _) = token(&["list"]);

    assert_eq!(refused, Some(1), "{told}");
    assert!(told.contains("demarche token role alice analyst"), "{told}");
    assert_eq!((changed, out.as_str()), (Some(0), ""), "{said}");
    assert!(said.contains("alice now has the role analyst"), "{said}");
    assert_eq!(made, Some(0));
    assert_eq!(nobody, Some(1));
    assert!(unknown.contains("demarche token list"), "{unknown}");
    assert_eq!(usage, Some(2));
    let of_alice: Vec<&str> = listed.lines().filter(|line| line.contains("\talice\t")).collect();
    assert_eq!(of_alice.len(), 2, "{listed}");
    assert!(
        of_alice.iter().all(|line| line.contains("\tanalyst\t")),
        "{listed}"
    );
}

#[test]
fn wrong_usage_is_reported_and_exits_with_2() {
    let directory = Directory::new();

    let (code, _, err) = run(program(&directory.data()).args(["demo", "--port", "many"]));

    assert_eq!(code, Some(2));
    assert!(err.contains("--port"), "{err}");
}

#[test]
fn a_command_without_a_demo_says_how_to_start_one() {
    let directory = Directory::new();

    let (code, out, err) = run(program(&directory.data())
        .args(["token", "list"])
        .arg("--data-dir")
        .arg(directory.data()));

    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains("demarche demo"), "{err}");
}

#[test]
fn a_demo_that_is_stopped_while_it_starts_exits_with_0() {
    let directory = Directory::new();
    let data = directory.data();
    let child = program(&data)
        .env("LOG", "info")
        .args(["demo", "--port", "0", "--data-dir"])
        .arg(&data)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut child = Running(child);
    // It makes its credentials once PostgreSQL runs, and then migrates and loads the cases.
    let begun = Instant::now();
    while !data.join("demo.json").exists() {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "the demo does not start"
        );
        std::thread::sleep(Duration::from_millis(20));
    }

    kill(
        Pid::from_raw(i32::try_from(child.0.id()).expect("a pid")),
        Signal::SIGTERM,
    )
    .expect("the signal is sent");

    let mut told = String::new();
    child
        .0
        .stderr
        .take()
        .expect("its stderr")
        .read_to_string(&mut told)
        .expect("text");
    assert_eq!(child.0.wait().expect("it ends").code(), Some(0), "{told}");
    assert!(
        told.trim_end().ends_with("stopped") && !told.contains("actix"),
        "{told}"
    );
}
