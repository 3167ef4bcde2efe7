//! What a record is: the traits that a kind of record implements, and the SQL that selects its records.

use std::future::{Future, ready};
use std::marker::PhantomData;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::pg::Pg;
use diesel::query_builder::{QueryFragment, QueryId};
use diesel::sql_types;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{Statement, Write};
use crate::error::{Error, Result};
use crate::query::table_row::{Cell, joined, number, properties_cell};
use crate::query::{Column, Selection, Sort};
use crate::resource::children::ChildRows;
use crate::resource::constraints::ConstraintError;
use crate::resource::external_keys::ExternalKey;
use crate::resource::filter::Filter;
use crate::resource::full_text::{Link, RANK, Scope, Searched};
use crate::resource::plausibility::{self, Rule};
use crate::resource::record_sql::Template;
use crate::resource::{Kind, Listed};
use crate::validation::Faults;

/// The fields that every record has, whatever its kind.
#[derive(Debug, Clone, Copy)]
pub struct Common<'r> {
    /// The id of the record.
    pub id: Uuid,
    /// Begins at 1; each transaction that changes the record or its lists adds 1.
    pub version: i32,
    /// An object of lists of texts: what a source says and no field holds.
    pub properties: &'r Value,
    /// The keys of the record in other registries.
    pub external_keys: &'r [ExternalKey],
    /// When the record was created first; a restore keeps it.
    pub created_at: DateTime<Utc>,
    /// When its current version was written.
    pub updated_at: DateTime<Utc>,
}

/// A record as it is read and returned.
pub trait Record: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The kind of the record.
    const KIND: Kind;

    /// Returns the fields that every record has.
    fn common(&self) -> Common<'_>;
}

/// A kind of record: everything that reading and writing its records takes, and that differs from kind to kind.
pub trait Resource: Record + Listed {
    /// What a request sends.
    type Input: Input<Self>;
    /// What is stored.
    type Row: Row + for<'r> From<&'r Self>;
    /// What lists are filtered by.
    type Filter: Filter;

    /// What the SQL calls a row of the table: `source`.
    const ALIAS: &'static str;
    /// The template of the record: the text of `record.template`.
    const TEMPLATE: &'static str;
    /// Whether the record's expression reads `given.day`.
    const DEPENDS_ON_DAY: bool = false;
    /// The fields that lists can be sorted by.
    const SORTS: &'static [Sort];
    /// The fields that are computed or set by the registry. A request may send them as they were read.
    const READ_ONLY: &'static [&'static str] = &["id", "version", "created_at", "updated_at"];
    /// What violated constraints of the record's tables mean.
    const CONSTRAINTS: &'static [ConstraintError];
    /// What is implausible in a record, though it is stored.
    const WARNINGS: &'static [Rule] = &[];

    /// By which other records full text finds a record.
    const LINKS: &'static [Link] = &[];

    /// Returns the SQL that selects the records.
    fn sql() -> &'static RecordSql;

    /// What full text searches in a list of this kind.
    const SCOPE: Scope = Scope {
        kind: Self::KIND,
        links: Self::LINKS,
    };

    /// Returns how a list of this kind is searched.
    fn searched() -> Searched<'static> {
        let sql = Self::sql();
        Searched {
            record: &sql.selection.id,
            sorts: &sql.found_sorts,
            scopes: const { &[Self::SCOPE] },
        }
    }

    /// Returns the template of the records' JSON.
    fn template() -> Template {
        Template {
            table: Self::KIND.table(),
            alias: Self::ALIAS,
            reference: Self::KIND.column(),
            text: Self::TEMPLATE,
        }
    }

    /// Returns the id of the record that stands for `id` now: another one if the record was merged.
    fn current_id(_: &mut Write<'_>, id: Uuid) -> impl Future<Output = Result<Uuid>> + Send {
        ready(Ok(id))
    }

    /// Returns the merge patch with fields added that follow from others.
    fn complete_patch(
        _: &mut Write<'_>,
        patch: Value,
        _: &Self,
    ) -> impl Future<Output = Result<Value>> + Send {
        ready(Ok(patch))
    }

    /// Returns the document of an earlier version, which is about to be restored, as it must be today.
    fn complete_document(_: &mut Write<'_>, document: Value) -> impl Future<Output = Result<Value>> + Send {
        ready(Ok(document))
    }
}

