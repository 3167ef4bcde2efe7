//! The world of synthetic data: real states, invented bodies and targets, and their acts.

mod acts;

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::NaiveDate;
use rand::RngExt;
use rand::rngs::StdRng;
use tokio_postgres::Client;
use uuid::Uuid;

use super::error::SyntheticError;
use super::shape::{self, Choice};
use super::tables::Tables;

const MARK: &str = r#"{"synthetic": ["true"]}"#;

/// How long before now the first id is dated: time for 800 million ids. An id of the future is taken for that of a record that the last
/// refresh has not seen.
const BEFORE: Duration = Duration::from_secs(24 * 60 * 60);

/// A state, and the bodies that act for it.
struct State {
    id: Uuid,
    code: String,
    name: String,
    bodies: Vec<Uuid>,
    imposers: Vec<(Uuid, Uuid)>,
    announcements: Vec<(NaiveDate, Uuid)>,
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

/// The record that a citation supports.
#[derive(Clone, Copy)]
enum Claim {
    Sanction(Uuid),
    Action(Uuid),
    Relationship(Uuid),
}

impl World {
    /// Reads the states and vocabularies of the database, and makes bodies, programmes and sources.
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
        let begun = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .saturating_sub(BEFORE)
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
            millisecond: u64::try_from(begun).unwrap_or_default(),
            choices,
            tables: Tables::new(),
        };
        world.make_sources();
        world.make_bodies();
        world.make_programmes();
        Ok(world)
    }

    /// Returns the next id: a UUID of version 7, in the order of the rows, a few per millisecond.
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

    /// Makes the bodies of a state: more for active states. Some of them, and every head of state, act only for a time.
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
            // The actor must not depend on the random numbers so far.
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

    /// Sends the new rows.
    pub async fn send(&mut self, client: &Client) -> Result<(), tokio_postgres::Error> {
        self.tables.send(client).await
    }
}
