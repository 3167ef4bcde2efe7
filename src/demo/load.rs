//! Loads the cases of the demo through the same functions that the API uses. Every record has the key `demo:<name>`. A
//! record that exists is kept as it is, even if it was changed.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::QueryableByName;
use diesel::sql_types;
use indicatif::ProgressBar;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::context::{self, Request};
use crate::db::sequencer;
use crate::db::{Db, Statement, Write};
use crate::demo::progress::step;
use crate::demo::recorded::{Moments, moment};
use crate::dispatch;
use crate::error::{Error, Result};
use crate::http::crud::Operation;
use crate::http::precondition::Precondition;
use crate::resource::{Kind, Reference};
use crate::validation::clean_texts;

/// Name and content of the files in `cases/`, in the order in which they are read: the shared file, then by name.
pub const CASES: &[(&str, &str)] = &[
    ("common", include_str!("cases/common.toml")),
    ("caribbean-2025", include_str!("cases/caribbean-2025.toml")),
    ("china", include_str!("cases/china.toml")),
    ("gulf-qatar", include_str!("cases/gulf-qatar.toml")),
    ("iran-dprk", include_str!("cases/iran-dprk.toml")),
    ("magnitsky-2012", include_str!("cases/magnitsky-2012.toml")),
    ("others", include_str!("cases/others.toml")),
    ("russia-ukraine", include_str!("cases/russia-ukraine.toml")),
    ("skripal-navalny", include_str!("cases/skripal-navalny.toml")),
    (
        "united-nations-1990s",
        include_str!("cases/united-nations-1990s.toml"),
    ),
    ("venezuela", include_str!("cases/venezuela.toml")),
    ("west-africa", include_str!("cases/west-africa.toml")),
];

const SCHEME: &str = "demo";
/// The tables that a demo fills: those of records and their parts, and their history.
const FILLED_TABLES: &str = "select resource::regclass::text as name from record_kinds where reference is not null \
     union select child::regclass::text from record_children \
     union select unnest(array['revisions', 'changes'])";

#[derive(QueryableByName)]
struct TableRow {
    #[diesel(sql_type = sql_types::Text)]
    name: String,
}

/// The writer of the records, as their history shows it.
const WRITER: &str = "demarche demo";

/// A case as it stands in its file: records in the shape of request bodies, each with a name in `as`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[expect(dead_code, reason = "for the reader of the file")]
    case: Map<String, Value>,
    #[serde(default)]
    sources: Vec<Map<String, Value>>,
    #[serde(default)]
    actors: Vec<Map<String, Value>>,
    #[serde(default)]
    relationships: Vec<Map<String, Value>>,
    #[serde(default)]
    programmes: Vec<Map<String, Value>>,
    #[serde(default)]
    diplomatic_actions: Vec<Map<String, Value>>,
    #[serde(default)]
    sanctions: Vec<Map<String, Value>>,
    #[serde(default)]
    corrections: Vec<Correction>,
}

/// A change of a record, made some time after it was recorded.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Correction {
    record: String,
    recorded_at: String,
    /// The reason, shown in the history.
    comment: String,
    /// A merge patch as the API takes it.
    patch: Value,
}

impl Case {
    fn records_mut(&mut self, resource: Kind) -> &mut Vec<Map<String, Value>> {
        match resource {
            Kind::Sources => &mut self.sources,
            Kind::Actors => &mut self.actors,
            Kind::Relationships => &mut self.relationships,
            Kind::Programmes => &mut self.programmes,
            Kind::DiplomaticActions => &mut self.diplomatic_actions,
            Kind::Sanctions => &mut self.sanctions,
        }
    }
}

/// Records come after those that they refer to.
const ORDER: [Kind; Kind::ALL.len()] = [
    Kind::Sources,
    Kind::Actors,
    Kind::Relationships,
    Kind::Programmes,
    Kind::DiplomaticActions,
    Kind::Sanctions,
];

/// The number of records that were created, and of those that existed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Loaded {
    /// Created by this load.
    pub made: usize,
    /// Kept from an earlier load.
    pub kept: usize,
}

#[derive(QueryableByName)]
struct DigestRow {
    #[diesel(sql_type = sql_types::Text)]
    sha256: String,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = sql_types::Uuid)]
    #[expect(dead_code, reason = "only the existence of the row matters")]
    id: Uuid,
}

#[derive(QueryableByName)]
struct KeyRow {
    #[diesel(sql_type = sql_types::Text)]
    value: String,
    #[diesel(sql_type = sql_types::Uuid)]
    id: Uuid,
    #[diesel(sql_type = sql_types::Text)]
    resource: String,
}

