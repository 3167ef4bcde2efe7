//! Checks codes of open vocabularies.

use chrono::{DateTime, SecondsFormat, Utc};
use diesel::QueryableByName;
use diesel::sql_types;

use crate::db::{Db, Statement, Write};
use crate::error::{Error, Result};
use crate::text::shorten;
use crate::validation::Faults;

/// The codes of open vocabularies that a request uses. One statement checks them all.
#[derive(Debug, Default)]
pub struct Codes(Vec<(&'static str, String, String)>);

#[derive(QueryableByName)]
struct UnknownRow {
    #[diesel(sql_type = sql_types::BigInt)]
    place: i64,
}

impl Codes {
    /// `vocabulary` is the table's name, `pointer` where the code stands in the body.
    pub fn want(&mut self, vocabulary: &'static str, pointer: impl Into<String>, code: &str) {
        self.0.push((vocabulary, pointer.into(), code.to_owned()));
    }

    /// The codes of one query parameter.
    pub fn want_all(&mut self, vocabulary: &'static str, parameter: &str, codes: &[String]) {
        for code in codes {
            self.want(vocabulary, format!("?{parameter}"), code);
        }
    }

    pub async fn check(self, write: &mut Write<'_>, faults: &mut Faults) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let rows = write.load::<UnknownRow>(self.statement()).await?;
        self.tell(&rows, None, faults)
    }

    /// The same for a read: a misspelt code in a filter must not pass for an empty list.
    pub async fn check_for_read(self, db: &Db) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let rows = db.read::<UnknownRow>(self.statement()).await?;
        let mut faults = Faults::default();
        self.tell(&rows, db.moment(), &mut faults)?;
        faults.finish()
    }

    fn statement(&self) -> Statement {
        let vocabularies: Vec<String> = self
            .0
            .iter()
            .map(|(vocabulary, _, _)| (*vocabulary).to_owned())
            .collect();
        Statement::new("select given.place from unnest(")
            .bind(vocabularies)
            .sql(", ")
            .bind(self.0.iter().map(|(_, _, code)| code.clone()).collect::<Vec<_>>())
            .sql(include_str!("unknown_codes.sql"))
            .keep_prepared()
    }

    fn tell(&self, rows: &[UnknownRow], then: Option<DateTime<Utc>>, faults: &mut Faults) -> Result<()> {
        for row in rows {
            let place = usize::try_from(row.place - 1).map_err(Error::internal)?;
            if let Some((vocabulary, pointer, code)) = self.0.get(place) {
                faults.add(
                    pointer.clone(),
                    match then {
                        None => format!(
                            "{} is no code of the vocabulary {vocabulary}: /v1/vocabularies/{vocabulary} has them",
                            shorten(code)
                        ),
                        Some(moment) => format!(
                            "{} was no code of the vocabulary {vocabulary} then: /v1/vocabularies/{vocabulary}?known_at={} has those of then",
                            shorten(code),
                            moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)
                        ),
                    },
                );
            }
        }
        Ok(())
    }
}
