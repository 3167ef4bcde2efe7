//! Full text over HTTP.

use actix_web::{HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::error::{Error, Result};
use crate::http::as_of::Registry;
use crate::http::listing::{CursorKey, Listing, Page, PageOf};
use crate::resource::full_text::Q;
use crate::search::model::{FoundRecord, SearchFilter, selection};

/// Adds the routes.
pub fn routes(configuration: &mut ServiceConfig) {
    configuration.service(list);
}

/// Searches the records of all kinds for words
///
/// Each kind as its own list with `q` does: a sanction is also found by its imposer, its target, its programmes, the action that announced
/// it, and the sources that it cites. Sorts by rank, the best match first; `sort` can name nothing else.
#[utoipa::path(
    tag = "reading across",
    operation_id = "search",
    params(PageOf<FoundRecord>, SearchFilter),
    responses((status = 200, description = "A page of records that match, the best first", content(
        (Page<FoundRecord> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
    )))
)]
#[get("/v1/search")]
async fn list(
    listing: Listing<SearchFilter>,
    db: Registry,
    key: web::Data<CursorKey>,
) -> Result<HttpResponse> {
    let (filter, mut listing) = listing.split();
    let search = listing.search.take().ok_or_else(|| {
        Error::malformed(
            format!("?{Q}"),
            "q is missing; write what to search for, such as q=petro",
        )
    })?;
    let (selection, conditions) = selection(&search, filter);
    listing
        .respond::<FoundRecord>(&db, &key, &selection, conditions)
        .await
}
