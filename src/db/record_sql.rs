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
//! | `{time:x}` | `x` | `x` as text, in UTC |
//! | `{response:text}` | `text` | nothing |
//! | `{citations}`, `{external_keys}` | the arrays that several kinds have | the same |

use crate::db::template::{TemplateError, expand};

/// A kind of record, as far as SQL texts are concerned.
#[derive(Debug)]
pub struct RecordSql {
    /// The table of the kind.
    pub table: &'static str,
    /// What the template calls a row of the table.
    alias: &'static str,
    /// The column by which other tables name a record.
    reference: &'static str,
    template: &'static str,
}

/// All kinds of records.
pub static RECORDS: [RecordSql; 6] = [
    RecordSql {
        table: "actors",
        alias: "actor",
        reference: "actor_id",
        template: include_str!("../actors/record.sql"),
    },
    RecordSql {
        table: "relationships",
        alias: "relationship",
        reference: "relationship_id",
        template: include_str!("../relationships/record.sql"),
    },
    RecordSql {
        table: "programmes",
        alias: "programme",
        reference: "programme_id",
        template: include_str!("../programmes/record.sql"),
    },
    RecordSql {
        table: "sanctions",
        alias: "sanction",
        reference: "sanction_id",
        template: include_str!("../sanctions/record.sql"),
    },
    RecordSql {
        table: "diplomatic_actions",
        alias: "action",
        reference: "action_id",
        template: include_str!("../diplomatic_actions/record.sql"),
    },
    RecordSql {
        table: "sources",
        alias: "source",
        reference: "source_id",
        template: include_str!("../sources/record.sql"),
    },
];

const CITATIONS: &str = include_str!("../resource/citations.sql");
const EXTERNAL_KEYS: &str = include_str!("../resource/external_keys.sql");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Response,
    Document,
}

/// Returns the expression of a record's JSON as responses have it, over a row of the table with its alias.
///
/// # Panics
/// If there is no such table, or its template is wrong: a test makes them all.
pub fn response(table: &str) -> String {
    let record = RECORDS
        .iter()
        .find(|record| record.table == table)
        .unwrap_or_else(|| panic!("{table} has no template"));
    rendered(record.table, record.render(Shape::Response))
}

/// Returns the expression of a claim's citations as responses have them.
///
/// # Panics
/// If the template is wrong: a test makes it.
pub fn citations(reference: &str, id: &str) -> String {
    rendered("citations", render(CITATIONS, Shape::Response, reference, id))
}

/// Returns the functions that make documents, each with its name.
///
/// # Panics
/// If a template is wrong: a test makes them all.
pub fn document_functions() -> Vec<(String, String)> {
    RECORDS.iter().map(RecordSql::document_function).collect()
}

fn rendered(name: &str, text: Result<String, TemplateError>) -> String {
    text.unwrap_or_else(|error| panic!("the template of {name}: {error}"))
}

impl RecordSql {
    fn render(&self, shape: Shape) -> Result<String, TemplateError> {
        render(
            self.template,
            shape,
            self.reference,
            &format!("{}.id", self.alias),
        )
    }

    /// In PL/pgSQL, which keeps the plan: an SQL function would be planned for each record.
    fn document_function(&self) -> (String, String) {
        let (table, alias) = (self.table, self.alias);
        let document = rendered(table, self.render(Shape::Document));
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
}

fn render(template: &str, shape: Shape, reference: &str, id: &str) -> Result<String, TemplateError> {
    let is_response = shape == Shape::Response;
    let either = |response: &str, document: &str| if is_response { response } else { document }.to_owned();
    let named = |table: &str, names: &str, id: &str| {
        if is_response {
            format!(
                "(select json_build_object('id', referenced.id, {names}) from {table} as referenced where referenced.id = {id})"
            )
        } else {
            format!("case when {id} is not null then jsonb_build_object('id', {id}) end")
        }
    };
    // Errors of what is nested come out at the end, since a placeholder that is not filled looks the same.
    let mut nested = None;
    let filled = expand(template, |name, argument| {
        let mut part = |template| match render(template, shape, reference, id) {
            Ok(text) => Some(text),
            Err(error) => {
                nested = Some(error);
                None
            }
        };
        match name {
            "object" => Some(either("json_build_object", "jsonb_build_object")),
            "list" => Some(either("json_agg", "jsonb_agg")),
            "actor" => Some(named(
                "actors",
                "'name', referenced.name, 'kind', referenced.kind",
                argument,
            )),
            "source" => Some(named("sources", "'title', referenced.title", argument)),
            "programme" => Some(named(
                "programmes",
                "'code', referenced.code, 'name', referenced.name",
                argument,
            )),
            "action" => Some(named("diplomatic_actions", "'title', referenced.title", argument)),
            "time" => Some(either(argument, &format!("utc_text({argument})"))),
            "response" => Some(either(argument, "")),
            "citations" => part(CITATIONS),
            "external_keys" => part(EXTERNAL_KEYS),
            "reference" => Some(reference.to_owned()),
            "id" => Some(id.to_owned()),
            _ => None,
        }
    });
    match nested {
        Some(error) => Err(error),
        None => filled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_makes_a_response_and_a_document() {
        for record in &RECORDS {
            let response = response(record.table);
            let (name, document) = record.document_function();

            assert_eq!(name, format!("{}_document", record.table));
            assert!(response.starts_with("json_build_object("), "{response}");
            assert!(!response.contains("jsonb_"), "{response}");
            assert!(!document.contains(" json_"), "{document}");
            assert!(
                !response.contains('{') && !document.contains('{'),
                "{response} {document}"
            );
        }
        assert!(citations("sanction_id", "wanted.id").contains("citation.sanction_id = wanted.id"));
    }

    #[test]
    fn a_document_has_ids_alone() {
        let (_, document) = RECORDS[3].document_function();

        for derived in ["'status'", "'grade'", "referenced", "'name'"] {
            assert!(!document.contains(derived), "{derived}");
        }
        assert!(document.contains("jsonb_build_object('id', sanction.imposer_id)"));
    }

    #[test]
    fn an_unknown_placeholder_is_an_error_also_inside_a_part() {
        assert_eq!(
            render(
                "{object}({agent:record.actor_id})",
                Shape::Response,
                "actor_id",
                "actor.id"
            ),
            Err(TemplateError::Unknown("agent".to_owned()))
        );
    }
}
