//! The OpenAPI operations of one kind of record.

use serde_json::json;
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, Paths, PathsBuilder,
};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{AllOfBuilder, KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{
    ContentBuilder, PathItem, Ref, RefOr, Required, ResponseBuilder, ResponsesBuilder, Schema,
};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::Endpoint;
use crate::http::listing::{Counts, CountsParameters, Page, PageOf};
use crate::http::path::{RecordParameters, ShapeOf};
use crate::http::warnings::{Warnings, WriteParameters};
use crate::resource::citations::{Citation, CitationRequest, Cites};
use crate::resource::filter::{ActorFilter, ByActor, Counted, OfRecords};
use crate::resource::full_text::Match;
use crate::resource::{Kind, Resource};

/// What the OpenAPI document says of one kind only.
#[derive(Debug, Clone, Copy)]
pub struct Texts {
    /// How a path names a record.
    pub reference: &'static str,
    /// A reference that the parameter `ref` of a read shows as its example; empty for none.
    pub reference_example: &'static str,
    /// The summary of the operation that deletes a record.
    pub delete: &'static str,
    /// What else is to be known about deleting; empty for nothing.
    pub delete_description: &'static str,
    /// What else is to be known about patching; empty for nothing.
    pub patch_description: &'static str,
}

impl Texts {
    /// The texts of a kind that says nothing of its own.
    pub const DEFAULT: Self = Self {
        reference: "Id, or an external key scheme:value",
        reference_example: "",
        delete: "Deletes a record",
        delete_description: "",
        patch_description: "",
    };
}

/// The header by which a repeated request is recognized.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header, which is read by name")]
pub struct IdempotencyKey {
    /// A repeated request with the same key and body returns the first response and changes nothing; keys are kept for 24 hours
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255)]
    idempotency_key: Option<String>,
}

/// The header by which a write is bound to a version.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header, which is read by name")]
pub struct IfMatch {
    /// The ETag that the record was read with; 412 if the record has another version now
    #[param(rename = "If-Match")]
    if_match: Option<String>,
}

/// The header by which a PUT creates and never replaces.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header, which is read by name")]
struct IfAbsent {
    /// `*` permits only a new record; 412 if the key has one
    #[param(rename = "If-None-Match", example = "*")]
    if_none_match: Option<String>,
}

/// The header by which a read asks only for another version.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header, which is read by name")]
struct IfNoneMatch {
    /// ETags that the client has; 304 without a body if the response would have one of them
    #[param(rename = "If-None-Match")]
    if_none_match: Option<String>,
}

/// Adds to an operation what the routes of records, entries and versions have in common: a read that can return 304 takes
/// If-None-Match, and it, a creation, and a write that takes If-Match return the record with its ETag.
pub fn describe_etag(operation: &mut Operation) {
    let takes = |name: &str| {
        operation
            .parameters
            .iter()
            .flatten()
            .any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == name))
    };
    let responses = &mut operation.responses.responses;
    let can_be_unchanged = responses.contains_key("304");
    let has_etag = [
        ("200", can_be_unchanged || takes("If-Match")),
        ("201", true),
        ("304", true),
    ];
    for (status, _) in has_etag.into_iter().filter(|(_, has_etag)| *has_etag) {
        if let Some(RefOr::T(response)) = responses.get_mut(status) {
            let etag = "The entity tag of this version, for If-Match and If-None-Match";
            response
                .headers
                .entry("ETag".to_owned())
                .or_insert_with(|| RefOr::T(header_of(etag.to_owned())));
        }
    }
    if can_be_unchanged {
        operation
            .parameters
            .get_or_insert_default()
            .extend(header::<IfNoneMatch>().into_iter().map(RefOr::T));
    }
}

fn header_of(description: String) -> Header {
    HeaderBuilder::new()
        .schema(Some(string()))
        .description(Some(description))
        .build()
}

pub(super) fn path_of_all(kind: Kind) -> String {
    format!("/v1/{kind}")
}

