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
    /// no other writer. A weak tag never matches, nor does one that is not ours.
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
        let versions = tags.into_iter().filter(|tag| !tag.is_weak).filter_map(|tag| {
            let number = tag.text.split_once('-').map_or(tag.text, |(number, _)| number);
            number.parse().ok()
        });
        Ok(Self::Versions(versions.collect()))
    }
}

struct Tag<'v> {
    is_weak: bool,
    text: &'v str,
}

/// The entity tags of a list as RFC 9110 writes it; none where it is something else. A tag may have a comma in it.
fn tags(list: &str) -> Option<Vec<Tag<'_>>> {
    let blank = |letter: char| letter == ' ' || letter == '\t';
    let mut tags = Vec::new();
    let mut rest = list.trim_matches(blank);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(',') {
            rest = after.trim_start_matches(blank);
            continue;
        }
        let weak = rest.strip_prefix("W/");
        let (text, after) = weak.unwrap_or(rest).strip_prefix('"')?.split_once('"')?;
        if text
            .chars()
            .any(|letter| letter.is_ascii_control() || letter == ' ')
        {
            return None;
        }
        tags.push(Tag {
            is_weak: weak.is_some(),
            text,
        });
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
        let several = "\"3-0011223344556677\", \"5-x\"";

        assert!(allows(several, 3));
        assert!(allows(several, 5));
        assert!(!allows(several, 4));
        assert!(allows("*", 3));
    }

    #[test]
    fn weak_tags_and_those_of_others_match_nothing() {
        for value in ["W/\"3-a\"", "\"abc\"", "\"\"", "\"a,3-b\"", "\"-3\""] {
            assert!(!allows(value, 3), "{value}");
        }
        assert!(allows(" ,W/\"2-a\" ,\t\"3-a\",", 3));
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
            "\"3-a\" \"4-a\"",
            "\"3 a\"",
            "'3-a'",
        ] {
            assert!(Precondition::parse("If-Match", value).is_err(), "{value}");
        }
    }
}
