//! Warnings over HTTP.

use actix_web::{HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::error::Result;
use crate::http::as_of::Registry;
use crate::http::listing::{CursorKey, Listing, Page, PageOf};
use crate::warnings::model::{OpenWarning, SELECTION, WarningFilter};

/// Adds the routes.
pub fn routes(configuration: &mut ServiceConfig) {
    configuration.service(list);
}

/// Lists the open warnings: what is implausible in the records as they are now
///
/// A warning is closed by changing the record, or what it refers to. Warnings that only a request can have, such as that of a
/// name that is given twice, are in the response to the write alone. Whether an actor begins in the future is judged on the day `on`;
/// if it is absent, on the day of `known_at`, and today without either. Sorts by id (of the record), code.
#[utoipa::path(
    tag = "reading across",
    operation_id = "list_warnings",
    params(PageOf<OpenWarning>, WarningFilter),
    responses((status = 200, description = "A page of warnings", content(
        (Page<OpenWarning> = "application/json"), (String = "text/csv"), (String = "application/x-ndjson"),
    )))
)]
#[get("/v1/warnings")]
async fn list(
    listing: Listing<WarningFilter>,
    db: Registry,
    key: web::Data<CursorKey>,
) -> Result<HttpResponse> {
    let (filter, mut listing) = listing.split();
    listing.set_default_day(db.moment().map(|moment| moment.date_naive()));
    let conditions = filter.conditions(&db).await?;
    listing
        .respond::<OpenWarning>(&db, &key, &SELECTION, conditions)
        .await
}