pub(super) fn path_of_one(kind: Kind) -> String {
    format!("/v1/{kind}/{{ref}}")
}

pub(super) fn path_of_counts(kind: Kind) -> String {
    format!("/v1/{kind}/counts")
}

pub(super) fn path_of_citations(kind: Kind) -> String {
    format!("/v1/{kind}/{{ref}}/citations")
}

pub(super) fn path_of_citation(kind: Kind) -> String {
    format!("/v1/{kind}/{{ref}}/citations/{{id}}")
}

pub(super) fn path_by_actor(kind: Kind) -> String {
    format!("/v1/actors/{{ref}}/{kind}")
}

/// The names of a kind in operation ids and texts.
struct Names {
    /// `diplomatic action`
    noun: &'static str,
    /// `a diplomatic action`
    with_article: String,
    /// `diplomatic actions`
    plural: String,
    /// `diplomatic_action`
    identifier: String,
    /// `diplomatic_actions`
    identifiers: &'static str,
}

impl Names {
    fn of(kind: Kind) -> Self {
        let noun = kind.noun();
        let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
            "an"
        } else {
            "a"
        };
        Self {
            noun,
            with_article: format!("{article} {noun}"),
            plural: kind.table().replace('_', " "),
            identifier: noun.replace(' ', "_"),
            identifiers: kind.table(),
        }
    }
}

pub(super) fn crud<R: Endpoint>() -> Paths {
    let Names {
        noun,
        with_article,
        plural,
        identifier,
        identifiers,
    } = Names::of(R::KIND);
    let operation = |id: String, summary: String| described(R::KIND.path(), id, summary);
    let list = operation(format!("list_{identifiers}"), format!("Lists {plural}"))
        .description(Some(sorts::<R>()))
        .parameters(Some(query::<PageOf<R>>()))
        .parameters(Some(query::<OfRecords<R::Filter>>()))
        .responses(page::<R>(&plural));
    let counts = operation(
        format!("count_{identifiers}"),
        format!("Counts {plural} by their fields"),
    )
    .description(Some(
        "A record with several values of a field counts under each; one without a value counts under null.",
    ))
    .parameters(Some(query::<Counted<R::Filter>>()))
    .parameters(Some(query::<CountsParameters>()))
    .responses(counted(&plural));
    let create = operation(format!("create_{identifier}"), format!("Creates {with_article}"))
        .parameters(Some(query::<WriteParameters>()))
        .parameters(Some(header::<IdempotencyKey>()))
        .request_body(Some(body::<R::Input>(&["application/json"])))
        .responses(written::<R>("201", format!("The {noun} as it was recorded")));
    let show = operation(format!("show_{identifier}"), format!("Returns {with_article}"))
        .parameter(reference(R::TEXTS.reference, R::TEXTS.reference_example))
        .parameters(Some(query::<RecordParameters>()))
        .parameters(Some(query::<ShapeOf<R>>()))
        .responses(
            record::<R>("200", format!("The {noun}"))
                .response("304", ResponseBuilder::new().description("Not modified")),
        );
    let changed = || written::<R>("200", format!("The {noun} as it is now"));
    let replace = operation(
        format!("replace_{identifier}"),
        format!("Replaces {with_article}, or creates it by an external key"),
    )
    .description(Some(
        "An external key that no record has creates the record with it (201). The same request then replaces the record by \
         itself, which changes nothing. A body without `external_keys` keeps the key of the path.",
    ))
    .parameter(reference(R::TEXTS.reference, ""))
    .parameters(Some(query::<WriteParameters>()))
    .parameters(Some(header::<IfMatch>()))
    .parameters(Some(header::<IfAbsent>()))
    .request_body(Some(body::<R::Input>(&["application/json"])))
    .responses(
        changed().response("201", written_response::<R>(format!("The {noun} as it was created"))),
    );
    let patch = operation(
        format!("patch_{identifier}"),
        format!("Changes fields of {with_article} (JSON Merge Patch)"),
    )
    .description(text(R::TEXTS.patch_description))
    .parameter(reference(R::TEXTS.reference, ""))
    .parameters(Some(query::<WriteParameters>()))
    .parameters(Some(header::<IfMatch>()))
    .request_body(Some(body::<R::Input>(&[
        "application/merge-patch+json",
        "application/json",
    ])))
    .responses(changed());
    let delete = operation(format!("delete_{identifier}"), R::TEXTS.delete.to_owned())
        .description(text(R::TEXTS.delete_description))
        .parameter(reference(R::TEXTS.reference, ""))
        .parameters(Some(header::<IfMatch>()))
        .responses(ResponsesBuilder::new().response("204", ResponseBuilder::new().description("Deleted")));
    let mut all = PathItem::new(HttpMethod::Get, list);
    all.merge_operations(PathItem::new(HttpMethod::Post, create));
    let mut one = PathItem::new(HttpMethod::Get, show);
    one.merge_operations(PathItem::new(HttpMethod::Put, replace));
    one.merge_operations(PathItem::new(HttpMethod::Patch, patch));
    one.merge_operations(PathItem::new(HttpMethod::Delete, delete));
    PathsBuilder::new()
        .path(path_of_all(R::KIND), all)
        .path(path_of_counts(R::KIND), PathItem::new(HttpMethod::Get, counts))
        .path(path_of_one(R::KIND), one)
        .build()
}

