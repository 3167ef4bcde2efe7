//! The body of a request: authentication, size, media type and JSON syntax are checked here, rules in `validate`.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::StreamExt;
use serde_json::Value;
use tokio::time::timeout;

use crate::config::Limits;
use crate::error::{Error, Problem, Result};
use crate::http::json;
use crate::validation::clean_texts;

/// A JSON body within the size limit, whose texts are clean.
#[derive(Debug, Clone)]
pub struct JsonBody {
    /// The body as JSON.
    pub value: Value,
    /// The bytes as received: a repeated request is recognized by them.
    pub bytes: web::Bytes,
}

impl FromRequest for JsonBody {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = payload.take();
        Box::pin(async move {
            let limits = request
                .app_data::<web::Data<Limits>>()
                .map_or_else(Limits::default, |limits| ***limits);
            let limit = if request.path() == "/v1/batch" {
                limits.batch
            } else {
                limits.body
            };
            let declared = request
                .headers()
                .get(header::CONTENT_LENGTH)
                .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
            let time_limit = Duration::from_secs(limits.body_seconds);
            let bytes = timeout(time_limit, read(&mut payload, limit, declared))
                .await
                .map_err(|_| {
                    Error::new(
                        Problem::RequestTimeout,
                        format!(
                            "the body did not arrive completely within {} seconds",
                            limits.body_seconds
                        ),
                    )
                })??;
            check_type(&request)?;
            let mut value = json::parse(&bytes)?;
            let faults = clean_texts(&mut value);
            if !faults.is_empty() {
                return Err(Error::faults(faults));
            }
            Ok(Self { value, bytes })
        })
    }
}

fn check_type(request: &HttpRequest) -> Result<()> {
    let unsupported = |detail: String| Err(Error::new(Problem::UnsupportedMediaType, detail));
    let encodings = request.headers().get_all(header::CONTENT_ENCODING);
    if encodings.into_iter().any(|encoding| encoding != "identity") {
        return unsupported("the body is compressed; send it without Content-Encoding".to_owned());
    }
    match request.content_type().to_ascii_lowercase().as_str() {
        "application/json" => Ok(()),
        // In a PUT a merge patch would remove the fields that it leaves out.
        "application/merge-patch+json" if request.method() == Method::PATCH => Ok(()),
        "" => unsupported("the body has no media type; send Content-Type: application/json".to_owned()),
        sent => unsupported(format!("the body is {sent}; send Content-Type: application/json")),
    }
}

/// Reads the body. One that is too large is still read to its end, up to 64 MiB: a client that is still sending would see
/// a broken connection instead of the response.
async fn read(payload: &mut Payload, limit: usize, declared: Option<u64>) -> Result<web::Bytes> {
    const DISCARD_LIMIT: usize = 64 * 1024 * 1024;
    let mut bytes = web::BytesMut::new();
    let mut discarded = 0;
    let mut too_large = declared.is_some_and(|length| length > limit as u64);
    while let Some(chunk) = payload.next().await {
        let chunk =
            chunk.map_err(|error| Error::malformed("", format!("the body could not be read: {error}")))?;
        if too_large || bytes.len() + chunk.len() > limit {
            too_large = true;
            bytes.clear();
            discarded += chunk.len();
            if discarded > DISCARD_LIMIT {
                break;
            }
        } else {
            bytes.extend_from_slice(&chunk);
        }
    }
    if too_large {
        return Err(Error::new(
            Problem::TooLarge,
            format!("the body exceeds the limit of {limit} bytes"),
        ));
    }
    Ok(bytes.freeze())
}
