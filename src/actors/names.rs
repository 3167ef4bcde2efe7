//! The names of an actor in a request, and when two names are one: an actor has each name once, in requests and after merges.

use std::collections::HashMap;

use serde::Deserialize;
use utoipa::ToSchema;

use crate::actors::record::Name;
use crate::db::Write;
use crate::error::Fault;
use crate::partial_date::PartialDate;
use crate::validation::{Faults, Given, NAME_LENGTH};
use crate::vocabulary::NameKind;

/// A further name of an actor as a request sends it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object such as {\"name\":\"Gustavo Petro Urrego\",\"kind\":\"alias\"}"
)]
pub struct NameRequest {
    /// Required; the name as written
    #[schema(min_length = 1, max_length = 500)]
    pub name: Option<String>,
    /// Required; what kind of name it is
    #[schema(value_type = Option<NameKind>)]
    pub kind: Option<Given<NameKind>>,
    /// BCP 47 tag of its language, such as es
    #[schema(examples("es"))]
    pub lang: Option<String>,
    /// When the actor began to use it
    #[schema(value_type = Option<PartialDate>)]
    pub from: Option<Given<PartialDate>>,
    /// When the actor ceased to use it
    #[schema(value_type = Option<PartialDate>)]
    pub until: Option<Given<PartialDate>>,
}

/// Checks the names of a request and returns them, each with its index in the request.
pub fn validate(requests: Vec<NameRequest>, faults: &mut Faults) -> Vec<(usize, Name)> {
    if !faults.short_list("/names", requests.len()) {
        return Vec::new();
    }
    let mut names = Vec::with_capacity(requests.len());
    for (index, request) in requests.into_iter().enumerate() {
        let pointer = format!("/names/{index}");
        let name = faults.required_text(&format!("{pointer}/name"), request.name, NAME_LENGTH);
        let kind = faults.required_given(&format!("{pointer}/kind"), request.kind);
        let lang = faults.language(&format!("{pointer}/lang"), request.lang);
        let (from, until) = faults.period(&pointer, request.from, request.until);
        if let (Some(name), Some(kind)) = (name, kind) {
            let name = Name {
                name,
                kind,
                lang,
                from,
                until,
            };
            names.push((index, name));
        }
    }
    names
}

/// Takes each name once: of several elements that are the same name, the one of the strongest kind; the first of equals. The main
/// name is stronger than an element that says no more. What is left out becomes a warning.
pub fn take_once(main: Option<&str>, names: Vec<(usize, Name)>, write: &mut Write<'_>) -> Vec<Name> {
    let mut taken: Vec<(usize, Name)> = Vec::with_capacity(names.len());
    let mut first: HashMap<String, Vec<usize>> = HashMap::new();
    let mut left_out = Vec::new();
    for (index, name) in names {
        if main.is_some_and(|main| name.says_only(main)) {
            left_out.push((index, "is the main name as well; it is taken once".to_owned()));
            continue;
        }
        let positions = first.entry(name.name.clone()).or_default();
        let same = positions
            .iter()
            .copied()
            .find(|position| taken[*position].1.is_same_as(&name));
        let Some(position) = same else {
            positions.push(taken.len());
            taken.push((index, name));
            continue;
        };
        let (earlier, known) = &mut taken[position];
        if name.is_stronger_than(known) {
            let detail = format!(
                "has the text of element {index}; it is taken once, as {}",
                name.kind
            );
            left_out.push((*earlier, detail));
            *earlier = index;
            *known = name;
        } else {
            left_out.push((
                index,
                format!(
                    "has the text of element {earlier}; it is taken once, as {}",
                    known.kind
                ),
            ));
        }
    }
    left_out.sort();
    write.warnings.extend(
        left_out
            .into_iter()
            .map(|(index, detail)| Fault::new(format!("/names/{index}"), detail)),
    );
    taken.into_iter().map(|(_, name)| name).collect()
}

impl Name {
    /// Returns whether the name says no more than a main name does: its text, without a language and dates.
    pub fn says_only(&self, main: &str) -> bool {
        self.name == main && self.lang.is_none() && self.from.is_none() && self.until.is_none()
    }

    /// Returns whether the two are one name, whatever their kinds: one text in one language that may hold on one day. A name
    /// without dates always holds.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.name == other.name
            && self.lang == other.lang
            && !self.is_certainly_before(other)
            && !other.is_certainly_before(self)
    }

    /// Returns whether this one is taken if both are one name.
    pub const fn is_stronger_than(&self, other: &Self) -> bool {
        strength(self.kind) > strength(other.kind)
    }

    fn is_certainly_before(&self, later: &Self) -> bool {
        match (&self.until, &later.from) {
            (Some(until), Some(from)) => until.is_certainly_before(from),
            (Some(_), None) | (None, Some(_)) | (None, None) => false,
        }
    }
}

const fn strength(kind: NameKind) -> u8 {
    match kind {
        NameKind::OriginalScript => 4,
        NameKind::Alias => 3,
        NameKind::Former => 2,
        NameKind::Acronym => 1,
        NameKind::WeakAlias => 0,
    }
}
