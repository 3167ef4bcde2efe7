//! `/problems/{word}`: the page that each problem's type points to.

use actix_web::{HttpRequest, HttpResponse, get};
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
