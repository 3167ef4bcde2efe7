//! A relationship as a request sends it, and the rules that it is checked by.

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::db::{ReadOn, Write};
use crate::error::{Error, Result};
use crate::partial_date::PartialDate;
use crate::relationships::percent::Percent;
use crate::relationships::record::{Relationship, RelationshipColumns, RelationshipRow};
use crate::relationships::share::Share;
use crate::resource::citations::{self, CitationRequest};
use crate::resource::external_keys::{self, ExternalKey};
use crate::resource::properties;
use crate::resource::{Basis, Codes, Input, Kind, Lookup, Reference};
use crate::validation::{Faults, Given, KEY_LENGTH};
use crate::vocabulary::ClaimStatus;

/// A relationship as a request sends it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RelationshipRequest {
    /// Required; the actor from which the tie is read
    pub subject: Option<Reference>,
    /// Required; a code of the vocabulary relationship_kinds
    #[schema(examples("head_of_state_of"))]
    pub kind: Option<String>,
    /// Required; the actor to which the tie is read, never the subject itself
    pub object: Option<Reference>,
    /// The role of the subject in it
    #[schema(examples("interior minister"))]
    pub role: Option<String>,
    /// Share that the subject owns, in percent with at most two decimals: a number, or an interval such as
    /// {"min": 25, "max": 50}
    #[schema(inline)]
    pub share_percent: Option<Share>,
    /// When it began
    #[schema(value_type = Option<PartialDate>)]
    pub started_on: Option<Given<PartialDate>>,
    /// When it ended
    #[schema(value_type = Option<PartialDate>)]
    pub ended_on: Option<Given<PartialDate>>,
    /// What is to be known about it
    pub description: Option<String>,
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

impl Input<Relationship> for RelationshipRequest {
    async fn validate(
        self,
        write: &mut Write<'_>,
        mut faults: Faults,
        basis: &Basis<'_, Relationship>,
    ) -> Result<RelationshipRow> {
        let request = self;
        let mut codes = Codes::default();
        let mut lookup = Lookup::default();
        let subject = faults.required("/subject", request.subject);
        let subject = lookup.want_optional("/subject", Kind::Actors, subject);
        let kind = faults.required_text("/kind", request.kind, KEY_LENGTH);
        if let Some(kind) = &kind {
            codes.want("relationship_kinds", "/kind", kind);
        }
        let object = faults.required("/object", request.object);
        let object = lookup.want_optional("/object", Kind::Actors, object);
        let share_percent = request
            .share_percent
            .and_then(|share| validate_share(share, &mut faults));
        let started_on = faults.given("/started_on", request.started_on);
        let ended_on = faults.given("/ended_on", request.ended_on);
        faults.in_order(
            ("/started_on", started_on.as_ref()),
            ("/ended_on", ended_on.as_ref()),
        );
        let claim_status = faults.given("/claim_status", request.claim_status);
        let citations = citations::validate(request.citations, basis, &mut faults, &mut lookup);
        let properties = properties::validate(request.properties, write, &mut faults).await?;
        let external_keys = external_keys::validate(request.external_keys, &mut faults);
        codes.check(ReadOn::Write(write), &mut faults).await?;
        let found = lookup.resolve(ReadOn::Write(write), &mut faults).await?;
        let (subject_id, object_id) = (found.optional(subject), found.optional(object));
        if subject_id.is_some() && subject_id == object_id {
            faults.add("/object", "is the subject itself, to which it can have no tie");
        }
        faults.finish()?;
        let (Some(subject_id), Some(kind), Some(object_id)) = (subject_id, kind, object_id) else {
            return Err(Error::internal(
                "a relationship without subject, kind or object was accepted",
            ));
        };
        Ok(RelationshipRow {
            columns: RelationshipColumns {
                subject_id,
                kind,
                object_id,
                role: request.role,
                share_percent_min: share_percent.map(|(min, _)| min),
                share_percent_max: share_percent.map(|(_, max)| max),
                started_on,
                ended_on,
                description: request.description,
                claim_status: claim_status.unwrap_or(ClaimStatus::Reported),
                properties,
            },
            citations: citations::resolved(citations, &found, basis),
            external_keys,
        })
    }
}

/// Returns both ends of a share; `None` with a fault for each that is not a percentage, or if they are not in order.
fn validate_share(share: Share, faults: &mut Faults) -> Option<(Percent, Percent)> {
    let mut end = |pointer: &str, number: f64| {
        let percent = Percent::new(number);
        if percent.is_none() {
            faults.add(
                pointer,
                "is not a percentage; write a number from 0 to 100 with at most two decimals",
            );
        }
        percent
    };
    if share.exact().is_some() {
        let percent = end("/share_percent", share.min)?;
        return Some((percent, percent));
    }
    let min = end("/share_percent/min", share.min);
    let max = end("/share_percent/max", share.max);
    let (min, max) = (min?, max?);
    if share.min > share.max {
        faults.add(
            "/share_percent/max",
            format!("{} is below min {}", share.max, share.min),
        );
        return None;
    }
    Some((min, max))
}
