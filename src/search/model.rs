//! A record of any kind that was found, and the SQL that finds records.

use serde::{Deserialize, Serialize};
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::dispatch;
use crate::query::table_row::{cell, number, text};
use crate::query::{Column, Conditions, Selection, Sort, TableRow};
use crate::resource::filter::ListFilter;
use crate::resource::full_text::{BEST_FIRST, FullText, Match, RANK, Scope, matched_json};
use crate::resource::parameters;
use crate::resource::{Kind, Listed};

/// A record that was found.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FoundRecord {
    /// The kind of the record
    pub resource: Kind,
    /// Id of the record
    pub id: Uuid,
    /// The path of the record
    #[schema(examples("/v1/sanctions/0199a1b2-0000-7000-8000-000000000000"))]
    pub path: String,
    /// What the record is called: its name or title, or both ends and what is between them
    #[schema(examples("Office of Foreign Assets Control sanctions Gustavo Petro"))]
    pub title: String,
    /// How well it matches, and where
    pub r#match: Match,
}

impl Listed for FoundRecord {}

impl TableRow for FoundRecord {
    const COLUMNS: &'static [&'static [Column<Self>]] = &[&[
        ("resource", |found| text(found.resource)),
        ("id", |found| text(found.id)),
        ("path", |found| text(&found.path)),
        ("title", |found| text(&found.title)),
        ("rank", |found| number(found.r#match.rank)),
        ("snippet", |found| cell(found.r#match.snippet.as_ref())),
    ]];
}

const SORTS: &[Sort] = &[RANK];

/// What a search is narrowed by.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SearchFilter {
    resource: Vec<Kind>,
}

impl ListFilter for SearchFilter {}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters of SearchFilter")]
struct OwnParameters {
    /// The kind of the records, such as sanctions. Repeat it for several; all kinds if absent
    #[param(inline)]
    resource: Vec<Kind>,
}

impl IntoParams for SearchFilter {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut all = vec![parameters::search(Required::True)];
        all.extend(OwnParameters::into_params(parameter_in));
        all
    }
}

/// Returns what a search selects.
pub fn selection(search: &FullText, filter: SearchFilter) -> (Selection, Conditions) {
    let scopes: Vec<Scope> = Kind::ALL
        .into_iter()
        .filter(|kind| filter.resource.is_empty() || filter.resource.contains(kind))
        .map(|kind| dispatch::protocol(kind).scope())
        .collect();
    let selection = Selection {
        record: format!(
            "(select json_build_object('resource', named.path, 'id', matched.id, 'path', '/v1/' || named.path || '/' || matched.id, \
             'title', {title}, 'match', {matched}) \
             from (select replace(matched.resource, '_', '-') as path) as named)",
            title = include_str!("title.sql"),
            matched = matched_json(&scopes),
        )
        .into(),
        record_as_of: None,
        made_by: None,
        is_response: false,
        from: "matched".into(),
        id: "matched.id".into(),
        sorts: SORTS,
        default_sort: BEST_FIRST,
        with: search.matches(&scopes),
    };
    (selection, Conditions::default())
}
