//! The references to actors in other records: a merge makes them name the target, and undoing it makes them name the source
//! again.

use diesel::QueryableByName;
use diesel::sql_types;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{Statement, Write};
use crate::error::{Fault, Result};
use crate::resource::Kind;

/// How many references moved from the source to the target.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Moved {
    /// Subjects and objects of relationships
    pub relationships: usize,
    /// Imposers of programmes
    pub programmes: usize,
    /// Imposers and targets of sanctions
    pub sanctions: usize,
    /// Participants of diplomatic actions
    pub participations: usize,
    /// Citations that attribute a statement to the actor
    pub attributions: usize,
}

/// A column that refers to actors.
#[derive(Debug)]
pub struct ActorColumn {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The role of the actor, as `merge_moves` names it: an SQL expression over the row `own` of the table.
    role: &'static str,
    /// Where a response counts the references that moved.
    moved: fn(&mut Moved) -> &mut usize,
    /// Set if the table is a list of records that can't name an actor twice in one role.
    list: Option<List>,
}

/// A child table with one row for each actor in a list of a record, in the order of its column `position`.
#[derive(Debug)]
struct List {
    /// The kind of the records.
    of: Kind,
    /// The columns of the table other than `position` and those of the record and the actor. Two rows that agree in them
    /// can't name the same actor.
    others: &'static [&'static str],
}

impl ActorColumn {
    const fn of_record(
        table: &'static str,
        column: &'static str,
        role: &'static str,
        moved: fn(&mut Moved) -> &mut usize,
    ) -> Self {
        Self {
            table,
            column,
            role,
            moved,
            list: None,
        }
    }

    /// Returns the column with the id of the record that a row is or belongs to.
    fn record(&self) -> &'static str {
        self.list.as_ref().map_or("id", |list| list.of.column())
    }

    /// Returns the statement that makes the references to the source name the target and records that they moved.
    fn move_references(&self, source: Uuid, into: Uuid) -> Statement {
        let Self {
            table, column, role, ..
        } = self;
        let record = self.record();
        Statement::new(format!("with moved as (update {table} as own set {column} = "))
            .bind(into)
            .sql(format!(" where own.{column} = "))
            .bind(source)
            .sql(format!(
                " returning own.{record} as id, {role} as role) \
                 insert into merge_moves (actor_id, resource, record_id, role) select "
            ))
            .bind(source)
            .sql(format!(", '{table}', moved.id, moved.role from moved"))
    }

    /// Returns the statement that makes the references that moved name the source again.
    fn move_references_back(&self, source: Uuid, into: Uuid) -> Statement {
        let Self { table, column, .. } = self;
        Statement::new(format!("update {table} as own set {column} = "))
            .bind(source)
            .sql(format!(" where own.{column} = "))
            .bind(into)
            .append(self.and_was_recorded(source, false))
    }

    /// Returns the statement that deletes the rows of the source whose list names the target in the same role, and records
    /// and returns them.
    fn drop_duplicates(&self, list: &List, source: Uuid, into: Uuid) -> Statement {
        let Self {
            table, column, role, ..
        } = self;
        let record = self.record();
        let is_same: String = list
            .others
            .iter()
            .map(|other| format!(" and same.{other} = own.{other}"))
            .collect();
        Statement::new(format!("with dropped as (delete from {table} as own where own.{column} = "))
            .bind(source)
            .sql(format!(
                " and exists (select from {table} as same where same.{record} = own.{record}{is_same} and same.{column} = "
            ))
            .bind(into)
            .sql(format!(
                ") returning own.{record} as id, {role} as role) \
                 insert into merge_moves (actor_id, resource, record_id, role, was_dropped) select "
            ))
            .bind(source)
            .sql(format!(
                ", '{table}', dropped.id, dropped.role, true from dropped returning record_id, role"
            ))
    }

    /// Returns the statement that adds the dropped rows of the source at the end of the lists that still name the target.
    fn add_dropped_again(&self, list: &List, source: Uuid, into: Uuid) -> Statement {
        let Self { table, column, .. } = self;
        let record = self.record();
        let others: String = list.others.iter().map(|other| format!(", {other}")).collect();
        Statement::new(format!(
            "insert into {table} ({record}, position{others}, {column}) \
             select own.{record}, (select max(whole.position) from {table} as whole where whole.{record} = own.{record}) \
             + row_number() over (partition by own.{record} order by own.position){others}, "
        ))
        .bind(source)
        .sql(format!(" from {table} as own where own.{column} = "))
        .bind(into)
        .append(self.and_was_recorded(source, true))
    }

    /// Returns a further condition: `merge_moves` has the row `own` of the table, as one that was dropped or as one that moved.
    fn and_was_recorded(&self, source: Uuid, was_dropped: bool) -> Statement {
        let Self { table, role, .. } = self;
        let record = self.record();
        Statement::new(" and exists (select from merge_moves as move where move.actor_id = ")
            .bind(source)
            .sql(format!(
                " and move.resource = '{table}' and move.record_id = own.{record} and move.role = {role} \
                 and move.was_dropped = {was_dropped})"
            ))
    }
}

