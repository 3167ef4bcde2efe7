//! A diplomatic action as a request sends it, and the rules that it is checked by.

use diesel::QueryableByName;
use diesel::sql_types;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{ReadOn, Statement, Write};
use crate::diplomatic_actions::record::{DiplomaticAction, DiplomaticActionColumns, DiplomaticActionRow};
use crate::error::{Error, Result};
use crate::partial_date::PartialDate;
use crate::resource::citations::{self, CitationRequest};
use crate::resource::external_keys::{self, ExternalKey};
use crate::resource::properties;
use crate::resource::{Basis, Codes, Element, Found, Input, Kind, Lookup, Reference};
use crate::validation::{Faults, Given, KEY_LENGTH, NAME_LENGTH};
use crate::vocabulary::{ClaimStatus, LinkKind, Modality, ParticipantRole};

/// A diplomatic action as a request sends it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DiplomaticActionRequest {
    /// Required; a code of the vocabulary action_types
    #[schema(examples("intelligence_cooperation_suspended"))]
    pub r#type: Option<String>,
    /// A code of the vocabulary cameo_codes; that of the type if absent. A patch that changes the type but not this code sets
    /// it to that of the new type, unless the record had another code than its old type
    #[schema(examples("160"))]
    pub cameo_code: Option<String>,
    /// Whether it took place, or was alleged, planned, threatened or only thought of; actual if absent
    #[schema(value_type = Option<Modality>)]
    pub modality: Option<Given<Modality>>,
    /// Required; the action in one line
    #[schema(
        min_length = 1,
        max_length = 500,
        examples("Colombia suspends intelligence sharing with the United States")
    )]
    pub title: Option<String>,
    /// The action in a few sentences
    pub summary: Option<String>,
    /// The reason that the actor stated
    pub reason: Option<String>,
    /// What would end it, as stated
    #[schema(examples("until the attacks cease"))]
    pub condition: Option<String>,
    /// The means by which it was said or done
    #[schema(examples("X"))]
    pub channel: Option<String>,
    /// Where it took place, in words
    pub place: Option<String>,
    /// Degrees north; only together with longitude
    #[schema(minimum = -90, maximum = 90)]
    pub latitude: Option<f64>,
    /// Degrees east; only together with latitude
    #[schema(minimum = -180, maximum = 180)]
    pub longitude: Option<f64>,
    /// Codes of the vocabulary countries: where it took place, whose citizens it affected
    #[schema(examples("CO"))]
    pub countries: Option<Vec<String>>,
    /// When it took place or began
    #[schema(value_type = Option<PartialDate>)]
    pub occurred_on: Option<Given<PartialDate>>,
    /// When it ended
    #[schema(value_type = Option<PartialDate>)]
    pub ended_on: Option<Given<PartialDate>>,
    /// Whether it was still going on according to the last report; false if absent, never true together with ended_on
    pub ongoing: Option<bool>,
    /// People killed, at least
    #[schema(minimum = 0, maximum = 2147483647)]
    pub fatalities_min: Option<i64>,
    /// People killed, at most; not below fatalities_min
    #[schema(minimum = 0, maximum = 2147483647)]
    pub fatalities_max: Option<i64>,
    /// People whom it concerns, at least, such as the diplomats who are expelled; not those killed
    #[schema(minimum = 0, maximum = 2147483647)]
    pub persons_min: Option<i64>,
    /// People whom it concerns, at most; not below persons_min
    #[schema(minimum = 0, maximum = 2147483647)]
    pub persons_max: Option<i64>,
    /// The actors that took part, each with a role
    pub participants: Option<Vec<ParticipantRequest>>,
    /// How it relates to other diplomatic actions
    pub links: Option<Vec<LinkRequest>>,
    /// How far the sources support it; reported if absent
    #[schema(value_type = Option<ClaimStatus>)]
    pub claim_status: Option<Given<ClaimStatus>>,
    /// The sources, and what each says about it
    pub citations: Option<Vec<CitationRequest>>,
    /// What a list or dataset says and no field holds: an object of lists of texts. The vocabulary property_names has names
    /// whose values are checked
    #[schema(value_type = Option<std::collections::HashMap<String, Vec<String>>>)]
    pub properties: Option<Value>,
    /// Its keys in other registries
    pub external_keys: Option<Vec<ExternalKey>>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object such as {\"role\":\"initiator\",\"actor\":\"iso3166:CO\"}"
)]
pub struct ParticipantRequest {
    /// Required; what the actor did in the action
    #[schema(value_type = Option<ParticipantRole>)]
    pub role: Option<Given<ParticipantRole>>,
    /// Required; the actor
    pub actor: Option<Reference>,
}

