//! The open vocabularies: nine tables of one shape, each with a few columns of its own. What differs
//! between them stands in `Vocabulary::columns`, `Extra` and `usage.sql`, and nowhere else.

use std::fmt;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::db::{Db, Statement, Write};
use crate::error::{Error, Fault, Result};
use crate::http::formats::TableRow;
use crate::http::listing::{Conditions, Selection, Sort};
use crate::partial_date::PartialDate;
use crate::records::{self, RecordRow};
use crate::validation::Faults;
use crate::vocabulary::request::EntryRequest;

/// An open vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Vocabulary {
    Countries,
    ActorKinds,
    RelationshipKinds,
    IdentifierSchemes,
    Measures,
    Grounds,
    Objectives,
    ActionTypes,
    CameoCodes,
}

impl Vocabulary {
    pub const ALL: [Self; 9] = [
        Self::Countries,
        Self::ActorKinds,
        Self::RelationshipKinds,
        Self::IdentifierSchemes,
        Self::Measures,
        Self::Grounds,
        Self::Objectives,
        Self::ActionTypes,
        Self::CameoCodes,
    ];

    /// As it stands in addresses; its table has the same name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Countries => "countries",
            Self::ActorKinds => "actor_kinds",
            Self::RelationshipKinds => "relationship_kinds",
            Self::IdentifierSchemes => "identifier_schemes",
            Self::Measures => "measures",
            Self::Grounds => "grounds",
            Self::Objectives => "objectives",
            Self::ActionTypes => "action_types",
            Self::CameoCodes => "cameo_codes",
        }
    }

    pub fn from_name(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|vocabulary| vocabulary.name() == name)
            .ok_or_else(|| {
                let known = Self::ALL.map(Self::name).join(", ");
                Error::not_found(format!("{name} is no open vocabulary; known are {known}"))
            })
    }

    pub const fn description(self) -> &'static str {
        match self {
            Self::Countries => "Countries and territories, present and former",
            Self::ActorKinds => "What sorts of actors there are",
            Self::RelationshipKinds => "Typed ties between two actors, read from subject to object",
            Self::IdentifierSchemes => "Who numbers actors, and whether a number belongs to one actor only",
            Self::Measures => "What a sanction does to its target",
            Self::Grounds => "What a target is said to have done to be sanctioned",
            Self::Objectives => "What an imposer wants of a sanction",
            Self::ActionTypes => "What actors do to one another, each tied to a CAMEO code",
            Self::CameoCodes => {
                "Event codes of CAMEO with the quad class and the Goldstein score that GDELT publishes"
            }
        }
    }

    /// The fields of its entries, in the order in which they are told.
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::ActorKinds | Self::Measures | Self::Grounds | Self::Objectives => &[
                "code",
                "label",
                "description",
                "version",
                "created_at",
                "updated_at",
            ],
            Self::Countries => &[
                "code",
                "label",
                "description",
                "iso3",
                "iso_numeric",
                "region",
                "subregion",
                "began_on",
                "ended_on",
                "version",
                "created_at",
                "updated_at",
            ],
            Self::RelationshipKinds => &[
                "code",
                "label",
                "description",
                "inverse_label",
                "counts_for_state",
                "version",
                "created_at",
                "updated_at",
            ],
            Self::IdentifierSchemes => &[
                "code",
                "label",
                "description",
                "is_unique",
                "pattern",
                "version",
                "created_at",
                "updated_at",
            ],
            Self::ActionTypes => &[
                "code",
                "label",
                "description",
                "cameo_code",
                "version",
                "created_at",
                "updated_at",
            ],
            Self::CameoCodes => &[
                "code",
                "label",
                "description",
                "root",
                "quad_class",
                "goldstein",
                "goldstein_from",
                "version",
                "created_at",
                "updated_at",
            ],
        }
    }

    /// Makes an entry's JSON in the select of its table, called `entry`.
    fn record_sql(self) -> String {
        let fields: Vec<String> = self
            .columns()
            .iter()
            .map(|column| format!("'{column}', entry.{column}"))
            .collect();
        format!("json_build_object({})", fields.join(", "))
    }

    pub fn selection(self) -> Selection {
        Selection {
            record: self.record_sql().into(),
            from: match self {
                Self::Countries => "countries as entry",
                Self::ActorKinds => "actor_kinds as entry",
                Self::RelationshipKinds => "relationship_kinds as entry",
                Self::IdentifierSchemes => "identifier_schemes as entry",
                Self::Measures => "measures as entry",
                Self::Grounds => "grounds as entry",
                Self::Objectives => "objectives as entry",
                Self::ActionTypes => "action_types as entry",
                Self::CameoCodes => "cameo_codes as entry",
            },
            id: "entry.code",
            sorts: SORTS,
            default_sort: "",
            with: Statement::default(),
        }
    }

    fn find_statement(self, code: &str) -> Statement {
        Statement::new(format!(
            "select {}::text as record from {} as entry where entry.code = ",
            self.record_sql(),
            self.name()
        ))
        .bind(code)
        .keep_prepared()
    }
}

