//! An entry of a vocabulary, and the SQL that stores it.

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::conflicts::{NameRow, conflict, constraint_error};
use super::list::Vocabulary;
use super::row::{EntryRow, Extra, ValueType};
use crate::db::{Db, Statement, Write};
use crate::error::{Error, Fault, Result};
use crate::partial_date::PartialDate;
use crate::query::table_row::{Cell, joined};
use crate::query::{Column, TableRow};
use crate::resource::{Listed, RecordRow, record};

/// An entry of a vocabulary. It has only the fields of its vocabulary.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// The word that records use; it never changes
    #[schema(examples("asset_freeze"))]
    pub code: String,
    /// The name that people read, in English
    #[schema(examples("Asset freeze"))]
    pub label: String,
    /// What the entry means; null if nothing was written
    pub description: Option<String>,
    /// Of relationship_kinds: the label as read from the object
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inverse_label: Option<String>,
    /// Of relationship_kinds: whether an act of the subject counts as an act of the state at the end of the object
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts_for_state: Option<bool>,
    /// Of identifier_schemes: whether a value belongs to one actor only
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_unique: Option<bool>,
    /// Of identifier_schemes: the PostgreSQL regular expression that every value matches; null if any text is allowed
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>)]
    pub pattern: Option<Option<String>>,
    /// Of action_types: the default CAMEO code of an action of this type
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cameo_code: Option<String>,
    /// Of countries: ISO 3166-1 alpha-3
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>)]
    pub iso3: Option<Option<String>>,
    /// Of countries: ISO 3166-1 numeric
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>)]
    pub iso_numeric: Option<Option<String>>,
    /// Of countries: continent, in the words of the UN geoscheme
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>)]
    pub region: Option<Option<String>>,
    /// Of countries: subregion, in the words of the UN geoscheme
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>)]
    pub subregion: Option<Option<String>>,
    /// Of countries: when a former country began; null for a present one or if not recorded
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<PartialDate>)]
    pub began_on: Option<Option<PartialDate>>,
    /// Of countries: when a former country ended; null for a present one
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<PartialDate>)]
    pub ended_on: Option<Option<PartialDate>>,
    /// Of property_names: what each value must be
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_type: Option<ValueType>,
    /// Of property_names: the words that are allowed; empty unless value_type is word
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Vec<String>>,
    /// Of property_names: the records that the name is meant for, as resources (sanctions) or kinds of actors (actors/vessel);
    /// empty for all. No record is refused for it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applies_to: Option<Vec<String>>,
    /// Of property_names: its name in FollowTheMoney; null if it has none
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>)]
    pub ftm_name: Option<Option<String>>,
    /// Of cameo_codes: the first two digits; read-only
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// Of cameo_codes: 1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quad_class: Option<i16>,
    /// Of cameo_codes: Goldstein score, -10 (most conflictual) to 10 (most cooperative)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goldstein: Option<f64>,
    /// Of cameo_codes: the parent code from which the score is taken; null if the code has a score of its own
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>)]
    pub goldstein_from: Option<Option<String>>,
    /// Number of the current version: 1 when created, one more with each change
    pub version: i32,
    /// When the registry recorded the entry
    pub created_at: DateTime<Utc>,
    /// When the entry was changed last
    pub updated_at: DateTime<Utc>,
}

/// Distinguishes null from absent: null is `Some(None)`.
fn present<'de, T, D>(deserializer: D) -> std::result::Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// An entry as a row of its vocabulary's table; `INDEX` is that of the vocabulary in `ALL`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Line<const INDEX: usize>(Entry);

impl<const INDEX: usize> PartialSchema for Line<INDEX> {
    /// Returns that of an entry with the fields of the vocabulary alone.
    fn schema() -> RefOr<Schema> {
        let mut schema = Entry::schema();
        if let RefOr::T(Schema::Object(entry)) = &mut schema {
            let columns = Vocabulary::ALL[INDEX].columns();
            entry
                .properties
                .retain(|name, _| columns.contains(&name.as_str()));
        }
        schema
    }
}

impl<const INDEX: usize> ToSchema for Line<INDEX> {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        Entry::schemas(schemas);
    }
}

impl<const INDEX: usize> Listed for Line<INDEX> {}

