//! How every text is cleaned before it is stored or compared. PostgreSQL has the same rule as the functions `is_clean_line` and
//! `is_clean_text`, which are made from the tables here.
//!
//! A line is in Unicode's form NFC, has no blank at its ends, and single blanks (U+0020) between its words. A text of several
//! lines consists of such lines with U+000A between them, and neither its first nor its last line is empty. Both have no
//! character that can't be seen and means nothing: those are refused, because leaving one out could change what is meant.

mod tables;

use std::borrow::Cow;
use std::fmt;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use tables::DIRECTION;
pub use tables::{DIRECTION_MARKS, Joining, KEPT, LINE_BREAKS, OTHER_BLANKS, REFUSED, RIGHT_TO_LEFT, Range};

/// Whether a text may have several lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One line: a name, a code, a number, a title.
    Line,
    /// Several lines: a description, a reason, a quote.
    Text,
}

/// A character that a text may not have, and what it is. Displayed as a fault: `has U+202E, which changes the direction of
/// writing; leave it out`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused {
    /// The character.
    pub letter: char,
    /// What it is and what to do, as the end of a sentence.
    pub why: &'static str,
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.at(""))
    }
}

impl Refused {
    /// Returns the fault with the place of the character in it, such as ` in its name`.
    pub fn at(&self, place: &str) -> String {
        format!("has U+{:04X}{place}, which {}", u32::from(self.letter), self.why)
    }
}

const LINE_BREAK: &str = "is a line break; write it on one line";

const NO_MEANING: &str = "has a meaning only within some scripts, and none here; leave it out";

/// Returns the text as one clean line; an empty one if there are only blanks.
///
/// # Errors
/// The first character that a line may not have.
///
/// ```
/// use demarche::text::clean::line;
///
/// assert_eq!(line(" Alpha\u{a0} Trading ")?, "Alpha Trading");
/// assert_eq!(
///     line("a\u{202e}b").map_err(|refused| refused.to_string()),
///     Err("has U+202E, which changes the direction of writing; leave it out".to_owned())
/// );
/// # Ok::<(), demarche::text::clean::Refused>(())
/// ```
pub fn line(text: &str) -> Result<Cow<'_, str>, Refused> {
    clean(text, Form::Line)
}

/// Returns the text in its clean form; an empty one if there are only blanks and line breaks.
///
/// # Errors
/// The first character that a text of this form may not have.
pub fn clean(text: &str, form: Form) -> Result<Cow<'_, str>, Refused> {
    if is_clean_ascii(text, form) {
        return Ok(Cow::Borrowed(text));
    }
    let text = text.trim();
    let normal = if is_nfc(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    };
    let spaced = spaced(&normal, form)?;
    check(&spaced, form)?;
    if spaced == text {
        return Ok(Cow::Borrowed(text));
    }
    Ok(Cow::Owned(spaced))
}

/// Whether a text is in ASCII and clean already, as most are.
fn is_clean_ascii(text: &str, form: Form) -> bool {
    // The byte before; a text begins as after a blank.
    let mut before = b' ';
    for byte in text.bytes() {
        let is_clean = match byte {
            b'!'..=b'~' => true,
            b' ' => before != b' ' && before != b'\n',
            b'\n' => form == Form::Text && before != b' ',
            _ => false,
        };
        if !is_clean {
            return false;
        }
        before = byte;
    }
    text.is_empty() || !matches!(before, b' ' | b'\n')
}

/// Returns a text that is trimmed already with single blanks, and line breaks alike.
fn spaced(text: &str, form: Form) -> Result<String, Refused> {
    let mut spaced = String::with_capacity(text.len());
    let mut after_blank = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if LINE_BREAKS.contains(&letter) {
            if form == Form::Line {
                return Err(Refused {
                    letter,
                    why: LINE_BREAK,
                });
            }
            if letter == '\r' {
                letters.next_if_eq(&'\n');
            }
            spaced.push('\n');
            after_blank = false;
        } else if letter.is_whitespace() {
            after_blank = true;
        } else {
            // A blank that begins a line is left out, and so is one that ends a line.
            if after_blank && !spaced.ends_with('\n') {
                spaced.push(' ');
            }
            after_blank = false;
            spaced.push(letter);
        }
    }
    Ok(spaced)
}

/// Refuses characters that mean nothing.
fn check(text: &str, form: Form) -> Result<(), Refused> {
    // Found once: a long text may have many marks.
    let keeps_marks = form == Form::Text && text.chars().any(|letter| is_in(RIGHT_TO_LEFT, letter));
    let mut before = None;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let after = letters.peek().copied();
        if !letter.is_ascii_graphic()
            && let Some(why) = why_refused(before, letter, after, keeps_marks)
        {
            return Err(Refused { letter, why });
        }
        before = Some(letter);
    }
    Ok(())
}

fn is_in(ranges: &[Range], letter: char) -> bool {
    ranges
        .iter()
        .any(|(first, last)| (*first..=*last).contains(&letter))
}

