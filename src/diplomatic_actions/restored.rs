//! What an earlier version of an action says today.

use std::collections::HashSet;

use serde_json::Value;

use crate::actors::survivor;
use crate::db::Write;
use crate::error::Result;

/// Returns the document with actors that were merged since, and that had the same role, as one participant.
pub async fn join_participants(write: &mut Write<'_>, mut document: Value) -> Result<Value> {
    let Some(participants) = document["participants"].as_array_mut() else {
        return Ok(document);
    };
    let actor = |participant: &Value| participant["actor"]["id"].as_str().and_then(|id| id.parse().ok());
    let survivors = survivor::find_all_in(write, participants.iter().filter_map(actor).collect()).await?;
    let mut known = HashSet::new();
    participants.retain(|participant| {
        let id = actor(participant).map(|id| *survivors.get(&id).unwrap_or(&id));
        known.insert((participant["role"].to_string(), id))
    });
    Ok(document)
}
