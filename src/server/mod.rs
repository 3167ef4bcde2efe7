//! The server: every route on one screen. The program and the tests start it with the same function.

mod connections;
mod open_files;
mod openapi;
mod shutdown;

use std::io;
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, Protocol};
use actix_server::Server;
use actix_service::{IntoServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::dev::AppConfig;
use actix_web::http::header::HeaderValue;
use actix_web::http::{Method, header};
use actix_web::middleware::{Condition, DefaultHeaders, from_fn};
use actix_web::{App, HttpRequest, HttpResponse, get, web};
use tokio::net::TcpStream;
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;

use crate::bi::watch::Ended;
use crate::changes::followers::{self, Followers};
use crate::db::{Db, monitor, sequencer};
use crate::error::{Error, Problem, Result};
use crate::history;
use crate::http::body::Bodies;
use crate::http::client_address::TrustedProxies;
use crate::http::fixed::Fixed;
use crate::http::html::POLICY_OF_DATA;
use crate::http::known_tokens::KnownTokens;
use crate::http::memory::{self, Memory};
use crate::http::metrics::Metrics;
use crate::http::rate_limit::RateLimit;
use crate::http::{
    auth, compression, cors, docs, head, health, home, large_responses, metrics, pretty, problems,
    rate_limit, request_id, trailing_slash,
};
use crate::query::CursorKey;
use crate::text::near;
use crate::{batch, bi, changes, claims, config, dispatch, merging, search, timelines, vocabulary, warnings};

use connections::{Connection, Connections};

pub use open_files::raise_limit;
pub use shutdown::{Handle, Running};

/// The OpenAPI document as it is sent.
#[derive(Default)]
struct Description(OnceLock<Fixed>);

/// The time in which the first request of a connection must arrive, up to its body.
const FIRST_HEAD: Duration = Duration::from_secs(5);

/// The grace period in which a client whose body was not read can still read the response.
const DISCONNECT: Duration = Duration::from_secs(5);

/// Prepares a server on a listener; it runs while it is awaited.
///
/// # Errors
/// If the listener can't be used.
pub fn start(db: Db, configuration: &config::Server, listener: TcpListener) -> io::Result<Running> {
    let db = web::Data::new(db);
    let limits = web::Data::new(configuration.limits);
    let bodies = web::Data::new(Bodies::new(configuration.limits, db.counts()));
    let cursor_key = web::Data::new(CursorKey::default());
    let Registered {
        metrics,
        bi_ended,
        followers: follower_counts,
        connections: connection_counts,
        memory: memory_counts,
    } = registered_metrics(&db).map_err(io::Error::other)?;
    let watching = Arc::new(bi::watch::start(db.target(), configuration.bi, bi_ended));
    let monitoring = Arc::new(monitor::start(&db));
    let sequencing = Arc::new(sequencer::start(&db));
    let followers = Followers::new(&db, configuration.limits, follower_counts);
    let polling = Arc::new(followers.start());
    let running = followers.clone();
    let followers = web::Data::new(followers);
    let metrics = web::Data::new(metrics);
    let responses = web::Data::new(large_responses::Responses::new(db.counts()));
    let memory_bytes = configuration.limits.read_memory_megabytes << 20;
    let memory = web::Data::new(Memory::new(memory_bytes, memory_counts));
    let known_tokens = web::Data::new(KnownTokens::default());
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
    let workers = configuration.workers.map_or_else(
        || std::thread::available_parallelism().map_or(2, usize::from),
        usize::from,
    );
    let most = open_files::most_connections(configuration, workers);
    tracing::info!(most, "connections");
    let connections = Connections::new(most, TrustedProxies::clone(&trusted_proxies), connection_counts);
    let description = web::Data::new(Description::default());
    let app = move || {
        // Held by the server, so that these tasks end with it.
        let _ = (&watching, &monitoring, &sequencing, &polling);
        let (app, mut document) = App::new()
            .into_utoipa_app()
            .openapi(openapi::Document::openapi())
            .app_data(db.clone())
            .app_data(limits.clone())
            .app_data(bodies.clone())
            .app_data(cursor_key.clone())
            .app_data(metrics.clone())
            .app_data(followers.clone())
            .app_data(responses.clone())
            .app_data(memory.clone())
            .app_data(db.snapshots())
            .app_data(web::Data::new(dispatch::kinds()))
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
            .configure(search::api::routes)
            .configure(changes::api::routes)
            .configure(batch::api::routes)
            .configure(vocabulary::api::routes)
            .configure(merging::api::routes)
            // Last: its paths begin with a parameter.
            .configure(history::api::routes)
            .split_for_parts();
        openapi::complete(&mut document);
        // The same in every worker: the first one writes it.
        if description.0.get().is_none() {
            match described(&document) {
                Ok(json) => drop(description.0.set(json)),
                Err(error) => tracing::error!(%error, "the OpenAPI document could not be written"),
            }
        }
        app.app_data(web::Data::new(document))
            .app_data(description.clone())
            .service(openapi_document)
            .configure(docs::routes)
            .default_service(web::to(no_route))
            .wrap(from_fn(merging::redirect::middleware))
            .wrap(from_fn(large_responses::middleware))
            .wrap(from_fn(memory::middleware))
            .wrap(from_fn(auth::middleware))
            .wrap(from_fn(rate_limit::middleware))
            .wrap(from_fn(problems::middleware))
            .wrap(Condition::new(!origins.is_empty(), cors::rules(&origins)))
            .wrap(from_fn(cors::refusals))
            .wrap(from_fn(metrics::middleware))
            .wrap(
                DefaultHeaders::new()
                    .add((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
                    .add((header::CONTENT_SECURITY_POLICY, POLICY_OF_DATA)),
            )
            .wrap(from_fn(request_id::middleware))
            .wrap(from_fn(head::middleware))
            .wrap(from_fn(trailing_slash::middleware))
            .wrap(from_fn(pretty::middleware))
            .wrap(from_fn(compression::middleware))
            .wrap(from_fn(connections::middleware))
    };
    let mut server = Server::build()
        .shutdown_timeout(configuration.shutdown_seconds)
        .disable_signals();
    // Each worker counts by itself. The server as a whole makes room earlier, so that they only stop accepting in a flood.
    server = server
        .workers(workers)
        .max_concurrent_connections(open_files::most_open(most).div_ceil(workers));
    let stopping = server.graceful_shutdown_signal();
    // actix_web's HttpServer does the same, but with sockets of its own.
    let server = server.listen("http", listener, move || {
        let stopping = stopping.clone();
        let connections = connections.clone();
        let http = HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .client_request_timeout(FIRST_HEAD)
            .client_disconnect_timeout(DISCONNECT)
            .on_connect_ext(|connection: &Connection, data| {
                data.insert(connection.state());
            })
            .finish(map_config(
                app()
                    .into_factory()
                    .map_err(|error: actix_web::Error| error.error_response()),
                |()| AppConfig::default(),
            ));
        fn_service(move |stream| accept(stream, connections.clone(), stalled_seconds)).and_then(http)
    })?;
    Ok(Running::new(server.run(), running))
}

/// Takes a new connection in, or refuses it with a response.
async fn accept(
    stream: TcpStream,
    connections: Connections,
    stalled_seconds: u64,
) -> std::result::Result<(Connection, Protocol, Option<std::net::SocketAddr>), DispatchError> {
    let peer = stream.peer_addr().ok();
    let address = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    shutdown::close_when_stalled(&stream, stalled_seconds);
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection could not be set to send at once");
    }
    match connections.admit(address) {
        Ok(admitted) => Ok((Connection::new(stream, admitted), Protocol::Http1, peer)),
        Err(refusal) => {
            connections::refuse(stream, refusal, connections.lingering()).await;
            Err(DispatchError::Io(io::ErrorKind::ConnectionRefused.into()))
        }
    }
}

/// The metrics of a server, and those among them that other tasks count.
struct Registered {
    metrics: Metrics,
    bi_ended: Ended,
    followers: followers::Counts,
    connections: connections::Counts,
    memory: memory::Counts,
}

fn registered_metrics(db: &Db) -> std::result::Result<Registered, prometheus::Error> {
    let metrics = Metrics::new()?;
    let bi_ended = Ended::new()?;
    metrics.register(Box::new(bi_ended.counter()))?;
    let followers = followers::Counts::new()?;
    for collector in followers.collectors().into_iter().chain(db.counts().collectors()) {
        metrics.register(collector)?;
    }
    let connections = connections::Counts::new()?;
    for collector in connections.collectors() {
        metrics.register(collector)?;
    }
    let memory = memory::Counts::new()?;
    for collector in memory.collectors() {
        metrics.register(collector)?;
    }
    Ok(Registered {
        metrics,
        bi_ended,
        followers,
        connections,
        memory,
    })
}

/// Returns the response that describes the API, for pages of every origin.
///
/// # Errors
/// If the document can't be written as JSON.
fn described(document: &utoipa::openapi::OpenApi) -> serde_json::Result<Fixed> {
    let mut json = serde_json::to_vec(document)?;
    json.push(b'\n');
    let any_origin = (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(Fixed::new("application/json", json, [any_origin]))
}

#[get("/openapi.json")]
async fn openapi_document(request: HttpRequest, description: web::Data<Description>) -> Result<HttpResponse> {
    match description.0.get() {
        Some(document) => document.respond(&request).await,
        None => Err(Error::internal("the OpenAPI document could not be written")),
    }
}

/// Responds where no route matches: the path is unknown, or does not support the method.
async fn no_route(
    request: HttpRequest,
    document: web::Data<utoipa::openapi::OpenApi>,
) -> Result<HttpResponse> {
    let methods = match request.path() {
        // These paths are not part of the document.
        openapi::DOCUMENT => vec!["GET", "HEAD"],
        path if docs::is_below(path) => vec!["GET", "HEAD"],
        path => openapi::methods_of(&document, path),
    };
    if methods.is_empty() {
        return Err(Error::not_found(format!(
            "there is no path {}; {}{} lists all paths",
            request.path(),
            near::question(&openapi::near(&document, request.path())),
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