pub(super) fn crud_schemas<R: Resource>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    schemas.push((page_name::<R>(), Page::<R>::schema()));
    Page::<R>::schemas(schemas);
    schema::<R>(schemas);
    schema::<R::Input>(schemas);
    schema::<Match>(schemas);
    schema::<Warnings>(schemas);
    schema::<Counts>(schemas);
}

pub(super) fn citations<R: Endpoint + Cites>() -> Paths {
    let Names { noun, identifier, .. } = Names::of(R::KIND);
    let operation = |id: String, summary: &str| described(R::KIND.path(), id, summary.to_owned());
    let citation = ContentBuilder::new()
        .schema(Some(with_warnings::<Citation>()))
        .build();
    let added = ResponseBuilder::new()
        .description("The citation as it was recorded")
        .content("application/json", citation)
        .header("ETag", header_of(format!("The ETag that the {noun} has now")))
        .header("Location", header_of(format!("The address of the {noun}")));
    let add = operation(format!("add_{identifier}_citation"), "Adds a citation")
        .description(Some("Citations that others add at the same time are kept."))
        .parameter(reference(R::TEXTS.reference, ""))
        .parameters(Some(query::<WriteParameters>()))
        .parameters(Some(header::<IdempotencyKey>()))
        .request_body(Some(body::<CitationRequest>(&["application/json"])))
        .responses(ResponsesBuilder::new().response("201", added));
    let removed = ResponseBuilder::new()
        .description("Removed")
        .header("ETag", header_of(format!("The ETag that the {noun} has now")));
    let id = ParameterBuilder::new()
        .name("id")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("Id of the citation"))
        .schema(Some(uuid()));
    let remove = operation(format!("remove_{identifier}_citation"), "Removes a citation")
        .parameter(reference(R::TEXTS.reference, ""))
        .parameter(id)
        .parameters(Some(query::<WriteParameters>()))
        .parameters(Some(header::<IfMatch>()))
        .responses(ResponsesBuilder::new().response("204", removed));
    PathsBuilder::new()
        .path(path_of_citations(R::KIND), PathItem::new(HttpMethod::Post, add))
        .path(
            path_of_citation(R::KIND),
            PathItem::new(HttpMethod::Delete, remove),
        )
        .build()
}

pub(super) fn citation_schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    schema::<Citation>(schemas);
    schema::<CitationRequest>(schemas);
}