impl fmt::Display for Vocabulary {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

const SORTS: &[Sort] = &[
    Sort::plain("code", "entry.code", "text"),
    Sort::plain("label", "entry.label", "text"),
    Sort::plain("created_at", "entry.created_at", "timestamptz"),
    Sort::plain("updated_at", "entry.updated_at", "timestamptz"),
];

/// Filters of a list of entries.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EntryFilter {
    /// Code of the entry; repeated for one or another
    #[param(example = "asset_freeze")]
    code: Vec<String>,
}

impl EntryFilter {
    pub fn conditions(self) -> Conditions {
        let mut conditions = Conditions::default();
        conditions.any("entry.code", self.code, "");
        conditions
    }
}

/// A vocabulary as the list of all of them tells it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Summary {
    pub name: Vocabulary,
    pub description: &'static str,
    /// How many there are
    pub entries: i64,
    /// What an entry holds
    pub fields: &'static [&'static str],
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = sql_types::Text)]
    name: String,
    #[diesel(sql_type = sql_types::BigInt)]
    entries: i64,
}

impl Summary {
    pub async fn all(db: &Db) -> Result<Vec<Self>> {
        let counts = Vocabulary::ALL.map(|vocabulary| {
            format!("select '{vocabulary}' as name, count(*) as entries from {vocabulary}")
        });
        let rows: Vec<CountRow> = db
            .read(Statement::new(counts.join(" union all ")).keep_prepared())
            .await?;
        Ok(Vocabulary::ALL
            .into_iter()
            .map(|name| Self {
                name,
                description: name.description(),
                entries: rows
                    .iter()
                    .find(|row| row.name == name.name())
                    .map_or(0, |row| row.entries),
                fields: name.columns(),
            })
            .collect())
    }
}

/// An entry of a vocabulary. It has the fields that its vocabulary has, and no others.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// Stable word used in records; never changes
    #[schema(examples("asset_freeze"))]
    pub code: String,
    #[schema(examples("Asset freeze"))]
    pub label: String,
    pub description: Option<String>,
    /// Of relationship_kinds: the tie as read from the object
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inverse_label: Option<String>,
    /// Of relationship_kinds: whether an act of the subject counts as an act of the state at the end of the object
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts_for_state: Option<bool>,
    /// Of identifier_schemes: whether a value belongs to one actor only
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_unique: Option<bool>,
    /// Of identifier_schemes: regular expression that every value fits; null where any text does
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>)]
    pub pattern: Option<Option<String>>,
    /// Of action_types: the CAMEO code that an action of this type has unless it says otherwise
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
    /// Of countries: when a former one began, where recorded
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<PartialDate>)]
    pub began_on: Option<Option<PartialDate>>,
    /// Of countries: when a former one ended; null for a present one
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<PartialDate>)]
    pub ended_on: Option<Option<PartialDate>>,
    /// Of cameo_codes: the first two digits; read-only
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
    /// Of cameo_codes: 1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quad_class: Option<i16>,
    /// Of cameo_codes: Goldstein score, -10 (most conflictual) to 10 (most cooperative)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goldstein: Option<f64>,
    /// Of cameo_codes: the parent code whose score this one takes; null where the score is its own
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>)]
    pub goldstein_from: Option<Option<String>>,
    pub version: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// Tells null from absent: what is null is there, as `Some(None)`.
fn present<'de, T, D>(deserializer: D) -> std::result::Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// An entry as a line of its vocabulary's table; `PLACE` is the vocabulary's place in `ALL`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Line<const PLACE: usize>(Entry);

