//! The OpenAPI 3.1 document: its head, and what all operations have in common. Each route describes itself.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Schema};
use utoipa::{IntoParams, Modify, OpenApi};

use crate::http::comment;
use crate::http::crud::describe_etag;
use crate::http::formats::Format;
use crate::http::listing::MOST_VALUES;
use crate::http::pretty::PrettyParameter;
use crate::http::problems::ProblemBody;
use crate::text::near::{LONGEST, MOST, is_similar};

/// The path of the document, which it does not describe.
pub const DOCUMENT: &str = "/openapi.json";

/// The operation that runs several others.
const BATCH: &str = "run_batch";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Demarche",
        description = "A registry of international actors, sanctions and diplomatic actions: who did what to whom, when, \
                       under which authority, why, and who says so. Dates keep their precision: 2025, 2025-09, \
                       2025-09-23, 2025-11-11~ (about), 1960/1962 (some time between), ../2025-11-12 (not later than). \
                       A record is named by its id or by a key such as iso3166:CO.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "actors", description = "States, organizations, persons, ships and others that act or are acted upon"),
        (name = "sanctions", description = "Measures of one imposer against one target"),
        (name = "diplomatic-actions", description = "What actors did to or with other actors"),
        (name = "relationships", description = "Typed, dated relationships between actors"),
        (name = "programmes", description = "Legal bases under which sanctions are imposed"),
        (name = "sources", description = "Documents that support or dispute claims"),
        (name = "reading across", description = "Timelines and claims across several resources"),
        (name = "history", description = "Earlier versions of records: who changed them, when and why"),
        (name = "vocabularies", description = "Open vocabularies, which an admin can extend"),
        (name = "batch", description = "Several writes in one transaction"),
        (name = "about", description = "The registry and its problem types"),
        (name = "operations", description = "Health checks and metrics"),
    ),
    components(schemas(ProblemBody)),
    modifiers(&Security)
)]
/// The document before the routes are added to it.
pub struct Document;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("dmr_…")
            .description(Some("A token created with demarche token create"))
            .build();
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// Adds the workbook to the formats of a list: what is available as CSV and NDJSON is available as XLSX.
fn describe_workbook(operation: &mut Operation) {
    let Some(RefOr::T(response)) = operation.responses.responses.get_mut("200") else {
        return;
    };
    let is_list = ["text/csv", "application/x-ndjson"]
        .iter()
        .all(|media_type| response.content.contains_key(*media_type));
    if is_list {
        let binary = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)));
        response.content.insert(
            Format::Xlsx.media_type().to_owned(),
            RefOr::T(ContentBuilder::new().schema(Some(binary)).build()),
        );
    }
}

/// Adds to every operation what all have in common: the token, X-Comment, ETags, and the responses to failures.
pub fn complete(document: &mut utoipa::openapi::OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let is_public = !path.starts_with("/v1") && path != "/";
        let has_reference = path.contains('{');
        for (writes, operation) in [
            (false, &mut item.get),
            (true, &mut item.post),
            (true, &mut item.put),
            (true, &mut item.patch),
            (true, &mut item.delete),
        ] {
            let Some(operation) = operation else { continue };
            if is_public {
                continue;
            }
            cap_repetition(operation);
            if !writes && path != "/" {
                let pretty = PrettyParameter::into_params(|| None);
                let parameters = operation.parameters.get_or_insert_default();
                parameters.extend(pretty.into_iter().map(RefOr::T));
            }
            describe_etag(operation);
            describe_workbook(operation);
            if writes {
                operation
                    .parameters
                    .get_or_insert_default()
                    .push(RefOr::T(comment()));
            }
            if path.starts_with("/v1/actors/{ref}") && !path.ends_with("/merge") {
                operation
                    .responses
                    .responses
                    .entry("308".to_owned())
                    .or_insert_with(|| redirect("The actor was merged into the one at Location"));
            }
            let has_body = operation.request_body.is_some();
            let mut failures = vec![
                ("400", "The request is malformed; errors has the first fault"),
                ("401", "No valid token"),
                (
                    "429",
                    "Too many requests of this client, a second or at the same time; Retry-After",
                ),
                (
                    "503",
                    "The server is busy or the database is unavailable; send the request again after Retry-After",
                ),
            ];
            // A batch names records in its body and responds to unknown ones as their own paths do.
            if has_reference || operation.operation_id.as_deref() == Some(BATCH) {
                failures.push(("404", "The record does not exist"));
            }
            if has_reference {
                failures.push((
                    "409",
                    "The key matches several records, or the request conflicts with another record",
                ));
            }
            if writes {
                failures.push(("403", "The user's role does not allow this write"));
                failures.push((
                    "409",
                    "The request conflicts with another record, which the response names",
                ));
                failures.push(("412", "If-Match does not name the current version"));
                failures.push(("428", "This server requires If-Match, and it is missing"));
            } else {
                failures.push(("406", "The path is not available in a format that Accept allows"));
            }
            failures.push((
                "422",
                "The request breaks rules of the registry, and errors has every fault; or it takes too long",
            ));
            failures.push(("431", "The request line and headers are too long, or too many"));
            failures.push((
                "408",
                if has_body {
                    "The request line and headers, or the body, did not arrive completely in time"
                } else {
                    "The request line and headers did not arrive completely in time"
                },
            ));
            if has_body {
                failures.push(("413", "The body is too large"));
                failures.push(("415", "The body is not JSON"));
            }
            for (status, description) in failures {
                operation
                    .responses
                    .responses
                    .entry(status.to_owned())
                    .or_insert_with(|| problem(status, description));
            }
            let needs_token = SecurityRequirement::new("token", Vec::<String>::new());
            // A server with PUBLIC_READ=true also allows reading without a token.
            operation.security = Some(if writes {
                vec![needs_token]
            } else {
                vec![needs_token, SecurityRequirement::default()]
            });
        }
    }
}

