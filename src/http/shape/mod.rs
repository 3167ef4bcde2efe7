//! What a response has of each record: all fields or those that `fields` names, and for references the names or, with `include`, the whole
//! records.

mod fields;
mod include;
mod kinds;
mod known;
mod members;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::query::table_row::Cell;
use crate::resource::{Included, Kind};

pub use fields::FIELDS;
pub use include::{INCLUDE, naming_references};
pub use kinds::{KindShape, Kinds};
pub use known::Known;

use fields::Fields;
use include::Include;

/// What a response has of each record.
#[derive(Debug, Clone)]
pub struct Shape {
    fields: Option<Fields>,
    includes: Vec<Include>,
    kinds: Kinds,
    is_as_of: bool,
}

/// Returns what is wrong with an included record of which a response of records with the fields `known` has nothing.
fn not_shown(include: &Include, known: &Known, has_fields: bool) -> String {
    let Included { name, path, kind } = include.reference();
    if has_fields {
        return format!(
            "{FIELDS} leaves {path} out; add {path} or a field of it to {FIELDS}, or leave {INCLUDE}={name} out"
        );
    }
    let example = match kind {
        Kind::Actors => "countries.code",
        Kind::Relationships => "kind",
        Kind::Sources => "reliability",
        Kind::Programmes => "legal_basis",
        Kind::Sanctions => "imposed_on",
        Kind::DiplomaticActions => "type",
    };
    let id = if known.has("id") { "id," } else { "" };
    format!(
        "CSV and XLSX have fixed columns: name those of the included record in {FIELDS}, such as {FIELDS}={id}{path}.{example}, or leave \
         {INCLUDE}={name} out"
    )
}

/// What a request asks for, as it was sent.
#[derive(Debug, Default, Clone)]
pub struct Asked {
    /// The value of `fields`
    pub fields: Option<String>,
    /// The value of `include`
    pub include: Option<String>,
}

impl Shape {
    /// Reads what a request asks for, in an as-of read or in one of the present, of records with the fields `known` that refer to
    /// `references`. `columns` are the names that a table has beside these fields; none for JSON.
    ///
    /// # Errors
    /// Malformed request if the records don't have what it names.
    pub fn read(
        asked: &Asked,
        known: &Known,
        references: &'static [Included],
        columns: &[&str],
        kinds: Kinds,
        is_as_of: bool,
    ) -> Result<Self> {
        let includes = match &asked.include {
            Some(include) => Include::read(include, references, kinds)?,
            None => Vec::new(),
        };
        let including = |path: &[String], field: &str| {
            let mut at_path = references
                .iter()
                .filter(|reference| reference.names().eq(path.iter().map(String::as_str)));
            let reference = at_path.next()?;
            kinds
                .of(reference.kind)
                .known()
                .has(field)
                .then_some(reference.name)
        };
        let fields = match &asked.fields {
            Some(fields) => Some(Fields::read(fields, known, &includes, columns, &including)?),
            None => None,
        };
        for include in &includes {
            let shown = match &fields {
                Some(fields) => fields.paths.iter().any(|path| include.is_shown_by(&path.names)),
                // The columns of a table have no place for whole records.
                None => columns.is_empty(),
            };
            if !shown {
                return Err(Error::malformed(
                    format!("?{INCLUDE}"),
                    not_shown(include, known, fields.is_some()),
                ));
            }
        }
        Ok(Self {
            fields,
            includes,
            kinds,
            is_as_of,
        })
    }

    /// Returns the expression of the records that a record includes, over its JSON `page.record`; `None` if it includes none.
    pub fn included(&self) -> Option<String> {
        if self.includes.is_empty() {
            return None;
        }
        let references = self.includes.iter().map(Include::reference);
        Some(self.kinds.included(references, self.is_as_of))
    }

    /// Returns whether a record is returned as it is.
    pub fn is_whole(&self) -> bool {
        self.fields.is_none() && self.includes.is_empty()
    }

    /// Returns a record as it is returned: `record` as JSON, `included` what the database returned beside it.
    ///
    /// # Errors
    /// Internal if they are not JSON.
    pub fn of(&self, record: String, included: Option<&str>) -> Result<String> {
        let record = self.with_included(record, included)?;
        match &self.fields {
            Some(fields) => fields.of(&record),
            None => Ok(record),
        }
    }

    fn with_included(&self, mut record: String, included: Option<&str>) -> Result<String> {
        if let Some(found) = included.filter(|_| !self.includes.is_empty()) {
            let records = include::records(found, self.kinds, self.is_as_of)?;
            for include in &self.includes {
                let names: Vec<&str> = include.reference().names().collect();
                record = include::replace(&record, &names, &records)?;
            }
        }
        Ok(record)
    }

    /// Returns the names of the columns of a table: those of the fields, or all of the table.
    pub fn header(&self, columns: &[&'static str]) -> Vec<String> {
        match &self.fields {
            Some(fields) => fields.paths.iter().map(|path| path.text.clone()).collect(),
            None => columns.iter().map(|column| (*column).to_owned()).collect(),
        }
    }

    /// Returns the cells of a record. `columns` are the names of all columns, `cells` their cells.
    ///
    /// # Errors
    /// Internal if the record is not JSON.
    pub fn cells(
        &self,
        record: String,
        included: Option<&str>,
        columns: &[&'static str],
        cells: Vec<Cell>,
    ) -> Result<Vec<Cell>> {
        let Some(fields) = &self.fields else {
            return Ok(cells);
        };
        let record: Value =
            serde_json::from_str(&self.with_included(record, included)?).map_err(Error::internal)?;
        Ok(fields
            .paths
            .iter()
            .map(
                |path| match columns.iter().position(|column| *column == path.text) {
                    Some(column) => cells.get(column).cloned().unwrap_or(Cell::Empty),
                    None => path.cell(&record),
                },
            )
            .collect())
    }
}
