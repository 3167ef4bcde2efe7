//! What a citation holds, how a request's are checked, and how they are kept.

use diesel::QueryableByName;
use diesel::sql_types;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{Statement, Write};
use crate::error::{Error, Result};
use crate::query::Conditions;
use crate::query::table_row::{cell, joined};
use crate::resource::records;
use crate::resource::{ActorReference, Found, Kind, Lookup, Place, Reference, TitleReference};
use crate::validation::{Faults, Given};
use crate::vocabulary::{CitationStance, ClaimStatus};

/// Which source says what of the claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Citation {
    pub id: Uuid,
    pub source: TitleReference,
    /// Admiralty scale: 1 confirmed by other sources to 5 improbable, 6 cannot be judged
    pub credibility: Option<i16>,
    /// Reliability of the source and credibility together, such as B2; null where either was not judged
    pub grade: Option<String>,
    pub stance: CitationStance,
    pub locator: Option<String>,
    pub quote: Option<String>,
    /// The actor whose word it is, where that is not the source's own
    pub attributed_to: Option<ActorReference>,
}

/// The best Admiralty grade among the sources that support a claim.
pub fn best_grade(citations: &[Citation]) -> Option<&String> {
    citations
        .iter()
        .filter(|citation| citation.stance == CitationStance::Supports)
        .filter_map(|citation| citation.grade.as_ref())
        .min()
}

/// The cells of a claim's citations in a table: `citations`, `stances`, `grades`, `attributed_to`, `best_grade`. The lists are of one length and in one order, so
/// that the third stance belongs to the third source.
pub fn cells(citations: &[Citation]) -> [String; 5] {
    [
        joined(citations, |citation| citation.source.title.clone()),
        joined(citations, |citation| citation.stance.to_string()),
        joined(citations, |citation| cell(citation.grade.as_ref())),
        joined(citations, |citation| {
            cell(citation.attributed_to.as_ref().map(|actor| &actor.name))
        }),
        cell(best_grade(citations)),
    ]
}

/// A citation as a request gives it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object such as {\"source\":\"an id\",\"credibility\":2}"
)]
pub struct CitationRequest {
    /// Id of the citation as it was read; a new citation has none
    pub id: Option<Uuid>,
    /// Required
    pub source: Option<Reference>,
    /// Admiralty scale, 1 to 6
    #[schema(minimum = 1, maximum = 6)]
    pub credibility: Option<i64>,
    /// Read-only: accepted where it equals what was read
    pub grade: Option<String>,
    #[schema(value_type = Option<CitationStance>)]
    pub stance: Option<Given<CitationStance>>,
    pub locator: Option<String>,
    pub quote: Option<String>,
    pub attributed_to: Option<Reference>,
    /// Whether the id was this claim's once, and is to be so again
    #[serde(skip)]
    #[schema(ignore)]
    is_restored: bool,
}

/// Lets the citations of an earlier version of a claim have the ids that they had.
pub fn keep_ids(citations: &mut Option<Vec<CitationRequest>>) {
    for citation in citations.iter_mut().flatten() {
        citation.is_restored = true;
    }
}

/// A checked citation whose references wait to be looked up.
#[derive(Debug)]
pub struct Checked {
    id: Option<Uuid>,
    source: Option<Place>,
    credibility: Option<i16>,
    stance: CitationStance,
    locator: Option<String>,
    quote: Option<String>,
    attributed_to: Option<Place>,
}

/// A citation with the ids that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    pub id: Uuid,
    pub source_id: Uuid,
    pub credibility: Option<i16>,
    pub stance: CitationStance,
    pub locator: Option<String>,
    pub quote: Option<String>,
    pub attributed_to_id: Option<Uuid>,
}

impl From<&Citation> for Values {
    fn from(citation: &Citation) -> Self {
        Self {
            id: citation.id,
            source_id: citation.source.id,
            credibility: citation.credibility,
            stance: citation.stance,
            locator: citation.locator.clone(),
            quote: citation.quote.clone(),
            attributed_to_id: citation.attributed_to.as_ref().map(|actor| actor.id),
        }
    }
}

/// The JSON list of a claim's citations, for the select of a resource whose id is `id`.
pub fn record_sql(resource: Kind, id: &str) -> String {
    include_str!("citations.sql")
        .replace("{claim}", resource.column())
        .replace("{id}", id)
}

/// The citations that a claim has now.
pub async fn of(write: &mut Write<'_>, resource: Kind, id: Uuid) -> Result<Vec<Citation>> {
    let statement = Statement::new("with wanted (id) as (select ")
        .bind(id)
        .sql(format!(
            "::uuid) select {}::text as record from wanted",
            record_sql(resource, "wanted.id")
        ));
    records::only(write.load(statement).await?)
}

/// Puts the filters that every claim has on a list: its status, and who says so.
pub fn filter(
    conditions: &mut Conditions,
    resource: Kind,
    alias: &str,
    statuses: &[ClaimStatus],
    sources: Vec<Uuid>,
    speakers: Vec<Uuid>,
) {
    let statuses: Vec<String> = statuses.iter().map(ToString::to_string).collect();
    conditions.any_as(format!("{alias}.claim_status"), statuses, "::claim_status[]", "");
    let cited = |column: &str| {
        format!(
            "exists (select from citations as citation where citation.{} = {alias}.id and citation.{column}",
            resource.column()
        )
    };
    conditions.any(cited("source_id"), sources, ")");
    conditions.any(cited("attributed_to_id"), speakers, ")");
}

