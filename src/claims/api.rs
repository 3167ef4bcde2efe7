//! Claims over HTTP.

use actix_web::{HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::claims::model::{Claim, ClaimFilter, FOUND_SORTS, SELECTION};
use crate::diplomatic_actions::DiplomaticAction;
use crate::error::Result;
use crate::http::as_of::Registry;
use crate::http::listing::{CursorKey, Listing, Page, PageOf};
use crate::relationships::Relationship;
use crate::resource::Resource;
use crate::resource::filter::OfRecords;
use crate::resource::full_text::Searched;
use crate::sanctions::Sanction;

/// Adds the routes.
pub fn routes(configuration: &mut ServiceConfig) {
    configuration.service(list);
}

/// Lists claims: relationships, sanctions and diplomatic actions, with how far each is established and who says so
///
/// Sorts by claim_status; with q also by rank.
#[utoipa::path(
    tag = "reading across",
    operation_id = "list_claims",
    params(PageOf<Claim>, OfRecords<ClaimFilter>),
    responses((status = 200, description = "A page of claims. With `q` each item also has `match` (schema Match), and CSV the columns rank and snippet", content(
        (Page<Claim> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
    )))
)]
#[get("/v1/claims")]
async fn list(
    listing: Listing<OfRecords<ClaimFilter>>,
    db: Registry,
    key: web::Data<CursorKey>,
) -> Result<HttpResponse> {
    let (OfRecords(filter), mut listing) = listing.split();
    let conditions = listing.conditions(filter, &db).await?;
    let searched = Searched {
        record: &SELECTION.id,
        sorts: FOUND_SORTS,
        scopes: &[Sanction::SCOPE, Relationship::SCOPE, DiplomaticAction::SCOPE],
    };
    listing
        .respond_or_search::<Claim>(&db, &key, &SELECTION, &searched, conditions)
        .await
}
