//! The server: every route on one screen. The program and the tests start the same function.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Service;
use actix_web::http::{Method, header};
use actix_web::middleware::{DefaultHeaders, from_fn};
use actix_web::{App, HttpMessage, HttpRequest, HttpResponse, HttpServer, get, web};
use utoipa::OpenApi;
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::SwaggerUi;

use crate::changes::followers::Followers;
use crate::db::{Db, sequencer};
use crate::error::{Error, Problem, Result};
use crate::history;
use crate::http::listing::CursorKey;
use crate::http::operations::Metrics;
use crate::http::rate_limit::RateLimit;
use crate::http::running::{Running, end_where_stalled};
use crate::http::{home, openapi, operations, problems, rate_limit, request_id};
use crate::{
    actors, batch, bi, changes, claims, config, diplomatic_actions, merging, programmes, relationships,
    sanctions, sources, timelines, vocabulary,
};

/// A request that was sent as HEAD and is answered as GET.
pub struct IsHead;

/// Starts to serve on a listener; the server runs when it is awaited.
pub fn start(db: Db, configuration: &config::Server, listener: TcpListener) -> std::io::Result<Running> {
    let db = web::Data::new(db);
    let limits = web::Data::new(configuration.limits);
    let cursor_key = web::Data::new(CursorKey::default());
    let metrics = Metrics::new().map_err(std::io::Error::other)?;
    let watching = Arc::new(bi::watch::start(
        db.target(),
        configuration.bi,
        metrics.bi_ended(),
    ));
    let sequencing = Arc::new(sequencer::start(&db));
    let followers = Followers::new(&db, configuration.limits, metrics.followers());
    let looking = Arc::new(followers.start());
    let running = followers.clone();
    let followers = web::Data::new(followers);
    let metrics = web::Data::new(metrics);
    let rate_limit = web::Data::new(RateLimit::new(configuration.limits.rate));
    let stalled_seconds = configuration.limits.stalled_seconds;
    let mut server = HttpServer::new(move || {
        // Held by the server, and so for as long as it runs.
        let _ = (&watching, &sequencing, &looking);
        let (app, mut document) = App::new()
            .into_utoipa_app()
            .openapi(openapi::Document::openapi())
            .app_data(db.clone())
            .app_data(limits.clone())
            .app_data(cursor_key.clone())
            .app_data(metrics.clone())
            .app_data(followers.clone())
            .app_data(rate_limit.clone())
            .service(home::show)
            .service(home::show_index)
            .service(problems::show)
            .service(operations::health)
            .service(operations::ready)
            .service(operations::numbers)
            .configure(actors::api::routes)
            .configure(relationships::api::routes)
            .configure(programmes::api::routes)
            .configure(sanctions::api::routes)
            .configure(diplomatic_actions::api::routes)
            .configure(sources::api::routes)
            .configure(timelines::api::routes)
            .configure(claims::api::routes)
            .configure(changes::api::routes)
            .configure(batch::api::routes)
            .configure(vocabulary::api::routes)
            .configure(merging::api::routes)
            // Last, for its paths begin with a parameter.
            .configure(history::api::routes)
            .split_for_parts();
        openapi::complete(&mut document);
        let swagger = utoipa_swagger_ui::Config::new(["/openapi.json"]).try_it_out_enabled(true);
        app.app_data(web::Data::new(document))
            .service(openapi_document)
            .route("/v1/", web::get().to(home::index_with_slash))
            .service(web::redirect("/docs", "/docs/").see_other())
            .service(SwaggerUi::new("/docs/{_:.*}").config(swagger))
            .default_service(web::to(nothing_here))
            .wrap(from_fn(merging::redirect::middleware))
            .wrap(from_fn(rate_limit::middleware))
            .wrap(from_fn(problems::middleware))
            .wrap(from_fn(operations::middleware))
            .wrap(DefaultHeaders::new().add((header::X_CONTENT_TYPE_OPTIONS, "nosniff")))
            .wrap(from_fn(request_id::middleware))
            .wrap_fn(|mut request, next| {
                // What answers GET answers HEAD; the body is left out when it is sent.
                if request.method() == Method::HEAD {
                    request.head_mut().method = Method::GET;
                    request.extensions_mut().insert(IsHead);
                }
                next.call(request)
            })
    })
    // Who sends a body that nobody reads gets so long to take the answer before the connection ends.
    .client_disconnect_timeout(Duration::from_secs(5))
    .on_connect(move |connection, _| end_where_stalled(connection, stalled_seconds))
    .shutdown_timeout(configuration.shutdown_seconds)
    .disable_signals();
    if let Some(workers) = configuration.workers {
        server = server.workers(usize::from(workers));
    }
    Ok(Running::new(server.listen(listener)?.run(), running))
}

#[get("/openapi.json")]
async fn openapi_document(document: web::Data<utoipa::openapi::OpenApi>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .json(&**document)
}

/// Answers what no route does: the path is unknown, or known with other methods only.
async fn nothing_here(
    request: HttpRequest,
    document: web::Data<utoipa::openapi::OpenApi>,
) -> Result<HttpResponse> {
    let methods = match request.path() {
        // The document does not tell of itself.
        "/openapi.json" => vec!["GET", "HEAD"],
        "/v1/" => vec!["GET", "HEAD"],
        path if path.starts_with("/docs/") => vec!["GET", "HEAD"],
        path => openapi::methods_of(&document, path),
    };
    if methods.is_empty() {
        return Err(Error::not_found(format!(
            "no path {} here; /docs/ shows them all",
            request.path()
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
        format!("{} is not known here; {allow} are", request.method()),
    )
    .with_allow(allow))
}
