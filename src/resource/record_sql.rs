//! The JSON of records, made from one template a kind: `record.sql` in the folder of the kind. A response has the names of
//! what a record refers to and what is derived from it; the document that a revision keeps has ids alone, because the rest
//! changes without the record.
//!
//! Placeholders of the templates:
//!
//! | placeholder | in a response | in a document |
//! | --- | --- | --- |
//! | `{object}`, `{list}` | `json_build_object`, `json_agg` | `jsonb_build_object`, `jsonb_agg` |
//! | `{actor:x}`, `{source:x}`, `{programme:x}`, `{action:x}` | id and names of what `x` refers to; null if `x` is null | its id |
//! | `{value:x}` | `to_json(x)` | `to_jsonb(x)` |
//! | `{time:x}` | `x` | `x` as text, in UTC |
//! | `{response:text}` | `text` | nothing |
//! | `{citations}`, `{external_keys}` | the arrays that several kinds have | the same |

use std::cell::Cell;

use crate::db::template::{TemplateError, expand};

/// The template of one kind of record.
#[derive(Debug, Clone, Copy)]
pub struct Template {
    /// The table of the kind.
    pub table: &'static str,
    /// What the template calls a row of the table.
    pub alias: &'static str,
    /// The column by which child tables name a record.
    pub reference: &'static str,
    /// The text of `record.sql`.
    pub text: &'static str,
}

const CITATIONS: &str = include_str!("citations.sql");
const EXTERNAL_KEYS: &str = include_str!("external_keys.sql");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Response,
    Document,
}

/// Returns the expression of a claim's citations as responses have them.
///
/// # Panics
/// If the template is wrong: a test makes it.
pub fn citations(reference: &str, id: &str) -> String {
    rendered(
        "citations",
        Filling::new(Shape::Response, reference, id).fill(CITATIONS),
    )
}

fn rendered(name: &str, text: Result<String, TemplateError>) -> String {
    text.unwrap_or_else(|error| panic!("the template of {name}: {error}"))
}

impl Template {
    /// Returns the expression of a record's JSON as responses have it, over a row of the table with its alias.
    ///
    /// # Panics
    /// If the template is wrong: a test makes all of them.
    pub fn response(&self) -> String {
        self.render(Shape::Response).0
    }

    /// Returns whether the document of a revision is the whole response, because the template names no other record and
    /// derives nothing.
    ///
    /// # Panics
    /// If the template is wrong: a test makes all of them.
    pub fn is_whole_document(&self) -> bool {
        !self.render(Shape::Document).1
    }

    /// Returns the name of the function that makes the documents of revisions, and the statements that create or replace it.
    /// It is in PL/pgSQL, which keeps the plan: an SQL function would be planned for each record.
    ///
    /// # Panics
    /// If the template is wrong: a test makes all of them.
    pub fn document_function(&self) -> (String, String) {
        let (table, alias) = (self.table, self.alias);
        let (document, _) = self.render(Shape::Document);
        let name = format!("{table}_document");
        let text = format!(
            "create or replace function {name}(wanted_id uuid) returns jsonb
language plpgsql stable set search_path = pg_catalog, public, pg_temp
as $$
begin
  return (
    select {document}
    from {table} as {alias}
    where {alias}.id = wanted_id
  );
end
$$;
comment on function {name}(uuid) is 'The whole record of {table}, with its children, by ids alone; null if there is none';
revoke execute on function {name}(uuid) from public;
"
        );
        (name, text)
    }

    /// Returns the filled template, and whether the response has more than the document.
    fn render(&self, shape: Shape) -> (String, bool) {
        let id = format!("{}.id", self.alias);
        let filling = Filling::new(shape, self.reference, &id);
        let text = rendered(self.table, filling.fill(self.text));
        (text, filling.differs.get())
    }
}

/// What the placeholders of one record stand for.
struct Filling<'a> {
    shape: Shape,
    reference: &'a str,
    id: &'a str,
    /// Whether a placeholder was filled by which a response has more than a document.
    differs: Cell<bool>,
}

