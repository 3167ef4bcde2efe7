//! The route of an action's chain.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse, get};

use crate::diplomatic_actions::chain::{self, Chain};
use crate::error::{Error, Result};
use crate::http::as_of::Registry;
use crate::http::path::{PathReference, RecordParameters};
use crate::http::pretty::{self, PRETTY};
use crate::http::query_string;
use crate::http::response::vary;
use crate::query::parameters::{KNOWN_AT, given_twice, not_a_day, parse_day, whole_number};
use crate::query::unknown_parameter;
use crate::resource::{self, Kind};
use crate::text::shorten;
use crate::vocabulary::LinkKind;

/// Returns what led to a diplomatic action, and what it led to
///
/// `root` is the first cause. Follows the links responds_to, retaliates_for and escalates in both directions, up to `depth` links,
/// or those of `kinds`, to at most 500 actions in each direction. `truncated` says whether there are more, and `edge` where.
#[utoipa::path(
    tag = "reading across",
    operation_id = "show_diplomatic_action_chain",
    params(
        ("ref" = String, Path, description = "Id, or an external key scheme:value"),
        ("depth" = Option<i64>, Query, description = "The largest number of links to follow; 50 when absent", minimum = 1, maximum = 50),
        ("kinds" = Option<Vec<LinkKind>>, Query, description = "The kinds of links to follow, instead of responds_to, retaliates_for and \
            escalates. Repeat it, or separate them by commas", example = "implements"),
        RecordParameters,
    ),
    responses((status = 200, description = "The action and its chain", body = Chain))
)]
#[get("/v1/diplomatic-actions/{ref}/chain")]
pub(super) async fn show(reference: PathReference, wanted: Wanted, db: Registry) -> Result<HttpResponse> {
    let chain = resource::find_then(&db, Kind::DiplomaticActions, &reference.0, async |id| {
        Chain::find(&db, id, &wanted.kinds, wanted.depth).await
    })
    .await?;
    let mut response = HttpResponse::Ok();
    vary(&mut response);
    Ok(response.json(chain))
}

/// The parameters `depth` and `kinds`: the largest number of links from the action that is asked for, and their kinds.
pub(super) struct Wanted {
    depth: i64,
    kinds: Vec<LinkKind>,
}

impl FromRequest for Wanted {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(wanted(request))
    }
}

/// Returns the kinds of links that a value of `kinds` names, separated by commas.
fn kinds_in(value: &str) -> Result<Vec<LinkKind>> {
    value
        .split(',')
        .map(|word| {
            word.parse().map_err(|_| {
                Error::malformed(
                    "?kinds",
                    format!(
                        "kinds must be one of {}, not \"{}\"",
                        LinkKind::WORDS.join(", "),
                        shorten(word)
                    ),
                )
            })
        })
        .collect()
}

fn wanted(request: &HttpRequest) -> Result<Wanted> {
    let mut depth = None;
    let mut kinds: Vec<LinkKind> = Vec::new();
    for (name, value) in query_string::pairs(request.query_string())? {
        match name.as_str() {
            "depth" if depth.is_some() => {
                return Err(given_twice("depth"));
            }
            "depth" => {
                depth = Some(whole_number("depth", &value, 1, chain::LONGEST)?);
            }
            "kinds" => kinds.extend(kinds_in(&value)?),
            "on" => {
                parse_day(&value).ok_or_else(|| not_a_day("on", &value))?;
            }
            PRETTY => pretty::read(request, &value)?,
            // `Registry` reads it.
            KNOWN_AT => {}
            _ => {
                return Err(unknown_parameter(
                    &name,
                    &["depth", "kinds", "on", KNOWN_AT, PRETTY],
                ));
            }
        }
    }
    if kinds.is_empty() {
        kinds = chain::CAUSAL.to_vec();
    }
    Ok(Wanted {
        depth: depth.unwrap_or(chain::LONGEST),
        kinds,
    })
}
