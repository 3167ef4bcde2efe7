//! Finds the record whose history is read. Deleted records are found as well, by their id or by a key that they had when they
//! were deleted.

use diesel::QueryableByName;
use diesel::sql_types;
use uuid::Uuid;

use crate::db::{Db, ReadOn, Statement};
use crate::error::{Error, Problem, Result};
use crate::history::model::Subject;
use crate::resource::{self, Kind, Reference};
use crate::vocabulary::model::Vocabulary;

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = sql_types::Uuid)]
    id: Uuid,
}

/// Returns the record that a path names. A record that has a key now takes precedence over one that had it.
///
/// # Errors
/// Not found if no record has or had the reference; conflict if several had the key.
pub async fn record(mut on: ReadOn<'_, '_>, resource: Kind, reference: &Reference) -> Result<Subject> {
    let id = match resource::find(on.again(), resource, reference).await {
        Ok(id) => id,
        Err(unknown) if unknown.problem() == Problem::NotFound => {
            ended(&mut on, resource, reference).await?.ok_or(unknown)?
        }
        Err(error) => return Err(error),
    };
    let subject = Subject {
        table: resource.table(),
        record_id: id,
        resource: resource.path().to_owned(),
        id: id.to_string(),
    };
    if has_revisions(on, &subject).await? {
        return Ok(subject);
    }
    Err(resource::unknown(resource, reference))
}

/// Returns the record that had a key when it was deleted and was not restored since: the last one of several, unless they
/// had it at the same time.
async fn ended(on: &mut ReadOn<'_, '_>, resource: Kind, reference: &Reference) -> Result<Option<Uuid>> {
    const NAMED: i64 = 10;
    let Reference::Key { scheme, value } = reference else {
        return Ok(None);
    };
    let statement = Statement::new(
        "with ended as (select ended.record_id, ended.id, (select min(first.id) from revisions as first \
         where first.record_id = ended.record_id and first.resource = ended.resource and first.version > coalesce(( \
         select max(without.version) from revisions as without where without.record_id = ended.record_id \
         and without.resource = ended.resource and without.version < ended.version \
         and not revision_keys(without.resource, without.document) @> array[",
    )
    .bind(format!("{scheme}:{value}"))
    .sql(
        "]), 0)) as first_id \
         from revisions as last join revisions as ended on ended.record_id = last.record_id and ended.resource = last.resource \
         and ended.version = last.version + 1 where ended.document is null and last.resource = ",
    )
    .bind(resource.table())
    .sql(" and revision_keys(last.resource, last.document) @> array[")
    .bind(format!("{scheme}:{value}"))
    .sql(if on.moment().is_some() {
        "] and exists (select from changes as change where change.revision_id = ended.id \
         and change.recorded_at <= as_of.moment() and change.superseded_at > as_of.moment())"
    } else {
        "] and not exists (select from revisions as later where later.record_id = ended.record_id \
         and later.resource = ended.resource and later.version > ended.version)"
    })
    .sql(
        ") select record_id as id from ended where ended.id > \
         (select last.first_id from ended as last order by last.id desc limit 1) order by ended.id desc limit ",
    )
    .bind(NAMED);
    let ids: Vec<Uuid> = on
        .load_slowly::<IdRow>(statement)
        .await?
        .into_iter()
        .map(|row| row.id)
        .collect();
    match ids.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(*only)),
        several => {
            let several: Vec<String> = several.iter().map(Uuid::to_string).collect();
            Err(Error::conflict(format!(
                "{reference} names more than one deleted {}: {}; name one by its id",
                resource.noun(),
                several.join(", ")
            )))
        }
    }
}

/// Returns the entry of a vocabulary that a path names.
///
/// # Errors
/// Not found if the vocabulary never had the code.
pub async fn entry(db: &Db, vocabulary: Vocabulary, code: &str) -> Result<Subject> {
    let statement = Statement::new("select entry_id(")
        .bind(vocabulary.name())
        .sql(", ")
        .bind(code)
        .sql(") as id")
        .keep_prepared();
    let row: IdRow = db
        .read_one(statement)
        .await?
        .ok_or_else(|| Error::internal("an entry has no id"))?;
    let subject = Subject {
        table: vocabulary.name(),
        record_id: row.id,
        resource: format!("vocabularies/{vocabulary}"),
        id: code.to_owned(),
    };
    if has_revisions(ReadOn::Db(db), &subject).await? {
        return Ok(subject);
    }
    Err(Error::not_found(format!("{code} is not a code of {vocabulary}")))
}

async fn has_revisions(mut on: ReadOn<'_, '_>, subject: &Subject) -> Result<bool> {
    let statement = Statement::new("select revision.record_id as id from revisions as revision where revision.record_id = ")
        .bind(subject.record_id)
        .sql(" and revision.resource = ")
        .bind(subject.table)
        .sql(if on.moment().is_some() {
            " and exists (select from changes as change where change.revision_id = revision.id and change.recorded_at <= as_of.moment())"
        } else {
            ""
        })
        .sql(" limit 1")
        .keep_prepared();
    Ok(!on.load::<IdRow>(statement).await?.is_empty())
}
