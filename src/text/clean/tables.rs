//! The characters that the rule of clean texts is about, by Unicode's code charts. `db::clean_text` makes its SQL from them.

/// The first and the last character of a range.
pub type Range = (char, char);

/// The characters that end a line: all are U+000A in a clean text.
pub const LINE_BREAKS: &[char] = &['\n', '\u{b}', '\u{c}', '\r', '\u{85}', '\u{2028}', '\u{2029}'];

const CONTROL: &str = "is a control character; leave it out";
pub(super) const DIRECTION: &str = "changes the direction of writing; leave it out";
const INVISIBLE: &str = "is invisible; leave it out";

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
pub(super) const VIRAMAS: &[Range] = &[
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
