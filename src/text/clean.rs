//! How every text is cleaned before it is stored or compared. PostgreSQL has the same rule as the functions `is_clean_line` and
//! `is_clean_text`, which are made from the tables here.
//!
//! A line is in Unicode's form NFC, has no blank at its ends, and single blanks (U+0020) between its words. A text of several
//! lines consists of such lines with U+000A between them, and neither its first nor its last line is empty. Both have no
//! character that can't be seen and means nothing: those are refused, because leaving one out could change what is meant.

use std::borrow::Cow;
use std::fmt;

use unicode_normalization::{UnicodeNormalization, is_nfc};

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

/// The first and the last character of a range.
pub type Range = (char, char);

/// The characters that end a line: all are U+000A in a clean text.
pub const LINE_BREAKS: &[char] = &['\n', '\u{b}', '\u{c}', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

const CONTROL: &str = "is a control character; leave it out";
const LINE_BREAK: &str = "is a line break; write it on one line";
const DIRECTION: &str = "changes the direction of writing; leave it out";
const INVISIBLE: &str = "is invisible; leave it out";
const NO_MEANING: &str = "has a meaning only within some scripts, and none here; leave it out";

/// The characters that no text may have, and why. The first range that has a character counts.
pub const REFUSED: &[(Range, &str)] = &[
    (('\0', '\u{8}'), CONTROL),
    (('\u{e}', '\u{1f}'), CONTROL),
    (('\u{7f}', '\u{84}'), CONTROL),
    (('\u{86}', '\u{9f}'), CONTROL),
    (('\u{ad}', '\u{ad}'), INVISIBLE),
    (('\u{115f}', '\u{1160}'), INVISIBLE),
    (('\u{17b4}', '\u{17b5}'), INVISIBLE),
    (('\u{200b}', '\u{200b}'), INVISIBLE),
    (('\u{202a}', '\u{202e}'), DIRECTION),
    (('\u{2060}', '\u{2065}'), INVISIBLE),
    (('\u{2066}', '\u{2069}'), DIRECTION),
    (('\u{206a}', '\u{206f}'), INVISIBLE),
    (('\u{2800}', '\u{2800}'), "looks like a blank; write a blank"),
    (('\u{3164}', '\u{3164}'), INVISIBLE),
    (
        ('\u{e000}', '\u{f8ff}'),
        "is for private use and differs from font to font; leave it out",
    ),
    (
        ('\u{fdd0}', '\u{fdef}'),
        "is no character of Unicode; leave it out",
    ),
    (('\u{feff}', '\u{feff}'), INVISIBLE),
    (('\u{ffa0}', '\u{ffa0}'), INVISIBLE),
    (('\u{fff0}', '\u{fffb}'), INVISIBLE),
    (
        ('\u{fffc}', '\u{fffc}'),
        "stands for an object that is not there; leave it out",
    ),
    (
        ('\u{fffe}', '\u{ffff}'),
        "is no character of Unicode; leave it out",
    ),
    (('\u{1bca0}', '\u{1bca3}'), INVISIBLE),
    (('\u{1d173}', '\u{1d17a}'), INVISIBLE),
    (
        ('\u{1fffe}', '\u{1ffff}'),
        "is no character of Unicode; leave it out",
    ),
    (
        ('\u{2fffe}', '\u{2ffff}'),
        "is no character of Unicode; leave it out",
    ),
    (
        ('\u{3fffe}', '\u{3ffff}'),
        "is no character of Unicode; leave it out",
    ),
    (
        ('\u{4fffe}', '\u{4ffff}'),
        "is no character of Unicode; leave it out",
    ),
    (
        ('\u{5fffe}', '\u{5ffff}'),
        "is no character of Unicode; leave it out",
    ),
    (
        ('\u{6fffe}', '\u{6ffff}'),
        "is no character of Unicode; leave it out",
    ),
    (
        ('\u{7fffe}', '\u{7ffff}'),
        "is no character of Unicode; leave it out",
    ),
    (
        ('\u{8fffe}', '\u{8ffff}'),
        "is no character of Unicode; leave it out",
    ),
    (
        ('\u{9fffe}', '\u{9ffff}'),
        "is no character of Unicode; leave it out",
    ),
    (
        ('\u{afffe}', '\u{affff}'),
        "is no character of Unicode; leave it out",
    ),
    (
        ('\u{bfffe}', '\u{bffff}'),
        "is no character of Unicode; leave it out",
    ),
    (
        ('\u{cfffe}', '\u{cffff}'),
        "is no character of Unicode; leave it out",
    ),
    (
        ('\u{dfffe}', '\u{dffff}'),
        "is no character of Unicode; leave it out",
    ),
    (('\u{e0000}', '\u{e00ff}'), INVISIBLE),
    (('\u{e01f0}', '\u{e0fff}'), INVISIBLE),
    (
        ('\u{efffe}', '\u{effff}'),
        "is no character of Unicode; leave it out",
    ),
    (
        ('\u{f0000}', '\u{10ffff}'),
        "is for private use and differs from font to font; leave it out",
    ),
];

/// The blanks of Unicode other than U+0020, and the tab: a clean text has none of them.
pub const OTHER_BLANKS: &[Range] = &[
    ('\t', '\t'),
    ('\u{a0}', '\u{a0}'),
    ('\u{1680}', '\u{1680}'),
    ('\u{2000}', '\u{200a}'),
    ('\u{202f}', '\u{202f}'),
    ('\u{205f}', '\u{205f}'),
    ('\u{3000}', '\u{3000}'),
];

/// Marks that set the direction of a sign between words of two directions. A line has none of them; a text of several lines
/// may have them beside letters that are written from right to left ([`RIGHT_TO_LEFT`]).
pub const DIRECTION_MARKS: &[Range] = &[('\u{61c}', '\u{61c}'), ('\u{200e}', '\u{200f}')];

/// The scripts that are written from right to left.
pub const RIGHT_TO_LEFT: &[Range] = &[
    ('\u{591}', '\u{61b}'),
    ('\u{61d}', '\u{8ff}'),
    ('\u{fb1d}', '\u{fdcf}'),
    ('\u{fdf0}', '\u{fdff}'),
    ('\u{fe70}', '\u{fefc}'),
    ('\u{10800}', '\u{10fff}'),
    ('\u{1e800}', '\u{1efff}'),
];

/// Invisible characters that change how their neighbours are written, and the neighbours beside which they mean something.
#[derive(Debug)]
pub struct Joining {
    /// The invisible characters.
    pub letters: &'static [Range],
    /// What stands before them.
    pub after: &'static [Range],
    /// What follows them; anything if empty.
    pub before: &'static [Range],
}

/// The zero-width non-joiner and joiner.
const JOINERS: &[Range] = &[('\u{200c}', '\u{200d}')];

/// Where an invisible character is kept because it means something.
pub const KEPT: &[Joining] = &[
    Joining {
        letters: JOINERS,
        after: VIRAMAS,
        before: &[],
    },
    Joining {
        letters: JOINERS,
        after: JOINING_SCRIPTS,
        before: JOINING_SCRIPTS,
    },
    // The abbreviation of the Hijri year: the first form of heh.
    Joining {
        letters: &[('\u{200d}', '\u{200d}')],
        after: &[('ه', 'ه')],
        before: &[],
    },
    Joining {
        letters: &[('\u{200d}', '\u{200d}')],
        after: &[('←', '⯿'), ('\u{fe0f}', '\u{fe0f}'), ('\u{1f000}', '\u{1faff}')],
        before: &[('←', '⯿'), ('\u{1f000}', '\u{1faff}')],
    },
    // Variation selectors.
    Joining {
        letters: &[('\u{fe00}', '\u{fe0f}'), ('\u{e0100}', '\u{e01ef}')],
        after: WITH_VARIANTS,
        before: &[],
    },
    Joining {
        letters: &[('\u{180b}', '\u{180f}')],
        after: &[('\u{1820}', '\u{18aa}')],
        before: &[],
    },
    // The grapheme joiner parts points of Hebrew.
    Joining {
        letters: &[('\u{34f}', '\u{34f}')],
        after: &[('\u{591}', '\u{5ea}')],
        before: &[],
    },
];

/// Signs that leave out the vowel of a consonant, after which a joiner decides how the cluster is written: the marks of the
/// combining class 9.
const VIRAMAS: &[Range] = &[
    ('\u{94d}', '\u{94d}'),
    ('\u{9cd}', '\u{9cd}'),
    ('\u{a4d}', '\u{a4d}'),
    ('\u{acd}', '\u{acd}'),
    ('\u{b4d}', '\u{b4d}'),
    ('\u{bcd}', '\u{bcd}'),
    ('\u{c4d}', '\u{c4d}'),
    ('\u{ccd}', '\u{ccd}'),
    ('\u{d3b}', '\u{d3c}'),
    ('\u{d4d}', '\u{d4d}'),
    ('\u{dca}', '\u{dca}'),
    ('\u{e3a}', '\u{e3a}'),
    ('\u{eba}', '\u{eba}'),
    ('\u{f84}', '\u{f84}'),
    ('\u{1039}', '\u{103a}'),
    ('\u{1714}', '\u{1715}'),
    ('\u{1734}', '\u{1734}'),
    ('\u{17d2}', '\u{17d2}'),
    ('\u{1a60}', '\u{1a60}'),
    ('\u{1b44}', '\u{1b44}'),
    ('\u{1baa}', '\u{1bab}'),
    ('\u{1bf2}', '\u{1bf3}'),
    ('\u{2d7f}', '\u{2d7f}'),
    ('\u{a806}', '\u{a806}'),
    ('\u{a82c}', '\u{a82c}'),
    ('\u{a8c4}', '\u{a8c4}'),
    ('\u{a953}', '\u{a953}'),
    ('\u{a9c0}', '\u{a9c0}'),
    ('\u{aaf6}', '\u{aaf6}'),
    ('\u{abed}', '\u{abed}'),
    ('\u{10a3f}', '\u{10a3f}'),
    ('\u{11046}', '\u{11046}'),
    ('\u{11070}', '\u{11070}'),
    ('\u{1107f}', '\u{1107f}'),
    ('\u{110b9}', '\u{110b9}'),
    ('\u{11133}', '\u{11134}'),
    ('\u{111c0}', '\u{111c0}'),
    ('\u{11235}', '\u{11235}'),
    ('\u{112ea}', '\u{112ea}'),
    ('\u{1134d}', '\u{1134d}'),
    ('\u{11442}', '\u{11442}'),
    ('\u{114c2}', '\u{114c2}'),
    ('\u{115bf}', '\u{115bf}'),
    ('\u{1163f}', '\u{1163f}'),
    ('\u{116b6}', '\u{116b6}'),
    ('\u{1172b}', '\u{1172b}'),
    ('\u{11839}', '\u{11839}'),
    ('\u{1193d}', '\u{1193e}'),
    ('\u{119e0}', '\u{119e0}'),
    ('\u{11a34}', '\u{11a34}'),
    ('\u{11a47}', '\u{11a47}'),
    ('\u{11a99}', '\u{11a99}'),
    ('\u{11c3f}', '\u{11c3f}'),
    ('\u{11d44}', '\u{11d45}'),
    ('\u{11d97}', '\u{11d97}'),
    ('\u{11f41}', '\u{11f42}'),
];

/// The letters and marks of scripts whose letters join, or that have viramas: Arabic, Syriac, N'Ko, Mandaic, the scripts of
/// India, Myanmar and the Khmer, Mongolian, and others of their kinds.
const JOINING_SCRIPTS: &[Range] = &[
    ('\u{620}', '\u{65f}'),
    ('\u{66e}', '\u{6d3}'),
    ('\u{6d5}', '\u{6dc}'),
    ('\u{6df}', '\u{6ef}'),
    ('\u{6fa}', '\u{6ff}'),
    ('\u{710}', '\u{77f}'),
    ('\u{7ca}', '\u{7f5}'),
    ('\u{840}', '\u{88e}'),
    ('\u{897}', '\u{8e1}'),
    ('\u{8e3}', '\u{dff}'),
    ('\u{1000}', '\u{109f}'),
    ('\u{1780}', '\u{17d3}'),
    ('\u{1820}', '\u{18aa}'),
    ('\u{1a20}', '\u{1a7f}'),
    ('\u{1b00}', '\u{1bf3}'),
    ('\u{1cd0}', '\u{1cfa}'),
    ('\u{a840}', '\u{a873}'),
    ('\u{a880}', '\u{a8c5}'),
    ('\u{a8e0}', '\u{a8ff}'),
    ('\u{a980}', '\u{a9c0}'),
    ('\u{a9e0}', '\u{a9fe}'),
    ('\u{aa60}', '\u{aa7f}'),
    ('\u{aae0}', '\u{aaf6}'),
    ('\u{abc0}', '\u{abed}'),
    ('\u{fb50}', '\u{fdcf}'),
    ('\u{fe70}', '\u{fefc}'),
    ('\u{10a00}', '\u{10a3f}'),
    ('\u{10ac0}', '\u{10aff}'),
    ('\u{10b80}', '\u{10baf}'),
    ('\u{10d00}', '\u{10d3f}'),
    ('\u{10ec0}', '\u{10eff}'),
    ('\u{10f30}', '\u{10faf}'),
    ('\u{11000}', '\u{11fbf}'),
    ('\u{1e900}', '\u{1e94b}'),
];

/// Characters of which Unicode or the Ideographic Variation Database has several forms: digits and symbols, signs of Myanmar
/// and Phags-pa, Chinese characters and their punctuation, and emoji.
const WITH_VARIANTS: &[Range] = &[
    ('#', '#'),
    ('*', '*'),
    ('0', '9'),
    ('©', '©'),
    ('®', '®'),
    ('\u{1000}', '\u{109f}'),
    ('‐', '‧'),
    ('‰', '⁞'),
    ('\u{20a0}', '\u{20cf}'),
    ('\u{2100}', '\u{27ff}'),
    ('\u{2900}', '\u{2bff}'),
    ('\u{3001}', '\u{303f}'),
    ('\u{3297}', '\u{3299}'),
    ('\u{3400}', '\u{9fff}'),
    ('\u{a840}', '\u{a877}'),
    ('\u{f900}', '\u{faff}'),
    ('\u{ff01}', '\u{ff60}'),
    ('\u{1f000}', '\u{1faff}'),
    ('\u{20000}', '\u{2fffd}'),
    ('\u{30000}', '\u{3fffd}'),
];

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
    let mut before = None;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let after = letters.peek().copied();
        if !letter.is_ascii_graphic()
            && let Some(why) = why_refused(before, letter, after, form, text)
        {
            return Err(Refused { letter, why });
        }
        before = Some(letter);
    }
    Ok(())
}

fn why_refused(
    before: Option<char>,
    letter: char,
    after: Option<char>,
    form: Form,
    text: &str,
) -> Option<&'static str> {
    let is_in = |ranges: &[Range], letter: char| {
        ranges
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&letter))
    };
    if let Some((_, why)) = REFUSED
        .iter()
        .find(|((first, last), _)| (*first..=*last).contains(&letter))
    {
        return Some(why);
    }
    if is_in(DIRECTION_MARKS, letter) {
        let is_kept = form == Form::Text && text.chars().any(|letter| is_in(RIGHT_TO_LEFT, letter));
        return (!is_kept).then_some(DIRECTION);
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
