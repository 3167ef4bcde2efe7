//! How a JSON body is read: type, size, syntax, then structure; rules are the models' matter.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::StreamExt;
use serde::de::{DeserializeOwned, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, Serialize};
use serde_json::Value;
use tokio::time::timeout;

use crate::config::Limits;
use crate::error::{Error, Problem, Result};
use crate::http::auth;
use crate::text::escape_pointer;
use crate::validation::{Faults, explain, find_nul};

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
        let request = request.clone();
        let mut payload = payload.take();
        Box::pin(async move {
            // Who is nobody is told so before their body is read.
            if request.headers().contains_key(header::AUTHORIZATION) {
                auth::user(&request).await?;
            }
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
            let patience = Duration::from_secs(limits.body_seconds);
            let bytes = timeout(patience, read(&mut payload, limit, declared))
                .await
                .map_err(|_| {
                    Error::new(
                        Problem::RequestTimeout,
                        format!(
                            "the body did not come to its end within {} seconds",
                            limits.body_seconds
                        ),
                    )
                })??;
            check_type(&request)?;
            let value = parse(&bytes)?;
            let faults = find_nul(&value);
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
        return unsupported("the body is compressed; send it as it is, without Content-Encoding".to_owned());
    }
    match request.content_type().to_ascii_lowercase().as_str() {
        "application/json" => Ok(()),
        // Elsewhere it would remove what it leaves out.
        "application/merge-patch+json" if request.method() == Method::PATCH => Ok(()),
        "" => unsupported("the body has no type; send Content-Type: application/json".to_owned()),
        sent => unsupported(format!("the body is {sent}; send Content-Type: application/json")),
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
    let mut place = Place::default();
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let read = Strict(&mut place)
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value));
    read.map_err(|error| {
        if place.is_twice {
            Error::malformed(place.pointer, "stands twice in its object")
        } else {
            Error::malformed("", format!("the body is not JSON: {error}"))
        }
    })
}

/// Where a body is being read.
#[derive(Default)]
struct Place {
    pointer: String,
    /// Whether the name here stands in its object already.
    is_twice: bool,
}

/// Reads any JSON, but refuses a name that stands twice in one object: which of the two counts is
/// another thing to every reader of it.
struct Strict<'p>(&'p mut Place);

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> std::result::Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> std::result::Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> std::result::Result<Value, A::Error> {
        let length = self.0.pointer.len();
        let mut elements = Vec::new();
        loop {
            self.0.pointer.push_str(&format!("/{}", elements.len()));
            let Some(element) = sequence.next_element_seed(Strict(self.0))? else {
                self.0.pointer.truncate(length);
                return Ok(Value::Array(elements));
            };
            elements.push(element);
            self.0.pointer.truncate(length);
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Value, A::Error> {
        let length = self.0.pointer.len();
        let mut fields = serde_json::Map::new();
        while let Some(name) = map.next_key::<String>()? {
            self.0.pointer.push('/');
            self.0.pointer.push_str(&escape_pointer(&name));
            if fields.contains_key(&name) {
                self.0.is_twice = true;
                return Err(serde::de::Error::custom("a name stands twice"));
            }
            let value = map.next_value_seed(Strict(self.0))?;
            fields.insert(name, value);
            self.0.pointer.truncate(length);
        }
        Ok(Value::Object(fields))
    }
}

/// Reads a value into a request type; the first fault of structure is told with its place.
pub fn structured<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let mut pointer = String::new();
        for segment in error.path() {
            use serde_path_to_error::Segment;
            match segment {
                Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
                Segment::Map { key } => pointer.push_str(&format!("/{}", escape_pointer(key))),
                Segment::Enum { variant } => pointer.push_str(&format!("/{}", escape_pointer(variant))),
                Segment::Unknown => {}
            }
        }
        Error::malformed(pointer, explain(&error.into_inner().to_string()))
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
                Some(value) => format!("is read-only and is {value}; send it as it is, or leave it out"),
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
