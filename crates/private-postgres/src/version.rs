//! Versions of PostgreSQL.

use std::fmt;

/// The oldest major version of PostgreSQL that may make a new cluster.
pub const OLDEST_MAJOR: u32 = 14;

/// The version that advice names where a number is needed.
pub(crate) const NEWEST_MAJOR: u32 = 18;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub(crate) major: u32,
    pub(crate) minor: u32,
}

impl Version {
    /// Reads the output of `postgres --version`: `postgres (PostgreSQL) 15.18 (Debian …)`, `… 18beta1`.
    pub(crate) fn parse(output: &str) -> Option<Version> {
        let number = output.split_once("(PostgreSQL)")?.1.split_whitespace().next()?;
        let digits = |text: &str| -> Option<u32> {
            let end = text
                .find(|character: char| !character.is_ascii_digit())
                .unwrap_or(text.len());
            text[..end].parse().ok()
        };
        let (major, minor) = number.split_once('.').unwrap_or((number, "0"));
        Some(Version {
            major: digits(major)?,
            minor: digits(minor).unwrap_or(0),
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_are_read_as_every_distribution_writes_them() {
        let parse = |text| Version::parse(text).map(|version| version.to_string());

        assert_eq!(
            parse("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"),
            Some("15.18".into())
        );
        assert_eq!(parse("postgres (PostgreSQL) 18beta1"), Some("18.0".into()));
        assert_eq!(parse("postgres (PostgreSQL) 14.2"), Some("14.2".into()));
        assert_eq!(parse("something else"), None);
    }
}