impl<const PLACE: usize> TableRow for Line<PLACE> {
    const HEADER: &'static [&'static str] = Vocabulary::ALL[PLACE].columns();

    fn cells(&self) -> Vec<String> {
        use serde_json::Value;

        let told = serde_json::to_value(&self.0).unwrap_or_default();
        Self::HEADER
            .iter()
            .map(|column| match (*column, &told[*column]) {
                ("created_at", _) => records::timestamp(self.0.created_at),
                ("updated_at", _) => records::timestamp(self.0.updated_at),
                (_, Value::Null) => String::new(),
                (_, Value::String(text)) => text.clone(),
                (_, value) => value.to_string(),
            })
            .collect()
    }
}

/// A checked entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    pub code: String,
    pub label: String,
    pub description: Option<String>,
    pub extra: Extra,
}

/// What the entries of a vocabulary have beside label and description.
#[derive(Debug, Clone, PartialEq)]
pub enum Extra {
    Nothing,
    Country {
        iso3: Option<String>,
        iso_numeric: Option<String>,
        region: Option<String>,
        subregion: Option<String>,
        began_on: Option<PartialDate>,
        ended_on: Option<PartialDate>,
    },
    RelationshipKind {
        inverse_label: String,
        counts_for_state: bool,
    },
    IdentifierScheme {
        is_unique: bool,
        pattern: Option<String>,
    },
    ActionType {
        cameo_code: String,
    },
    CameoCode {
        quad_class: i16,
        goldstein: f64,
        goldstein_from: Option<String>,
    },
}

impl Values {
    fn of(vocabulary: Vocabulary, entry: &Entry) -> Self {
        let entry = entry.clone();
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
            Vocabulary::CameoCodes => Extra::CameoCode {
                quad_class: entry.quad_class.unwrap_or_default(),
                goldstein: entry.goldstein.unwrap_or_default(),
                goldstein_from: entry.goldstein_from.flatten(),
            },
        };
        Self {
            code: entry.code,
            label: entry.label,
            description: entry.description,
            extra,
        }
    }

    /// The columns that a request sets, but for the code, with their values.
    fn columns(&self) -> Vec<(&'static str, Statement)> {
        let text = |value: &Option<String>| Statement::default().bind(value.clone());
        let date = |value: &Option<PartialDate>| {
            Statement::default()
                .bind(value.as_ref().map(ToString::to_string))
                .sql("::text::partial_date")
        };
        let mut columns = vec![
            ("label", Statement::default().bind(self.label.as_str())),
            ("description", text(&self.description)),
        ];
        columns.extend(match &self.extra {
            Extra::Nothing => Vec::new(),
            Extra::Country {
                iso3,
                iso_numeric,
                region,
                subregion,
                began_on,
                ended_on,
            } => vec![
                ("iso3", text(iso3)),
                ("iso_numeric", text(iso_numeric)),
                ("region", text(region)),
                ("subregion", text(subregion)),
                ("began_on", date(began_on)),
                ("ended_on", date(ended_on)),
            ],
            Extra::RelationshipKind {
                inverse_label,
                counts_for_state,
            } => vec![
                ("inverse_label", Statement::default().bind(inverse_label.as_str())),
                ("counts_for_state", Statement::default().bind(*counts_for_state)),
            ],
            Extra::IdentifierScheme { is_unique, pattern } => vec![
                ("is_unique", Statement::default().bind(*is_unique)),
                ("pattern", text(pattern)),
            ],
            Extra::ActionType { cameo_code } => {
                vec![("cameo_code", Statement::default().bind(cameo_code.as_str()))]
            }
            Extra::CameoCode {
                quad_class,
                goldstein,
                goldstein_from,
            } => vec![
                ("root", Statement::default().bind(root_of(&self.code))),
                (
                    "quad_class",
                    Statement::default()
                        .bind(i64::from(*quad_class))
                        .sql("::bigint::smallint"),
                ),
                (
                    "goldstein",
                    Statement::default()
                        .bind(goldstein.to_string())
                        .sql("::text::numeric"),
                ),
                ("goldstein_from", text(goldstein_from)),
            ],
        });
        columns
    }
}

