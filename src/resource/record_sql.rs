//! The SQL of records, made from one template a kind: `record.template` in the folder of the kind
//! (`resource::record_template` says how it is written). A response has the names of what a record refers to and
//! what is derived from it; the document that a revision keeps has ids alone, because the rest changes without the record.
//!
//! | value | in a response, as text | in a document |
//! | --- | --- | --- |
//! | `{…}` | the fields, concatenated | `jsonb_build_object` |
//! | `[… from …]` | the elements, concatenated | `jsonb_agg` |
//! | `actor(x)`, `source(x)`, `programme(x)`, `action(x)` | id and names of what `x` refers to; null if `x` is null | its id |
//! | `plain(x)`, `line(x)`, `text(x)` | `x` in quotes | `x` |
//! | `number(x)`, `float(x)`, `boolean(x)` | `x` as a program writes it | `x` |
//! | `time(x)` | RFC 3339 in UTC | `x` as text, in UTC |
//! | `properties(x)` | its fields in the order of their names | `x` |
//!
//! A response is made as text, not by `json_build_object` and `json_agg`: these look up the type of every value in each row, and take
//! twice as long in all (bench/README.md). The text is the response byte for byte, so the server sends it as it is.

use super::record_template::{Entry, Part, Referenced, Rows, Scalar, Value, parse};

/// The template of one kind of record.
#[derive(Debug, Clone, Copy)]
pub struct Template {
    /// The table of the kind.
    pub table: &'static str,
    /// What the template calls a row of the table.
    pub alias: &'static str,
    /// The column by which child tables name a record.
    pub reference: &'static str,
    /// The text of `record.template`.
    pub text: &'static str,
}

const CITATIONS: &str = include_str!("citations.template");
const EXTERNAL_KEYS: &str = include_str!("external_keys.template");

/// Returns the expression of a claim's citations as responses have them, a text.
///
/// # Panics
/// If the template is wrong: a test makes it.
pub fn citations(reference: &str, id: &str) -> String {
    Record { reference, id }
        .response(&read("citations", CITATIONS))
        .sql()
}

fn read(name: &str, text: &str) -> Value {
    parse(text).unwrap_or_else(|error| panic!("the template of {name}: {error}"))
}

impl Template {
    /// Returns the expression of a record as responses have it: a text, over a row of the table with its alias.
    ///
    /// # Panics
    /// If the template is wrong: a test makes all of them.
    pub fn response(&self) -> String {
        let id = self.id();
        let record = Record {
            reference: self.reference,
            id: &id,
        };
        record.response(&self.value()).sql()
    }

    /// Returns whether the document of a revision is the whole response, because the template names no other record and
    /// derives nothing.
    ///
    /// # Panics
    /// If the template is wrong: a test makes all of them.
    pub fn is_whole_document(&self) -> bool {
        is_whole(&self.value())
    }

