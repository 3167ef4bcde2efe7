//! Problem documents (RFC 9457): the response to every failure, and the page that explains each kind of problem.

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, ResponseError, get};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::context;
use crate::error::{Error, Fault, Problem, Result};
use crate::http::html::{escape_html, page, prefers_html};
use crate::http::path::segment;

/// A problem document: `application/problem+json`, RFC 9457.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// `/problems/{word}`, the address of a page that explains the problem
    pub r#type: String,
    /// What kind of problem it is, in a few words
    pub title: String,
    /// The HTTP status code
    pub status: u16,
    /// What is wrong with this request, and what to do
    pub detail: String,
    /// The request's id, also in the header X-Request-Id
    pub instance: String,
    /// The faults of the request; empty if it has none
    pub errors: Vec<Fault>,
}

impl ProblemBody {
    /// Returns the document of a failure, under the id of the current request.
    pub fn of(error: &Error) -> Self {
        let problem = error.problem();
        Self {
            r#type: format!("/problems/{}", problem.word()),
            title: problem.title().to_owned(),
            status: problem.status(),
            detail: error.detail().to_owned(),
            instance: context::request_id(),
            errors: error.fault_list().to_vec(),
        }
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.problem().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Returns the problem document; logs a failure of the server or of the database.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.content_type("application/problem+json");
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        match self.problem() {
            Problem::Internal => {
                tracing::error!(request_id = context::request_id(), cause = %self, "request failed");
            }
            Problem::Unavailable => {
                tracing::warn!(request_id = context::request_id(), cause = %self, "request not served");
                response.insert_header((header::RETRY_AFTER, "1"));
            }
            // Not logged: a crowd would fill the log. They are counted (`/metrics`).
            Problem::TooManyRequests | Problem::Overloaded => {
                response.insert_header((header::RETRY_AFTER, "1"));
            }
            Problem::Unauthorized => {
                response.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"demarche\""));
            }
            Problem::MethodNotAllowed => {
                if let Some(allow) = self.allow() {
                    response.insert_header((header::ALLOW, allow));
                }
            }
            Problem::RequestTimeout => {
                // The rest of the body would be read as the next request.
                response.force_close();
            }
            Problem::MalformedRequest
            | Problem::Forbidden
            | Problem::NotFound
            | Problem::NotAcceptable
            | Problem::Conflict
            | Problem::PreconditionFailed
            | Problem::TooLarge
            | Problem::UnsupportedMediaType
            | Problem::InvalidRecord
            | Problem::PreconditionRequired
            | Problem::TooSlow
            | Problem::HeadersTooLarge => {}
        }
        response.json(ProblemBody::of(self))
    }
}

/// Explains a kind of problem and what to do about it
#[utoipa::path(
    tag = "about",
    operation_id = "show_problem",
    params(("word" = String, Path, description = "The last part of the problem's `type`", example = "invalid-record")),
    responses(
        (status = 200, description = "The explanation", content((serde_json::Value = "application/json"), (String = "text/html"))),
        (status = 404, description = "No such problem", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
#[get("/problems/{word}")]
pub async fn show(request: HttpRequest) -> Result<HttpResponse> {
    let word = segment(&request, "word")?;
    let problem = Problem::from_word(&word).ok_or_else(|| {
        let words: Vec<&str> = Problem::ALL.into_iter().map(Problem::word).collect();
        Error::not_found(format!(
            "no problem has this name; known are {}",
            words.join(", ")
        ))
    })?;
    let mut response = HttpResponse::Ok();
    response.insert_header((header::VARY, "Accept"));
    if prefers_html(&request) {
        let body = format!(
            "<p>{status} · <code>{word}</code></p><h1>{title}</h1><p>{explanation}</p>",
            title = escape_html(problem.title()),
            status = problem.status(),
            word = problem.word(),
            explanation = escape_html(problem.explanation()),
        );
        return Ok(page(&mut response, problem.title(), &body));
    }
    Ok(response.json(json!({
        "type": format!("/problems/{}", problem.word()),
        "title": problem.title(),
        "status": problem.status(),
        "explanation": problem.explanation(),
    })))
}

/// Turns every other failure into a problem document: those that actix or Swagger UI respond with by themselves.
///
/// # Errors
/// Those of reading the response that it replaces.
pub async fn middleware<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let response = next.call(request).await?;
    let status = response.status();
    let is_problem = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|sent| sent == "application/problem+json");
    if is_problem || !(status.is_client_error() || status.is_server_error()) {
        return Ok(response.map_into_left_body());
    }
    let error = match status {
        StatusCode::NOT_FOUND => Error::not_found(format!("nothing is at {}", response.request().path())),
        status if status.is_client_error() => {
            Error::malformed("", format!("the request was refused with {status}"))
        }
        status => Error::internal(format_args!("a response {status} that is not a problem document")),
    };
    Ok(response
        .into_response(error.error_response())
        .map_into_right_body())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unavailable_database_is_retried_later() {
        let response = Error::unavailable("unavailable", "out of memory").error_response();

        assert_eq!(response.status(), 503);
        assert!(response.headers().contains_key(header::RETRY_AFTER));
    }
}
