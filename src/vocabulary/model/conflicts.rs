//! Conflicts of an entry: codes that are taken, and identifiers that would no longer be valid.

use diesel::QueryableByName;
use diesel::sql_types;

use super::list::Vocabulary;
use super::row::{EntryRow, Extra};
use crate::db::{Statement, Write};
use crate::error::{Error, Fault, Result};

#[derive(QueryableByName)]
pub(super) struct NameRow {
    #[diesel(sql_type = sql_types::Text)]
    pub name: String,
}

/// The largest number of conflicting values that a response names.
const NAMED: usize = 20;

impl EntryRow {
    /// Refuses a three-letter code that another country has.
    pub(super) async fn refuse_taken_iso3(&self, write: &mut Write<'_>) -> Result<()> {
        let Extra::Country { iso3: Some(iso3), .. } = &self.extra else {
            return Ok(());
        };
        let statement =
            Statement::new("select format('%s (%s)', label, code) as name from countries where iso3 = ")
                .bind(iso3.as_str())
                .sql(" and code <> ")
                .bind(self.code.as_str());
        match write.load::<NameRow>(statement).await?.pop() {
            None => Ok(()),
            Some(taken) => Err(conflict(
                "/iso3",
                format!("{iso3} already belongs to {}", taken.name),
            )),
        }
    }

    /// Refuses a type of a property's values that existing values are not of.
    pub(super) async fn refuse_unfit_properties(
        &self,
        write: &mut Write<'_>,
        before: Option<&Self>,
    ) -> Result<()> {
        let Extra::PropertyName {
            value_type, words, ..
        } = &self.extra
        else {
            return Ok(());
        };
        let is_unchanged = before.is_some_and(|before| {
            matches!(&before.extra, Extra::PropertyName { value_type: earlier, words: known, .. }
                if earlier == value_type && known == words)
        });
        if is_unchanged {
            return Ok(());
        }
        let statement = Statement::new(
            "select format('%s of /v1/%s/%s %s', unfit.value, replace(unfit.resource, '_', '-'), unfit.record_id, \
             unfit.detail) as name from unfit_properties(",
        )
        .bind(self.code.as_str())
        .sql(", ")
        .bind(value_type.word())
        .sql(", ")
        .bind(words.clone())
        .sql(format!(") as unfit limit {}", NAMED + 1));
        refuse(
            "/value_type",
            "are not of this type",
            write.load(statement).await?,
        )
    }

    /// Refuses a stricter rule of an identifier scheme that existing identifiers break.
    pub(super) async fn refuse_unfit_identifiers(&self, write: &mut Write<'_>, before: &Self) -> Result<()> {
        let (
            Extra::IdentifierScheme { is_unique, pattern },
            Extra::IdentifierScheme {
                is_unique: was_unique,
                pattern: earlier,
            },
        ) = (&self.extra, &before.extra)
        else {
            return Ok(());
        };
        let of_scheme = || {
            Statement::new(
                " from actor_identifiers as identifier join actors as actor on actor.id = identifier.actor_id \
                 where identifier.scheme = ",
            )
            .bind(self.code.as_str())
        };
        if *is_unique && !was_unique {
            let statement = Statement::new(
                "select format('%s belongs to %s', min(identifier.value), \
                 string_agg(format('%s (%s)', actor.name, actor.id), ', ' order by actor.name, actor.id)) as name",
            )
            .append(of_scheme())
            .sql(format!(
                " group by normal_identifier(identifier.scheme, identifier.value) having count(*) > 1 order by min(identifier.value) limit {}",
                NAMED + 1
            ));
            refuse(
                "/is_unique",
                "belong to more than one actor",
                write.load(statement).await?,
            )?;
        }
        if let Some(pattern) = pattern
            && Some(pattern) != earlier.as_ref()
        {
            let statement = Statement::new(
                "select format('%s of %s (%s)', identifier.value, actor.name, actor.id) as name",
            )
            .append(of_scheme())
            .sql(" and identifier.value !~ ")
            .bind(pattern.as_str())
            .sql(format!(
                " order by identifier.value, actor.id limit {}",
                NAMED + 1
            ));
            refuse("/pattern", "do not match it", write.load(statement).await?)?;
        }
        Ok(())
    }
}

fn refuse(pointer: &str, fault: &str, found: Vec<NameRow>) -> Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    let more = if found.len() > NAMED { " and more" } else { "" };
    let faults: Vec<Fault> = found
        .into_iter()
        .take(NAMED)
        .map(|row| Fault::new(pointer, row.name))
        .collect();
    Err(Error::conflict(format!(
        "{}{more} of the values in use {fault}; errors names them",
        faults.len()
    ))
    .with_faults(faults))
}

pub(super) fn conflict(pointer: &str, detail: String) -> Error {
    Error::conflict(detail.clone()).with_faults(vec![Fault::new(pointer, detail)])
}

/// Replaces the violation of a constraint by what it means for the caller. Most follow from a concurrent write; others from
/// PostgreSQL treating more characters as blanks than Rust does.
pub(super) fn constraint_error(vocabulary: Vocabulary, error: Error) -> Error {
    let Some(constraint) = error.constraint() else {
        return error;
    };
    let own = constraint
        .strip_prefix(vocabulary.name())
        .and_then(|rest| rest.strip_prefix('_'));
    match own.unwrap_or(constraint) {
        "pkey" => conflict("/code", format!("{vocabulary} already has this code")),
        "iso3_key" => conflict("/iso3", "already belongs to another country".to_owned()),
        "label_check" => Error::invalid("/label", "is empty"),
        "inverse_label_check" => Error::invalid("/inverse_label", "is empty"),
        "pattern_check" => Error::invalid("/pattern", "is not a regular expression of PostgreSQL"),
        "period_check" => Error::invalid("/ended_on", "is before began_on"),
        "values_check" => conflict("/value_type", "a value in use is not of this type".to_owned()),
        "cameo_code_fkey" => Error::invalid("/cameo_code", "is not a code of the vocabulary cameo_codes"),
        "goldstein_from_fkey" => {
            Error::invalid("/goldstein_from", "is not a code of the vocabulary cameo_codes")
        }
        "actor_identifiers_scheme_value_excl" => conflict(
            "/is_unique",
            "a value of the scheme belongs to more than one actor".to_owned(),
        ),
        "actor_identifiers_pattern_check" => {
            conflict("/pattern", "a value of the scheme does not match it".to_owned())
        }
        _ => error,
    }
}
