//! Reads the body of a batch operation by operation. The first of a wrong shape ends the reading, so that a body takes no more
//! memory than its text and the record that is being read.

use std::fmt;
use std::sync::Arc;

use actix_web::web::Bytes;
use serde::Deserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::request::{BatchRequest, OperationRequest, Operations, RecordText};
use crate::config::Limits;
use crate::error::{Error, Fault, Problem, Result};
use crate::http::body::FromBody;
use crate::http::json::{self, REPEATED, structured};
use crate::validation::clean_texts;

/// Most operations of one batch: a transaction holds its locks until the last is done.
const MOST_OPERATIONS: usize = 10_000;
/// The reading ends when the faults that it has found take so many bytes.
const FAULT_BYTES: usize = 1024 * 1024;
/// The names of an operation's fields.
const FIELDS: [&str; 6] = ["method", "resource", "ref", "as", "if_match", BODY];
const BODY: &str = "body";

impl FromBody for Operations {
    fn limit(limits: &Limits) -> usize {
        limits.batch
    }

    fn from_body(bytes: &Bytes, limits: &Limits) -> Result<Self> {
        let mut batch = Batch {
            bytes,
            longest_record: limits.body,
            operations: None,
            faults: Vec::new(),
            fault_bytes: 0,
            refusal: None,
        };
        let mut deserializer = serde_json::Deserializer::from_slice(json::text_of(bytes)?);
        let read = deserializer
            .deserialize_any(Whole(&mut batch))
            .and_then(|()| deserializer.end());
        match (batch.refusal, read) {
            (Some(refusal), _) => Err(refusal),
            (None, Err(error)) => Err(Error::malformed("", format!("the body is not JSON: {error}"))),
            (None, Ok(())) if !batch.faults.is_empty() => Err(Error::faults(batch.faults)),
            (None, Ok(())) => match batch.operations {
                Some(operations) => Ok(Self(Arc::new(operations))),
                None => Err(shape_of_batch(json!({}))),
            },
        }
    }
}

/// A batch while it is read.
struct Batch<'b> {
    bytes: &'b Bytes,
    longest_record: usize,
    /// `None` until the field is found.
    operations: Option<Vec<OperationRequest>>,
    faults: Vec<Fault>,
    fault_bytes: usize,
    /// What ended the reading, where that is no matter of syntax.
    refusal: Option<Error>,
}

impl Batch<'_> {
    fn refuse<E: serde::de::Error>(&mut self, refusal: Error) -> E {
        self.refusal = Some(refusal);
        E::custom("refused")
    }

    /// Cleans the texts of a part of the body.
    fn clean<E: serde::de::Error>(&mut self, pointer: &str, value: &mut Value) -> std::result::Result<(), E> {
        for fault in clean_texts(value) {
            let fault = Fault::new(format!("{pointer}{}", fault.pointer), fault.detail);
            self.fault_bytes += fault.pointer.len() + fault.detail.len();
            self.faults.push(fault);
        }
        if self.fault_bytes > FAULT_BYTES {
            let faults = std::mem::take(&mut self.faults);
            return Err(self.refuse(Error::faults(faults)));
        }
        Ok(())
    }
}

/// Returns the fault of a batch of the wrong shape, of which `sample` has the part that is wrong.
fn shape_of_batch(sample: Value) -> Error {
    wrong_shape::<BatchRequest>(sample)
}

fn wrong_shape<T: serde::de::DeserializeOwned>(sample: Value) -> Error {
    match structured::<T>(sample) {
        Err(error) => error,
        Ok(_) => Error::malformed("", "has not the shape that is documented"),
    }
}

