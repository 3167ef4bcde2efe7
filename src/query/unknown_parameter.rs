//! The fault of a parameter that a path does not have: what to write instead, and what the path has.

use crate::error::Error;
use crate::query::parameters::stem_of_bounds;
use crate::text::near::{LONGEST, did_you_mean};
use crate::text::shorten;

/// The parameters that a list of known ones begins with: a reader looks for these first.
const COMMON: [&str; 12] = [
    "fields", "include", "q", "by", "measures", "sort", "limit", "cursor", "count", "facets", "format", "or",
];

/// How known parameters are written that begin with an operator or `property`.
const OPERATORS: [(&str, &str); 4] = [
    ("not", NOT),
    ("all", ALL),
    ("has", "has.<field>"),
    ("property", "property.<name>"),
];
const NOT: &str = "not.<filter>";
const ALL: &str = "all.<filter>";

/// Names that other APIs have for a parameter.
struct Peers {
    names: &'static [&'static str],
    /// The parameter that a path must have for this advice.
    known: &'static str,
    advice: &'static str,
}

const PEERS: &[Peers] = &[
    Peers {
        names: &["select", "columns", "attributes"],
        known: "fields",
        advice: "write fields=, with the names of fields separated by commas",
    },
    Peers {
        names: &["expand", "embed", "populate", "includes"],
        known: "include",
        advice: "write include=, with what a record refers to, separated by commas",
    },
    Peers {
        names: &["order", "order_by", "orderby", "sort_by", "sortby", "ordering"],
        known: "sort",
        advice: "write sort=, with - before a field for descending order",
    },
    Peers {
        names: &["offset", "page", "skip", "start", "page_token"],
        known: "cursor",
        advice: "pages go on with cursor=, the next_cursor of the page before",
    },
    Peers {
        names: &["offset", "page", "skip", "cursor", "since"],
        known: "after",
        advice: "go on with after=, the next of the response before",
    },
    Peers {
        names: &["offset", "page", "skip"],
        known: "by",
        advice: "counts have no pages: write limit=, or ask for format=csv, which has all groups",
    },
    Peers {
        names: &["per_page", "page_size", "pagesize", "top", "first", "size", "max"],
        known: "limit",
        advice: "write limit=, a number of at most 1000",
    },
    Peers {
        names: &["group_by", "groupby", "group"],
        known: "by",
        advice: "write by=, with the names of fields separated by commas",
    },
    Peers {
        names: &["group_by", "groupby", "group", "by"],
        known: "facets",
        advice: "groups are counted at …/counts?by=, and beside a page by facets=",
    },
    Peers {
        names: &["aggregate", "aggregates", "metrics", "metric"],
        known: "measures",
        advice: "write measures=, with the names of numbers separated by commas",
    },
    Peers {
        names: &["aggregate", "aggregates", "metrics", "metric"],
        known: "facets",
        advice: "numbers of groups are at …/counts, with by= and measures=",
    },
    Peers {
        names: &["filter", "filters", "where"],
        known: NOT,
        advice: "each filter is a parameter of its own, written <filter>=<value>",
    },
    Peers {
        names: &["search", "query", "text", "keyword", "keywords", "term"],
        known: "q",
        advice: "write q=, with the words to search for",
    },
    Peers {
        names: &["and"],
        known: "or",
        advice: "filters join by AND as they are; or=(and(…),…) groups them",
    },
    Peers {
        names: &["since", "after", "start_date", "date_from"],
        known: "from",
        advice: "write from=, the first day",
    },
    Peers {
        names: &["until", "before", "end_date", "date_to"],
        known: "to",
        advice: "write to=, the last day",
    },
];

/// Words that other APIs have for the first and the last of a period or range.
const BOUNDS: [&str; 12] = [
    "after", "since", "start", "min", "gte", "gt", "before", "until", "end", "max", "lte", "lt",
];
/// Words that other APIs write before a filter with several values.
const ANY: [&str; 4] = ["any", "in", "one", "some"];

/// Returns the fault of a parameter that a path does not have.
pub fn unknown_parameter(name: &str, known: &[&str]) -> Error {
    unknown_filter(name, known, "")
}

/// Returns the fault of a parameter that a list does not have. `meant` is the question which of its filters were meant, as the fields
/// of its records tell; empty if they tell nothing.
pub fn unknown_filter(name: &str, known: &[&str], meant: &str) -> Error {
    let hint = advice(name, known)
        .map(|advice| format!("{advice}; "))
        .or_else(|| Some(meant.to_owned()).filter(|meant| !meant.is_empty()))
        .unwrap_or_else(|| did_you_mean(name, known.iter().copied()));
    let common = COMMON.into_iter().filter(|common| known.contains(common));
    let others = known.iter().copied().filter(|other| !COMMON.contains(other));
    let sorted: Vec<&str> = common.chain(others).collect();
    Error::malformed(
        format!("?{name}"),
        format!(
            "{} is not a parameter of this path; {hint}known are {}",
            shorten(name),
            sorted.join(", ")
        ),
    )
}

/// Returns what to write instead of a name that other APIs have; `None` if it is none of theirs.
fn advice(name: &str, known: &[&str]) -> Option<String> {
    // No name of theirs is longer.
    if name.len() > LONGEST {
        return None;
    }
    let lower = name.to_lowercase();
    let plain = lower.trim_start_matches('$');
    let of_peers = PEERS
        .iter()
        .find(|peers| peers.names.contains(&plain) && known.contains(&peers.known));
    if let Some(peers) = of_peers {
        return Some(peers.advice.to_owned());
    }
    bounds(&lower, known).or_else(|| operator(&lower, known))
}

/// Returns the parameters that bound what a name such as `imposed_on`, `imposed_after` or `imposed_on[gte]` means.
fn bounds(name: &str, known: &[&str]) -> Option<String> {
    let is_end = |letter: char| !letter.is_ascii_alphanumeric();
    let name = name.trim_end_matches(is_end);
    let field = BOUNDS
        .iter()
        .find_map(|word| name.strip_suffix(word)?.strip_suffix(is_end))
        .unwrap_or(name)
        .trim_end_matches(is_end);
    let stem = stem_of_bounds(field);
    let bound = |end: &str| {
        let bound = format!("{stem}_{end}");
        known.contains(&bound.as_str()).then_some(bound)
    };
    let (from, to) = (bound("from")?, bound("to")?);
    Some(format!(
        "write {from}= for the first and {to}= for the last value; one of them is enough"
    ))
}

/// Returns how a name such as `NOT.ground`, `nto.ground` or `any.ground` is written.
fn operator(name: &str, known: &[&str]) -> Option<String> {
    let (operator, rest) = name.split_once('.')?;
    if rest.is_empty() {
        return None;
    }
    if ANY.contains(&operator) && known.contains(&rest) {
        return Some(format!(
            "repeat {rest}= for several values, of which a record must have one"
        ));
    }
    let ours = OPERATORS
        .iter()
        .filter(|(_, written)| known.contains(written))
        .find(|(ours, _)| strsim::damerau_levenshtein(ours, operator) <= 1);
    if let Some((ours, _)) = ours {
        return Some(format!("write {ours}.{rest}"));
    }
    // A field of what a filter names, such as `target.country` or `country.code`.
    let joined = name.replace('.', "_");
    [joined.as_str(), operator]
        .into_iter()
        .find(|near| known.contains(near))
        .map(|near| format!("write {near}="))
}