impl<'a> Filling<'a> {
    fn new(shape: Shape, reference: &'a str, id: &'a str) -> Self {
        Self {
            shape,
            reference,
            id,
            differs: Cell::new(false),
        }
    }

    fn either(&self, response: &str, document: &str) -> String {
        match self.shape {
            Shape::Response => response,
            Shape::Document => document,
        }
        .to_owned()
    }

    /// Another record: its id, and in a response its names.
    fn named(&self, table: &str, names: &str, id: &str) -> String {
        self.differs.set(true);
        self.either(
            &format!(
                "(select json_build_object('id', referenced.id, {names}) from {table} as referenced where referenced.id = {id})"
            ),
            &format!("case when {id} is not null then jsonb_build_object('id', {id}) end"),
        )
    }

    fn fill(&self, template: &str) -> Result<String, TemplateError> {
        // Errors of what is nested come out at the end, since a placeholder that is not filled looks the same.
        let mut nested = None;
        let filled = expand(template, |name, argument| {
            let mut part = |template| match self.fill(template) {
                Ok(text) => Some(text),
                Err(error) => {
                    nested = Some(error);
                    None
                }
            };
            match name {
                "object" => Some(self.either("json_build_object", "jsonb_build_object")),
                "list" => Some(self.either("json_agg", "jsonb_agg")),
                "actor" => Some(self.named(
                    "actors",
                    "'name', referenced.name, 'kind', referenced.kind",
                    argument,
                )),
                "source" => Some(self.named(
                    "sources",
                    "'title', referenced.title, 'publisher', referenced.publisher, \
                     'published_on', referenced.published_on, 'url', referenced.url",
                    argument,
                )),
                "programme" => Some(self.named(
                    "programmes",
                    "'code', referenced.code, 'name', referenced.name",
                    argument,
                )),
                "action" => Some(self.named("diplomatic_actions", "'title', referenced.title", argument)),
                "time" => Some(self.either(argument, &format!("utc_text({argument})"))),
                "value" => {
                    Some(self.either(&format!("to_json({argument})"), &format!("to_jsonb({argument})")))
                }
                "response" => {
                    self.differs.set(true);
                    Some(self.either(argument, ""))
                }
                "citations" => part(CITATIONS),
                "external_keys" => part(EXTERNAL_KEYS),
                "reference" => Some(self.reference.to_owned()),
                "id" => Some(self.id.to_owned()),
                _ => None,
            }
        });
        match nested {
            Some(error) => Err(error),
            None => filled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_makes_a_response_and_a_document() {
        let template = Template {
            table: "treaties",
            alias: "treaty",
            reference: "treaty_id",
            text: "{object}('id', treaty.id, 'external_keys', {external_keys})",
        };
        let (name, document) = template.document_function();

        assert_eq!(name, "treaties_document");
        assert!(template.response().starts_with("json_build_object("));
        assert!(document.contains("jsonb_build_object("), "{document}");
        assert!(document.contains("key.treaty_id = treaty.id"), "{document}");
        assert!(template.is_whole_document());
    }

    #[test]
    fn a_document_is_whole_unless_the_response_names_others_or_derives() {
        for text in [
            "{object}({actor:x})",
            "{object}({response:x})",
            "{object}({citations})",
        ] {
            let template = Template {
                table: "treaties",
                alias: "treaty",
                reference: "treaty_id",
                text,
            };

            assert!(!template.is_whole_document(), "{text}");
        }
    }

    #[test]
    fn an_unknown_placeholder_is_an_error_also_inside_a_part() {
        assert_eq!(
            Filling::new(Shape::Response, "actor_id", "actor.id").fill("{object}({agent:record.actor_id})"),
            Err(TemplateError::Unknown("agent".to_owned()))
        );
    }

    #[test]
    fn citations_are_those_of_a_claim() {
        assert!(citations("sanction_id", "wanted.id").contains("citation.sanction_id = wanted.id"));
    }
}
