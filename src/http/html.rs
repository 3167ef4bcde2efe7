//! HTML for people: whether a client prefers it, its pages, and what a browser may do with them.

use std::sync::LazyLock;

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use crate::http::accept::{Offer, preferred};

/// Returns whether the client prefers HTML to JSON, as browsers do.
pub fn prefers_html(request: &HttpRequest) -> bool {
    let offers = [
        Offer {
            format: false,
            media_type: "application/json",
            aliases: &[],
            exact: false,
        },
        Offer {
            format: true,
            media_type: "text/html",
            aliases: &[],
            exact: false,
        },
    ];
    preferred(request, &offers).unwrap_or(false)
}

/// Returns a text escaped for HTML.
pub fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// The policy of responses that are no pages: they load nothing and are in no frame.
pub const POLICY_OF_DATA: &str = "default-src 'none'; frame-ancestors 'none'";

/// The style of every page.
const STYLE: &str = "body{font-family:system-ui;max-width:44rem;margin:3rem auto;padding:0 1rem;line-height:1.5}\
                     th,td{padding:6px;text-align:left}.number{text-align:right}";

/// The policy of pages: they have this one style, and load nothing.
static POLICY_OF_PAGES: LazyLock<String> = LazyLock::new(|| {
    let digest = BASE64_STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
});

/// Returns the headers that protect a page in a browser. Frames of other sites can't show it, and links from it don't name it.
pub fn protection(policy: &'static str) -> [(HeaderName, HeaderValue); 3] {
    [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ]
}

/// Returns a page. The body is HTML whose texts are escaped.
pub fn page(response: &mut actix_web::HttpResponseBuilder, title: &str, body: &str) -> HttpResponse {
    for header in protection(POLICY_OF_PAGES.as_str()) {
        response.insert_header(header);
    }
    response.content_type("text/html; charset=utf-8").body(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>{STYLE}</style><body>{body}</body></html>",
        title = escape_html(title),
    ))
}
