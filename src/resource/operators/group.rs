//! Reads groups of filters: `(ground:terrorism,and(measure:travel_ban,has.programme:false))`.

use std::iter::Peekable;
use std::str::Chars;

use crate::query::parameters::stem_of_bounds;
use crate::text::shorten;

/// The most groups that lie within each other, the outermost included.
pub const DEEPEST: usize = 3;
/// The most filters in all groups of a request.
pub const MOST_ITEMS: usize = 20;

/// How the items of a group are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// A record must meet all of them.
    And,
    /// A record must meet one of them.
    Or,
}

/// An item of a group.
#[derive(Debug, PartialEq, Eq)]
pub enum Item {
    /// A name and a value.
    Filter(Named),
    /// Other items.
    Group(Joined, Vec<Item>),
    /// What a record must not meet.
    Not(Box<Item>),
}

/// A name and a value, and where the name begins.
#[derive(Debug, PartialEq, Eq)]
pub struct Named {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
    /// The number of the name's first letter, from 1.
    pub at: usize,
}

/// Returns the items of a group in parentheses. `room` is how many filters the request may still have.
///
/// # Errors
/// What is wrong, with the number of the letter, from 1.
pub fn read(text: &str, room: &mut usize) -> Result<Vec<Item>, String> {
    let mut reader = Reader {
        letters: text.chars().peekable(),
        at: 1,
        room,
    };
    let items = reader.group(1)?;
    match reader.letters.peek() {
        None => Ok(items),
        Some(_) => Err(reader.expected("the end")),
    }
}

struct Reader<'t> {
    letters: Peekable<Chars<'t>>,
    /// The number of the next letter.
    at: usize,
    room: &'t mut usize,
}

