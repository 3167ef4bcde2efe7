//! The rate limit: how many requests per second one client may send, if a limit is configured. The clients that are remembered
//! are bounded: a client that invents tokens or sends from many addresses takes no memory and delays no other client.

use std::convert::Infallible;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, ResponseError, web};
use governor::{DefaultDirectRateLimiter, Quota};
use quick_cache::sync::Cache;

use crate::error::Problem;
use crate::http::known_tokens::{self, KnownTokens};
use crate::http::{auth, client_address};
use crate::users::model::TokenHash;

/// The largest number of addresses that are remembered, about 10 MB. One that is forgotten begins anew, with a burst of its own.
const ADDRESSES: usize = 65_536;

/// What a request is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Client {
    /// A token that was found to be valid
    Token(TokenHash),
    /// An address, or the network of an IPv6 address; `None` if it is unknown
    Address(Option<IpAddr>),
}

/// The limiter of a server; `None` if no limit is configured.
#[derive(Clone, Default)]
pub struct RateLimit(Option<Arc<Limiter>>);

impl RateLimit {
    /// Returns a limiter that allows this many requests per second and client; 0 means no limit.
    pub fn new(requests_per_second: u32) -> Self {
        Self(NonZeroU32::new(requests_per_second).map(|rate| Arc::new(Limiter::new(rate))))
    }
}

type Cell = Arc<DefaultDirectRateLimiter>;

struct Limiter {
    quota: Quota,
    addresses: Cache<Option<IpAddr>, Cell>,
    /// Tokens that are known to be valid. All others count for their address, so that inventing a token for every request does
    /// not help.
    tokens: Cache<TokenHash, Cell>,
}

impl Limiter {
    fn new(rate: NonZeroU32) -> Self {
        Self {
            quota: Quota::per_second(rate),
            addresses: Cache::new(ADDRESSES),
            tokens: Cache::new(known_tokens::MOST),
        }
    }

    fn cell(&self) -> Result<Cell, Infallible> {
        Ok(Arc::new(DefaultDirectRateLimiter::direct(self.quota)))
    }

    /// Counts a request of the client; returns false if it is above the limit.
    fn allows(&self, client: Client) -> bool {
        let Ok(cell) = match client {
            Client::Token(token) => self.tokens.get_or_insert_with(&token, || self.cell()),
            Client::Address(address) => self.addresses.get_or_insert_with(&address, || self.cell()),
        };
        cell.check().is_ok()
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
    let known = request.app_data::<web::Data<KnownTokens>>().cloned();
    let valid_token = || {
        let token = auth::token(request.request()).ok().map(TokenHash::of)?;
        known.as_ref()?.user_of(&token).map(|_| token)
    };
    let client = match valid_token() {
        Some(token) => Client::Token(token),
        None => Client::Address(client_address::of(request.request())),
    };
    if limiter.allows(client) {
        return next.call(request).await.map(ServiceResponse::map_into_left_body);
    }
    let error = crate::error::Error::new(
        Problem::TooManyRequests,
        "you send more requests a second than this server allows (RATE_LIMIT); wait a second and send it again",
    );
    let response: HttpResponse = error.error_response();
    Ok(request.into_response(response).map_into_right_body())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter() -> Limiter {
        Limiter::new(NonZeroU32::new(5).expect("a rate"))
    }

    #[test]
    fn clients_take_bounded_memory_and_do_not_slow_each_other() {
        let limiter = limiter();
        let home = Client::Address(Some(IpAddr::from([192, 0, 2, 1])));
        let valid = Client::Token(TokenHash::of("dmr_valid"));
        while limiter.allows(home) {}
        assert!(limiter.allows(valid), "it was not slowed down");

        for number in 0..100_000_u32 {
            limiter.allows(Client::Address(Some(IpAddr::from(number.to_be_bytes()))));
        }
        for number in 0..20_000 {
            limiter.allows(Client::Token(TokenHash::of(&format!("dmr_valid_{number}"))));
        }
        assert!(limiter.addresses.len() <= ADDRESSES);
        assert!(limiter.tokens.len() <= known_tokens::MOST);
    }
}
