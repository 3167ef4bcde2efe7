//! `/problems/{word}`: the page that each problem's type points to; and that no failure is answered
//! otherwise than as a problem.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, ResponseError, get};
use serde_json::json;

use crate::error::{Error, Problem, Result};
use crate::http::home::{escape_html, prefers_html};
use crate::http::path::segment;

/// What a problem type means and what to do about it
#[utoipa::path(
    tag = "about",
    operation_id = "show_problem",
    params(("word" = String, Path, description = "The last word of a problem's type", example = "invalid-record")),
    responses(
        (status = 200, description = "The problem explained", content((serde_json::Value = "application/json"), (String = "text/html"))),
        (status = 404, description = "No such problem", body = crate::error::ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/problems/{word}")]
pub async fn show(request: HttpRequest) -> Result<HttpResponse> {
    let word = segment(&request, "word")?;
    let problem = Problem::from_word(&word).ok_or_else(|| {
        let words: Vec<&str> = Problem::ALL.into_iter().map(Problem::word).collect();
        Error::not_found(format!(
            "no problem has this word; known are {}",
            words.join(", ")
        ))
    })?;
    if prefers_html(&request) {
        return Ok(HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .body(format!(
                "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\
             <body style=\"font-family:system-ui;max-width:40rem;margin:3rem auto;line-height:1.5\">\
             <p>{status} · <code>{word}</code></p><h1>{title}</h1><p>{explanation}</p></body></html>",
                title = escape_html(problem.title()),
                status = problem.status().as_u16(),
                word = problem.word(),
                explanation = escape_html(problem.explanation()),
            )));
    }
    Ok(HttpResponse::Ok().json(json!({
        "type": format!("/problems/{}", problem.word()),
        "title": problem.title(),
        "status": problem.status().as_u16(),
        "explanation": problem.explanation(),
    })))
}

/// Makes a problem of every failure that is none yet: what actix or a file server answers by itself.
pub async fn middleware<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let answered = next.call(request).await?;
    let status = answered.status();
    let is_problem = answered
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|sent| sent == "application/problem+json");
    if is_problem || !(status.is_client_error() || status.is_server_error()) {
        return Ok(answered.map_into_left_body());
    }
    let response = match status {
        StatusCode::NOT_FOUND => Error::not_found(format!("nothing is at {}", answered.request().path())),
        status if status.is_client_error() => Error::malformed("", format!("the request got {status}")),
        status => Error::internal(format_args!("an answer {status} of somebody else's")),
    }
    .error_response();
    Ok(answered.into_response(response).map_into_right_body())
}
