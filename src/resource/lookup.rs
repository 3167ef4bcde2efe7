//! Looks up the references of a request in one statement, and reports every faulty one.

use std::sync::LazyLock;

use diesel::QueryableByName;
use diesel::sql_types;
use uuid::Uuid;

use super::lookup_faults::{ambiguous, names_no_earlier, names_none, other_spelling_exists, unreadable};
use super::{Kind, Reference};
use crate::db::{Db, ReadOn, Statement};
use crate::error::{Error, Fault, Result};
use crate::validation::Faults;

/// Finds the wanted records: each kind by id and by external key, and what `lookup.sql` has for some kinds.
static PRESENT: LazyLock<String> = LazyLock::new(|| {
    let kinds = Kind::ALL.map(|kind| {
        let (path, table, column) = (kind.path(), kind.table(), kind.column());
        let name = kind
            .name_field()
            .map_or_else(|| "record.id::text".to_owned(), |field| format!("record.{field}"));
        format!(
            "select record.id, {name} from {table} as record \
             where wanted.resource = '{path}' and record.id = wanted.id \
             union all select record.id, {name} from external_keys as key \
             join {table} as record on record.id = key.{column} \
             where wanted.resource = '{path}' and key.scheme = wanted.scheme and key.value = wanted.value"
        )
    });
    format!(
        "select distinct wanted.index, found.id, found.name from wanted cross join lateral ({} union all {}) \
         as found (id, name) order by wanted.index, found.name, found.id",
        kinds.join(" union all "),
        include_str!("lookup.sql"),
    )
});

/// The same for as-of reads, which find keys by other indexes.
static AS_OF: LazyLock<String> = LazyLock::new(|| {
    let names = Kind::ALL.map(|kind| {
        let name = kind.name_field().map_or_else(
            || "change.record_id::text".to_owned(),
            |field| format!("revision.document ->> '{field}'"),
        );
        format!(" when '{}' then {name}", kind.path())
    });
    format!(
        "select distinct wanted.index, change.record_id as id, case wanted.resource{} end as name {}",
        names.concat(),
        include_str!("lookup_as_of.sql"),
    )
});

/// A reference to look up, and its pointer in the request.
#[derive(Debug)]
pub(super) struct Wanted {
    pointer: String,
    resource: Kind,
    reference: Reference,
}

/// The references of a request. One statement looks them up.
#[derive(Debug, Default)]
pub struct Lookup(pub(super) Vec<Wanted>);

/// An element of a lookup, by which its id is found in [`Found`].
#[derive(Debug, Clone, Copy)]
pub struct Element(usize);

/// What a lookup found. A faulty reference has no id; its fault is reported by the lookup.
#[derive(Debug)]
pub struct Found(Vec<Option<Uuid>>);

impl Found {
    /// Returns the id of an element; `None` if its reference is faulty.
    pub fn id(&self, element: Element) -> Option<Uuid> {
        self.0.get(element.0).copied().flatten()
    }

    /// Returns the ids of the elements, without those of faulty references.
    pub fn all(&self, elements: &[Element]) -> Vec<Uuid> {
        elements.iter().filter_map(|element| self.id(*element)).collect()
    }

    /// Returns the id of an optional element; `None` if there is none, or if its reference is faulty.
    pub fn optional(&self, element: Option<Element>) -> Option<Uuid> {
        element.and_then(|element| self.id(element))
    }
}

#[derive(QueryableByName)]
pub(super) struct FoundRow {
    #[diesel(sql_type = sql_types::Integer)]
    index: i32,
    #[diesel(sql_type = sql_types::Uuid)]
    pub id: Uuid,
    #[diesel(sql_type = sql_types::Text)]
    name: String,
}

impl FoundRow {
    /// Returns the name and the id of the record.
    pub fn named(&self) -> (&str, Uuid) {
        (&self.name, self.id)
    }
}

