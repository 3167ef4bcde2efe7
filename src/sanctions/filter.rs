//! How lists of sanctions are filtered and sorted.

use chrono::NaiveDate;
use diesel::{QueryableByName, sql_types};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::db::{Db, Statement};
use crate::error::Result;
use crate::query::parameters::{not_a_day, parse_day};
use crate::query::{Conditions, Sort};
use crate::resource::citations::{self, Cited};
use crate::resource::fields::{Days, Field, Fields, Holds, Owner, Parts};
use crate::resource::filter::{ActorFilter, Filter};
use crate::resource::state_roll_up::{Act, ByActor, Counted};
use crate::resource::{Codes, Kind, Lookup, country};
use crate::sanctions::request::list_code;
use crate::text::shorten;
use crate::validation::Faults;
use crate::vocabulary::{CitationStance, ClaimStatus, SanctionStatus};

pub(super) const SORTS: &[Sort] = &[
    Sort {
        name: "imposed_on",
        ascending: "coalesce(partial_date_sort_day(sanction.imposed_on), 'infinity')",
        descending: "coalesce(partial_date_sort_day(sanction.imposed_on), '-infinity')",
        sql_type: "date",
    },
    Sort {
        name: "expires_on",
        ascending: "coalesce(partial_date_sort_day(sanction.expires_on), 'infinity')",
        descending: "coalesce(partial_date_sort_day(sanction.expires_on), '-infinity')",
        sql_type: "date",
    },
    Sort {
        name: "lifted_on",
        ascending: "coalesce(partial_date_sort_day(sanction.lifted_on), 'infinity')",
        descending: "coalesce(partial_date_sort_day(sanction.lifted_on), '-infinity')",
        sql_type: "date",
    },
    Sort::plain("created_at", "sanction.created_at", "timestamptz"),
    Sort::plain("updated_at", "sanction.updated_at", "timestamptz"),
];

const PROGRAMMES: Parts = Parts::of("sanction_programmes");
const MEASURES: Parts = Parts::of("sanction_measures");
/// The countries to which the target belonged when the sanction began.
const COUNTRIES_OF_TARGET: Parts = Parts::of("actor_countries").owned(Owner::Where(
    "part.actor_id = sanction.target_id \
     and coalesce(partial_date_earliest(part.\"from\"), '-infinity') <= coalesce(sanction.starts_latest, 'infinity') \
     and coalesce(partial_date_latest(part.until), 'infinity') >= coalesce(sanction.starts_earliest, '-infinity')",
));
const GROUNDS: Parts = Parts::of("sanction_grounds");
const OBJECTIVES: Parts = Parts::of("sanction_objectives");

const FIELDS: &Fields = &Fields {
    alias: "sanction",
    kinds: &[Kind::Sanctions],
    modifiers: &["counted", "direction"],
    own: OWN_FIELDS,
};

const OWN_FIELDS: &[Field] = &[
    Field::column("imposer", "imposer_id", Holds::Reference(Kind::Actors)),
    Field::column("target", "target_id", Holds::Reference(Kind::Actors)),
    Field::derived(
        "imposing_party",
        "imposer",
        "party_of_imposer(sanction.imposer_id, sanction.starts_earliest, sanction.starts_latest)",
        Holds::Reference(Kind::Actors),
    ),
    Field::derived(
        "imposer_state",
        "imposer",
        "state_of_imposer(sanction.imposer_id, sanction.starts_earliest, sanction.starts_latest)",
        Holds::Reference(Kind::Actors),
    ),
    Field::derived(
        "target_state",
        "target",
        "state_of_target(sanction.target_id, sanction.starts_earliest, sanction.starts_latest)",
        Holds::Reference(Kind::Actors),
    ),
    Field::part(
        "target_country",
        "target",
        COUNTRIES_OF_TARGET,
        "code",
        Holds::Code("countries"),
    ),
    Field::part(
        "programme",
        "programmes",
        PROGRAMMES,
        "programme_id",
        Holds::Reference(Kind::Programmes),
    )
    .distinct(),
    Field::part(
        "measure",
        "measures.measure",
        MEASURES,
        "measure",
        Holds::Code("measures"),
    ),
    Field::part(
        "measure.from",
        "measures.from",
        MEASURES,
        "\"from\"",
        Holds::Date(Days::Computed),
    ),
    Field::part(
        "measure.until",
        "measures.until",
        MEASURES,
        "until",
        Holds::Date(Days::Computed),
    ),
    Field::part("ground", "grounds", GROUNDS, "ground", Holds::Code("grounds")).distinct(),
    Field::part(
        "objective",
        "objectives.objective",
        OBJECTIVES,
        "objective",
        Holds::Code("objectives"),
    )
    .distinct(),
    Field::part(
        "objective.outcome",
        "objectives.outcome",
        OBJECTIVES,
        "outcome",
        Holds::Word,
    ),
    Field::own("reason", Holds::Text),
    Field::own("legal_basis", Holds::Text),
    Field::own("provisions", Holds::Text),
    Field::own("announced_on", Holds::Date(Days::Computed)),
    Field::own("imposed_on", Holds::Date(Days::Indexed)),
    Field::own("effective_on", Holds::Date(Days::Computed)),
    Field::own("expires_on", Holds::Date(Days::Stored)),
    Field::own("lifted_on", Holds::Date(Days::Stored)),
    Field::own("lift_reason", Holds::Text),
    Field::derived(
        "status",
        "status",
        "sanction_status(sanction, given.day)",
        Holds::Word,
    ),
    Field::derived(
        "certain",
        "status_certain",
        "sanction_status_is_certain(sanction, given.day)",
        Holds::Truth,
    ),
    Field::own("claim_status", Holds::Word),
    Field::column("action", "action_id", Holds::Reference(Kind::DiplomaticActions)),
    Field::own("list_code", Holds::Text),
    Field::own("list_part", Holds::Text),
    Field::own("list_uid", Holds::Text),
];

