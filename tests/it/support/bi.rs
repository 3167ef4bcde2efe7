//! BI logins, created by the real command.

use std::io::Write;
use std::process::{Command, Stdio};

use demarche::config::BiLimits;
use tokio_postgres::{Client, Error, NoTls};

use super::TestDatabase;

/// Limits with which the server ends nothing.
pub fn everything_off() -> BiLimits {
    BiLimits {
        bi_statement_seconds: 0,
        bi_idle_seconds: 0,
        bi_transaction_seconds: 0,
        bi_memory_megabytes: 0,
    }
}

/// Runs the program on a database with `given` on stdin; returns its exit code, stdout and stderr.
pub fn demarche(database: &TestDatabase, arguments: &[&str], given: &str) -> (Option<i32>, String, String) {
    demarche_as(&database.keywords(), arguments, given)
}

/// The same with another connection URL.
pub fn demarche_as(keywords: &str, arguments: &[&str], given: &str) -> (Option<i32>, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_demarche"))
        .args(arguments)
        .env("DATABASE_URL", keywords)
        .env("LOG", "warn")
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A command without input may have exited before it is written.
    drop(child.stdin.take().expect("its input").write_all(given.as_bytes()));
    let output = child.wait_with_output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A login that `demarche bi grant` created.
pub struct BiLogin {
    pub name: String,
    pub url: String,
}

impl BiLogin {
    /// Its name begins with that of its database, as those of all roles of tests do.
    pub fn grant(database: &TestDatabase, name: &str, flags: &[&str]) -> Self {
        let name = format!("{}_{name}", database.name);
        let arguments = [&["bi", "grant", &name], flags].concat();
        let (code, out, err) = demarche(database, &arguments, "");
        assert_eq!(code, Some(0), "{err}");
        Self {
            url: Self::url_in(&out),
            name,
        }
    }

    /// The URL that the command printed.
    pub fn url_in(printed: &str) -> String {
        let url = printed
            .lines()
            .find_map(|line| line.strip_prefix("psql       psql "));
        url.unwrap_or_else(|| panic!("no URL in {printed}"))
            .trim_matches('\'')
            .to_owned()
    }

    pub async fn try_connect(&self) -> Result<Client, Error> {
        let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await?;
        // It fails when the server ends the session, which tests expect.
        tokio::spawn(async move { drop(connection.await) });
        Ok(client)
    }

    pub async fn connect(&self) -> Client {
        self.try_connect().await.expect("the login works")
    }
}