/// The first two digits of a CAMEO code.
fn root_of(code: &str) -> &str {
    code.get(..2).unwrap_or(code)
}

impl Entry {
    pub async fn find(db: &Db, vocabulary: Vocabulary, code: &str) -> Result<Option<Self>> {
        db.read_one::<RecordRow>(vocabulary.find_statement(code))
            .await?
            .map(RecordRow::parse)
            .transpose()
    }

    async fn reload(write: &mut Write<'_>, vocabulary: Vocabulary, code: &str) -> Result<Self> {
        records::only(write.load::<RecordRow>(vocabulary.find_statement(code)).await?)
    }

    /// Reads the entry for a change: nobody else changes it, or begins to use it, until the transaction ends.
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

    pub async fn create(
        write: &mut Write<'_>,
        vocabulary: Vocabulary,
        request: EntryRequest,
        faults: Faults,
    ) -> Result<Self> {
        let values = request.validate(write, vocabulary, faults, None).await?;
        let taken = Statement::new(format!("select label as name from {vocabulary} where code = "))
            .bind(values.code.as_str());
        if let Some(taken) = write.load::<NameRow>(taken).await?.pop() {
            return Err(conflict(
                "/code",
                format!("{vocabulary} has {} already: {}", values.code, taken.name),
            ));
        }
        values.refuse_taken_iso3(write).await?;
        let columns = values.columns();
        let names: String = columns.iter().map(|(name, _)| format!(", {name}")).collect();
        let mut statement = Statement::new(format!("insert into {vocabulary} (code{names}) values ("))
            .bind(values.code.as_str());
        for (_, value) in columns {
            statement = statement.sql(", ").append(value);
        }
        write
            .execute(statement.sql(")"))
            .await
            .map_err(|error| meaning(vocabulary, error))?;
        Self::reload(write, vocabulary, &values.code).await
    }

    /// Gives the entry what the request says; a request that changes nothing makes no version.
    pub async fn replace(
        write: &mut Write<'_>,
        vocabulary: Vocabulary,
        current: &Self,
        request: EntryRequest,
        faults: Faults,
    ) -> Result<Self> {
        let values = request
            .validate(write, vocabulary, faults, Some(&current.code))
            .await?;
        let before = Values::of(vocabulary, current);
        if values == before {
            return Ok(current.clone());
        }
        values.refuse_taken_iso3(write).await?;
        values.refuse_unfit_identifiers(write, &before).await?;
        let mut statement = Statement::new(format!("update {vocabulary} set "));
        for (place, (name, value)) in values.columns().into_iter().enumerate() {
            let comma = if place > 0 { ", " } else { "" };
            statement = statement.sql(format!("{comma}{name} = ")).append(value);
        }
        write
            .execute(statement.sql(" where code = ").bind(current.code.as_str()))
            .await
            .map_err(|error| meaning(vocabulary, error))?;
        Self::reload(write, vocabulary, &current.code).await
    }

    /// Deletes a locked entry that nothing uses.
    pub async fn delete(write: &mut Write<'_>, vocabulary: Vocabulary, code: &str) -> Result<()> {
        let statement = Statement::new("with wanted (vocabulary, code) as (select ")
            .bind(vocabulary.name())
            .sql("::text, ")
            .bind(code)
            .sql("::text) select usage.resource, usage.used from wanted cross join lateral (")
            .sql(include_str!("usage.sql"))
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
            // Somebody began to use it between the two statements.
            Err(error) if error.constraint().is_some_and(|name| name.ends_with("_fkey")) => Err(
                Error::conflict(format!("{code} of {vocabulary} is still used by a record")),
            ),
            Err(error) => Err(error),
        }
    }
}

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = sql_types::Text)]
    name: String,
}

#[derive(QueryableByName)]
struct UsageRow {
    #[diesel(sql_type = sql_types::Text)]
    resource: String,
    #[diesel(sql_type = sql_types::BigInt)]
    used: i64,
}

/// How many of those that stand in the way are named.
const NAMED: usize = 20;

