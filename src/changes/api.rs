//! The feed over HTTP.

use std::sync::Arc;

use actix_web::{HttpMessage, HttpRequest, HttpResponse, get, web};
use tokio::time::{Instant, sleep_until};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::changes::followers::{Followers, How};
use crate::changes::model::{self, Changes};
use crate::changes::request::{ChangeParameters, ChangeQuery, LastEventId, last_event_id};
use crate::changes::stream;
use crate::db::Db;
use crate::db::sequencer;
use crate::error::{Error, Problem, Result};
use crate::heavy;
use crate::http::accept::{ALSO_JSON, Offer, preferred};
use crate::http::auth::{self, Reader};
use crate::http::head::IsHead;
use crate::http::memory;
use crate::http::metrics::Waited;
use crate::http::pretty;
use crate::http::response::vary;
use crate::users::model::Session;

/// Adds the routes.
pub fn routes(configuration: &mut ServiceConfig) {
    configuration.service(list);
}

/// Lists the changes of all records in one order that never changes
///
/// Continue with `after` = `next`: no change is missed or repeated, even if the client or the server restarts. The page has
/// every write whose response was sent before the request; changes made directly in the database appear within half a
/// second. With `Accept: text/event-stream` the changes are Server-Sent Events, which continue after `Last-Event-ID`.
#[utoipa::path(
    tag = "history",
    operation_id = "list_changes",
    params(ChangeParameters, LastEventId),
    responses((status = 200, description = "A page of changes, or a stream of them", content(
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
    // It may wait, and it counts the changes that it sends.
    memory::leave_out(&request);
    let is_stream = wants_stream(&request)?;
    let last_received = last_event_id(&request)?;
    // So that a client finds its own writes, and one that follows from the end starts at the end.
    sequencer::bring_up_to_date(&db).await?;
    if is_stream {
        pretty::refuse(&request, "an event stream")?;
        let mut query = query;
        if let Some(last) = last_received {
            query.after = last;
        }
        let is_head = request.extensions().contains::<IsHead>();
        return stream::respond(&db, &followers, query, auth::session(&request), is_head).await;
    }
    let started = Instant::now();
    let page = match model::page(&db, query.after, &query.resources, query.limit).await? {
        page if page.items.is_empty() && !query.wait.is_zero() => {
            let page = wait(&followers, &query, auth::session(&request), page).await?;
            request.extensions_mut().insert(Waited(started.elapsed()));
            page
        }
        page => Arc::new(page),
    };
    followers.count_sent(page.items.len());
    let size = page
        .items
        .iter()
        .filter_map(|change| Some(change.record.as_ref()?.get().len()))
        .sum();
    let body = heavy::run(size, move || {
        serde_json::to_string(&*page).map_err(Error::internal)
    })
    .await?;
    let mut response = HttpResponse::Ok();
    vary(&mut response);
    Ok(response.content_type("application/json").body(body))
}

/// Waits until there is a change, the time is over, or the server stops.
///
/// # Errors
/// Unauthorized if the client's token ends meanwhile; those of [`Followers::slot`] and [`Followers::page`].
async fn wait(
    followers: &Followers,
    query: &ChangeQuery,
    session: Option<Session>,
    empty: Changes,
) -> Result<Arc<Changes>> {
    let slot = followers.slot(How::Wait, session)?;
    let deadline = Instant::now() + query.wait;
    let mut page = Arc::new(empty);
    loop {
        let next = async {
            followers.changed_after(page.next).await;
            followers.page(page.next, &query.resources, query.limit).await
        };
        let next = tokio::select! {
            next = next => next?,
            () = sleep_until(deadline) => return Ok(page),
            () = followers.stopping() => return Ok(page),
            () = slot.ended() => return Err(Error::new(
                Problem::Unauthorized,
                "the token is no longer valid, or its user has another role than when the request began to wait",
            )),
        };
        page = next;
        if !page.items.is_empty() {
            return Ok(page);
        }
    }
}

/// Returns whether the client prefers an event stream to a page of JSON. Only the media range `text/event-stream` selects the
/// stream.
///
/// # Errors
/// Not acceptable if it accepts neither.
fn wants_stream(request: &HttpRequest) -> Result<bool> {
    let offers = [
        Offer {
            format: false,
            media_type: "application/json",
            aliases: ALSO_JSON,
            exact: false,
        },
        Offer {
            format: true,
            media_type: "text/event-stream",
            aliases: &[],
            // A stream has no end: a client that accepts any text does not expect one.
            exact: true,
        },
    ];
    preferred(request, &offers).ok_or_else(|| {
        Error::new(
            Problem::NotAcceptable,
            "changes are available as application/json and text/event-stream",
        )
    })
}