fn digest() -> String {
    let mut digest = Sha256::new();
    for (name, text) in CASES {
        digest.update((name.len() as u64).to_be_bytes());
        digest.update(name.as_bytes());
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text.as_bytes());
    }
    digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Loads the records that are missing; does nothing if these files were loaded before. The records are written in one
/// transaction, and each correction in one of its own.
///
/// # Errors
/// If the database can't be reached or a case breaks a rule of the registry.
pub async fn load(db: &Db) -> Result<Loaded> {
    let loaded = Statement::new("select sha256 from loads where name = 'demo'");
    let digest = digest();
    if db
        .read_one::<DigestRow>(loaded)
        .await?
        .is_some_and(|row| row.sha256 == digest)
    {
        return Ok(Loaded::default());
    }
    tracing::info!("recording the demo's cases");
    let mut cases = cases()?;
    let corrections: Vec<(&str, Correction)> = cases
        .iter_mut()
        .flat_map(|(name, case)| {
            std::mem::take(&mut case.corrections)
                .into_iter()
                .map(|correction| (*name, correction))
        })
        .collect();
    let request = Request {
        comment: Some("the demo's cases".to_owned()),
        ..context::request()
    };
    let records: usize = cases
        .iter_mut()
        .flat_map(|(_, case)| ORDER.map(|resource| case.records_mut(resource).len()))
        .sum();
    let progress = step("records of the demo's cases", records as u64);
    let done = progress.clone();
    let loading = db.write(WRITER, move |write| {
        Box::pin(async move {
            // Two programs that load at the same time would both find nothing.
            write
                .execute(Statement::new("lock table loads in share row exclusive mode"))
                .await?;
            load_in(write, cases, &done).await
        })
    });
    let loaded = context::scope(request, loading).await?;
    progress.finish_and_clear();
    let progress = step(
        "changes of the demo's cases, and the order of all",
        corrections.len() as u64 + 1,
    );
    for (number, (case, correction)) in corrections.into_iter().enumerate() {
        let request = format!("{SCHEME}-{case}-{number}");
        db.write(WRITER, move |write| {
            Box::pin(async move { correct(write, case, &request, correction).await })
        })
        .await?;
        progress.inc(1);
    }
    sequencer::bring_up_to_date(db).await?;
    db.write(WRITER, move |write| {
        Box::pin(async move {
            let note = Statement::new("insert into loads (name, sha256) values ('demo', ")
                .bind(digest)
                .sql(") on conflict on constraint loads_pkey do update set sha256 = excluded.sha256, loaded_at = now()");
            write.execute(note).await?;
            // Without statistics, the first queries would be slow until autovacuum has run.
            let tables: Vec<TableRow> = write.load(Statement::new(FILLED_TABLES)).await?;
            let names: Vec<String> = tables.into_iter().map(|table| table.name).collect();
            write
                .execute(Statement::new(format!("analyze {}", names.join(", "))))
                .await
        })
    })
    .await?;
    progress.finish_and_clear();
    Ok(loaded)
}

fn cases() -> Result<Vec<(&'static str, Case)>> {
    CASES
        .iter()
        .map(|(name, text)| match toml::from_str(text) {
            Ok(case) => Ok((*name, case)),
            Err(error) => Err(Error::internal(format_args!(
                "the case {name} can't be read: {error}"
            ))),
        })
        .collect()
}

async fn load_in(
    write: &mut Write<'_>,
    mut cases: Vec<(&str, Case)>,
    progress: &ProgressBar,
) -> Result<Loaded> {
    // The write may begin again.
    progress.set_position(0);
    let there = keys_there(write).await?;
    let mut loaded = Loaded::default();
    let mut moments = Moments::default();
    let mut back_to = None;
    for resource in ORDER {
        let mut records = Vec::new();
        for (case, of_case) in &mut cases {
            for mut record in std::mem::take(of_case.records_mut(resource)) {
                let Some(Value::String(handle)) = record.remove("as") else {
                    return Err(Error::internal(format_args!(
                        "a record of the case {case} has no name in `as`"
                    )));
                };
                let moment = moments.take(&handle, &mut record)?;
                records.push((moment, *case, handle, record));
            }
        }
        // A record is never recorded before those that it refers to, so they still come first.
        records.sort_by_key(|(moment, ..)| *moment);
        for (moment, case, handle, mut record) in records {
            progress.inc(1);
            if let Some((known, id)) = there.get(&handle) {
                write.handles.insert(handle, known.table(), *id);
                loaded.kept += 1;
                continue;
            }
            if back_to != Some(moment) {
                date_back(write, moment).await?;
                back_to = Some(moment);
            }
            let key = json!({"scheme": SCHEME, "value": handle});
            match record.entry("external_keys").or_insert_with(|| json!([])) {
                Value::Array(keys) => keys.push(key),
                _ => {
                    return Err(Error::internal(format_args!(
                        "{handle}: external_keys is not a list"
                    )));
                }
            }
            let mut body = Value::Object(record);
            refuse_unclean(&mut body, case)?;
            let operation = Operation::Create { body };
            let answer = dispatch::protocol(resource)
                .perform(write, operation)
                .await
                .map_err(|error| {
                    Error::internal(format_args!("{handle} of the case {case} was refused: {error}"))
                })?;
            let id = answer
                .id
                .ok_or_else(|| Error::internal("a record without an id was made"))?;
            write.handles.insert(handle, resource.table(), id);
            loaded.made += 1;
        }
    }
    Ok(loaded)
}

