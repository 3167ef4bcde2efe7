//! The query of a search: its terms, and how they are combined. The syntax is that of search engines, and of PostgreSQL's
//! `websearch_to_tsquery`; in addition a `*` ends the beginning of a word.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::text::is_longer_than;
use crate::text::search_key::search_words;

/// The name of the parameter.
pub const Q: &str = "q";

/// The largest number of letters of a query.
const MOST_LETTERS: usize = 500;
/// The largest number of different terms of a query. There is a bit for each.
const MOST_TERMS: usize = 32;
/// The least number of letters before a `*`.
const LEAST_BEGINNING: usize = 2;

/// How the words of a term are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// A word in any form, or words side by side.
    Word,
    /// As it is written: within quotes.
    Exact,
    /// The last word is the beginning of one.
    Prefix,
}

impl Mode {
    /// Returns the word by which the SQL function `search_query` knows the mode.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Word => "word",
            Self::Exact => "exact",
            Self::Prefix => "prefix",
        }
    }

    /// Returns the mode of the query by which matches are ranked.
    pub(super) const fn ranked_by(self) -> &'static str {
        match self {
            Self::Word => "forms",
            Self::Exact | Self::Prefix => self.word(),
        }
    }
}

/// What a record must have, or must not have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// How the words are compared.
    pub mode: Mode,
    /// The words, as [`search_words`] returns them; at least one.
    pub words: Vec<String>,
}

/// Terms that are asked for together: bits of their numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Group {
    /// The terms that a record must have.
    all: u64,
    /// The terms that it must not have.
    none: u64,
}

/// A query that was read from the parameter `q`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FullText {
    terms: Vec<Term>,
    /// All words in their order; `None` if the query asks for more than words.
    words: Option<Vec<String>>,
    /// A record matches if it matches one of them.
    groups: Vec<Group>,
}

impl FullText {
    /// Reads a query. `petro visa` asks for both words, `petro or visa` for one of them, `"visa ban"` for both side by side as they
    /// are written, `-visa` excludes, `petr*` asks for words that begin so.
    ///
    /// # Errors
    /// Malformed request if the query has no word, too many, or a part that says only what to exclude.
    pub fn parse(text: &str) -> Result<Self> {
        let refused = |detail: String| Error::malformed(format!("?{Q}"), detail);
        if is_longer_than(text, MOST_LETTERS) {
            return Err(refused(format!(
                "{Q} has more than {MOST_LETTERS} letters; search for the words that matter"
            )));
        }
        let mut query = Self {
            terms: Vec::new(),
            words: None,
            groups: Vec::new(),
        };
        let mut group = Group::default();
        let mut all_words = Vec::new();
        let mut are_words = true;
        let mut is_next_excluded = false;
        let tokens = tokens(text);
        let has_brackets = tokens
            .iter()
            .any(|token| token.mode != Mode::Exact && token.text.contains(['(', ')']));
        for token in tokens {
            match token.operator() {
                Some(Operator::Or) if has_brackets => {
                    return Err(refused(format!(
                        "{Q} has no brackets; write (petro or maduro) visa as petro visa or maduro visa, or leave the brackets out"
                    )));
                }
                Some(Operator::Or) => {
                    query.close(std::mem::take(&mut group))?;
                    is_next_excluded = false;
                    continue;
                }
                Some(Operator::And) => continue,
                Some(Operator::Not) => {
                    is_next_excluded = true;
                    continue;
                }
                None => {}
            }
            let words = search_words(token.text);
            let Some(last) = words.last() else {
                continue;
            };
            if token.mode == Mode::Prefix && last.chars().count() < LEAST_BEGINNING {
                return Err(refused(format!(
                    "{last}* is too short; write at least {LEAST_BEGINNING} letters before the *"
                )));
            }
            let is_excluded = std::mem::take(&mut is_next_excluded) || token.is_excluded;
            are_words &= !is_excluded && token.mode != Mode::Prefix;
            all_words.extend_from_slice(&words);
            let term = Term {
                mode: token.mode,
                words,
            };
            let number = match query.terms.iter().position(|known| *known == term) {
                Some(number) => number,
                None => {
                    query.terms.push(term);
                    query.terms.len() - 1
                }
            };
            if query.terms.len() > MOST_TERMS {
                return Err(refused(format!(
                    "{Q} has more than {MOST_TERMS} words; search for those that matter"
                )));
            }
            if is_excluded {
                group.none |= 1 << number;
            } else {
                group.all |= 1 << number;
            }
        }
        query.close(group)?;
        query.words = Some(all_words).filter(|_| are_words && query.groups.len() == 1);
        if query.groups.is_empty() {
            return Err(refused(format!(
                "{Q} has no word; write words such as {Q}=petro, or leave {Q} out"
            )));
        }
        Ok(query)
    }

    /// Ends a group. One without any term, such as that before a leading `or`, is none.
    fn close(&mut self, group: Group) -> Result<()> {
        if group.all == 0 && group.none != 0 {
            return Err(Error::malformed(
                format!("?{Q}"),
                "a word with - before it is excluded; write another word that records must have",
            ));
        }
        if group.all != 0 {
            self.groups.push(group);
        }
        Ok(())
    }

    /// Returns the terms in the order of their numbers.
    pub(super) fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// Returns the terms that a record may have to match, as JSON: those that a snippet marks.
    pub(super) fn wanted(&self) -> String {
        let wanted = self.groups.iter().fold(0, |all, group| all | group.all);
        let terms: Vec<&Term> = self
            .terms
            .iter()
            .enumerate()
            .filter(|(number, _)| wanted & (1 << number) != 0)
            .map(|(_, term)| term)
            .collect();
        serde_json::json!(terms).to_string()
    }

