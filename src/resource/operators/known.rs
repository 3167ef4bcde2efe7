//! What the operators of a list may name, and what a name means that is none of it.

use crate::resource::Kind;
use crate::resource::fields::{Field, Fields, Holds};
use crate::resource::parameters::{ALL, HAS, NOT, OR, PROPERTY, written};
use crate::resource::properties::PREFIX;
use crate::text::near::{MOST, did_you_mean, question};

/// What the parameters of a list may name.
#[derive(Debug, Clone, Copy)]
pub struct Known<'k> {
    /// The parameters of the list, as the OpenAPI document names them.
    pub parameters: &'k [String],
    /// The fields of its records.
    pub fields: &'static Fields,
}

impl Known<'_> {
    fn filters(&self) -> impl Iterator<Item = &str> {
        let is_filter =
            |name: &&str| !self.fields.modifiers.contains(name) && ![NOT, ALL, HAS, OR].contains(name);
        self.parameters.iter().map(String::as_str).filter(is_filter)
    }

    pub(super) fn is_filter(&self, name: &str) -> bool {
        match property_of(name) {
            Some(_) => true,
            None => name != PROPERTY && self.filters().any(|known| known == name),
        }
    }

    /// Returns what is wrong with a name that is no filter. `operator` stands before it.
    pub(super) fn no_filter(&self, operator: &str, name: &str) -> String {
        let known: Vec<&str> = self.filters().map(written).collect();
        let hint = match name.strip_prefix(HAS).and_then(|rest| rest.strip_prefix('.')) {
            Some(field) if operator == NOT => {
                format!("write {HAS}.{field}=false for the records without one, =true for the others; ")
            }
            None if operator == NOT && name == "and" => format!("write {NOT}.{OR}=(and(…)); "),
            Some(_) | None => self.meant(name),
        };
        format!(
            "{name} is not a filter of this list; {hint}its filters are {}",
            known.join(", ")
        )
    }

    /// Returns the field that `has.` names.
    ///
    /// # Errors
    /// What is wrong with the name if there is none.
    pub(super) fn field(&self, name: &str) -> Result<&'static Field, String> {
        self.fields.find(name).ok_or_else(|| {
            let fields: Vec<&'static Field> = self.fields.all().collect();
            let known: Vec<&str> = fields.iter().map(|field| field.name).collect();
            format!(
                "{name} is not a field that has. can name; {}known are {}, {}",
                meant(name, &fields, &known),
                known.join(", "),
                written(PROPERTY)
            )
        })
    }

    /// Returns the question which filters a name means that is none of them; empty if nothing is near.
    pub fn meant(&self, name: &str) -> String {
        let fields: Vec<&'static Field> = self
            .fields
            .all()
            .filter(|field| self.is_filter(field.name))
            .collect();
        let known: Vec<&str> = self.filters().map(written).collect();
        meant(name, &fields, &known)
    }
}

/// Returns the question which names are meant: the fields that name records of such a kind, as `imposer` and `target` do for `actor`; else
/// the first field of such a part of the record, as `source` for `citations`; else those that are spelled nearly so.
fn meant(name: &str, fields: &[&Field], known: &[&str]) -> String {
    let names = |is_meant: &dyn Fn(&Field) -> bool, most: usize| -> Vec<String> {
        let meant = fields.iter().filter(|field| is_meant(field));
        meant.take(most).map(|field| field.name.to_owned()).collect()
    };
    let kind = Kind::ALL
        .into_iter()
        .find(|kind| [kind.noun(), kind.path(), kind.table()].contains(&name));
    let is_of_kind = |field: &Field| kind.is_some_and(|kind| field.holds == Holds::Reference(kind));
    let is_part = |field: &Field| {
        let part = field.path.split('.').next().unwrap_or_default();
        part == name || part.strip_suffix('s') == Some(name)
    };
    let of_kind = names(&is_of_kind, MOST + 2);
    let of_part = names(&is_part, 1);
    match (&of_kind[..], &of_part[..]) {
        ([], []) => did_you_mean(name, known.iter().copied()),
        ([], _) => question(&of_part),
        (_, _) => question(&of_kind),
    }
}

/// Returns the name of the property that a parameter such as `property.gender` filters by.
pub(super) fn property_of(parameter: &str) -> Option<&str> {
    parameter.strip_prefix(PREFIX).filter(|name| !name.is_empty())
}