impl Lookup {
    /// Adds a reference; `pointer` is its JSON pointer in the body, or `?name` for a query parameter.
    pub fn want(&mut self, pointer: impl Into<String>, resource: Kind, reference: Reference) -> Element {
        self.0.push(Wanted {
            pointer: pointer.into(),
            resource,
            reference,
        });
        Element(self.0.len() - 1)
    }

    /// Adds the references of one query parameter.
    pub fn want_all(&mut self, parameter: &str, resource: Kind, texts: &[String]) -> Vec<Element> {
        texts
            .iter()
            .map(|text| self.want(format!("?{parameter}"), resource, Reference::parse(text)))
            .collect()
    }

    /// Adds a reference if there is one.
    pub fn want_optional(
        &mut self,
        pointer: impl Into<String>,
        resource: Kind,
        reference: Option<Reference>,
    ) -> Option<Element> {
        reference.map(|reference| self.want(pointer, resource, reference))
    }

    /// Looks the references up and adds a fault for each that names no record, or several.
    ///
    /// # Errors
    /// Those of [`ReadOn::load`].
    pub async fn resolve(self, mut on: ReadOn<'_, '_>, faults: &mut Faults) -> Result<Found> {
        if self.0.is_empty() {
            return Ok(Found(Vec::new()));
        }
        let rows = if self.needs_database() {
            on.load(self.statement_on(&on)).await?
        } else {
            Vec::new()
        };
        let (found, mut unresolved) = self.judge(&rows, &on);
        let missing: Vec<&Wanted> = self
            .0
            .iter()
            .zip(&found.0)
            .filter(|(_, id)| id.is_none())
            .map(|(wanted, _)| wanted)
            .collect();
        for (index, key) in near(&mut on, &missing).await? {
            if let (Some(fault), Some(wanted)) = (unresolved.get_mut(index), missing.get(index)) {
                fault.detail = other_spelling_exists(&fault.detail, &wanted.reference, &key);
            }
        }
        for fault in unresolved {
            faults.add(fault.pointer, fault.detail);
        }
        Ok(found)
    }

    /// Looks the references of a read up, and refuses the read if one is faulty.
    ///
    /// # Errors
    /// Invalid with a fault for each reference that names no record, or several; those of [`Db::read`].
    pub async fn resolve_for_read(self, db: &Db) -> Result<Found> {
        let mut faults = Faults::default();
        let found = self.resolve(ReadOn::Db(db), &mut faults).await?;
        faults.finish()?;
        Ok(found)
    }

