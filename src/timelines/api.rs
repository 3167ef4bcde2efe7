//! Timelines over HTTP.

use actix_web::{HttpRequest, HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::actors::survivor;
use crate::db::Db;
use crate::diplomatic_actions::DiplomaticAction;
use crate::error::{Error, Problem, Result};
use crate::http::as_of::Registry;
use crate::http::listing::{CursorKey, Listing, Page, PageOf};
use crate::http::path::{PathReference, segment};
use crate::resource::filter::OfRecords;
use crate::resource::full_text::Searched;
use crate::resource::state_roll_up::Counted;
use crate::resource::{self, Kind, Reference, Resource};
use crate::sanctions::Sanction;
use crate::timelines::model::{
    Announcements, FOUND_SORTS, TimelineFilter, TimelineItem, Whose, fold, selection,
};

/// Adds the routes.
pub fn routes(configuration: &mut ServiceConfig) {
    configuration.service(of_actor).service(of_dyad);
}

/// Lists what an actor did and what was done to it, in order of day
///
/// Within a day, causes come before their effects, and sanctions directly after the acts that announced them. Sorts by on, event; with q also by rank, the best match first unless `sort` says otherwise.
#[utoipa::path(
    tag = "reading across",
    operation_id = "timeline_of_actor",
    params(
        ("ref" = String, Path, description = "Id, or a key such as iso3166:CO", example = "iso3166:CO"),
        PageOf<TimelineItem>, OfRecords<TimelineFilter>,
    ),
    responses((status = 200, description = "A page of events. With `q` each item also has `match` (schema Match), and CSV the columns rank and snippet", content(
        (Page<TimelineItem> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
    )))
)]
#[get("/v1/actors/{ref}/timeline")]
async fn of_actor(
    reference: PathReference,
    listing: Listing<OfRecords<TimelineFilter>>,
    db: Registry,
    key: web::Data<CursorKey>,
) -> Result<HttpResponse> {
    let actor = existing(&db, &reference.0).await?;
    respond(listing, &db, &key, Whose::Actor(actor), Counted::default()).await
}

/// Lists what two actors did to each other or jointly, in order of day
///
/// Acts of agencies, forces and officials count for their state; an act between two bodies of one state is not an act
/// between states. A joint act, with both among its initiators and without a target, such as an agreement, is an act
/// between them; an act of both against a third is not. Within a day, causes come before their effects, and sanctions directly
/// after the acts that announced them. Sorts by on, event; with q also by rank, the best match first unless `sort` says otherwise.
#[utoipa::path(
    tag = "reading across",
    operation_id = "timeline_of_dyad",
    params(
        ("one" = String, Path, description = "Id, or a key such as iso3166:US", example = "iso3166:US"),
        ("other" = String, Path, description = "Id, or a key such as iso3166:CO", example = "iso3166:CO"),
        PageOf<TimelineItem>, OfRecords<TimelineFilter>,
    ),
    responses((status = 200, description = "A page of events. With `q` each item also has `match` (schema Match), and CSV the columns rank and snippet", content(
        (Page<TimelineItem> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
    )))
)]
#[get("/v1/dyads/{one}/{other}/timeline")]
async fn of_dyad(
    request: HttpRequest,
    listing: Listing<OfRecords<TimelineFilter>>,
    db: Registry,
    key: web::Data<CursorKey>,
) -> Result<HttpResponse> {
    let one = end_of_dyad(&db, &Reference::parse(&segment(&request, "one")?)).await?;
    let other = end_of_dyad(&db, &Reference::parse(&segment(&request, "other")?)).await?;
    if one == other {
        return Err(Error::invalid(
            "",
            "both ends of the dyad are the same actor; name two different actors",
        ));
    }
    respond(listing, &db, &key, Whose::Dyad(one, other), Counted::State).await
}

async fn respond(
    listing: Listing<OfRecords<TimelineFilter>>,
    db: &Db,
    key: &CursorKey,
    whose: Whose,
    counted: Counted,
) -> Result<HttpResponse> {
    let (OfRecords(filter), mut listing) = listing.split();
    let selection = selection(db, whose, &filter, filter.counted.unwrap_or(counted));
    let is_folded = filter.announcements == Some(Announcements::Fold);
    let mut conditions = listing.conditions(filter, db).await?;
    if is_folded {
        fold(&mut conditions, listing.search.is_some());
    }
    let searched = Searched {
        record: "item.id",
        sorts: FOUND_SORTS,
        scopes: &[Sanction::SCOPE, DiplomaticAction::SCOPE],
    };
    listing
        .respond_or_search::<TimelineItem>(db, key, &selection, &searched, conditions)
        .await
}

/// Returns the id of an actor.
///
/// # Errors
/// Not found if there is none.
async fn existing(db: &Db, reference: &Reference) -> Result<uuid::Uuid> {
    resource::find_existing(db, Kind::Actors, reference).await
}

/// Returns the actor at one end of a dyad; for an actor that was merged, the one that it was merged into.
async fn end_of_dyad(db: &Db, reference: &Reference) -> Result<uuid::Uuid> {
    let unknown = match existing(db, reference).await {
        Err(error) if error.problem() == Problem::NotFound => error,
        found => return found,
    };
    let Reference::Id(id) = reference else {
        return Err(unknown);
    };
    match survivor::find(db, *id).await? {
        Some(into) => existing(db, &into.into()).await,
        None => Err(unknown),
    }
}
