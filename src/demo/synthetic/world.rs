//! The world that synthetic data are about: true states, made-up bodies and targets, and what they do to each other.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{Datelike, Days, NaiveDate};
use rand::RngExt;
use rand::rngs::StdRng;
use tokio_postgres::Client;
use uuid::Uuid;

use super::SyntheticError;
use super::copy::Rows;
use super::shape::{self, Choice};

/// What is filled.
pub const TABLES: [&str; 17] = [
    "actors",
    "actor_names",
    "actor_countries",
    "actor_identifiers",
    "relationships",
    "sources",
    "programmes",
    "diplomatic_actions",
    "action_participants",
    "action_countries",
    "action_links",
    "sanctions",
    "sanction_measures",
    "sanction_grounds",
    "sanction_objectives",
    "sanction_programmes",
    "citations",
];

/// How many of an earlier dyad's actions are still answered.
const REMEMBERED: usize = 4;
/// How many targets have others near them.
const TIED: f64 = 0.1;
const MARK: &str = r#"{"synthetic": ["true"]}"#;

/// A state, and the bodies that act for it.
struct State {
    id: Uuid,
    code: String,
    name: String,
    bodies: Vec<Uuid>,
    imposers: Vec<(Uuid, Uuid)>,
    announcements: Vec<(NaiveDate, Uuid)>,
}

struct Tables {
    sources: Rows,
    actors: Rows,
    names: Rows,
    countries: Rows,
    identifiers: Rows,
    relationships: Rows,
    programmes: Rows,
    actions: Rows,
    participants: Rows,
    action_countries: Rows,
    links: Rows,
    sanctions: Rows,
    measures: Rows,
    grounds: Rows,
    objectives: Rows,
    bases: Rows,
    citations: Rows,
}

struct Choices {
    initiator: Choice<usize>,
    action_type: Choice<usize>,
    imposer: Choice<&'static str>,
    targeted: Choice<&'static str>,
    countered: Choice<&'static str>,
    target_kind: Choice<&'static str>,
    measure: Choice<&'static str>,
    ground: Choice<&'static str>,
    objective: Choice<&'static str>,
    claim_status: Choice<&'static str>,
    modality: Choice<&'static str>,
    credibility: Choice<&'static str>,
}

pub struct World {
    random: StdRng,
    sanctions: u64,
    actions: u64,
    states: Vec<State>,
    by_code: HashMap<String, usize>,
    types: Vec<(String, String)>,
    sources: Vec<Uuid>,
    targets: Vec<Vec<Uuid>>,
    target_count: u64,
    recent: HashMap<(usize, usize), VecDeque<(NaiveDate, Uuid)>>,
    millisecond: u64,
    choices: Choices,
    tables: Tables,
}

/// What of a citation names its claim.
#[derive(Clone, Copy)]
enum Claim {
    Sanction(Uuid),
    Action(Uuid),
    Relationship(Uuid),
}

impl World {
    /// Reads the true states and vocabularies, and makes the bodies, programmes and sources.
    pub async fn new(
        client: &Client,
        random: StdRng,
        sanctions: u64,
        actions: u64,
    ) -> Result<Self, SyntheticError> {
        let rows = client
            .query(
                "select actor.id, code.value, actor.name
                 from public.actors as actor
                 join public.actor_identifiers as code on code.actor_id = actor.id and code.scheme = 'iso3166'
                 where actor.kind = 'state'
                 order by coalesce(array_position($1::text[], code.value), 1000), code.value",
                &[&shape::ACTIVE.as_slice()],
            )
            .await?;
        let states: Vec<State> = rows
            .iter()
            .map(|row| State {
                id: row.get(0),
                code: row.get(1),
                name: row.get(2),
                bodies: Vec::new(),
                imposers: Vec::new(),
                announcements: Vec::new(),
            })
            .collect();
        let types: Vec<(String, String)> = client
            .query(
                "select code, cameo_code from public.action_types order by code",
                &[],
            )
            .await?
            .iter()
            .map(|row| (row.get(0), row.get(1)))
            .collect();
        let choices = Choices {
            initiator: shape::ranks(states.len(), 1.05).ok_or(SyntheticError::Missing("states"))?,
            action_type: shape::types(&types).ok_or(SyntheticError::Missing("action types"))?,
            imposer: shape::among(&shape::IMPOSERS),
            targeted: shape::among(&shape::TARGETED),
            countered: shape::among(&shape::COUNTERED),
            target_kind: shape::among(&shape::TARGET_KINDS),
            measure: shape::among(&shape::MEASURES),
            ground: shape::among(&shape::GROUNDS),
            objective: shape::among(&shape::OBJECTIVES),
            claim_status: shape::among(&shape::CLAIM_STATUSES),
            modality: shape::among(&shape::MODALITIES),
            credibility: shape::among(&shape::CREDIBILITIES),
        };
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis();
        let mut world = Self {
            by_code: states
                .iter()
                .enumerate()
                .map(|(place, state)| (state.code.clone(), place))
                .collect(),
            targets: states.iter().map(|_| Vec::new()).collect(),
            random,
            sanctions,
            actions,
            states,
            types,
            sources: Vec::new(),
            target_count: 0,
            recent: HashMap::new(),
            millisecond: u64::try_from(now).unwrap_or_default(),
            choices,
            tables: Tables::new(),
        };
        world.make_sources();
        world.make_bodies();
        world.make_programmes();
        Ok(world)
    }