/// What a request sends for a record.
pub trait Input<R: Resource>: DeserializeOwned + ToSchema + Send + 'static {
    /// Checks the input and returns the row to store. `faults` has the faults found so far.
    ///
    /// # Errors
    /// Invalid record with every fault at once.
    fn validate(
        self,
        write: &mut Write<'_>,
        faults: Faults,
        basis: &Basis<'_, R>,
    ) -> impl Future<Output = Result<R::Row>> + Send;
}

/// What the input is checked against.
#[derive(Debug)]
pub struct Basis<'r, R> {
    /// The record that the input replaces; `None` if it creates one.
    pub current: Option<&'r R>,
    /// Whether the input is an earlier version of the record.
    pub is_restored: bool,
}

/// A statement that can be executed.
pub trait Command: QueryFragment<Pg> + QueryId + Send {}

impl<C: QueryFragment<Pg> + QueryId + Send> Command for C {}

/// A record as it is stored: the columns of its own table, and its lists.
pub trait Row: PartialEq + Send + Sync + 'static {
    /// Returns the statement that inserts the columns.
    fn insert(&self, identity: Identity) -> impl Command;

    /// Returns the statement that updates the columns; `None` if they are those of `before`.
    fn update(&self, id: Uuid, before: &Self) -> Option<impl Command>;

    /// Returns the lists of the record, without its external keys.
    fn children(&self) -> Vec<ChildRows> {
        Vec::new()
    }

    /// Returns the external keys of the record.
    fn external_keys(&self) -> &[ExternalKey];

    /// Refuses a row with a key that another record has. `before` is the stored row; `None` for a new record, and for one whose
    /// keys were not checked when it was written.
    ///
    /// # Errors
    /// Conflict that names the other records.
    fn check_keys(
        &self,
        _: &mut Write<'_>,
        _id: Uuid,
        _before: Option<&Self>,
    ) -> impl Future<Output = Result<()>> + Send {
        ready(Ok(()))
    }

    /// Refuses a row that contradicts other records in another way. `before` is the stored row; `None` for a new record.
    ///
    /// # Errors
    /// Conflict that names the other records.
    fn check(
        &self,
        _: &mut Write<'_>,
        _id: Uuid,
        _before: Option<&Self>,
    ) -> impl Future<Output = Result<()>> + Send {
        ready(Ok(()))
    }
}

/// The id of a record that is created, and the time of its first creation if it is restored.
#[derive(Debug, Clone, Copy)]
pub struct Identity {
    /// The id of the record.
    pub id: Uuid,
    /// When a restored record was created first; `None` for a new record.
    pub created_at: Option<DateTime<Utc>>,
}

diesel::define_sql_function! {
    /// The first of both that is not null.
    fn coalesce(first: sql_types::Nullable<sql_types::Timestamptz>, second: sql_types::Timestamptz) -> sql_types::Timestamptz;
}
diesel::define_sql_function! {
    /// When what is written now counts as recorded.
    fn recording_time() -> sql_types::Timestamptz;
}

impl Identity {
    /// Returns the expression of `created_at`. It has one text for new and for restored records, so that inserting stays
    /// prepared.
    pub fn created_at(self) -> coalesce<Option<DateTime<Utc>>, recording_time> {
        coalesce(self.created_at, recording_time())
    }

    /// Returns the identity of a record that never existed.
    pub fn fresh() -> Self {
        Self {
            id: Uuid::now_v7(),
            created_at: None,
        }
    }
}

/// The columns with which the table of every kind ends.
pub struct CommonColumns<R>(PhantomData<R>);

impl<R: Record> CommonColumns<R> {
    /// The columns, in their order.
    pub const COLUMNS: &'static [Column<R>] = &[
        ("properties", |record| properties_cell(record.common().properties)),
        ("external_keys", |record| {
            joined(record.common().external_keys, |key| {
                format!("{}:{}", key.scheme, key.value)
            })
        }),
        ("version", |record| number(record.common().version)),
        ("created_at", |record| Cell::Time(record.common().created_at)),
        ("updated_at", |record| Cell::Time(record.common().updated_at)),
    ];
}

