//! How several values of a filter are sent: by repeating the parameter. A comma belongs to the value.

use crate::error::Error;
use crate::text::shorten;

/// Adds how several values are sent to the faults of parameters whose value has a comma. `pairs` are the parameters of the request,
/// `is_repeatable` says which of them may have several values.
pub fn explain_commas(
    error: Error,
    pairs: &[(String, String)],
    is_repeatable: impl Fn(&str) -> bool,
) -> Error {
    error.with_advice(|fault| {
        let name = fault
            .pointer
            .strip_prefix('?')
            .filter(|name| is_repeatable(name))?;
        let sent: Vec<&str> = pairs
            .iter()
            .filter(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
            .collect();
        let detail = fault.detail.to_lowercase();
        // Of several values the fault is about the one that it quotes.
        let value = sent
            .iter()
            .find(|value| sent.len() == 1 || detail.contains(&shorten(value).to_lowercase()))?;
        let (first, rest) = value.split_once(',')?;
        let second = rest.split(',').next().unwrap_or_default();
        let (first, second) = (shorten(first.trim()), shorten(second.trim()));
        Some(format!(
            "for several values repeat the parameter: {name}={first}&{name}={second}"
        ))
    })
}
