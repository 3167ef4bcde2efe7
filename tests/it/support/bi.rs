//! Logins for BI tools, made by the real command and used as a tool uses them.

use std::io::Write;
use std::process::{Command, Stdio};

use demarche::config::BiLimits;
use tokio_postgres::{Client, Error, NoTls};

use super::TestDatabase;

/// A server that ends nothing.
pub fn everything_off() -> BiLimits {
    BiLimits {
        bi_statement_seconds: 0,
        bi_idle_seconds: 0,
        bi_transaction_seconds: 0,
    }
}

/// What the program exits with and prints when it works on a database; `given` comes in on stdin.
pub fn demarche(database: &TestDatabase, arguments: &[&str], given: &str) -> (Option<i32>, String, String) {
    demarche_as(&database.keywords(), arguments, given)
}

/// The same, with another connection than the database's own.
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
    // Who needs no input may have ended before it comes.
    drop(child.stdin.take().expect("its input").write_all(given.as_bytes()));
    let output = child.wait_with_output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A login that `demarche bi grant` made.
pub struct BiLogin {
    pub name: String,
    pub url: String,
}

impl BiLogin {
    /// Named for its database, as roles of tests are.
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

    /// The URL in what the command printed.
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
        // It ends with an error where the session is ended, which tests expect.
        tokio::spawn(async move { drop(connection.await) });
        Ok(client)
    }

    pub async fn connect(&self) -> Client {
        self.try_connect().await.expect("the login works")
    }
}
