//! PostgreSQL's configuration: a file of our own that every start writes anew, included by `postgresql.conf`, which
//! stays the user's.

use std::fs;
use std::io;
use std::path::Path;

use crate::account::Account;
use crate::application::Application;
use crate::files;
use crate::version::Version;

/// The first version in which the size of the queue for notifications is a setting.
const SMALLER_QUEUE_MAJOR: u32 = 17;

/// Adds the include to `postgresql.conf`, and demands a password of every login. Once, after initdb.
pub(crate) fn prepare(application: &Application, data: &Path, account: Option<&Account>) -> io::Result<()> {
    let mut text = fs::read_to_string(data.join("postgresql.conf"))?;
    text.push_str(&format!(
        "\n# What {} sets; your own settings go below this line and win over it.\n\
         include_if_exists = '{}'\n",
        application.name,
        application.configuration()
    ));
    files::replace(data, "postgresql.conf", text.as_bytes(), 0o600, account)?;
    let access = "# type database user address method\n\
                  local all all scram-sha-256\n\
                  host all all 127.0.0.1/32 scram-sha-256\n";
    files::replace(data, "pg_hba.conf", access.as_bytes(), 0o600, account)
}

/// Returns the settings of a start.
pub(crate) fn settings(
    application: &Application,
    version: Version,
    socket_dir: &Path,
    port: u16,
    durable: bool,
) -> String {
    let mut text = format!(
        "# Written anew at every start: your own settings go below the include in postgresql.conf.\n\
         cluster_name = '{}'\n\
         listen_addresses = '127.0.0.1'\n\
         port = {port}\n\
         unix_socket_directories = '{}'\n\
         unix_socket_permissions = 0700\n\
         password_encryption = 'scram-sha-256'\n\
         timezone = 'UTC'\n\
         log_timezone = 'UTC'\n\
         logging_collector = off\n\
         log_destination = 'stderr'\n\
         log_line_prefix = '%m [%p] %q%u@%d '\n\
         jit = off\n\
         work_mem = '16MB'\n\
         maintenance_work_mem = '128MB'\n",
        application.name,
        socket_dir.display()
    );
    if version.major >= SMALLER_QUEUE_MAJOR {
        // 64 MB: any login may fill the queue for notifications, up to 8 GB by default.
        text.push_str("max_notify_queue_pages = 8192\n");
    }
    text.push_str(if durable {
        "fsync = on\n\
         synchronous_commit = on\n\
         full_page_writes = on\n\
         max_connections = 100\n\
         shared_buffers = '256MB'\n"
    } else {
        "fsync = off\n\
         synchronous_commit = off\n\
         full_page_writes = off\n\
         wal_level = 'minimal'\n\
         max_wal_senders = 0\n\
         autovacuum = off\n\
         max_connections = 300\n\
         shared_buffers = '128MB'\n"
    });
    text
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::settings;
    use crate::application::Application;
    use crate::version::Version;

    #[test]
    fn a_durable_cluster_syncs_to_disk() {
        let version = |major| Version { major, minor: 0 };
        let of = |major, durable| {
            let application = Application::named("notes");
            settings(&application, version(major), Path::new("/run"), 5000, durable)
        };
        let text = |durable| of(15, durable);

        for line in ["fsync = on", "synchronous_commit = on", "full_page_writes = on"] {
            assert!(text(true).lines().any(|found| found == line), "{line}");
            assert!(!text(false).lines().any(|found| found == line), "{line}");
        }
        assert!(text(true).contains("cluster_name = 'notes'"));
        // An unknown setting would keep the server from starting.
        assert!(!of(16, true).contains("max_notify_queue_pages"));
        assert!(of(17, true).contains("max_notify_queue_pages = 8192\n"));
    }
}
