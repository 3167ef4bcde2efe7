//! When two names of an actor are one: an actor has each name once, in requests and after merges.

use crate::actors::record::Name;
use crate::vocabulary::NameKind;

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
