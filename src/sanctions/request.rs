//! A sanction as a request sends it, and the rules that it is checked by.

use serde::{Deserialize, Deserializer};
use serde_json::Value;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};
use uuid::Uuid;

use crate::db::{ReadOn, Write};
use crate::error::{Error, Result};
use crate::partial_date::PartialDate;
use crate::resource::citations::{self, CitationRequest};
use crate::resource::external_keys::{self, ExternalKey};
use crate::resource::properties;
use crate::resource::{Basis, Codes, Element, Input, Kind, Lookup, Reference};
use crate::sanctions::code_or_object::{self, CodeOrObject};
use crate::sanctions::record::{Measure, Objective, Sanction, SanctionColumns, SanctionRow};
use crate::validation::{Faults, Given, KEY_LENGTH};
use crate::vocabulary::{ClaimStatus, SanctionOutcome};

/// Longest code, part and number of a list's entry, in characters.
const LIST_ENTRY_LENGTH: usize = 200;

/// Returns the code of a list as it is stored: in lower case.
pub(super) fn list_code(sent: &str) -> String {
    sent.to_ascii_lowercase()
}

/// A sanction as a request sends it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SanctionRequest {
    /// Required; the body that imposed it
    pub imposer: Option<Reference>,
    /// Required; the actor that is sanctioned, never the imposer
    pub target: Option<Reference>,
    /// The programmes under which it was imposed
    pub programmes: Option<Vec<Reference>>,
    /// What it does to the target
    pub measures: Option<Vec<MeasureRequest>>,
    /// Why the target is sanctioned: codes of the vocabulary grounds
    #[schema(examples(json!(["narcotics"])))]
    pub grounds: Option<Vec<String>>,
    /// What the imposer wants to achieve
    pub objectives: Option<Vec<ObjectiveRequest>>,
    /// The reason that the imposer stated
    pub reason: Option<String>,
    /// The law, order or resolution
    #[schema(examples("Executive Order 14059"))]
    pub legal_basis: Option<String>,
    /// What exactly is forbidden
    pub provisions: Option<String>,
    /// When it was announced
    #[schema(value_type = Option<PartialDate>)]
    pub announced_on: Option<Given<PartialDate>>,
    /// When it was imposed
    #[schema(value_type = Option<PartialDate>)]
    pub imposed_on: Option<Given<PartialDate>>,
    /// When it takes effect, if that is not the day it was imposed
    #[schema(value_type = Option<PartialDate>)]
    pub effective_on: Option<Given<PartialDate>>,
    /// The last day it is in force, if the act sets one
    #[schema(value_type = Option<PartialDate>)]
    pub expires_on: Option<Given<PartialDate>>,
    /// The first day it is no longer in force because it was lifted
    #[schema(value_type = Option<PartialDate>)]
    pub lifted_on: Option<Given<PartialDate>>,
    /// Why it was lifted
    pub lift_reason: Option<String>,
    /// How far the sources support it; reported if absent
    #[schema(value_type = Option<ClaimStatus>)]
    pub claim_status: Option<Given<ClaimStatus>>,
    /// The diplomatic action that announced it
    pub action: Option<Reference>,
    /// The official list that has it, stored in lower case; required together with list_part or list_uid
    #[schema(min_length = 1, max_length = 200, examples("us_ofac_sdn"))]
    pub list_code: Option<String>,
    /// The part of that list
    #[schema(min_length = 1, max_length = 200)]
    pub list_part: Option<String>,
    /// The number of the entry on that list
    #[schema(min_length = 1, max_length = 200)]
    pub list_uid: Option<String>,
    /// The sources, and what each says about it
    pub citations: Option<Vec<CitationRequest>>,
    /// What a list or dataset says and no field holds: an object of lists of texts. The vocabulary property_names has names
    /// whose values are checked
    #[schema(value_type = Option<std::collections::HashMap<String, Vec<String>>>)]
    pub properties: Option<Value>,
    /// Its keys in other registries
    pub external_keys: Option<Vec<ExternalKey>>,
}

/// A measure, as a plain code or with its own dates.
#[derive(Debug)]
pub struct MeasureRequest(CodeOrObject<MeasureFields>);

/// A measure with its own dates.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct MeasureFields {
    /// Required; a code of the vocabulary measures
    #[schema(examples("asset_freeze"))]
    measure: Option<String>,
    /// When it began, if that is not when the sanction began
    #[schema(value_type = Option<PartialDate>)]
    from: Option<Given<PartialDate>>,
    /// When it ended, if that is not when the sanction ended
    #[schema(value_type = Option<PartialDate>)]
    until: Option<Given<PartialDate>>,
}

/// An objective, as a plain code or with its outcome.
#[derive(Debug)]
pub struct ObjectiveRequest(CodeOrObject<ObjectiveFields>);

