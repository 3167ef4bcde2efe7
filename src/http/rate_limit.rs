//! The rate limit: how many requests per second one client may send, if a limit is configured.

use std::collections::HashSet;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, PoisonError, RwLock};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, ResponseError, web};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::error::Problem;
use crate::http::auth;

/// What requests are counted by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Client {
    Token(String),
    Address(Option<IpAddr>),
}

impl Client {
    /// Returns the token of a request; `None` if it has none.
    fn token(request: &HttpRequest) -> Option<Self> {
        let sent = request.headers().get(header::AUTHORIZATION)?;
        Some(Self::Token(sent.to_str().ok()?.to_owned()))
    }

    /// Returns the address of a request. For IPv6 it is the /64 network, since one client has all its addresses.
    fn address(request: &HttpRequest) -> Self {
        Self::Address(request.peer_addr().map(|address| match address.ip() {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        }))
    }
}

/// The limiter of a server; `None` if no limit is configured.
#[derive(Clone, Default)]
pub struct RateLimit(Option<Arc<Limiter>>);

struct Limiter {
    clients: DefaultKeyedRateLimiter<Client>,
    /// Tokens that were found to be valid. A request with another token also counts for its address, so that inventing a
    /// token for every request does not help.
    valid: RwLock<HashSet<Client>>,
}

impl RateLimit {
    /// Returns a limiter that allows this many requests per second and client; 0 means no limit.
    pub fn new(requests_per_second: u32) -> Self {
        Self(NonZeroU32::new(requests_per_second).map(|rate| {
            Arc::new(Limiter {
                clients: RateLimiter::keyed(Quota::per_second(rate)),
                valid: RwLock::default(),
            })
        }))
    }
}

impl Limiter {
    const REMEMBERED: usize = 10_000;

    fn allows(&self, request: &HttpRequest) -> bool {
        if self.clients.len() > Self::REMEMBERED {
            self.clients.retain_recent();
        }
        let token = Client::token(request);
        let is_valid = token.as_ref().is_some_and(|token| {
            self.valid
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .contains(token)
        });
        (is_valid || self.clients.check_key(&Client::address(request)).is_ok())
            && token.is_none_or(|token| self.clients.check_key(&token).is_ok())
    }

    /// Remembers after a request whether its token is valid.
    fn learn(&self, request: &HttpRequest) {
        let (Some(token), Some(is_valid)) = (Client::token(request), auth::found(request)) else {
            return;
        };
        let is_known = self
            .valid
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(&token);
        if is_known == is_valid {
            return;
        }
        let mut valid = self.valid.write().unwrap_or_else(PoisonError::into_inner);
        if !is_valid {
            valid.remove(&token);
        } else if valid.len() < Self::REMEMBERED {
            valid.insert(token);
        }
    }
}

/// Responds 429 to a client above the limit. Health checks and metrics are never limited.
///
/// # Errors
/// Those of the route.
pub async fn middleware<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let is_probe = matches!(request.path(), "/healthz" | "/readyz" | "/metrics");
    let limiter = request
        .app_data::<web::Data<RateLimit>>()
        .and_then(|limit| limit.0.clone())
        .filter(|_| !is_probe);
    let Some(limiter) = limiter else {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    };
    if limiter.allows(request.request()) {
        let response = next.call(request).await?;
        limiter.learn(response.request());
        return Ok(response.map_into_left_body());
    }
    let error = crate::error::Error::new(
        Problem::TooManyRequests,
        "too many requests; wait a second and send it again",
    );
    let response: HttpResponse = error.error_response();
    Ok(request.into_response(response).map_into_right_body())
}
