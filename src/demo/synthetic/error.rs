//! Why a synthetic database could not be filled.

/// A failure to fill the database.
#[derive(Debug, thiserror::Error)]
pub enum SyntheticError {
    /// The database can't be reached, or refuses a statement.
    #[error("the database can't be filled: {0}")]
    Database(#[from] tokio_postgres::Error),
    /// The database lacks the countries or vocabularies.
    #[error("the database has no {0} to build on: migrate it first")]
    Missing(&'static str),
    /// The database was filled with another number of sanctions.
    #[error(
        "the synthetic database was filled with {there} sanctions, not {asked}: use --synthetic {there}, or remove them with --fresh"
    )]
    Other {
        /// The number of sanctions in the database.
        there: String,
        /// The number of sanctions that was asked for.
        asked: u64,
    },
}
