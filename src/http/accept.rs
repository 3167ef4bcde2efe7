//! Content negotiation: which of the formats that a path offers the client prefers (RFC 9110, section 12.5.1).

use std::cmp::Reverse;

use actix_web::HttpMessage;
use actix_web::http::header::{Accept, Header, Quality, QualityItem};
use actix_web::mime::Mime;

/// Media types that are also served as JSON: a browser shows it, and a client may ask for problem documents alone.
pub const ALSO_JSON: &[&str] = &["text/html", "application/problem+json"];

/// A format that a path offers.
#[derive(Debug, Clone, Copy)]
pub struct Offer<T> {
    /// What stands for the format in the program.
    pub format: T,
    /// Its media type, without parameters.
    pub media_type: &'static str,
    /// Other media types for which the format is sent.
    pub aliases: &'static [&'static str],
    /// Whether only a range that names the media type selects the format, and `text/*` and `*/*` do not.
    pub exact: bool,
}

/// How much a client wants a format: the quality, then the place in the header.
type Rank = (Quality, Reverse<usize>);

/// Returns the offered format with the highest quality; of equal ones that which the header names first, then that which
/// is offered first. Without an Accept header, or with one that holds no media range, every format is acceptable. `None` if
/// the client accepts none.
pub fn preferred<T: Copy>(request: &impl HttpMessage, offers: &[Offer<T>]) -> Option<T> {
    // actix skips what is not a media range, and fails only for headers that are not ASCII.
    let accept = Accept::parse(request).map_or_else(|_| Vec::new(), |accept| accept.0);
    if accept.is_empty() {
        return offers.first().map(|offer| offer.format);
    }
    offers
        .iter()
        .enumerate()
        .filter_map(|(index, offer)| {
            let own = if offer.exact {
                exact_rank(&accept, offer.media_type)
            } else {
                rank(&accept, offer.media_type)
            };
            // `application/json;q=0, */*` excludes JSON.
            if own.is_some_and(|(quality, _)| quality == Quality::ZERO) {
                return None;
            }
            let alias = offer
                .aliases
                .iter()
                .filter_map(|alias| rank(&accept, alias))
                .filter(|(quality, _)| *quality > Quality::ZERO)
                .max();
            let best = own
                .map(|rank| (rank, true))
                .max(alias.map(|rank| (rank, false)))?;
            Some(((best, Reverse(index)), offer.format))
        })
        .max_by_key(|(rank, _)| *rank)
        .map(|(_, format)| format)
}

/// Returns the rank of the most specific media range that matches a media type; `None` if none matches.
fn rank(accept: &[QualityItem<Mime>], media_type: &str) -> Option<Rank> {
    accept
        .iter()
        .enumerate()
        .filter_map(|(index, range)| {
            let specificity = specificity(&range.item, media_type)?;
            Some((specificity, range.quality, Reverse(index)))
        })
        .max()
        .map(|(_, quality, index)| (quality, index))
}

/// Returns the rank of the range that names a media type; `None` if no range names it.
fn exact_rank(accept: &[QualityItem<Mime>], media_type: &str) -> Option<Rank> {
    accept
        .iter()
        .enumerate()
        .filter(|(_, range)| range.item.essence_str() == media_type)
        .map(|(index, range)| (range.quality, Reverse(index)))
        .max()
}

