//! What those who run the server ask: does the process live, can it serve, how much does it do.

use std::time::{Duration, Instant};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpResponse, get, web};
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};
use serde_json::json;

use crate::bi::watch::Ended;
use crate::changes::followers;
use crate::db::{Db, migrate};
use crate::error::{Error, Result};

/// The numbers of one server.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    under_way: IntGauge,
    bi_ended: Ended,
    followers: followers::Counts,
}

impl Metrics {
    pub fn new() -> std::result::Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let requests = IntCounterVec::new(
            Opts::new("demarche_http_requests_total", "Requests answered"),
            &["method", "route", "status"],
        )?;
        let seconds = HistogramVec::new(
            HistogramOpts::new(
                "demarche_http_request_seconds",
                "Time until the head of the answer",
            )
            .buckets(vec![
                0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
            ]),
            &["method", "route"],
        )?;
        let under_way = IntGauge::new("demarche_http_requests_under_way", "Requests being answered")?;
        let info = IntCounterVec::new(
            Opts::new("demarche_build_info", "The program's version"),
            &["version"],
        )?;
        info.with_label_values(&[env!("CARGO_PKG_VERSION")]).inc();
        let bi_ended = Ended::new()?;
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        registry.register(Box::new(under_way.clone()))?;
        registry.register(Box::new(info))?;
        registry.register(Box::new(bi_ended.counter()))?;
        let followers = followers::Counts::new()?;
        for collector in followers.collectors() {
            registry.register(collector)?;
        }
        Ok(Self {
            registry,
            requests,
            seconds,
            under_way,
            bi_ended,
            followers,
        })
    }

    /// Where the watch over BI logins counts.
    pub fn bi_ended(&self) -> Ended {
        self.bi_ended.clone()
    }

    /// Where those who wait for changes are counted.
    pub fn followers(&self) -> followers::Counts {
        self.followers.clone()
    }
}

/// How long a request waited because it asked to: that is no time that the answer took.
pub struct Waited(pub Duration);

/// Counts a request as under way for as long as it is held: one whose client hangs up is dropped, not
/// answered.
struct UnderWay(IntGauge);

impl UnderWay {
    fn new(gauge: &IntGauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Counts a request under its route's pattern: paths and methods that clients invent must not make
/// new series.
pub async fn middleware<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse<B>, actix_web::Error> {
    let Some(metrics) = request.app_data::<web::Data<Metrics>>().cloned() else {
        return next.call(request).await;
    };
    let method = match request.method().as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known.to_owned(),
        _ => "other".to_owned(),
    };
    let route = request.match_pattern().unwrap_or_else(|| "none".to_owned());
    let begun = Instant::now();
    let under_way = UnderWay::new(&metrics.under_way);
    let answered = next.call(request).await;
    drop(under_way);
    let status = answered.as_ref().map_or_else(
        |error| error.as_response_error().status_code(),
        |answer| answer.status(),
    );
    metrics
        .requests
        .with_label_values(&[method.as_str(), route.as_str(), status.as_str()])
        .inc();
    let waited = answered.as_ref().ok().and_then(|answer| {
        let extensions = answer.request().extensions();
        extensions.get::<Waited>().map(|waited| waited.0)
    });
    metrics
        .seconds
        .with_label_values(&[method.as_str(), route.as_str()])
        .observe(
            begun
                .elapsed()
                .saturating_sub(waited.unwrap_or_default())
                .as_secs_f64(),
        );
    answered
}

/// Whether the process lives
#[utoipa::path(tag = "operations", responses((status = 200, description = "It does", body = serde_json::Value)))]
#[get("/healthz")]
pub async fn health() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "ok"}))
}

/// Whether requests can be served: the database answers and its schema is current
#[utoipa::path(tag = "operations", responses(
    (status = 200, description = "They can", body = serde_json::Value),
    (status = 503, description = "They can't", body = crate::error::ProblemBody, content_type = "application/problem+json"),
))]
#[get("/readyz")]
pub async fn ready(db: web::Data<Db>) -> Result<HttpResponse> {
    match migrate::is_current(&db).await {
        Ok(true) => Ok(HttpResponse::Ok().json(json!({"status": "ok"}))),
        Ok(false) => Err(Error::unavailable(
            "the database's schema is behind: run demarche migrate",
            "pending migrations",
        )),
        Err(error) => Err(Error::unavailable("the database does not answer", error)),
    }
}

/// Numbers for Prometheus
#[utoipa::path(tag = "operations", responses((status = 200, description = "The numbers", body = String, content_type = "text/plain")))]
#[get("/metrics")]
pub async fn numbers(metrics: web::Data<Metrics>) -> Result<HttpResponse> {
    let mut text = Vec::new();
    let encoder = TextEncoder::new();
    encoder
        .encode(&metrics.registry.gather(), &mut text)
        .map_err(Error::internal)?;
    Ok(HttpResponse::Ok().content_type(encoder.format_type()).body(text))
}
