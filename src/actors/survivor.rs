//! The actor that another actor was merged into.

use std::collections::{HashMap, HashSet};

use diesel::QueryableByName;
use diesel::sql_types;
use serde_json::Value;
use uuid::Uuid;

use crate::db::{Db, Statement, Write};
use crate::error::Result;

#[derive(QueryableByName)]
struct SurvivorRow {
    #[diesel(sql_type = sql_types::Uuid)]
    id: Uuid,
    #[diesel(sql_type = sql_types::Uuid)]
    into_id: Uuid,
}

/// Follows the ids of actors that do not exist any more through all their merges. An actor that was created again under
/// its old id stands for itself.
fn statement(ids: Vec<Uuid>) -> Statement {
    Statement::new("select wanted.id, merge.into_id from unnest(")
        .bind(ids)
        .sql(
            ") as wanted (id) cross join lateral \
             (select into_id from merges_from(wanted.id) order by depth desc limit 1) as merge \
             where not exists (select from actors as present where present.id = wanted.id)",
        )
        .keep_prepared()
}

/// Returns the id of the last actor that the actor was merged into, which may be deleted as well; `None` if the actor
/// was not merged.
///
/// # Errors
/// Those of [`Db::read`].
pub async fn find(db: &Db, id: Uuid) -> Result<Option<Uuid>> {
    let row: Option<SurvivorRow> = db.read_one(statement(vec![id])).await?;
    Ok(row.map(|row| row.into_id))
}

/// Like [`find`], in a write.
///
/// # Errors
/// Those of [`Write::load`].
pub async fn find_in(write: &mut Write<'_>, id: Uuid) -> Result<Option<Uuid>> {
    Ok(find_all_in(write, vec![id]).await?.remove(&id))
}

/// Returns the ids of those actors that were merged, each with the id of the last actor it was merged into.
///
/// # Errors
/// Those of [`Write::load`].
pub async fn find_all_in(write: &mut Write<'_>, ids: Vec<Uuid>) -> Result<HashMap<Uuid, Uuid>> {
    let rows = write.load::<SurvivorRow>(statement(ids)).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.into_id)).collect())
}

/// Returns the document of an earlier version without the elements of a list that became equal to an earlier element because
/// their actors were merged since.
///
/// `list` is the field of the list; `actor` is the field of an element that has the id of an actor, as `{"id": …}`. Elements
/// that differ in another field all stay.
///
/// # Errors
/// Those of [`Write::load`].
pub async fn unite_elements(
    write: &mut Write<'_>,
    mut document: Value,
    list: &str,
    actor: &str,
) -> Result<Value> {
    let Some(elements) = document[list].as_array_mut() else {
        return Ok(document);
    };
    let id_in = |element: &Value| element[actor]["id"].as_str().and_then(|id| id.parse().ok());
    let survivors = find_all_in(write, elements.iter().filter_map(id_in).collect()).await?;
    let mut known = HashSet::new();
    elements.retain(|element| {
        let mut of_today = element.clone();
        if let Some(survivor) = id_in(element).and_then(|id| survivors.get(&id)) {
            of_today[actor]["id"] = survivor.to_string().into();
        }
        known.insert(of_today.to_string())
    });
    Ok(document)
}
