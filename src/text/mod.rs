//! How text is cleaned, how it is written for a reader or for another format, and by which key a name is found. Depends on no
//! other module.

pub mod clean;
pub mod near;
pub mod search_key;

use chrono::{DateTime, SecondsFormat, Utc};
use unicode_normalization::UnicodeNormalization;

/// Longest excerpt that a message quotes, in characters.
const EXCERPT_LENGTH: usize = 80;

/// Returns the text as a message quotes it: whole up to 80 characters, otherwise its first 80 and an ellipsis.
///
/// A client may send a text of any length, and a response must not grow with it.
pub fn shorten(text: &str) -> String {
    match text.char_indices().nth(EXCERPT_LENGTH) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// Returns a timestamp as JSON, CSV and the command line show it: RFC 3339 in UTC with microseconds,
/// `2025-10-24T18:05:00.000000Z`.
pub fn timestamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Returns the name of a field as one segment of a JSON pointer (RFC 6901): `~` becomes `~0`, `/` becomes `~1`.
pub fn escape_pointer(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Returns whether a text has more letters than this, ligatures taken apart. One letter may stand for many: U+FDFA is eighteen.
pub fn is_longer_than(text: &str, letters: usize) -> bool {
    text.len() > letters / 18 && text.nfkd().nth(letters).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_quotes_at_most_eighty_characters() {
        assert_eq!(shorten(""), "");
        assert_eq!(shorten(&"é".repeat(80)), "é".repeat(80));
        assert_eq!(shorten(&"é".repeat(81)), format!("{}…", "é".repeat(80)));
    }

    #[test]
    fn a_segment_of_a_pointer_has_no_slash_and_no_bare_tilde() {
        assert_eq!(escape_pointer("a/b~1"), "a~1b~01");
    }

    #[test]
    fn a_timestamp_has_microseconds_and_utc() {
        let at = DateTime::from_timestamp_micros(1_761_329_100_000_001).unwrap();

        assert_eq!(timestamp(at), "2025-10-24T18:05:00.000001Z");
    }
}
