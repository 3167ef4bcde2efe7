//! Relationships that become equal by a merge: one of them stays, and has the citations and external keys of the others.
//! Undoing the merge restores the others.

use diesel::QueryableByName;
use diesel::sql_types;
use serde_json::Value;
use uuid::Uuid;

use crate::db::{Statement, Write};
use crate::dispatch;
use crate::error::{Error, Fault, Result};
use crate::http::crud::Operation;
use crate::resource::{Identity, Kind, record};

#[derive(QueryableByName)]
struct EqualRow {
    #[diesel(sql_type = sql_types::Uuid)]
    id: Uuid,
    #[diesel(sql_type = sql_types::Uuid)]
    kept_id: Uuid,
}

/// Returns the statement that finds the relationships which moved to the target and say the same as another of its own: their
/// columns are equal, but for a description or properties that only the one that stays has. The one that stays is one that the
/// target had before, else the oldest.
fn equal_ties(source: Uuid, into: Uuid) -> Statement {
    Statement::new(
        "with ties as ( \
           select tie.id, tie.description, tie.properties, \
             to_jsonb(tie) - '{id,description,properties,version,changed_in,created_at,updated_at}'::text[] as said, \
             exists (select from merge_moves as move where move.resource = 'relationships' \
               and move.record_id = tie.id and move.actor_id = ",
    )
    .bind(source)
    .sql(") as has_moved from relationships as tie where ")
    .bind(into)
    .sql(
        " in (tie.subject_id, tie.object_id) \
         ), ranked as ( \
           select id, has_moved, description, properties, first_value(id) over same as kept_id, \
             first_value(description) over same as kept_description, first_value(properties) over same as kept_properties \
           from ties window same as (partition by said order by has_moved, id) \
         ) \
         select id, kept_id from ranked \
         where has_moved and id <> kept_id \
           and (description is null or description is not distinct from kept_description) \
           and properties <@ kept_properties \
         order by id",
    )
}

/// Drops the relationships that became equal to another one when their references moved from the source to the target, and
/// returns how many. Their citations move to the one that stays, without those that it has already; so do their external keys.
/// Each becomes a fault that names both.
///
/// # Errors
/// Those of [`Write::execute`].
pub async fn drop_equal(
    write: &mut Write<'_>,
    source: Uuid,
    into: Uuid,
    dropped: &mut Vec<Fault>,
) -> Result<usize> {
    let rows: Vec<EqualRow> = write.load(equal_ties(source, into)).await?;
    for EqualRow { id, kept_id } in &rows {
        let (id, kept_id) = (*id, *kept_id);
        let note = Statement::new("update merge_moves set was_dropped = true, kept_id = ")
            .bind(kept_id)
            .sql(" where resource = 'relationships' and record_id = ")
            .bind(id)
            .sql(" and actor_id = ")
            .bind(source);
        write.execute(note).await?;
        let said = "source_id, stance, credibility, locator, quote, attributed_to_id";
        let same = said
            .split(", ")
            .map(|column| format!(" and same.{column} is not distinct from own.{column}"))
            .collect::<String>();
        let cite = Statement::new("update citations as own set relationship_id = ")
            .bind(kept_id)
            .sql(", position = own.position + 1 + (select coalesce(max(last.position), -1) from citations as last where last.relationship_id = ")
            .bind(kept_id)
            .sql(") where own.relationship_id = ")
            .bind(id)
            .sql(" and not exists (select from citations as same where same.relationship_id = ")
            .bind(kept_id)
            .sql(format!("{same})"));
        write.execute(cite).await?;
        let name = Statement::new("update external_keys as own set relationship_id = ")
            .bind(kept_id)
            .sql(", position = own.position + 1 + (select coalesce(max(last.position), -1) from external_keys as last where last.relationship_id = ")
            .bind(kept_id)
            .sql(") where own.relationship_id = ")
            .bind(id);
        write.execute(name).await?;
        write
            .execute(Statement::new("delete from relationships where id = ").bind(id))
            .await?;
        dropped.push(Fault::new(
            format!("/v1/relationships/{id}"),
            format!("says the same as /v1/relationships/{kept_id}, which has its citations"),
        ));
    }
    Ok(rows.len())
}

#[derive(QueryableByName)]
struct DroppedRow {
    #[diesel(sql_type = sql_types::Uuid)]
    relationship_id: Uuid,
    #[diesel(sql_type = sql_types::Array<sql_types::Uuid>)]
    kept_ids: Vec<Uuid>,
    #[diesel(sql_type = sql_types::Text)]
    document: String,
}

