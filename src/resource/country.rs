//! Countries in filters: a code of the vocabulary (`GB`) and the key of the state (`iso3166:GB`) mean the same.

use super::Reference;

/// The schemes by which states are identified by the code of their country, and the length of its codes: `GB`, and `SUHH` of a
/// country that no longer exists.
const SCHEMES: [(&str, usize); 2] = [("iso3166", 2), ("iso3166_3", 4)];

/// Returns the codes that the values of a filter by country mean; a value that is not the key of a state stays as it is.
pub fn codes(values: Vec<String>) -> Vec<String> {
    values
        .into_iter()
        .map(|value| match value.split_once(':') {
            Some((scheme, code)) if SCHEMES.contains(&(scheme, code.len())) => code.to_owned(),
            _ => value,
        })
        .collect()
}

/// Codes that ISO 3166-1 reserves for organizations, which are no countries.
const ORGANIZATIONS: [&str; 2] = ["EU", "UN"];

/// Returns whether a value of a filter by state looks like the code of a country in any capitals: `uk`, `GBR`, `SUHH`.
pub fn is_written_as_code(value: &str) -> bool {
    (2..=4).contains(&value.len())
        && value.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !ORGANIZATIONS.contains(&value)
}

/// Returns the reference that a value of a filter by state means: a code is the key of the state.
pub fn state(value: &str) -> Reference {
    let is_code = value.bytes().all(|byte| byte.is_ascii_uppercase());
    match SCHEMES
        .iter()
        .find(|(_, length)| is_code && value.len() == *length)
    {
        Some((scheme, _)) => Reference::Key {
            scheme: (*scheme).to_owned(),
            value: value.to_owned(),
        },
        None => Reference::parse(value),
    }
}

/// Returns the reference that a value of a filter by party means: as [`state`], or the acronym of an organization, which has three
/// letters or more than four.
pub fn party(value: &str) -> Reference {
    let is_acronym = value.len() > 2
        && !SCHEMES.iter().any(|(_, length)| value.len() == *length)
        && value.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_acronym {
        return Reference::Key {
            scheme: "igo".to_owned(),
            value: value.to_owned(),
        };
    }
    state(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_a_state_is_the_code_of_its_country() {
        let sent = [
            "GB",
            "iso3166:GB",
            "iso3166_3:SUHH",
            "iso3166:SUHH",
            "wikidata:Q145",
            "iso3166:",
        ];

        let meant = codes(sent.map(str::to_owned).to_vec());

        assert_eq!(
            meant,
            ["GB", "GB", "SUHH", "iso3166:SUHH", "wikidata:Q145", "iso3166:"]
        );
    }

    #[test]
    fn a_code_of_a_country_names_its_state() {
        for (sent, meant) in [
            ("GB", "iso3166:GB"),
            ("SUHH", "iso3166_3:SUHH"),
            ("iso3166:GB", "iso3166:GB"),
            ("demo:ofac", "demo:ofac"),
        ] {
            assert_eq!(state(sent), Reference::parse(meant), "{sent}");
        }
        for sent in ["gb", "GBR", "Cuba", ""] {
            assert_eq!(state(sent), Reference::Unreadable(sent.to_owned()));
        }
    }
}
