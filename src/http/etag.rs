//! Entity tags: how a record's ETag is made, and the lists of tags in If-Match and If-None-Match.

use std::fmt::Write;

use actix_web::HttpRequest;
use actix_web::http::header::{self, EntityTag, HeaderName};
use sha2::{Digest, Sha256};

/// Returns the ETag of a record: `"<version>-<digest of the body>"`, the digest as 16 hexadecimal digits.
pub fn etag(version: i32, body: &str) -> String {
    let digest = Sha256::digest(body.as_bytes());
    let mut short = String::with_capacity(16);
    for byte in digest.iter().take(8) {
        // Writing to a String cannot fail.
        let _ = write!(short, "{byte:02x}");
    }
    format!("\"{version}-{short}\"")
}

/// The value of If-Match or If-None-Match.
#[derive(Debug, PartialEq, Eq)]
pub enum Tags {
    /// `*`
    Any,
    /// At least one tag.
    Listed(Vec<EntityTag>),
}

impl Tags {
    /// Reads a header, whose lines form one list; `None` if it is absent, `Some(None)` if it is not a list of tags.
    pub fn of(request: &HttpRequest, name: &HeaderName) -> Option<Option<Self>> {
        let lines: Vec<_> = request
            .headers()
            .get_all(name)
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        (!lines.is_empty()).then(|| Self::parse(&lines.join(",")))
    }

    /// Reads a list of tags as RFC 9110 writes it; `None` if it is something else.
    ///
    /// actix's `IfMatch` and `IfNoneMatch` are not used: they split at commas within quotes and skip whatever is not a tag,
    /// so that a client with a malformed If-Match would see 412 instead of the reason.
    pub fn parse(list: &str) -> Option<Self> {
        if list.trim_matches(is_blank) == "*" {
            return Some(Self::Any);
        }
        let mut is_quoted = false;
        let tags = list
            .split(|letter| {
                is_quoted ^= letter == '"';
                letter == ',' && !is_quoted
            })
            .map(|element| element.trim_matches(is_blank))
            .filter(|element| !element.is_empty())
            .map(|element| element.parse().ok())
            .collect::<Option<Vec<EntityTag>>>()?;
        (!tags.is_empty()).then_some(Self::Listed(tags))
    }

    /// Returns whether a tag is listed, by weak comparison: a proxy that compresses a response makes its ETag weak.
    fn contain(&self, tag: &EntityTag) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(tags) => tags.iter().any(|listed| listed.weak_eq(tag)),
        }
    }
}

fn is_blank(letter: char) -> bool {
    letter == ' ' || letter == '\t'
}

/// Returns whether If-None-Match lists an ETag, so that the response is 304. A header that is not a list of tags is ignored.
pub fn is_not_modified(request: &HttpRequest, etag: &str) -> bool {
    let Some(Some(tags)) = Tags::of(request, &header::IF_NONE_MATCH) else {
        return false;
    };
    etag.parse().is_ok_and(|etag| tags.contain(&etag))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn is_not_modified_by(lines: &[&str]) -> bool {
        let mut request = TestRequest::default();
        for line in lines {
            request = request.append_header((header::IF_NONE_MATCH, *line));
        }
        is_not_modified(&request.to_http_request(), "\"3-a\"")
    }

    #[test]
    fn if_none_match_is_a_list_of_tags() {
        for lines in [
            &["*"] as &[&str],
            &["\"3-a\""],
            &["W/\"3-a\""],
            &["\"1-0\" , \"3-a\""],
            &["\"1-0\"", "W/\"3-a\""],
            &["\"a,b\",\"3-a\""],
        ] {
            assert!(is_not_modified_by(lines), "{lines:?}");
        }
        for lines in [&[] as &[&str], &["\"1-0\""], &["3-a"], &[""], &["\"3-b\""]] {
            assert!(!is_not_modified_by(lines), "{lines:?}");
        }
    }

    #[test]
    fn a_comma_within_a_tag_does_not_end_it() {
        assert!(!is_not_modified_by(&["\"a,*,b\""]));
        assert!(!is_not_modified_by(&["\"a,3-a,b\""]));
        assert_eq!(
            Tags::parse("\"a,b\", W/\"c\""),
            Some(Tags::Listed(vec![
                EntityTag::new_strong("a,b".to_owned()),
                EntityTag::new_weak("c".to_owned()),
            ]))
        );
    }
}