    /// Refuses a read of which a key names no record while another spelling of it does. Other keys that name no record are no
    /// fault: the list is empty.
    ///
    /// # Errors
    /// Invalid with a fault for each such key; those of [`Db::read`].
    pub async fn refuse_misspelt(self, db: &Db) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let mut on = ReadOn::Db(db);
        let rows: Vec<FoundRow> = on.load(self.statement_on(&on)).await?;
        let missing: Vec<&Wanted> = self
            .0
            .iter()
            .enumerate()
            .filter(|(index, _)| !rows.iter().any(|row| usize::try_from(row.index) == Ok(*index)))
            .map(|(_, wanted)| wanted)
            .collect();
        let mut faults = Faults::default();
        for (index, key) in near(&mut on, &missing).await? {
            if let Some(wanted) = missing.get(index) {
                let detail = names_none(wanted.resource, &wanted.reference);
                faults.add(
                    wanted.pointer.clone(),
                    other_spelling_exists(&detail, &wanted.reference, &key),
                );
            }
        }
        faults.finish()
    }

    /// Returns whether one of the references is more than the name that an earlier operation gave.
    fn needs_database(&self) -> bool {
        self.0
            .iter()
            .any(|wanted| matches!(wanted.reference, Reference::Id(_) | Reference::Key { .. }))
    }

    /// As-of reads find keys by other indexes.
    pub(super) fn statement_on(&self, on: &ReadOn<'_, '_>) -> Statement {
        self.statement_with(match on.moment() {
            Some(_) => &AS_OF,
            None => &PRESENT,
        })
    }

    fn statement_with(&self, lookup: &'static str) -> Statement {
        let mut indexes = Vec::with_capacity(self.0.len());
        let mut resources = Vec::with_capacity(self.0.len());
        let mut ids = Vec::with_capacity(self.0.len());
        let mut schemes = Vec::with_capacity(self.0.len());
        let mut values = Vec::with_capacity(self.0.len());
        for (index, wanted) in self.0.iter().enumerate() {
            let (id, scheme, value) = match &wanted.reference {
                Reference::Id(id) => (Some(*id), None, None),
                Reference::Key { scheme, value } => (None, Some(scheme.clone()), Some(value.clone())),
                Reference::Handle(_) | Reference::Unreadable(_) => continue,
            };
            indexes.push(i32::try_from(index).unwrap_or(i32::MAX));
            resources.push(wanted.resource.path().to_owned());
            ids.push(id);
            schemes.push(scheme);
            values.push(value);
        }
        Statement::new("with wanted as (select * from unnest(")
            .bind(indexes)
            .sql(", ")
            .bind(resources)
            .sql(", ")
            .bind(ids)
            .sql(", ")
            .bind(schemes)
            .sql(", ")
            .bind(values)
            .sql(") as wanted (index, resource, id, scheme, value)) ")
            .sql(lookup)
            .keep_prepared()
    }

    /// Returns the error of a path whose key names no record, with the spelling that names one if there is such a spelling; the
    /// error of [`ReadOn::load`] if the search for it fails.
    pub(super) async fn explain_path(&self, mut on: ReadOn<'_, '_>, error: Error) -> Error {
        let missing: Vec<&Wanted> = self.0.iter().collect();
        match near(&mut on, &missing).await {
            Err(failed) => failed,
            Ok(found) => match (found.first(), self.0.first()) {
                (Some((_, key)), Some(wanted)) => Error::new(
                    error.problem(),
                    other_spelling_exists(error.detail(), &wanted.reference, key),
                ),
                (Some(_) | None, Some(_) | None) => error,
            },
        }
    }

    fn judge(&self, rows: &[FoundRow], on: &ReadOn<'_, '_>) -> (Found, Vec<Fault>) {
        let mut found = Vec::with_capacity(self.0.len());
        let mut faults = Vec::new();
        for (index, wanted) in self.0.iter().enumerate() {
            let noun = wanted.resource.noun();
            let reference = &wanted.reference;
            let mut fault = |detail: String| faults.push(Fault::new(wanted.pointer.clone(), detail));
            let id = match reference {
                Reference::Handle(handle) => match on.named(handle) {
                    Some((table, id)) if table == wanted.resource.table() => Some(id),
                    Some((table, _)) => {
                        let other = Kind::of_table(table).map_or("record", Kind::noun);
                        fault(format!("{reference} is a {other}, not a {noun}"));
                        None
                    }
                    None => {
                        fault(names_no_earlier(wanted.resource, handle));
                        None
                    }
                },
                Reference::Unreadable(_) => {
                    fault(unreadable(wanted.resource, reference));
                    None
                }
                Reference::Id(_) | Reference::Key { .. } => {
                    let index = i32::try_from(index).unwrap_or(i32::MAX);
                    let fitting: Vec<&FoundRow> = rows.iter().filter(|row| row.index == index).collect();
                    match fitting.as_slice() {
                        [] => {
                            fault(if on.moment().is_some() {
                                format!("{reference} named no {noun} at the time of known_at")
                            } else {
                                names_none(wanted.resource, reference)
                            });
                            None
                        }
                        [one] => Some(one.id),
                        several => {
                            fault(ambiguous(reference, noun, several.iter().map(|row| row.named())));
                            None
                        }
                    }
                }
            };
            found.push(id);
        }
        (Found(found), faults)
    }
}

