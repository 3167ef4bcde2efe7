//! Finds the one record that a path, or an operation of a batch, names.

use diesel::QueryableByName;
use diesel::sql_types;
use uuid::Uuid;

use super::lookup::{FoundRow, Lookup};
use super::lookup_faults::{ambiguous, names_no_earlier, names_none, unreadable};
use super::{Kind, Reference};
use crate::db::{Db, ReadOn, Statement};
use crate::error::{Error, Result};
use crate::text::near::{LONGEST, is_similar};

/// Returns the id of the record that a path, or an operation of a batch, names. An id is returned as it is, without a check
/// that the record exists.
///
/// # Errors
/// Not found if the reference names no record; conflict if a key names several.
pub async fn find(mut on: ReadOn<'_, '_>, resource: Kind, reference: &Reference) -> Result<Uuid> {
    match (reference, &on) {
        (Reference::Id(id), _) => Ok(*id),
        (Reference::Unreadable(_), _) | (Reference::Handle(_), ReadOn::Db(_)) => {
            Err(unknown(resource, reference))
        }
        (Reference::Handle(handle), ReadOn::Write(_)) => match on.named(handle) {
            Some((table, id)) if table == resource.table() => Ok(id),
            Some(_) | None => Err(Error::not_found(names_no_earlier(resource, handle))),
        },
        (Reference::Key { .. }, _) => {
            let mut lookup = Lookup::default();
            lookup.want("", resource, reference.clone());
            let rows: Vec<FoundRow> = on.load(lookup.statement_on(&on)).await?;
            match one_of_path(resource, reference, &rows) {
                Err(error) if rows.is_empty() => Err(lookup.explain_path(on, error).await),
                found => found,
            }
        }
    }
}

fn one_of_path(resource: Kind, reference: &Reference, rows: &[FoundRow]) -> Result<Uuid> {
    match rows {
        [] => Err(unknown(resource, reference)),
        [one] => Ok(one.id),
        several => {
            let several = several.iter().map(FoundRow::named);
            Err(Error::conflict(ambiguous(reference, resource.noun(), several)))
        }
    }
}

/// Returns the path of a list that was meant, if a client took a part of it for the name of a record.
fn near_path(resource: Kind, text: &str) -> String {
    match text {
        "search" | "query" => format!("; /v1/{resource}?q=… searches {resource}"),
        text if text.len() <= LONGEST && is_similar(text, "counts") => {
            format!("; /v1/{resource}/counts?by=… counts {resource}")
        }
        _ => String::new(),
    }
}

/// Returns the error for a path that names no record.
pub fn unknown(resource: Kind, reference: &Reference) -> Error {
    match reference {
        Reference::Unreadable(_) | Reference::Handle(_) => Error::not_found(format!(
            "{}{}",
            unreadable(resource, reference),
            near_path(resource, &reference.to_string())
        )),
        Reference::Id(_) | Reference::Key { .. } => Error::not_found(names_none(resource, reference)),
    }
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = sql_types::Uuid)]
    #[expect(dead_code, reason = "the presence of the row is the result")]
    id: Uuid,
}

/// Returns the id of the record that a path names, after checking that the record exists. A record that was merged into
/// another does not.
///
/// # Errors
/// Not found if there is no such record; conflict if the key names several.
pub async fn find_existing(db: &Db, kind: Kind, reference: &Reference) -> Result<Uuid> {
    let id = find(ReadOn::Db(db), kind, reference).await?;
    // A key was found at its record; an id was not looked up.
    if matches!(reference, Reference::Key { .. }) {
        return Ok(id);
    }
    let statement = Statement::new(format!("select id from {} where id = ", kind.table()))
        .bind(id)
        .keep_prepared();
    match db.read_one::<IdRow>(statement).await? {
        Some(_) => Ok(id),
        None => Err(unknown(kind, reference)),
    }
}