/// The end of a sanction at which an actor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Direction {
    /// The actor is the target
    Received,
    /// The actor is the imposer
    Imposed,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameter, which is read with the others")]
pub struct DirectionParameter {
    /// Sanctions that the actor received, or imposed; both when absent
    #[param(inline)]
    direction: Option<Direction>,
}

/// Filters of a list of sanctions.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SanctionFilter {
    /// Only of a list by actor, see [`ByActor`](crate::resource::filter::ByActor)
    #[param(ignore)]
    direction: Vec<Direction>,
    /// The body that imposed it: id or key. Repeat it for several
    #[param(example = "iso3166:US")]
    imposer: Vec<String>,
    /// The actor that is sanctioned: id or key
    #[param(example = "iso3166:RU")]
    target: Vec<String>,
    /// `state` also counts acts of a state's agencies, forces and officials as acts of the state, acts against them as acts
    /// against the state, and their words (`attributed_to`) as words of the state; `exact`, the default, takes the actors alone
    #[param(inline)]
    counted: Option<Counted>,
    /// The one state for which the imposer's act counts: code of its country, id or key
    #[param(example = "US")]
    imposer_state: Vec<String>,
    /// The party whose act the sanction is: the one state for which the imposer's act counts, else the organization of which it is
    /// a body (EU for the Council of the European Union, UN for the Security Council), else the imposer itself. Code of two
    /// letters, acronym such as ECOWAS, id or key. Repeat it for several
    #[param(example = "EU")]
    imposing_party: Vec<String>,
    /// A country that the target belonged to when the sanction began, in any role: its code, or the key of its state such as iso3166:CO
    #[param(example = "CO")]
    target_country: Vec<String>,
    /// A programme under which it was imposed
    #[param(example = "programme:ILLICIT-DRUGS-EO14059")]
    programme: Vec<String>,
    /// Code of the vocabulary measures
    #[param(example = "asset_freeze")]
    measure: Vec<String>,
    /// Code of the vocabulary grounds
    #[param(example = "narcotics")]
    ground: Vec<String>,
    /// Code of the vocabulary objectives
    #[param(example = "policy_change")]
    objective: Vec<String>,
    /// Status on the day of the parameter `on`, by default today (UTC)
    status: Vec<SanctionStatus>,
    /// A day on which it was, or may have been, in force: the day on which it starts or is lifted may be known only partly. Without
    /// `on` and `status`, `status` and `status_certain` in the response are those of this day, if it is one
    #[param(value_type = Vec<String>, format = Date, example = "2025-11-01")]
    in_force_on: Vec<String>,
    /// `true`: only those whose status is certain, on the day of `in_force_on` if it is given, else of `on`; `false`: only the
    /// others
    #[param(value_type = Option<bool>)]
    certain: Vec<Certain>,
    /// The official list that has it
    #[param(example = "us_ofac_sdn")]
    list_code: Vec<String>,
    /// Its number or id in the list
    #[param(example = "12345")]
    list_uid: Vec<String>,
    /// The diplomatic action that announced it
    action: Vec<String>,
    /// How far the claim is established
    claim_status: Vec<ClaimStatus>,
    /// A source that is cited: id or key
    source: Vec<String>,
    /// What a citation says about the claim: it supports, disputes or only mentions it. `source`, `stance` and `attributed_to`
    /// together ask for one citation that has all of them
    stance: Vec<CitationStance>,
    /// An actor to whom a citation attributes the claim: id or key
    attributed_to: Vec<String>,
}

