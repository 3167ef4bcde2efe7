//! The body of a request: room for it, size, media type and JSON syntax are checked here, rules in `validate`.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::{Method, header};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures_util::StreamExt;
use serde_json::Value;
use tokio::time::{Instant, timeout};

use crate::admission::{Counts, Place, Places, Room};
use crate::config::Limits;
use crate::context;
use crate::error::{Error, Problem, Result};
use crate::heavy::{self, LARGE};
use crate::http::json;
use crate::http::pace::{LEAST_RATE, Pace};
use crate::validation::clean_texts;

/// The longest wait for the place of a large body.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long the client of a large body may pause, or fall behind the least rate.
const GRACE: Duration = Duration::from_secs(10);
/// How many bodies that are too large are read to their end at a time.
const DISCARDING: usize = 16;
/// How much of such a body is read.
const DISCARD_LIMIT: usize = 64 * 1024 * 1024;
/// How long a body is still read for which there is no room.
const DISCARD_TIME: Duration = Duration::from_secs(1);

/// The room of a server for bodies of more than [`LARGE`] bytes. A request has its place from before its body is read until it ends,
/// so that places times the limit of a body bound the memory.
#[derive(Clone)]
pub struct Bodies {
    large: Places,
    discarded: Places,
}

impl Bodies {
    /// Returns the room of a server; all of it is free.
    pub fn new(limits: Limits, counts: &Counts) -> Self {
        let large = Room {
            places: limits.large_bodies,
            queue: limits.large_bodies * 2,
            patience: PATIENCE,
        };
        let discarded = Room {
            places: DISCARDING,
            queue: 0,
            patience: Duration::ZERO,
        };
        Self {
            large: Places::new("large bodies", large, counts),
            discarded: Places::new("discarded bodies", discarded, counts),
        }
    }

    /// Reads a body of at most `limit` bytes.
    async fn read(&self, payload: &mut Payload, limit: usize, declared: Option<u64>) -> Result<Received> {
        let declared = declared.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
        if declared.is_some_and(|length| length > limit) {
            return Err(self.too_large(payload, limit).await);
        }
        let mut place = None;
        let mut bytes = BytesMut::new();
        if let Some(length) = declared {
            if length > LARGE {
                place = Some(self.place(payload).await?);
            }
            bytes.reserve(length);
        }
        let mut pace = Pace::new(GRACE);
        loop {
            // A large body holds its place as long as it takes.
            let patience = place.as_ref().map(|_| pace.left());
            let begun = Instant::now();
            let Some(chunk) = next(payload, patience).await? else {
                break;
            };
            let chunk = chunk
                .map_err(|error| Error::malformed("", format!("the body could not be read: {error}")))?;
            pace.count(begun.elapsed(), chunk.len());
            let length = bytes.len() + chunk.len();
            if length > limit {
                drop((bytes, place));
                return Err(self.too_large(payload, limit).await);
            }
            if length > LARGE && place.is_none() {
                place = Some(self.place(payload).await?);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Received {
            bytes: bytes.freeze(),
            place: place.map(Arc::new),
        })
    }

    async fn place(&self, payload: &mut Payload) -> Result<Place> {
        let taken = self.large.take(context::client()).await;
        if taken.is_err() {
            let _ = timeout(DISCARD_TIME, self.discard(payload)).await;
        }
        taken
    }

    async fn too_large(&self, payload: &mut Payload, limit: usize) -> Error {
        // A client that sends more slowly sees its connection end.
        let _ = timeout(GRACE, self.discard(payload)).await;
        Error::new(
            Problem::TooLarge,
            format!("the body exceeds the limit of {limit} bytes; send less at a time"),
        )
    }

    /// Reads the rest of a body and forgets it: a client that is still sending would see a broken connection instead of the
    /// response. If many bodies are read so, the rest stays unread.
    async fn discard(&self, payload: &mut Payload) {
        let Ok(_place) = self.discarded.try_take(context::client()) else {
            return;
        };
        let mut discarded = 0;
        while let Some(Ok(chunk)) = payload.next().await {
            discarded += chunk.len();
            if discarded > DISCARD_LIMIT {
                return;
            }
        }
    }
}

/// Returns the next piece of a body, `None` at its end.
async fn next(
    payload: &mut Payload,
    patience: Option<Duration>,
) -> Result<Option<std::result::Result<Bytes, PayloadError>>> {
    let Some(patience) = patience else {
        return Ok(payload.next().await);
    };
    timeout(patience, payload.next()).await.map_err(|_| {
        Error::new(
            Problem::RequestTimeout,
            format!(
                "the body arrives too slowly: a body of more than {} KiB must arrive at {} KiB a second or faster, with pauses of at most {} seconds",
                LARGE / 1024,
                LEAST_RATE / 1024,
                GRACE.as_secs()
            ),
        )
    })
}

struct Received {
    bytes: Bytes,
    place: Option<Arc<Place>>,
}

/// What the bytes of a body are read as.
pub trait FromBody: Sized + Send + 'static {
    /// Returns the largest size of the body in bytes.
    fn limit(limits: &Limits) -> usize;

    /// Reads JSON with clean texts. It may take long: large bodies are read on a thread for that.
    ///
    /// # Errors
    /// Malformed request if the bytes are not the JSON that is wanted; invalid record if texts can't be cleaned.
    fn from_body(bytes: &Bytes, limits: &Limits) -> Result<Self>;
}

impl FromBody for Value {
    fn limit(limits: &Limits) -> usize {
        limits.body
    }

    fn from_body(bytes: &Bytes, _: &Limits) -> Result<Self> {
        let mut value = json::parse(bytes)?;
        let faults = clean_texts(&mut value);
        if faults.is_empty() {
            Ok(value)
        } else {
            Err(Error::faults(faults))
        }
    }
}

/// A JSON body within the size limit, whose texts are clean.
#[derive(Clone)]
pub struct Body<T> {
    /// What was read.
    pub value: T,
    /// The bytes as received: a repeated request is recognized by them.
    pub bytes: Bytes,
    /// The place of a large body, free again when the last clone is dropped.
    pub place: Option<Arc<Place>>,
}

/// The body of a record.
pub type JsonBody = Body<Value>;

impl<T: FromBody> FromRequest for Body<T> {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let mut payload = payload.take();
        Box::pin(async move {
            let limits = request
                .app_data::<web::Data<Limits>>()
                .map_or_else(Limits::default, |limits| ***limits);
            let bodies = request
                .app_data::<web::Data<Bodies>>()
                .ok_or_else(|| Error::internal("no room for bodies in the app's data"))?;
            let declared = request
                .headers()
                .get(header::CONTENT_LENGTH)
                .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
            let time_limit = Duration::from_secs(limits.body_seconds);
            let reading = bodies.read(&mut payload, T::limit(&limits), declared);
            let Received { bytes, place } = timeout(time_limit, reading).await.map_err(|_| {
                Error::new(
                    Problem::RequestTimeout,
                    format!(
                        "the body did not arrive completely within {} seconds",
                        limits.body_seconds
                    ),
                )
            })??;
            check_type(&request)?;
            let (text, held) = (bytes.clone(), place.clone());
            let value = heavy::run(bytes.len(), move || {
                let value = T::from_body(&text, &limits);
                drop(held);
                value
            })
            .await?;
            Ok(Self { value, bytes, place })
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
