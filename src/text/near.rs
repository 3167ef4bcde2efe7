//! Names that are spelled nearly as another.

/// The least similarity of two spellings, from 0 to 1.
const SIMILAR: f64 = 0.75;
/// The longest name that is compared, in bytes: comparing takes time with the square of the length.
pub const LONGEST: usize = 100;
/// The shortest part of a name that tells which name it is, in bytes.
const SHORTEST_PART: usize = 3;
/// The largest number of names that a question has.
pub const MOST: usize = 3;

/// Returns whether two names may be one with a typing error.
pub fn is_similar(one: &str, other: &str) -> bool {
    similarity(one, other) >= SIMILAR
}

fn similarity(one: &str, other: &str) -> f64 {
    strsim::normalized_damerau_levenshtein(one, other)
}

/// Returns the question whether one of these names was meant, with what separates it from the next sentence: `did you mean a or b? `.
/// Nothing if there are none.
pub fn question(names: &[String]) -> String {
    match names.split_last() {
        None => String::new(),
        Some((only, [])) => format!("did you mean {only}? "),
        Some((last, others)) => format!("did you mean {} or {last}? ", others.join(", ")),
    }
}

/// Returns the question whether known names were meant: those of which `name` is a part, if they are few, as `imposed_on` for `imposed`;
/// else those that are spelled nearly so, the nearest first.
pub fn did_you_mean<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    if name.len() > LONGEST {
        return String::new();
    }
    let name = name.to_lowercase();
    let known: Vec<&str> = known.into_iter().collect();
    let has_part = |known: &str| known.split(['_', '.']).any(|part| part == name);
    let having: Vec<String> = known
        .iter()
        .copied()
        .filter(|known| has_part(known))
        .map(str::to_owned)
        .collect();
    if name.len() >= SHORTEST_PART
        && having.len() <= MOST
        && !having.is_empty()
        && !known.contains(&name.as_str())
    {
        return question(&having);
    }
    let mut near: Vec<(f64, &str)> = known
        .into_iter()
        .map(|known| (similarity(&name, known), known))
        .filter(|(similarity, _)| *similarity >= SIMILAR)
        .collect();
    near.sort_by(|one, other| other.0.total_cmp(&one.0));
    let names: Vec<String> = near
        .into_iter()
        .take(MOST)
        .map(|(_, known)| known.to_owned())
        .collect();
    question(&names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_near_are_asked_for() {
        let known = [
            "lifted_from",
            "lifted_to",
            "listed_from",
            "ground",
            "list_code",
            "list_uid",
        ];
        for (name, expected) in [
            ("lifted_form", "did you mean lifted_from or listed_from? "),
            ("Ground", "did you mean ground? "),
            ("colour", ""),
            ("list", "did you mean list_code or list_uid? "),
            ("from", "did you mean lifted_from or listed_from? "),
            ("to", ""),
            ("", ""),
            (&"ground".repeat(1000), ""),
        ] {
            assert_eq!(did_you_mean(name, known), expected, "{name}");
        }
        let names = ["a".to_owned(), "b".to_owned(), "c".to_owned()];
        assert_eq!(question(&names), "did you mean a, b or c? ");
    }
}