/// Whether the status of a sanction is certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Certain {
    True,
    False,
}

/// A sanction as an act of its imposer.
pub const IMPOSED: Act<'_> = Act {
    actor: "sanction.imposer_id",
    earliest: "sanction.starts_earliest",
    latest: "sanction.starts_latest",
};
/// A sanction as an act against its target.
pub const RECEIVED: Act<'_> = Act {
    actor: "sanction.target_id",
    ..IMPOSED
};

/// The rows of both.
pub const SANCTIONS: &str = "sanctions as sanction";

#[derive(QueryableByName)]
struct ListRow {
    #[diesel(sql_type = sql_types::Text)]
    wanted: String,
    #[diesel(sql_type = sql_types::Text)]
    code: String,
}

/// Refuses codes of lists that no sanction has while one has another spelling.
async fn refuse_misspelt_lists(db: &Db, codes: &[String]) -> Result<()> {
    if codes.is_empty() || db.is_as_of() {
        return Ok(());
    }
    // Steps from code to code of the index: there are few lists, and many sanctions.
    let statement = Statement::new(
        "with recursive lists (code) as (\
         select min(list_code) from sanctions \
         union all \
         select (select min(sanction.list_code) from sanctions as sanction where sanction.list_code > lists.code) \
         from lists where lists.code is not null) \
         select wanted.code as wanted, min(lists.code) as code from unnest(",
    )
    .bind(codes.to_vec())
    .sql(
        ") as wanted (code) join lists on compact_key(lists.code) = compact_key(wanted.code) \
         where not exists (select from sanctions as sanction where sanction.list_code = wanted.code) \
         group by wanted.code order by wanted.code",
    );
    let mut faults = Faults::default();
    for row in db.read::<ListRow>(statement).await? {
        let (wanted, code) = (shorten(&row.wanted), shorten(&row.code));
        faults.add(
            "?list_code",
            format!("no sanction is on a list {wanted}; {code} exists"),
        );
    }
    faults.finish()
}

impl Filter for SanctionFilter {
    const FIELDS: &'static Fields = FIELDS;

    fn status_day(&self) -> Option<NaiveDate> {
        match &self.in_force_on[..] {
            [day] if self.status.is_empty() => parse_day(day),
            _ => None,
        }
    }

