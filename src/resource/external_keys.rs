//! Keys by which other systems know records, the same for every kind.

use diesel::QueryableByName;
use diesel::sql_types;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{Statement, Write};
use crate::error::{Error, Fault, Result};
use crate::resource::Kind;
use crate::resource::children::ChildRows;
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
    /// The key itself
    #[serde(default, deserialize_with = "text_or_nothing")]
    #[schema(required = true, min_length = 1, max_length = 500, examples("1021"))]
    pub value: String,
}

/// Reads a missing or null text as an empty one: it is a fault of rule, reported with the others.
fn text_or_nothing<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<String, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Checks the keys of a request and returns them.
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
                "is not a scheme; write a lower-case word of letters, digits and _, other than programme",
            );
        }
        faults.short_text(&format!("{pointer}/value"), Some(key.value.clone()), KEY_LENGTH);
    }
    keys
}

/// Returns the keys as they are stored.
pub(super) fn child_rows(keys: &[ExternalKey]) -> ChildRows {
    ChildRows::new("external_keys")
        .texts("scheme", schemes(keys))
        .texts("value", values(keys))
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
    index: i32,
    #[diesel(sql_type = sql_types::Text)]
    resource: String,
    #[diesel(sql_type = sql_types::Uuid)]
    id: Uuid,
}

/// Refuses keys that other records have already.
///
/// # Errors
/// Conflict that names each of those records.
pub(super) async fn refuse_taken(
    write: &mut Write<'_>,
    kind: Kind,
    id: Uuid,
    keys: &[ExternalKey],
) -> Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    let resources: String = Kind::ALL
        .iter()
        .map(|kind| format!("when key.{} is not null then '{kind}' ", kind.column()))
        .collect();
    let ids = Kind::ALL.map(|kind| format!("key.{}", kind.column())).join(", ");
    let statement = Statement::new(format!(
        "select element.ordinal::integer - 1 as index, case {resources}end as resource, coalesce({ids}) as id from unnest("
    ))
    .bind(schemes(keys))
    .sql(", ")
    .bind(values(keys))
    .sql(format!(
        ") with ordinality as element (scheme, value, ordinal) \
         join external_keys as key on key.scheme = element.scheme and key.value = element.value \
         where key.{} is distinct from ",
        kind.column()
    ))
    .bind(id)
    .sql(" order by element.ordinal");
    let taken: Vec<TakenRow> = write.load(statement).await?;
    let faults: Vec<Fault> = taken
        .iter()
        .filter_map(|row| {
            let index = usize::try_from(row.index).ok()?;
            let ExternalKey { scheme, value } = keys.get(index)?;
            Some(Fault::new(
                format!("/external_keys/{index}"),
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
