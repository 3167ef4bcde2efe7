//! A response that is kept: its headers and its body as it is sent.

use std::sync::Arc;

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};

use crate::http::compression::Forms;
use crate::http::conditional;

/// A response of status 200 that is kept.
#[derive(Debug)]
pub(super) struct Kept {
    headers: Vec<(HeaderName, HeaderValue)>,
    /// Complete: indented if the request asks for it, and with its newline.
    forms: Arc<Forms>,
}

impl Kept {
    pub fn new(headers: &HeaderMap, body: Bytes) -> Self {
        Self {
            headers: headers
                .iter()
                .filter(|(name, _)| *name != header::CONTENT_LENGTH)
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            forms: Arc::new(Forms::new(body)),
        }
    }

    /// Returns the response to a request: 304 if the client has it already.
    pub fn respond(&self, request: &HttpRequest) -> HttpResponse<Bytes> {
        let headers = || self.headers.iter().map(|(name, value)| (name, value));
        let etag = headers().find(|(name, _)| *name == header::ETAG);
        if conditional::has_it(request, etag.map(|(_, etag)| etag)) {
            return conditional::not_modified(headers()).map_body(|_, _| Bytes::new());
        }
        let mut response = HttpResponse::Ok();
        for header in headers() {
            response.append_header(header);
        }
        let mut response = response.finish().map_body(|_, _| self.forms.body().clone());
        response.extensions_mut().insert(Arc::clone(&self.forms));
        response
    }

    /// Returns what the response takes with its compressed forms, in bytes.
    pub fn size(&self) -> u64 {
        // A compressed form of JSON has a fifth of its length or less; there are two.
        let body = self.forms.body().len() * 3 / 2;
        let headers: usize = self
            .headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + size_of::<(HeaderName, HeaderValue)>())
            .sum();
        (body + headers + size_of::<Self>() + size_of::<Forms>()) as u64
    }
}
