//! The text of JSON responses: it ends with a newline, and `pretty=true` indents it.

use std::sync::Arc;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{HttpMessage, HttpRequest};
use utoipa::IntoParams;

use crate::error::{Error, Result};
use crate::heavy;
use crate::http::compression::{Final, Forms};
use crate::query::parameters::{given_twice, truth};

/// The parameter of every read of JSON below `/v1`.
pub const PRETTY: &str = "pretty";

/// The parameter, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameter, which is read by name")]
pub struct PrettyParameter {
    /// `true` indents the JSON of the response. Not for CSV, NDJSON and event streams
    #[param(required = false)]
    pretty: bool,
}

/// Whether a request asked for indented JSON, in its extensions; absent if the request does not have the parameter.
struct Asked(bool);

/// Reads the value of `pretty`, for [`middleware`].
///
/// # Errors
/// Malformed request if it is neither true nor false, or given twice.
pub fn read(request: &HttpRequest, value: &str) -> Result<()> {
    let asked = truth(PRETTY, value)?;
    match request.extensions_mut().insert(Asked(asked)) {
        None => Ok(()),
        Some(_) => Err(given_twice(PRETTY)),
    }
}

/// Refuses `pretty` for a response that is not JSON.
///
/// # Errors
/// Malformed request if the request has the parameter.
pub fn refuse(request: &HttpRequest, format: &str) -> Result<()> {
    if request.extensions().contains::<Asked>() {
        return Err(Error::malformed(
            format!("?{PRETTY}"),
            format!("{PRETTY} indents JSON, and this response is {format}; leave {PRETTY} out"),
        ));
    }
    Ok(())
}

/// Ends each JSON response with a newline, problem documents too, and indents it if [`read`] found `true`. The ETag stays:
/// it is that of the record.
///
/// # Errors
/// Those of the route.
pub async fn middleware<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> std::result::Result<ServiceResponse<EitherBody<B, Bytes>>, actix_web::Error> {
    let response = next.call(request).await?;
    let is_json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|sent| sent == "application/json" || sent == "application/problem+json");
    let is_done = {
        let marks = response.response().extensions();
        marks.contains::<Final>() || marks.contains::<Arc<Forms>>()
    };
    if !is_json || is_done {
        return Ok(response.map_into_left_body());
    }
    let is_indented = is_indented(response.request());
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let body = match body.try_into_bytes() {
        Ok(json) => EitherBody::right(written(json, is_indented).await?),
        Err(body) => EitherBody::left(body),
    };
    Ok(ServiceResponse::new(request, response.set_body(body)))
}

/// Returns whether [`read`] found that a request asks for indented JSON.
pub fn is_indented(request: &HttpRequest) -> bool {
    request.extensions().get::<Asked>().is_some_and(|asked| asked.0)
}

/// Returns the text that is sent for a JSON body.
///
/// # Errors
/// Internal if the work can't be done.
pub async fn written(json: Bytes, is_indented: bool) -> Result<Bytes> {
    heavy::run(json.len(), move || Ok(text(&json, is_indented))).await
}

fn text(json: &[u8], is_indented: bool) -> Bytes {
    let indented = if is_indented { indent(json) } else { None };
    let mut text = indented.unwrap_or_else(|| {
        let mut text = Vec::with_capacity(json.len() + 1);
        text.extend_from_slice(json);
        text
    });
    text.push(b'\n');
    Bytes::from(text)
}

/// Indents a JSON text and keeps the order of its fields; `None` if it is not JSON.
fn indent(json: &[u8]) -> Option<Vec<u8>> {
    let mut indented = Vec::with_capacity(json.len() * 2);
    let mut from = serde_json::Deserializer::from_slice(json);
    let mut to = serde_json::Serializer::pretty(&mut indented);
    serde_transcode::transcode(&mut from, &mut to).ok()?;
    Some(indented)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indenting_changes_blanks_alone() {
        let json =
            r#"{"b":[1,2.0,-0.0,1e+300,18446744073709551615],"a":{"c":[],"d":{}},"e":" \"\u0001é","f":null}"#;

        let pretty = text(json.as_bytes(), true);

        let pretty = std::str::from_utf8(&pretty).expect("text");
        assert!(pretty.starts_with("{\n  \"b\": [\n    1,\n    2.0,"), "{pretty}");
        assert!(pretty.ends_with("\n}\n"), "{pretty}");
        let lines: String = pretty.lines().map(str::trim_start).collect();
        assert_eq!(lines.replace("\": ", "\":"), json);
        assert_eq!(text(json.as_bytes(), false), format!("{json}\n"));
    }
}
