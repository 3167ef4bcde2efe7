//! What a request carries through logs, answers and the transaction that it makes: its id, and why it writes.

use std::future::Future;
use std::ops::RangeInclusive;
use std::time::Instant;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, ResponseError};
use uuid::Uuid;

use crate::error;

/// A request under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub id: String,
    /// Why the records are written, as the writer said
    pub comment: Option<String>,
}

tokio::task_local! {
    static REQUEST: Request;
}

pub static HEADER: HeaderName = HeaderName::from_static("x-request-id");
static COMMENT: HeaderName = HeaderName::from_static("x-comment");

/// Longest comment, in characters.
pub const COMMENT_LENGTH: usize = 1000;

/// The request under way; one of its own outside of any.
pub fn request() -> Request {
    REQUEST.try_with(Clone::clone).unwrap_or_else(|_| Request {
        id: Uuid::now_v7().to_string(),
        comment: None,
    })
}

/// The id of the request under way; a new one outside of any.
pub fn current() -> String {
    request().id
}

/// Runs a future that belongs to a request, also in a task of its own.
pub fn scope<F: Future>(request: Request, future: F) -> impl Future<Output = F::Output> {
    REQUEST.scope(request, future)
}

/// Beside control characters what ends a line.
const LINE_ENDS: [char; 2] = ['\u{2028}', '\u{2029}'];
/// With these a text can be made to look like another.
const TURNS: [RangeInclusive<char>; 2] = ['\u{202a}'..='\u{202e}', '\u{2066}'..='\u{2069}'];

/// Why a request writes. Plain text, so that what is written is what was sent, whatever percent signs it has.
fn comment(headers: &HeaderMap) -> error::Result<Option<String>> {
    let malformed = |detail: String| error::Error::malformed("", detail);
    let mut sent = headers.get_all(&COMMENT);
    let Some(value) = sent.next() else {
        return Ok(None);
    };
    if sent.next().is_some() {
        return Err(malformed("X-Comment is given twice".to_owned()));
    }
    let text = std::str::from_utf8(value.as_bytes())
        .map_err(|_| malformed("X-Comment is no UTF-8 text".to_owned()))?;
    if text
        .chars()
        .any(|letter| letter.is_control() || LINE_ENDS.contains(&letter))
    {
        return Err(malformed(
            "X-Comment has control characters; write it on one line, without tabs".to_owned(),
        ));
    }
    if text
        .chars()
        .any(|letter| TURNS.iter().any(|turns| turns.contains(&letter)))
    {
        return Err(malformed(
            "X-Comment has characters that turn the direction of writing (U+202A to U+202E, U+2066 to U+2069); leave them out"
                .to_owned(),
        ));
    }
    let text = text.trim();
    let length = text.chars().count();
    if length > COMMENT_LENGTH {
        return Err(malformed(format!(
            "X-Comment has {length} characters, at most {COMMENT_LENGTH} are allowed"
        )));
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

/// A client may send an id of its own; what is no plain word of at most 128 letters is replaced.
fn accepted(sent: Option<&HeaderValue>) -> String {
    sent.and_then(|value| value.to_str().ok())
        .filter(|id| (1..=128).contains(&id.len()))
        .filter(|id| {
            id.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/=+".contains(&byte))
        })
        .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

/// Gives every request its id and its comment, and one line in the log when it is answered.
pub async fn middleware(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let id = accepted(request.headers().get(&HEADER));
    let begun = Instant::now();
    let method = request.method().clone();
    let path = request.path().to_owned();
    let header = HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("unknown"));
    // What only reads has nothing to explain, and a comment on it no meaning.
    let comment = if method.is_safe() {
        Ok(None)
    } else {
        comment(request.headers())
    };
    let under_way = Request {
        id: id.clone(),
        comment: comment.as_ref().ok().cloned().flatten(),
    };
    let mut response = scope(under_way, async {
        match comment {
            Ok(_) => next.call(request).await.map(ServiceResponse::map_into_left_body),
            Err(refused) => Ok(request
                .into_response(refused.error_response())
                .map_into_right_body()),
        }
    })
    .await?;
    response.headers_mut().insert(HEADER.clone(), header);
    tracing::info!(
        request_id = id,
        %method,
        path,
        status = response.status().as_u16(),
        milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        "answered"
    );
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(values: &[&[u8]]) -> error::Result<Option<String>> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(COMMENT.clone(), HeaderValue::from_bytes(value).expect("a value"));
        }
        comment(&headers)
    }

    #[test]
    fn a_comment_is_the_text_that_was_sent() {
        let longest = "ü".repeat(COMMENT_LENGTH);

        assert_eq!(told(&[]).expect("none"), None);
        assert_eq!(told(&[b"  "]).expect("none"), None);
        assert_eq!(
            told(&[b" 50%25 \xc3\xbc "]).expect("one").as_deref(),
            Some("50%25 ü")
        );
        assert_eq!(told(&[longest.as_bytes()]).expect("one"), Some(longest.clone()));
        for wrong in [
            &[b"a\tb".as_slice()] as &[&[u8]],
            &[b"\xfc"],
            &["a\u{85}b".as_bytes()],
            &[b"a", b"b"],
            &[format!("{longest}ü").as_bytes()],
        ] {
            assert!(told(wrong).is_err(), "{wrong:?}");
        }
    }
}
