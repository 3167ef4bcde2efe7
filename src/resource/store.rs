//! How records of any kind are read, locked, created, replaced, restored and deleted.

use chrono::NaiveDate;
use diesel::QueryableByName;
use diesel::sql_types;
use diesel_async::RunQueryDsl;
use uuid::Uuid;

use crate::db::{Db, Statement, Write};
use crate::error::{Error, Fault, Result};
use crate::query::parameters::today;
use crate::resource::Kind;
use crate::resource::children::{self, ChildRows};
use crate::resource::constraints;
use crate::resource::external_keys;
use crate::resource::record::{self, Basis, Identity, Input, RecordRow, Resource, Row};
use crate::validation::Faults;

/// A record as its JSON is returned to clients.
#[derive(Debug)]
pub struct Loaded {
    /// The id of the record
    pub id: Uuid,
    /// The version of the record
    pub version: i32,
    /// The record as the text of a response
    pub record: String,
    /// What it includes; `None` if it was not asked for
    pub included: Option<String>,
}

/// Returns the record as its JSON is returned to clients, with its status on the day `on`; `None` if it does not exist. `included` is
/// the expression of what it includes, over its JSON `page.record`; `None` if it includes nothing.
///
/// # Errors
/// Those of [`Db::read`]; internal if the JSON does not fit the type.
pub async fn find<R: Resource>(
    db: &Db,
    id: Uuid,
    on: NaiveDate,
    included: Option<&str>,
) -> Result<Option<Loaded>> {
    let (statement, is_response) = match &R::sql().find_one_as_of {
        Some(whole) if db.is_as_of() => (Statement::new(whole.as_str()).bind(id).keep_prepared(), false),
        Some(_) | None => (find_statement::<R>(id, on), true),
    };
    let row: Option<(VersionRow, Option<String>)> = match included {
        None => db.read_one(statement).await?.map(|row| (row, None)),
        Some(included) => {
            let whole = Statement::new(format!("select page.*, {included}::text as included from ("))
                .append(statement)
                .sql(") as page");
            let row: Option<IncludingRow> = db.read_one(whole).await?;
            row.map(|row| (row.record, Some(row.included)))
        }
    };
    row.map(|(VersionRow { version, record }, included)| {
        let record = if is_response {
            record::response::<R>(record)?
        } else {
            record::written::<R>(record)?
        };
        Ok(Loaded {
            id,
            version,
            record,
            included,
        })
    })
    .transpose()
}

/// A record as the database makes it, and its version.
#[derive(QueryableByName)]
struct VersionRow {
    #[diesel(sql_type = sql_types::Integer)]
    version: i32,
    #[diesel(sql_type = sql_types::Text)]
    record: String,
}

/// The same, and what the record includes.
#[derive(QueryableByName)]
struct IncludingRow {
    #[diesel(embed)]
    record: VersionRow,
    #[diesel(sql_type = sql_types::Text)]
    included: String,
}

fn find_statement<R: Resource>(id: Uuid, on: NaiveDate) -> Statement {
    let statement = if R::DEPENDS_ON_DAY {
        Statement::new("with given (day) as materialized (select ")
            .bind(on)
            .sql("::date) ")
    } else {
        Statement::default()
    };
    statement.sql(R::sql().find_one.as_str()).bind(id).keep_prepared()
}

/// Returns a record that exists, as the transaction has written it.
///
/// # Errors
/// Those of [`Write::load`]; internal if the record does not exist or its JSON does not fit the type.
pub async fn reload<R: Resource>(write: &mut Write<'_>, id: Uuid) -> Result<R> {
    record::only(write.load(find_statement::<R>(id, today())).await?)
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = sql_types::Uuid)]
    #[expect(dead_code, reason = "the presence of the row is the result")]
    id: Uuid,
}