/// An objective with its outcome.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ObjectiveFields {
    /// Required; a code of the vocabulary objectives
    #[schema(examples("policy_change"))]
    objective: Option<String>,
    /// The outcome; leave it out if nobody judged it
    #[schema(value_type = Option<SanctionOutcome>)]
    outcome: Option<Given<SanctionOutcome>>,
}

impl<'de> Deserialize<'de> for MeasureRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        CodeOrObject::deserialize(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for ObjectiveRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        CodeOrObject::deserialize(deserializer).map(Self)
    }
}

impl PartialSchema for MeasureRequest {
    fn schema() -> RefOr<Schema> {
        code_or_object::schema::<MeasureFields>("measures")
    }
}

impl ToSchema for MeasureRequest {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        MeasureFields::schemas(schemas);
    }
}

impl PartialSchema for ObjectiveRequest {
    fn schema() -> RefOr<Schema> {
        code_or_object::schema::<ObjectiveFields>("objectives")
    }
}

impl ToSchema for ObjectiveRequest {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        ObjectiveFields::schemas(schemas);
    }
}

/// The dates of a sanction.
struct Dates {
    announced_on: Option<PartialDate>,
    imposed_on: Option<PartialDate>,
    effective_on: Option<PartialDate>,
    expires_on: Option<PartialDate>,
    lifted_on: Option<PartialDate>,
}

impl Dates {
    /// A sanction may be lifted between the day it was imposed and the day it would have taken
    /// effect; it can't expire before it takes effect.
    fn check(&self, faults: &mut Faults) {
        let imposed = ("/imposed_on", self.imposed_on.as_ref());
        let effective = ("/effective_on", self.effective_on.as_ref());
        let lifted = ("/lifted_on", self.lifted_on.as_ref());
        let expires = ("/expires_on", self.expires_on.as_ref());
        faults.in_order(
            if self.imposed_on.is_some() {
                imposed
            } else {
                effective
            },
            lifted,
        );
        faults.in_order(("/announced_on", self.announced_on.as_ref()), lifted);
        faults.in_order(
            if self.effective_on.is_some() {
                effective
            } else {
                imposed
            },
            expires,
        );
    }
}

impl Input<Sanction> for SanctionRequest {
    async fn validate(
        self,
        write: &mut Write<'_>,
        mut faults: Faults,
        basis: &Basis<'_, Sanction>,
    ) -> Result<SanctionRow> {
        let request = self;
        let mut codes = Codes::default();
        let mut lookup = Lookup::default();
        let imposer = faults.required("/imposer", request.imposer);
        let imposer = lookup.want_optional("/imposer", Kind::Actors, imposer);
        let target = faults.required("/target", request.target);
        let target = lookup.want_optional("/target", Kind::Actors, target);
        let programmes: Vec<Element> = request
            .programmes
            .unwrap_or_default()
            .into_iter()
            .enumerate()
            .map(|(index, programme)| {
                lookup.want(format!("/programmes/{index}"), Kind::Programmes, programme)
            })
            .collect();
        let measures = validate_measures(request.measures.unwrap_or_default(), &mut faults, &mut codes);
        let grounds = validate_grounds(request.grounds.unwrap_or_default(), &mut faults, &mut codes);
        let objectives = validate_objectives(request.objectives.unwrap_or_default(), &mut faults, &mut codes);
        let dates = Dates {
            announced_on: faults.given("/announced_on", request.announced_on),
            imposed_on: faults.given("/imposed_on", request.imposed_on),
            effective_on: faults.given("/effective_on", request.effective_on),
            expires_on: faults.given("/expires_on", request.expires_on),
            lifted_on: faults.given("/lifted_on", request.lifted_on),
        };
        dates.check(&mut faults);
        let claim_status = faults
            .given("/claim_status", request.claim_status)
            .unwrap_or(ClaimStatus::Reported);
        let action = lookup.want_optional("/action", Kind::DiplomaticActions, request.action);
        if request.list_code.is_none() && (request.list_part.is_some() || request.list_uid.is_some()) {
            faults.add("/list_code", "is required where list_part or list_uid is given");
        }
        let list_code = faults
            .short_text("/list_code", request.list_code, LIST_ENTRY_LENGTH)
            .map(|code| list_code(&code));
        let list_part = faults.short_text("/list_part", request.list_part, LIST_ENTRY_LENGTH);
        let list_uid = faults.short_text("/list_uid", request.list_uid, LIST_ENTRY_LENGTH);
        let citations = citations::validate(request.citations, basis, &mut faults, &mut lookup);
        let properties = properties::validate(request.properties, write, &mut faults).await?;
        let external_keys = external_keys::validate(request.external_keys, &mut faults);
        codes.check(ReadOn::Write(write), &mut faults).await?;
        let found = lookup.resolve(ReadOn::Write(write), &mut faults).await?;
        let (imposer_id, target_id) = (found.optional(imposer), found.optional(target));
        if target_id.is_some() && target_id == imposer_id {
            faults.add("/target", "is the imposer itself");
        }
        // Two references may look different and name the same programme.
        let named: Vec<Sound<Uuid>> = programmes
            .iter()
            .enumerate()
            .map(|(index, element)| found.id(*element).ok_or(index))
            .collect();
        faults.list("/programmes", &named, Clone::clone);
        faults.finish()?;
        let (Some(imposer_id), Some(target_id)) = (imposer_id, target_id) else {
            return Err(Error::internal(
                "a sanction without imposer or target was accepted",
            ));
        };
        Ok(SanctionRow {
            columns: SanctionColumns {
                imposer_id,
                target_id,
                reason: request.reason,
                legal_basis: request.legal_basis,
                provisions: request.provisions,
                announced_on: dates.announced_on,
                imposed_on: dates.imposed_on,
                effective_on: dates.effective_on,
                expires_on: dates.expires_on,
                lifted_on: dates.lifted_on,
                lift_reason: request.lift_reason,
                action_id: found.optional(action),
                list_code,
                list_part,
                list_uid,
                claim_status,
                properties,
            },
            programmes: found.all(&programmes),
            measures,
            grounds,
            objectives,
            citations: citations::resolved(citations, &found, basis),
            external_keys,
        })
    }
}