/// Documents how often a filter may be repeated, and that it may be left out: the descriptions are made from fields that are lists,
/// which are not optional by their type.
fn cap_repetition(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && let Some(RefOr::T(Schema::Array(array))) = &mut parameter.schema
        {
            array.max_items = Some(MOST_VALUES);
            if parameter.parameter_in == ParameterIn::Query {
                parameter.required = Required::False;
            }
        }
    }
}

/// Returns the parameter X-Comment of every write.
fn comment() -> Parameter {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(comment::LENGTH))
        .examples(["corrected after the ministry's note of 3 November"]);
    ParameterBuilder::new()
        .name("X-Comment")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Why the request writes: one line of UTF-8 text, recorded in the history of every record that the request changes",
        ))
        .schema(Some(text))
        .build()
}

fn redirect(description: &str) -> RefOr<Response> {
    let address = HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .description(Some(
            "The same path and query for the actor that it was merged into",
        ))
        .build();
    ResponseBuilder::new()
        .description(description)
        .header("Location", address)
        .build()
        .into()
}

fn problem(status: &str, description: &str) -> RefOr<Response> {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    let response = ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content);
    if !matches!(status, "429" | "503") {
        return response.build().into();
    }
    let seconds = HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::Integer)))
        .description(Some("Seconds to wait before the request is sent again"))
        .build();
    response.header("Retry-After", seconds).build().into()
}

/// Returns the methods that a path supports, as the header Allow lists them; empty if the path is unknown.
pub fn methods_of(document: &utoipa::openapi::OpenApi, path: &str) -> Vec<&'static str> {
    let fits = |template: &str| {
        let wanted: Vec<&str> = template.split('/').collect();
        let given: Vec<&str> = path.split('/').collect();
        wanted.len() == given.len()
            && wanted
                .iter()
                .zip(&given)
                .all(|(wanted, given)| wanted == given || (wanted.starts_with('{') && !given.is_empty()))
    };
    let mut methods = Vec::new();
    for (_, item) in document.paths.paths.iter().filter(|(template, _)| fits(template)) {
        for (name, operation) in [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ] {
            if operation.is_some() && !methods.contains(&name) {
                methods.push(name);
                if name == "GET" {
                    methods.push("HEAD");
                }
            }
        }
    }
    methods
}

/// Returns the paths that are near to one that does not exist: those of which each part is spelled nearly so, else those that end so.
pub fn near(document: &utoipa::openapi::OpenApi, path: &str) -> Vec<String> {
    if path.len() > LONGEST {
        return Vec::new();
    }
    let is_near = |one: &str, other: &str| one == other || is_similar(one, other);
    let given: Vec<&str> = path.split('/').collect();
    let known = || document.paths.paths.keys().map(String::as_str).chain([DOCUMENT]);
    let filled = |template: &str| {
        let wanted: Vec<&str> = template.split('/').collect();
        let parts = wanted.iter().zip(&given).map(|(wanted, given)| {
            if wanted.starts_with('{') {
                Some(*given).filter(|given| !given.is_empty())
            } else {
                Some(*wanted).filter(|wanted| is_near(wanted, given))
            }
        });
        let parts: Option<Vec<&str>> = parts.collect();
        parts
            .filter(|_| wanted.len() == given.len())
            .map(|parts| parts.join("/"))
    };
    let mut near: Vec<String> = known().filter_map(filled).collect();
    if near.is_empty() {
        let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let end = last(path);
        let ends_so = |known: &&str| !known.contains('{') && end.len() > 2 && is_near(&last(known), &end);
        near = known().filter(ends_so).map(str::to_owned).collect();
    }
    near.dedup();
    near.truncate(if near.len() > MOST { 0 } else { MOST });
    near
}
