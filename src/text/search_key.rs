//! The key by which names are found: two spellings of a name that differ only in capitals, marks, apostrophes, hyphens,
//! brackets, commas or blanks have the same key. PostgreSQL has the same rule as the function `plain_name`, which is made from the tables here.
//!
//! The key is for searching, not for reading: it leaves out vowel signs of Indic scripts and points of Hebrew, which are
//! combining marks. Characters that Unicode assigned after version 14 may have another key in PostgreSQL 15.

use std::iter::once;
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Characters that are written within a word and left out as often: apostrophes, the signs for hamza and ayin, the tatweel,
/// soft hyphens and joiners.
pub const LEFT_OUT: &[char] = &[
    '\'', '`', '\u{ad}', '´', 'ʹ', 'ʺ', 'ʻ', 'ʼ', 'ʽ', 'ʾ', 'ʿ', 'ˈ', '׳', '״', 'ـ', '\u{200b}', '\u{200c}',
    '\u{200d}', '\u{2060}', '‘', '’', '‚', '‛', '′', '‵', 'Ꞌ', 'ꞌ', '＇',
];

/// Characters that separate words as a blank does: hyphens, dashes, middle dots, brackets and commas.
const SEPARATORS: &[char] = &[
    '(', ')', '[', ']', ',', '،', '、', '〔', '〕', '【', '】', '-', '·', '֊', '־', '‐', '‑', '‒', '–', '—',
    '―', '‧', '−', '・', '﹘', '﹣', '－', '･',
];

/// Letters without a decomposition in Unicode, as they are written without their stroke or hook. In small letters.
const PLAIN_LETTERS: &[(char, &str)] = &[
    ('æ', "ae"),
    ('œ', "oe"),
    ('ø', "o"),
    ('þ', "th"),
    ('ð', "d"),
    ('đ', "d"),
    ('ħ', "h"),
    ('ł', "l"),
    ('ŋ', "n"),
    ('ŧ', "t"),
    ('ĸ', "k"),
    ('ƀ', "b"),
    ('ɓ', "b"),
    ('ɗ', "d"),
    ('ǥ', "g"),
    ('ɨ', "i"),
    ('ƙ', "k"),
    ('ʉ', "u"),
    ('ƴ', "y"),
];

/// Returns the key of a name.
///
/// ```
/// use demarche::text::search_key::search_key;
///
/// assert_eq!(search_key("ΝΙΚΟΣ"), search_key("Νίκος"));
/// assert_eq!(search_key("Al-Qāʿida"), "al qaida");
/// ```
pub fn search_key(name: &str) -> String {
    let folded: String = name
        .chars()
        // Before ´ is decomposed into a blank and a mark.
        .filter(|letter| !LEFT_OUT.contains(letter))
        .nfkd()
        .flat_map(|letter| fold(letter).into_iter().flatten())
        .nfc()
        .collect();
    let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Returns the words of a text as a search compares them: runs of letters and digits of its key.
///
/// ```
/// use demarche::text::search_key::search_words;
///
/// assert_eq!(search_words("https://Łódź.pl/O'Brien"), ["https", "lodz", "pl", "obrien"]);
/// ```
pub fn search_words(text: &str) -> Vec<String> {
    search_key(text)
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Returns whether a character of a text belongs to a word, also if the key leaves it out.
pub fn is_in_word(letter: char) -> bool {
    letter.is_alphanumeric() || is_combining_mark(letter) || LEFT_OUT.contains(&letter)
}

/// Returns what a character of the decomposed name is in the key; `None` if it is left out.
fn fold(letter: char) -> Option<impl Iterator<Item = char>> {
    if is_combining_mark(letter) || LEFT_OUT.contains(&letter) {
        return None;
    }
    let letter = if letter.is_whitespace() || SEPARATORS.contains(&letter) {
        ' '
    } else {
        letter
    };
    // By way of the capitals, so that all forms of a small letter become one: ς and σ, ß and ss, ı and i.
    let small = letter
        .to_lowercase()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase);
    Some(small.flat_map(|small| {
        let plain = PLAIN_LETTERS.iter().find(|(letter, _)| *letter == small);
        let (text, own) = match plain {
            Some((_, text)) => (*text, None),
            None => ("", Some(small)),
        };
        text.chars().chain(own)
    }))
}

/// The ranges of Unicode outside of which no character has a capital or is a mark: not those of Chinese characters, of Yi and
/// Tangut, of Korean syllables, and of private use. A test looks at every character.
const WITH_FORMS: &[RangeInclusive<char>] = &[
    '\0'..='\u{33ff}',
    '\u{a490}'..='\u{abff}',
    '\u{f900}'..='\u{16fff}',
    '\u{1b000}'..='\u{1ffff}',
    '\u{e0000}'..='\u{e0fff}',
];

/// The rule as data, over all characters that have no decomposition.
#[derive(Debug, Default)]
pub struct Tables {
    /// Characters that become one other character, each with that character.
    pub replaced: Vec<(char, char)>,
    /// Characters that become several, each with these.
    pub spelled_out: Vec<(char, String)>,
    /// The first and last character of each run of combining marks.
    pub marks: Vec<(char, char)>,
}

impl Tables {
    /// Returns the tables.
    pub fn get() -> &'static Self {
        static TABLES: LazyLock<Tables> = LazyLock::new(Tables::new);
        &TABLES
    }

    fn new() -> Self {
        let mut tables = Self::default();
        for letter in WITH_FORMS.iter().cloned().flatten() {
            if is_combining_mark(letter) {
                match tables.marks.last_mut() {
                    Some((_, last)) if u32::from(*last) + 1 == u32::from(letter) => *last = letter,
                    _ => tables.marks.push((letter, letter)),
                }
                continue;
            }
            if !is_folded_to_itself(letter) && has_no_decomposition(letter) {
                let Some(folded) = fold(letter) else {
                    continue;
                };
                let folded: String = folded.collect();
                let mut letters = folded.chars();
                match (letters.next(), letters.next()) {
                    (Some(one), None) if one != letter => tables.replaced.push((letter, one)),
                    (Some(_), Some(_)) => tables.spelled_out.push((letter, folded)),
                    _ => {}
                }
            }
        }
        tables
    }
}

