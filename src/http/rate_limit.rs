//! How many requests a second one client may send, where a limit is configured.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, ResponseError, web};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::error::Problem;

/// Who is counted: a token's bearer wherever they come from, else an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Client {
    Token(String),
    Address(Option<IpAddr>),
}

/// The limiter of a server; none where no limit is configured.
#[derive(Clone, Default)]
pub struct RateLimit(Option<Arc<DefaultKeyedRateLimiter<Client>>>);

impl RateLimit {
    pub fn new(requests_a_second: u32) -> Self {
        Self(
            NonZeroU32::new(requests_a_second)
                .map(|rate| Arc::new(RateLimiter::keyed(Quota::per_second(rate)))),
        )
    }

    fn allows(&self, request: &ServiceRequest) -> bool {
        let Some(limiter) = &self.0 else {
            return true;
        };
        let token = request
            .headers()
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let client = token.map_or_else(
            || Client::Address(request.peer_addr().map(|address| address.ip())),
            |token| Client::Token(token.to_owned()),
        );
        if limiter.len() > 10_000 {
            limiter.retain_recent();
        }
        limiter.check_key(&client).is_ok()
    }
}

/// Answers 429 to who is too quick. Probes of the process are never held up.
pub async fn middleware<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let is_probe = matches!(request.path(), "/healthz" | "/readyz" | "/metrics");
    let allowed = is_probe
        || request
            .app_data::<web::Data<RateLimit>>()
            .is_none_or(|limit| limit.allows(&request));
    if allowed {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    }
    let error = crate::error::Error::new(
        Problem::TooManyRequests,
        "too many requests, wait a second and send it again",
    );
    let response: HttpResponse = error.error_response();
    Ok(request.into_response(response).map_into_right_body())
}
