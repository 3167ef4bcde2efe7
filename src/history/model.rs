//! Revisions as clients read them: a page of changes, and one whole version.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::db::{Db, Statement};
use crate::error::{Error, Result};
use crate::query::table_row::{Cell, cell, number, text};
use crate::query::{Column, Conditions, Selection, Sort, TableRow};
use crate::resource::filter::ListFilter;
use crate::resource::{Listed, RecordRow};
use crate::vocabulary::RevisionOperation;

/// The record or vocabulary entry whose revisions are read.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The table of the record, as revisions name it.
    pub table: &'static str,
    /// The id of the record; for an entry, the id derived from its code.
    pub record_id: Uuid,
    /// The path segment of the kind, such as `sanctions` or `vocabularies/measures`.
    pub resource: String,
    /// The id of a record, the code of an entry.
    pub id: String,
}

/// A record by its id alone; it may be deleted.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct RecordId {
    /// Id of the record
    pub id: Uuid,
}

/// One operation of a JSON Patch (RFC 6902).
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what json_patch::Patch writes")]
pub struct PatchOperation {
    /// add, remove, replace, move, copy or test
    #[schema(examples("replace"))]
    op: String,
    /// JSON pointer of the value in the record
    #[schema(examples("/description"))]
    path: String,
    /// Of move and copy: JSON pointer of the value to take
    from: Option<String>,
    /// Of add, replace and test: the value
    value: Option<Value>,
}

/// What was done to a record, by whom and why.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Written {
    /// Version of the record after the change, from 1
    pub version: i32,
    /// What was done to the record
    pub operation: RevisionOperation,
    /// When the registry recorded it
    pub at: DateTime<Utc>,
    /// The user of the token that wrote it; `role:` and the database role if it was written without a token
    #[schema(examples("maria"))]
    pub by: String,
    /// The writer's reason, from the header X-Comment; null if none was given
    pub comment: Option<String>,
    /// X-Request-Id of the request that wrote it; null if no request did
    pub request_id: Option<String>,
    /// Whether the writer set `at` to an earlier time than that of the write
    pub backdated: bool,
    /// For a merge, the actor that it was merged into; else null
    pub merged_into: Option<RecordId>,
}

/// A version of a record in its history.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(from = "Recorded")]
pub struct Revision {
    /// What was done, by whom and why
    #[serde(flatten)]
    pub written: Written,
    /// JSON Patch from the version before. The first is a patch of null, and a deletion results in null: applied in order, the
    /// patches give every version
    #[schema(value_type = Vec<PatchOperation>)]
    pub diff: json_patch::Patch,
}

/// A revision as its SQL returns it.
#[derive(Debug, Deserialize)]
struct Recorded {
    #[serde(flatten)]
    written: Written,
    record: Value,
    before: Value,
}

impl From<Recorded> for Revision {
    fn from(recorded: Recorded) -> Self {
        Self {
            diff: json_patch::diff(&recorded.before, &recorded.record),
            written: recorded.written,
        }
    }
}

impl Listed for Revision {}

impl TableRow for Revision {
    const COLUMNS: &'static [&'static [Column<Self>]] = &[&[
        ("version", |revision| number(revision.written.version)),
        ("operation", |revision| text(revision.written.operation)),
        ("at", |revision| Cell::Time(revision.written.at)),
        ("by", |revision| text(&revision.written.by)),
        ("comment", |revision| cell(revision.written.comment.as_ref())),
        ("request_id", |revision| {
            cell(revision.written.request_id.as_ref())
        }),
        ("backdated", |revision| Cell::Boolean(revision.written.backdated)),
        ("merged_into", |revision| {
            cell(revision.written.merged_into.map(|other| other.id).as_ref())
        }),
        ("diff", |revision| {
            text(serde_json::to_string(&revision.diff).unwrap_or_default())
        }),
    ]];
}

