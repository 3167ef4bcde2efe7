//! The fields of a record in a body: of a new record, of its replacement, and of a merge patch. Read-only fields may be sent
//! back as they were read, so that a client can change a record that it read and send it whole.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::http::json::structured;
use crate::validation::{Faults, clean_texts};

/// Returns the fields of a new record, and a fault for each read-only field: there is no record yet that it could equal.
///
/// # Errors
/// Malformed request if the body is not an object of this type.
pub fn new_record<T: DeserializeOwned>(mut body: Value, read_only: &[&str]) -> Result<(T, Faults)> {
    let faults = take_read_only(&mut body, read_only, &Value::Null);
    drop_warnings(&mut body);
    finish(body, faults)
}

/// Returns the fields that replace a whole record, and a fault for each read-only field that differs from `current`.
///
/// # Errors
/// Malformed request if the body is not an object of this type.
pub fn replacement<T: DeserializeOwned>(
    mut body: Value,
    current: &impl Serialize,
    read_only: &[&str],
) -> Result<(T, Faults)> {
    let current = serde_json::to_value(current).map_err(Error::internal)?;
    let faults = take_read_only(&mut body, read_only, &current);
    drop_warnings(&mut body);
    finish(body, faults)
}

/// Returns the fields of `current` after a merge patch (RFC 7396), and a fault for each read-only field that the patch would
/// change.
///
/// # Errors
/// Malformed request if the patch is not an object, or names an unknown field.
pub fn patched<T: DeserializeOwned>(
    mut patch: Value,
    current: &impl Serialize,
    read_only: &[&str],
) -> Result<(T, Faults)> {
    let mut current = serde_json::to_value(current).map_err(Error::internal)?;
    let faults = take_read_only(&mut patch, read_only, &current);
    drop_warnings(&mut patch);
    if !patch.is_object() {
        return Err(not_an_object());
    }
    // The patch alone first: merging would drop an unknown field whose value is null.
    structured::<T>(patch.clone())?;
    if let Value::Object(fields) = &mut current {
        for name in read_only {
            fields.remove(*name);
        }
    }
    json_patch::merge(&mut current, &patch);
    finish(current, faults)
}

/// Returns the fields of the document of an earlier version, without its read-only fields.
///
/// # Errors
/// Invalid record at `/version` if the document does not fit what a record holds today, and at each text that has characters
/// which are refused today.
pub fn restored<T: DeserializeOwned>(mut document: Value, read_only: &[&str]) -> Result<T> {
    if let Value::Object(fields) = &mut document {
        for name in read_only {
            fields.remove(*name);
        }
    }
    let faults = clean_texts(&mut document);
    if !faults.is_empty() {
        return Err(Error::faults(faults));
    }
    structured(document).map_err(|error| {
        Error::invalid(
            "/version",
            format!("does not fit what a record holds today: {}", error.detail()),
        )
    })
}

fn finish<T: DeserializeOwned>(body: Value, faults: Faults) -> Result<(T, Faults)> {
    if !body.is_object() {
        return Err(not_an_object());
    }
    Ok((structured(body)?, faults))
}

fn not_an_object() -> Error {
    Error::malformed("", "the body is not a JSON object")
}

/// Removes the warnings of an earlier response from a body: they are about the record and no part of it.
fn drop_warnings(body: &mut Value) {
    if let Value::Object(fields) = body {
        fields.remove("warnings");
    }
}

/// Removes read-only fields from a body and returns a fault for each that differs from the record.
fn take_read_only(body: &mut Value, read_only: &[&str], current: &Value) -> Faults {
    let Value::Object(fields) = body else {
        return Faults::default();
    };
    let mut faults = Faults::default();
    for name in read_only {
        if let Some(sent) = fields.remove(*name)
            && !current.get(*name).is_some_and(|value| is_same(value, &sent))
        {
            let detail = match current.get(*name) {
                Some(value) => {
                    format!("is read-only and its value is {value}; send that value, or leave the field out")
                }
                None => "is read-only; leave it out".to_owned(),
            };
            faults.add(format!("/{name}"), detail);
        }
    }
    faults
}

/// Returns whether two values are equal, numbers by value: many clients send -4.0 back as -4.
fn is_same(value: &Value, sent: &Value) -> bool {
    match (value, sent) {
        (Value::Number(value), Value::Number(sent)) => value.as_f64() == sent.as_f64(),
        (value, sent) => value == sent,
    }
}