/// Locks a record until the transaction ends; returns false if it does not exist. Others may still begin to refer to it:
/// otherwise two writers that link their records to each other would deadlock.
///
/// # Errors
/// Those of [`Write::load`], among them the collision with another transaction, after which the write begins again.
pub async fn lock_row(write: &mut Write<'_>, kind: Kind, id: Uuid) -> Result<bool> {
    let statement = Statement::new(format!("select id from {} where id = ", kind.table()))
        .bind(id)
        .sql(" for no key update")
        .keep_prepared();
    Ok(!write.load::<IdRow>(statement).await?.is_empty())
}

/// Locks those of the records that exist, in id order to avoid deadlocks.
///
/// # Errors
/// Those of [`lock_row`].
pub async fn lock_rows(write: &mut Write<'_>, kind: Kind, ids: Vec<Uuid>) -> Result<()> {
    let statement = Statement::new(format!("select id from {} where id = any (", kind.table()))
        .bind(ids)
        .sql(") order by id for no key update")
        .keep_prepared();
    write.load::<IdRow>(statement).await.map(drop)
}

/// Locks a record until the transaction ends and returns it; `None` if it does not exist.
///
/// # Errors
/// Those of [`lock_row`] and [`reload`].
pub async fn lock<R: Resource>(write: &mut Write<'_>, id: Uuid) -> Result<Option<R>> {
    if !lock_row(write, R::KIND, id).await? {
        return Ok(None);
    }
    reload(write, id).await.map(Some)
}

/// Creates a record and returns it. `faults` has the faults found so far.
///
/// # Errors
/// Invalid record with every fault at once; conflict if another record is in the way.
pub async fn create<R: Resource>(write: &mut Write<'_>, input: R::Input, faults: Faults) -> Result<R> {
    let basis = Basis {
        current: None,
        is_restored: false,
    };
    let row = input.validate(write, faults, &basis).await?;
    insert(write, Identity::fresh(), row).await
}

/// Replaces the input fields of a locked record and returns the record. What does not differ is not written, so that a
/// request that changes nothing makes no version.
///
/// # Errors
/// Those of [`create`].
pub async fn replace<R: Resource>(
    write: &mut Write<'_>,
    current: &R,
    input: R::Input,
    faults: Faults,
) -> Result<R> {
    let basis = Basis {
        current: Some(current),
        is_restored: false,
    };
    let row = input.validate(write, faults, &basis).await?;
    set(write, current, row).await
}

/// Makes the input of an earlier version the record again: replaces the record, or creates it under its old id.
///
/// # Errors
/// Those of [`create`].
pub async fn restore<R: Resource>(write: &mut Write<'_>, identity: Identity, input: R::Input) -> Result<R> {
    let current: Option<R> = lock(write, identity.id).await?;
    let basis = Basis {
        current: current.as_ref(),
        is_restored: true,
    };
    let row = input.validate(write, Faults::default(), &basis).await?;
    match &current {
        Some(current) => set(write, current, row).await,
        None => insert(write, identity, row).await,
    }
}

async fn insert<R: Resource>(write: &mut Write<'_>, identity: Identity, row: R::Row) -> Result<R> {
    let id = identity.id;
    row.check(write, id, None).await?;
    check_keys(write, R::KIND, id, None, &row).await?;
    let inserted = row.insert(identity).execute(write.connection).await;
    inserted
        .map_err(Error::from)
        .map_err(|error| constraints::explain(error, R::CONSTRAINTS))?;
    write_children::<R>(write, id, None, &row).await?;
    reload(write, id).await
}

/// Stores a checked row as the new state of a locked record and returns the record.
///
/// # Errors
/// Conflict if another record is in the way.
pub async fn set<R: Resource>(write: &mut Write<'_>, current: &R, row: R::Row) -> Result<R> {
    let id = current.common().id;
    let before = R::Row::from(current);
    if row == before {
        return reload(write, id).await;
    }
    row.check(write, id, Some(&before)).await?;
    check_keys(write, R::KIND, id, Some(&before), &row).await?;
    if let Some(update) = row.update(id, &before) {
        let updated = update.execute(write.connection).await;
        updated
            .map_err(Error::from)
            .map_err(|error| constraints::explain(error, R::CONSTRAINTS))?;
    }
    write_children::<R>(write, id, Some(&before), &row).await?;
    reload(write, id).await
}

