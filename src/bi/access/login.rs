//! A login as it is asked for.

/// A login with its limits.
#[derive(Debug, Clone)]
pub struct Login {
    /// Name of the login
    pub name: String,
    /// The password to set; `None` keeps the one that the login has
    pub password: Option<String>,
    /// Most connections at once
    pub connections: u16,
    /// Seconds after which a query is cancelled
    pub statement_seconds: u32,
    /// Seconds after which a session that idles in a transaction is ended
    pub idle_seconds: u32,
    /// Seconds that a query waits for a lock
    pub lock_seconds: u32,
    /// Megabytes of temporary files that one session may write
    pub temporary_megabytes: u32,
    /// Whether a member of the group without a comment counts as a login of this database
    pub adopts: bool,
}
