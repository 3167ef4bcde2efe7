//! No action answers itself, not even by way of others. The database's trigger guards that; this
//! finds the circle beforehand, so that its actions can be named.

use std::collections::{HashMap, VecDeque};

use diesel::QueryableByName;
use diesel::sql_types;
use uuid::Uuid;

use crate::db::{Statement, Write};
use crate::diplomatic_actions::model::DiplomaticAction;
use crate::error::{Error, Fault, Result};
use crate::vocabulary::LinkKind;

impl LinkKind {
    /// Whether the action would not be without the one that it links to.
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

/// A link that stands on a way from one of the wanted actions back to the one that is changed.
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

/// Refuses links by which the action would answer itself. A new action needs no such check: nothing
/// answers it yet.
pub async fn refuse(
    write: &mut Write<'_>,
    action: &DiplomaticAction,
    links: &[(LinkKind, Uuid)],
) -> Result<()> {
    let causal: Vec<Uuid> = links
        .iter()
        .filter(|(kind, _)| kind.is_causal())
        .map(|(_, linked)| *linked)
        .collect();
    if causal.is_empty() {
        return Ok(());
    }
    let statement = Statement::new("with recursive wanted (action_id, linked_action_id) as (select ")
        .bind(action.id)
        .sql("::uuid, linked_action_id from unnest(")
        .bind(causal)
        .sql(") as linked_action_id)")
        .sql(include_str!("circle.sql"));
    let steps: Vec<StepRow> = write.load(statement).await?;
    let faults: Vec<Fault> = links
        .iter()
        .enumerate()
        .filter(|(_, (kind, _))| kind.is_causal())
        .filter_map(|(index, (kind, linked))| {
            let way = way(&steps, *linked, action.id)?;
            Some(Fault::new(
                format!("/links/{index}/action"),
                format!(
                    "{kind} would close a circle: {} ({}) → {}",
                    action.title,
                    action.id,
                    way.join(" → ")
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

/// The shortest way from one action to another, both named; none where there is none.
fn way(steps: &[StepRow], from: Uuid, to: Uuid) -> Option<Vec<String>> {
    let mut leaving: HashMap<Uuid, Vec<&StepRow>> = HashMap::new();
    for step in steps {
        leaving.entry(step.id).or_default().push(step);
    }
    let mut came_by: HashMap<Uuid, &StepRow> = HashMap::new();
    let mut waiting = VecDeque::from([from]);
    while let Some(place) = waiting.pop_front() {
        for step in leaving.get(&place).into_iter().flatten().copied() {
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
