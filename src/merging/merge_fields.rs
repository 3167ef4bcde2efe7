//! The fields that the target of a merge takes from the source, and how undoing the merge removes them again.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::actors::{Actor, ActorRow, Address, Country, Identifier, Name};
use crate::error::{Error, Fault, Result};
use crate::partial_date::PartialDate;
use crate::resource::external_keys::ExternalKey;
use crate::text::escape_pointer;
use crate::validation::LIST_LENGTH;
use crate::vocabulary::NameKind;

/// What the target took from the source: values that it did not have before.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Gained {
    names: Vec<Name>,
    countries: Vec<Country>,
    identifiers: Vec<Identifier>,
    /// Absent in merges of versions that had no addresses.
    #[serde(default)]
    addresses: Vec<Address>,
    external_keys: Vec<ExternalKey>,
    properties: Map<String, Value>,
    description: Option<String>,
    began_on: Option<PartialDate>,
    ended_on: Option<PartialDate>,
}

/// Adds the elements that a list does not have yet and returns them; the others become faults.
fn unite<T: Clone>(
    list: &mut Vec<T>,
    others: &[T],
    pointer: &str,
    is_same: impl Fn(&T, &T) -> bool,
    dropped: &mut Vec<Fault>,
) -> Vec<T> {
    let mut gained = Vec::new();
    for (index, other) in others.iter().enumerate() {
        if list.iter().any(|own| is_same(own, other)) {
            dropped.push(Fault::new(format!("{pointer}/{index}"), "exists already"));
        } else {
            list.push(other.clone());
            gained.push(other.clone());
        }
    }
    gained
}

/// Fills an empty field and returns its new value; a field that has another value stays, and becomes a fault.
fn fill<T: Clone + PartialEq>(
    own: &mut Option<T>,
    other: Option<&T>,
    pointer: &str,
    dropped: &mut Vec<Fault>,
) -> Option<T> {
    match (own.as_ref(), other) {
        (_, None) => None,
        (None, Some(other)) => {
            *own = Some(other.clone());
            Some(other.clone())
        }
        (Some(own), Some(other)) => {
            if own != other {
                dropped.push(Fault::new(pointer, "is another, and stays"));
            }
            None
        }
    }
}

impl Gained {
    /// Merges `source` into `target` and returns what the target gained; duplicates become faults with pointers into the source.
    ///
    /// # Errors
    /// Conflict if a list would become too long.
    pub fn add(target: &mut ActorRow, source: &Actor, dropped: &mut Vec<Fault>) -> Result<Self> {
        let mut gained = Self::default();
        let main_name = target.columns.name.clone();
        let main = Name {
            name: source.name.clone(),
            kind: NameKind::Alias,
            lang: None,
            from: None,
            until: None,
        };
        // A name of the source that says more, such as when it held, is taken instead of the bare text.
        let mut others = target.names.iter().chain(&source.names);
        if main.says_only(&main_name) || others.any(|name| name.is_same_as(&main)) {
            dropped.push(Fault::new("/name", "exists already"));
        } else {
            target.names.push(main.clone());
            gained.names.push(main);
        }
        let names = unite(
            &mut target.names,
            &source.names,
            "/names",
            |own, other| own.is_same_as(other) || other.says_only(&main_name),
            dropped,
        );
        gained.names.extend(names);
        gained.countries = unite(
            &mut target.countries,
            &source.countries,
            "/countries",
            |own, other| (&own.code, own.role, &own.from) == (&other.code, other.role, &other.from),
            dropped,
        );
        gained.identifiers = unite(
            &mut target.identifiers,
            &source.identifiers,
            "/identifiers",
            |own, other| {
                (&own.scheme, &own.value, &own.country) == (&other.scheme, &other.value, &other.country)
            },
            dropped,
        );
        gained.addresses = unite(
            &mut target.addresses,
            &source.addresses,
            "/addresses",
            |own, other| own == other,
            dropped,
        );
        gained.external_keys = unite(
            &mut target.external_keys,
            &source.external_keys,
            "/external_keys",
            |own, other| own == other,
            dropped,
        );
        gained.properties = unite_properties(&mut target.columns.properties, &source.properties, dropped);
        let columns = &mut target.columns;
        gained.description = fill(
            &mut columns.description,
            source.description.as_ref(),
            "/description",
            dropped,
        );
        gained.began_on = fill(
            &mut columns.began_on,
            source.began_on.as_ref(),
            "/began_on",
            dropped,
        );
        gained.ended_on = fill(
            &mut columns.ended_on,
            source.ended_on.as_ref(),
            "/ended_on",
            dropped,
        );
        let is_reversed = match (&columns.began_on, &columns.ended_on) {
            (Some(began_on), Some(ended_on)) => ended_on.is_certainly_before(began_on),
            _ => false,
        };
        if is_reversed {
            // Both can't be gained, because they are in order in the source. The one that was gained is dropped.
            for (own, gained, pointer) in [
                (&mut columns.began_on, &mut gained.began_on, "/began_on"),
                (&mut columns.ended_on, &mut gained.ended_on, "/ended_on"),
            ] {
                if gained.take().is_some() {
                    *own = None;
                    dropped.push(Fault::new(pointer, "does not fit the other's dates"));
                }
            }
        }
        for (length, name) in [
            (target.names.len(), "names"),
            (target.countries.len(), "countries"),
            (target.identifiers.len(), "identifiers"),
            (target.addresses.len(), "addresses"),
            (target.external_keys.len(), "external_keys"),
        ] {
            if length > LIST_LENGTH {
                return Err(Error::conflict(format!(
                    "the two have {length} {name} together, at most {LIST_LENGTH} are allowed"
                )));
            }
        }
        Ok(gained)
    }