    /// The next id: of version 7, so that they order as the rows do; a few to a millisecond, so that they stay near now.
    fn id(&mut self) -> Uuid {
        if self.random.random_bool(0.1) {
            self.millisecond += 1;
        }
        uuid::Builder::from_unix_timestamp_millis(self.millisecond, &self.random.random()).into_uuid()
    }

    fn make_sources(&mut self) {
        let reliability = shape::among(&shape::RELIABILITIES);
        for number in 0..(self.sanctions / 50).max(60) {
            let id = self.id();
            let day = shape::day(number, (self.sanctions / 50).max(60));
            self.tables
                .sources
                .row()
                .value(id)
                .value("dataset")
                .value(format_args!("Synthetic source {number}: nothing in it is true"))
                .value(format_args!("Synthetic publisher {}", number % 60))
                .value(day)
                .value(reliability.take(&mut self.random))
                .value(MARK)
                .end();
            self.sources.push(id);
        }
    }

    /// The busier a state, the more bodies act for it; some of them, and every head of state, for a time only.
    fn make_bodies(&mut self) {
        for place in 0..self.states.len() {
            let (state, name) = (self.states[place].id, self.states[place].name.clone());
            let count = (40 / (place + 1)).clamp(3, shape::BODIES.len() * 4);
            for number in 0..count {
                let (body, kind, tie) = shape::BODIES[number % shape::BODIES.len()];
                let name = match number / shape::BODIES.len() {
                    0 => format!("Synthetic {body} of {name}"),
                    office => format!("Synthetic Office {office} of the {body} of {name}"),
                };
                let id = self.make_actor(kind, &name, None);
                let dated = number % 7 == 5;
                let from = dated.then(|| format!("{}", 1992 + (place + number) % 20));
                self.make_tie(id, state, tie, from, None);
                self.states[place].bodies.push(id);
            }
            for term in 0..6 {
                let id = self.make_actor(
                    "person",
                    &format!("Synthetic head of state {term} of {name}"),
                    None,
                );
                let from = format!("{}-01-20", 1989 + term * 6);
                let until = format!("{}-01-20", 1995 + term * 6);
                self.make_tie(id, state, "head_of_state_of", Some(from), Some(until));
                self.states[place].bodies.push(id);
            }
        }
    }

    fn make_programmes(&mut self) {
        let codes: Vec<&str> = shape::IMPOSERS.iter().map(|(code, _)| *code).collect();
        for code in codes {
            let Some(place) = self.by_code.get(code).copied() else {
                continue;
            };
            for number in 0..6 {
                let imposer = self.states[place].bodies[number % 3];
                let id = self.id();
                self.tables
                    .programmes
                    .row()
                    .value(id)
                    .value(format_args!("SYNTHETIC-{code}-{number}"))
                    .value(format_args!("Synthetic programme {number} of {code}"))
                    .value(imposer)
                    .value(format_args!("Synthetic Act {number}"))
                    .value(MARK)
                    .end();
                self.states[place].imposers.push((imposer, id));
            }
        }
    }

    fn make_actor(&mut self, kind: &str, name: &str, country: Option<(&str, &str)>) -> Uuid {
        let id = self.id();
        self.tables
            .actors
            .row()
            .value(id)
            .value(kind)
            .value(name)
            .value(MARK)
            .end();
        if let Some((code, role)) = country {
            self.tables
                .countries
                .row()
                .value(id)
                .value(0)
                .value(code)
                .value(role)
                .end();
        }
        id
    }

    fn make_tie(
        &mut self,
        subject: Uuid,
        object: Uuid,
        kind: &str,
        from: Option<String>,
        until: Option<String>,
    ) {
        let id = self.id();
        let status = self.choices.claim_status.take(&mut self.random);
        self.tables
            .relationships
            .row()
            .value(id)
            .value(subject)
            .value(object)
            .value(kind)
            .optional(from)
            .optional(until)
            // Whose act it is should not hang on how the dice fell.
            .value(if status == "denied" || status == "retracted" {
                "reported"
            } else {
                status
            })
            .value(MARK)
            .end();
        self.cite(Claim::Relationship(id));
    }