/// Writes the methods of a [`Visitor`] for values that are not of the shape that it wants: each passes a sample of the value to
/// `refused`.
macro_rules! refuse_scalars {
    () => {
        fn visit_unit<E: serde::de::Error>(mut self) -> std::result::Result<Self::Value, E> {
            self.refused(Value::Null)
        }

        fn visit_bool<E: serde::de::Error>(mut self, value: bool) -> std::result::Result<Self::Value, E> {
            self.refused(value.into())
        }

        fn visit_i64<E: serde::de::Error>(mut self, value: i64) -> std::result::Result<Self::Value, E> {
            self.refused(value.into())
        }

        fn visit_u64<E: serde::de::Error>(mut self, value: u64) -> std::result::Result<Self::Value, E> {
            self.refused(value.into())
        }

        fn visit_f64<E: serde::de::Error>(mut self, value: f64) -> std::result::Result<Self::Value, E> {
            self.refused(value.into())
        }

        fn visit_str<E: serde::de::Error>(mut self, value: &str) -> std::result::Result<Self::Value, E> {
            self.refused(value.into())
        }
    };
}

/// Reads the object of a batch.
struct Whole<'b, 'p>(&'p mut Batch<'b>);

impl Whole<'_, '_> {
    fn refused<T, E: serde::de::Error>(&mut self, sample: Value) -> std::result::Result<T, E> {
        Err(self.0.refuse(shape_of_batch(sample)))
    }
}

impl<'de> Visitor<'de> for Whole<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a batch")
    }

    refuse_scalars!();

    fn visit_seq<A: SeqAccess<'de>>(mut self, _: A) -> std::result::Result<(), A::Error> {
        self.refused(json!([]))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> std::result::Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if name != "operations" {
                return self.refused(json!({name: null}));
            }
            if self.0.operations.is_some() {
                return Err(self.0.refuse(Error::malformed("/operations", REPEATED)));
            }
            map.next_value_seed(List(self.0))?;
        }
        Ok(())
    }
}

/// Reads the array of operations.
struct List<'b, 'p>(&'p mut Batch<'b>);

impl List<'_, '_> {
    fn refused<T, E: serde::de::Error>(&mut self, sample: Value) -> std::result::Result<T, E> {
        Err(self.0.refuse(shape_of_batch(json!({"operations": sample}))))
    }
}

impl<'de> DeserializeSeed<'de> for List<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for List<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("operations")
    }

    refuse_scalars!();

    fn visit_map<A: MapAccess<'de>>(mut self, _: A) -> std::result::Result<(), A::Error> {
        self.refused(json!({}))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> std::result::Result<(), A::Error> {
        let mut operations = Vec::new();
        loop {
            let element = Element {
                batch: &mut *self.0,
                index: operations.len(),
            };
            let Some(operation) = sequence.next_element_seed(element)? else {
                break;
            };
            if operations.len() == MOST_OPERATIONS {
                let many =
                    format!("has more than {MOST_OPERATIONS} operations; divide it into several batches");
                return Err(self.0.refuse(Error::invalid("/operations", many)));
            }
            operations.push(operation);
        }
        self.0.operations = Some(operations);
        Ok(())
    }
}

/// Reads one operation.
struct Element<'b, 'p> {
    batch: &'p mut Batch<'b>,
    index: usize,
}

impl Element<'_, '_> {
    fn pointer(&self) -> String {
        format!("/operations/{}", self.index)
    }

    fn refused<T, E: serde::de::Error>(&mut self, sample: Value) -> std::result::Result<T, E> {
        Err(self.refuse("", wrong_shape::<OperationRequest>(sample)))
    }

    /// Ends the reading with an error at a pointer below this operation.
    fn refuse<E: serde::de::Error>(&mut self, pointer: &str, error: Error) -> E {
        let pointer = format!("{}{pointer}", self.pointer());
        let error = if error.fault_list().is_empty() {
            Error::malformed(pointer, error.detail())
        } else {
            error.under(&pointer)
        };
        self.batch.refuse(error)
    }