/// Refuses a row with a key, an identifier, a code or an entry of a list that another record has; at the end of the transaction if
/// it defers that.
async fn check_keys<Stored: Row>(
    write: &mut Write<'_>,
    kind: Kind,
    id: Uuid,
    before: Option<&Stored>,
    row: &Stored,
) -> Result<()> {
    if write.defers_unique_keys {
        return Ok(());
    }
    row.check_keys(write, id, before).await?;
    let known = before.map(Row::external_keys).unwrap_or_default();
    if known != row.external_keys() {
        external_keys::refuse_taken(write, kind, id, row.external_keys()).await?;
    }
    Ok(())
}

/// Refuses a stored record with a key that another record has, after a transaction that deferred the check.
///
/// # Errors
/// Conflict that names the other records; those of [`reload`].
pub async fn check_stored_keys<R: Resource>(write: &mut Write<'_>, id: Uuid) -> Result<()> {
    let stored: Option<RecordRow> = write
        .load(find_statement::<R>(id, today()))
        .await?
        .into_iter()
        .next();
    let Some(stored) = stored else {
        return Ok(());
    };
    let record: R = stored.parse()?;
    let row = R::Row::from(&record);
    check_keys(write, R::KIND, id, None, &row).await
}

async fn write_children<R: Resource>(
    write: &mut Write<'_>,
    id: Uuid,
    before: Option<&R::Row>,
    row: &R::Row,
) -> Result<()> {
    let before = before.map(all_children).unwrap_or_default();
    children::replace(write, R::KIND, id, &before, all_children(row))
        .await
        .map_err(|error| constraints::explain(error, R::CONSTRAINTS))
}

fn all_children(row: &impl Row) -> Vec<ChildRows> {
    let mut lists = row.children();
    lists.push(external_keys::child_rows(row.external_keys()));
    lists
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

/// Deletes a locked record with its lists.
///
/// # Errors
/// Conflict that names the records that refer to it.
pub async fn delete<R: Resource>(write: &mut Write<'_>, id: Uuid) -> Result<()> {
    let noun = R::KIND.noun();
    refuse_referred(write, R::KIND, id).await?;
    let statement = Statement::new(format!("delete from {} where id = ", R::KIND.table())).bind(id);
    match write.execute(statement).await {
        // Another writer began to refer to it between the two statements. The write begins again and names the referrer.
        Err(error) if error.constraint().is_some_and(|name| name.ends_with("_fkey")) => {
            Err(Error::conflict(format!("the {noun} is still referred to")).overtaken())
        }
        deleted => deleted.map(drop),
    }
}

async fn refuse_referred(write: &mut Write<'_>, kind: Kind, id: Uuid) -> Result<()> {
    const NAMED: usize = 100;
    let noun = kind.noun();
    let statement = Statement::new("select resource, id, role from referrers_of(")
        .bind(kind.table())
        .sql(", ")
        .bind(id)
        .sql(format!(") order by 1, 2, 3 limit {}", NAMED + 1));
    let found: Vec<ReferrerRow> = write.load(statement).await?;
    if found.is_empty() {
        return Ok(());
    }
    let faults: Vec<Fault> = found
        .iter()
        .take(NAMED)
        .map(|row| {
            Fault::new(
                "",
                format!("/v1/{}/{} refers to it as {}", row.resource, row.id, row.role),
            )
        })
        .collect();
    let records = match found.len() {
        1 => "1 record, which errors names".to_owned(),
        more if more > NAMED => format!("more than {NAMED} records; errors names the first {NAMED}"),
        several => format!("{several} records, each named in errors"),
    };
    Err(Error::conflict(format!("the {noun} is still referred to by {records}")).with_faults(faults))
}
