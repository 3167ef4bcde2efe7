//! A record that a search found, with what matched.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::snippet::{Passage, snippet};
use super::terms::Term;
use crate::query::table_row::{Cell, cell, number};
use crate::query::{Column, TableRow};
use crate::resource::{Included, Listed};

/// How well a record matches a search, and where.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(from = "MatchRow")]
pub struct Match {
    /// How well it matches: more than 0; larger is better. Compares the records of one search, not of two
    #[schema(examples(0.607927))]
    pub rank: f64,
    /// The part of a text that matches, as HTML: `<mark>` around each word that was searched for, and `&amp;`, `&lt;` and `&gt;`
    /// for the characters `&`, `<` and `>` of the text. Null if no text has the words side by side
    #[schema(examples("The Treasury sanctions Gustavo <mark>Petro</mark>"))]
    pub snippet: Option<String>,
}

/// A match as the SQL of a list returns it.
#[derive(Deserialize)]
struct MatchRow {
    rank: f64,
    terms: Vec<Term>,
    /// None if the record has no document.
    passages: Option<Vec<Passage>>,
}

impl From<MatchRow> for Match {
    fn from(row: MatchRow) -> Self {
        Self {
            rank: row.rank,
            snippet: snippet(&row.terms, &row.passages.unwrap_or_default()),
        }
    }
}

/// A record of a list that is read with `q`: its fields, and `match`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(bound(deserialize = "R: DeserializeOwned"))]
pub struct Found<R> {
    /// The record
    #[serde(flatten)]
    record: R,
    /// What matched
    #[serde(rename = "match")]
    matched: Match,
}

// Not derived: that leaves out the fields of a type that is not known.
impl<R: PartialSchema> PartialSchema for Found<R> {
    fn schema() -> RefOr<Schema> {
        let own = ObjectBuilder::new().property("match", Match::schema());
        AllOfBuilder::new().item(R::schema()).item(own).into()
    }
}

impl<R: ToSchema> ToSchema for Found<R> {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        R::schemas(schemas);
        Match::schemas(schemas);
    }
}

impl<R: Listed> Listed for Found<R> {
    const REFERENCES: &'static [Included] = R::REFERENCES;
}

impl<R: TableRow> TableRow for Found<R> {
    // Those of the record and these; see the methods.
    const COLUMNS: &'static [&'static [Column<Self>]] = &[&[
        ("rank", |found| number(found.matched.rank)),
        ("snippet", |found| cell(found.matched.snippet.as_ref())),
    ]];

    fn header() -> Vec<&'static str> {
        let own = Self::COLUMNS.iter().flat_map(|group| group.iter());
        R::header()
            .into_iter()
            .chain(own.map(|(header, _)| *header))
            .collect()
    }

    fn cells(&self) -> Vec<Cell> {
        let own = Self::COLUMNS.iter().flat_map(|group| group.iter());
        let mut cells = self.record.cells();
        cells.extend(own.map(|(_, cell)| cell(self)));
        cells
    }
}
