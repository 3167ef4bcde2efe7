//! A warning about any record, and the SQL that finds all of them.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::claims::model::of_actors;
use crate::db::{Db, Statement};
use crate::dispatch;
use crate::error::Result;
use crate::query::table_row::text;
use crate::query::{Column, Conditions, Selection, Sort, TableRow};
use crate::resource::filter::ListFilter;
use crate::resource::state_roll_up::Counted;
use crate::resource::{Kind, Listed, Lookup};
use crate::vocabulary::Warning;

/// What is implausible in a record.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OpenWarning {
    /// The kind of the record
    pub resource: Kind,
    /// Id of the record
    pub id: Uuid,
    /// The path of the record
    #[schema(examples("/v1/sanctions/0199a1b2-0000-7000-8000-000000000000"))]
    pub path: String,
    /// What kind of warning it is
    pub code: Warning,
    /// JSON pointer into the record; empty for the record as a whole
    #[schema(examples("/links/0"))]
    pub pointer: String,
    /// What is implausible
    pub detail: String,
}

impl Listed for OpenWarning {}

impl TableRow for OpenWarning {
    const COLUMNS: &'static [&'static [Column<Self>]] = &[&[
        ("resource", |warning| text(warning.resource)),
        ("id", |warning| text(warning.id)),
        ("path", |warning| text(&warning.path)),
        ("code", |warning| text(warning.code)),
        ("pointer", |warning| text(&warning.pointer)),
        ("detail", |warning| text(&warning.detail)),
    ]];
}

/// The columns of a warning: `resource`, `id`, `code`, `pointer`, `detail`, and `key`, which is unique and begins with the id.
static WARNINGS: LazyLock<String> = LazyLock::new(|| {
    let kinds: Vec<String> = Kind::ALL
        .into_iter()
        .map(|kind| (kind, dispatch::protocol(kind).warning_rules()))
        .filter(|(_, rules)| !rules.is_empty())
        .map(|(kind, rules)| format!("select '{kind}' as resource, of_kind.* from ({rules}) as of_kind"))
        .collect();
    format!(
        "select found.*, found.id || ' ' || found.code || ' ' || found.pointer || ' ' || md5(found.detail) as key \
         from ({}) as found",
        kinds.join(" union all ")
    )
});

const RECORD: &str = "json_build_object('resource', warning.resource, 'id', warning.id, \
     'path', '/v1/' || warning.resource || '/' || warning.id, 'code', warning.code, 'pointer', warning.pointer, \
     'detail', warning.detail)";

const KEY: &str = "(warning.key collate \"C\")";

const SORTS: &[Sort] = &[
    Sort::plain("id", KEY, "text"),
    Sort::plain("code", "(warning.code collate \"C\")", "text"),
];

/// What the list of warnings selects.
pub static SELECTION: LazyLock<Selection> = LazyLock::new(|| Selection {
    record: RECORD.into(),
    record_as_of: None,
    made_by: None,
    is_response: false,
    from: "warning".into(),
    id: KEY.into(),
    sorts: SORTS,
    default_sort: "",
    with: Statement::new(", warning as (").sql(WARNINGS.as_str()).sql(")"),
});

/// Filters of the list of warnings.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WarningFilter {
    /// The kind of the record, such as sanctions
    #[param(inline)]
    resource: Vec<Kind>,
    /// What kind of warning it is. Repeat it for several
    #[param(inline)]
    code: Vec<Warning>,
    /// An actor that the record is, or is about: at either end, or a participant
    #[param(example = "iso3166:CO")]
    actor: Vec<String>,
}

impl ListFilter for WarningFilter {}

impl WarningFilter {
    /// Returns the conditions of the filters.
    ///
    /// # Errors
    /// Invalid if a reference names no record.
    pub async fn conditions(self, db: &Db) -> Result<Conditions> {
        let mut lookup = Lookup::default();
        let actors = lookup.want_all("actor", Kind::Actors, &self.actor);
        let found = lookup.resolve_for_read(db).await?;
        let mut conditions = Conditions::default();
        let resources: Vec<String> = self.resource.iter().map(ToString::to_string).collect();
        conditions.any("warning.resource", resources, "");
        let codes: Vec<String> = self.code.iter().map(ToString::to_string).collect();
        conditions.any("warning.code", codes, "");
        let actors = found.all(&actors);
        if !actors.is_empty() {
            conditions.add(
                Statement::new("warning.id = any(")
                    .bind(actors.to_vec())
                    .sql(") or warning.id in (")
                    .append(of_actors(&actors, Counted::Exact))
                    .sql(")"),
            );
        }
        Ok(conditions)
    }
}
