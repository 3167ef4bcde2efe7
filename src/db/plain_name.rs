//! The SQL function `plain_name`: the search key of a name, made from the tables of [`crate::text::search_key`]. It depends
//! neither on the locale of the database nor on an extension.

use std::fmt::Write as _;

use crate::text::search_key::{LEFT_OUT, Tables};

/// The letters beyond ASCII, in parts of which a text has few: Latin, Greek, Cyrillic, and all others.
const SCRIPTS: [fn(&char) -> bool; 4] = [
    |letter| ('\u{80}'..'\u{370}').contains(letter),
    |letter| ('\u{370}'..'\u{400}').contains(letter),
    |letter| ('\u{400}'..'\u{530}').contains(letter),
    |letter| *letter >= '\u{530}',
];

/// Returns the name of the function, and the statements that create or replace it. It is in PL/pgSQL, which parses the long
/// constants once a session; an SQL function would parse them in each query.
pub fn function() -> (String, String) {
    let tables = Tables::get();
    let pairs = |is_wanted: fn(&char) -> bool| -> (String, String) {
        tables
            .replaced
            .iter()
            .copied()
            .filter(|(from, _)| is_wanted(from))
            .unzip::<char, char, String, String>()
    };
    let (ascii, its_ascii) = pairs(char::is_ascii);
    // `translate` compares each letter with each of its list, so that one list of all scripts would take ten times as long.
    let mut scripts = String::new();
    for is_of_script in SCRIPTS {
        let (letters, plain) = pairs(is_of_script);
        let _ = write!(
            scripts,
            "
    if plain ~ {class} then
      plain := translate(plain, {letters}, {plain});
    end if;",
            class = quoted(&format!("[{letters}]")),
            letters = quoted(&letters),
            plain = quoted(&plain),
        );
    }
    let ascii_left_out: String = LEFT_OUT.iter().filter(|letter| letter.is_ascii()).collect();
    let left_out: String = LEFT_OUT.iter().collect();
    let mut marks = String::new();
    for (first, last) in &tables.marks {
        // Writing to a String can't fail.
        let _ = write!(marks, "\\U{:08X}-\\U{:08X}", u32::from(*first), u32::from(*last));
    }
    let mut spelled_out = "plain".to_owned();
    for (letter, text) in &tables.spelled_out {
        spelled_out = format!(
            "replace({spelled_out}, {}, {})",
            quoted(&letter.to_string()),
            quoted(text)
        );
    }
    let text = format!(
        "create or replace function plain_name(name text) returns text
language plpgsql immutable strict parallel safe set search_path = pg_catalog, pg_temp
as $$
declare
  plain text;
begin
  if octet_length(name) = length(name) then
    plain := translate(name, {ascii}, {its_ascii});
  else
    plain := regexp_replace(normalize(translate(name, {left_out}, ''), nfkd), '[{marks}]', '', 'g');
    plain := translate({spelled_out}, {ascii_and_left_out}, {its_ascii});{scripts}
    plain := normalize(plain, nfc);
  end if;
  return btrim(regexp_replace(plain, ' +', ' ', 'g'));
end
$$;
comment on function plain_name(text) is 'The key by which a name is searched: without capitals, marks, apostrophes, hyphens, brackets and commas, and with single blanks';
",
        ascii_and_left_out = quoted(&(ascii.clone() + &left_out)),
        ascii = quoted(&(ascii + &ascii_left_out)),
        its_ascii = quoted(&its_ascii),
        left_out = quoted(&left_out),
    );
    ("plain_name".to_owned(), text)
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
