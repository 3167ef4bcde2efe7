//! Checks codes of open vocabularies.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, SecondsFormat, Utc};
use diesel::QueryableByName;
use diesel::sql_types;

use crate::db::{Db, ReadOn, Statement};
use crate::error::{Error, Result};
use crate::resource::near_codes::{Candidate, nearest};
use crate::text::{near, shorten};
use crate::validation::Faults;

/// The codes of open vocabularies that a request uses. One statement checks them all.
#[derive(Debug, Default)]
pub struct Codes(Vec<(&'static str, String, String)>);

#[derive(QueryableByName)]
struct UnknownRow {
    #[diesel(sql_type = sql_types::BigInt)]
    index: i64,
}

#[derive(QueryableByName)]
struct CandidateRow {
    #[diesel(sql_type = sql_types::Text)]
    vocabulary: String,
    #[diesel(sql_type = sql_types::Text)]
    code: String,
    #[diesel(sql_type = sql_types::Text)]
    label: String,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    description: Option<String>,
    #[diesel(sql_type = sql_types::Nullable<sql_types::Text>)]
    names: Option<String>,
}

/// Returns the entries of some vocabularies, by the name of the vocabulary.
async fn candidates(
    on: &mut ReadOn<'_, '_>,
    vocabularies: Vec<String>,
) -> Result<HashMap<String, Vec<Candidate>>> {
    let statement = Statement::new(include_str!("near_codes.sql"))
        .sql("where entry.vocabulary = any (")
        .bind(vocabularies)
        .sql(")");
    let rows: Vec<CandidateRow> = on.load(statement).await?;
    let mut candidates: HashMap<String, Vec<Candidate>> = HashMap::new();
    for row in rows {
        candidates.entry(row.vocabulary).or_default().push(Candidate {
            code: row.code,
            label: row.label,
            description: row.description.unwrap_or_default(),
            names: row
                .names
                .iter()
                .flat_map(|names| names.lines())
                .map(str::to_owned)
                .collect(),
        });
    }
    Ok(candidates)
}

/// Returns the question whether a code that is near was meant, with what separates it from the next sentence; nothing if no
/// code is near.
fn did_you_mean(code: &str, candidates: &[Candidate]) -> String {
    let near: Vec<String> = nearest(code, candidates)
        .iter()
        .map(|candidate| format!("{} ({})", candidate.code, candidate.label))
        .collect();
    near::question(&near)
}

impl Codes {
    /// Adds a code; `vocabulary` is the name of its table, `pointer` the JSON pointer of the code in the body.
    pub fn want(&mut self, vocabulary: &'static str, pointer: impl Into<String>, code: &str) {
        self.0.push((vocabulary, pointer.into(), code.to_owned()));
    }

    /// Adds the codes of one query parameter.
    pub fn want_all<'c>(
        &mut self,
        vocabulary: &'static str,
        parameter: &str,
        codes: impl IntoIterator<Item = &'c String>,
    ) {
        for code in codes {
            self.want(vocabulary, format!("?{parameter}"), code);
        }
    }

    /// Checks the codes and adds a fault for each that its vocabulary does not have.
    ///
    /// # Errors
    /// Those of [`ReadOn::load`].
    pub async fn check(mut self, mut on: ReadOn<'_, '_>, faults: &mut Faults) -> Result<()> {
        if let ReadOn::Write(write) = &on {
            self.0
                .retain(|(vocabulary, _, code)| !write.known_codes.has(vocabulary, code));
        }
        if self.0.is_empty() {
            return Ok(());
        }
        let unknown = on.load::<UnknownRow>(self.statement()).await?;
        if unknown.is_empty() {
            if let ReadOn::Write(write) = on {
                for (vocabulary, _, code) in self.0 {
                    write.known_codes.insert(vocabulary, code);
                }
            }
            return Ok(());
        }
        let moment = on.moment();
        // A code that is unknown at present too is a misspelling: the codes of the present are near, whatever there was then.
        let present = match &on {
            ReadOn::Db(db) if moment.is_some() => Some(db.present()),
            ReadOn::Db(_) | ReadOn::Write(_) => None,
        };
        let (misspelt, candidates) = match &present {
            Some(db) => {
                let misspelt = db.read::<UnknownRow>(self.statement()).await?;
                let candidates = self.candidates(ReadOn::Db(db), &misspelt).await?;
                (misspelt.iter().map(|row| row.index).collect(), candidates)
            }
            None => (HashSet::new(), self.candidates(on, &unknown).await?),
        };
        self.report(&unknown, &misspelt, &candidates, moment, faults)
    }

    /// Returns the entries of the vocabularies of unknown codes, by the name of the vocabulary.
    async fn candidates(
        &self,
        mut on: ReadOn<'_, '_>,
        unknown: &[UnknownRow],
    ) -> Result<HashMap<String, Vec<Candidate>>> {
        let vocabularies: Vec<String> = unknown
            .iter()
            .filter_map(|row| self.0.get(usize::try_from(row.index - 1).ok()?))
            .map(|(vocabulary, _, _)| (*vocabulary).to_owned())
            .collect();
        if vocabularies.is_empty() {
            return Ok(HashMap::new());
        }
        candidates(&mut on, vocabularies).await
    }

    /// Checks the codes of a read, and refuses the read if one is faulty: a misspelt code in a filter must not look like an
    /// empty list.
    ///
    /// # Errors
    /// Invalid with a fault for each code that its vocabulary does not have; those of [`Db::read`].
    pub async fn check_for_read(self, db: &Db) -> Result<()> {
        let mut faults = Faults::default();
        self.check(ReadOn::Db(db), &mut faults).await?;
        faults.finish()
    }

    fn statement(&self) -> Statement {
        let vocabularies: Vec<String> = self
            .0
            .iter()
            .map(|(vocabulary, _, _)| (*vocabulary).to_owned())
            .collect();
        Statement::new("select element.ordinal as index from unnest(")
            .bind(vocabularies)
            .sql(", ")
            .bind(self.0.iter().map(|(_, _, code)| code.clone()).collect::<Vec<_>>())
            .sql(include_str!("unknown_codes.sql"))
            .keep_prepared()
    }

    fn report(
        &self,
        unknown: &[UnknownRow],
        misspelt: &HashSet<i64>,
        candidates: &HashMap<String, Vec<Candidate>>,
        as_of: Option<DateTime<Utc>>,
        faults: &mut Faults,
    ) -> Result<()> {
        // Comparing takes time, and a request may have many unknown codes.
        const EXPLAINED: usize = 20;
        for (number, row) in unknown.iter().enumerate() {
            let index = usize::try_from(row.index - 1).map_err(Error::internal)?;
            let Some((vocabulary, pointer, code)) = self.0.get(index) else {
                continue;
            };
            let is_explained = number < EXPLAINED && (as_of.is_none() || misspelt.contains(&row.index));
            let near = match candidates.get(*vocabulary) {
                Some(candidates) if is_explained => did_you_mean(code, candidates),
                Some(_) | None => String::new(),
            };
            let (code, list) = (shorten(code), format!("/v1/vocabularies/{vocabulary}"));
            faults.add(
                pointer.clone(),
                match as_of {
                    None => {
                        format!("{code} is not a code of the vocabulary {vocabulary}; {near}{list} lists its codes")
                    }
                    Some(_) if misspelt.contains(&row.index) => format!(
                        "{code} is not a code of the vocabulary {vocabulary}, and was none at the time of known_at; {near}{list} lists its codes"
                    ),
                    Some(moment) => format!(
                        "{code} was not a code of the vocabulary {vocabulary} at the time of known_at; {list}?known_at={} lists its codes",
                        moment.to_rfc3339_opts(SecondsFormat::AutoSi, true)
                    ),
                },
            );
        }
        Ok(())
    }
}
