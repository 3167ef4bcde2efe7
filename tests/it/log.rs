//! What the program logs: at no level a token, its hash, or a parameter of SQL.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::TestDatabase;

/// The directives by which somebody may ask for everything.
const EVERYTHING: &str = "trace,tokio_postgres=trace,tokio_postgres::query=trace,actix_http::h1=trace";

/// A server that is stopped when its test fails.
struct Program(std::process::Child);

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_log_level_shows_tokens_or_parameters_of_sql() {
    const MARK: &str = "Marked secretly";
    let database = TestDatabase::with_tokens().await;
    let program = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_demarche"));
        command
            .args(arguments)
            .env("DATABASE_URL", database.keywords())
            .env("LOG", EVERYTHING)
            .env("LOG_FORMAT", "json")
            .current_dir(env!("CARGO_TARGET_TMPDIR"))
            .stderr(Stdio::piped());
        command
    };
    let made = program(&["token", "create", "marked", "--role", "analyst", "--note", MARK])
        .output()
        .expect("the program runs");
    let token = String::from_utf8(made.stdout).expect("text").trim().to_owned();
    assert!(token.starts_with("dmr_"), "{token}");
    let mut log = String::from_utf8(made.stderr).expect("text");

    let mut server = Program(
        program(&["serve", "--port", "0", "--workers", "1"])
            .spawn()
            .expect("the program starts"),
    );
    let mut lines = BufReader::new(server.0.stderr.take().expect("its log")).lines();
    let address = loop {
        let line = lines.next().expect("it says where it serves").expect("a line");
        let told: Value = serde_json::from_str(&line).unwrap_or_default();
        log.push_str(&line);
        if let Some(address) = told["address"].as_str() {
            break format!("http://{address}");
        }
    };
    let reading = std::thread::spawn(move || lines.map_while(Result::ok).collect::<Vec<_>>().join("\n"));
    let http = reqwest::Client::new();
    let write = http
        .post(format!("{address}/v1/actors"))
        .bearer_auth(&token)
        .header("idempotency-key", MARK)
        .header("x-comment", MARK)
        .json(&json!({"kind": "person", "name": MARK, "names": [{"name": format!("{MARK} too"), "kind": "alias"}]}));
    assert_eq!(write.send().await.expect("an answer").status(), 201);
    for (query, authorization) in [
        (format!("?name={MARK}"), format!("Bearer {token}")),
        (format!("?identifier={MARK}"), format!("Bearer {token}x")),
    ] {
        let read = http.get(format!("{address}/v1/actors{query}"));
        read.header("authorization", authorization)
            .send()
            .await
            .expect("an answer");
    }
    let pid = Pid::from_raw(i32::try_from(server.0.id()).expect("a process id"));
    kill(pid, Signal::SIGTERM).expect("the signal is sent");
    assert!(server.0.wait().expect("it ends").success());
    log.push_str(&reading.join().expect("the log is read"));

    assert!(
        log.contains("response sent") && log.contains("\"TRACE\""),
        "{log}"
    );
    let hash = Sha256::digest(token.as_bytes());
    let hexadecimal: String = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let decimal = format!("{:?}", &hash[..6]);
    for secret in [&token, MARK, &hexadecimal, decimal.trim_matches(['[', ']'])] {
        let shown = log.lines().find(|line| line.contains(secret));
        assert_eq!(shown, None, "{secret}");
    }
}