impl Reader<'_> {
    fn expected(&mut self, what: &str) -> String {
        match self.letters.peek() {
            None => format!("expected {what} at letter {}, where it ends", self.at),
            Some(found) => format!("expected {what} at letter {}, not {found}", self.at),
        }
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.letters.next()?;
        self.at += 1;
        Some(letter)
    }

    fn skip_blanks(&mut self) {
        while self.letters.peek() == Some(&' ') {
            self.next();
        }
    }

    fn group(&mut self, depth: usize) -> Result<Vec<Item>, String> {
        if depth > DEEPEST {
            return Err(format!(
                "the group at letter {} lies more than {DEEPEST} deep",
                self.at
            ));
        }
        if self.letters.peek() != Some(&'(') {
            return Err(self.expected("("));
        }
        self.next();
        let mut items = Vec::new();
        loop {
            self.skip_blanks();
            let item = self.item(depth, items.last())?;
            items.push(item);
            self.skip_blanks();
            match self.letters.peek() {
                Some(',') => {
                    self.next();
                }
                Some(')') => {
                    self.next();
                    return Ok(items);
                }
                Some(_) | None => return Err(self.expected(", or )")),
            }
        }
    }

    fn item(&mut self, depth: usize, before: Option<&Item>) -> Result<Item, String> {
        let at = self.at;
        let name = match self.letters.peek() {
            Some('"') => self.quoted()?,
            Some(_) | None => self.word(|letter| matches!(letter, ':' | '(' | ')' | ',' | '"')),
        };
        let (is_not, plain) = match name.strip_prefix("not.") {
            Some(negated) => (true, negated),
            None => (false, name.as_str()),
        };
        let joined = match plain {
            "and" => Some(Joined::And),
            "or" => Some(Joined::Or),
            _ => None,
        };
        let item = match (joined, self.letters.peek()) {
            (Some(joined), Some('(')) => Item::Group(joined, self.group(depth + 1)?),
            (_, Some(':')) if !plain.is_empty() => {
                self.next();
                *self.room = self.room.checked_sub(1).ok_or_else(|| {
                    format!("letter {at} begins filter {}; at most {MOST_ITEMS} are allowed in all groups of a request", MOST_ITEMS + 1)
                })?;
                Item::Filter(Named {
                    name: plain.to_owned(),
                    value: self.value(&name)?,
                    at,
                })
            }
            (Some(_), _) => return Err(self.expected("(")),
            (None, _) if plain.is_empty() => {
                return Err(self.expected("a filter written name:value, and(…) or or(…)"));
            }
            (None, _) => {
                let expected = self.expected(&format!(": after {}", shorten(&name)));
                // A second value of the filter before it.
                let second = match before {
                    Some(Item::Filter(named)) if !name.contains('.') => {
                        Some(format!("{}:{name}", named.name))
                    }
                    Some(Item::Filter(_) | Item::Group(..) | Item::Not(_)) | None => None,
                };
                return Err(match as_of_peers(&name).or(second) {
                    Some(written) => format!("{expected}; write {}", shorten(&written)),
                    None => expected,
                });
            }
        };
        Ok(if is_not { Item::Not(Box::new(item)) } else { item })
    }

    fn value(&mut self, name: &str) -> Result<String, String> {
        self.skip_blanks();
        if self.letters.peek() == Some(&'"') {
            return self.quoted();
        }
        if self.letters.peek() == Some(&':') {
            return Err(self.expected("a value in quotation marks, because it begins with :"));
        }
        let value = self.word(|letter| matches!(letter, '(' | ')' | ',' | '"'));
        if value.is_empty() {
            return Err(self.expected(&format!("a value of {}", shorten(name))));
        }
        Ok(value)
    }

    /// Reads up to a letter that ends the word, without blanks at its end.
    fn word(&mut self, ends: impl Fn(char) -> bool) -> String {
        let mut word = String::new();
        while let Some(letter) = self.letters.peek().copied().filter(|letter| !ends(*letter)) {
            word.push(letter);
            self.next();
        }
        word.trim_end().to_owned()
    }

    /// Reads a text in quotation marks, in which `\` stands before `"` and `\`.
    fn quoted(&mut self) -> Result<String, String> {
        self.next();
        let mut text = String::new();
        loop {
            match self.letters.peek() {
                Some('"') => {
                    self.next();
                    return Ok(text);
                }
                Some('\\') => {
                    self.next();
                    match self.letters.peek() {
                        Some(letter @ ('"' | '\\')) => {
                            text.push(*letter);
                            self.next();
                        }
                        Some(_) | None => return Err(self.expected("\" or \\ after \\")),
                    }
                }
                Some(letter) => {
                    text.push(*letter);
                    self.next();
                }
                None => return Err(self.expected("\"")),
            }
        }
    }
}