/// An element of a list, or the index of a faulty one: that equals no other element.
type Sound<T> = std::result::Result<T, usize>;

fn validate_measures(requests: Vec<MeasureRequest>, faults: &mut Faults, codes: &mut Codes) -> Vec<Measure> {
    let mut measures: Vec<Sound<Measure>> = Vec::with_capacity(requests.len());
    for (index, MeasureRequest(request)) in requests.into_iter().enumerate() {
        let pointer = format!("/measures/{index}");
        let (code_pointer, fields) = match request {
            CodeOrObject::Code(code) => (
                pointer.clone(),
                MeasureFields {
                    measure: Some(code),
                    from: None,
                    until: None,
                },
            ),
            CodeOrObject::Fields(fields) => (format!("{pointer}/measure"), fields),
        };
        let measure = faults.required_text(&code_pointer, fields.measure, KEY_LENGTH);
        let (from, until) = faults.period(&pointer, fields.from, fields.until);
        if let Some(measure) = &measure {
            codes.want("measures", code_pointer, measure);
        }
        measures.push(
            measure
                .map(|measure| Measure { measure, from, until })
                .ok_or(index),
        );
    }
    faults.list("/measures", &measures, |measure| {
        measure
            .as_ref()
            .map(|measure| (measure.measure.clone(), measure.from.clone()))
            .map_err(|index| *index)
    });
    measures.into_iter().flatten().collect()
}

fn validate_grounds(requests: Vec<String>, faults: &mut Faults, codes: &mut Codes) -> Vec<String> {
    let mut grounds: Vec<Sound<String>> = Vec::with_capacity(requests.len());
    for (index, ground) in requests.into_iter().enumerate() {
        let pointer = format!("/grounds/{index}");
        let ground = faults.short_text(&pointer, Some(ground), KEY_LENGTH);
        if let Some(ground) = &ground {
            codes.want("grounds", pointer, ground);
        }
        grounds.push(ground.ok_or(index));
    }
    faults.list("/grounds", &grounds, Clone::clone);
    grounds.into_iter().flatten().collect()
}

fn validate_objectives(
    requests: Vec<ObjectiveRequest>,
    faults: &mut Faults,
    codes: &mut Codes,
) -> Vec<Objective> {
    let mut objectives: Vec<Sound<Objective>> = Vec::with_capacity(requests.len());
    for (index, ObjectiveRequest(request)) in requests.into_iter().enumerate() {
        let pointer = format!("/objectives/{index}");
        let (code_pointer, fields) = match request {
            CodeOrObject::Code(code) => (
                pointer.clone(),
                ObjectiveFields {
                    objective: Some(code),
                    outcome: None,
                },
            ),
            CodeOrObject::Fields(fields) => (format!("{pointer}/objective"), fields),
        };
        let objective = faults.required_text(&code_pointer, fields.objective, KEY_LENGTH);
        let outcome = faults.given(&format!("{pointer}/outcome"), fields.outcome);
        if let Some(objective) = &objective {
            codes.want("objectives", code_pointer, objective);
        }
        objectives.push(
            objective
                .map(|objective| Objective { objective, outcome })
                .ok_or(index),
        );
    }
    faults.list("/objectives", &objectives, |objective| {
        objective
            .as_ref()
            .map(|objective| objective.objective.clone())
            .map_err(|index| *index)
    });
    objectives.into_iter().flatten().collect()
}