/// Checks one citation; `pointer` is where it stands in the body, `known` what the record has now.
pub fn validate_one(
    pointer: &str,
    request: CitationRequest,
    known: &[Citation],
    faults: &mut Faults,
    lookup: &mut Lookup,
) -> Checked {
    let current = request
        .id
        .and_then(|id| known.iter().find(|citation| citation.id == id));
    if request.id.is_some() && current.is_none() && !request.is_restored {
        faults.add(
            format!("{pointer}/id"),
            "is the id of no citation that this record has now; leave it out, and the citation is a new one",
        );
    }
    if let Some(grade) = &request.grade
        && current.and_then(|citation| citation.grade.as_ref()) != Some(grade)
    {
        faults.add(
            format!("{pointer}/grade"),
            "is read-only; leave it out: it follows from the source's reliability and credibility",
        );
    }
    let credibility = request.credibility.and_then(|credibility| {
        let small = i16::try_from(credibility)
            .ok()
            .filter(|small| (1..=6).contains(small));
        if small.is_none() {
            faults.add(format!("{pointer}/credibility"), "is none of 1 to 6");
        }
        small
    });
    let source = faults.required(&format!("{pointer}/source"), request.source);
    Checked {
        id: request.id,
        source: lookup.want_optional(format!("{pointer}/source"), Kind::Sources, source),
        credibility,
        stance: faults
            .given(&format!("{pointer}/stance"), request.stance)
            .unwrap_or(CitationStance::Supports),
        locator: request.locator,
        quote: request.quote,
        attributed_to: lookup.want_optional(
            format!("{pointer}/attributed_to"),
            Kind::Actors,
            request.attributed_to,
        ),
    }
}

/// Checks a claim's list of citations.
pub fn validate(
    requests: Option<Vec<CitationRequest>>,
    known: &[Citation],
    faults: &mut Faults,
    lookup: &mut Lookup,
) -> Vec<Checked> {
    let requests = requests.unwrap_or_default();
    for (index, request) in requests.iter().enumerate() {
        if request.id.is_some() && requests[..index].iter().any(|earlier| earlier.id == request.id) {
            faults.add(format!("/citations/{index}/id"), "is given twice");
        }
    }
    requests
        .into_iter()
        .enumerate()
        .map(|(index, request)| validate_one(&format!("/citations/{index}"), request, known, faults, lookup))
        .collect()
}

/// Puts the ids in. Only to be called when nothing is at fault: then every reference has one.
pub fn resolved(checked: Vec<Checked>, found: &Found) -> Vec<Values> {
    checked
        .into_iter()
        .filter_map(|citation| {
            Some(Values {
                id: citation.id.unwrap_or_else(Uuid::now_v7),
                source_id: found.optional(citation.source)?,
                credibility: citation.credibility,
                stance: citation.stance,
                locator: citation.locator,
                quote: citation.quote,
                attributed_to_id: found.optional(citation.attributed_to),
            })
        })
        .collect()
}

/// Gives a claim exactly these citations, in this order.
pub async fn replace(
    write: &mut Write<'_>,
    resource: Kind,
    id: Uuid,
    current: &[Values],
    citations: &[Values],
) -> Result<()> {
    if current == citations {
        return Ok(());
    }
    if !current.is_empty() {
        let statement =
            Statement::new(format!("delete from citations where {} = ", resource.column())).bind(id);
        write.execute(statement).await?;
    }
    for (position, citation) in citations.iter().enumerate() {
        let position = i64::try_from(position).map_err(Error::internal)?;
        insert(write, resource, id, Statement::default().bind(position), citation)
            .await
            .map_err(|error| meaning(error, "/citations", "/citations"))?;
    }
    Ok(())
}

/// Adds one citation at the end.
pub async fn add(write: &mut Write<'_>, resource: Kind, id: Uuid, citation: &Values) -> Result<()> {
    let next = Statement::new(format!(
        "(select coalesce(max(position), -1) + 1 from citations where {} = ",
        resource.column()
    ))
    .bind(id)
    .sql(")");
    insert(write, resource, id, next, citation)
        .await
        .map_err(|error| meaning(error, "/source", "/attributed_to"))
}

async fn insert(
    write: &mut Write<'_>,
    resource: Kind,
    id: Uuid,
    position: Statement,
    citation: &Values,
) -> Result<()> {
    let statement = Statement::new(format!(
        "insert into citations (id, {}, position, source_id, credibility, stance, locator, quote, attributed_to_id) values (",
        resource.column()
    ))
    .bind(citation.id)
    .sql(", ")
    .bind(id)
    .sql(", ")
    .append(position)
    .sql(", ")
    .bind(citation.source_id)
    .sql(", ")
    .bind(citation.credibility.map(i64::from))
    .sql(", ")
    .bind(citation.stance.word())
    .sql("::text::citation_stance, ")
    .bind(citation.locator.clone())
    .sql(", ")
    .bind(citation.quote.clone())
    .sql(", ")
    .bind(citation.attributed_to_id)
    .sql(")");
    write.execute(statement).await.map(drop)
}

/// What was looked up before may have been deleted since.
fn meaning(error: Error, source: &str, speaker: &str) -> Error {
    records::meaning(
        error,
        &[
            ("citations_source_id_fkey", source, "fits no source any more"),
            (
                "citations_attributed_to_id_fkey",
                speaker,
                "fits no actor any more",
            ),
        ],
    )
}

#[derive(QueryableByName)]
struct Removed {
    #[diesel(sql_type = sql_types::Uuid)]
    #[expect(dead_code, reason = "the row's being there is the answer")]
    id: Uuid,
}

/// Removes one citation; false where the claim has none of that id.
pub async fn remove(write: &mut Write<'_>, resource: Kind, id: Uuid, citation: Uuid) -> Result<bool> {
    let statement = Statement::new(format!("delete from citations where {} = ", resource.column()))
        .bind(id)
        .sql(" and id = ")
        .bind(citation)
        .sql(" returning id");
    Ok(!write.load::<Removed>(statement).await?.is_empty())
}