    /// Keeps only what the next target gained as well, after the target of this merge was merged itself: the next target keeps
    /// what it had of its own.
    pub fn keep_common(&mut self, next: &Self) {
        self.names.retain(|one| next.names.contains(one));
        self.countries.retain(|one| next.countries.contains(one));
        self.identifiers.retain(|one| next.identifiers.contains(one));
        self.addresses.retain(|one| next.addresses.contains(one));
        self.external_keys.retain(|one| next.external_keys.contains(one));
        self.properties.retain(|name, texts| {
            let more = next.properties.get(name).and_then(Value::as_array);
            let (Value::Array(texts), Some(more)) = (texts, more) else {
                return false;
            };
            texts.retain(|text| more.contains(text));
            true
        });
        self.description
            .take_if(|one| next.description.as_ref() != Some(one));
        self.began_on.take_if(|one| next.began_on.as_ref() != Some(one));
        self.ended_on.take_if(|one| next.ended_on.as_ref() != Some(one));
    }

    /// Removes from the target what it gained and still has.
    pub fn take_from(&self, target: &mut ActorRow) {
        target.names.retain(|own| !self.names.contains(own));
        target.countries.retain(|own| !self.countries.contains(own));
        target.identifiers.retain(|own| !self.identifiers.contains(own));
        target.addresses.retain(|own| !self.addresses.contains(own));
        target
            .external_keys
            .retain(|own| !self.external_keys.contains(own));
        let columns = &mut target.columns;
        if let Value::Object(own) = &mut columns.properties {
            for (name, texts) in &self.properties {
                let Some(Value::Array(list)) = own.get_mut(name) else {
                    continue;
                };
                list.retain(|text| !texts.as_array().is_some_and(|texts| texts.contains(text)));
                if list.is_empty() {
                    own.remove(name);
                }
            }
        }
        if self.description.is_some() && columns.description == self.description {
            columns.description = None;
        }
        if self.began_on.is_some() && columns.began_on == self.began_on {
            columns.began_on = None;
        }
        if self.ended_on.is_some() && columns.ended_on == self.ended_on {
            columns.ended_on = None;
        }
    }
}

fn unite_properties(own: &mut Value, others: &Value, dropped: &mut Vec<Fault>) -> Map<String, Value> {
    let mut gained = Map::new();
    let (Value::Object(own), Value::Object(others)) = (own, others) else {
        return gained;
    };
    for (name, texts) in others {
        let texts = texts.as_array().map(Vec::as_slice).unwrap_or_default();
        let list = own
            .entry(name.clone())
            .or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            let pointer = format!("/properties/{}", escape_pointer(name));
            let more = unite(list, texts, &pointer, |own, other| own == other, dropped);
            if !more.is_empty() {
                gained.insert(name.clone(), Value::Array(more));
            }
        }
    }
    gained
}
