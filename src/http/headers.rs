//! Headers of which a request may have one. Of two, a proxy and the server could each believe another.

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

use crate::error::{Error, Result};
use crate::http::comment;

/// The headers that the server reads, except those whose values are lists (`Accept`, `If-Match` and others), Authorization, which is
/// read before all others, and X-Comment, whose text may have commas.
static SINGLE: [(HeaderName, &str); 4] = [
    (header::CONTENT_TYPE, "Content-Type"),
    (HeaderName::from_static("idempotency-key"), "Idempotency-Key"),
    (HeaderName::from_static("last-event-id"), "Last-Event-ID"),
    (HeaderName::from_static("x-request-id"), "X-Request-Id"),
];

/// Returns the value of a header, which messages call `title`; `None` if it is absent.
///
/// # Errors
/// Malformed request if there are several values, in several lines or joined by a comma.
pub fn single<'a>(headers: &'a HeaderMap, name: &HeaderName, title: &str) -> Result<Option<&'a HeaderValue>> {
    let mut values = headers.get_all(name);
    let value = values.next();
    if values.next().is_some() || value.is_some_and(|value| has_comma(value.as_bytes())) {
        return Err(Error::malformed(
            "",
            format!("the header {title} has several values; send one"),
        ));
    }
    Ok(value)
}

/// Checks the headers that all requests may have. For requests whose client has a right to what it asks for, so that others learn of
/// that first.
///
/// # Errors
/// Malformed request if a header has several values, or X-Comment of a write is malformed.
pub fn check(request: &HttpRequest) -> Result<()> {
    let headers = request.headers();
    for (name, title) in &SINGLE {
        single(headers, name, title)?;
    }
    // A request that only reads records nothing, so its comment is not even validated.
    if !request.method().is_safe() {
        comment::of(headers)?;
    }
    Ok(())
}

/// Whether there is a comma outside of quotes.
fn has_comma(value: &[u8]) -> bool {
    let (mut is_quoted, mut is_escaped) = (false, false);
    for byte in value {
        match byte {
            b',' if !is_quoted => return true,
            b'"' if !is_escaped => is_quoted = !is_quoted,
            _ => {}
        }
        is_escaped = is_quoted && *byte == b'\\' && !is_escaped;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&'static str]) -> Result<Option<String>> {
        let name = HeaderName::from_static("idempotency-key");
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(name.clone(), HeaderValue::from_static(value));
        }
        let found = single(&headers, &name, "Idempotency-Key")?;
        Ok(found.map(|value| value.to_str().expect("text").to_owned()))
    }

    #[test]
    fn a_header_with_several_values_is_refused_by_its_name() {
        for values in [
            &["a", "a"] as &[&str],
            &["a", "b"],
            &["a, b"],
            &["a,b"],
            &["\"a\", \"b\""],
            &[","],
        ] {
            let refused = read(values).expect_err("several values");
            assert_eq!(
                refused.detail(),
                "the header Idempotency-Key has several values; send one",
                "{values:?}"
            );
        }
    }

    #[test]
    fn a_header_with_one_value_is_read() {
        assert_eq!(read(&[]).expect("none"), None);
        for value in [
            "",
            "a",
            "\"a, b\"",
            "\"a\\\", b\"",
            "application/json; charset=\"a,b\"",
        ] {
            assert_eq!(read(&[value]).expect("one").as_deref(), Some(value));
        }
    }
}
