//! The query string: names and values, decoded. Text that is not percent-encoded UTF-8 is a fault; the usual parsers
//! replace it with U+FFFD instead.

use crate::error::{Error, Result};
use crate::text::clean;

/// Returns the parameters of a query string in their order, with their values cleaned as the texts of bodies are.
///
/// # Errors
/// Malformed request if a name or value is not percent-encoded UTF-8 without NUL, or a value has a character that a line may
/// not have.
pub fn pairs(query: &str) -> Result<Vec<(String, String)>> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name, true).ok_or_else(|| {
                Error::malformed(
                    "?",
                    "the name of a parameter is not percent-encoded UTF-8 text without NUL",
                )
            })?;
            let value = decode(value, true).ok_or_else(|| {
                Error::malformed(
                    format!("?{name}"),
                    format!("{name} is not percent-encoded UTF-8 text without NUL"),
                )
            })?;
            let value = clean::line(&value)
                .map_err(|refused| Error::malformed(format!("?{name}"), format!("{name} {refused}")))?
                .into_owned();
            Ok((name, value))
        })
        .collect()
}

/// Decodes a percent-encoded text; `None` if the encoding is invalid, or the text is not UTF-8 or contains a NUL.
pub fn decode(encoded: &str, plus_is_blank: bool) -> Option<String> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut bytes = encoded.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let mut digit = || bytes.next().and_then(|byte| char::from(byte).to_digit(16));
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            b'+' if plus_is_blank => b' ',
            byte => byte,
        });
    }
    String::from_utf8(decoded)
        .ok()
        .filter(|text| !text.contains('\0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded() {
        let read = pairs("name=Petro%20+&&kind=&on").expect("a query");

        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(read, [pair("name", "Petro"), pair("kind", ""), pair("on", "")]);
    }

    #[test]
    fn text_that_is_not_utf8_is_a_fault() {
        for query in [
            "name=%",
            "name=%2",
            "name=%zz",
            "name=%ff",
            "name=%00",
            "%00=1",
            "name=%C3%28",
            "name=a%E2%80%AEb",
        ] {
            assert!(pairs(query).is_err(), "{query}");
        }
    }

    #[test]
    fn a_plus_in_a_path_is_a_plus() {
        assert_eq!(decode("a+b%2Fc", false).as_deref(), Some("a+b/c"));
    }
}