/// The expression of a revision's JSON in a select from tables `change` and `revision`, without its end.
const RECORDED: &str = "json_build_object(\
     'version', revision.version, \
     'operation', revision.operation, \
     'at', change.recorded_at, \
     'by', revision.changed_by, \
     'comment', revision.comment, \
     'request_id', revision.request_id, \
     'backdated', change.is_backdated, \
     'merged_into', case when revision.merged_into is not null then json_build_object('id', revision.merged_into) end, \
     'record', revision.document";

const FROM: &str = "changes as change join revisions as revision on revision.id = change.revision_id";

const SORTS: &[Sort] = &[Sort::plain("version", "revision.version", "integer")];

/// Returns the selection of the history of a record.
pub fn selection() -> Selection {
    Selection {
        record: format!(
            "{RECORDED}, 'before', (\
               select earlier.document from revisions as earlier \
               where earlier.record_id = revision.record_id and earlier.resource = revision.resource \
               and earlier.version < revision.version \
               order by earlier.version desc limit 1))"
        )
        .into(),
        record_as_of: None,
        made_by: None,
        is_response: false,
        from: FROM.into(),
        id: "revision.version".into(),
        sorts: SORTS,
        default_sort: "-version",
        with: Statement::default(),
    }
}

/// Filters of a history.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RevisionFilter {
    /// What was done. Repeat it for several
    #[param(example = "update")]
    operation: Vec<RevisionOperation>,
}

impl ListFilter for RevisionFilter {}

impl RevisionFilter {
    /// Returns the conditions of the filters, for the revisions of one record.
    pub fn conditions(self, subject: &Subject, db: &Db) -> Conditions {
        let mut conditions = Conditions::default();
        conditions.add(Statement::new("revision.record_id = ").bind(subject.record_id));
        conditions.add(Statement::new("revision.resource = ").bind(subject.table));
        if db.is_as_of() {
            conditions.add(Statement::new("change.recorded_at <= as_of.moment()"));
        }
        let operations: Vec<String> = self.operation.iter().map(ToString::to_string).collect();
        conditions.any_as(
            "revision.operation",
            operations,
            "::public.revision_operation[]",
            "",
        );
        conditions
    }
}

/// A record at one version. Names of other records are left out: they change without this one.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Version {
    /// As in paths: actors, diplomatic-actions, vocabularies/measures …
    #[serde(default)]
    #[schema(examples("sanctions"))]
    pub resource: String,
    /// Id of the record; for a vocabulary entry its code
    #[serde(default)]
    pub id: String,
    /// What was done, by whom and why
    #[serde(flatten)]
    pub written: Written,
    /// The whole record, with other records in it as {"id"} only; null if the record ended
    #[schema(value_type = Option<Object>)]
    pub record: Value,
}

impl Version {
    /// Returns a version of a record; `None` if the record has no such version.
    ///
    /// # Errors
    /// Those of [`Db::read`]; internal if the stored version is not a version of this program.
    pub async fn find(db: &Db, subject: &Subject, version: i32) -> Result<Option<Self>> {
        let statement = Statement::new(format!(
            "select {RECORDED})::text as record from {FROM} where revision.record_id = "
        ))
        .bind(subject.record_id)
        .sql(" and revision.resource = ")
        .bind(subject.table)
        .sql(" and revision.version = ")
        .bind(i64::from(version))
        .keep_prepared();
        let row: Option<RecordRow> = db.read_one(statement).await?;
        row.map(|row| {
            let recorded: Self = row.parse()?;
            Ok(Self {
                resource: subject.resource.clone(),
                id: subject.id.clone(),
                ..recorded
            })
        })
        .transpose()
    }
}

/// Returns the number of a version in an address; `None` if it is larger than any version.
///
/// # Errors
/// Malformed request if it is not a whole number.
pub fn parse_version(text: &str) -> Result<Option<i32>> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::malformed(
            "",
            "the last part of the path is not a version; write a whole number such as 2",
        ));
    }
    Ok(text.parse().ok())
}
