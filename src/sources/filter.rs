//! How lists of sources are filtered and sorted.

use std::sync::LazyLock;

use serde::Deserialize;
use utoipa::IntoParams;

use crate::db::Statement;
use crate::query::{Conditions, Selection, Sort};
use crate::sources::model::RECORD_SQL;
use crate::vocabulary::{SourceKind, SourceReliability};

pub const SORTS: &[Sort] = &[
    Sort::plain("title", "source.title", "text"),
    Sort {
        name: "published_on",
        ascending: "coalesce(partial_date_sort_day(source.published_on), 'infinity')",
        descending: "coalesce(partial_date_sort_day(source.published_on), '-infinity')",
        sql_type: "date",
    },
    Sort::plain("kind", "source.kind", "source_kind"),
    Sort::plain("created_at", "source.created_at", "timestamptz"),
    Sort::plain("updated_at", "source.updated_at", "timestamptz"),
];

pub static SELECTION: LazyLock<Selection> = LazyLock::new(|| Selection {
    record: RECORD_SQL.as_str().into(),
    record_as_of: Some("source.document"),
    from: "sources as source",
    id: "source.id",
    sorts: SORTS,
    default_sort: "",
    with: Statement::default(),
});

/// Filters of a list of sources.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SourceFilter {
    /// What sort of document; repeated for one or another
    #[param(example = "official_statement")]
    kind: Vec<SourceKind>,
    /// Who published it, exactly as it is written
    #[param(example = "US Department of the Treasury")]
    publisher: Vec<String>,
    /// Reliability on the Admiralty scale
    #[param(example = "A")]
    reliability: Vec<SourceReliability>,
}

impl SourceFilter {
    pub fn conditions(self) -> Conditions {
        let words = |words: Vec<&'static str>| words.into_iter().map(str::to_owned).collect::<Vec<_>>();
        let mut conditions = Conditions::default();
        let kinds = words(self.kind.into_iter().map(SourceKind::word).collect());
        conditions.any_as("source.kind", kinds, "::source_kind[]", "");
        conditions.any("source.publisher", self.publisher, "");
        let reliabilities = words(
            self.reliability
                .into_iter()
                .map(SourceReliability::word)
                .collect(),
        );
        conditions.any_as("source.reliability", reliabilities, "::source_reliability[]", "");
        conditions
    }
}
