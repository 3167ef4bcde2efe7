//! What the models of all resources share in SQL: reading one record, locking it, deleting it with
//! those who refer to it named, and checking codes of open vocabularies.

use chrono::{DateTime, SecondsFormat, Utc};
use diesel::QueryableByName;
use diesel::sql_types;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::db::{Db, Statement, Write};
use crate::error::{Error, Fault, Result};
use crate::resource::Kind;
use crate::text::shorten;
use crate::validation::Faults;

/// Under which id a record is made, and since when the registry knows it where it comes back.
#[derive(Debug, Clone, Copy)]
pub struct Identity {
    pub id: Uuid,
    pub created_at: Option<DateTime<Utc>>,
}

impl Identity {
    /// Of a record that was never there.
    pub fn fresh() -> Self {
        Self {
            id: Uuid::now_v7(),
            created_at: None,
        }
    }
}

/// A record as its select makes it.
#[derive(Debug, QueryableByName)]
pub struct RecordRow {
    #[diesel(sql_type = sql_types::Text)]
    pub record: String,
}

impl RecordRow {
    pub fn parse<R: DeserializeOwned>(self) -> Result<R> {
        parse(&self.record)
    }
}

/// A record from the JSON that its select makes.
pub fn parse<R: DeserializeOwned>(record: &str) -> Result<R> {
    serde_json::from_str(record).map_err(Error::internal)
}

/// The record that a transaction has just written.
pub fn only<R: DeserializeOwned>(mut rows: Vec<RecordRow>) -> Result<R> {
    rows.pop()
        .ok_or_else(|| Error::internal("a record vanished from its own transaction"))?
        .parse()
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = sql_types::Uuid)]
    #[expect(dead_code, reason = "the row's being there is the answer")]
    id: Uuid,
}

/// Takes a record for this transaction; false where it is not there. Others may begin to refer to it
/// meanwhile: were they kept off, two writers that link their records to each other would deadlock.
pub async fn lock(write: &mut Write<'_>, resource: Kind, id: Uuid) -> Result<bool> {
    let statement = Statement::new(format!("select id from {} where id = ", resource.table()))
        .bind(id)
        .sql(" for no key update")
        .keep_prepared();
    Ok(!write.load::<IdRow>(statement).await?.is_empty())
}

/// Takes those of the records that are there, the lowest id first. Whoever takes several takes them so.
pub async fn lock_in_order(write: &mut Write<'_>, resource: Kind, ids: Vec<Uuid>) -> Result<()> {
    let statement = Statement::new(format!("select id from {} where id = any (", resource.table()))
        .bind(ids)
        .sql(") order by id for no key update")
        .keep_prepared();
    write.load::<IdRow>(statement).await.map(drop)
}

#[derive(QueryableByName)]
struct ReferrerRow {
    #[diesel(sql_type = sql_types::Text)]
    resource: String,
    #[diesel(sql_type = sql_types::Uuid)]
    id: Uuid,
    #[diesel(sql_type = sql_types::Text)]
    role: String,
}

/// Deletes a locked record. `referrers` selects resource, id and role of what refers to `wanted.id`.
pub async fn delete(write: &mut Write<'_>, resource: Kind, id: Uuid, referrers: &str) -> Result<()> {
    const NAMED: usize = 100;
    let statement = Statement::new("with wanted (id) as (select ")
        .bind(id)
        .sql("::uuid) select referrer.resource, referrer.id, referrer.role from wanted cross join lateral (")
        .sql(referrers.to_owned())
        .sql(format!(") as referrer order by 1, 2, 3 limit {}", NAMED + 1));
    let found: Vec<ReferrerRow> = write.load(statement).await?;
    if !found.is_empty() {
        let more = if found.len() > NAMED { " and more" } else { "" };
        let faults: Vec<Fault> = found
            .iter()
            .take(NAMED)
            .map(|row| {
                Fault::new(
                    "",
                    format!("/v1/{}/{} has it as {}", row.resource, row.id, row.role),
                )
            })
            .collect();
        return Err(Error::conflict(format!(
            "the {} is still referred to by {} record{}{more}, each named in errors",
            resource.noun(),
            faults.len(),
            if faults.len() == 1 { "" } else { "s" },
        ))
        .with_faults(faults));
    }
    let statement = Statement::new(format!("delete from {} where id = ", resource.table())).bind(id);
    match write.execute(statement).await {
        Ok(_) => Ok(()),
        // Somebody began to refer to it between the two statements.
        Err(error) if error.constraint().is_some_and(|name| name.ends_with("_fkey")) => Err(Error::conflict(
            format!("the {} is still referred to", resource.noun()),
        )),
        Err(error) => Err(error),
    }
}

/// Codes of open vocabularies that a request uses, all checked in one statement.
#[derive(Debug, Default)]
pub struct Codes(Vec<(&'static str, String, String)>);

#[derive(QueryableByName)]
struct PlaceRow {
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
        let rows = write.load::<PlaceRow>(self.statement()).await?;
        self.tell(&rows, None, faults)
    }

    /// The same for a read: a misspelt code in a filter must not pass for an empty list.
    pub async fn check_for_read(self, db: &Db) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let rows = db.read::<PlaceRow>(self.statement()).await?;
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

    fn tell(&self, rows: &[PlaceRow], then: Option<DateTime<Utc>>, faults: &mut Faults) -> Result<()> {
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

/// Turns a broken constraint into a fault at a place of the body.
pub fn meaning(error: Error, meanings: &[(&str, &str, &str)]) -> Error {
    let Some((constraint, pointer, detail)) = meanings
        .iter()
        .find(|(constraint, _, _)| error.constraint() == Some(constraint))
    else {
        return error;
    };
    let error = Error::invalid(*pointer, *detail);
    // What is named was looked up before.
    if constraint.ends_with("_fkey") {
        error.overtaken()
    } else {
        error
    }
}
