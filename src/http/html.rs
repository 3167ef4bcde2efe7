//! HTML for people: whether a client prefers it, and text in it.

use actix_web::HttpRequest;

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