/// Whether the key surely has the character as it is. Most characters are such; folding each of them would take a third of a
/// second in a debug build.
fn is_folded_to_itself(letter: char) -> bool {
    letter.to_lowercase().eq([letter])
        && letter.to_uppercase().eq([letter])
        && !letter.is_whitespace()
        && !LEFT_OUT.contains(&letter)
        && !SEPARATORS.contains(&letter)
        && !PLAIN_LETTERS.iter().any(|(plain, _)| *plain == letter)
}

fn has_no_decomposition(letter: char) -> bool {
    let mut decomposed = Vec::new();
    decompose_compatible(letter, |part| decomposed.push(part));
    decomposed.into_iter().eq(once(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_have_one_key() {
        for (one, other) in [
            ("ΝΙΚΟΣ ΔΟΚΙΜΟΣ", "Νίκος Δόκιμος"),
            ("Андреи\u{306} Тестов", "Андрей Тестов"),
            ("مُحَمَّد تجربة", "محمد تجربة"),
            ("محـــمد", "محمد"),
            ("שָׁלוֹם", "שלום"),
            ("ХЛЕБ", "хлеб"),
            ("Qāʿida", "qaida"),
            ("O’Brien", "obrien"),
            ("Al-Qaida", "al  Qaida"),
            ("Alpha\u{a0}Trading", "alpha trading"),
            ("Straße", "STRASSE"),
            ("STRAẞE", "strasse"),
            ("Łódź", "lodz"),
            ("Ødegård", "ODEGARD"),
            ("ISTANBUL", "ıstanbul"),
            ("İstanbul", "istanbul"),
            ("ＦＵＬＬ", "full"),
            ("ﬁrm", "FIRM"),
            ("김정은", "\u{1100}\u{1175}\u{11b7}정은"),
            ("ジョン・スミス", "ジョン スミス"),
            ("Iran (Islamic Republic of)", "iran islamic republic of"),
            ("Foo, Inc.", "foo inc."),
            ("Foo（Bar）", "foo [bar]"),
            ("და", "ᲓᲐ"),
        ] {
            assert_eq!(search_key(one), search_key(other), "{one} and {other}");
        }
    }

    #[test]
    fn different_names_have_different_keys() {
        for (one, other) in [("김", "기"), ("Ann", "An"), ("100%", "100_"), ("a b", "ab")] {
            assert_ne!(search_key(one), search_key(other), "{one} and {other}");
        }
        assert_eq!(search_key(" ʿ- "), "");
    }

    fn is_in_ranges(letter: char) -> bool {
        WITH_FORMS.iter().any(|range| range.contains(&letter))
    }

    #[test]
    fn no_character_beyond_the_ranges_has_another_form() {
        for letter in ('\0'..=char::MAX).filter(|letter| !is_in_ranges(*letter)) {
            let has_one_form = letter.to_lowercase().eq([letter])
                && letter.to_uppercase().eq([letter])
                && !is_combining_mark(letter)
                && !letter.is_whitespace();

            assert!(has_one_form, "U+{:04X}", u32::from(letter));
        }
    }

    #[test]
    fn the_key_of_a_key_is_itself() {
        for letter in ('\0'..=char::MAX).filter(|letter| is_in_ranges(*letter)) {
            let key = search_key(&letter.to_string());

            assert_eq!(search_key(&key), key, "U+{:04X}", u32::from(letter));
        }
    }
}