    /// Returns the text of the field `body`, once it is known to be a record with clean texts, or null.
    fn record<E: serde::de::Error>(&mut self, text: &[u8]) -> std::result::Result<Option<RecordText>, E> {
        let longest = self.batch.longest_record;
        if text.len() > longest {
            let pointer = format!("{}/{BODY}", self.pointer());
            let detail = format!("has {} bytes, at most {longest} are allowed", text.len());
            let error = Error::new(Problem::TooLarge, format!("{pointer} {detail}"));
            return Err(self
                .batch
                .refuse(error.with_faults(vec![Fault::new(pointer, detail)])));
        }
        let mut record = match json::parse_part(text) {
            Ok(Value::Null) => return Ok(None),
            Ok(record) => record,
            Err(error) => return Err(self.refuse("/body", error)),
        };
        let pointer = format!("{}/{BODY}", self.pointer());
        self.batch.clean(&pointer, &mut record)?;
        Ok(Some(RecordText(self.batch.bytes.slice_ref(text))))
    }
}

impl<'de> DeserializeSeed<'de> for Element<'_, '_> {
    type Value = OperationRequest;

    fn deserialize<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> std::result::Result<OperationRequest, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Element<'_, '_> {
    type Value = OperationRequest;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an operation")
    }

    refuse_scalars!();