    /// Returns the name of the function that makes the documents of revisions, and the statements that create or replace it.
    /// It is in PL/pgSQL, which keeps the plan: an SQL function would be planned for each record.
    ///
    /// # Panics
    /// If the template is wrong: a test makes all of them.
    pub fn document_function(&self) -> (String, String) {
        let (table, alias) = (self.table, self.alias);
        let id = self.id();
        let record = Record {
            reference: self.reference,
            id: &id,
        };
        let document = record.document(&self.value());
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

    /// Returns the name of the function that makes the responses of a page's records.
    pub fn responses_name(&self) -> String {
        format!("{}_responses", self.table)
    }

    /// Returns the name of the function that makes the responses of a page's records, and the statements that create or replace it. It
    /// is in PL/pgSQL, which keeps the plan.
    ///
    /// # Panics
    /// If the template is wrong: a test makes all of them.
    pub fn responses_function(&self) -> (String, String) {
        let (table, alias) = (self.table, self.alias);
        let response = self.response();
        let name = self.responses_name();
        let text = format!(
            "create or replace function {name}(wanted_ids uuid[], wanted_day date) returns setof text
language plpgsql stable rows 50 set search_path = pg_catalog, public, pg_temp
as $$
begin
  return query
    select {response}
    from unnest(wanted_ids) with ordinality as wanted (id, place)
    join {table} as {alias} on {alias}.id = wanted.id
    cross join (select wanted_day as day) as given
    order by wanted.place;
end
$$;
comment on function {name}(uuid[], date) is 'The records of {table} with these ids as responses have them on a day, in the order of the ids';
revoke execute on function {name}(uuid[], date) from public;
"
        );
        (name, text)
    }

    fn id(&self) -> String {
        format!("{}.id", self.alias)
    }

    fn value(&self) -> Value {
        read(self.table, self.text)
    }
}

/// Returns the template of what several kinds have.
fn shared(part: Part) -> Value {
    match part {
        Part::Citations => read("citations", CITATIONS),
        Part::ExternalKeys => read("external keys", EXTERNAL_KEYS),
    }
}

fn is_whole(value: &Value) -> bool {
    match value {
        Value::Object(entries) => entries.iter().all(|entry| match entry {
            Entry::Field {
                value,
                is_only_in_responses,
                ..
            } => !is_only_in_responses && is_whole(value),
            Entry::Group { .. } => false,
        }),
        Value::List { item, .. } => is_whole(item),
        Value::Scalar(..) => true,
        Value::Reference(..) => false,
        Value::Cases(cases) => cases.iter().all(|(_, value)| is_whole(value)),
        Value::Part(part) => is_whole(&shared(*part)),
    }
}

/// Returns the fields by which a response names another record, and its table.
fn names(referenced: Referenced, alias: &str) -> (&'static str, Value) {
    let field = |name: &str, scalar| Entry::Field {
        name: name.to_owned(),
        value: Value::Scalar(scalar, format!("{alias}.{name}")),
        is_only_in_responses: false,
    };
    let (table, others): (_, &[(&str, Scalar)]) = match referenced {
        Referenced::Actor => ("actors", &[("name", Scalar::Line), ("kind", Scalar::Line)]),
        Referenced::Source => (
            "sources",
            &[
                ("title", Scalar::Line),
                ("publisher", Scalar::Line),
                ("published_on", Scalar::Plain),
                ("url", Scalar::Line),
            ],
        ),
        Referenced::Programme => ("programmes", &[("code", Scalar::Line), ("name", Scalar::Line)]),
        Referenced::Action => ("diplomatic_actions", &[("title", Scalar::Line)]),
    };
    let fields = std::iter::once(field("id", Scalar::Plain))
        .chain(others.iter().map(|(name, scalar)| field(name, *scalar)));
    (table, Value::Object(fields.collect()))
}

/// The text of a response as it is put together: literal text and expressions of type text, none of which is null.
#[derive(Default)]
struct Pieces(Vec<Piece>);

enum Piece {
    Literal(String),
    Expression(String),
}

impl Pieces {
    fn literal(mut self, text: &str) -> Self {
        match self.0.last_mut() {
            Some(Piece::Literal(last)) => last.push_str(text),
            Some(Piece::Expression(_)) | None => self.0.push(Piece::Literal(text.to_owned())),
        }
        self
    }

    fn expression(mut self, sql: impl Into<String>) -> Self {
        self.0.push(Piece::Expression(sql.into()));
        self
    }

    fn append(self, other: Self) -> Self {
        other.0.into_iter().fold(self, |pieces, piece| match piece {
            Piece::Literal(text) => pieces.literal(&text),
            Piece::Expression(sql) => pieces.expression(sql),
        })
    }

    fn sql(&self) -> String {
        let pieces: Vec<String> = self
            .0
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) => format!("'{}'", text.replace('\'', "''")),
                Piece::Expression(sql) => sql.clone(),
            })
            .collect();
        format!("({})", pieces.join(" || "))
    }
}

