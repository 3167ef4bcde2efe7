//! Requests that actix refuses before any route or middleware sees them: what is wrong with them, as a problem document.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::linger::Places;
use super::registry::Refusal;
use crate::error::{Error, Problem};
use crate::http::html::POLICY_OF_DATA;
use crate::http::problems::ProblemBody;

/// The most headers that actix accepts.
const MOST_HEADERS: usize = 96;

/// The most bytes of a target (path and query) that actix accepts.
const LONGEST_TARGET: usize = 65_534;

/// Longer than the head of each response that actix makes by itself.
const LONGEST_OWN: usize = 256;

/// How actix refused a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// 400: it can't be read.
    Malformed,
    /// 408: its head did not arrive in time.
    Late,
    /// 431: its head has too many headers or bytes.
    TooLarge,
    /// 500: a fault of actix.
    Failed,
}

/// Returns where a response that actix made by itself begins, if `bytes` end with one: it has no body, and of headers only
/// content-length, connection and date. Each response of a route also has X-Request-Id.
pub fn own_response(bytes: &[u8]) -> Option<(usize, Refused)> {
    let from = bytes.len().saturating_sub(LONGEST_OWN);
    let start = from + bytes[from..].windows(7).rposition(|part| part == b"HTTP/1.")?;
    let mut lines = std::str::from_utf8(&bytes[start..])
        .ok()?
        .strip_suffix("\r\n\r\n")?
        .split("\r\n");
    let refused = match lines.next()?.split(' ').nth(1)? {
        "400" => Refused::Malformed,
        "408" => Refused::Late,
        "431" => Refused::TooLarge,
        "500" => Refused::Failed,
        _ => return None,
    };
    let is_own = lines.all(|line| {
        line == "content-length: 0" || line.starts_with("date: ") || line.starts_with("connection: ")
    });
    is_own.then_some((start, refused))
}

/// Returns a whole response that refuses a request, of which `read` was read.
pub fn response(refused: Refused, read: &[u8]) -> Vec<u8> {
    let (problem, detail) = match refused {
        Refused::Malformed => (Problem::MalformedRequest, malformed(read)),
        Refused::Late => (
            Problem::RequestTimeout,
            "the request line and the headers did not arrive completely in time; send them at once"
                .to_owned(),
        ),
        Refused::TooLarge => (Problem::HeadersTooLarge, too_large(read)),
        Refused::Failed => (
            Problem::Internal,
            "the server failed to read the request; please report the id in instance".to_owned(),
        ),
    };
    whole(&Error::new(problem, detail), None)
}

/// Responds to a connection that is refused, and closes it. This does not wait for the client: meanwhile the connection
/// takes the place of another one in its worker.
pub async fn refuse(mut stream: TcpStream, refusal: Refusal, lingering: &Places) {
    let error = match refusal {
        Refusal::Client => Error::new(
            Problem::TooManyRequests,
            "this client has as many connections as one client may have, and all of them are busy; use fewer connections",
        ),
        Refusal::Server => Error::new(
            Problem::Overloaded,
            "all connections of the server are busy; send the request again after Retry-After",
        ),
    };
    if stream.write_all(&whole(&error, Some(1))).await.is_ok() {
        lingering.close(stream, ());
    }
}

