//! The list of the records of one kind in which one actor takes part.

use std::marker::PhantomData;

use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::http::Method;
use actix_web::{HttpResponse, web};
use utoipa::openapi::path::Paths;
use utoipa::openapi::{RefOr, Schema};
use utoipa_actix_web::OpenApiFactory;

use super::{Endpoint, document, route};
use crate::error::Result;
use crate::http::as_of::Registry;
use crate::http::listing::{CursorKey, Listing};
use crate::http::path::PathReference;
use crate::resource::filter::{ActorFilter, ByActor, Filter};
use crate::resource::{self, Kind, Resource};

/// The route of the list of the records `R` of one actor.
pub struct ListByActor<R> {
    summary: &'static str,
    kind: PhantomData<fn() -> R>,
}

impl<R> ListByActor<R> {
    /// Returns the route; `summary` is what the OpenAPI document says of it.
    pub const fn new(summary: &'static str) -> Self {
        Self {
            summary,
            kind: PhantomData,
        }
    }
}

impl<R> HttpServiceFactory for ListByActor<R>
where
    R: Endpoint<Filter: ActorFilter>,
{
    fn register(self, service: &mut AppService) {
        route(service, Method::GET, &document::path_by_actor(R::KIND), list::<R>);
    }
}

impl<R> OpenApiFactory for ListByActor<R>
where
    R: Endpoint<Filter: ActorFilter>,
{
    fn paths(&self) -> Paths {
        document::by_actor::<R>(self.summary)
    }

    // The list of the kind itself has the same schemas.
    fn schemas(&self, _: &mut Vec<(String, RefOr<Schema>)>) {}
}

async fn list<R>(
    reference: PathReference,
    listing: Listing<ByActor<R::Filter>>,
    db: Registry,
    key: web::Data<CursorKey>,
) -> Result<HttpResponse>
where
    R: Resource<Filter: ActorFilter>,
{
    let actor = resource::find_existing(&db, Kind::Actors, &reference.0).await?;
    let (filter, mut listing) = listing.split();
    listing.set_default_day(filter.0.status_day());
    let plain = filter.0.conditions_by_actor(&db, actor, listing.asked_on).await;
    let conditions = listing.join::<R::Filter>(plain, &db).await?;
    listing.respond_with_records::<R>(&db, &key, conditions).await
}
