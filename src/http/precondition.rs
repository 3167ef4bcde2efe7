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

    /// The number before the dash counts, not the digest: a renamed target or a day that passed is no other writer. For
    /// that a tag may be weak, as proxies that compress make it. One that is not ours matches nothing.
    pub fn parse(name: &str, value: &str) -> Result<Self> {
        if value.trim() == "*" {
            return Ok(Self::Any);
        }
        let tags = tags(value).filter(|tags| !tags.is_empty()).ok_or_else(|| {
            Error::malformed(
                "",
                format!(
                    "{name} is no ETag: send the one that came with the record, in its quotes, such as \
                     \"3-0f1e2d3c4b5a6978\", several of them, or *"
                ),
            )
        })?;
        Ok(Self::Versions(tags.into_iter().filter_map(version).collect()))
    }
}

/// The version in a tag that is spelt as ours are.
fn version(tag: &str) -> Option<i32> {
    let (number, digest) = tag.split_once('-')?;
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
    let is_digest = !digest.is_empty()
        && digest
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    number.parse().ok().filter(|_| is_number && is_digest)
}

/// What stands in the quotes of a list of entity tags as RFC 9110 writes it, weak ones too; none where it is something else.
/// A tag may have a comma in it.
fn tags(list: &str) -> Option<Vec<&str>> {
    let blank = |letter: char| letter == ' ' || letter == '\t';
    let mut tags = Vec::new();
    let mut rest = list.trim_matches(blank);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(',') {
            rest = after.trim_start_matches(blank);
            continue;
        }
        let tag = rest.strip_prefix("W/").unwrap_or(rest);
        let (text, after) = tag.strip_prefix('"')?.split_once('"')?;
        if text
            .chars()
            .any(|letter| letter.is_ascii_control() || letter == ' ')
        {
            return None;
        }
        tags.push(text);
        rest = after.trim_start_matches(blank);
        if !rest.is_empty() && !rest.starts_with(',') {
            return None;
        }
    }
    Some(tags)
}

impl FromRequest for Precondition {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let demanded = request
            .app_data::<web::Data<Limits>>()
            .is_some_and(|limits| limits.require_if_match);
        let sent: Vec<_> = request
            .headers()
            .get_all(header::IF_MATCH)
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        ready(if request.headers().contains_key(header::IF_MATCH) {
            Self::parse("If-Match", &sent.join(","))
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

    fn allows(value: &str, version: i32) -> bool {
        Precondition::parse("If-Match", value)
            .expect(value)
            .check(version)
            .is_ok()
    }

    #[test]
    fn the_version_counts_and_the_digest_does_not() {
        let several = "\"3-0011223344556677\", W/\"5-a\"";

        assert!(allows(several, 3));
        assert!(allows(several, 5));
        assert!(!allows(several, 4));
        assert!(allows("*", 3));
    }

    #[test]
    fn tags_of_others_match_nothing() {
        for text in [
            "abc",
            "",
            "a,3-b",
            "-3",
            "3",
            "3-",
            "3-x",
            "3-A",
            "3-é",
            "3-a-gzip",
            "+3-a",
            "03-a",
            "-3-a",
            "0-a",
            "٣-a",
            "4294967299-a",
        ] {
            for value in [format!("\"{text}\""), format!("W/\"{text}\"")] {
                assert!(!allows(&value, 3), "{value}");
            }
        }
        assert!(allows(" ,\"x\" ,\t\"3-a\",", 3));
    }

    #[test]
    fn a_weak_tag_tells_the_version_as_well() {
        assert!(allows("W/\"3-0011223344556677\"", 3));
        assert!(!allows("W/\"3-0011223344556677\"", 4));
    }

    #[test]
    fn what_is_no_etag_is_refused() {
        for value in [
            "",
            ",",
            "3",
            "3-a",
            "\"3-a",
            "3-a\"",
            "*, \"3-a\"",
            "w/\"3-a\"",
            "W/ \"3-a\"",
            "W/3-a",
            "\"3-a\" \"4-a\"",
            "\"3 a\"",
            "'3-a'",
        ] {
            assert!(Precondition::parse("If-Match", value).is_err(), "{value}");
        }
    }
}
