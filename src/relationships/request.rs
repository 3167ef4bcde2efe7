//! A relationship as a request sends it, and the rules that it is checked by.

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::db::{ReadOn, Write};
use crate::error::{Error, Result};
use crate::partial_date::PartialDate;
use crate::relationships::percent::Percent;
use crate::relationships::record::{Relationship, RelationshipColumns, RelationshipRow};
use crate::resource::citations::{self, CitationRequest};
use crate::resource::external_keys::{self, ExternalKey};
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
    /// Share that the subject owns, in percent, with at most two decimals
    #[schema(minimum = 0, maximum = 100)]
    pub share_percent: Option<f64>,
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
    /// What a list or dataset says and no field holds: an object of lists of texts
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
        let share_percent = request.share_percent.and_then(|number| {
            let percent = Percent::new(number);
            if percent.is_none() {
                faults.add(
                    "/share_percent",
                    "is not a percentage; write a number from 0 to 100 with at most two decimals",
                );
            }
            percent
        });
        let started_on = faults.given("/started_on", request.started_on);
        let ended_on = faults.given("/ended_on", request.ended_on);
        faults.in_order(
            ("/started_on", started_on.as_ref()),
            ("/ended_on", ended_on.as_ref()),
        );
        let claim_status = faults.given("/claim_status", request.claim_status);
        let citations = citations::validate(request.citations, basis, &mut faults, &mut lookup);
        let properties = faults.properties(request.properties);
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
                share_percent,
                started_on,
                ended_on,
                description: request.description,
                claim_status: claim_status.unwrap_or(ClaimStatus::Reported),
                properties,
            },
            citations: citations::resolved(citations, &found),
            external_keys,
        })
    }
}
