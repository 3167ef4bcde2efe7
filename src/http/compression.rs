//! Compression of responses, if the client accepts it: gzip or brotli.

use std::sync::Arc;

use actix_http::encoding::Encoder;
use actix_web::body::{BodySize, EitherBody, MessageBody, to_bytes};
use actix_web::dev::{ResponseHead, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, AcceptEncoding, ContentEncoding, Encoding, HeaderMap, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest};
use tokio::sync::OnceCell;

use crate::error::{Error, Result};

/// Shorter bodies are sent as they are: they fit into one packet, and their compressed form is hardly shorter.
const SHORTEST: u64 = 1024;

/// Marks, in a response's extensions, a body that is sent as it is: already compressed, with an ETag of its own.
pub struct Final;

/// A body that is sent more than once, and its compressed forms, each of which is made once. In the extensions of a response an
/// `Arc` of it stands for the body.
#[derive(Debug)]
pub struct Forms {
    body: Bytes,
    gzip: OnceCell<Bytes>,
    brotli: OnceCell<Bytes>,
}

impl Forms {
    /// Returns the forms of a body, none of them made yet.
    pub fn new(body: impl Into<Bytes>) -> Self {
        Self {
            body: body.into(),
            gzip: OnceCell::new(),
            brotli: OnceCell::new(),
        }
    }

    /// Returns the body as it is.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Returns the body in a coding and the name of the coding; `None` if it is the body as it is.
    ///
    /// # Errors
    /// If the body can't be compressed.
    pub async fn in_coding(&self, coding: ContentEncoding) -> Result<(Bytes, Option<&'static str>)> {
        let (form, name) = match coding {
            ContentEncoding::Brotli => (&self.brotli, "br"),
            ContentEncoding::Gzip => (&self.gzip, "gzip"),
            _ => return Ok((self.body.clone(), None)),
        };
        // Once, even if many ask for it at the same time.
        let made = form.get_or_try_init(|| async {
            let mut head = ResponseHead::new(StatusCode::OK);
            to_bytes(Encoder::response(coding, &mut head, self.body.clone()))
                .await
                .map_err(Error::internal)
        });
        Ok((made.await?.clone(), Some(name)))
    }
}

/// Compresses the body of a response whose request accepts it, and makes its ETag weak: it is the tag of the record, not of these
/// bytes.
///
/// actix's `Compress` is not used: it also compresses event streams, whose events would wait for a full block, and it
/// responds with 406 to a request that accepts no coding at all.
///
/// # Errors
/// Those of the route.
pub async fn middleware<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse<EitherBody<Encoder<B>, Bytes>>, actix_web::Error> {
    let wanted = coding(request.request());
    let response = next.call(request).await?;
    if response.response().extensions().contains::<Final>() {
        return Ok(response.map_body(|head, body| {
            EitherBody::left(Encoder::response(ContentEncoding::Identity, head, body))
        }));
    }
    let is_compressible = is_compressible(response.headers());
    let is_long = match response.response().body().size() {
        BodySize::None => false,
        BodySize::Sized(size) => size >= SHORTEST,
        BodySize::Stream => true,
    };
    let used = if is_compressible && is_long {
        wanted
    } else {
        ContentEncoding::Identity
    };
    let is_not_modified = response.status() == StatusCode::NOT_MODIFIED;
    let forms = response.response().extensions().get::<Arc<Forms>>().cloned();
    let mut response = match forms {
        Some(forms) if used != ContentEncoding::Identity => {
            let (body, name) = forms.in_coding(used).await?;
            let mut response = response.map_body(|_, _| EitherBody::right(body));
            if let Some(name) = name {
                let name = HeaderValue::from_static(name);
                response.headers_mut().insert(header::CONTENT_ENCODING, name);
            }
            response
        }
        Some(_) | None => {
            response.map_body(|head, body| EitherBody::left(Encoder::response(used, head, body)))
        }
    };
    let headers = response.headers_mut();
    // A 304 stands for a response that was compressed. That of a body too short for it has a strong tag, which compares as equal.
    if used != ContentEncoding::Identity || (is_not_modified && wanted != ContentEncoding::Identity) {
        weaken_etag(headers);
    }
    if is_compressible || is_not_modified {
        vary_by_encoding(headers);
    }
    Ok(response)
}

/// Returns the coding that the client prefers, of those that there are. A client that accepts none gets the body as it is, as
/// RFC 9110, section 12.5.3, permits.
pub fn coding(request: &HttpRequest) -> ContentEncoding {
    let offered = [Encoding::brotli(), Encoding::gzip(), Encoding::identity()];
    let negotiated = request
        .get_header::<AcceptEncoding>()
        .and_then(|accepted| accepted.negotiate(offered.iter()));
    match negotiated {
        Some(Encoding::Known(coding)) => coding,
        Some(Encoding::Unknown(_)) | None => ContentEncoding::Identity,
    }
}

/// Returns whether a body of this type and length becomes noticeably shorter.
pub fn is_worthwhile(media_type: &str, length: u64) -> bool {
    length >= SHORTEST && is_type_compressible(media_type)
}

fn is_compressible(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|sent| sent.to_str().ok())
        .is_some_and(is_type_compressible)
}

/// Returns whether a body of this type becomes shorter, and may be sent in blocks.
fn is_type_compressible(sent: &str) -> bool {
    let media_type = sent.split(';').next().unwrap_or_default().trim();
    match media_type.split_once('/') {
        Some(("text", subtype)) => subtype != "event-stream",
        Some(("application", subtype)) => {
            subtype.ends_with("json") || subtype == "javascript" || subtype == "xml"
        }
        Some(("image", subtype)) => subtype == "svg+xml",
        _ => false,
    }
}

fn weaken_etag(headers: &mut HeaderMap) {
    let weak = headers
        .get(header::ETAG)
        .and_then(|tag| tag.to_str().ok())
        .filter(|tag| tag.starts_with('"'))
        .and_then(|tag| HeaderValue::try_from(format!("W/{tag}")).ok());
    if let Some(weak) = weak {
        headers.insert(header::ETAG, weak);
    }
}

/// Adds Accept-Encoding to Vary once, also where the body is not compressed: another client's might be.
fn vary_by_encoding(headers: &mut HeaderMap) {
    let mut names: Vec<String> = headers
        .get_all(header::VARY)
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("accept-encoding"))
        .collect();
    names.push("Accept-Encoding".to_owned());
    if let Ok(vary) = HeaderValue::try_from(names.join(", ")) {
        headers.insert(header::VARY, vary);
    }
}
