//! Authentication: a bearer token belongs to a named user with a role. Each extractor is a right that a route requires.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, header};
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest, ResponseError, web};
use tokio::sync::OnceCell;
use uuid::Uuid;

use crate::config::Limits;
use crate::context::{self, Client};
use crate::db::Db;
use crate::error::{Error, Problem, Result};
use crate::http::known_tokens::KnownTokens;
use crate::http::{headers, snapshot};
use crate::users::model::{LONGEST_TOKEN, Session, TokenHash, User};
use crate::vocabulary::UserRole;

/// The right to read: everybody's if PUBLIC_READ is set, else that of a user with any role.
pub struct Reader;

/// A user who may write records.
pub struct Analyst(pub User);

/// A user who may write vocabularies.
pub struct Admin(pub User);

type Extracted<T> = Pin<Box<dyn Future<Output = Result<T>>>>;

impl FromRequest for Reader {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            may_read(&request).await?;
            headers::check(&request)?;
            Ok(Self)
        })
    }
}

impl FromRequest for Analyst {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let user = user(&request).await?;
            match user.role {
                UserRole::Analyst | UserRole::Admin => {}
                UserRole::Reader => {
                    return Err(Error::new(
                        Problem::Forbidden,
                        format!(
                            "{} has the role reader; writing records requires the role analyst",
                            user.name
                        ),
                    ));
                }
            }
            headers::check(&request)?;
            Ok(Self(user))
        })
    }
}

impl FromRequest for Admin {
    type Error = Error;
    type Future = Extracted<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let user = user(&request).await?;
            match user.role {
                UserRole::Admin => {}
                UserRole::Reader | UserRole::Analyst => {
                    return Err(Error::new(
                        Problem::Forbidden,
                        format!(
                            "{} does not have the role admin, which writing vocabularies requires",
                            user.name
                        ),
                    ));
                }
            }
            headers::check(&request)?;
            Ok(Self(user))
        })
    }
}

/// Checks that the client may read.
///
/// # Errors
/// Unauthorized without a valid token, unless PUBLIC_READ is set and the request has none.
async fn may_read(request: &HttpRequest) -> Result<()> {
    let is_public = request
        .app_data::<web::Data<Limits>>()
        .is_some_and(|limits| limits.public_read);
    if is_public && !request.headers().contains_key(header::AUTHORIZATION) {
        return Ok(());
    }
    // An invalid token is an error even where none is required: the client expects to be authenticated.
    user(request).await.map(drop)
}

/// Refuses a request below `/v1` whose client has no right to read, before the extractors run: such a client gets 401, whatever
/// else is wrong with its request. It looks the user up, so that the extractors of rights, which each handler names first, are
/// ready before those that could find another fault. The extractors enforce the rights.
///
/// # Errors
/// Unauthorized without the right to read; those of the route.
pub async fn middleware<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    // As it is routed, with its percent signs decoded.
    let is_of_api = request
        .match_info()
        .as_str()
        .strip_prefix("/v1")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if is_of_api && request.method() != Method::OPTIONS {
        let token = token(request.request()).ok().map(TokenHash::of);
        let known = request.app_data::<web::Data<KnownTokens>>();
        let presumed = token.and_then(|token| known?.user_of(&token));
        let may_read = as_user(presumed, may_read(request.request())).await;
        let user = found(request.request());
        if let Err(error) = may_read {
            let response = error.error_response();
            return Ok(request.into_response(response).map_into_right_body());
        }
        return as_user(user, next.call(request))
            .await
            .map(ServiceResponse::map_into_left_body);
    }
    next.call(request).await.map(ServiceResponse::map_into_left_body)
}

/// Runs a part of the current request as that of a user; `None` leaves the client as it is.
async fn as_user<F: Future>(user: Option<Uuid>, part: F) -> F::Output {
    match user {
        None => part.await,
        Some(id) => {
            let current = context::Request {
                client: Client::User(id),
                ..context::request()
            };
            context::scope(current, part).await
        }
    }
}

/// Returns the session of a request; `None` if it has no valid token, or that was not looked up.
pub fn session(request: &HttpRequest) -> Option<Session> {
    let role = {
        let extensions = request.extensions();
        let found = extensions.get::<Lookup>()?.get()?;
        found.as_ref().ok()?.role
    };
    let token = TokenHash::of(token(request).ok()?);
    Some(Session { token, role })
}

/// The user of a request's token, looked up once for all extractors.
type Lookup = Rc<OnceCell<Result<User>>>;

/// Returns the user who sent a request.
///
/// # Errors
/// Unauthorized without a valid token.
pub async fn user(request: &HttpRequest) -> Result<User> {
    let lookup = {
        let mut extensions = request.extensions_mut();
        if !extensions.contains::<Lookup>() {
            extensions.insert(Lookup::default());
        }
        extensions.get::<Lookup>().cloned().unwrap_or_default()
    };
    lookup.get_or_init(|| look_up(request)).await.clone()
}

/// Returns the user of a request's token, if that was found to be valid.
fn found(request: &HttpRequest) -> Option<Uuid> {
    let extensions = request.extensions();
    let found = extensions.get::<Lookup>()?.get()?;
    found.as_ref().ok().map(|user| user.id)
}

/// Returns the token of a request as it was sent.
///
/// # Errors
/// Unauthorized if the request has none, or one that can't be valid; malformed request if it has several.
pub fn token(request: &HttpRequest) -> Result<&str> {
    let sent = headers::single(request.headers(), &header::AUTHORIZATION, "Authorization")?
        .ok_or_else(|| unauthorized("send a token: Authorization: Bearer dmr_…"))?;
    let token = sent
        .to_str()
        .ok()
        .and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
        })
        .filter(|token| token.starts_with("dmr_"))
        .ok_or_else(|| unauthorized("the header Authorization has no token of the form Bearer dmr_…"))?;
    if token.len() > LONGEST_TOKEN {
        return Err(invalid());
    }
    Ok(token)
}

fn unauthorized(detail: &str) -> Error {
    Error::new(Problem::Unauthorized, detail)
}

fn invalid() -> Error {
    unauthorized("the token is not valid; it is wrong, expired or revoked")
}

async fn look_up(request: &HttpRequest) -> Result<User> {
    let token = TokenHash::of(token(request)?);
    let data_missing = || Error::internal("no database in the app's data");
    let db = request.app_data::<web::Data<Db>>().ok_or_else(data_missing)?;
    let known = request
        .app_data::<web::Data<KnownTokens>>()
        .ok_or_else(data_missing)?;
    // A write looks its token up in any case.
    let before = if request.method().is_safe() {
        snapshot::of(request).await
    } else {
        None
    };
    if let Some(user) = before.as_ref().and_then(|before| known.valid_at(&token, before)) {
        return Ok(user);
    }
    let found = User::of_token(db, token).await?;
    known.note(token, found.as_ref(), before.as_ref());
    found.map(|found| found.user).ok_or_else(invalid)
}

/// What a reader may see. A response is kept for those who may see the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sight {
    /// Everything that the registry records: all who may read see the same
    Everything,
}

impl Sight {
    /// Returns what the client of a request may see that has the right to read.
    pub fn of(_: &HttpRequest) -> Self {
        Self::Everything
    }
}

impl Analyst {
    /// Returns the name of the user.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Returns the id of the user.
    pub fn id(&self) -> Uuid {
        self.0.id
    }
}