/// What the child rows of a record are found by.
struct Record<'a> {
    reference: &'a str,
    id: &'a str,
}

impl Record<'_> {
    fn response(&self, value: &Value) -> Pieces {
        let pieces = Pieces::default();
        match value {
            Value::Object(entries) => {
                let mut pieces = pieces.literal("{");
                for (index, entry) in entries.iter().enumerate() {
                    pieces = pieces.literal(if index == 0 { "" } else { "," });
                    pieces = pieces.append(self.response_entry(entry));
                }
                pieces.literal("}")
            }
            Value::List { item, rows } => pieces
                .literal("[")
                .expression(format!(
                    "array_to_string(array(select {} {}), ',')",
                    self.response(item).sql(),
                    self.rows(rows),
                ))
                .literal("]"),
            Value::Scalar(scalar, sql) => pieces.expression(scalar_text(*scalar, sql)),
            Value::Reference(referenced, id, None) => {
                let (table, names) = names(*referenced, "referenced");
                pieces.expression(format!(
                    "case when {id} is null then 'null' else (select {} from {table} as referenced where referenced.id = {id}) end",
                    self.response(&names).sql(),
                ))
            }
            Value::Reference(referenced, _, Some(alias)) => self.response(&names(*referenced, alias).1),
            Value::Cases(cases) => {
                let cases: String = cases
                    .iter()
                    .map(|(condition, value)| {
                        format!("when {condition} then {} ", self.response(value).sql())
                    })
                    .collect();
                pieces.expression(format!("case {cases}else 'null' end"))
            }
            Value::Part(part) => self.response(&shared(*part)),
        }
    }

    fn response_entry(&self, entry: &Entry) -> Pieces {
        match entry {
            Entry::Field { name, value, .. } => Pieces::default()
                .literal(&format!("\"{name}\":"))
                .append(self.response(value)),
            Entry::Group { from, fields } => {
                let mut pieces = Pieces::default();
                for (index, field) in fields.iter().enumerate() {
                    pieces = pieces.literal(if index == 0 { "" } else { "," });
                    pieces = pieces.append(self.response_entry(field));
                }
                Pieces::default().expression(format!("(select {} from {from})", pieces.sql()))
            }
        }
    }

    fn document(&self, value: &Value) -> String {
        match value {
            Value::Object(entries) => format!("jsonb_build_object({})", self.document_entries(entries)),
            Value::List { item, rows } => format!(
                "(select coalesce(jsonb_agg({} order by {}), '[]') from {} where {})",
                self.document(item),
                order(rows),
                rows.from,
                self.condition(rows),
            ),
            Value::Scalar(scalar, sql) => match scalar {
                Scalar::Time => format!("utc_text({sql})"),
                Scalar::Float => format!("to_jsonb({sql})"),
                Scalar::Plain
                | Scalar::Line
                | Scalar::Text
                | Scalar::Number
                | Scalar::Boolean
                | Scalar::Properties => sql.clone(),
            },
            Value::Reference(_, id, _) => {
                format!("case when {id} is not null then jsonb_build_object('id', {id}) end")
            }
            Value::Cases(cases) => {
                let cases: String = cases
                    .iter()
                    .map(|(condition, value)| format!("when {condition} then {} ", self.document(value)))
                    .collect();
                format!("case {cases}end")
            }
            Value::Part(part) => self.document(&shared(*part)),
        }
    }

    fn document_entries(&self, entries: &[Entry]) -> String {
        let entries: Vec<String> = entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Field {
                    name,
                    value,
                    is_only_in_responses: false,
                } => Some(format!("'{name}', {}", self.document(value))),
                Entry::Field { .. } => None,
                Entry::Group { fields, .. } => Some(self.document_entries(fields)),
            })
            .filter(|entry| !entry.is_empty())
            .collect();
        entries.join(", ")
    }

    fn rows(&self, rows: &Rows) -> String {
        format!(
            "from {} where {} order by {}",
            rows.from,
            self.condition(rows),
            order(rows)
        )
    }

    fn condition(&self, rows: &Rows) -> String {
        match &rows.condition {
            Some(condition) => condition.clone(),
            None => format!("{}.{} = {}", alias(&rows.from), self.reference, self.id),
        }
    }
}

