//! The server: every route on one screen. The program and the tests start it with the same function.

mod openapi;
mod shutdown;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::{Method, header};
use actix_web::middleware::{Condition, DefaultHeaders, from_fn};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, get, web};
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;

use crate::bi::watch::Ended;
use crate::changes::followers::{self, Followers};
use crate::db::{Db, monitor, sequencer};
use crate::error::{Error, Problem, Result};
use crate::history;
use crate::http::client_address::TrustedProxies;
use crate::http::metrics::Metrics;
use crate::http::rate_limit::RateLimit;
use crate::http::{
    auth, compression, cors, docs, head, health, home, metrics, pretty, problems, rate_limit, request_id,
    trailing_slash,
};
use crate::query::CursorKey;
use crate::{batch, bi, changes, claims, config, dispatch, merging, timelines, vocabulary, warnings};

pub use shutdown::{Handle, Running};

/// Prepares a server on a listener; it runs while it is awaited.
///
/// # Errors
/// If the listener can't be used.
pub fn start(db: Db, configuration: &config::Server, listener: TcpListener) -> std::io::Result<Running> {
    let db = web::Data::new(db);
    let limits = web::Data::new(configuration.limits);
    let cursor_key = web::Data::new(CursorKey::default());
    let (metrics, bi_ended, follower_counts) = registered_metrics(&db).map_err(std::io::Error::other)?;
    let watching = Arc::new(bi::watch::start(db.target(), configuration.bi, bi_ended));
    let monitoring = Arc::new(monitor::start(&db));
    let sequencing = Arc::new(sequencer::start(&db));
    let followers = Followers::new(&db, configuration.limits, follower_counts);
    let polling = Arc::new(followers.start());
    let running = followers.clone();
    let followers = web::Data::new(followers);
    let metrics = web::Data::new(metrics);
    let known_tokens = web::Data::new(auth::KnownTokens::default());
    let rate_limit = web::Data::new(RateLimit::new(configuration.limits.rate));
    let trusted_proxies = configuration.trusted_proxies.iter().copied().flatten().collect();
    let trusted_proxies = web::Data::new(TrustedProxies(trusted_proxies));
    let origins: Vec<String> = configuration
        .cors_origins
        .iter()
        .filter(|origin| !origin.is_empty())
        .cloned()
        .collect();
    let stalled_seconds = configuration.limits.stalled_seconds;
    let mut server = HttpServer::new(move || {
        // Held by the server, so that these tasks end with it.
        let _ = (&watching, &monitoring, &sequencing, &polling);
        let (app, mut document) = App::new()
            .into_utoipa_app()
            .openapi(openapi::Document::openapi())
            .app_data(db.clone())
            .app_data(limits.clone())
            .app_data(cursor_key.clone())
            .app_data(metrics.clone())
            .app_data(followers.clone())
            .app_data(known_tokens.clone())
            .app_data(rate_limit.clone())
            .app_data(trusted_proxies.clone())
            .service(home::show)
            .service(home::show_index)
            .service(problems::show)
            .service(health::health)
            .service(health::ready)
            .service(metrics::show)
            .configure(dispatch::routes)
            .configure(timelines::api::routes)
            .configure(claims::api::routes)
            .configure(warnings::api::routes)
            .configure(changes::api::routes)
            .configure(batch::api::routes)
            .configure(vocabulary::api::routes)
            .configure(merging::api::routes)
            // Last: its paths begin with a parameter.
            .configure(history::api::routes)
            .split_for_parts();
        openapi::complete(&mut document);
        app.app_data(web::Data::new(document))
            .service(openapi_document)
            .configure(docs::routes)
            .default_service(web::to(no_route))
            .wrap(from_fn(merging::redirect::middleware))
            .wrap(from_fn(auth::middleware))
            .wrap(from_fn(rate_limit::middleware))
            .wrap(from_fn(problems::middleware))
            .wrap(Condition::new(!origins.is_empty(), cors::rules(&origins)))
            .wrap(from_fn(cors::refusals))
            .wrap(from_fn(metrics::middleware))
            .wrap(DefaultHeaders::new().add((header::X_CONTENT_TYPE_OPTIONS, "nosniff")))
            .wrap(from_fn(request_id::middleware))
            .wrap(from_fn(head::middleware))
            .wrap(from_fn(trailing_slash::middleware))
            .wrap(from_fn(pretty::middleware))
            .wrap(from_fn(compression::middleware))
    })
    // The grace period in which a client whose body was not read can still read the response.
    // A client that closes its side is gone: its read is cancelled. Writes go on, in tasks of their own.
    .h1_allow_half_closed(false)
    .client_disconnect_timeout(Duration::from_secs(5))
    .on_connect(move |connection, _| shutdown::close_when_stalled(connection, stalled_seconds))
    .shutdown_timeout(configuration.shutdown_seconds)
    .disable_signals();
    if let Some(workers) = configuration.workers {
        server = server.workers(usize::from(workers));
    }
    Ok(Running::new(server.listen(listener)?.run(), running))
}

/// Returns the metrics of a server, and the counters among them that other tasks increment.
fn registered_metrics(
    db: &Db,
) -> std::result::Result<(Metrics, Ended, followers::Counts), prometheus::Error> {
    let metrics = Metrics::new()?;
    let bi_ended = Ended::new()?;
    metrics.register(Box::new(bi_ended.counter()))?;
    let followers = followers::Counts::new()?;
    for collector in followers.collectors().into_iter().chain(db.counts().collectors()) {
        metrics.register(collector)?;
    }
    Ok((metrics, bi_ended, followers))
}

#[get("/openapi.json")]
async fn openapi_document(document: web::Data<utoipa::openapi::OpenApi>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .json(&**document)
}

/// Responds where no route matches: the path is unknown, or does not support the method.
async fn no_route(
    request: HttpRequest,
    document: web::Data<utoipa::openapi::OpenApi>,
) -> Result<HttpResponse> {
    let methods = match request.path() {
        // These paths are not part of the document.
        "/openapi.json" => vec!["GET", "HEAD"],
        path if docs::is_below(path) => vec!["GET", "HEAD"],
        path => openapi::methods_of(&document, path),
    };
    if methods.is_empty() {
        return Err(Error::not_found(format!(
            "there is no path {}; {} lists all paths",
            request.path(),
            docs::HOME
        )));
    }
    if request.method() == Method::OPTIONS {
        return Ok(HttpResponse::NoContent()
            .insert_header((header::ALLOW, methods.join(", ")))
            .finish());
    }
    let allow = methods.join(", ");
    Err(Error::new(
        Problem::MethodNotAllowed,
        format!(
            "this path does not support {}; it supports {allow}",
            request.method()
        ),
    )
    .with_allow(allow))
}