    /// Returns the words of the query in their order, if it asks for words alone: they may be a whole name.
    pub(super) fn whole(&self) -> Option<String> {
        self.words.as_ref().map(|words| words.join(" "))
    }

    /// Returns the condition that a record matches; `bits` is the expression of the bits of the terms that it has.
    pub(super) fn condition(&self, bits: &str) -> String {
        let groups: Vec<String> = self
            .groups
            .iter()
            .map(|Group { all, none }| format!("({bits} & {all} = {all} and {bits} & {none} = 0)"))
            .collect();
        groups.join(" or ")
    }
}

/// A part of a query between blanks, or between quotes.
struct Token<'t> {
    text: &'t str,
    mode: Mode,
    is_excluded: bool,
}

/// A token that is no word. `and` and `not` in small letters are words: titles have them.
enum Operator {
    And,
    Not,
    Or,
}

impl Token<'_> {
    fn operator(&self) -> Option<Operator> {
        if self.is_excluded || self.mode != Mode::Word {
            return None;
        }
        match self.text {
            "AND" => Some(Operator::And),
            "NOT" => Some(Operator::Not),
            "|" | "||" => Some(Operator::Or),
            word if word.eq_ignore_ascii_case("or") => Some(Operator::Or),
            _ => None,
        }
    }
}

const QUOTES: &[char] = &['"', '“', '”', '„', '«', '»'];

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (is_excluded, after) = match rest.strip_prefix('-') {
            Some(after) => (true, after),
            None => (false, rest),
        };
        if let Some(quoted) = after.strip_prefix(QUOTES) {
            // A quote that is not closed reaches to the end.
            let (inside, after) = quoted.split_once(QUOTES).unwrap_or((quoted, ""));
            tokens.push(Token {
                text: inside,
                mode: Mode::Exact,
                is_excluded,
            });
            rest = after.trim_start();
            continue;
        }
        let end = after
            .find(|letter: char| letter.is_whitespace() || QUOTES.contains(&letter))
            .unwrap_or(after.len());
        let (word, next) = after.split_at(end);
        tokens.push(Token {
            text: word,
            mode: if word.ends_with('*') {
                Mode::Prefix
            } else {
                Mode::Word
            },
            is_excluded,
        });
        rest = next.trim_start();
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<(Mode, String)>, String) {
        let query = FullText::parse(text).expect(text);
        let terms = query
            .terms
            .iter()
            .map(|term| (term.mode, term.words.join(" ")))
            .collect();
        (terms, query.condition("b"))
    }

    #[test]
    fn a_query_has_words_quotes_exclusions_and_alternatives() {
        let word = |text: &str| (Mode::Word, text.to_owned());
        let exact = |text: &str| (Mode::Exact, text.to_owned());

        assert_eq!(
            read("Petro"),
            (vec![word("petro")], "(b & 1 = 1 and b & 0 = 0)".to_owned())
        );
        assert_eq!(
            read("Bogotá  -\"visa ban\" OR al-Qaida petro*").0,
            [
                word("bogota"),
                exact("visa ban"),
                word("al qaida"),
                (Mode::Prefix, "petro".to_owned())
            ]
        );
        assert_eq!(
            read("a -b or a c").1,
            "(b & 1 = 1 and b & 2 = 0) or (b & 5 = 5 and b & 0 = 0)"
        );
        assert_eq!(read("“or”x").0, [exact("or"), word("x")]);
        assert_eq!(
            read("https://home.treasury.gov/x").0,
            [word("https home treasury gov x")]
        );
        assert_eq!(read("or \"petro").0, [exact("petro")]);
        assert_eq!(read("a AND b NOT c"), read("a b -c"));
        assert_eq!(read("a | b"), read("a or b"));
        assert_eq!(read("a NOT or b"), read("a or b"));
        assert_eq!(read("a NOT -b c"), read("a -b c"));
        assert_eq!(read("\"b (c)\" or d").0, [exact("b c"), word("d")]);
        assert_eq!(read("and not").0, [word("and"), word("not")]);
        assert_eq!(read("Bank (Cyprus)").0, [word("bank"), word("cyprus")]);
    }

    #[test]
    fn a_query_of_words_alone_may_be_a_whole_name() {
        let whole = |text: &str| FullText::parse(text).expect(text).whole();

        assert_eq!(whole("Gustavo Petro").as_deref(), Some("gustavo petro"));
        assert_eq!(whole("\"al-Qaida\"").as_deref(), Some("al qaida"));
        assert_eq!(whole("Sirhan Sirhan").as_deref(), Some("sirhan sirhan"));
        for text in ["petro or maduro", "petro -visa", "petr*"] {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    #[test]
    fn a_query_without_words_is_refused() {
        for text in [
            "",
            " ",
            "-",
            "\"\"",
            "or",
            "-petro",
            "petro or -visa",
            "& | ! ( ) : * < - > ' \" \\",
            "p*",
            "NOT petro",
            "(petro or maduro) visa",
        ] {
            assert!(FullText::parse(text).is_err(), "{text}");
        }
        assert!(FullText::parse(&"a".repeat(501)).is_err());
        let words = |number: usize| (0..number).map(|word| format!("w{word} ")).collect::<String>();
        assert!(FullText::parse(&words(32)).is_ok());
        assert!(FullText::parse(&words(33)).is_err());
        // The same word twice is one.
        assert!(FullText::parse(&"petro ".repeat(80)).is_ok());
    }
}