impl Values {
    /// Names the country that has the three-letter code already.
    async fn refuse_taken_iso3(&self, write: &mut Write<'_>) -> Result<()> {
        let Extra::Country { iso3: Some(iso3), .. } = &self.extra else {
            return Ok(());
        };
        let statement =
            Statement::new("select format('%s (%s)', label, code) as name from countries where iso3 = ")
                .bind(iso3.as_str())
                .sql(" and code <> ")
                .bind(self.code.as_str());
        match write.load::<NameRow>(statement).await?.pop() {
            None => Ok(()),
            Some(taken) => Err(conflict(
                "/iso3",
                format!("{iso3} belongs to {} already", taken.name),
            )),
        }
    }

    /// What a scheme demands anew, its identifiers must keep already: names those that do not.
    async fn refuse_unfit_identifiers(&self, write: &mut Write<'_>, before: &Self) -> Result<()> {
        let (
            Extra::IdentifierScheme { is_unique, pattern },
            Extra::IdentifierScheme {
                is_unique: was_unique,
                pattern: earlier,
            },
        ) = (&self.extra, &before.extra)
        else {
            return Ok(());
        };
        let of_scheme = || {
            Statement::new(
                " from actor_identifiers as identifier join actors as actor on actor.id = identifier.actor_id \
                 where identifier.scheme = ",
            )
            .bind(self.code.as_str())
        };
        if *is_unique && !was_unique {
            let statement = Statement::new(
                "select format('%s belongs to %s', identifier.value, \
                 string_agg(format('%s (%s)', actor.name, actor.id), ', ' order by actor.name, actor.id)) as name",
            )
            .append(of_scheme())
            .sql(format!(
                " group by identifier.value having count(*) > 1 order by identifier.value limit {}",
                NAMED + 1
            ));
            refuse(
                "/is_unique",
                "have more than one owner",
                write.load(statement).await?,
            )?;
        }
        if let Some(pattern) = pattern
            && Some(pattern) != earlier.as_ref()
        {
            let statement = Statement::new(
                "select format('%s of %s (%s)', identifier.value, actor.name, actor.id) as name",
            )
            .append(of_scheme())
            .sql(" and identifier.value !~ ")
            .bind(pattern.as_str())
            .sql(format!(
                " order by identifier.value, actor.id limit {}",
                NAMED + 1
            ));
            refuse("/pattern", "do not fit it", write.load(statement).await?)?;
        }
        Ok(())
    }
}

fn refuse(pointer: &str, fault: &str, found: Vec<NameRow>) -> Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    let more = if found.len() > NAMED { " and more" } else { "" };
    let faults: Vec<Fault> = found
        .into_iter()
        .take(NAMED)
        .map(|row| Fault::new(pointer, row.name))
        .collect();
    Err(Error::conflict(format!(
        "{}{more} of the scheme's values {fault}, each named in errors",
        faults.len()
    ))
    .with_faults(faults))
}

fn conflict(pointer: &str, detail: String) -> Error {
    Error::conflict(detail.clone()).with_faults(vec![Fault::new(pointer, detail)])
}

/// What a broken constraint means to who sent the request: mostly that somebody else was quicker, or
/// that PostgreSQL's notion of a blank is wider than Rust's.
fn meaning(vocabulary: Vocabulary, error: Error) -> Error {
    let Some(constraint) = error.constraint() else {
        return error;
    };
    let own = constraint
        .strip_prefix(vocabulary.name())
        .and_then(|rest| rest.strip_prefix('_'));
    match own.unwrap_or(constraint) {
        "pkey" => conflict("/code", format!("{vocabulary} has this code already")),
        "iso3_key" => conflict("/iso3", "belongs to another country already".to_owned()),
        "label_check" => Error::invalid("/label", "is empty"),
        "inverse_label_check" => Error::invalid("/inverse_label", "is empty"),
        "pattern_check" => Error::invalid("/pattern", "is no regular expression of PostgreSQL"),
        "period_check" => Error::invalid("/ended_on", "is before began_on"),
        "cameo_code_fkey" => Error::invalid("/cameo_code", "is no code of the vocabulary cameo_codes"),
        "goldstein_from_fkey" => {
            Error::invalid("/goldstein_from", "is no code of the vocabulary cameo_codes")
        }
        "actor_identifiers_scheme_value_key" => conflict(
            "/is_unique",
            "a value of the scheme has more than one owner".to_owned(),
        ),
        "actor_identifiers_pattern_check" => {
            conflict("/pattern", "a value of the scheme does not fit it".to_owned())
        }
        _ => error,
    }
}