    fn cite(&mut self, claim: Claim) {
        let count = match self.random.random_range(0..100) {
            0..88 => 1,
            88..97 => 2,
            _ => 3,
        };
        for position in 0..count {
            let id = self.id();
            let source = self.sources[self.random.random_range(0..self.sources.len())];
            let credibility = self.choices.credibility.take(&mut self.random);
            let stance = match self.random.random_range(0..100) {
                0..96 => "supports",
                96..98 => "disputes",
                _ => "mentions",
            };
            let (relationship, sanction, action) = match claim {
                Claim::Relationship(id) => (Some(id), None, None),
                Claim::Sanction(id) => (None, Some(id), None),
                Claim::Action(id) => (None, None, Some(id)),
            };
            self.tables
                .citations
                .row()
                .value(id)
                .optional(relationship)
                .optional(sanction)
                .optional(action)
                .value(position)
                .value(source)
                .value(credibility)
                .value(stance)
                .end();
        }
    }

    /// Makes the rows of some sanctions and of some actions.
    pub fn make(&mut self, sanctions: Range<u64>, actions: Range<u64>) {
        for place in actions {
            self.make_action(place);
        }
        for place in sanctions {
            self.make_sanction(place);
        }
    }

    /// Who does something: the state itself, or a body of it.
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
        // Each state has rivals of its own: those that stand near it, and then the busy ones.
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
        // An end has to come after the whole of what the beginning may be.
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

    /// Some of what is done answers what the other side did.
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

    /// The action of that state, shortly before that day, by which sanctions may have been announced.
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

    /// Somebody of that country: half of them are sanctioned already, and most of those by several.
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

    /// Sends what was made since the last time, those first to whom others refer.
    pub async fn send(&mut self, client: &Client) -> Result<(), tokio_postgres::Error> {
        let tables = &mut self.tables;
        for rows in [
            &mut tables.sources,
            &mut tables.actors,
            &mut tables.names,
            &mut tables.countries,
            &mut tables.identifiers,
            &mut tables.relationships,
            &mut tables.programmes,
            &mut tables.actions,
            &mut tables.participants,
            &mut tables.action_countries,
            &mut tables.links,
            &mut tables.sanctions,
            &mut tables.measures,
            &mut tables.grounds,
            &mut tables.objectives,
            &mut tables.bases,
            &mut tables.citations,
        ] {
            rows.send(client).await?;
        }
        Ok(())
    }
}

impl Tables {
    fn new() -> Self {
        Self {
            sources: Rows::of(
                "public.sources",
                "id, kind, title, publisher, published_on, reliability, properties",
            ),
            actors: Rows::of("public.actors", "id, kind, name, properties"),
            names: Rows::of("public.actor_names", "actor_id, position, name, kind"),
            countries: Rows::of("public.actor_countries", "actor_id, position, code, role"),
            identifiers: Rows::of(
                "public.actor_identifiers",
                "actor_id, position, scheme, is_unique, value",
            ),
            relationships: Rows::of(
                "public.relationships",
                "id, subject_id, object_id, kind, started_on, ended_on, claim_status, properties",
            ),
            programmes: Rows::of(
                "public.programmes",
                "id, code, name, imposer_id, legal_basis, properties",
            ),
            actions: Rows::of(
                "public.diplomatic_actions",
                "id, type, cameo_code, modality, title, occurred_on, ended_on, ongoing, fatalities_min, fatalities_max, claim_status, properties",
            ),
            participants: Rows::of(
                "public.action_participants",
                "action_id, position, role, actor_id",
            ),
            action_countries: Rows::of("public.action_countries", "action_id, position, code"),
            links: Rows::of(
                "public.action_links",
                "action_id, position, kind, linked_action_id",
            ),
            sanctions: Rows::of(
                "public.sanctions",
                "id, imposer_id, target_id, reason, legal_basis, imposed_on, expires_on, lifted_on, action_id, list_code, list_uid, claim_status, properties",
            ),
            measures: Rows::of("public.sanction_measures", "sanction_id, position, measure"),
            grounds: Rows::of("public.sanction_grounds", "sanction_id, position, ground"),
            objectives: Rows::of(
                "public.sanction_objectives",
                "sanction_id, position, objective, outcome",
            ),
            bases: Rows::of(
                "public.sanction_programmes",
                "sanction_id, position, programme_id",
            ),
            citations: Rows::of(
                "public.citations",
                "id, relationship_id, sanction_id, action_id, position, source_id, credibility, stance",
            ),
        }
    }
}
