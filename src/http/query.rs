//! How a query string is read: names and values, decoded. What is no percent-encoded UTF-8 text is a
//! fault and not guessed at; the usual parsers put U+FFFD there and go on.

use std::fmt::Display;
use std::str::FromStr;

use crate::error::{Error, Result};

/// The parameters of a query, in their order.
pub fn pairs(query: &str) -> Result<Vec<(String, String)>> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(name, true)
                .ok_or_else(|| Error::malformed("?", "a parameter's name is no UTF-8 text without NUL"))?;
            let value = decode(value, true).ok_or_else(|| {
                Error::malformed(
                    format!("?{name}"),
                    format!("{name} is not percent-encoded UTF-8 text without NUL"),
                )
            })?;
            Ok((name, value))
        })
        .collect()
}

/// A number between two others, and nothing but its digits.
pub fn whole_number<N>(name: &str, text: &str, least: N, most: N) -> Result<N>
where
    N: FromStr + PartialOrd + Display,
{
    text.parse()
        .ok()
        .filter(|number| *number >= least && *number <= most && !text.starts_with('+'))
        .ok_or_else(|| {
            Error::malformed(
                format!("?{name}"),
                format!("{name} is no whole number from {least} to {most}"),
            )
        })
}

/// A percent-encoded text; none where it is not well encoded, not UTF-8, or holds a NUL.
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
        assert_eq!(read, [pair("name", "Petro  "), pair("kind", ""), pair("on", "")]);
    }

    #[test]
    fn what_is_no_text_is_a_fault() {
        for query in [
            "name=%",
            "name=%2",
            "name=%zz",
            "name=%ff",
            "name=%00",
            "%00=1",
            "name=%C3%28",
        ] {
            assert!(pairs(query).is_err(), "{query}");
        }
    }

    #[test]
    fn in_a_path_a_plus_is_a_plus() {
        assert_eq!(decode("a+b%2Fc", false).as_deref(), Some("a+b/c"));
    }
}
