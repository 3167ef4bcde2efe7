//! The feed over HTTP.

use actix_web::{HttpMessage, HttpRequest, HttpResponse, get, web};
use tokio::time::{Instant, sleep_until};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::changes::followers::{Followers, How};
use crate::changes::model::{self, Changes};
use crate::changes::request::{ChangeParameters, ChangeQuery, last_event_id};
use crate::changes::stream;
use crate::db::Db;
use crate::db::sequencer;
use crate::error::{Error, Problem, Result};
use crate::http::accept::{ALSO_JSON, Offer, preferred};
use crate::http::auth::Reader;
use crate::http::head::IsHead;
use crate::http::metrics::Waited;
use crate::http::response::vary;

pub fn routes(configuration: &mut ServiceConfig) {
    configuration.service(list);
}

/// What changed, in one order that never changes
///
/// Go on with `after` = `next`: nothing is missed and nothing comes twice, restarts of either side included. Every write
/// that was answered before the request is told; changes that come into the database by another way are told within half
/// a second. With `Accept: text/event-stream` the same as Server-Sent Events, which go on after `Last-Event-ID`.
#[utoipa::path(
    tag = "history",
    operation_id = "list_changes",
    params(
        ChangeParameters,
        ("Last-Event-ID" = Option<i64>, Header, description = "Of an event stream, the last id that came; goes before `after`", minimum = 0),
    ),
    responses((status = 200, description = "Changes", content(
        (Changes = "application/json"), (String = "text/event-stream"),
    )))
)]
#[get("/v1/changes")]
async fn list(
    request: HttpRequest,
    query: ChangeQuery,
    db: web::Data<Db>,
    followers: web::Data<Followers>,
    _: Reader,
) -> Result<HttpResponse> {
    let is_stream = wants_stream(&request)?;
    // Who has written finds it, and who follows from the end begins at the end.
    sequencer::bring_up_to_date(&db).await?;
    if is_stream {
        let mut query = query;
        if let Some(last) = last_event_id(&request)? {
            query.after = last;
        }
        let is_head = request.extensions().contains::<IsHead>();
        return stream::answer(&db, &followers, query, is_head).await;
    }
    let begun = Instant::now();
    let page = match model::page(&db, query.after, &query.resources, query.limit).await? {
        page if page.items.is_empty() && !query.wait.is_zero() => {
            let page = wait(&followers, &query, page).await?;
            request.extensions_mut().insert(Waited(begun.elapsed()));
            page
        }
        page => page,
    };
    followers.count_sent(page.items.len());
    let body = serde_json::to_string(&page).map_err(Error::internal)?;
    let mut response = HttpResponse::Ok();
    vary(&mut response);
    Ok(response.content_type("application/json").body(body))
}

/// Waits until there is something, the time is over, or the server stops.
async fn wait(followers: &Followers, query: &ChangeQuery, empty: Changes) -> Result<Changes> {
    let _place = followers.place(How::Wait)?;
    let deadline = Instant::now() + query.wait;
    let mut page = empty;
    loop {
        tokio::select! {
            () = followers.beyond(page.next) => {}
            () = sleep_until(deadline) => return Ok(page),
            () = followers.stopping() => return Ok(page),
        }
        page = followers.page(page.next, &query.resources, query.limit).await?;
        if !page.items.is_empty() {
            return Ok(page);
        }
    }
}

/// Returns whether the client prefers an event stream to a page of JSON.
///
/// # Errors
/// Not acceptable if it accepts neither.
fn wants_stream(request: &HttpRequest) -> Result<bool> {
    let offers = [
        Offer {
            format: false,
            media_type: "application/json",
            aliases: ALSO_JSON,
        },
        Offer {
            format: true,
            media_type: "text/event-stream",
            aliases: &[],
        },
    ];
    preferred(request, &offers).ok_or_else(|| {
        Error::new(
            Problem::NotAcceptable,
            "changes are available as application/json and text/event-stream",
        )
    })
}
