//! The SQL functions `is_clean_line` and `is_clean_text`: the rule of [`crate::text::clean`], made from its tables. They depend
//! neither on the locale of the database nor on an extension.

use std::fmt::Write as _;

use crate::text::clean::{
    DIRECTION_MARKS, Form, Joining, KEPT, LINE_BREAKS, OTHER_BLANKS, REFUSED, RIGHT_TO_LEFT, Range,
};

/// Returns the names of the functions, each with the statements that create or replace it. They are in PL/pgSQL, which parses
/// the long constants once a session.
pub fn functions() -> [(String, String); 2] {
    [function(Form::Line), function(Form::Text)]
}

fn function(form: Form) -> (String, String) {
    let (name, what) = match form {
        Form::Line => (
            "is_clean_line",
            "one line in Unicode's form NFC with single blanks",
        ),
        Form::Text => (
            "is_clean_text",
            "lines in Unicode's form NFC with single blanks, separated by U+000A",
        ),
    };
    let mut never: Vec<Range> = REFUSED
        .iter()
        .map(|(range, _)| *range)
        // A text of PostgreSQL can't have U+0000.
        .map(|(first, last)| (first.max('\u{1}'), last))
        .chain(OTHER_BLANKS.iter().copied())
        .collect();
    let breaks = LINE_BREAKS
        .iter()
        .filter(|letter| form == Form::Line || **letter != '\n');
    never.extend(breaks.map(|letter| (*letter, *letter)));
    let (ascii, spacing, direction) = match form {
        Form::Line => {
            never.extend(DIRECTION_MARKS);
            ("[^ -~]", "^ | $|  ", String::new())
        }
        Form::Text => (
            r"[^ -~\n]",
            r"^[ \n]|[ \n]$|  | \n|\n ",
            format!(
                " or (value ~ '{}' and value !~ '{}')",
                class(DIRECTION_MARKS),
                class(RIGHT_TO_LEFT)
            ),
        ),
    };
    let in_context: Vec<Range> = KEPT.iter().flat_map(|kept| kept.letters).copied().collect();
    let in_context = class(&in_context);
    let kept: Vec<String> = KEPT.iter().map(pattern).collect();
    let text = format!(
        "create or replace function {name}(value text) returns boolean
language plpgsql immutable strict parallel safe set search_path = pg_catalog, pg_temp
as $$
begin
  if octet_length(value) = length(value) then
    return value !~ '{ascii}|{spacing}' collate \"C\";
  end if;
  if value ~ '{never}|{spacing}' collate \"C\"{direction} or value is not nfc normalized then
    return false;
  end if;
  -- An invisible character is kept beside the letters that need it.
  return value !~ '{in_context}' collate \"C\"
    or regexp_replace(value collate \"C\", '{kept}', '', 'g') !~ '{in_context}' collate \"C\";
end
$$;
comment on function {name}(text) is 'Whether a text is stored as it must be: {what}, without invisible and control characters';
",
        never = class(&never),
        kept = kept.join("|"),
        what = what.replace('\'', "''"),
    );
    (name.to_owned(), text)
}

/// Returns the regular expression of the places where invisible characters are kept.
fn pattern(kept: &Joining) -> String {
    let before = if kept.before.is_empty() {
        String::new()
    } else {
        format!("(?={})", class(kept.before))
    };
    format!("(?<={}){}{before}", class(kept.after), class(kept.letters))
}

/// Returns the regular expression of any of the characters.
fn class(ranges: &[Range]) -> String {
    let mut class = "[".to_owned();
    for (first, last) in ranges {
        // Writing to a String can't fail.
        let _ = write!(class, "\\U{:08X}-\\U{:08X}", u32::from(*first), u32::from(*last));
    }
    class.push(']');
    class
}
