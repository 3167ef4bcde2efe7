//! Claims over HTTP.

use actix_web::{HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::claims::model::{Claim, ClaimFilter, FOUND_SORTS, SCOPES, SELECTION};
use crate::error::Result;
use crate::http::as_of::Registry;
use crate::http::listing::{CursorKey, Listing, Page, PageParameters};
use crate::resource::filter::{Filter, OfRecords};
use crate::resource::full_text::Found;

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
    params(PageParameters, OfRecords<ClaimFilter>),
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
    let (filter, mut listing) = listing.split();
    let plain = filter.0.conditions(&db, listing.asked_on).await;
    let operands = std::mem::take(&mut listing.operands);
    let conditions = operands.join::<ClaimFilter>(plain, &db, listing.asked_on).await?;
    match listing.search.take() {
        None => listing.respond::<Claim>(&db, &key, &SELECTION, conditions).await,
        Some(search) => {
            let selection = search.within(&SELECTION, &SELECTION.id, FOUND_SORTS, SCOPES);
            listing
                .respond::<Found<Claim>>(&db, &key, &selection, conditions)
                .await
        }
    }
}
