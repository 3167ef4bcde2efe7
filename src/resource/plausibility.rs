//! Rules of plausibility: what is implausible in a record. The record is stored all the same, and the response to the write and
//! the list of all warnings report it. A rule is one SQL text, which serves both.

use crate::db::template;
use crate::error::{Error, Result};
use crate::resource::Kind;
use crate::vocabulary::Warning;

/// A rule of plausibility for one kind of record.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// What the rule finds.
    pub code: Warning,
    /// A select of `id`, `pointer` and `detail`: one row for each place in a record that breaks the rule, of all records of the
    /// kind. A condition on `id` must reach its tables, so there is no window function, `limit` or `distinct` around the
    /// records. `{alias}`, `{table}` and `{reference}` are those of the kind. `given.day` is
    /// the day on which it is judged: today for a write.
    pub sql: &'static str,
}

/// The claim status that the citations of a claim contradict.
pub const STATUS_CONTRADICTED: Rule = Rule {
    code: Warning::StatusContradicted,
    sql: include_str!("status_contradicted.sql"),
};

/// Returns the select of all that the rules of a kind find: `id`, `code`, `pointer` and `detail`; empty if it has no rules.
///
/// # Errors
/// If a rule has a placeholder of another name.
pub(super) fn select(rules: &[Rule], kind: Kind, alias: &str) -> Result<String> {
    let selects = rules.iter().map(|rule| {
        let sql = template::expand(rule.sql, |name, _| match name {
            "alias" => Some(alias.to_owned()),
            "table" => Some(kind.table().to_owned()),
            "reference" => Some(kind.column().to_owned()),
            _ => None,
        })
        .map_err(Error::internal)?;
        Ok(format!(
            "select found.id, '{}' as code, found.pointer, found.detail from ({sql}) as found",
            rule.code
        ))
    });
    Ok(selects.collect::<Result<Vec<_>>>()?.join(" union all "))
}
