//! Responses to reads whose client has the response already: 304 instead of the body.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};

use crate::http::etag::is_not_modified;

/// Returns whether the client of a read has this version already.
pub fn has_it(request: &HttpRequest, etag: Option<&header::HeaderValue>) -> bool {
    etag.and_then(|etag| etag.to_str().ok())
        .is_some_and(|etag| is_not_modified(request, etag))
}

/// Returns the 304 that stands for a response with these headers.
pub fn not_modified<'h>(
    headers: impl IntoIterator<Item = (&'h header::HeaderName, &'h header::HeaderValue)>,
) -> HttpResponse {
    let mut response: HttpResponseBuilder = HttpResponse::NotModified();
    for (name, value) in headers {
        if name != header::CONTENT_TYPE {
            response.append_header((name, value));
        }
    }
    response.finish()
}
