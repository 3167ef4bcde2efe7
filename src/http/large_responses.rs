//! Room for long responses. Without it, a client that asks for many and reads them slowly would make the server hold them all.

use std::time::Duration;

use actix_web::body::{BodySize, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, ResponseError, web};

use crate::admission::{Counts, Places, Room};
use crate::context;
use crate::http::formats::Format;

/// A response of more bytes has a place from when it is made until it is sent, and is not kept in memory.
pub const LARGE: u64 = 256 * 1024;
/// How many there are at a time.
const PLACES: usize = 32;
/// The longest wait for a place.
const PATIENCE: Duration = Duration::from_secs(1);

/// The places of a server for long responses.
pub struct Responses(Places);

impl Responses {
    /// Returns the places of a server; all of them are free.
    pub fn new(counts: &Counts) -> Self {
        let room = Room {
            places: PLACES,
            queue: PLACES,
            patience: PATIENCE,
        };
        Self(Places::new("long responses", room, counts))
    }
}

/// Takes a place for a long response to a read, and leaves it in the request's extensions for the one who sends the response. A
/// write is done when its response is made, so that needs none; a workbook has the place of its export.
///
/// # Errors
/// Those of the route.
pub async fn middleware<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let is_read = request.method().is_safe() && request.path().starts_with("/v1");
    let responses = request
        .app_data::<web::Data<Responses>>()
        .filter(|_| is_read)
        .cloned();
    let response = next.call(request).await?;
    let length = match response.response().body().size() {
        BodySize::Sized(length) => length,
        BodySize::None | BodySize::Stream => 0,
    };
    if let Some(responses) = responses
        && length > LARGE
        && !is_workbook(&response)
    {
        match responses.0.take(context::client()).await {
            Ok(place) => {
                response.request().extensions_mut().insert(place);
            }
            Err(refused) => {
                return Ok(response
                    .into_response(refused.error_response())
                    .map_into_right_body());
            }
        }
    }
    Ok(response.map_into_left_body())
}

fn is_workbook<B>(response: &ServiceResponse<B>) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|sent| sent == Format::Xlsx.media_type())
}
