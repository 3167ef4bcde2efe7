//! A slash at the end of a path below `/v1` has no meaning.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Uri;
use actix_web::http::uri::PathAndQuery;
use actix_web::middleware::Next;

/// Removes one slash from the end of a path below `/v1`, before a route is chosen: routes, metrics, problems, links to next
/// pages and Idempotency-Keys see one path. A slash that is part of a key is sent as `%2F` and stays.
///
/// actix's `NormalizePath` is not used: it also changes `/docs/`, and merges slashes within a path.
///
/// # Errors
/// Those of the route.
pub async fn middleware<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    if let Some(uri) = without_slash(request.uri()) {
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
    next.call(request).await
}

/// Returns an address of the API without the slash at the end of its path; `None` if it has none.
fn without_slash(uri: &Uri) -> Option<Uri> {
    let path = uri.path().strip_suffix('/')?;
    if path != "/v1" && !path.starts_with("/v1/") {
        return None;
    }
    let address: PathAndQuery = match uri.query() {
        Some(query) => format!("{path}?{query}").parse().ok()?,
        None => path.parse().ok()?,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(address);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slash_at_the_end_of_a_path_of_the_api_is_removed() {
        for (given, trimmed) in [
            ("/v1/", Some("/v1")),
            ("/v1/actors/", Some("/v1/actors")),
            ("/v1/actors/?limit=1&name=a/", Some("/v1/actors?limit=1&name=a/")),
            ("/v1/actors/?", Some("/v1/actors?")),
            ("/v1/actors/url:a%2F/", Some("/v1/actors/url:a%2F")),
            ("/v1/actors//", Some("/v1/actors/")),
            (
                "http://registry.example/v1/actors/",
                Some("http://registry.example/v1/actors"),
            ),
            ("/v1/actors", None),
            ("/v1/actors/url:a%2F", None),
            ("/v1/actors?name=/", None),
            ("/", None),
            ("/docs/", None),
            ("/v10/", None),
        ] {
            let uri: Uri = given.parse().expect(given);
            let found = without_slash(&uri).map(|uri| uri.to_string());
            assert_eq!(found.as_deref(), trimmed, "{given}");
        }
    }
}