pub(super) fn by_actor<R>(summary: &str) -> Paths
where
    R: Endpoint<Filter: ActorFilter>,
{
    let Names {
        plural, identifiers, ..
    } = Names::of(R::KIND);
    let list = described(
        "reading across",
        format!("list_actor_{identifiers}"),
        summary.to_owned(),
    )
    .description(Some(sorts::<R>()))
    .parameter(reference("Id, or a key such as iso3166:CO", "iso3166:CO"))
    .parameters(Some(query::<PageOf<R>>()))
    .parameters(Some(query::<ByActor<R::Filter>>()))
    .responses(page::<R>(&plural));
    PathsBuilder::new()
        .path(path_by_actor(R::KIND), PathItem::new(HttpMethod::Get, list))
        .build()
}

fn described(tag: &str, id: String, summary: String) -> OperationBuilder {
    OperationBuilder::new()
        .tag(tag)
        .operation_id(Some(id))
        .summary(Some(summary))
}

fn text(text: &'static str) -> Option<&'static str> {
    Some(text).filter(|text| !text.is_empty())
}

fn sorts<R: Resource>() -> String {
    let names: Vec<&str> = R::SORTS.iter().map(|sort| sort.name).collect();
    format!("Sorts by {}; with q also by rank.", names.join(", "))
}

fn query<P: IntoParams>() -> Vec<Parameter> {
    P::into_params(|| Some(ParameterIn::Query))
}

fn header<P: IntoParams>() -> Vec<Parameter> {
    P::into_params(|| Some(ParameterIn::Header))
}

fn reference(description: &str, example: &str) -> Parameter {
    ParameterBuilder::new()
        .name("ref")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(description))
        .schema(Some(string()))
        .example(
            Some(example)
                .filter(|example| !example.is_empty())
                .map(|example| json!(example)),
        )
        .build()
}

fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn uuid() -> ObjectBuilder {
    string().format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
}

fn body<T: ToSchema>(media_types: &[&str]) -> RequestBody {
    let content = || {
        ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(T::name())))
            .build()
    };
    media_types
        .iter()
        .fold(RequestBodyBuilder::new(), |body, media_type| {
            body.content(*media_type, content())
        })
        .required(Some(Required::True))
        .build()
}

fn record<R: ToSchema>(status: &str, description: String) -> ResponsesBuilder {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(R::name())))
        .build();
    let response = ResponseBuilder::new()
        .description(description)
        .content("application/json", content);
    ResponsesBuilder::new().response(status, response)
}

/// Returns the response to a write: the record, with warnings if there are any.
fn written<R: ToSchema>(status: &str, description: String) -> ResponsesBuilder {
    ResponsesBuilder::new().response(status, written_response::<R>(description))
}

fn written_response<R: ToSchema>(description: String) -> ResponseBuilder {
    let content = ContentBuilder::new().schema(Some(with_warnings::<R>())).build();
    ResponseBuilder::new()
        .description(description)
        .content("application/json", content)
}

fn with_warnings<R: ToSchema>() -> Schema {
    AllOfBuilder::new()
        .item(Ref::from_schema_name(R::name()))
        .item(Ref::from_schema_name(Warnings::name()))
        .into()
}

fn page<R: ToSchema>(plural: &str) -> ResponsesBuilder {
    let json = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(page_name::<R>())))
        .build();
    let text = || ContentBuilder::new().schema(Some(string())).build();
    let response = ResponseBuilder::new()
        .description(format!(
            "A page of {plural}. With `q` each item also has `match` (schema Match), and CSV the columns rank and snippet"
        ))
        .content("application/json", json)
        .content("text/csv", text())
        .content("application/x-ndjson", text());
    ResponsesBuilder::new().response("200", response)
}

fn counted(plural: &str) -> ResponsesBuilder {
    let json = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(Counts::name())))
        .build();
    let text = || ContentBuilder::new().schema(Some(string())).build();
    let response = ResponseBuilder::new()
        .description(format!("Counts of {plural}"))
        .content("application/json", json)
        .content("text/csv", text())
        .content("application/x-ndjson", text());
    ResponsesBuilder::new().response("200", response)
}

fn page_name<R: ToSchema>() -> String {
    format!("Page_{}", R::name())
}

fn schema<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}
