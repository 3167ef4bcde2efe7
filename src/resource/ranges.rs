//! Filters by periods and ranges: `lifted_from` and `lifted_to`, of every date, moment and number.

use chrono::{DateTime, NaiveDate, Utc};

use super::fields::{Days, Field, Fields, Holds};
use crate::db::Statement;
use crate::error::Result;
use crate::query::parameters::{Bounds, given_twice, numbers, period, times};

/// Returns whether a list filters by a period or range with a parameter of this name.
pub fn is_bound(fields: &Fields, name: &str) -> bool {
    fields
        .all()
        .filter_map(Field::bounds)
        .any(|(first, last)| name == first || name == last)
}

/// Returns the conditions of the parameters that bound a field; others are ignored.
///
/// # Errors
/// Malformed request if a value can't be read or a parameter is given twice; invalid if a period or range ends before it begins.
pub fn conditions(fields: &Fields, pairs: &[(String, String)]) -> Result<Vec<Statement>> {
    let mut conditions = Vec::new();
    if pairs.is_empty() {
        return Ok(conditions);
    }
    for field in fields.all() {
        let Some((first, last)) = field.bounds() else {
            continue;
        };
        let (from, to) = (only(pairs, &first)?, only(pairs, &last)?);
        if from.is_none() && to.is_none() {
            continue;
        }
        let value = field.expression(fields.alias);
        let (from, to) = ((first.as_str(), from), (last.as_str(), to));
        let condition = match field.holds {
            Holds::Date(days) => may_lie_between(field, fields.alias, days, period(from, to)?),
            Holds::Time => lies_between(&value, times(from, to)?),
            Holds::Number => {
                let (from, to) = numbers(from, to)?;
                is_between(&value, from, to)
            }
            Holds::Interval => {
                let (from, to) = numbers(from, to)?;
                may_be_between(&value, from, to)
            }
            Holds::Text
            | Holds::Code(_)
            | Holds::Word
            | Holds::Truth
            | Holds::Reference(_)
            | Holds::Properties => continue,
        };
        conditions.push(fields.where_one(field, condition));
    }
    Ok(conditions)
}

/// Returns the value of a parameter that can be sent once.
fn only<'p>(pairs: &'p [(String, String)], name: &str) -> Result<Option<&'p str>> {
    let mut values = pairs
        .iter()
        .filter(|(sent, _)| sent == name)
        .map(|(_, value)| value.as_str());
    let value = values.next();
    if values.next().is_some() {
        return Err(given_twice(name));
    }
    Ok(value)
}

/// Returns the condition that a partial date is, or may be, within a period.
fn may_lie_between(field: &Field, alias: &str, days: Days, (from, to): Bounds<NaiveDate>) -> Statement {
    let value = field.expression(alias);
    let (earliest, latest) = field.days(alias).unwrap_or_default();
    if days == Days::Indexed {
        let bound = |day: Option<NaiveDate>| day.map(|day| day.to_string());
        return Statement::new(format!(
            "{value} is not null and daterange({earliest}, {latest}, '[]') && daterange("
        ))
        .bind(bound(from))
        .sql("::date, ")
        .bind(bound(to))
        .sql("::date, '[]')");
    }
    let mut condition = Statement::new(format!("{value} is not null"));
    if let Some(from) = from {
        condition = condition.sql(format!(" and {latest} >= ")).bind(from);
    }
    if let Some(to) = to {
        condition = condition.sql(format!(" and {earliest} <= ")).bind(to);
    }
    condition
}

fn lies_between(value: &str, (from, to): Bounds<DateTime<Utc>>) -> Statement {
    let mut condition = Statement::new(format!("{value} is not null"));
    if let Some(from) = from {
        condition = condition.sql(format!(" and {value} >= ")).bind(from);
    }
    if let Some(to) = to {
        condition = condition.sql(format!(" and {value} <= ")).bind(to);
    }
    condition
}

fn is_between(value: &str, from: Option<String>, to: Option<String>) -> Statement {
    let mut condition = Statement::new(format!("{value} is not null"));
    for (comparison, bound) in [(">=", from), ("<=", to)] {
        if let Some(bound) = bound {
            condition = condition
                .sql(format!(" and {value} {comparison} "))
                .bind(bound)
                .sql("::text::numeric");
        }
    }
    condition
}

/// Returns the condition that a number of which the least and the most are known is, or may be, within a range.
fn may_be_between(value: &str, from: Option<String>, to: Option<String>) -> Statement {
    let mut condition = Statement::new(format!("({value}_min is not null or {value}_max is not null)"));
    for (end, comparison, bound) in [("max", ">=", from), ("min", "<=", to)] {
        if let Some(bound) = bound {
            condition = condition
                .sql(format!(" and coalesce({value}_{end} {comparison} "))
                .bind(bound)
                .sql("::text::numeric, true)");
        }
    }
    condition
}
