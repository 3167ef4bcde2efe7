//! Faults of structure in plain language.
//!
//! serde reports a value of the wrong type in terms of Rust (`expected i64`, `expected a sequence`). [`explain`] puts its
//! messages in terms of JSON.

use crate::text::shorten;

/// Returns serde's message about a value of the wrong structure in terms of JSON, as the detail of a fault.
///
/// A message that is not serde's own, such as one of a field's own parser, is returned unchanged.
///
/// ```
/// use demarche::validation::explain;
///
/// assert_eq!(explain("invalid type: string \"5\", expected i64"), "must be a whole number, not \"5\"");
/// ```
pub fn explain(message: &str) -> String {
    let wrong_type = message.strip_prefix("invalid type: ");
    let wrong_value = message.strip_prefix("invalid value: ");
    if let Some((found, wanted)) = wrong_type
        .or(wrong_value)
        .and_then(|rest| rest.rsplit_once(", expected "))
    {
        let (found, wanted) = (found_value(found), wanted_type(wanted));
        return if wrong_value.is_some() && wanted == WHOLE_NUMBER {
            format!("{found} is out of range")
        } else {
            format!("must be {wanted}, not {found}")
        };
    }
    if let Some(rest) = message.strip_prefix("unknown field `") {
        return match rest.rsplit_once("`, expected ") {
            Some((_, known)) => format!("is not a known field; known are {}", list(known)),
            None => "is not a known field; the object has no fields".to_owned(),
        };
    }
    if let Some((found, known)) = message
        .strip_prefix("unknown variant `")
        .and_then(|rest| rest.rsplit_once("`, expected "))
    {
        return format!("must be one of {}, not \"{}\"", list(known), shorten(found));
    }
    let named = |prefix: &str| message.strip_prefix(prefix)?.strip_suffix('`');
    if let Some(field) = named("missing field `") {
        return format!("the field {field} is required");
    }
    if let Some(field) = named("duplicate field `") {
        return format!("the field {field} is given twice");
    }
    if message.starts_with("UUID parsing failed") {
        return "must be a UUID".to_owned();
    }
    message.to_owned()
}

const WHOLE_NUMBER: &str = "a whole number";

fn wanted_type(expected: &str) -> &str {
    match expected {
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" | "u8" | "u16" | "u32" | "u64" | "u128" | "usize" => {
            WHOLE_NUMBER
        }
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a borrowed string" | "string or map" => "a string",
        "a formatted UUID string" => "a UUID",
        "a sequence" => "an array",
        "a map" => "an object",
        record if record.starts_with("struct ") => "an object",
        other => other,
    }
}

fn found_value(unexpected: &str) -> String {
    let literal = ["integer `", "floating point `", "boolean `"]
        .into_iter()
        .find_map(|prefix| unexpected.strip_prefix(prefix)?.strip_suffix('`'));
    let text = || unexpected.strip_prefix("string \"")?.strip_suffix('"');
    match unexpected {
        "sequence" => "an array".to_owned(),
        "map" => "an object".to_owned(),
        "null" | "unit value" => "null".to_owned(),
        other => match (literal, text()) {
            (Some(literal), _) => literal.to_owned(),
            (None, Some(text)) => format!("\"{}\"", shorten(text)),
            (None, None) => shorten(other),
        },
    }
}

/// Returns serde's list of names, "one of `a`, `b`", as "a, b".
fn list(names: &str) -> String {
    names
        .trim_start_matches("one of ")
        .replace("` or `", "`, `")
        .replace('`', "")
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Everything {
        #[serde(rename = "whole")]
        _whole: Option<i16>,
        #[serde(rename = "number")]
        _number: Option<f64>,
        #[serde(rename = "flag")]
        _flag: Option<bool>,
        #[serde(rename = "text")]
        _text: Option<String>,
        #[serde(rename = "id")]
        _id: Option<Uuid>,
        #[serde(rename = "list")]
        _list: Option<Vec<String>>,
        #[serde(rename = "word")]
        _word: Option<Word>,
        #[serde(rename = "inner")]
        _inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Word {
        One,
        Two,
    }

    #[derive(Debug, Deserialize)]
    struct Inner {
        #[serde(rename = "code")]
        _code: String,
    }

    #[test]
    fn a_fault_of_structure_names_no_type_of_rust() {
        for (value, detail) in [
            (json!({"whole": "5"}), "must be a whole number, not \"5\""),
            (json!({"whole": 1.5}), "must be a whole number, not 1.5"),
            (json!({"whole": 70_000}), "70000 is out of range"),
            (json!({"number": true}), "must be a number, not true"),
            (json!({"flag": 1}), "must be true or false, not 1"),
            (json!({"text": ["a"]}), "must be a string, not an array"),
            (json!({"id": {}}), "must be a UUID, not an object"),
            (json!({"list": "a"}), "must be an array, not \"a\""),
            (json!({"list": [null]}), "must be a string, not null"),
            (json!({"word": 1}), "must be a string, not 1"),
            (json!({"word": "three"}), "must be one of one, two, not \"three\""),
            (json!({"inner": "CO"}), "must be an object, not \"CO\""),
            (json!({"inner": {}}), "the field code is required"),
            (
                json!({"name": 1}),
                "is not a known field; known are whole, number, flag, text, id, list, word, inner",
            ),
        ] {
            let error = serde_json::from_value::<Everything>(value.clone()).unwrap_err();

            assert_eq!(explain(&error.to_string()), detail, "{value}");
        }
    }

    #[test]
    fn a_message_of_a_parser_of_ours_is_kept() {
        assert_eq!(explain("percent is over 100"), "percent is over 100");
    }

    #[test]
    fn a_long_text_is_quoted_in_part() {
        let message = format!("invalid type: string \"{}\", expected f64", "x".repeat(1000));

        assert_eq!(
            explain(&message),
            format!("must be a number, not \"{}…\"", "x".repeat(80))
        );
    }
}
