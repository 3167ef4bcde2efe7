//! How much a refresh computes.

/// How much a refresh computes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Every row
    Full,
    /// The rows that changed records affect
    Incremental,
}

impl Manner {
    /// Returns the word that `bi.freshness` shows.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Incremental => "incremental",
        }
    }
}
