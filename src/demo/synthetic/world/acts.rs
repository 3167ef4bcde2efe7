//! The acts of states: diplomatic actions that respond to each other, and sanctions with their targets.

use std::ops::Range;

use chrono::{Datelike, Days, NaiveDate};
use rand::RngExt;
use uuid::Uuid;

use super::{Claim, MARK, World};
use crate::demo::synthetic::shape;

/// How many recent actions of a pair of states can still get a response.
const REMEMBERED: usize = 4;
/// How many recent targets can get related targets.
const TIED: f64 = 0.1;

impl World {
    /// Makes the rows of a range of sanctions and of a range of actions.
    pub fn make(&mut self, sanctions: Range<u64>, actions: Range<u64>) {
        for place in actions {
            self.make_action(place);
        }
        for place in sanctions {
            self.make_sanction(place);
        }
    }

    /// Returns the actor of an act: the state itself, or one of its bodies.
    fn actor_of(&mut self, state: usize) -> Uuid {
        let bodies = &self.states[state].bodies;
        if bodies.is_empty() || self.random.random_bool(0.3) {
            self.states[state].id
        } else {
            bodies[self.random.random_range(0..bodies.len())]
        }
    }

    fn make_action(&mut self, place: u64) {
        let id = self.id();
        let day = shape::day(place, self.actions);
        let initiator = self.choices.initiator.take(&mut self.random);
        // Each state has its own rivals: its neighbours in the list, then the most active states.
        let rank = self.choices.initiator.take(&mut self.random);
        let target = if self.random.random_bool(0.5) {
            (initiator + 1 + rank) % self.states.len()
        } else {
            rank
        };
        let kind = self.choices.action_type.take(&mut self.random);
        let (kind, cameo) = self.types[kind].clone();
        let ongoing = self.random.random_bool(0.01);
        let ended = if !ongoing && self.random.random_bool(0.05) {
            shape::later(day, 400, &mut self.random)
        } else {
            None
        };
        // The end must be after the whole period of an imprecise beginning.
        let occurred = if ended.is_some() {
            day.to_string()
        } else {
            shape::written(day, &mut self.random)
        };
        let is_deadly = matches!(&cameo[..2], "18" | "19" | "20");
        let fatalities = is_deadly.then(|| self.random.random_range(0..30));
        let title = format!(
            "Synthetic: {} of {} on {}",
            kind.replace('_', " "),
            self.states[initiator].name,
            self.states[target].name
        );
        self.tables
            .actions
            .row()
            .value(id)
            .value(&kind)
            .value(&cameo)
            .value(self.choices.modality.take(&mut self.random))
            .value(title)
            .value(&occurred)
            .optional(ended)
            .value(ongoing)
            .optional(fatalities)
            .optional(fatalities.map(|least| least + 3))
            .value(self.choices.claim_status.take(&mut self.random))
            .value(MARK)
            .end();
        let first = self.actor_of(initiator);
        let mut there = vec![("initiator", first)];
        if self.random.random_bool(0.95) {
            there.push(("target", self.actor_of(target)));
        }
        if self.random.random_bool(0.06) {
            there.push(("initiator", self.actor_of(initiator)));
        }
        if self.random.random_bool(0.04) {
            there.push(("affected", self.actor_of(target)));
        }
        there.sort_unstable();
        there.dedup();
        for (position, (role, actor)) in there.into_iter().enumerate() {
            self.tables
                .participants
                .row()
                .value(id)
                .value(position)
                .value(role)
                .value(actor)
                .end();
        }
        if self.random.random_bool(0.3) {
            let code = &self.states[target].code;
            self.tables
                .action_countries
                .row()
                .value(id)
                .value(0)
                .value(code)
                .end();
        }
        self.answer(id, day, initiator, target);
        if kind == "sanctions_imposed" {
            self.states[initiator].announcements.push((day, id));
        }
        self.cite(Claim::Action(id));
    }

    /// Links some actions to an action of the other side.
    fn answer(&mut self, id: Uuid, day: NaiveDate, initiator: usize, target: usize) {
        if self.random.random_bool(0.08)
            && let Some(answered) = self.recent.get(&(target, initiator))
            && let Some((_, linked)) = answered.get(self.random.random_range(0..answered.len().max(1)))
        {
            let kind = match self.random.random_range(0..10) {
                0..6 => "responds_to",
                6..9 => "retaliates_for",
                _ => "escalates",
            };
            self.tables
                .links
                .row()
                .value(id)
                .value(0)
                .value(kind)
                .value(linked)
                .end();
        }
        let remembered = self.recent.entry((initiator, target)).or_default();
        if remembered.len() == REMEMBERED {
            remembered.pop_front();
        }
        remembered.push_back((day, id));
    }

