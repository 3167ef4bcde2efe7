//! The part of a text that matches a search, with the words marked.

use std::ops::Range;

use rust_stemmers::{Algorithm, Stemmer};
use serde::Deserialize;

use super::terms::{Mode, Term};
use crate::text::search_key::{is_in_word, search_words};

/// The most letters of a snippet, marks and ellipses apart.
const LONGEST: usize = 240;
/// How many letters before the first match a snippet has at most.
const BEFORE: usize = 60;
/// How many letters of a text are looked at.
const LOOKED_AT: usize = 20_000;

/// Where the texts of a passage have identifiers, addresses and quotes.
const PLACE_OF_KEYS: usize = 2;

/// The texts of one record that are searched.
#[derive(Debug, Clone, Deserialize)]
pub struct Passage {
    /// The language of the record, such as `es-CO`; `None` if it names none.
    pub language: Option<String>,
    /// Names and titles; reasons and the like; identifiers, addresses and quotes.
    pub texts: Vec<Vec<String>>,
}

/// Returns the part of the text that has most of the terms, the first of several; `None` if no text has one. Identifiers, addresses and
/// quotes come after all texts that say more.
pub fn snippet(terms: &[Term], passages: &[Passage]) -> Option<String> {
    let mut best: Option<Candidate<'_>> = None;
    for passage in passages {
        let stemmer = stemmer(passage.language.as_deref());
        for (place, texts) in passage.texts.iter().enumerate() {
            for text in texts {
                let (number, marks) = marks(terms, text, stemmer.as_ref());
                let worth = (place < PLACE_OF_KEYS, number);
                if number > 0 && best.as_ref().is_none_or(|best| worth > best.worth) {
                    best = Some(Candidate { worth, text, marks });
                }
            }
        }
    }
    best.map(|best| cut(best.text, &best.marks))
}

/// A text that has some of the terms.
struct Candidate<'t> {
    /// Whether it says more than an identifier, an address or a quote; then how many terms it has.
    worth: (bool, usize),
    text: &'t str,
    marks: Vec<Range<usize>>,
}

/// Returns the stemmer of a language, which PostgreSQL has too (`sql/functions/search_languages.sql`). A text whose language is not
/// known is taken for English.
fn stemmer(language: Option<&str>) -> Option<Stemmer> {
    let code = language.unwrap_or("en").split('-').next().unwrap_or_default();
    let algorithm = match code.to_ascii_lowercase().as_str() {
        "ar" => Algorithm::Arabic,
        "da" => Algorithm::Danish,
        "de" => Algorithm::German,
        "el" => Algorithm::Greek,
        "en" => Algorithm::English,
        "es" => Algorithm::Spanish,
        "fi" => Algorithm::Finnish,
        "fr" => Algorithm::French,
        "hu" => Algorithm::Hungarian,
        "it" => Algorithm::Italian,
        "nb" | "nn" | "no" => Algorithm::Norwegian,
        "nl" => Algorithm::Dutch,
        "pt" => Algorithm::Portuguese,
        "ro" => Algorithm::Romanian,
        "ru" => Algorithm::Russian,
        "sv" => Algorithm::Swedish,
        "ta" => Algorithm::Tamil,
        "tr" => Algorithm::Turkish,
        _ => return None,
    };
    Some(Stemmer::create(algorithm))
}

/// Returns how many of the terms the text has, and the places of their words in order.
fn marks(terms: &[Term], text: &str, stemmer: Option<&Stemmer>) -> (usize, Vec<Range<usize>>) {
    let words = words(text);
    let mut marks: Vec<Range<usize>> = Vec::new();
    let mut number = 0;
    for term in terms {
        let length = term.words.len();
        let before = marks.len();
        for run in words.windows(length) {
            let is_there = run
                .iter()
                .zip(&term.words)
                .enumerate()
                .all(|(place, ((_, word), wanted))| {
                    let is_last = place + 1 == length;
                    match term.mode {
                        Mode::Prefix if is_last => word.starts_with(wanted.as_str()),
                        Mode::Word if length == 1 => {
                            word == wanted
                                || stemmer.is_some_and(|stemmer| stemmer.stem(word) == stemmer.stem(wanted))
                        }
                        Mode::Word | Mode::Prefix | Mode::Exact => word == wanted,
                    }
                });
            if is_there {
                marks.extend(run.iter().map(|(range, _)| range.clone()));
            }
        }
        if marks.len() > before {
            number += 1;
        }
    }
    marks.sort_by_key(|range| range.start);
    marks.dedup();
    (number, marks)
}

/// Returns the words of a text with their places, as the search compares them.
fn words(text: &str) -> Vec<(Range<usize>, String)> {
    let mut words = Vec::new();
    let mut begin = None;
    let ends = text.char_indices().take(LOOKED_AT).chain([(text.len(), ' ')]);
    for (index, letter) in ends {
        match (begin, is_in_word(letter)) {
            (None, true) => begin = Some(index),
            (Some(start), false) => {
                let range = start..index;
                let folded = search_words(&text[range.clone()]).concat();
                if !folded.is_empty() {
                    words.push((range, folded));
                }
                begin = None;
            }
            (None, false) | (Some(_), true) => {}
        }
    }
    words
}

