//! Health checks: whether the process runs, and whether it can serve requests.

use actix_web::{HttpResponse, get, web};
use serde_json::json;

use crate::db::{Db, Health};
use crate::error::{Error, Result};

/// Checks whether the process runs
#[utoipa::path(tag = "operations", responses((status = 200, description = "The process runs", body = serde_json::Value)))]
#[get("/healthz")]
pub async fn health() -> HttpResponse {
    HttpResponse::Ok().json(json!({"status": "ok"}))
}

/// Checks whether requests can be served: the database responds and its schema is current
///
/// The server looks at the database for it. If the database does not respond at once, the answer is what it saw last, at most a few seconds ago.
#[utoipa::path(tag = "operations", responses(
    (status = 200, description = "Requests can be served", body = serde_json::Value),
    (status = 503, description = "Requests can't be served", body = crate::http::problems::ProblemBody, content_type = "application/problem+json"),
))]
#[get("/readyz")]
pub async fn ready(db: web::Data<Db>) -> Result<HttpResponse> {
    match db.health().now().await {
        Health::Current => Ok(HttpResponse::Ok().json(json!({"status": "ok"}))),
        Health::Outdated => Err(Error::unavailable(
            "the database's schema is out of date; run demarche migrate",
            "pending migrations",
        )),
        Health::Silent(reason) => Err(Error::unavailable("the database does not respond", reason)),
        Health::Unknown => Err(Error::unavailable(
            "the database did not respond yet",
            "no look at the database has ended",
        )),
    }
}