/// The columns that refer to actors. A test compares the list with the foreign keys of the database.
pub const ACTOR_COLUMNS: [ActorColumn; 7] = [
    ActorColumn::of_record("relationships", "subject_id", "'subject'", |moved| {
        &mut moved.relationships
    }),
    ActorColumn::of_record("relationships", "object_id", "'object'", |moved| {
        &mut moved.relationships
    }),
    ActorColumn::of_record("programmes", "imposer_id", "'imposer'", |moved| {
        &mut moved.programmes
    }),
    ActorColumn::of_record("sanctions", "imposer_id", "'imposer'", |moved| {
        &mut moved.sanctions
    }),
    ActorColumn::of_record("sanctions", "target_id", "'target'", |moved| &mut moved.sanctions),
    ActorColumn::of_record("citations", "attributed_to_id", "'attributed_to'", |moved| {
        &mut moved.attributions
    }),
    ActorColumn {
        table: "action_participants",
        column: "actor_id",
        role: "own.role::text",
        moved: |moved| &mut moved.participations,
        list: Some(List {
            of: Kind::DiplomaticActions,
            others: &["role"],
        }),
    },
];

#[derive(QueryableByName)]
struct DroppedRow {
    #[diesel(sql_type = sql_types::Uuid)]
    record_id: Uuid,
    #[diesel(sql_type = sql_types::Text)]
    role: String,
}

/// Makes all references to the source name the target, and records which ones moved. A reference that would make a list name
/// the target twice in one role is dropped, and becomes a fault.
///
/// # Errors
/// Those of [`Write::execute`].
pub async fn move_all(
    write: &mut Write<'_>,
    source: Uuid,
    into: Uuid,
    dropped: &mut Vec<Fault>,
) -> Result<Moved> {
    let mut moved = Moved::default();
    for reference in &ACTOR_COLUMNS {
        if let Some(list) = &reference.list {
            let rows: Vec<DroppedRow> = write.load(reference.drop_duplicates(list, source, into)).await?;
            dropped.extend(rows.into_iter().map(|row| {
                Fault::new(
                    format!("/v1/{}/{}", list.of.path(), row.record_id),
                    format!("already has the target as {}", row.role),
                )
            }));
        }
        *(reference.moved)(&mut moved) += write.execute(reference.move_references(source, into)).await?;
    }
    Ok(moved)
}

/// Makes the references that a merge moved from the source to the target name the source again, as far as they still name the
/// target. Where a list had both, it has both again.
///
/// # Errors
/// Those of [`Write::execute`].
pub async fn move_back(write: &mut Write<'_>, source: Uuid, into: Uuid) -> Result<()> {
    for reference in &ACTOR_COLUMNS {
        write
            .execute(reference.move_references_back(source, into))
            .await?;
        if let Some(list) = &reference.list {
            write
                .execute(reference.add_dropped_again(list, source, into))
                .await?;
        }
    }
    Ok(())
}