#[derive(QueryableByName)]
struct DocumentRow {
    #[diesel(sql_type = sql_types::Text)]
    document: String,
}

/// Takes the citations and external keys of a document back from the relationships that stayed, and returns the document without
/// those that another record has got since.
async fn take_back(write: &mut Write<'_>, document: String, kept_ids: Vec<Uuid>) -> Result<Value> {
    let free = Statement::new("with gone as (select ")
        .bind(document.clone())
        .sql(
            "::text::jsonb as document), cited as ( \
               delete from citations as own using gone where own.relationship_id = any (",
        )
        .bind(kept_ids.clone())
        .sql(
            ") and own.id in ( \
                 select (element ->> 'id')::uuid from jsonb_array_elements(gone.document -> 'citations') as element \
               ) \
             ) \
             delete from external_keys as own using gone where own.relationship_id = any (",
        )
        .bind(kept_ids)
        .sql(
            ") and (own.scheme, own.value) in ( \
               select element ->> 'scheme', element ->> 'value' \
               from jsonb_array_elements(gone.document -> 'external_keys') as element \
             )",
        );
    write.execute(free).await?;
    let remaining = Statement::new(
        "select (gone.document || jsonb_build_object( \
           'citations', array( \
             select element.value from jsonb_array_elements(gone.document -> 'citations') with ordinality as element (value, place) \
             where not exists (select from citations as taken where taken.id = (element.value ->> 'id')::uuid) \
             order by element.place), \
           'external_keys', array( \
             select element.value from jsonb_array_elements(gone.document -> 'external_keys') with ordinality as element (value, place) \
             where not exists ( \
               select from external_keys as taken \
               where (taken.scheme, taken.value) = (element.value ->> 'scheme', element.value ->> 'value')) \
             order by element.place) \
         ))::text as document from (select ",
    )
    .bind(document)
    .sql("::text::jsonb as document) as gone");
    let rows: Vec<DocumentRow> = write.load(remaining).await?;
    let row = rows
        .first()
        .ok_or_else(|| Error::internal("a document of a dropped relationship was lost"))?;
    record::parse(&row.document)
}

/// Restores the relationships that the merge of the source dropped, after the source was restored: those whose equal still
/// exists. Citations and external keys that moved return, as far as the one that stayed still has them.
///
/// # Errors
/// Those of a restore, with the path of the relationship in its faults.
pub async fn restore_dropped(write: &mut Write<'_>, source: Uuid) -> Result<()> {
    let find = Statement::new(
        "with recursive dropped (id) as ( \
           select record_id from merge_moves where kept_id is not null and actor_id = ",
    )
    .bind(source)
    // What stayed may have been dropped by a later merge, in favour of another.
    .sql(
        "), stays (id, kept_id) as ( \
           select dropped.id, dropped.id from dropped \
           union \
           select stays.id, move.kept_id from stays \
           join merge_moves as move on move.record_id = stays.kept_id and move.kept_id is not null \
         ) \
         select dropped.id as relationship_id, kept.ids as kept_ids, last.document::text as document from dropped \
         cross join lateral ( \
           select revision.document from revisions as revision \
           where revision.resource = 'relationships' and revision.record_id = dropped.id and revision.document is not null \
           order by revision.version desc limit 1 \
         ) as last \
         cross join lateral ( \
           select array_agg(present.id) as ids from stays join relationships as present on present.id = stays.kept_id \
           where stays.id = dropped.id \
         ) as kept \
         where not exists (select from relationships as present where present.id = dropped.id) \
           and kept.ids is not null \
         order by dropped.id",
    );
    for DroppedRow {
        relationship_id,
        kept_ids,
        document,
    } in write.load::<DroppedRow>(find).await?
    {
        let document = take_back(write, document, kept_ids).await?;
        // The history of the relationship says that it was restored.
        let mark = Statement::new(
            "select set_config('demarche.restored', concat_ws(',', nullif(current_setting('demarche.restored', true), ''), ",
        )
        .bind(relationship_id.to_string())
        .sql("), true)");
        write.execute(mark).await?;
        let created_at = document["created_at"].as_str().and_then(|at| at.parse().ok());
        let restore = Operation::Restore {
            identity: Identity {
                id: relationship_id,
                created_at,
            },
            document,
        };
        dispatch::protocol(Kind::Relationships)
            .perform(write, restore)
            .await
            .map_err(|error| error.under(&format!("/v1/relationships/{relationship_id}")))?;
    }
    Ok(())
}