/// Returns how a filter is written here that is written `ground.eq.terrorism` or `ground=terrorism` elsewhere; `None` for anything else.
fn as_of_peers(text: &str) -> Option<String> {
    if let Some((name, value)) = text.split_once('=') {
        return Some(format!("{name}:{value}"));
    }
    let operator = |word: &str| {
        let (name, value) = text.split_once(&format!(".{word}."))?;
        Some((name.to_owned(), value.to_owned()))
    };
    let written = |words: &[&str], before: &str, end: Option<&str>| {
        let (name, value) = words.iter().find_map(|word| operator(word))?;
        Some(match end {
            Some(end) => format!("{before}{}_{end}:{value}", stem_of_bounds(&name)),
            None => format!("{before}{name}:{value}"),
        })
    };
    written(&["eq", "is", "like", "ilike"], "", None)
        .or_else(|| written(&["neq", "ne"], "not.", None))
        .or_else(|| written(&["gte", "gt"], "", Some("from")))
        .or_else(|| written(&["lte", "lt"], "", Some("to")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(name: &str, value: &str, at: usize) -> Item {
        Item::Filter(Named {
            name: name.to_owned(),
            value: value.to_owned(),
            at,
        })
    }

    fn items(text: &str) -> Result<Vec<Item>, String> {
        read(text, &mut MOST_ITEMS.clone())
    }

    #[test]
    fn a_group_is_read() {
        assert_eq!(
            items(r#"(imposer:iso3166:US, not.ground:"a,\"b\\)",and(x:1,not.or(has.y:true)))"#),
            Ok(vec![
                filter("imposer", "iso3166:US", 2),
                Item::Not(Box::new(filter("ground", r#"a,"b\)"#, 22))),
                Item::Group(
                    Joined::And,
                    vec![
                        filter("x", "1", 48),
                        Item::Not(Box::new(Item::Group(
                            Joined::Or,
                            vec![filter("has.y", "true", 59)]
                        ))),
                    ]
                ),
            ])
        );
        assert_eq!(items(r#"("a:b":"")"#), Ok(vec![filter("a:b", "", 2)]));
        assert_eq!(items("(or:1)"), Ok(vec![filter("or", "1", 2)]));
    }

    #[test]
    fn what_is_no_group_is_reported_with_its_letter() {
        const ITEM: &str = "a filter written name:value, and(…) or or(…)";
        for (text, detail) in [
            ("", "expected ( at letter 1, where it ends".to_owned()),
            ("a:1", "expected ( at letter 1, not a".to_owned()),
            ("(", format!("expected {ITEM} at letter 2, where it ends")),
            ("()", format!("expected {ITEM} at letter 2, not )")),
            ("(a:1,)", format!("expected {ITEM} at letter 6, not )")),
            ("(,a:1)", format!("expected {ITEM} at letter 2, not ,")),
            ("(:1)", format!("expected {ITEM} at letter 2, not :")),
            ("(not.:1)", format!("expected {ITEM} at letter 6, not :")),
            ("((a:1))", format!("expected {ITEM} at letter 2, not (")),
            ("(a)", "expected : after a at letter 3, not )".to_owned()),
            ("(xor(a:1))", "expected : after xor at letter 5, not (".to_owned()),
            (
                "(a.eq.b)",
                "expected : after a.eq.b at letter 8, not ); write a:b".to_owned(),
            ),
            (
                "(a.neq.b)",
                "expected : after a.neq.b at letter 9, not ); write not.a:b".to_owned(),
            ),
            (
                "(a_on.gte.2020)",
                "expected : after a_on.gte.2020 at letter 15, not ); write a_from:2020".to_owned(),
            ),
            (
                "(a:b,c)",
                "expected : after c at letter 7, not ); write a:c".to_owned(),
            ),
            (
                "(a=b)",
                "expected : after a=b at letter 5, not ); write a:b".to_owned(),
            ),
            ("(a:)", "expected a value of a at letter 4, not )".to_owned()),
            (
                "(a::1)",
                "expected a value in quotation marks, because it begins with : at letter 4, not :".to_owned(),
            ),
            ("(a:1", "expected , or ) at letter 5, where it ends".to_owned()),
            ("(a:b(c))", "expected , or ) at letter 5, not (".to_owned()),
            ("(a:b\"c\")", "expected , or ) at letter 5, not \"".to_owned()),
            ("(a:\"b)", "expected \" at letter 7, where it ends".to_owned()),
            (
                "(a:\"\\b\")",
                "expected \" or \\ after \\ at letter 6, not b".to_owned(),
            ),
            ("(a:1)b", "expected the end at letter 6, not b".to_owned()),
            ("(and)", "expected ( at letter 5, not )".to_owned()),
            (
                "(or(and(or(a:1))))",
                "the group at letter 11 lies more than 3 deep".to_owned(),
            ),
        ] {
            assert_eq!(items(text), Err(detail), "{text}");
        }
        assert_eq!(items("(or(and(a:1)))").map(|items| items.len()), Ok(1));
        let many = |number: usize| format!("({})", vec!["a:1"; number].join(","));
        assert_eq!(items(&many(20)).map(|items| items.len()), Ok(20));
        assert_eq!(
            items(&many(21)),
            Err("letter 82 begins filter 21; at most 20 are allowed in all groups of a request".to_owned())
        );
        assert!(items(&"(and".repeat(100_000)).is_err());
    }
}
