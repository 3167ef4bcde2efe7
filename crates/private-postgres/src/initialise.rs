//! Makes the cluster with initdb, once.

use std::fs;

use crate::account::Account;
use crate::configuration;
use crate::endpoint::SUPERUSER;
use crate::error::ClusterError;
use crate::files;
use crate::home::Home;
use crate::kept;
use crate::programs::Programs;

/// Tried in this order. The C order of characters everywhere. Where C.UTF-8 is unknown, at least a character type that
/// knows letters beyond Latin: without it, trigrams consist of Latin words only.
const LOCALES: [&[&str]; 3] = [
    &["--locale=C.UTF-8"],
    &["--locale=C", "--lc-ctype=en_US.UTF-8"],
    &["--locale=C"],
];

/// Makes the cluster in a directory of another name, and renames it when it is whole.
pub(crate) async fn initialise(
    home: &Home,
    programs: &Programs,
    account: Option<&Account>,
    durable: bool,
) -> Result<(), ClusterError> {
    let password = kept::make_password(home, account)?;
    let unfinished = kept::unfinished(home);
    let program = programs.directory.join("initdb");
    let mut printed = String::new();
    for locale in LOCALES {
        files::own_directory(&unfinished, account).map_err(ClusterError::io("make", &unfinished))?;
        let mut command = programs.command("initdb", account);
        command
            .arg("--pgdata")
            .arg(&unfinished)
            .arg("--pwfile")
            .arg(password.path());
        command.arg(format!("--username={SUPERUSER}"));
        command
            .args(["--encoding=UTF8", "--auth=scram-sha-256"])
            .args(locale);
        command.arg(if durable { "--data-checksums" } else { "--no-sync" });
        let output = tokio::process::Command::from(command)
            .kill_on_drop(true)
            .output()
            .await
            .map_err(ClusterError::io("run", &program))?;
        if output.status.success() {
            let data = home.data();
            configuration::prepare(home.application(), &unfinished, account)
                .map_err(ClusterError::io("configure", &unfinished))?;
            fs::rename(&unfinished, &data).map_err(ClusterError::io("make", &data))?;
            return files::sync_directory(home.path()).map_err(ClusterError::io("write", home.path()));
        }
        let _ = fs::remove_dir_all(&unfinished);
        printed = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        if !printed.contains("invalid locale") {
            break;
        }
    }
    Err(ClusterError::Initialisation {
        program,
        output: printed,
    })
}