fn order(rows: &Rows) -> String {
    match &rows.order {
        Some(order) => order.clone(),
        None => format!("{}.position", alias(&rows.from)),
    }
}

/// Returns the alias of a table: the last word.
fn alias(from: &str) -> &str {
    from.rsplit(' ').next().unwrap_or(from)
}

/// Returns the expression that writes a value as JSON; it is never null.
fn scalar_text(scalar: Scalar, sql: &str) -> String {
    match scalar {
        Scalar::Plain => format!("coalesce('\"' || ({sql})::text || '\"', 'null')"),
        // Other control characters are in no line. `to_json` looks up the type of its argument each time.
        Scalar::Line => {
            format!("coalesce('\"' || replace(replace({sql}, '\\', '\\\\'), '\"', '\\\"') || '\"', 'null')")
        }
        Scalar::Text => format!("coalesce(to_json({sql})::text, 'null')"),
        Scalar::Number => format!("coalesce(({sql})::text, 'null')"),
        Scalar::Float => {
            let sql = format!("({sql})::double precision");
            format!(
                "case when {sql} is null then 'null' when {sql} = trunc({sql}) then ({sql})::text || '.0' \
                 when abs({sql}) >= 1e-5 then ({sql})::text::numeric::text else replace(({sql})::text, 'e-0', 'e-') end"
            )
        }
        Scalar::Boolean => format!("({sql})::text"),
        // Microseconds are written with three digits if the others are zero, and not at all if all are.
        Scalar::Time => format!(
            "coalesce('\"' || replace(replace(to_char({sql} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), \
             '.000000Z', 'Z'), '000Z', 'Z') || '\"', 'null')"
        ),
        Scalar::Properties => format!("case when {sql} = '{{}}' then '{{}}' else properties_text({sql}) end"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &'static str) -> Template {
        Template {
            table: "treaties",
            alias: "treaty",
            reference: "treaty_id",
            text,
        }
    }

    #[test]
    fn a_template_makes_a_response_and_a_document() {
        let template = template("{id: plain(treaty.id), external_keys}");
        let (name, document) = template.document_function();
        let response = template.response();

        assert_eq!(name, "treaties_document");
        assert!(response.starts_with("('{\"id\":' || "), "{response}");
        assert!(response.contains("key.treaty_id = treaty.id"), "{response}");
        assert!(
            document.contains("jsonb_build_object('id', treaty.id, 'external_keys', "),
            "{document}"
        );
        assert!(document.contains("key.treaty_id = treaty.id"), "{document}");
        assert!(template.is_whole_document());
    }

    #[test]
    fn a_document_is_whole_unless_the_response_names_others_or_derives() {
        for text in [
            "{x: actor(x)}",
            "{response x: plain(x)}",
            "{citations}",
            "{of sources as source where source.id = x {x: plain(x)}}",
        ] {
            assert!(!template(text).is_whole_document(), "{text}");
        }
    }

    #[test]
    fn a_document_lacks_what_only_responses_have() {
        let (_, document) = template(
            "{of sources as source where source.id = x {source: source(x) as source, response y: plain(y)}}",
        )
        .document_function();

        assert!(
            document.contains(
                "jsonb_build_object('source', case when x is not null then jsonb_build_object('id', x) end)"
            ),
            "{document}"
        );
    }

    #[test]
    fn citations_are_those_of_a_claim() {
        assert!(citations("sanction_id", "wanted.id").contains("citation.sanction_id = wanted.id"));
    }
}
