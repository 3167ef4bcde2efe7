//! What a message says of a reference that names no record, or several.

use uuid::Uuid;

use super::{Kind, Reference};
use crate::text::shorten;

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

/// Returns a message of [`names_none`] with the key that names a record.
pub(super) fn other_spelling_exists(detail: &str, reference: &Reference, key: &str) -> String {
    let detail = detail.strip_suffix(NAME_SEARCH).unwrap_or(detail);
    if reference.to_string().to_lowercase() == key.to_lowercase() {
        format!("{detail}; keys are case-sensitive, and {} exists", shorten(key))
    } else {
        format!("{detail}; {} exists", shorten(key))
    }
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

/// Returns the message for a key that names several records, each with its name and id.
pub(super) fn ambiguous<'n>(
    reference: &Reference,
    noun: &str,
    several: impl ExactSizeIterator<Item = (&'n str, Uuid)>,
) -> String {
    let number = several.len();
    let named: Vec<String> = several
        .take(10)
        .map(|(name, id)| format!("{name} ({id})"))
        .collect();
    let more = if number > named.len() { " and more" } else { "" };
    format!(
        "{reference} names more than one {noun}: {}{more}; name one by its id",
        named.join(", ")
    )
}