/// The largest number of missing keys for which near ones are looked for.
const MOST: usize = 20;

#[derive(QueryableByName)]
struct NearRow {
    #[diesel(sql_type = sql_types::Integer)]
    index: i32,
    #[diesel(sql_type = sql_types::Text)]
    key: String,
}

/// Finds keys that records have and that differ from missing ones only in capitals and punctuation: `compact_key` has an index.
static NEAR: LazyLock<String> = LazyLock::new(|| {
    let of_kind =
        Kind::ALL.map(|kind| format!("when '{}' then key.{} is not null ", kind.path(), kind.column()));
    format!(
        "select wanted.index, min(found.key) as key from wanted cross join lateral ( \
         select key.scheme || ':' || key.value from external_keys as key \
         where key.scheme = wanted.scheme and compact_key(key.value) = wanted.compact and case wanted.resource {}end \
         union all {} group by wanted.index order by wanted.index",
        of_kind.concat(),
        include_str!("near_keys.sql"),
    )
});

/// Returns for each missing key that is spelt otherwise its index and the key that a record has, in the order of the indexes.
async fn near(on: &mut ReadOn<'_, '_>, missing: &[&Wanted]) -> Result<Vec<(usize, String)>> {
    let keys = || {
        missing
            .iter()
            .enumerate()
            .filter_map(|(index, wanted)| match &wanted.reference {
                Reference::Key { scheme, value } => Some((index, wanted, scheme, value)),
                Reference::Id(_) | Reference::Handle(_) | Reference::Unreadable(_) => None,
            })
            .take(MOST)
    };
    if keys().next().is_none() {
        return Ok(Vec::new());
    }
    if on.moment().is_some() {
        return near_as_of(on, missing).await;
    }
    let indexes: Vec<i32> = keys()
        .map(|(index, ..)| i32::try_from(index).unwrap_or(i32::MAX))
        .collect();
    let statement =
        Statement::new("with wanted as (select given.*, compact_key(given.value) as compact from unnest(")
            .bind(indexes)
            .sql(", ")
            .bind(
                keys()
                    .map(|(_, wanted, ..)| wanted.resource.path().to_owned())
                    .collect::<Vec<_>>(),
            )
            .sql(", ")
            .bind(
                keys()
                    .map(|(_, _, scheme, _)| scheme.to_lowercase())
                    .collect::<Vec<_>>(),
            )
            .sql(", ")
            .bind(keys().map(|(.., value)| value.clone()).collect::<Vec<_>>())
            .sql(") as given (index, resource, scheme, value)) ")
            .sql(NEAR.as_str());
    let rows: Vec<NearRow> = on.load(statement).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| Some((usize::try_from(row.index).ok()?, row.key)))
        .collect())
}

/// The same for as-of reads, which have no index of compact keys: only capitals may differ.
async fn near_as_of(on: &mut ReadOn<'_, '_>, missing: &[&Wanted]) -> Result<Vec<(usize, String)>> {
    let mut lookup = Lookup::default();
    let mut indexes = Vec::new();
    for (index, wanted) in missing.iter().enumerate().take(MOST) {
        for reference in wanted.reference.other_spellings() {
            lookup.want("", wanted.resource, reference);
            indexes.push(index);
        }
    }
    let rows: Vec<FoundRow> = on.load(lookup.statement_on(on)).await?;
    let mut near: Vec<(usize, String)> = Vec::new();
    for (spelling, (wanted, index)) in lookup.0.iter().zip(indexes).enumerate() {
        let is_found = rows.iter().any(|row| usize::try_from(row.index) == Ok(spelling));
        if is_found && !near.iter().any(|(known, _)| *known == index) {
            near.push((index, wanted.reference.to_string()));
        }
    }
    Ok(near)
}
