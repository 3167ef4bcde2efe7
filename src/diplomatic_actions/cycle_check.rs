//! Causal links form no cycle: no action is its own cause, not even by way of others. A trigger of the database guarantees
//! that; this check runs before, so that the error can name the actions of the cycle.

use std::collections::{HashMap, VecDeque};

use diesel::QueryableByName;
use diesel::sql_types;
use uuid::Uuid;

use crate::db::{Statement, Write};
use crate::error::{Error, Fault, Result};
use crate::vocabulary::LinkKind;

impl LinkKind {
    /// Returns whether the linked action is a cause of the action.
    pub const fn is_causal(self) -> bool {
        match self {
            Self::RespondsTo | Self::RetaliatesFor | Self::Escalates => true,
            Self::Alleges
            | Self::Implements
            | Self::Lifts
            | Self::Supersedes
            | Self::PartOf
            | Self::CoordinatedWith
            | Self::Contradicts => false,
        }
    }
}

/// The action whose links are checked.
#[derive(Debug, Clone, Copy)]
pub struct Linking<'a> {
    pub id: Uuid,
    pub title: &'a str,
}

/// An action to which a link would close a cycle.
#[derive(QueryableByName)]
struct ClosingRow {
    #[diesel(sql_type = sql_types::Uuid)]
    id: Uuid,
}

/// A causal link on a path from one of the linked actions back to the action that is changed.
#[derive(QueryableByName)]
struct StepRow {
    #[diesel(sql_type = sql_types::Uuid)]
    id: Uuid,
    #[diesel(sql_type = sql_types::Text)]
    title: String,
    #[diesel(sql_type = sql_types::Uuid)]
    next_id: Uuid,
    #[diesel(sql_type = sql_types::Text)]
    next_title: String,
}

/// Refuses links that would close a cycle. A new action needs no check: nothing links to it yet.
///
/// # Errors
/// Conflict that names the actions of each cycle.
pub async fn refuse(write: &mut Write<'_>, action: Linking<'_>, links: &[(LinkKind, Uuid)]) -> Result<()> {
    let causal: Vec<Uuid> = links
        .iter()
        .filter(|(kind, _)| kind.is_causal())
        .map(|(_, linked)| *linked)
        .collect();
    if causal.is_empty() {
        return Ok(());
    }
    let statement = Statement::new("select linked.id from unnest(")
        .bind(causal)
        .sql(") as linked (id) where closes_causal_cycle(")
        .bind(action.id)
        .sql(", linked.id)");
    let closing: Vec<Uuid> = write
        .load::<ClosingRow>(statement)
        .await?
        .into_iter()
        .map(|row| row.id)
        .collect();
    if closing.is_empty() {
        return Ok(());
    }
    let statement = Statement::new("with recursive wanted (action_id, linked_action_id) as (select ")
        .bind(action.id)
        .sql("::uuid, linked_action_id from unnest(")
        .bind(closing)
        .sql(") as linked_action_id)")
        .sql(include_str!("cycle_check.sql"));
    let steps: Vec<StepRow> = write.load(statement).await?;
    let faults: Vec<Fault> = links
        .iter()
        .enumerate()
        .filter(|(_, (kind, _))| kind.is_causal())
        .filter_map(|(index, (kind, linked))| {
            let path = path(&steps, *linked, action.id)?;
            Some(Fault::new(
                format!("/links/{index}/action"),
                format!(
                    "{kind} would close a cycle: {} ({}) → {}",
                    action.title,
                    action.id,
                    shortened(path).join(" → ")
                ),
            ))
        })
        .collect();
    match faults.as_slice() {
        [] => Ok(()),
        [first, ..] => {
            Err(Error::conflict(format!("{} {}", first.pointer, first.detail)).with_faults(faults))
        }
    }
}

/// Returns the names of a path, without those in the middle of a long one.
fn shortened(mut path: Vec<String>) -> Vec<String> {
    const NAMED_AT_EACH_END: usize = 10;
    if path.len() > 2 * NAMED_AT_EACH_END + 1 {
        let rest = path.len() - 2 * NAMED_AT_EACH_END;
        path.splice(
            NAMED_AT_EACH_END..NAMED_AT_EACH_END + rest,
            [format!("({rest} more actions)")],
        );
    }
    path
}

/// Returns the shortest path from one action to another as the names of its actions; `None` if there is no path.
fn path(steps: &[StepRow], from: Uuid, to: Uuid) -> Option<Vec<String>> {
    let mut leaving: HashMap<Uuid, Vec<&StepRow>> = HashMap::new();
    for step in steps {
        leaving.entry(step.id).or_default().push(step);
    }
    let mut came_by: HashMap<Uuid, &StepRow> = HashMap::new();
    let mut waiting = VecDeque::from([from]);
    while let Some(id) = waiting.pop_front() {
        for step in leaving.get(&id).into_iter().flatten().copied() {
            if step.next_id != from && !came_by.contains_key(&step.next_id) {
                came_by.insert(step.next_id, step);
                waiting.push_back(step.next_id);
            }
        }
    }
    let mut step = came_by.get(&to)?;
    let mut named = vec![format!("{} ({})", step.next_title, step.next_id)];
    loop {
        named.push(format!("{} ({})", step.title, step.id));
        if step.id == from {
            named.reverse();
            return Some(named);
        }
        step = came_by.get(&step.id)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_names_its_ends() {
        let path = |actions: usize| (0..actions).map(|number| number.to_string()).collect::<Vec<_>>();

        assert_eq!(shortened(path(21)), path(21));
        let long = shortened(path(3000));
        assert_eq!(long.len(), 21);
        assert_eq!(
            (long[9].as_str(), long[10].as_str()),
            ("9", "(2980 more actions)")
        );
        assert_eq!((long[11].as_str(), long[20].as_str()), ("2990", "2999"));
    }
}
