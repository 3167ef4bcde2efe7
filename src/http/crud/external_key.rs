//! PUT on an external key: it replaces the record that has the key, or creates one that has it.

use diesel::QueryableByName;
use diesel::sql_types;
use serde_json::{Value, json};

use crate::db::{Statement, Write};
use crate::error::{Error, Result};
use crate::resource::external_keys::ExternalKey;
use crate::resource::{Kind, Record, Reference};

#[derive(QueryableByName)]
struct SchemeRow {
    #[diesel(sql_type = sql_types::Text)]
    #[expect(dead_code, reason = "the presence of the row is the result")]
    code: String,
}

/// Returns the external key that a reference is; `None` if it is an id, or a key that a field of the record holds: an identifier
/// of an actor, or the code of a programme.
///
/// # Errors
/// Those of [`Write::load`].
pub async fn of_reference(
    write: &mut Write<'_>,
    kind: Kind,
    reference: &Reference,
) -> Result<Option<ExternalKey>> {
    let Reference::Key { scheme, value } = reference else {
        return Ok(None);
    };
    if scheme == "programme" {
        return Ok(None);
    }
    if kind == Kind::Actors {
        let statement = Statement::new("select code from identifier_schemes where code = ")
            .bind(scheme.clone())
            .keep_prepared();
        if !write.load::<SchemeRow>(statement).await?.is_empty() {
            return Ok(None);
        }
    }
    Ok(Some(ExternalKey {
        scheme: scheme.clone(),
        value: value.clone(),
    }))
}

/// Adds the key to a body that says nothing of external keys, so that the record keeps the key by which it is replaced.
pub fn keep(key: &ExternalKey, body: &mut Value) {
    if let Value::Object(fields) = body {
        fields.entry("external_keys").or_insert_with(|| json!([key]));
    }
}

/// Refuses a new record that would not have the key by which it was to be created.
///
/// # Errors
/// Invalid record at `/external_keys`.
pub fn require(key: &ExternalKey, created: &impl Record) -> Result<()> {
    if created.common().external_keys.contains(key) {
        return Ok(());
    }
    Err(Error::invalid(
        "/external_keys",
        format!(
            "does not have {}:{}, the key of the new record's path; add it, or leave the field out",
            key.scheme, key.value
        ),
    ))
}
