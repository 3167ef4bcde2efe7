//! Codes of a vocabulary that are near to one that it does not have, by spelling and by meaning.

use std::collections::HashSet;

use crate::text::near::{LONGEST, MOST, is_similar};
use crate::text::search_key::search_key;

/// An entry of a vocabulary that an unknown code may mean.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub code: String,
    pub label: String,
    pub description: String,
    /// Other names of what the entry stands for.
    pub names: Vec<String>,
}

/// Words that say nothing of a meaning.
const EMPTY_WORDS: &[&str] = &[
    "action",
    "and",
    "any",
    "are",
    "code",
    "country",
    "for",
    "from",
    "ground",
    "has",
    "its",
    "kind",
    "measure",
    "none",
    "not",
    "objective",
    "one",
    "other",
    "scheme",
    "such",
    "that",
    "the",
    "their",
    "this",
    "type",
    "what",
    "which",
    "who",
    "with",
];

/// Endings of words; the longest come first.
const ENDINGS: &[&str] = &[
    "ations", "ation", "itions", "ition", "ements", "ement", "ments", "ment", "ings", "ions", "ing", "ion",
    "ies", "ers", "ed", "es", "er", "al", "s", "e", "y",
];

/// The stems of nouns whose verb has another one: expulsion and expel.
const NOUN_STEMS: &[(&str, &str)] = &[
    ("puls", "pel"),
    ("miss", "mit"),
    ("cept", "ceiv"),
    ("scrip", "scrib"),
    ("cess", "ced"),
    ("vas", "vad"),
    ("clus", "clud"),
    ("tens", "tend"),
    ("pens", "pend"),
    ("cis", "cid"),
    ("tent", "tain"),
];

/// Returns the candidates that are nearest to a code, the nearest first; none if nothing is near.
pub(super) fn nearest<'c>(code: &str, candidates: &'c [Candidate]) -> Vec<&'c Candidate> {
    // No code is longer.
    if code.len() > LONGEST {
        return Vec::new();
    }
    let wanted = compact(code);
    if wanted.is_empty() {
        return Vec::new();
    }
    let stems = stems(code);
    let mut scored: Vec<(u32, &Candidate)> = candidates
        .iter()
        .filter_map(|candidate| Some((score(&wanted, &stems, candidate)?, candidate)))
        .collect();
    let best = scored.iter().map(|(score, _)| *score).max().unwrap_or_default();
    scored.retain(|(score, _)| score + 10 > best);
    scored.sort_by(|one, other| other.0.cmp(&one.0).then_with(|| one.1.code.cmp(&other.1.code)));
    scored
        .into_iter()
        .take(MOST)
        .map(|(_, candidate)| candidate)
        .collect()
}

/// Returns how near a candidate is, up to 100; `None` if it is not.
fn score(wanted: &str, stems: &HashSet<String>, candidate: &Candidate) -> Option<u32> {
    let code = compact(&candidate.code);
    if code == wanted {
        return Some(100);
    }
    let is_named = |name: &String| compact(name) == wanted;
    if is_named(&candidate.label) || candidate.names.iter().any(is_named) {
        return Some(90);
    }
    let length = wanted.chars().count();
    // A code of four letters of a former country begins with its code of two.
    if code.len() == 4 && length == 2 && code.starts_with(wanted) {
        return Some(70);
    }
    // A typing error of a short code could be any other code.
    if length >= 4 && code.chars().count() >= 4 && is_similar(wanted, &code) {
        return Some(80);
    }
    if length >= 4 && candidate.description.is_empty() && is_similar(wanted, &compact(&candidate.label)) {
        return Some(75);
    }
    if stems.is_empty() {
        return None;
    }
    let own = self::stems(&format!("{} {}", candidate.code, candidate.label));
    if stems.is_subset(&own) {
        return Some(70);
    }
    let described = self::stems(&candidate.description);
    if stems
        .iter()
        .all(|stem| own.contains(stem) || described.contains(stem))
    {
        return Some(55);
    }
    None
}

/// Returns a text without capitals, blanks and punctuation.
fn compact(text: &str) -> String {
    search_key(text)
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect()
}

/// Returns the stems of the words of a text that say something.
fn stems(text: &str) -> HashSet<String> {
    search_key(text)
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.chars().count() >= 3 && !EMPTY_WORDS.contains(word))
        .map(stem)
        .collect()
}

/// Returns the stem of an English word in small letters: one for expel, expels, expelled and expulsion.
fn stem(word: &str) -> String {
    let stem = ENDINGS
        .iter()
        .filter_map(|ending| word.strip_suffix(ending))
        .find(|stem| stem.chars().count() >= 3)
        .unwrap_or(word);
    let mut stem = stem.to_owned();
    for (noun, verb) in NOUN_STEMS {
        if let Some(rest) = stem.strip_suffix(noun)
            && !rest.is_empty()
        {
            stem = format!("{rest}{verb}");
            break;
        }
    }
    // expelled: expel
    let mut last = stem.chars().rev();
    if last.next().is_some_and(|end| last.next() == Some(end)) && stem.chars().count() > 3 {
        stem.pop();
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(code: &str, label: &str, description: &str, names: &[&str]) -> Candidate {
        Candidate {
            code: code.to_owned(),
            label: label.to_owned(),
            description: description.to_owned(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    #[test]
    fn a_code_is_found_by_its_spelling_and_by_its_meaning() {
        let candidates = [
            candidate(
                "diplomats_expelled",
                "Diplomats expelled",
                "Expels diplomats of another",
                &[],
            ),
            candidate(
                "mass_violence",
                "Mass violence",
                "Expels, kills or destroys on a mass scale",
                &[],
            ),
            candidate(
                "asset_freeze",
                "Asset freeze",
                "Funds and other assets are blocked",
                &[],
            ),
            candidate(
                "narcotics",
                "Narcotics",
                "Making, moving or selling illicit drugs",
                &[],
            ),
            candidate("person", "Person", "A natural person", &[]),
            candidate("GB", "United Kingdom", "", &["GBR", "UK", "Great Britain"]),
            candidate("UA", "Ukraine", "", &["UKR"]),
            candidate("SUHH", "Soviet Union", "", &["SUN", "USSR"]),
            candidate("US", "United States", "", &["USA"]),
        ];
        for (sent, near) in [
            ("expulsion", &["diplomats_expelled"] as &[&str]),
            ("expel-diplomats", &["diplomats_expelled"]),
            ("Person", &["person"]),
            ("persn", &["person"]),
            ("ASSET FREEZE", &["asset_freeze"]),
            ("asset-freezing", &["asset_freeze"]),
            ("drug", &["narcotics"]),
            ("us", &["US"]),
            ("usa", &["US"]),
            ("uk", &["GB"]),
            ("Great-Britain", &["GB"]),
            ("SU", &["SUHH"]),
            ("Untied Kingdom", &["GB"]),
            ("ZZ", &[]),
            ("no_such_kind", &[]),
            ("", &[]),
        ] {
            let found: Vec<&str> = nearest(sent, &candidates)
                .iter()
                .map(|near| near.code.as_str())
                .collect();
            assert_eq!(found, near, "{sent}");
        }
    }
}
