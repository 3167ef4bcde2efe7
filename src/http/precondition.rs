//! If-Match: who changes a record says which version they have seen.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};

use crate::config::Limits;
use crate::error::{Error, Problem, Result};

/// The versions that a writer accepts as current.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    None,
    Any,
    Versions(Vec<i32>),
}

impl Precondition {
    pub fn check(&self, version: i32) -> Result<()> {
        match self {
            Self::None | Self::Any => Ok(()),
            Self::Versions(versions) if versions.contains(&version) => Ok(()),
            Self::Versions(_) => Err(Error::new(
                Problem::PreconditionFailed,
                format!("the record is at version {version}, read it again and send the new ETag"),
            )),
        }
    }

    /// The number before the dash counts, not the digest: a renamed target or a day that passed is
    /// no other writer.
    pub fn parse(value: &str) -> Self {
        if value.trim() == "*" {
            return Self::Any;
        }
        let versions = value.split(',').filter_map(|etag| {
            let etag = etag.trim().strip_prefix('"')?.strip_suffix('"')?;
            let number = etag.split_once('-').map_or(etag, |(number, _)| number);
            number.parse().ok()
        });
        Self::Versions(versions.collect())
    }
}

impl FromRequest for Precondition {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let demanded = request
            .app_data::<web::Data<Limits>>()
            .is_some_and(|limits| limits.require_if_match);
        let sent: Vec<&str> = request
            .headers()
            .get_all(header::IF_MATCH)
            .filter_map(|value| value.to_str().ok())
            .collect();
        ready(if request.headers().contains_key(header::IF_MATCH) {
            Ok(Self::parse(&sent.join(",")))
        } else if demanded {
            Err(Error::new(
                Problem::PreconditionRequired,
                "this server demands If-Match: send the ETag that the record was read with",
            ))
        } else {
            Ok(Self::None)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_counts_and_the_digest_does_not() {
        let precondition = Precondition::parse("\"3-0011223344556677\", \"5-x\"");

        assert!(precondition.check(3).is_ok());
        assert!(precondition.check(5).is_ok());
        assert!(precondition.check(4).is_err());
    }

    #[test]
    fn what_is_no_etag_matches_nothing() {
        assert!(Precondition::parse("3").check(3).is_err());
        assert!(Precondition::parse("W/\"3-a\"").check(3).is_err());
        assert!(Precondition::parse("*").check(3).is_ok());
    }
}