/// Returns a response with a problem document, after which the connection closes.
fn whole(error: &Error, retry_after: Option<u32>) -> Vec<u8> {
    let document = ProblemBody::of(error);
    tracing::info!(
        request_id = document.instance,
        status = document.status,
        detail = document.detail,
        "connection refused"
    );
    let mut body = serde_json::to_vec(&document).unwrap_or_default();
    body.push(b'\n');
    let phrase = actix_web::http::StatusCode::from_u16(document.status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or_default();
    let retry = retry_after.map_or_else(String::new, |seconds| format!("retry-after: {seconds}\r\n"));
    let head = format!(
        "HTTP/1.1 {status} {phrase}\r\ncontent-length: {length}\r\nconnection: close\r\n\
         content-type: application/problem+json\r\ncache-control: no-store\r\n{retry}\
         x-content-type-options: nosniff\r\ncontent-security-policy: {POLICY_OF_DATA}\r\nx-request-id: {id}\r\ndate: {date}\r\n\r\n",
        status = document.status,
        length = body.len(),
        id = document.instance,
        date = actix_web::http::header::HttpDate::from(std::time::SystemTime::now()),
    );
    let mut whole = head.into_bytes();
    whole.extend(body);
    whole
}

/// Returns what is wrong with the first request that can't be read.
fn malformed(read: &[u8]) -> String {
    const UNKNOWN: &str = "the request can't be read: it is not HTTP/1.1, its Content-Length does not match its body, or the \
                           chunks of its body are malformed";
    let mut read = read;
    loop {
        read = read.trim_ascii_start();
        if read.is_empty() {
            return UNKNOWN.to_owned();
        }
        if read.starts_with(b"PRI * HTTP/2") {
            return "this server speaks HTTP/1.1, not HTTP/2 without TLS; send the request as HTTP/1.1"
                .to_owned();
        }
        if read.starts_with(&[0x16, 0x03]) {
            return "this server speaks HTTP, not TLS; use http:// in the address, or the address of its proxy"
                .to_owned();
        }
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        match request.parse(read) {
            Ok(httparse::Status::Complete(length)) => {
                if let Some(fault) = fault_of(&request) {
                    return fault;
                }
                read = &read[length..];
            }
            Ok(httparse::Status::Partial) => return UNKNOWN.to_owned(),
            Err(error) => return unreadable(error, read),
        }
    }
}

/// Returns what is wrong with a head that cannot be parsed.
fn unreadable(error: httparse::Error, read: &[u8]) -> String {
    let line = read.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_request_line = String::from_utf8_lossy(line).trim_end().split(' ').count() == 3;
    match error {
        httparse::Error::Version if !is_request_line => {
            "the request line has no version; end it with HTTP/1.1".to_owned()
        }
        httparse::Error::Version => {
            "the request line names a version that this server does not speak; send the request as HTTP/1.1".to_owned()
        }
        httparse::Error::HeaderName => {
            "the name of a header has a character that is not allowed, or a header has no colon; write Name: value"
                .to_owned()
        }
        httparse::Error::HeaderValue => {
            "the value of a header has a control character; remove it or encode it".to_owned()
        }
        httparse::Error::Token | httparse::Error::NewLine | httparse::Error::Status => {
            "the request line can't be read; write a method, a path and HTTP/1.1, with one blank between them and other \
             characters of the path percent-encoded"
                .to_owned()
        }
        httparse::Error::TooManyHeaders => too_large(read),
    }
}

/// Returns what is wrong with a head that can be parsed but is refused; `None` if nothing is.
fn fault_of(request: &httparse::Request<'_, '_>) -> Option<String> {
    let values = |name: &str| -> Vec<&[u8]> {
        request
            .headers
            .iter()
            .filter(|header| header.name.eq_ignore_ascii_case(name))
            .map(|header| header.value)
            .collect()
    };
    let target = request.path.unwrap_or_default();
    if target.len() > LONGEST_TARGET {
        return Some(format!(
            "the path and query have {} bytes; at most {LONGEST_TARGET} are allowed: use fewer values of a filter in one \
             request",
            target.len()
        ));
    }
    let (lengths, codings, hosts) = (
        values("content-length"),
        values("transfer-encoding"),
        values("host"),
    );
    for (name, given) in [
        ("Content-Length", &lengths),
        ("Transfer-Encoding", &codings),
        ("Host", &hosts),
    ] {
        if given.len() > 1 {
            return Some(format!(
                "the header {name} is sent {} times; send it once",
                given.len()
            ));
        }
    }
    let is_number = |value: &[u8]| {
        std::str::from_utf8(value).is_ok_and(|text| {
            let text = text.trim();
            text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u64>().is_ok()
        })
    };
    if lengths.first().is_some_and(|value| !is_number(value)) {
        return Some(
            "the header Content-Length is not a number of bytes; send the length of the body in bytes"
                .to_owned(),
        );
    }
    if let Some(coding) = codings.first() {
        if !lengths.is_empty() {
            return Some(
                "the headers Content-Length and Transfer-Encoding exclude each other; send one of them"
                    .to_owned(),
            );
        }
        if request.version == Some(0) {
            return Some("HTTP/1.0 has no Transfer-Encoding; send Content-Length, or HTTP/1.1".to_owned());
        }
        if !coding.trim_ascii().eq_ignore_ascii_case(b"chunked") {
            return Some("the header Transfer-Encoding must be chunked".to_owned());
        }
    }
    if request.version == Some(1) && hosts.is_empty() {
        return Some("the header Host is missing; HTTP/1.1 requires it".to_owned());
    }
    if request.version == Some(0) && request.method == Some("POST") && lengths.is_empty() {
        return Some("the header Content-Length is missing; HTTP/1.0 requires it with a body".to_owned());
    }
    if target.parse::<actix_web::http::Uri>().is_err() {
        return Some(if target.starts_with('/') {
            "the path or query has a letter that is not allowed there; percent-encode it: %C3%A9 for é, %22 for \"".to_owned()
        } else {
            "the path of the request is not a valid path; it begins with a slash".to_owned()
        });
    }
    None
}

/// Returns which limit of a head is exceeded.
fn too_large(read: &[u8]) -> String {
    let lines = read.split(|byte| *byte == b'\n').count();
    if lines > MOST_HEADERS {
        return format!("the request has more than {MOST_HEADERS} headers; send fewer");
    }
    "the request line and headers together have more than 128 KiB; send shorter ones".to_owned()
}
