//! How lists of sources are filtered and sorted.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::db::Db;
use crate::error::Result;
use crate::query::{Conditions, Sort};
use crate::resource::Kind;
use crate::resource::fields::{Days, Field, Fields, Holds};
use crate::resource::filter::Filter;
use crate::vocabulary::{SourceKind, SourceReliability};

pub(super) const SORTS: &[Sort] = &[
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

const FIELDS: &Fields = &Fields {
    alias: "source",
    kinds: &[Kind::Sources],
    modifiers: &[],
    own: OWN_FIELDS,
};

const OWN_FIELDS: &[Field] = &[
    Field::own("kind", Holds::Word),
    Field::own("title", Holds::Text),
    Field::own("publisher", Holds::Text),
    Field::own("author", Holds::Text),
    Field::own("url", Holds::Text),
    Field::own("archive_url", Holds::Text),
    Field::own("published_on", Holds::Date(Days::Stored)),
    Field::own("retrieved_at", Holds::Time),
    Field::own("language", Holds::Text),
    Field::own("reliability", Holds::Word),
    Field::own("content_sha256", Holds::Text),
    Field::own("notes", Holds::Text),
];

/// Filters of a list of sources.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SourceFilter {
    /// What kind of document it is. Repeat it for several
    #[param(example = "official_statement")]
    kind: Vec<SourceKind>,
    /// The publisher, exactly as it is written
    #[param(example = "US Department of the Treasury")]
    publisher: Vec<String>,
    /// Reliability on the Admiralty scale
    #[param(example = "A")]
    reliability: Vec<SourceReliability>,
}

impl Filter for SourceFilter {
    const FIELDS: &'static Fields = FIELDS;

    async fn conditions(self, _: &Db, _: Option<NaiveDate>) -> Result<Conditions> {
        let mut conditions = Conditions::default();
        let kinds: Vec<String> = self.kind.iter().map(ToString::to_string).collect();
        conditions.any_as("source.kind", kinds, "::public.source_kind[]", "");
        conditions.any("source.publisher", self.publisher, "");
        let reliabilities: Vec<String> = self.reliability.iter().map(ToString::to_string).collect();
        conditions.any_as(
            "source.reliability",
            reliabilities,
            "::public.source_reliability[]",
            "",
        );
        Ok(conditions)
    }
}
