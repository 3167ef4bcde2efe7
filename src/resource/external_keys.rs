//! Keys by which other systems know our records, the same for every resource.

use diesel::QueryableByName;
use diesel::sql_types;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::error::OnConstraint;
use crate::db::{Statement, Write};
use crate::error::{Error, Fault, Result};
use crate::resource::Kind;
use crate::validation::{Faults, KEY_LENGTH};

/// A key of another system: a record is found by `scheme:value`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object such as {\"scheme\":\"gsdb\",\"value\":\"1021\"}"
)]
pub struct ExternalKey {
    /// A lower-case word for who gave the key
    #[serde(default, deserialize_with = "text_or_nothing")]
    #[schema(required = true, pattern = "^[a-z][a-z0-9_]{0,62}$", examples("gsdb"))]
    pub scheme: String,
    #[serde(default, deserialize_with = "text_or_nothing")]
    #[schema(required = true, min_length = 1, max_length = 500, examples("1021"))]
    pub value: String,
}

/// What is missing or null is a fault of rule, told with the others: an empty text stands for it.
fn text_or_nothing<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// The JSON list of a record's keys, for the select of a resource whose id is `id`.
pub fn record_sql(resource: Kind, id: &str) -> String {
    format!(
        "(select coalesce(json_agg(json_build_object('scheme', key.scheme, 'value', key.value) \
         order by key.position, key.scheme, key.value), '[]') \
         from external_keys as key where key.{} = {id})",
        resource.column()
    )
}

pub fn validate(keys: Option<Vec<ExternalKey>>, faults: &mut Faults) -> Vec<ExternalKey> {
    let keys = keys.unwrap_or_default();
    faults.list("/external_keys", &keys, Clone::clone);
    for (index, key) in keys.iter().enumerate() {
        let pointer = format!("/external_keys/{index}");
        let mut letters = key.scheme.bytes();
        let is_word = letters.next().is_some_and(|first| first.is_ascii_lowercase())
            && letters.all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_')
            && key.scheme.len() <= 63;
        if !is_word || key.scheme == "programme" {
            faults.add(
                format!("{pointer}/scheme"),
                "is no scheme: a lower-case word of letters, digits and _, other than programme",
            );
        }
        faults.short_text(&format!("{pointer}/value"), Some(key.value.clone()), KEY_LENGTH);
    }
    keys
}

/// Gives a record exactly these keys.
pub async fn replace(
    write: &mut Write<'_>,
    resource: Kind,
    id: Uuid,
    current: &[ExternalKey],
    keys: &[ExternalKey],
) -> Result<()> {
    if current == keys {
        return Ok(());
    }
    let column = resource.column();
    if !current.is_empty() {
        let statement = Statement::new(format!("delete from external_keys where {column} = ")).bind(id);
        write.execute(statement).await?;
    }
    if keys.is_empty() {
        return Ok(());
    }
    refuse_taken(write, keys).await?;
    let statement = Statement::new(format!(
        "insert into external_keys (scheme, value, position, {column}) \
         select given.scheme, given.value, given.place - 1, "
    ))
    .bind(id)
    .sql(" from unnest(")
    .bind(schemes(keys))
    .sql(", ")
    .bind(values(keys))
    .sql(") with ordinality as given (scheme, value, place)");
    write
        .execute(statement)
        .await
        .map(drop)
        .on_constraint("external_keys_pkey", || {
            // Taken since they were looked for.
            Error::conflict("another record has one of the keys already")
                .with_faults(vec![Fault::new("/external_keys", "has a key of another record")])
        })
        .on_constraint("external_keys_value_check", || {
            Error::invalid("/external_keys", "has an empty value")
        })
}

fn schemes(keys: &[ExternalKey]) -> Vec<String> {
    keys.iter().map(|key| key.scheme.clone()).collect()
}

fn values(keys: &[ExternalKey]) -> Vec<String> {
    keys.iter().map(|key| key.value.clone()).collect()
}

#[derive(QueryableByName)]
struct TakenRow {
    #[diesel(sql_type = sql_types::Integer)]
    place: i32,
    #[diesel(sql_type = sql_types::Text)]
    resource: String,
    #[diesel(sql_type = sql_types::Uuid)]
    id: Uuid,
}

/// Names who has a key already. The record's own are deleted by now.
async fn refuse_taken(write: &mut Write<'_>, keys: &[ExternalKey]) -> Result<()> {
    let holder: String = Kind::ALL
        .iter()
        .map(|resource| format!("when {} is not null then '{resource}' ", resource.column()))
        .collect();
    let columns: Vec<&str> = Kind::ALL.iter().map(|resource| resource.column()).collect();
    let statement = Statement::new(format!(
        "select given.place::integer - 1 as place, case {holder}end as resource, coalesce({}) as id from unnest(",
        columns.join(", ")
    ))
    .bind(schemes(keys))
    .sql(", ")
    .bind(values(keys))
    .sql(
        ") with ordinality as given (scheme, value, place) \
         join external_keys as key on key.scheme = given.scheme and key.value = given.value order by given.place",
    );
    let taken: Vec<TakenRow> = write.load(statement).await?;
    let faults: Vec<Fault> = taken
        .iter()
        .filter_map(|row| {
            let place = usize::try_from(row.place).ok()?;
            let ExternalKey { scheme, value } = keys.get(place)?;
            Some(Fault::new(
                format!("/external_keys/{place}"),
                format!(
                    "{scheme}:{value} belongs to /v1/{}/{} already",
                    row.resource, row.id
                ),
            ))
        })
        .collect();
    match faults.first() {
        None => Ok(()),
        Some(first) => Err(Error::conflict(first.detail.clone()).with_faults(faults)),
    }
}
