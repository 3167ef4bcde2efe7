//! The OpenAPI 3.1 document: what is said of the whole; each route tells of itself.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Schema};
use utoipa::{Modify, OpenApi};

use crate::error::ProblemBody;
use crate::http::comment;
use crate::http::listing::MOST_VALUES;

/// The operation that is many of the others.
const BATCH: &str = "run_batch";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Demarche",
        description = "A registry of international actors, sanctions and diplomatic actions: who did what to whom, when, \
                       under which authority, why, and who says so. Dates are written as known: 2025, 2025-09, \
                       2025-09-23, 2025-11-11~ (about), 1960/1962 (some time between), ../2025-11-12 (not later than). \
                       A record is named by its id or by a natural key such as iso3166:CO.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    tags(
        (name = "actors", description = "Anyone who acts or is acted upon"),
        (name = "sanctions", description = "One imposer's measures against one target"),
        (name = "diplomatic-actions", description = "What actors did to, or with, others"),
        (name = "relationships", description = "Typed, dated ties between actors"),
        (name = "programmes", description = "Legal bases under which sanctions are imposed"),
        (name = "sources", description = "Documents that claims rest on"),
        (name = "reading across", description = "Questions that cut across resources"),
        (name = "history", description = "What records said before, who changed them and why; nothing is ever lost"),
        (name = "vocabularies", description = "The open words of the registry"),
        (name = "batch", description = "Several writes at once, all or nothing"),
        (name = "about", description = "What this is"),
        (name = "operations", description = "For those who run it"),
    ),
    components(schemas(ProblemBody)),
    modifiers(&Security)
)]
pub struct Document;

struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("dmr_…")
            .description(Some("A token made by demarche token create"))
            .build();
        document
            .components
            .get_or_insert_default()
            .add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// Adds to every route what is the same for all: who may, and the failures that can come.
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
                    .or_insert_with(|| elsewhere("The actor was merged into another, at Location"));
            }
            let has_body = operation.request_body.is_some();
            let mut failures = vec![
                ("400", "The request breaks its own form; the first fault is told"),
                ("401", "No token, or one that is not valid"),
                ("429", "Too many requests"),
                ("503", "The database is away; Retry-After says when to try again"),
            ];
            // A batch names records in its body, and tells of them as their own paths do.
            if has_reference || operation.operation_id.as_deref() == Some(BATCH) {
                failures.push(("404", "There is no such record"));
            }
            if has_reference {
                failures.push((
                    "409",
                    "The key fits several records, or another record stands in the way",
                ));
            }
            if writes {
                failures.push(("403", "The user's role may not write this"));
                failures.push(("409", "Another record stands in the way; the answer names it"));
                failures.push(("412", "If-Match names another version than the current one"));
                failures.push(("428", "If-Match is demanded by this server and missing"));
            } else {
                failures.push(("406", "No such format"));
            }
            failures.push((
                "422",
                "The request breaks rules of the registry; every fault is told",
            ));
            if has_body {
                failures.push(("408", "The body did not come to its end in time"));
                failures.push(("413", "The body is too large"));
                failures.push(("415", "The body is not JSON"));
            }
            for (status, description) in failures {
                operation
                    .responses
                    .responses
                    .entry(status.to_owned())
                    .or_insert_with(|| problem(description));
            }
            let needs_token = SecurityRequirement::new("token", Vec::<String>::new());
            // Reading may be open to all: then no token is one of the ways in.
            operation.security = Some(if writes {
                vec![needs_token]
            } else {
                vec![needs_token, SecurityRequirement::default()]
            });
        }
    }
}

/// Filters may be repeated, but not for ever.
fn cap_repetition(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && let Some(RefOr::T(Schema::Array(array))) = &mut parameter.schema
        {
            array.max_items = Some(MOST_VALUES);
        }
    }
}

/// X-Comment, which every write takes.
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
            "Why, in UTF-8 as it is, on one line; kept in the history of every record that the request changes",
        ))
        .schema(Some(text))
        .build()
}

fn elsewhere(description: &str) -> RefOr<Response> {
    let address = HeaderBuilder::new()
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .description(Some("The same path and query, of the actor that it is part of"))
        .build();
    ResponseBuilder::new()
        .description(description)
        .header("Location", address)
        .build()
        .into()
}

fn problem(description: &str) -> RefOr<Response> {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content)
        .build()
        .into()
}

/// The methods that a path knows, in the words of an Allow header.
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
