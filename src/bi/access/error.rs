//! Why a login could not be created, listed or removed.

/// Why a login could not be created, listed or removed.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// A statement failed.
    #[error("the database refused: {}", database_message(.0))]
    Database(#[from] tokio_postgres::Error),
    /// A rule for logins forbids it; the text says which, and what to do.
    #[error("{0}")]
    Refused(String),
}

/// Returns PostgreSQL's own message with its detail, which names what is in the way.
pub(super) fn database_message(error: &tokio_postgres::Error) -> String {
    error.as_db_error().map_or_else(
        || error.to_string(),
        |database| match database.detail() {
            Some(detail) => format!("{}: {detail}", database.message()),
            None => database.message().to_owned(),
        },
    )
}