/// Cleans the texts of a body, as the extractor of bodies does.
fn refuse_unclean(body: &mut Value, case: &str) -> Result<()> {
    match clean_texts(body).first() {
        None => Ok(()),
        Some(fault) => Err(Error::internal(format_args!(
            "a text of the case {case}: {} {}",
            fault.pointer, fault.detail
        ))),
    }
}

/// Sets the moment at which later writes of the transaction count as recorded. Earlier writes get their revisions first,
/// with the moment that was set for them; they are not written again.
async fn date_back(write: &mut Write<'_>, moment: DateTime<Utc>) -> Result<()> {
    for sql in ["set constraints all immediate", "set constraints all deferred"] {
        write.execute(Statement::new(sql)).await?;
    }
    let settings = Statement::new(
        "select set_config('demarche.revised_in', '', true), set_config('demarche.backdated_to', ",
    )
    .bind(moment.to_rfc3339())
    .sql(", true)");
    write.execute(settings).await.map(drop)
}

/// Corrects a record of a case, unless it is corrected already or somebody else has changed it.
async fn correct(write: &mut Write<'_>, case: &str, request: &str, correction: Correction) -> Result<()> {
    let handle = correction.record.trim_start_matches('@');
    let there = keys_there(write).await?;
    let Some((resource, id)) = there.get(handle).copied() else {
        return Ok(());
    };
    let others = Statement::new("select record_id as id from revisions where record_id = ")
        .bind(id)
        .sql(" and (changed_by <> ")
        .bind(WRITER)
        .sql(" or request_id = ")
        .bind(request)
        .sql(") limit 1");
    if !write.load::<IdRow>(others).await?.is_empty() {
        return Ok(());
    }
    for (handle, (resource, id)) in there {
        write.handles.insert(handle, resource.table(), id);
    }
    date_back(write, moment(&correction.recorded_at)?).await?;
    let settings = Statement::new("select set_config('demarche.comment', ")
        .bind(correction.comment)
        .sql(", true), set_config('demarche.request_id', ")
        .bind(request)
        .sql(", true)");
    write.execute(settings).await?;
    let mut body = correction.patch;
    refuse_unclean(&mut body, case)?;
    let operation = Operation::Patch {
        reference: Reference::Id(id),
        precondition: Precondition::None,
        body,
    };
    dispatch::protocol(resource)
        .perform(write, operation)
        .await
        .map(drop)
        .map_err(|error| {
            Error::internal(format_args!(
                "the correction of {} of the case {case} was refused: {error}",
                correction.record
            ))
        })
}

async fn keys_there(write: &mut Write<'_>) -> Result<BTreeMap<String, (Kind, Uuid)>> {
    let statement = Statement::new(
        "select value, coalesce(actor_id, relationship_id, programme_id, sanction_id, action_id, source_id) as id, \
         case when actor_id is not null then 'actors' when relationship_id is not null then 'relationships' \
         when programme_id is not null then 'programmes' when sanction_id is not null then 'sanctions' \
         when action_id is not null then 'diplomatic-actions' else 'sources' end as resource \
         from external_keys where scheme = ",
    )
    .bind(SCHEME);
    let mut there = BTreeMap::new();
    for row in write.load::<KeyRow>(statement).await? {
        if let Some(resource) = Kind::ALL
            .into_iter()
            .find(|resource| resource.path() == row.resource)
        {
            there.insert(row.value, (resource, row.id));
        }
    }
    Ok(there)
}
