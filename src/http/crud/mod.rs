//! The HTTP protocol of records, the same for every kind: list, create, show, replace, patch and delete, citations, and the
//! list by actor. It is generic over [`Resource`]: a kind says what is its own in its folder, and `dispatch` names the kinds.

mod by_actor;
mod citations;
mod document;
mod external_key;
mod handlers;
mod operation;

use std::collections::HashMap;
use std::marker::PhantomData;

use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::http::Method;
use actix_web::{FromRequest, Handler, Responder, guard, web};
use futures_util::future::BoxFuture;
use utoipa::openapi::path::Paths;
use utoipa::openapi::{RefOr, Schema};
use utoipa_actix_web::OpenApiFactory;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::db::Write;
use crate::error::{Error, Fault, Result};
use crate::http::response::Response;
use crate::http::shape::KindShape;
use crate::resource::full_text::Scope;
use crate::resource::{Resource, Template, constraints, store, warnings};
pub use by_actor::ListByActor;
pub use citations::Citations;
pub use document::{IdempotencyKey, IfMatch, Texts, describe_etag};
pub use operation::Operation;

/// A kind of record with its routes.
pub trait Endpoint: Resource {
    /// What the OpenAPI document says of this kind only.
    const TEXTS: Texts = Texts::DEFAULT;

    /// Adds the routes. A kind that has others than those of [`Crud`] overrides this.
    fn routes(configuration: &mut ServiceConfig) {
        configuration.service(Crud::<Self>::NEW);
    }
}

/// A kind of record that is known only at run time.
pub trait Protocol: Send + Sync {
    /// Returns the template of the records' JSON.
    fn template(&self) -> Template;

    /// Returns how the records are included in others.
    fn shape(&self) -> KindShape;

    /// Returns by which other records full text finds records of the kind.
    fn scope(&self) -> Scope;

    /// Adds the routes of the kind.
    fn routes(&self, configuration: &mut ServiceConfig);

    /// Writes a record in a transaction and returns the response of the corresponding route.
    fn perform<'w>(
        &'w self,
        write: &'w mut Write<'_>,
        operation: Operation,
    ) -> BoxFuture<'w, Result<Response>>;

    /// Returns the select of what the kind's rules of plausibility find; empty if it has no rules.
    fn warning_rules(&self) -> &'static str;

    /// Returns what the rules find in records that were written.
    fn warnings<'w>(
        &'w self,
        write: &'w mut Write<'_>,
        ids: Vec<Uuid>,
    ) -> BoxFuture<'w, Result<HashMap<Uuid, Vec<Fault>>>>;

    /// Refuses a stored record with a key that another record has, see [`store::check_stored_keys`].
    fn check_stored_keys<'w>(&'w self, write: &'w mut Write<'_>, id: Uuid) -> BoxFuture<'w, Result<()>>;

    /// Explains a violated constraint of the kind, see [`constraints::explain`].
    fn explain(&self, error: Error) -> Error;

    /// Returns the id of the record that stands for `id` now, see [`Resource::current_id`].
    fn current_id<'w>(&'w self, write: &'w mut Write<'_>, id: Uuid) -> BoxFuture<'w, Result<Uuid>>;
}

/// The routes list, create, show, replace, patch and delete of one kind.
pub struct Crud<R>(PhantomData<fn() -> R>);

impl<R> Crud<R> {
    /// The routes.
    pub const NEW: Self = Self(PhantomData);
}

impl<R: Endpoint> Protocol for Crud<R> {
    fn template(&self) -> Template {
        R::template()
    }

    fn shape(&self) -> KindShape {
        KindShape::of::<R>()
    }

    fn scope(&self) -> Scope {
        R::SCOPE
    }

    fn routes(&self, configuration: &mut ServiceConfig) {
        R::routes(configuration);
    }

    fn perform<'w>(
        &'w self,
        write: &'w mut Write<'_>,
        operation: Operation,
    ) -> BoxFuture<'w, Result<Response>> {
        Box::pin(operation.perform::<R>(write))
    }

    fn warning_rules(&self) -> &'static str {
        R::sql().warnings.as_str()
    }

    fn warnings<'w>(
        &'w self,
        write: &'w mut Write<'_>,
        ids: Vec<Uuid>,
    ) -> BoxFuture<'w, Result<HashMap<Uuid, Vec<Fault>>>> {
        Box::pin(warnings::find::<R>(write, ids))
    }

    fn check_stored_keys<'w>(&'w self, write: &'w mut Write<'_>, id: Uuid) -> BoxFuture<'w, Result<()>> {
        Box::pin(store::check_stored_keys::<R>(write, id))
    }

    fn explain(&self, error: Error) -> Error {
        constraints::explain(error, R::CONSTRAINTS)
    }

    fn current_id<'w>(&'w self, write: &'w mut Write<'_>, id: Uuid) -> BoxFuture<'w, Result<Uuid>> {
        Box::pin(R::current_id(write, id))
    }
}

impl<R: Endpoint> HttpServiceFactory for Crud<R> {
    fn register(self, service: &mut AppService) {
        let all = document::path_of_all(R::KIND);
        let one = document::path_of_one(R::KIND);
        route(service, Method::GET, &all, handlers::list::<R>);
        route(service, Method::POST, &all, handlers::create::<R>);
        // No reference is `counts`: it is neither an id nor a key, which has a colon.
        route(
            service,
            Method::GET,
            &document::path_of_counts(R::KIND),
            handlers::count::<R>,
        );
        route(service, Method::GET, &one, handlers::show::<R>);
        route(service, Method::PUT, &one, handlers::replace::<R>);
        route(service, Method::PATCH, &one, handlers::patch::<R>);
        route(service, Method::DELETE, &one, handlers::delete::<R>);
    }
}

impl<R: Endpoint> OpenApiFactory for Crud<R> {
    fn paths(&self) -> Paths {
        document::crud::<R>()
    }

    fn schemas(&self, schemas: &mut Vec<(String, RefOr<Schema>)>) {
        document::crud_schemas::<R>(schemas);
    }
}

/// Registers a handler for one method of a path. Each method is a resource of its own, as with actix's macros: a method that
/// no handler has falls through to the default service, which returns the methods that the path knows.
fn route<H, Arguments>(service: &mut AppService, method: Method, path: &str, handler: H)
where
    H: Handler<Arguments>,
    Arguments: FromRequest + 'static,
    H::Output: Responder + 'static,
{
    web::resource(path)
        .guard(guard::Method(method))
        .to(handler)
        .register(service);
}