    async fn conditions(self, db: &Db, _: Option<NaiveDate>) -> Result<Conditions> {
        let mut conditions = Conditions::default();
        self.add_days(&mut conditions)?;
        let mut codes = Codes::default();
        codes.want_all("measures", "measure", &self.measure);
        codes.want_all("grounds", "ground", &self.ground);
        codes.want_all("objectives", "objective", &self.objective);
        let target_countries = country::codes(self.target_country);
        codes.want_all("countries", "target_country", &target_countries);
        for (parameter, values) in [
            ("imposer_state", &self.imposer_state),
            ("imposing_party", &self.imposing_party),
        ] {
            let written_as_codes = values.iter().filter(|value| {
                country::is_written_as_code(value) && country::party(value) == country::state(value)
            });
            codes.want_all("countries", parameter, written_as_codes);
        }
        codes.check_for_read(db).await?;
        let mut lookup = Lookup::default();
        let imposers = lookup.want_all("imposer", Kind::Actors, &self.imposer);
        let targets = lookup.want_all("target", Kind::Actors, &self.target);
        let imposer_states = self
            .imposer_state
            .iter()
            .map(|state| lookup.want("?imposer_state", Kind::Actors, country::state(state)))
            .collect::<Vec<_>>();
        let imposing_parties = self
            .imposing_party
            .iter()
            .map(|party| lookup.want("?imposing_party", Kind::Actors, country::party(party)))
            .collect::<Vec<_>>();
        let programmes = lookup.want_all("programme", Kind::Programmes, &self.programme);
        let actions = lookup.want_all("action", Kind::DiplomaticActions, &self.action);
        let sources = lookup.want_all("source", Kind::Sources, &self.source);
        let speakers = lookup.want_all("attributed_to", Kind::Actors, &self.attributed_to);
        let found = lookup.resolve_for_read(db).await?;
        let counted = self.counted.unwrap_or_default();
        type Acts = fn(&[Uuid], Counted) -> ByActor;
        let by_actor: [(Vec<Uuid>, Acts); 4] = [
            (found.all(&imposers), |actors, counted| {
                IMPOSED.acted_for(actors, counted)
            }),
            (found.all(&targets), |actors, counted| {
                RECEIVED.counts_against(actors, counted)
            }),
            (found.all(&imposer_states), |states, _| {
                IMPOSED.is_of_state(states)
            }),
            (found.all(&imposing_parties), |parties, _| {
                IMPOSED.is_of_party(parties)
            }),
        ];
        for (actors, acts) in by_actor {
            if !actors.is_empty() {
                conditions.add(acts(&actors, counted).is_met_by(db, "sanction.id", SANCTIONS));
            }
        }
        let child = |table: &str, column: &str| {
            format!(
                "exists (select from {table} as child where child.sanction_id = sanction.id and child.{column}"
            )
        };
        conditions.any(
            child("sanction_programmes", "programme_id"),
            found.all(&programmes),
            ")",
        );
        conditions.any(child("sanction_measures", "measure"), self.measure, ")");
        conditions.any(child("sanction_grounds", "ground"), self.ground, ")");
        conditions.any(child("sanction_objectives", "objective"), self.objective, ")");
        conditions.any(
            format!(
                "exists (select from actor_countries as part where {} and part.code",
                FIELDS.belongs(COUNTRIES_OF_TARGET)
            ),
            target_countries,
            ")",
        );
        let statuses: Vec<String> = self.status.iter().map(ToString::to_string).collect();
        conditions.any("sanction_status(sanction, given.day)", statuses, "");
        let list_codes: Vec<String> = self.list_code.iter().map(|code| list_code(code)).collect();
        refuse_misspelt_lists(db, &list_codes).await?;
        conditions.any("sanction.list_code", list_codes, "");
        conditions.any("sanction.list_uid", self.list_uid, "");
        conditions.any("sanction.action_id", found.all(&actions), "");
        citations::filter(
            &mut conditions,
            Kind::Sanctions,
            "sanction",
            &self.claim_status,
            Cited {
                sources: found.all(&sources),
                stances: &self.stance,
                speakers: found.all(&speakers),
                counted,
            },
        );
        Ok(conditions)
    }
}

impl ActorFilter for SanctionFilter {
    type Direction = DirectionParameter;

    async fn conditions_by_actor(self, db: &Db, actor: Uuid, on: Option<NaiveDate>) -> Result<Conditions> {
        let counted = self.counted.unwrap_or_default();
        let is_wanted = |direction| self.direction.is_empty() || self.direction.contains(&direction);
        let received = || RECEIVED.counts_against(&[actor], counted);
        let imposed = || IMPOSED.acted_for(&[actor], counted);
        let wanted = (is_wanted(Direction::Received), is_wanted(Direction::Imposed));
        let mut conditions = self.conditions(db, on).await?;
        match wanted {
            (true, false) => conditions.add(received().is_met_by(db, "sanction.id", SANCTIONS)),
            (false, true) => conditions.add(imposed().is_met_by(db, "sanction.id", SANCTIONS)),
            (true, true) | (false, false) => {
                received().or_is_met_by(&mut conditions, imposed(), db, "sanction.id", SANCTIONS);
            }
        }
        Ok(conditions)
    }
}

impl SanctionFilter {
    fn add_days(&self, conditions: &mut Conditions) -> Result<()> {
        for day in &self.in_force_on {
            parse_day(day).ok_or_else(|| not_a_day("in_force_on", day))?;
        }
        if !self.in_force_on.is_empty() {
            // If it is certain, the same as status=in_force on that day; a test holds the two against each other.
            let certain = match &self.certain[..] {
                [Certain::True] => " and sanction_status_is_certain(sanction, day)",
                [Certain::False] => " and not sanction_status_is_certain(sanction, day)",
                _ => "",
            };
            conditions.add(
                Statement::new("exists (select from unnest(")
                    .bind(self.in_force_on.clone())
                    .sql(
                        "::date[]) as day where sanction.starts_earliest <= day \
                         and (sanction.lifted_on is null or sanction.lifted_on_latest > day \
                         or (sanction.lifted_on_latest = day and strpos(sanction.lifted_on, '~') > 0)) \
                         and coalesce(sanction.expires_on_latest >= day, true)",
                    )
                    .sql(certain)
                    .sql(")"),
            );
        } else if let [certain] = self.certain[..] {
            conditions.add(
                Statement::new("sanction_status_is_certain(sanction, given.day) = ")
                    .bind(certain == Certain::True),
            );
        }
        Ok(())
    }
}
