//! Keys by which other systems know our records, the same for every resource.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{Statement, Write};
use crate::error::{Error, Fault, OnConstraint, Result};
use crate::references::Resource;
use crate::validation::{Faults, KEY_LENGTH};

/// A key of another system: a record is found by `scheme:value`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExternalKey {
    /// A lower-case word for who gave the key
    #[schema(pattern = "^[a-z][a-z0-9_]{0,62}$", examples("gsdb"))]
    pub scheme: String,
    #[schema(min_length = 1, max_length = 500, examples("1021"))]
    pub value: String,
}

/// The JSON list of a record's keys, for the select of a resource whose id is `id`.
pub fn record_sql(resource: Resource, id: &str) -> String {
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
    resource: Resource,
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
    let statement = Statement::new(format!(
        "insert into external_keys (scheme, value, position, {column}) \
         select given.scheme, given.value, given.place - 1, "
    ))
    .bind(id)
    .sql(" from unnest(")
    .bind(keys.iter().map(|key| key.scheme.clone()).collect::<Vec<_>>())
    .sql(", ")
    .bind(keys.iter().map(|key| key.value.clone()).collect::<Vec<_>>())
    .sql(") with ordinality as given (scheme, value, place)");
    write
        .execute(statement)
        .await
        .map(drop)
        .on_constraint("external_keys_pkey", || {
            let named: Vec<String> = keys
                .iter()
                .map(|key| format!("{}:{}", key.scheme, key.value))
                .collect();
            let detail = format!("another record has one of the keys {} already", named.join(", "));
            Error::conflict(detail.clone()).with_faults(vec![Fault::new("/external_keys", detail)])
        })
}