/// The SQL that selects records of one kind, built once from the template `record.template` of the kind.
pub struct RecordSql {
    /// The expression of a record's JSON, a text, in a select from the table with its alias; it may read `given.day`. The text is
    /// the response byte for byte.
    pub record: String,
    /// The selection of lists.
    pub selection: Selection,
    /// The fields by which a list that is read with `q` can be sorted.
    pub found_sorts: Vec<Sort>,
    /// The select of what the rules of plausibility find: `id`, `code`, `pointer`, `detail`; empty if there are no rules.
    pub warnings: String,
    pub(super) find_one: String,
    /// The same in an as-of read, where the mirror has the whole record; `None` if the document is not the whole record.
    pub(super) find_one_as_of: Option<String>,
}

impl RecordSql {
    /// Builds the SQL of one kind.
    ///
    /// # Panics
    /// If the template of the kind is wrong ([`record_sql`](crate::resource::record_sql)); tests build all of them.
    pub fn new<R: Resource>() -> Self {
        let template = R::template();
        let record = template.response();
        let alias = R::ALIAS;
        let from = format!("{} as {alias}", R::KIND.table());
        let id = format!("{alias}.id");
        let given = if R::DEPENDS_ON_DAY {
            " cross join given"
        } else {
            ""
        };
        let document = template.is_whole_document().then(|| format!("{alias}.document"));
        Self {
            found_sorts: R::SORTS.iter().copied().chain([RANK]).collect(),
            warnings: plausibility::select(R::WARNINGS, R::KIND, R::ALIAS)
                .expect("the rules of plausibility have known placeholders"),
            find_one: format!("select {alias}.version, {record} as record from {from}{given} where {id} = "),
            find_one_as_of: document.as_ref().map(|document| {
                format!("select {alias}.version, {document}::text as record from {from} where {id} = ")
            }),
            selection: Selection {
                record: record.clone().into(),
                record_as_of: document,
                made_by: Some(template.responses_name()),
                is_response: true,
                from: from.into(),
                id: id.into(),
                sorts: R::SORTS,
                default_sort: "",
                with: Statement::default(),
            },
            record,
        }
    }
}

/// A row with the JSON of a record in its column `record`.
#[derive(Debug, QueryableByName)]
pub struct RecordRow {
    /// The JSON text of the record.
    #[diesel(sql_type = sql_types::Text)]
    pub record: String,
}

impl RecordRow {
    /// Returns the record.
    ///
    /// # Errors
    /// Internal if the JSON does not fit the type.
    pub fn parse<R: DeserializeOwned>(self) -> Result<R> {
        parse(&self.record)
    }
}

/// Returns a record from its JSON as the database makes it.
///
/// # Errors
/// Internal if the JSON does not fit the type.
pub fn parse<R: DeserializeOwned>(record: &str) -> Result<R> {
    serde_json::from_str(record).map_err(Error::internal)
}

/// Returns the text that the database made of a record, which is the response. A debug build, and so every test, also checks that
/// it is what the type of the record would be written as.
///
/// # Errors
/// Internal, in a debug build, if the text is not that of the type.
pub fn response<R: DeserializeOwned + Serialize>(record: String) -> Result<String> {
    if cfg!(debug_assertions) {
        let written = serde_json::to_string(&parse::<R>(&record)?).map_err(Error::internal)?;
        if written != record {
            return Err(Error::internal(format!(
                "the template of a record makes {record}, its type {written}"
            )));
        }
    }
    Ok(record)
}

/// Returns a record as it is returned to clients, from its JSON as the database makes it.
///
/// # Errors
/// Internal if the JSON does not fit the type.
pub fn written<R: DeserializeOwned + Serialize>(record: String) -> Result<String> {
    serde_json::to_string(&parse::<R>(&record)?).map_err(Error::internal)
}

/// Returns the record of the only row.
///
/// # Errors
/// Internal if there is no row.
pub fn only<R: DeserializeOwned>(mut rows: Vec<RecordRow>) -> Result<R> {
    rows.pop()
        .ok_or_else(|| Error::internal("a record vanished from its own transaction"))?
        .parse()
}