/// Returns why a letter is refused between its neighbours; `None` if it is not. `keeps_marks` says whether marks of direction mean
/// something in the text.
fn why_refused(
    before: Option<char>,
    letter: char,
    after: Option<char>,
    keeps_marks: bool,
) -> Option<&'static str> {
    if let Some((_, why)) = REFUSED
        .iter()
        .find(|((first, last), _)| (*first..=*last).contains(&letter))
    {
        return Some(why);
    }
    if is_in(DIRECTION_MARKS, letter) {
        return (!keeps_marks).then_some(DIRECTION);
    }
    if !KEPT.iter().any(|kept| is_in(kept.letters, letter)) {
        return None;
    }
    let is_kept = KEPT.iter().any(|kept| {
        is_in(kept.letters, letter)
            && before.is_some_and(|before| is_in(kept.after, before))
            && (kept.before.is_empty() || after.is_some_and(|after| is_in(kept.before, after)))
    });
    (!is_kept).then_some(NO_MEANING)
}

#[cfg(test)]
mod tests {
    use unicode_normalization::char::canonical_combining_class;

    use super::tables::VIRAMAS;
    use super::*;

    fn cleaned(text: &str, form: Form) -> Result<String, String> {
        match clean(text, form) {
            Ok(text) => Ok(text.into_owned()),
            Err(refused) => Err(format!("{:04X}", u32::from(refused.letter))),
        }
    }

    #[test]
    fn blanks_are_single_and_letters_composed() {
        for (sent, kept) in [
            ("", ""),
            (" \t\u{a0}\n", ""),
            ("KPe.023 ", "KPe.023"),
            ("Alpha\u{a0}Trading", "Alpha Trading"),
            ("\u{3000}wide\u{2009} \tblanks\r\n", "wide blanks"),
            ("Андреи\u{306}", "Андрей"),
            ("\u{212b}", "Å"),
            ("a \u{301}", "a \u{301}"),
        ] {
            assert_eq!(cleaned(sent, Form::Line), Ok(kept.to_owned()), "{sent:?}");
        }
        for (sent, kept) in [
            ("a\r\nb\rc\u{2028}d\u{85}e", "a\nb\nc\nd\ne"),
            ("\n a \u{a0}b \n\n\t c \r\n", "a b\n\nc"),
            ("one line", "one line"),
        ] {
            assert_eq!(cleaned(sent, Form::Text), Ok(kept.to_owned()), "{sent:?}");
        }
    }

    #[test]
    fn invisible_characters_are_kept_where_a_script_needs_them() {
        for kept in [
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "ക്\u{200d}",
            "ක්\u{200d}ෂ",
            "সূর\u{200d}্য",
            "ه\u{200d}. 1380",
            "👩\u{200d}👧",
            "❤\u{fe0f}\u{200d}🔥",
            "1\u{fe0f}\u{20e3}",
            "葛\u{e0100}飾",
            "ᠠ\u{180b}",
            "\u{600}١",
        ] {
            assert_eq!(cleaned(kept, Form::Line), Ok(kept.to_owned()), "{kept:?}");
        }
        for (sent, letter) in [
            ("\u{200b}", "200B"),
            ("bidi\u{202e}name", "202E"),
            ("line\nbreak", "000A"),
            ("a\u{200d}b", "200D"),
            ("می\u{200c}", "200C"),
            ("می\u{200c}\u{200c}خ", "200C"),
            ("A\u{fe0f}", "FE0F"),
            ("soft\u{ad}hyphen", "00AD"),
            ("\u{feff}mark", "FEFF"),
            ("עברית\u{200f}", "200F"),
            ("a\u{0}b", "0000"),
            ("a\u{1b}[0m", "001B"),
            ("\u{e000}", "E000"),
            ("\u{10ffff}", "10FFFF"),
            ("🏴\u{e0067}", "E0067"),
            ("a\u{fffc}", "FFFC"),
            ("\u{2800}", "2800"),
            ("\u{3164}", "3164"),
        ] {
            assert_eq!(cleaned(sent, Form::Line), Err(letter.to_owned()), "{sent:?}");
        }
        assert!(clean("עברית\u{200f}!", Form::Text).is_ok());
        assert!(clean("Latin\u{200f}!", Form::Text).is_err());
    }

    #[test]
    fn the_blanks_are_those_of_unicode() {
        for letter in '\0'..=char::MAX {
            let is_listed = letter == ' '
                || LINE_BREAKS.contains(&letter)
                || OTHER_BLANKS
                    .iter()
                    .any(|(first, last)| (*first..=*last).contains(&letter));
            assert_eq!(letter.is_whitespace(), is_listed, "U+{:04X}", u32::from(letter));
        }
    }

    #[test]
    fn the_viramas_are_marks_of_class_nine() {
        let listed = |letter: &char| {
            VIRAMAS
                .iter()
                .any(|(first, last)| (first..=last).contains(&letter))
        };
        for letter in '\0'..'\u{11fff}' {
            if listed(&letter) {
                assert_eq!(
                    canonical_combining_class(letter),
                    9,
                    "U+{:04X}",
                    u32::from(letter)
                );
            } else if letter < '\u{ffff}' {
                assert_ne!(
                    canonical_combining_class(letter),
                    9,
                    "U+{:04X}",
                    u32::from(letter)
                );
            }
        }
    }

    #[test]
    fn a_clean_text_stays_as_it_is() {
        // Beyond U+3400 most characters are alike.
        let letters = ('\0'..'\u{3400}').chain(('\u{3400}'..=char::MAX).step_by(101));
        for letter in letters {
            for form in [Form::Line, Form::Text] {
                let text = format!(" a{letter}\u{301} {letter}b{letter}");
                if let Ok(once) = clean(&text, form) {
                    assert_eq!(clean(&once, form).as_deref(), Ok(&*once), "{text:?}");
                }
            }
        }
    }
}