/// Returns the text around the first mark as HTML.
fn cut(text: &str, marks: &[Range<usize>]) -> String {
    let first = marks.first().map_or(0, |mark| mark.start);
    let start = if text.chars().take(LONGEST + 1).count() <= LONGEST {
        0
    } else {
        // After a blank, so that no word is cut.
        let before = text[..first].char_indices().rev().take(BEFORE).last();
        let from = before.map_or(0, |(index, _)| index);
        match text[from..first].find(char::is_whitespace) {
            _ if from == 0 => 0,
            Some(blank) => from + blank + 1,
            None => first,
        }
    };
    let end = text[start..]
        .char_indices()
        .nth(LONGEST)
        .map_or(text.len(), |(index, _)| {
            let end = start + index;
            text[first..end]
                .rfind(char::is_whitespace)
                .map_or(end, |blank| first + blank)
        });
    let mut html = String::new();
    if start > 0 {
        html.push('…');
    }
    let mut at = start;
    for mark in marks.iter().filter(|mark| mark.start >= start && mark.end <= end) {
        escape(&text[at..mark.start], &mut html);
        html.push_str("<mark>");
        escape(&text[mark.clone()], &mut html);
        html.push_str("</mark>");
        at = mark.end;
    }
    escape(&text[at..end], &mut html);
    if end < text.len() {
        html.push('…');
    }
    html
}

fn escape(text: &str, html: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            letter => html.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::terms::FullText;
    use super::*;

    fn of(query: &str, language: Option<&str>, texts: &[&str]) -> Option<String> {
        let terms: Vec<Term> =
            serde_json::from_str(&FullText::parse(query).expect(query).wanted()).expect("terms");
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        let passage = Passage {
            language: language.map(str::to_owned),
            texts: vec![texts],
        };
        snippet(&terms, &[passage])
    }

    #[test]
    fn words_are_marked_in_any_form_and_html_is_escaped() {
        for (query, language, text, wanted) in [
            ("bogota", None, "Bogotá, D.C.", "<mark>Bogotá</mark>, D.C."),
            ("sanction", None, "New sanctions", "New <mark>sanctions</mark>"),
            (
                "sanciones",
                Some("es-CO"),
                "una sanción",
                "una <mark>sanción</mark>",
            ),
            (
                "\"sanction\"",
                None,
                "a sanction, sanctions",
                "a <mark>sanction</mark>, sanctions",
            ),
            ("petr*", None, "Gustavo Petro", "Gustavo <mark>Petro</mark>"),
            (
                "\"visa ban\"",
                None,
                "a ban: visa ban",
                "a ban: <mark>visa</mark> <mark>ban</mark>",
            ),
            ("b", None, "<b> & a", "&lt;<mark>b</mark>&gt; &amp; a"),
            ("mark -x", None, "</mark> x", "&lt;/<mark>mark</mark>&gt; x"),
            ("obrien", None, "O’Brien", "<mark>O’Brien</mark>"),
            ("محمد", None, "مُحَمَّد", "<mark>مُحَمَّد</mark>"),
        ] {
            assert_eq!(of(query, language, &[text]).as_deref(), Some(wanted), "{query}");
        }
        assert_eq!(of("petro", None, &["nothing"]), None);
        assert_eq!(
            of("petro visa", None, &["Petro", "the visa of Petro"]).as_deref(),
            Some("the <mark>visa</mark> of <mark>Petro</mark>")
        );
    }

    #[test]
    fn keys_are_shown_only_if_nothing_else_matches() {
        let terms: Vec<Term> =
            serde_json::from_str(&FullText::parse("petro son").expect("a query").wanted()).expect("terms");
        let passage = |prose: &str| Passage {
            language: None,
            texts: vec![
                vec![],
                vec![prose.to_owned()],
                vec!["petro_burgos_son_of_petro".to_owned()],
            ],
        };
        assert_eq!(
            snippet(&terms, &[passage("his son")]).as_deref(),
            Some("his <mark>son</mark>")
        );
        assert_eq!(
            snippet(&terms, &[passage("")]).as_deref(),
            Some("<mark>petro</mark>_burgos_<mark>son</mark>_of_<mark>petro</mark>")
        );
    }

    #[test]
    fn a_long_text_is_cut_around_the_first_match() {
        let text = format!("{}Petro {}", "é word ".repeat(100), "and so on ".repeat(100));

        let html = of("petro", None, &[&text]).expect("a snippet");

        assert!(html.starts_with("…"), "{html}");
        assert!(html.contains("<mark>Petro</mark> and"), "{html}");
        assert!(
            html.ends_with("and…") || html.ends_with("so…") || html.ends_with("on…"),
            "{html}"
        );
        assert!(html.chars().count() < 270, "{html}");
        let one_word = "a".repeat(1000);
        assert!(of("aa*", None, &[&one_word]).expect("a snippet").len() < 1100);
    }
}
