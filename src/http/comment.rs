//! X-Comment: the reason that a writer gives for a request.

use actix_web::http::header::{HeaderMap, HeaderName};

use crate::error::{Error, Result};
use crate::text::clean;

static HEADER: HeaderName = HeaderName::from_static("x-comment");

/// The largest length of a comment, in characters.
pub const LENGTH: usize = 1000;

/// Returns the comment of a request; `None` if it has none or only blanks. The text is cleaned as the
/// texts of bodies are; percent signs are not decoded.
///
/// # Errors
/// Malformed request if the header is repeated, too long, or not one line of UTF-8 text.
pub fn of(headers: &HeaderMap) -> Result<Option<String>> {
    let malformed = |detail: String| Error::malformed("", detail);
    let mut sent = headers.get_all(&HEADER);
    let Some(value) = sent.next() else {
        return Ok(None);
    };
    if sent.next().is_some() {
        return Err(malformed("X-Comment is given twice".to_owned()));
    }
    let text = std::str::from_utf8(value.as_bytes())
        .map_err(|_| malformed("X-Comment is not UTF-8 text".to_owned()))?;
    let text = clean::line(text).map_err(|refused| malformed(format!("X-Comment {refused}")))?;
    let length = text.chars().count();
    if length > LENGTH {
        return Err(malformed(format!(
            "X-Comment has {length} characters, at most {LENGTH} are allowed"
        )));
    }
    Ok(Some(text.into_owned()).filter(|text| !text.is_empty()))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn read(values: &[&[u8]]) -> Result<Option<String>> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(HEADER.clone(), HeaderValue::from_bytes(value).expect("a value"));
        }
        of(&headers)
    }

    #[test]
    fn a_comment_is_the_text_that_was_sent() {
        let longest = "ü".repeat(LENGTH);

        assert_eq!(read(&[]).expect("none"), None);
        assert_eq!(read(&[b"  "]).expect("none"), None);
        assert_eq!(
            read(&[b" 50%25 \xc3\xbc "]).expect("one").as_deref(),
            Some("50%25 ü")
        );
        assert_eq!(read(&[b"a\tb"]).expect("one").as_deref(), Some("a b"));
        assert_eq!(read(&[longest.as_bytes()]).expect("one"), Some(longest.clone()));
        for wrong in [
            &[b"\xfc".as_slice()] as &[&[u8]],
            &["a\u{85}b".as_bytes()],
            &[b"a", b"b"],
            &[format!("{longest}ü").as_bytes()],
        ] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }
}