/// Returns how specific a media range is: 0 for `*/*`, 1 for `text/*`, 2 for `text/csv`; `None` if it does not match.
fn specificity(range: &Mime, media_type: &str) -> Option<u8> {
    let essence = range.essence_str();
    if essence == "*/*" {
        return Some(0);
    }
    if essence == media_type {
        return Some(2);
    }
    let (kind, _) = media_type.split_once('/')?;
    (essence.strip_suffix("/*") == Some(kind)).then_some(1)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header;
    use actix_web::test::TestRequest;

    use super::*;

    const OFFERS: [Offer<&str>; 3] = [
        Offer {
            format: "json",
            media_type: "application/json",
            aliases: ALSO_JSON,
            exact: false,
        },
        Offer {
            format: "csv",
            media_type: "text/csv",
            aliases: &[],
            exact: false,
        },
        Offer {
            format: "ndjson",
            media_type: "application/x-ndjson",
            aliases: &["application/ndjson"],
            exact: false,
        },
    ];

    fn list(accept: &[&str]) -> Option<&'static str> {
        let mut request = TestRequest::default();
        for line in accept {
            request = request.append_header((header::ACCEPT, *line));
        }
        preferred(&request.to_http_request(), &OFFERS)
    }

    #[test]
    fn the_highest_quality_wins_then_the_order_of_the_header() {
        assert_eq!(list(&["text/csv, application/json"]), Some("csv"));
        assert_eq!(list(&["text/csv;q=0.5, application/json;q=0.4"]), Some("csv"));
        assert_eq!(list(&["text/csv;q=0.5, application/json"]), Some("json"));
        assert_eq!(list(&["text/csv;q=0.5", "application/x-ndjson"]), Some("ndjson"));
        assert_eq!(list(&["Application/NDJSON; charset=utf-8"]), Some("ndjson"));
    }

    #[test]
    fn the_most_specific_range_decides_the_quality() {
        assert_eq!(list(&["application/json;q=0.1, */*;q=0.5"]), Some("csv"));
        assert_eq!(list(&["application/*;q=0.1, application/json"]), Some("json"));
        assert_eq!(list(&["text/*"]), Some("csv"));
        assert_eq!(list(&["*/*"]), Some("json"));
    }

    #[test]
    fn a_quality_of_zero_excludes_a_format() {
        assert_eq!(list(&["application/json;q=0, text/csv"]), Some("csv"));
        assert_eq!(list(&["application/json;q=0, */*"]), Some("csv"));
        assert_eq!(list(&["application/json;q=0"]), None);
        assert_eq!(list(&["*/*;q=0"]), None);
        assert_eq!(list(&["text/html, */*;q=0"]), None);
        assert_eq!(list(&["text/html;q=0, application/json"]), Some("json"));
    }

    #[test]
    fn a_browser_gets_json() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

        assert_eq!(list(&[browser]), Some("json"));
        assert_eq!(list(&["text/html"]), Some("json"));
        assert_eq!(list(&["text/html, text/csv"]), Some("json"));
        assert_eq!(list(&["text/html;q=0.5, text/csv"]), Some("csv"));
    }

    #[test]
    fn other_formats_are_not_acceptable() {
        assert_eq!(list(&["application/xml"]), None);
        assert_eq!(list(&["image/png, application/xml;q=0.5"]), None);
    }

    #[test]
    fn a_range_with_a_wildcard_selects_no_exact_offer() {
        let offers = [
            OFFERS[0],
            Offer {
                format: "stream",
                media_type: "text/event-stream",
                aliases: &[],
                exact: true,
            },
        ];
        for (accept, format) in [
            ("text/*", Some("json")),
            ("*/*", Some("json")),
            ("text/csv, text/*;q=0.1", Some("json")),
            ("text/event-stream", Some("stream")),
            ("text/event-stream, */*", Some("stream")),
            ("text/*, text/event-stream;q=0.5", Some("json")),
            ("text/event-stream;q=0, text/*", Some("json")),
            ("text/event-stream;q=0", None),
            ("application/xml", None),
        ] {
            let request = TestRequest::default().append_header((header::ACCEPT, accept));
            assert_eq!(preferred(&request.to_http_request(), &offers), format, "{accept}");
        }
    }

    #[test]
    fn a_header_without_a_media_range_is_no_restriction() {
        for accept in ["", ";;;,,,", "*/*;q=abc", "json"] {
            assert_eq!(list(&[accept]), Some("json"), "{accept}");
        }
        assert_eq!(list(&[]), Some("json"));
    }
}
