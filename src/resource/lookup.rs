//! Looks up the references of a request in one statement, and reports every faulty one.

use std::sync::LazyLock;

use diesel::QueryableByName;
use diesel::sql_types;
use uuid::Uuid;

use super::{Kind, Reference};
use crate::db::{Db, ReadOn, Statement};
use crate::error::{Error, Fault, Result};
use crate::text::shorten;
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
        "select distinct wanted.place, found.id, found.name from wanted cross join lateral ({} union all {}) \
         as found (id, name) order by wanted.place, found.name, found.id",
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
        "select distinct wanted.place, change.record_id as id, case wanted.resource{} end as name {}",
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
    place: i32,
    #[diesel(sql_type = sql_types::Uuid)]
    pub id: Uuid,
    #[diesel(sql_type = sql_types::Text)]
    name: String,
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
        let rows = on.load(self.statement_on(&on)).await?;
        let (found, mut unresolved) = self.judge(&rows, &on);
        let respelt = self.respelt(&found);
        if !respelt.lookup.0.is_empty() {
            let rows = on.load(respelt.lookup.statement_on(&on)).await?;
            respelt.explain(&rows, &mut unresolved);
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

    /// Returns the keys that name no record, spelt in other cases.
    fn respelt(&self, found: &Found) -> Respelt {
        const MOST: usize = 20;
        let mut respelt = Respelt::default();
        let missing = self.0.iter().zip(&found.0).filter(|(_, id)| id.is_none());
        for (fault, (wanted, _)) in missing.enumerate().take(MOST) {
            for reference in wanted.reference.other_spellings() {
                respelt.lookup.want("", wanted.resource, reference);
                respelt.faults.push(fault);
            }
        }
        respelt
    }

    /// As-of reads find keys by other indexes.
    pub(super) fn statement_on(&self, on: &ReadOn<'_, '_>) -> Statement {
        self.statement_with(match on.moment() {
            Some(_) => &AS_OF,
            None => &PRESENT,
        })
    }

    fn statement_with(&self, lookup: &'static str) -> Statement {
        let mut places = Vec::with_capacity(self.0.len());
        let mut resources = Vec::with_capacity(self.0.len());
        let mut ids = Vec::with_capacity(self.0.len());
        let mut schemes = Vec::with_capacity(self.0.len());
        let mut values = Vec::with_capacity(self.0.len());
        for (place, wanted) in self.0.iter().enumerate() {
            let (id, scheme, value) = match &wanted.reference {
                Reference::Id(id) => (Some(*id), None, None),
                Reference::Key { scheme, value } => (None, Some(scheme.clone()), Some(value.clone())),
                Reference::Handle(_) | Reference::Unreadable(_) => continue,
            };
            places.push(i32::try_from(place).unwrap_or(i32::MAX));
            resources.push(wanted.resource.path().to_owned());
            ids.push(id);
            schemes.push(scheme);
            values.push(value);
        }
        Statement::new("with wanted as (select * from unnest(")
            .bind(places)
            .sql(", ")
            .bind(resources)
            .sql(", ")
            .bind(ids)
            .sql(", ")
            .bind(schemes)
            .sql(", ")
            .bind(values)
            .sql(") as wanted (place, resource, id, scheme, value)) ")
            .sql(lookup)
            .keep_prepared()
    }

    /// Adds to the error of a path the spelling that names a record.
    pub(super) fn explain_path(&self, fitting: &[FoundRow], error: Error) -> Error {
        let place = fitting.first().and_then(|row| usize::try_from(row.place).ok());
        match place.and_then(|place| self.0.get(place)) {
            Some(wanted) => Error::new(
                error.problem(),
                other_spelling_exists(error.detail(), &wanted.reference),
            ),
            None => error,
        }
    }

    fn judge(&self, rows: &[FoundRow], on: &ReadOn<'_, '_>) -> (Found, Vec<Fault>) {
        let mut found = Vec::with_capacity(self.0.len());
        let mut faults = Vec::new();
        for (place, wanted) in self.0.iter().enumerate() {
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
                    let place = i32::try_from(place).unwrap_or(i32::MAX);
                    let fitting: Vec<&FoundRow> = rows.iter().filter(|row| row.place == place).collect();
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
                            fault(ambiguous(reference, noun, several));
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

/// Keys in other cases than the request has them, each with the index of the fault that it may explain.
#[derive(Debug, Default)]
struct Respelt {
    lookup: Lookup,
    faults: Vec<usize>,
}

impl Respelt {
    /// Adds to each fault the spelling that names a record.
    fn explain(&self, rows: &[FoundRow], unresolved: &mut [Fault]) {
        for (place, (wanted, fault)) in self.lookup.0.iter().zip(&self.faults).enumerate() {
            let fits = rows.iter().any(|row| usize::try_from(row.place) == Ok(place));
            if let Some(fault) = unresolved.get_mut(*fault).filter(|_| fits) {
                fault.detail = other_spelling_exists(&fault.detail, &wanted.reference);
            }
        }
    }
}

/// What follows the message for a key that names no actor.
const NAME_SEARCH: &str = "; /v1/actors?name=… finds actors by name";

/// Returns the message for a reference that names no record.
pub(super) fn names_none(resource: Kind, reference: &Reference) -> String {
    let noun = resource.noun();
    let is_key = matches!(reference, Reference::Key { .. });
    let hint = if is_key && resource == Kind::Actors {
        NAME_SEARCH
    } else {
        ""
    };
    format!("{reference} names no {noun}{hint}")
}

/// Returns the message for a reference to a name that no earlier operation of the batch has given to a record of the kind.
pub(super) fn names_no_earlier(resource: Kind, handle: &str) -> String {
    let noun = resource.noun();
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) {
        "an"
    } else {
        "a"
    };
    format!(
        "no earlier operation of the batch has \"as\": \"{}\" and creates {article} {noun}",
        shorten(handle)
    )
}

/// Returns a message of [`names_none`] with the spelling that names a record.
fn other_spelling_exists(detail: &str, reference: &Reference) -> String {
    let detail = detail.strip_suffix(NAME_SEARCH).unwrap_or(detail);
    format!("{detail}; keys are case-sensitive, and {reference} exists")
}

/// Returns the message for a text that is neither an id nor a key.
pub(super) fn unreadable(resource: Kind, reference: &Reference) -> String {
    let hint = match resource {
        Kind::Actors => {
            let name: String =
                url::form_urlencoded::byte_serialize(shorten(&reference.to_string()).as_bytes()).collect();
            format!(" such as iso3166:CO; /v1/actors?name={name} finds actors by name")
        }
        Kind::Programmes => format!(" such as programme:{reference}"),
        Kind::Relationships | Kind::Sanctions | Kind::DiplomaticActions | Kind::Sources => {
            " of its external_keys".to_owned()
        }
    };
    format!("{reference} is neither an id nor a key scheme:value{hint}")
}

pub(super) fn ambiguous(reference: &Reference, noun: &str, several: &[&FoundRow]) -> String {
    let named: Vec<String> = several
        .iter()
        .take(10)
        .map(|row| format!("{} ({})", row.name, row.id))
        .collect();
    let more = if several.len() > named.len() {
        " and more"
    } else {
        ""
    };
    format!(
        "{reference} names more than one {noun}: {}{more}; name one by its id",
        named.join(", ")
    )
}
