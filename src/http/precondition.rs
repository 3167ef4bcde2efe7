//! If-Match: the versions that a writer has seen. If-None-Match: that the writer has seen none.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};

use crate::config::Limits;
use crate::error::{Error, Problem, Result};
use crate::http::etag::Tags;
use crate::resource::Reference;

/// The versions that a writer accepts as current.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Precondition {
    /// No If-Match: every version is accepted.
    None,
    /// `*`: every version is accepted.
    Any,
    /// `If-None-Match: *`: there must be no record yet.
    Absent,
    /// The listed versions; empty if no listed tag was issued by Demarche, so that no version is accepted.
    Versions(Vec<i32>),
}

impl Precondition {
    /// Checks the current version of a record.
    ///
    /// # Errors
    /// Precondition failed if the version is not accepted.
    pub fn check(&self, version: i32) -> Result<()> {
        match self {
            Self::None | Self::Any => Ok(()),
            Self::Versions(versions) if versions.contains(&version) => Ok(()),
            Self::Versions(_) => Err(Error::new(
                Problem::PreconditionFailed,
                format!("the record is at version {version}; read it again and send the new ETag"),
            )),
            Self::Absent => Err(Error::new(
                Problem::PreconditionFailed,
                format!("the record exists, at version {version}; If-None-Match: * permits only a new one"),
            )),
        }
    }

    /// Checks that a record which does not exist may be created.
    ///
    /// # Errors
    /// Precondition failed if a version was named.
    pub fn check_absent(&self, reference: &Reference) -> Result<()> {
        match self {
            Self::None | Self::Absent => Ok(()),
            Self::Any | Self::Versions(_) => Err(Error::new(
                Problem::PreconditionFailed,
                format!(
                    "no record has the key {reference}, so that If-Match can't hold; leave it out to create one"
                ),
            )),
        }
    }

    /// Reads the value of If-Match, which messages call `name`. Only the version in a tag counts, not the digest: the body
    /// of a record also changes when a record that it names is renamed or when a day passes, and neither is another
    /// write. A weak tag therefore counts as well, and a tag that Demarche did not issue matches no version.
    ///
    /// # Errors
    /// Malformed request if the value is not a list of tags.
    pub fn parse(name: &str, value: &str) -> Result<Self> {
        Tags::parse(value).map(Self::of).ok_or_else(|| not_a_tag(name))
    }

    fn of(tags: Tags) -> Self {
        match tags {
            Tags::Any => Self::Any,
            Tags::Listed(tags) => Self::Versions(tags.iter().filter_map(|tag| version(tag.tag())).collect()),
        }
    }
}

fn not_a_tag(name: &str) -> Error {
    Error::malformed(
        "",
        format!(
            "{name} is not an ETag; send the one that the record was read with, in its quotes, such as \
             \"3-0f1e2d3c4b5a6978\", a list of them, or *"
        ),
    )
}

/// Returns the version in a tag that is written as Demarche writes them; `None` for other tags.
fn version(tag: &str) -> Option<i32> {
    let (number, digest) = tag.split_once('-')?;
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit()) && !number.starts_with('0');
    let is_digest = !digest.is_empty()
        && digest
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    number.parse().ok().filter(|_| is_number && is_digest)
}

impl FromRequest for Precondition {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let is_required = request
            .app_data::<web::Data<Limits>>()
            .is_some_and(|limits| limits.require_if_match);
        ready(match Tags::of(request, &header::IF_MATCH) {
            Some(Some(tags)) => Ok(Self::of(tags)),
            Some(None) => Err(not_a_tag("If-Match")),
            None if Tags::of(request, &header::IF_NONE_MATCH) == Some(Some(Tags::Any)) => Ok(Self::Absent),
            None if is_required => Err(Error::new(
                Problem::PreconditionRequired,
                "this server requires If-Match; send the ETag that the record was read with, or If-None-Match: * with a PUT \
                 that creates one",
            )),
            None => Ok(Self::None),
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
    fn only_the_version_of_a_tag_counts() {
        let several = "\"3-0011223344556677\", W/\"5-a\"";

        assert!(allows(several, 3));
        assert!(allows(several, 5));
        assert!(!allows(several, 4));
        assert!(allows("*", 3));
    }

    #[test]
    fn tags_that_demarche_did_not_issue_match_no_version() {
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
    fn a_weak_tag_counts() {
        assert!(allows("W/\"3-0011223344556677\"", 3));
        assert!(!allows("W/\"3-0011223344556677\"", 4));
    }

    #[test]
    fn text_that_is_not_a_list_of_tags_is_refused() {
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
