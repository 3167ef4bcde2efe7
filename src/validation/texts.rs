//! Cleans the texts of a body.

use serde_json::{Map, Value};

use crate::error::Fault;
use crate::text::clean::{self, Form};
use crate::text::escape_pointer;

/// The fields whose texts may have several lines; so may the values of `properties`. All other texts are one line.
const SEVERAL_LINES: &[&str] = &[
    "condition",
    "description",
    "lift_reason",
    "notes",
    "provisions",
    "quote",
    "reason",
    "summary",
];

/// The object whose names of fields are texts of a client too.
const PROPERTIES: &str = "properties";

/// How many bytes of faults are kept. The pointer of each repeats the names of the fields above it: without a limit, the faults of a
/// small body could take many times its size.
const FAULT_BYTES: usize = 1024 * 1024;

/// Cleans every text of a body, and the names in `properties`. Returns a fault for each that has a character which it may not
/// have, up to a megabyte of faults; such a text is unchanged.
pub fn clean_texts(body: &mut Value) -> Vec<Fault> {
    let mut walk = Walk::default();
    walk.value(body, Form::Line, false);
    walk.faults
}

#[derive(Default)]
struct Walk {
    pointer: String,
    faults: Vec<Fault>,
    fault_bytes: usize,
}

impl Walk {
    fn value(&mut self, value: &mut Value, form: Form, is_properties: bool) {
        match value {
            Value::String(text) => {
                if let Some(cleaned) = self.text(text, form, "") {
                    *text = cleaned;
                }
            }
            Value::Array(elements) => {
                for (index, element) in elements.iter_mut().enumerate() {
                    self.within(&index.to_string(), |walk| walk.value(element, form, false));
                }
            }
            Value::Object(fields) if is_properties => self.properties(fields),
            Value::Object(fields) => {
                for (name, field) in fields {
                    let form = if SEVERAL_LINES.contains(&name.as_str()) {
                        Form::Text
                    } else {
                        Form::Line
                    };
                    self.within(&escape_pointer(name), |walk| {
                        walk.text(name, Form::Line, " in its name");
                        walk.value(field, form, name == PROPERTIES);
                    });
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn properties(&mut self, fields: &mut Map<String, Value>) {
        for (name, mut field) in std::mem::take(fields) {
            self.within(&escape_pointer(&name), |walk| {
                let cleaned = walk.text(&name, Form::Line, " in its name");
                walk.value(&mut field, Form::Text, false);
                let name = cleaned.unwrap_or(name.clone());
                if fields.insert(name, field).is_some() {
                    let detail =
                        "differs from another name only in blanks or in how its letters are composed";
                    walk.fault(detail);
                }
            });
        }
    }

    /// Does something at a segment of the pointer.
    fn within(&mut self, segment: &str, act: impl FnOnce(&mut Self)) {
        let length = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(segment);
        act(self);
        self.pointer.truncate(length);
    }

    /// Adds a fault at the pointer.
    fn fault(&mut self, detail: &str) {
        if self.fault_bytes < FAULT_BYTES {
            self.fault_bytes += self.pointer.len() + detail.len();
            self.faults.push(Fault::new(self.pointer.clone(), detail));
        }
    }

    /// Returns the clean form of a text if it differs, and adds a fault if it has none.
    fn text(&mut self, text: &str, form: Form, place: &str) -> Option<String> {
        match clean::clean(text, form) {
            Ok(cleaned) if cleaned == text => None,
            Ok(cleaned) => Some(cleaned.into_owned()),
            Err(refused) => {
                self.fault(&refused.at(place));
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_text_is_cleaned_and_every_fault_has_its_pointer() {
        let mut body = json!({
            "name": " a\u{a0} b ",
            "description": "a\r\n b ",
            "properties": {" colour ": ["red\r\nblue "], "description": ["a"]},
            "names": [{"name": "e\u{301}"}],
            "count": 1,
        });
        assert_eq!(clean_texts(&mut body), []);
        assert_eq!(
            body,
            json!({
                "name": "a b",
                "description": "a\nb",
                "properties": {"colour": ["red\nblue"], "description": ["a"]},
                "names": [{"name": "é"}],
                "count": 1,
            })
        );

        let mut body = json!({
            "a\0/b": [{"c": "\0"}],
            "d": "e\nf",
            "properties": {"x": [], "x ": [], "\u{200b}": ["\u{202e}"]},
        });
        let mut faults: Vec<String> = clean_texts(&mut body)
            .into_iter()
            .map(|fault| format!("{} {}", fault.pointer, fault.detail))
            .collect();
        faults.sort();
        assert_eq!(
            faults,
            [
                "/a\0~1b has U+0000 in its name, which is a control character; leave it out",
                "/a\0~1b/0/c has U+0000, which is a control character; leave it out",
                "/d has U+000A, which is a line break; write it on one line",
                "/properties/x  differs from another name only in blanks or in how its letters are composed",
                "/properties/\u{200b} has U+200B in its name, which is invisible; leave it out",
                "/properties/\u{200b}/0 has U+202E, which changes the direction of writing; leave it out",
            ]
        );
    }

    #[test]
    fn faults_take_little_memory_however_long_their_pointers_are() {
        let mut body = json!({"a".repeat(10_000): vec!["\0"; 1000]});

        let faults = clean_texts(&mut body);

        assert!((100..110).contains(&faults.len()), "{}", faults.len());
    }
}