    fn make_sanction(&mut self, place: u64) {
        let day = shape::day(place, self.sanctions);
        let code = self.choices.imposer.take(&mut self.random);
        let answers = shape::ANSWERS.contains(&code);
        let Some(state) = self.by_code.get(code).copied() else {
            return;
        };
        let imposers = &self.states[state].imposers;
        let (imposer, programme) = imposers[self.random.random_range(0..imposers.len())];
        let against = if answers {
            self.choices.countered.take(&mut self.random)
        } else {
            self.choices.targeted.take(&mut self.random)
        };
        let Some(target) = self.target(against) else {
            return;
        };
        let id = self.id();
        let lifted = if self.random.random_bool(0.2) {
            shape::later(day, 4000, &mut self.random)
        } else {
            None
        };
        let expires = self
            .random
            .random_bool(0.05)
            .then(|| day.checked_add_days(Days::new(365)))
            .flatten();
        let imposed = if lifted.is_some() || expires.is_some() {
            day.to_string()
        } else {
            shape::written(day, &mut self.random)
        };
        let is_listed = self.random.random_bool(0.85);
        let announced = self.announcement(state, day);
        self.tables
            .sanctions
            .row()
            .value(id)
            .value(imposer)
            .value(target)
            .value("Synthetic: no reason was ever stated")
            .value(format_args!("Synthetic Act of {code}"))
            .value(imposed)
            .optional(expires)
            .optional(lifted)
            .optional(announced)
            .optional(is_listed.then(|| format!("synthetic_{}", code.to_lowercase())))
            .optional(is_listed.then_some(place))
            .value(self.choices.claim_status.take(&mut self.random))
            .value(MARK)
            .end();
        self.tables.bases.row().value(id).value(0).value(programme).end();
        let mut measures = vec![self.choices.measure.take(&mut self.random)];
        if self.random.random_bool(0.4) {
            measures.push(self.choices.measure.take(&mut self.random));
        }
        measures.sort_unstable();
        measures.dedup();
        for (position, measure) in measures.into_iter().enumerate() {
            self.tables
                .measures
                .row()
                .value(id)
                .value(position)
                .value(measure)
                .end();
        }
        let ground = if answers {
            "retaliation"
        } else {
            self.choices.ground.take(&mut self.random)
        };
        self.tables.grounds.row().value(id).value(0).value(ground).end();
        if self.random.random_bool(0.4) {
            let objective = self.choices.objective.take(&mut self.random);
            let outcome = if lifted.is_some() {
                "nego_settlement"
            } else {
                "ongoing"
            };
            self.tables
                .objectives
                .row()
                .value(id)
                .value(0)
                .value(objective)
                .value(outcome)
                .end();
        }
        self.cite(Claim::Sanction(id));
    }

    /// Returns an action of a state shortly before a day, with which sanctions may have been announced.
    fn announcement(&mut self, state: usize, day: NaiveDate) -> Option<Uuid> {
        if !self.random.random_bool(0.3) {
            return None;
        }
        let announcements = &self.states[state].announcements;
        let after = announcements.partition_point(|(announced, _)| *announced <= day);
        announcements[..after]
            .last()
            .filter(|(announced, _)| day.num_days_from_ce() - announced.num_days_from_ce() <= 30)
            .map(|(_, id)| *id)
    }

    /// Returns a target of a country: in half of the cases one that is sanctioned already.
    fn target(&mut self, code: &str) -> Option<Uuid> {
        let place = self.by_code.get(code).copied()?;
        if self.random.random_bool(0.01) {
            return Some(self.states[place].id);
        }
        let known = &self.targets[place];
        if !known.is_empty() && self.random.random_bool(0.4) {
            return Some(known[self.random.random_range(0..known.len())]);
        }
        self.target_count += 1;
        let number = self.target_count;
        let kind = self.choices.target_kind.take(&mut self.random);
        let role = match kind {
            "person" => "nationality",
            "vessel" | "aircraft" => "flag",
            _ => "jurisdiction",
        };
        let word = kind.replace('_', " ");
        let country = self.random.random_bool(0.93).then_some((code, role));
        let id = self.make_actor(kind, &format!("Synthetic {word} {number}"), country);
        let aliases = self.random.random_range(0..5_usize).saturating_sub(1);
        for position in 0..aliases {
            self.tables
                .names
                .row()
                .value(id)
                .value(position)
                .value(format_args!("Synthetic {word} {number} alias {position}"))
                .value(if position == 2 { "weak_alias" } else { "alias" })
                .end();
        }
        if self.random.random_bool(0.3) {
            self.tables
                .identifiers
                .row()
                .value(id)
                .value(0)
                .value("registration")
                .value(false)
                .value(format_args!("SYNTHETIC-{number}"))
                .end();
        }
        if let Some(near) = self.targets[place].last().copied()
            && self.random.random_bool(TIED)
        {
            let kind =
                ["family_of", "associate_of", "owns", "controls"][self.random.random_range(0..4_usize)];
            self.make_tie(near, id, kind, None, None);
        }
        self.targets[place].push(id);
        Some(id)
    }
}
