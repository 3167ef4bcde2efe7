//! The rate limit: how many requests per second one client may send, if a limit is configured. The clients that are remembered
//! are bounded: a client that invents tokens or sends from many addresses takes no memory and delays no other client.

use std::convert::Infallible;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, ResponseError, web};
use governor::{DefaultDirectRateLimiter, Quota};
use quick_cache::sync::Cache;

use crate::error::Problem;
use crate::http::{auth, client_address};
use crate::users::model::TokenHash;

/// The largest number of addresses that are remembered, about 10 MB. One that is forgotten begins anew, with a burst of its own.
const ADDRESSES: usize = 65_536;

/// The largest number of valid tokens that are remembered. One that is forgotten counts for its address until it is seen valid again.
const TOKENS: usize = 16_384;

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
    /// Tokens that were found to be valid. All others count for their address, so that inventing a token for every request does
    /// not help, and an invented token needs no memory.
    tokens: Cache<TokenHash, Cell>,
}

impl Limiter {
    fn new(rate: NonZeroU32) -> Self {
        Self {
            quota: Quota::per_second(rate),
            addresses: Cache::new(ADDRESSES),
            tokens: Cache::new(TOKENS),
        }
    }

    fn cell(&self) -> Result<Cell, Infallible> {
        Ok(Arc::new(DefaultDirectRateLimiter::direct(self.quota)))
    }

    /// Returns what a request with this token, from this address, is counted by.
    fn client(&self, token: Option<TokenHash>, address: impl FnOnce() -> Option<IpAddr>) -> Client {
        match token {
            Some(token) if self.tokens.contains_key(&token) => Client::Token(token),
            Some(_) | None => Client::Address(address()),
        }
    }

    /// Counts a request of the client; returns false if it is above the limit.
    fn allows(&self, client: Client) -> bool {
        let Ok(cell) = match client {
            Client::Token(token) => self.tokens.get_or_insert_with(&token, || self.cell()),
            Client::Address(address) => self.addresses.get_or_insert_with(&address, || self.cell()),
        };
        cell.check().is_ok()
    }

    /// Remembers after a request whether its token is valid.
    fn learn(&self, token: TokenHash, is_valid: bool) {
        if !is_valid {
            self.tokens.remove(&token);
        } else if !self.tokens.contains_key(&token) {
            self.allows(Client::Token(token));
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
    let token = token_hash(request.request());
    let client = limiter.client(token, || client_address::of(request.request()));
    if limiter.allows(client) {
        let response = next.call(request).await?;
        if let (Some(token), Some(is_valid)) = (token, auth::found(response.request())) {
            limiter.learn(token, is_valid);
        }
        return Ok(response.map_into_left_body());
    }
    let error = crate::error::Error::new(
        Problem::TooManyRequests,
        "too many requests; wait a second and send it again",
    );
    let response: HttpResponse = error.error_response();
    Ok(request.into_response(response).map_into_right_body())
}

/// Returns the hash of a request's token; `None` if it has none, or none that could be valid.
fn token_hash(request: &HttpRequest) -> Option<TokenHash> {
    auth::token(request).ok().map(TokenHash::of)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter() -> Limiter {
        Limiter::new(NonZeroU32::new(5).expect("a rate"))
    }

    #[test]
    fn invented_tokens_and_addresses_take_bounded_memory_and_slow_no_valid_token() {
        let limiter = limiter();
        let home = || Some(IpAddr::from([192, 0, 2, 1]));
        let valid = TokenHash::of("dmr_valid");
        limiter.learn(valid, true);

        for number in 0..20_000 {
            let token = TokenHash::of(&format!("dmr_{number}"));
            let client = limiter.client(Some(token), home);
            assert_eq!(client, Client::Address(home()));
            limiter.allows(client);
            limiter.learn(token, false);
        }
        assert_eq!((limiter.tokens.len(), limiter.addresses.len()), (1, 1));
        assert!(!limiter.allows(Client::Address(home())));
        let client = limiter.client(Some(valid), home);
        assert_eq!(client, Client::Token(valid));
        assert!(limiter.allows(client), "it was not slowed down");

        for number in 0..100_000_u32 {
            limiter.allows(Client::Address(Some(IpAddr::from(number.to_be_bytes()))));
        }
        assert!(limiter.addresses.len() <= ADDRESSES);
        assert!(limiter.tokens.contains_key(&valid));
        for number in 0..20_000 {
            limiter.learn(TokenHash::of(&format!("dmr_valid_{number}")), true);
        }
        assert!(limiter.tokens.len() <= TOKENS);
    }

    #[test]
    fn a_token_that_is_revoked_counts_for_its_address() {
        let limiter = limiter();
        let token = TokenHash::of("dmr_valid");
        limiter.learn(token, true);
        assert_eq!(limiter.client(Some(token), || None), Client::Token(token));

        limiter.learn(token, false);

        assert_eq!(limiter.client(Some(token), || None), Client::Address(None));
    }
}
