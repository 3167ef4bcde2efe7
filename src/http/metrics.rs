//! Metrics for Prometheus: counters and times of requests, and those that other modules register.

use std::time::{Duration, Instant};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpResponse, get, web};
use prometheus::core::Collector;
use prometheus::{
    Encoder, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, Opts, Registry, TextEncoder,
};

use crate::error::{Error, Result};

/// The metrics of one server.
#[derive(Clone)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    seconds: HistogramVec,
    in_progress: IntGauge,
}

impl Metrics {
    /// Returns new metrics, all zero.
    ///
    /// # Errors
    /// If the name of a metric is not valid.
    pub fn new() -> std::result::Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let requests = IntCounterVec::new(
            Opts::new("demarche_http_requests_total", "Responses sent"),
            &["method", "route", "status"],
        )?;
        let seconds = HistogramVec::new(
            HistogramOpts::new(
                "demarche_http_request_seconds",
                "Time until the head of the response",
            )
            .buckets(vec![
                0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
            ]),
            &["method", "route"],
        )?;
        let in_progress = IntGauge::new("demarche_http_requests_under_way", "Requests in progress")?;
        let info = IntCounterVec::new(
            Opts::new("demarche_build_info", "The program's version"),
            &["version"],
        )?;
        info.with_label_values(&[env!("CARGO_PKG_VERSION")]).inc();
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(seconds.clone()))?;
        registry.register(Box::new(in_progress.clone()))?;
        registry.register(Box::new(info))?;
        Ok(Self {
            registry,
            requests,
            seconds,
            in_progress,
        })
    }

    /// Adds a metric that another module counts.
    ///
    /// # Errors
    /// If a metric of the same name is registered.
    pub fn register(&self, metric: Box<dyn Collector>) -> std::result::Result<(), prometheus::Error> {
        self.registry.register(metric)
    }
}

/// How long a request waited because it asked to. A handler puts it into the request's extensions, so that it is not counted
/// as time that the response took.
pub struct Waited(pub Duration);

/// Counts a request as in progress until it is dropped: a request whose client disconnects never ends otherwise.
struct InProgress(IntGauge);

impl InProgress {
    fn new(gauge: &IntGauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for InProgress {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Counts a request under the pattern of its route: paths and methods that clients invent must not create new series.
///
/// # Errors
/// Those of the route.
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
    let started = Instant::now();
    let in_progress = InProgress::new(&metrics.in_progress);
    let result = next.call(request).await;
    drop(in_progress);
    let status = result.as_ref().map_or_else(
        |error| error.as_response_error().status_code(),
        |response| response.status(),
    );
    metrics
        .requests
        .with_label_values(&[method.as_str(), route.as_str(), status.as_str()])
        .inc();
    let waited = result.as_ref().ok().and_then(|response| {
        let extensions = response.request().extensions();
        extensions.get::<Waited>().map(|waited| waited.0)
    });
    metrics
        .seconds
        .with_label_values(&[method.as_str(), route.as_str()])
        .observe(
            started
                .elapsed()
                .saturating_sub(waited.unwrap_or_default())
                .as_secs_f64(),
        );
    result
}

/// Returns the metrics in the text format of Prometheus
#[utoipa::path(
    tag = "operations",
    operation_id = "show_metrics",
    responses((status = 200, description = "The metrics", body = String, content_type = "text/plain"))
)]
#[get("/metrics")]
pub async fn show(metrics: web::Data<Metrics>) -> Result<HttpResponse> {
    let mut text = Vec::new();
    let encoder = TextEncoder::new();
    encoder
        .encode(&metrics.registry.gather(), &mut text)
        .map_err(Error::internal)?;
    Ok(HttpResponse::Ok().content_type(encoder.format_type()).body(text))
}
