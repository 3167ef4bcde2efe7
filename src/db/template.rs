//! SQL texts with placeholders, written `{name}` or `{name:argument}`. A placeholder that nothing fills, and a value that
//! no placeholder takes, is an error.

use std::collections::BTreeSet;

/// Why a template can't be filled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A placeholder is not closed; what follows its brace.
    #[error("a placeholder begins with {0:?} and does not end")]
    Open(String),
    /// No value belongs to a placeholder; its name.
    #[error("nothing fills the placeholder {{{0}}}")]
    Unknown(String),
    /// The template lacks a placeholder, or a name of the schema that is to be replaced.
    #[error("the template has no placeholder or schema {0}")]
    Missing(String),
}

/// Replaces each placeholder by what `value` returns for its name and argument (empty if it has none).
///
/// # Errors
/// If `value` returns `None` for a placeholder, or a brace is not closed.
pub fn expand(
    template: &str,
    mut value: impl FnMut(&str, &str) -> Option<String>,
) -> Result<String, TemplateError> {
    let mut filled = String::with_capacity(2 * template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((placeholder, after)) = after.split_once('}') else {
            return Err(TemplateError::Open(after.chars().take(20).collect()));
        };
        let (name, argument) = placeholder.split_once(':').unwrap_or((placeholder, ""));
        filled.push_str(&value(name, argument).ok_or_else(|| TemplateError::Unknown(name.to_owned()))?);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// Replaces placeholders by values of these names.
///
/// # Errors
/// If a placeholder has no value, a value no placeholder, or a brace is not closed.
pub fn fill(template: &str, values: &[(&str, &str)]) -> Result<String, TemplateError> {
    let mut missing: BTreeSet<&str> = values.iter().map(|(name, _)| *name).collect();
    let filled = expand(template, |name, _| {
        missing.remove(name);
        let (_, value) = values.iter().find(|(given, _)| *given == name)?;
        Some((*value).to_owned())
    })?;
    match missing.first() {
        None => Ok(filled),
        Some(name) => Err(TemplateError::Missing((*name).to_owned())),
    }
}

/// Replaces a schema wherever it qualifies a name: `from.x` becomes `to.x`.
///
/// # Errors
/// If it qualifies none.
pub fn replace_schema(text: &str, from: &str, to: &str) -> Result<String, TemplateError> {
    let qualifier = format!("{from}.");
    let mut replaced = String::with_capacity(2 * text.len());
    let mut is_missing = true;
    let mut rest = text;
    while let Some(place) = rest.find(&qualifier) {
        let (before, after) = rest.split_at(place);
        let is_whole = !before.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
        replaced.push_str(before);
        replaced.push_str(if is_whole { to } else { from });
        replaced.push('.');
        is_missing &= !is_whole;
        rest = &after[qualifier.len()..];
    }
    if is_missing {
        return Err(TemplateError::Missing(qualifier));
    }
    replaced.push_str(rest);
    Ok(replaced)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_placeholder_is_filled() {
        let filled = fill("select {a} from {b} as {a}", &[("a", "one"), ("b", "two")]);

        assert_eq!(filled.as_deref(), Ok("select one from two as one"));
    }

    #[test]
    fn a_placeholder_without_a_value_is_an_error() {
        assert_eq!(
            fill("select {a}, {b}", &[("a", "1")]),
            Err(TemplateError::Unknown("b".to_owned()))
        );
    }

    #[test]
    fn a_value_without_a_placeholder_is_an_error() {
        assert_eq!(
            fill("select {a}", &[("a", "1"), ("b", "2")]),
            Err(TemplateError::Missing("b".to_owned()))
        );
    }

    #[test]
    fn a_brace_that_is_not_closed_is_an_error() {
        assert_eq!(fill("select {a", &[]), Err(TemplateError::Open("a".to_owned())));
    }

    #[test]
    fn an_argument_reaches_what_fills_the_placeholder() {
        let filled = expand("{time:record.created_at}", |name, argument| {
            (name == "time").then(|| format!("utc_text({argument})"))
        });

        assert_eq!(filled.as_deref(), Ok("utc_text(record.created_at)"));
    }

    #[test]
    fn a_schema_is_replaced_wherever_it_qualifies_a_name() {
        assert_eq!(
            replace_schema(
                "view bi.a as (bi.b) from\nbi.c, my_bi.d, bi_store.e",
                "bi",
                "as_of_bi"
            )
            .as_deref(),
            Ok("view as_of_bi.a as (as_of_bi.b) from\nas_of_bi.c, my_bi.d, bi_store.e")
        );
        assert_eq!(
            replace_schema("my_bi.d, bi_store.e", "bi", "as_of_bi"),
            Err(TemplateError::Missing("bi.".to_owned()))
        );
    }
}