impl<const INDEX: usize> TableRow for Line<INDEX> {
    /// Each vocabulary has its own columns, which are fields of its entries.
    const COLUMNS: &'static [&'static [Column<Self>]] = &[];

    fn header() -> Vec<&'static str> {
        Vocabulary::ALL[INDEX].columns().to_vec()
    }

    fn cells(&self) -> Vec<Cell> {
        use serde_json::Value;

        let fields = serde_json::to_value(&self.0).unwrap_or_default();
        Vocabulary::ALL[INDEX]
            .columns()
            .iter()
            .map(|column| match (*column, &fields[*column]) {
                ("created_at", _) => Cell::Time(self.0.created_at),
                ("updated_at", _) => Cell::Time(self.0.updated_at),
                (_, Value::Null) => Cell::Empty,
                (_, Value::String(text)) => Cell::Text(text.clone()),
                (_, Value::Bool(truth)) => Cell::Boolean(*truth),
                (_, Value::Number(number)) => Cell::Number(number.to_string()),
                (_, Value::Array(list)) => joined(list, |text| text.as_str().unwrap_or_default().to_owned()),
                (_, value @ Value::Object(_)) => Cell::Text(value.to_string()),
            })
            .collect()
    }
}

#[derive(QueryableByName)]
struct UsageRow {
    #[diesel(sql_type = sql_types::Text)]
    resource: String,
    #[diesel(sql_type = sql_types::BigInt)]
    used: i64,
}

impl Entry {
    /// Reads an entry; `None` if it does not exist.
    ///
    /// # Errors
    /// Those of [`Db::read`]; internal if the JSON does not fit the type.
    pub async fn find(db: &Db, vocabulary: Vocabulary, code: &str) -> Result<Option<Self>> {
        db.read_one::<RecordRow>(vocabulary.find_statement(code))
            .await?
            .map(RecordRow::parse)
            .transpose()
    }

    async fn reload(write: &mut Write<'_>, vocabulary: Vocabulary, code: &str) -> Result<Self> {
        record::only(write.load::<RecordRow>(vocabulary.find_statement(code)).await?)
    }

    /// Locks an entry until the transaction ends: no other transaction changes it or starts to use it. `None` if it does not
    /// exist.
    ///
    /// # Errors
    /// Those of [`Write::load`]; internal if the JSON does not fit the type.
    pub async fn lock(write: &mut Write<'_>, vocabulary: Vocabulary, code: &str) -> Result<Option<Self>> {
        let statement = Statement::new(format!(
            "select entry.code as name from {vocabulary} as entry where entry.code = "
        ))
        .bind(code)
        .sql(" for update");
        if write.load::<NameRow>(statement).await?.is_empty() {
            return Ok(None);
        }
        Self::reload(write, vocabulary, code).await.map(Some)
    }

    /// Creates an entry. `created_at` is when an entry that is restored was created first; `None` for a new one.
    ///
    /// # Errors
    /// Conflict if the code, or the three-letter code of a country, is taken.
    pub async fn create(
        write: &mut Write<'_>,
        vocabulary: Vocabulary,
        created_at: Option<DateTime<Utc>>,
        row: &EntryRow,
    ) -> Result<Self> {
        let taken = Statement::new(format!("select label as name from {vocabulary} where code = "))
            .bind(row.code.as_str());
        if let Some(taken) = write.load::<NameRow>(taken).await?.pop() {
            return Err(conflict(
                "/code",
                format!("{vocabulary} already has {}: {}", row.code, taken.name),
            ));
        }
        row.refuse_taken_iso3(write).await?;
        row.refuse_unfit_properties(write, None).await?;
        let mut columns = row.columns();
        if let Some(created_at) = created_at {
            columns.push(("created_at", Statement::default().bind(created_at)));
        }
        let names: String = columns.iter().map(|(name, _)| format!(", {name}")).collect();
        let mut statement = Statement::new(format!("insert into {vocabulary} (code{names}) values ("))
            .bind(row.code.as_str());
        for (_, value) in columns {
            statement = statement.sql(", ").append(value);
        }
        write
            .execute(statement.sql(")"))
            .await
            .map_err(|error| constraint_error(vocabulary, error))?;
        Self::reload(write, vocabulary, &row.code).await
    }

