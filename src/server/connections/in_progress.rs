//! Which connections are busy: a request is in progress until its response has been handed over to be sent.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::HttpMessage;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use futures_util::Stream;

use super::registry::State;
use crate::admission::Place;

/// The most bytes of a response that are handed over at a time. What is handed over is copied, and a long response would be
/// held twice.
const PIECE: usize = 32 * 1024;

/// Marks the connection of a request as busy until the response has been sent or the request is dropped. Outermost
/// middleware: what it does not see counts as idle.
///
/// # Errors
/// Those of the route.
pub async fn middleware<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<Sending<B>>, actix_web::Error> {
    let in_progress = request
        .conn_data::<Arc<State>>()
        .map(|state| InProgress::new(Arc::clone(state)));
    if let Some(in_progress) = &in_progress {
        let payload = request.take_payload();
        request.set_payload(match payload {
            Payload::None => Payload::None,
            arriving @ (Payload::H1 { .. } | Payload::Stream { .. }) => Payload::Stream {
                payload: Box::pin(Arriving::new(arriving, Arc::clone(&in_progress.0))),
            },
        });
    }
    let response = next.call(request).await?;
    // That of a long response (`http::large_responses`).
    let place = response.request().extensions_mut().remove::<Place>();
    Ok(response.map_body(|_, body| Sending {
        _place: place,
        body: Box::pin(body),
        rest: Bytes::new(),
        _in_progress: in_progress,
    }))
}

/// Counts a request as in progress until it is dropped.
struct InProgress(Arc<State>);

impl InProgress {
    fn new(state: Arc<State>) -> Self {
        state.begin();
        Self(state)
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// The body of a request, which arrives until it ends or is dropped. Only then may the server stop reading from the client.
struct Arriving {
    payload: Payload,
    state: Arc<State>,
}

impl Arriving {
    fn new(payload: Payload, state: Arc<State>) -> Self {
        state.set_body_arriving(true);
        Self { payload, state }
    }

    fn end(&self) {
        self.state.set_body_arriving(false);
    }
}

impl Stream for Arriving {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = Pin::new(&mut self.payload).poll_next(context);
        if matches!(next, Poll::Ready(None | Some(Err(_)))) {
            self.end();
        }
        next
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        self.end();
    }
}

/// The body of a response, in pieces. Its request is in progress until it is dropped.
pub struct Sending<B> {
    body: Pin<Box<B>>,
    /// What is left of the last chunk of the body
    rest: Bytes,
    _in_progress: Option<InProgress>,
    _place: Option<Place>,
}

impl<B: MessageBody> MessageBody for Sending<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.rest.is_empty() {
            match self.body.as_mut().poll_next(context) {
                Poll::Ready(Some(Ok(chunk))) => self.rest = chunk,
                other => return other,
            }
        }
        let length = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(length);
        Poll::Ready(Some(Ok(piece)))
    }
}
