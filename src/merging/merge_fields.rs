//! What an actor gains of the one that becomes part of it, and how it loses that again.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::actors::{Actor, ActorRow, Country, Identifier, Name};
use crate::error::{Error, Fault, Result};
use crate::partial_date::PartialDate;
use crate::resource::external_keys::ExternalKey;
use crate::text::escape_pointer;
use crate::validation::LIST_LENGTH;
use crate::vocabulary::NameKind;

/// What an actor had of none before.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Gained {
    names: Vec<Name>,
    countries: Vec<Country>,
    identifiers: Vec<Identifier>,
    external_keys: Vec<ExternalKey>,
    properties: Map<String, Value>,
    description: Option<String>,
    began_on: Option<PartialDate>,
    ended_on: Option<PartialDate>,
}

/// Adds what a list has not by now, and tells the rest.
fn unite<T: Clone>(
    list: &mut Vec<T>,
    others: &[T],
    pointer: &str,
    is_same: impl Fn(&T, &T) -> bool,
    dropped: &mut Vec<Fault>,
) -> Vec<T> {
    let mut gained = Vec::new();
    for (place, other) in others.iter().enumerate() {
        if list.iter().any(|own| is_same(own, other)) {
            dropped.push(Fault::new(format!("{pointer}/{place}"), "is there already"));
        } else {
            list.push(other.clone());
            gained.push(other.clone());
        }
    }
    gained
}

/// Gives one of two fields, the own one first.
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
    /// Puts what `away` has into `values`; what was there already is told, with pointers into `away`.
    pub fn add(values: &mut ActorRow, away: &Actor, dropped: &mut Vec<Fault>) -> Result<Self> {
        let mut gained = Self::default();
        let has_name = |values: &ActorRow, text: &str| {
            values.columns.name == text || values.names.iter().any(|name| name.name == text)
        };
        if has_name(values, &away.name) {
            dropped.push(Fault::new("/name", "is there already"));
        } else {
            let main = Name {
                name: away.name.clone(),
                kind: NameKind::Alias,
                lang: None,
            };
            values.names.push(main.clone());
            gained.names.push(main);
        }
        let main_name = values.columns.name.clone();
        let names = unite(
            &mut values.names,
            &away.names,
            "/names",
            |own, other| other.name == main_name || own == other,
            dropped,
        );
        gained.names.extend(names);
        gained.countries = unite(
            &mut values.countries,
            &away.countries,
            "/countries",
            |own, other| own == other,
            dropped,
        );
        gained.identifiers = unite(
            &mut values.identifiers,
            &away.identifiers,
            "/identifiers",
            |own, other| {
                (&own.scheme, &own.value, &own.country) == (&other.scheme, &other.value, &other.country)
            },
            dropped,
        );
        gained.external_keys = unite(
            &mut values.external_keys,
            &away.external_keys,
            "/external_keys",
            |own, other| own == other,
            dropped,
        );
        gained.properties = unite_properties(&mut values.columns.properties, &away.properties, dropped);
        let columns = &mut values.columns;
        gained.description = fill(
            &mut columns.description,
            away.description.as_ref(),
            "/description",
            dropped,
        );
        gained.began_on = fill(
            &mut columns.began_on,
            away.began_on.as_ref(),
            "/began_on",
            dropped,
        );
        gained.ended_on = fill(
            &mut columns.ended_on,
            away.ended_on.as_ref(),
            "/ended_on",
            dropped,
        );
        let is_reversed = match (&columns.began_on, &columns.ended_on) {
            (Some(began_on), Some(ended_on)) => ended_on.is_certainly_before(began_on),
            _ => false,
        };
        if is_reversed {
            // Both can't be gained: they were in order there. The one that was is left where it was.
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
            (values.names.len(), "names"),
            (values.countries.len(), "countries"),
            (values.identifiers.len(), "identifiers"),
            (values.external_keys.len(), "external_keys"),
        ] {
            if length > LIST_LENGTH {
                return Err(Error::conflict(format!(
                    "the two have {length} {name} together, at most {LIST_LENGTH} are allowed"
                )));
            }
        }
        Ok(gained)
    }

    /// Leaves only what was gained the next time as well, when the actor that gained this was merged itself: what the next
    /// had of its own stays there.
    pub fn keep_common(&mut self, next: &Self) {
        self.names.retain(|one| next.names.contains(one));
        self.countries.retain(|one| next.countries.contains(one));
        self.identifiers.retain(|one| next.identifiers.contains(one));
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

    /// Takes out of `values` what is there still of what was gained.
    pub fn take_from(&self, values: &mut ActorRow) {
        values.names.retain(|own| !self.names.contains(own));
        values.countries.retain(|own| !self.countries.contains(own));
        values.identifiers.retain(|own| !self.identifiers.contains(own));
        values
            .external_keys
            .retain(|own| !self.external_keys.contains(own));
        let columns = &mut values.columns;
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