    /// Replaces the fields of an entry. EntryRow that change nothing create no version.
    ///
    /// # Errors
    /// Conflict if identifiers in use would break its rules.
    pub async fn replace(
        write: &mut Write<'_>,
        vocabulary: Vocabulary,
        current: &Self,
        row: &EntryRow,
    ) -> Result<Self> {
        let before = current.row(vocabulary);
        if *row == before {
            return Ok(current.clone());
        }
        row.refuse_taken_iso3(write).await?;
        row.refuse_unfit_identifiers(write, &before).await?;
        row.refuse_unfit_properties(write, Some(&before)).await?;
        let mut statement = Statement::new(format!("update {vocabulary} set "));
        for (index, (name, value)) in row.columns().into_iter().enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            statement = statement.sql(format!("{comma}{name} = ")).append(value);
        }
        write
            .execute(statement.sql(" where code = ").bind(current.code.as_str()))
            .await
            .map_err(|error| constraint_error(vocabulary, error))?;
        Self::reload(write, vocabulary, &current.code).await
    }

    /// Returns the row that stores the entry.
    fn row(&self, vocabulary: Vocabulary) -> EntryRow {
        let entry = self.clone();
        let extra = match vocabulary {
            Vocabulary::ActorKinds | Vocabulary::Measures | Vocabulary::Grounds | Vocabulary::Objectives => {
                Extra::Nothing
            }
            Vocabulary::Countries => Extra::Country {
                iso3: entry.iso3.flatten(),
                iso_numeric: entry.iso_numeric.flatten(),
                region: entry.region.flatten(),
                subregion: entry.subregion.flatten(),
                began_on: entry.began_on.flatten(),
                ended_on: entry.ended_on.flatten(),
            },
            Vocabulary::RelationshipKinds => Extra::RelationshipKind {
                inverse_label: entry.inverse_label.unwrap_or_default(),
                counts_for_state: entry.counts_for_state.unwrap_or_default(),
            },
            Vocabulary::IdentifierSchemes => Extra::IdentifierScheme {
                is_unique: entry.is_unique.unwrap_or_default(),
                pattern: entry.pattern.flatten(),
            },
            Vocabulary::ActionTypes => Extra::ActionType {
                cameo_code: entry.cameo_code.unwrap_or_default(),
            },
            Vocabulary::PropertyNames => Extra::PropertyName {
                value_type: entry.value_type.unwrap_or(ValueType::Text),
                words: entry.words.unwrap_or_default(),
                applies_to: entry.applies_to.unwrap_or_default(),
                ftm_name: entry.ftm_name.flatten(),
            },
            Vocabulary::CameoCodes => Extra::CameoCode {
                quad_class: entry.quad_class.unwrap_or_default(),
                goldstein: entry.goldstein.unwrap_or_default(),
                goldstein_from: entry.goldstein_from.flatten(),
            },
        };
        EntryRow {
            code: entry.code,
            label: entry.label,
            description: entry.description,
            extra,
        }
    }

    /// Deletes a locked entry.
    ///
    /// # Errors
    /// Conflict if records use it.
    pub async fn delete(write: &mut Write<'_>, vocabulary: Vocabulary, code: &str) -> Result<()> {
        let statement = Statement::new("with wanted (vocabulary, code) as (select ")
            .bind(vocabulary.name())
            .sql("::text, ")
            .bind(code)
            .sql("::text) select usage.resource, usage.used from wanted cross join lateral (")
            .sql(include_str!("../usage.sql"))
            .sql(") as usage order by 1");
        let users: Vec<UsageRow> = write.load(statement).await?;
        if !users.is_empty() {
            let used: i64 = users.iter().map(|row| row.used).sum();
            let faults = users
                .iter()
                .map(|row| Fault::new("", format!("{} of /v1/{}", row.used, row.resource)))
                .collect();
            return Err(Error::conflict(format!(
                "{code} of {vocabulary} is still used by {used} record{}, counted in errors",
                if used == 1 { "" } else { "s" },
            ))
            .with_faults(faults));
        }
        let statement = Statement::new(format!("delete from {vocabulary} where code = ")).bind(code);
        match write.execute(statement).await {
            Ok(_) => Ok(()),
            // Another transaction started to use it between the two statements.
            Err(error) if error.constraint().is_some_and(|name| name.ends_with("_fkey")) => Err(
                Error::conflict(format!("{code} of {vocabulary} is still used by a record")),
            ),
            Err(error) => Err(error),
        }
    }
}