    fn visit_seq<A: SeqAccess<'de>>(mut self, _: A) -> std::result::Result<OperationRequest, A::Error> {
        self.refused(json!([]))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> std::result::Result<OperationRequest, A::Error> {
        let mut fields = Map::new();
        let mut body = None;
        let mut has_body = false;
        while let Some(name) = map.next_key::<String>()? {
            if !FIELDS.contains(&name.as_str()) {
                return self.refused(json!({name: null}));
            }
            if fields.contains_key(&name) || (has_body && name == BODY) {
                let pointer = format!("/{name}");
                return Err(self.refuse(&pointer, Error::malformed("", REPEATED)));
            }
            let text = map.next_value::<&RawValue>()?.get().as_bytes();
            if name == BODY {
                has_body = true;
                body = self.record(text)?;
                continue;
            }
            match json::parse_part(text) {
                Ok(value) => fields.insert(name, value),
                Err(error) => return Err(self.refuse(&format!("/{name}"), error)),
            };
        }
        let mut fields = Value::Object(fields);
        let pointer = self.pointer();
        self.batch.clean(&pointer, &mut fields)?;
        match structured::<OperationRequest>(fields) {
            Ok(operation) => Ok(OperationRequest { body, ..operation }),
            Err(error) => Err(self.refuse("", error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Operations> {
        let limits = Limits {
            body: 1000,
            ..Limits::default()
        };
        Operations::from_body(&Bytes::copy_from_slice(text.as_bytes()), &limits)
    }

    fn fault(text: &str) -> String {
        let error = read(text).expect_err(text);
        let pointers: Vec<_> = error
            .fault_list()
            .iter()
            .map(|fault| fault.pointer.as_str())
            .collect();
        format!("{:?} {} {}", error.problem(), pointers.join(" "), error.detail())
    }

    #[test]
    fn the_first_wrong_shape_ends_the_reading() {
        // What follows it is not even JSON.
        for (text, refusal) in [
            ("1 ?", "MalformedRequest  must be an object, not 1"),
            ("[?", "MalformedRequest  must be an object, not an array"),
            ("{}", "MalformedRequest  the field operations is required"),
            (
                r#"{"name": ?"#,
                "MalformedRequest /name /name is not a known field; known are operations",
            ),
            (
                r#"{"operations": {?"#,
                "MalformedRequest /operations /operations must be an array, not an object",
            ),
            (
                r#"{"operations": [1, ?"#,
                "MalformedRequest /operations/0 /operations/0 must be an object, not 1",
            ),
            (
                r#"{"operations": [[?"#,
                "MalformedRequest /operations/0 /operations/0 must be an object, not an array",
            ),
            (
                r#"{"operations": [{"":?"#,
                "MalformedRequest /operations/0/ /operations/0/ is not a known field; known are method, resource, ref, as, if_match, body",
            ),
            (
                r#"{"operations": [{"method": "POST", "method": ?"#,
                "MalformedRequest /operations/0/method /operations/0/method appears twice in its object",
            ),
            (
                r#"{"operations": [{"body": 1, "body": ?"#,
                "MalformedRequest /operations/0/body /operations/0/body appears twice in its object",
            ),
            (
                r#"{"operations": [{"body": {"a": {"b": 1, "b": 2}}}, ?"#,
                "MalformedRequest /operations/0/body/a/b /operations/0/body/a/b appears twice in its object",
            ),
            (
                r#"{"operations": [{"method": "post", "resource": "actors"}, ?"#,
                "MalformedRequest /operations/0/method /operations/0/method must be one of POST, PUT, PATCH, DELETE, not \"post\"",
            ),
            (
                r#"{"operations": [], "operations": ?"#,
                "MalformedRequest /operations /operations appears twice in its object",
            ),
            (
                r#"{"operations": [{"body": "\ud800"}, ?"#,
                "MalformedRequest /operations/0/body /operations/0/body is not JSON: unexpected end of hex escape at line 1 column 8",
            ),
        ] {
            assert_eq!(fault(text), refusal, "{text}");
        }
    }

    #[test]
    fn a_record_has_the_limit_of_a_body_and_a_batch_has_most_operations() {
        let long = format!(r#"{{"operations": [{{"body": "{}"}}, ?"#, "x".repeat(1000));
        assert_eq!(
            fault(&long),
            "TooLarge /operations/0/body /operations/0/body has 1002 bytes, at most 1000 are allowed"
        );

        let one = r#"{"method": "POST", "resource": "actors"},"#;
        let many = format!(r#"{{"operations": [{} ?"#, one.repeat(MOST_OPERATIONS + 1));
        assert_eq!(
            fault(&many),
            "InvalidRecord /operations /operations has more than 10000 operations; divide it into several batches"
        );
    }

    #[test]
    fn all_texts_that_are_refused_are_named() {
        let text = r#"{"operations": [
            {"method": "POST", "resource": "actors", "as": "\u0000", "body": {"name": "\u0000"}},
            {"method": "POST", "resource": "actors", "body": {"name": "\u0000"}}
        ]}"#;
        let error = read(text).expect_err("refused");
        let pointers: Vec<_> = error
            .fault_list()
            .iter()
            .map(|fault| fault.pointer.as_str())
            .collect();
        assert_eq!(
            pointers,
            [
                "/operations/0/body/name",
                "/operations/0/as",
                "/operations/1/body/name"
            ]
        );
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[ a-z\u{e9}\"\\\\]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-c/~]{0,3}", inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// A batch of the right shape is read as its tree is.
        #[test]
        fn a_batch_is_read_as_its_tree(records in prop::collection::vec(prop::option::of(value()), 0..5), is_pretty: bool) {
            let operations: Vec<Value> = records
                .iter()
                .map(|record| json!({"method": "POST", "resource": "actors", "as": " a ", "body": record}))
                .collect();
            let whole = json!({"operations": operations});
            let text = if is_pretty { format!("{whole:#}") } else { whole.to_string() };
            let mut tree = json::parse(text.as_bytes()).expect("JSON");
            clean_texts(&mut tree);

            let read = read(&text).expect("a batch");

            prop_assert_eq!(read.0.len(), records.len());
            for (operation, of_tree) in read.0.iter().zip(tree["operations"].as_array().expect("a list")) {
                let record = operation.body.as_ref().map_or(Ok(Value::Null), |text| {
                    futures_util::FutureExt::now_or_never(text.parse()).expect("at once")
                });
                prop_assert_eq!(&record.expect("a record"), &of_tree["body"]);
                prop_assert_eq!(operation.handle.as_deref(), of_tree["as"].as_str());
            }
        }
    }
}
