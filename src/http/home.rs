//! `GET /` and `GET /v1`: what the registry is, what it holds and where to go, as HTML for people and JSON for programs.

use actix_web::{HttpRequest, HttpResponse, get, web};
use diesel::QueryableByName;
use diesel::sql_types;
use serde_json::json;

use crate::db::{Db, Statement};
use crate::error::Result;
use crate::http::auth::Reader;
use crate::http::docs;
use crate::http::html::{escape_html, page, prefers_html};
use crate::http::path::PrettyAlone;
use crate::http::response::vary;
use crate::resource::Kind;

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = sql_types::Text)]
    resource: String,
    #[diesel(sql_type = sql_types::BigInt)]
    records: i64,
}

/// Describes the registry: what it is, what it holds and where to go
#[utoipa::path(tag = "about", operation_id = "show_home", responses(
    (status = 200, description = "The registry", content((serde_json::Value = "application/json"), (String = "text/html"))),
    (status = 401, description = "No valid token, where one is required", body = crate::http::problems::ProblemBody, content_type = "application/problem+json"),
    (status = 503, description = "The database can't be reached", body = crate::http::problems::ProblemBody, content_type = "application/problem+json"),
))]
#[get("/")]
pub async fn show(request: HttpRequest, db: web::Data<Db>, _: Reader) -> Result<HttpResponse> {
    let counts = counts(&db).await?;
    let mut response = HttpResponse::Ok();
    vary(&mut response);
    if prefers_html(&request) {
        return Ok(page(&mut response, "Demarche", &body(&counts)));
    }
    Ok(response.json(index(&counts)))
}

/// Describes the registry, as / does for programs
#[utoipa::path(tag = "about", operation_id = "show_index", responses(
    (status = 200, description = "The registry", body = serde_json::Value),
))]
#[get("/v1")]
pub async fn show_index(_: PrettyAlone, db: web::Data<Db>, _: Reader) -> Result<HttpResponse> {
    let counts = counts(&db).await?;
    let mut response = HttpResponse::Ok();
    vary(&mut response);
    Ok(response.json(index(&counts)))
}

async fn counts(db: &Db) -> Result<Vec<CountRow>> {
    let counts = Kind::ALL.map(|kind| {
        format!(
            "select '{}' as resource, count(*) as records from {}",
            kind.path(),
            kind.table()
        )
    });
    db.read_slowly(Statement::new(counts.join(" union all "))).await
}

fn index(counts: &[CountRow]) -> serde_json::Value {
    let resources: serde_json::Map<String, serde_json::Value> = counts
        .iter()
        .map(|count| {
            let about = json!({"href": format!("/v1/{}", count.resource), "records": count.records});
            (count.resource.clone(), about)
        })
        .collect();
    json!({
        "name": "Demarche",
        "version": env!("CARGO_PKG_VERSION"),
        "description": "A registry of international actors, sanctions and diplomatic actions: who did what to whom, when, \
                        under which authority, why, and who says so",
        "resources": resources,
        "vocabularies": "/v1/vocabularies",
        "documentation": docs::HOME,
        "openapi": "/openapi.json",
        "health": "/healthz",
        "ready": "/readyz",
        "metrics": "/metrics",
    })
}

/// Returns the body of the page.
fn body(counts: &[CountRow]) -> String {
    let rows: String = counts
        .iter()
        .map(|count| {
            format!(
                "<tr><td><a href=\"/v1/{path}?limit=20\">{path}</a></td><td class=\"number\">{records}</td></tr>",
                path = escape_html(&count.resource),
                records = count.records
            )
        })
        .collect();
    format!(
        "<h1>Demarche</h1><p>A registry of international actors, sanctions and diplomatic actions: who did what to whom, \
         when, under which authority, why, and who says so.</p>\
         <table><tr><th>resource</th><th>records</th></tr>{rows}</table>\
         <h2>Where to go</h2><ul>\
         <li><a href=\"{docs}\">Try the API</a> (<a href=\"/openapi.json\">OpenAPI 3.1</a>)</li>\
         <li><a href=\"/v1/sanctions?sort=-imposed_on&amp;limit=20\">The latest sanctions</a></li>\
         <li><a href=\"/v1/dyads/iso3166:US/iso3166:CO/timeline\">What the United States and Colombia did to each other</a></li>\
         <li><a href=\"/v1/claims?claim_status=unconfirmed\">Claims that are not confirmed</a></li>\
         </ul><p>Version {version}</p>",
        version = env!("CARGO_PKG_VERSION"),
        docs = docs::HOME,
    )
}