/// Read action kind linked action: this one retaliates_for that one. The kinds responds_to,
/// retaliates_for and escalates never close a cycle.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object such as {\"kind\":\"responds_to\",\"action\":\"an id\"}"
)]
pub struct LinkRequest {
    /// Required; how they relate
    #[schema(value_type = Option<LinkKind>)]
    pub kind: Option<Given<LinkKind>>,
    /// Required; the linked action
    pub action: Option<Reference>,
}

impl Input<DiplomaticAction> for DiplomaticActionRequest {
    async fn validate(
        self,
        write: &mut Write<'_>,
        mut faults: Faults,
        basis: &Basis<'_, DiplomaticAction>,
    ) -> Result<DiplomaticActionRow> {
        let request = self;
        let mut codes = Codes::default();
        let mut lookup = Lookup::default();
        let action_type = faults.required_text("/type", request.r#type, KEY_LENGTH);
        let names_cameo_code = request.cameo_code.is_some();
        let mut cameo_code = faults.short_text("/cameo_code", request.cameo_code, KEY_LENGTH);
        let modality = faults.given("/modality", request.modality);
        let title = faults.required_text("/title", request.title, NAME_LENGTH);
        check_place(request.latitude, request.longitude, &mut faults);
        let occurred_on = faults.given("/occurred_on", request.occurred_on);
        let ended_on = faults.given("/ended_on", request.ended_on);
        faults.in_order(
            ("/occurred_on", occurred_on.as_ref()),
            ("/ended_on", ended_on.as_ref()),
        );
        let ongoing = request.ongoing.unwrap_or_default();
        if ongoing && ended_on.is_some() {
            faults.add(
                "/ongoing",
                "is true though ended_on is given; leave one of them out",
            );
        }
        let (fatalities_min, fatalities_max) = check_people(
            ["fatalities_min", "fatalities_max"],
            [request.fatalities_min, request.fatalities_max],
            &mut faults,
        );
        let (persons_min, persons_max) = check_people(
            ["persons_min", "persons_max"],
            [request.persons_min, request.persons_max],
            &mut faults,
        );
        let countries = check_countries(request.countries.unwrap_or_default(), &mut faults, &mut codes);
        let participants =
            want_participants(request.participants.unwrap_or_default(), &mut faults, &mut lookup);
        let links = want_links(request.links.unwrap_or_default(), &mut faults, &mut lookup);
        let claim_status = faults.given("/claim_status", request.claim_status);
        let citations = citations::validate(request.citations, basis, &mut faults, &mut lookup);
        let properties = properties::validate(request.properties, write, &mut faults).await?;
        let external_keys = external_keys::validate(request.external_keys, &mut faults);
        if let Some(action_type) = &action_type {
            codes.want("action_types", "/type", action_type);
        }
        if let Some(cameo_code) = &cameo_code {
            codes.want("cameo_codes", "/cameo_code", cameo_code);
        }
        codes.check(ReadOn::Write(write), &mut faults).await?;
        let found = lookup.resolve(ReadOn::Write(write), &mut faults).await?;
        let participants = resolved("/participants", participants, &found, &mut faults);
        let links = resolved("/links", links, &found, &mut faults);
        if let Some(current) = basis.current {
            for (index, (_, action)) in links.iter().enumerate() {
                if *action == Some(current.id) {
                    faults.add(format!("/links/{index}/action"), "is the action itself");
                }
            }
        }
        faults.finish()?;
        if let (false, Some(action_type)) = (names_cameo_code, &action_type) {
            cameo_code = cameo_code_of(write, action_type).await?;
        }
        let (Some(action_type), Some(cameo_code), Some(title)) = (action_type, cameo_code, title) else {
            return Err(Error::internal(
                "an action without type, code or title was accepted",
            ));
        };
        Ok(DiplomaticActionRow {
            columns: DiplomaticActionColumns {
                type_: action_type,
                cameo_code,
                modality: modality.unwrap_or(Modality::Actual),
                title,
                summary: request.summary,
                reason: request.reason,
                condition: request.condition,
                channel: request.channel,
                place: request.place,
                latitude: request.latitude,
                longitude: request.longitude,
                occurred_on,
                ended_on,
                ongoing,
                fatalities_min,
                fatalities_max,
                persons_min,
                persons_max,
                claim_status: claim_status.unwrap_or(ClaimStatus::Reported),
                properties,
            },
            countries,
            participants: present(participants),
            links: present(links),
            citations: citations::resolved(citations, &found, basis),
            external_keys,
        })
    }
}

#[derive(QueryableByName)]
struct CameoCodeRow {
    #[diesel(sql_type = sql_types::Text)]
    cameo_code: String,
}

/// Returns the CAMEO code that an action of this type has by default; `None` if there is no such type.
pub(super) async fn cameo_code_of(write: &mut Write<'_>, action_type: &str) -> Result<Option<String>> {
    let statement = Statement::new("select cameo_code from action_types where code = ")
        .bind(action_type)
        .keep_prepared();
    let row: Option<CameoCodeRow> = write.load(statement).await?.pop();
    Ok(row.map(|row| row.cameo_code))
}

fn check_place(latitude: Option<f64>, longitude: Option<f64>, faults: &mut Faults) {
    if latitude.is_some_and(|latitude| !(-90.0..=90.0).contains(&latitude)) {
        faults.add("/latitude", "must be from -90 to 90");
    }
    if longitude.is_some_and(|longitude| !(-180.0..=180.0).contains(&longitude)) {
        faults.add("/longitude", "must be from -180 to 180");
    }
    match (latitude, longitude) {
        (Some(_), None) => faults.add("/longitude", "is required where latitude is given"),
        (None, Some(_)) => faults.add("/latitude", "is required where longitude is given"),
        (Some(_), Some(_)) | (None, None) => {}
    }
}

/// Checks the fields with the least and the largest number of people, and returns both numbers.
fn check_people(
    names: [&str; 2],
    numbers: [Option<i64>; 2],
    faults: &mut Faults,
) -> (Option<i32>, Option<i32>) {
    let mut people = |name: &str, number: Option<i64>| {
        let number = number?;
        let small = i32::try_from(number).ok().filter(|small| *small >= 0);
        if small.is_none() {
            faults.add(format!("/{name}"), format!("must be from 0 to {}", i32::MAX));
        }
        small
    };
    let [least, most] = [0, 1].map(|end| people(names[end], numbers[end]));
    if let (Some(least), Some(most)) = (least, most)
        && most < least
    {
        faults.add(
            format!("/{}", names[1]),
            format!("is {most}, below {} {least}", names[0]),
        );
    }
    (least, most)
}

fn check_countries(countries: Vec<String>, faults: &mut Faults, codes: &mut Codes) -> Vec<String> {
    for (index, code) in countries.iter().enumerate() {
        let pointer = format!("/countries/{index}");
        if let Some(code) = faults.short_text(&pointer, Some(code.clone()), KEY_LENGTH) {
            codes.want("countries", pointer, &code);
        }
    }
    faults.list("/countries", &countries, Clone::clone);
    countries
}

/// An element of a list that names a record: what it is there as, and where its id will be found.
type Wanted<Role> = (Option<Role>, Option<Element>);

fn want_participants(
    requests: Vec<ParticipantRequest>,
    faults: &mut Faults,
    lookup: &mut Lookup,
) -> Vec<Wanted<ParticipantRole>> {
    let mut wanted = Vec::with_capacity(requests.len());
    for (index, request) in requests.into_iter().enumerate() {
        let role = faults.required_given(&format!("/participants/{index}/role"), request.role);
        let pointer = format!("/participants/{index}/actor");
        let actor = faults.required(&pointer, request.actor);
        wanted.push((role, lookup.want_optional(pointer, Kind::Actors, actor)));
    }
    wanted
}

fn want_links(requests: Vec<LinkRequest>, faults: &mut Faults, lookup: &mut Lookup) -> Vec<Wanted<LinkKind>> {
    let mut wanted = Vec::with_capacity(requests.len());
    for (index, request) in requests.into_iter().enumerate() {
        let kind = faults.required_given(&format!("/links/{index}/kind"), request.kind);
        let pointer = format!("/links/{index}/action");
        let action = faults.required(&pointer, request.action);
        wanted.push((
            kind,
            lookup.want_optional(pointer, Kind::DiplomaticActions, action),
        ));
    }
    wanted
}

/// Puts the ids in, and tells what stands twice: only now, for two references may name one record.
fn resolved<Role: Copy + Eq + std::hash::Hash>(
    pointer: &str,
    wanted: Vec<Wanted<Role>>,
    found: &Found,
    faults: &mut Faults,
) -> Vec<(Option<Role>, Option<Uuid>)> {
    let list: Vec<_> = wanted
        .into_iter()
        .map(|(kind, element)| (kind, found.optional(element)))
        .collect();
    let mut incomplete = 0;
    // What is at fault already equals nothing.
    let keyed: Vec<_> = list
        .iter()
        .map(|(kind, id)| match (kind, id) {
            (Some(kind), Some(id)) => (Some((*kind, *id)), 0),
            (Some(_), None) | (None, Some(_) | None) => {
                incomplete += 1;
                (None, incomplete)
            }
        })
        .collect();
    faults.list(pointer, &keyed, |key| *key);
    list
}

/// Only to be called when nothing is at fault: then every element has both.
fn present<Role>(list: Vec<(Option<Role>, Option<Uuid>)>) -> Vec<(Role, Uuid)> {
    list.into_iter()
        .filter_map(|(kind, id)| Some((kind?, id?)))
        .collect()
}
