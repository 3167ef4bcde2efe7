//! How a JSON body is read: type, size, syntax, then structure; rules are the models' matter.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::StreamExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::config::Limits;
use crate::error::{Error, Problem, Result};
use crate::validation::{Faults, escape, find_nul};

/// A body that is JSON, has no NUL, and is not too large.
#[derive(Debug, Clone)]
pub struct JsonBody {
    pub value: Value,
    /// Its bytes as they came, by which a repeated request is known again.
    pub bytes: web::Bytes,
}

impl FromRequest for JsonBody {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limits = request
            .app_data::<web::Data<Limits>>()
            .map_or_else(Limits::default, |limits| ***limits);
        let limit = if request.path().ends_with("/batch") {
            limits.batch
        } else {
            limits.body
        };
        let content_type = request.content_type().to_ascii_lowercase();
        let declared = request
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        let mut payload = payload.take();
        Box::pin(async move {
            let bytes = read(&mut payload, limit, declared).await?;
            if !matches!(
                content_type.as_str(),
                "application/json" | "application/merge-patch+json"
            ) {
                let sent = if content_type.is_empty() {
                    "no type".to_owned()
                } else {
                    content_type
                };
                return Err(Error::new(
                    Problem::UnsupportedMediaType,
                    format!("the body has {sent}; send Content-Type: application/json"),
                ));
            }
            let value = parse(&bytes)?;
            let faults = find_nul(&value);
            if !faults.is_empty() {
                return Err(Error::faults(faults));
            }
            Ok(Self { value, bytes })
        })
    }
}

/// Reads to the end even what is too large, up to a bound: a client that is still sending would
/// see its connection break instead of the answer.
async fn read(payload: &mut Payload, limit: usize, declared: Option<u64>) -> Result<web::Bytes> {
    const DROPPED_AT_MOST: usize = 64 * 1024 * 1024;
    let mut bytes = web::BytesMut::new();
    let mut dropped = 0;
    let mut too_large = declared.is_some_and(|length| length > limit as u64);
    while let Some(chunk) = payload.next().await {
        let chunk =
            chunk.map_err(|error| Error::malformed("", format!("the body could not be read: {error}")))?;
        if too_large || bytes.len() + chunk.len() > limit {
            too_large = true;
            bytes.clear();
            dropped += chunk.len();
            if dropped > DROPPED_AT_MOST {
                break;
            }
        } else {
            bytes.extend_from_slice(&chunk);
        }
    }
    if too_large {
        return Err(Error::new(
            Problem::TooLarge,
            format!("the body is over the limit of {limit} bytes"),
        ));
    }
    Ok(bytes.freeze())
}

fn parse(bytes: &[u8]) -> Result<Value> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::malformed("", "the body is empty, a JSON object is wanted"));
    }
    serde_json::from_slice(bytes)
        .map_err(|error| Error::malformed("", format!("the body is not JSON: {error}")))
}

/// Reads a value into a request type; the first fault of structure is told with its place.
pub fn structured<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let mut pointer = String::new();
        for segment in error.path() {
            use serde_path_to_error::Segment;
            match segment {
                Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
                Segment::Map { key } => pointer.push_str(&format!("/{}", escape(key))),
                Segment::Enum { variant } => pointer.push_str(&format!("/{}", escape(variant))),
                Segment::Unknown => {}
            }
        }
        Error::malformed(pointer, error.into_inner().to_string())
    })
}

/// The fields of a new record, with the faults found so far. Read-only fields have nothing to
/// equal yet, so none may be there.
pub fn new_record<T: DeserializeOwned>(mut body: Value, read_only: &[&str]) -> Result<(T, Faults)> {
    let faults = take_read_only(&mut body, read_only, &Value::Null);
    finish(body, faults)
}

/// The fields that replace a record whole, with the faults found so far.
pub fn replacement<T: DeserializeOwned>(
    mut body: Value,
    current: &impl Serialize,
    read_only: &[&str],
) -> Result<(T, Faults)> {
    let current = serde_json::to_value(current).map_err(Error::internal)?;
    let faults = take_read_only(&mut body, read_only, &current);
    finish(body, faults)
}

/// The record's fields with a merge patch (RFC 7396) applied, with the faults found so far.
pub fn patched<T: DeserializeOwned>(
    mut patch: Value,
    current: &impl Serialize,
    read_only: &[&str],
) -> Result<(T, Faults)> {
    let mut current = serde_json::to_value(current).map_err(Error::internal)?;
    let faults = take_read_only(&mut patch, read_only, &current);
    if !patch.is_object() {
        return Err(not_an_object());
    }
    // Alone first, so that a field that does not exist is told even where null would remove it.
    structured::<T>(patch.clone())?;
    if let Value::Object(fields) = &mut current {
        for name in read_only {
            fields.remove(*name);
        }
    }
    json_patch::merge(&mut current, &patch);
    finish(current, faults)
}

fn finish<T: DeserializeOwned>(body: Value, faults: Faults) -> Result<(T, Faults)> {
    if !body.is_object() {
        return Err(not_an_object());
    }
    Ok((structured(body)?, faults))
}

fn not_an_object() -> Error {
    Error::malformed("", "the body is no JSON object")
}

/// Takes read-only fields out of a body: they may stand there as long as they equal the record.
fn take_read_only(body: &mut Value, read_only: &[&str], current: &Value) -> Faults {
    let Value::Object(fields) = body else {
        return Faults::default();
    };
    let mut faults = Faults::default();
    for name in read_only {
        if let Some(given) = fields.remove(*name)
            && !current.get(*name).is_some_and(|value| is_same(value, &given))
        {
            let detail = match current.get(*name) {
                Some(value) => format!("is read-only; it is {value}"),
                None => "is read-only; leave it out".to_owned(),
            };
            faults.add(format!("/{name}"), detail);
        }
    }
    faults
}

/// Whether two values say the same: -4.0 goes through many a client and comes back as -4.
fn is_same(value: &Value, given: &Value) -> bool {
    match (value, given) {
        (Value::Number(value), Value::Number(given)) => value.as_f64() == given.as_f64(),
        (value, given) => value == given,
    }
}
