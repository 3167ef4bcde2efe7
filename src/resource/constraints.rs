//! What a violated constraint means to the client.

use crate::error::{Error, Fault};
use crate::validation::PROPERTIES_SHAPE;

/// The fault that the violation of one constraint means. Requests are checked before they are written, so this is seen only
/// if another writer changes something between the check and the write.
#[derive(Debug, Clone, Copy)]
pub struct ConstraintError {
    constraint: &'static str,
    pointer: &'static str,
    detail: &'static str,
    is_conflict: bool,
}

impl ConstraintError {
    /// Returns the error that the request is invalid at `pointer`.
    pub const fn invalid(constraint: &'static str, pointer: &'static str, detail: &'static str) -> Self {
        Self {
            constraint,
            pointer,
            detail,
            is_conflict: false,
        }
    }

    /// Returns the error that another record is in the way; an empty `pointer` stands for the whole body. `detail` is a whole
    /// sentence, because it is also the detail of the problem.
    pub const fn conflict(constraint: &'static str, pointer: &'static str, detail: &'static str) -> Self {
        Self {
            constraint,
            pointer,
            detail,
            is_conflict: true,
        }
    }

    /// Returns the name of the constraint.
    pub const fn constraint(&self) -> &'static str {
        self.constraint
    }

    fn error(&self) -> Error {
        if !self.is_conflict {
            return Error::invalid(self.pointer, self.detail);
        }
        let error = Error::conflict(self.detail);
        if self.pointer.is_empty() {
            return error;
        }
        error.with_faults(vec![Fault::new(self.pointer, self.detail)])
    }
}

/// The constraints of the tables that all kinds share.
pub const SHARED: &[ConstraintError] = &[
    ConstraintError::conflict(
        "external_keys_pkey",
        "/external_keys",
        "another record has one of the keys already",
    ),
    ConstraintError::invalid(
        "external_keys_value_check",
        "/external_keys",
        "has an empty value",
    ),
    ConstraintError::invalid(
        "property_values_check",
        "/properties",
        "has a value that is not of the type of its name in the vocabulary property_names",
    ),
    ConstraintError::invalid(
        "citations_source_id_fkey",
        "/citations",
        "names a source that does not exist any more",
    ),
    ConstraintError::invalid(
        "citations_attributed_to_id_fkey",
        "/citations",
        "names an actor that does not exist any more",
    ),
];

/// Returns the error that the violated constraint means, or `error` itself if it is about none of `known` and of the
/// constraints that all kinds share. A missing row that the request names, or a key that another writer has just given to
/// a record, marks the error as overtaken: the write begins again, and finds what is there.
pub fn explain(error: Error, known: &[ConstraintError]) -> Error {
    let Some(constraint) = error.constraint() else {
        return error;
    };
    let found = known
        .iter()
        .chain(SHARED)
        .find(|known| known.constraint == constraint);
    match found {
        Some(found) if constraint.ends_with("_fkey") || found.is_conflict => found.error().overtaken(),
        Some(found) => found.error(),
        None if constraint.ends_with("_properties_check") => Error::invalid("/properties", PROPERTIES_SHAPE),
        None if constraint.ends_with("_clean_check") => Error::invalid("", UNCLEAN),
        None => error,
    }
}

/// What the constraints of the names `…_clean_check` mean. Requests are cleaned, so that none violates them.
const UNCLEAN: &str = "has a text with a character that means nothing, or with blanks that are not single; \
     remove the character, or make the blanks single";
