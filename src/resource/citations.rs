//! Citations of claims: which source says what. The same for relationships, sanctions and diplomatic actions.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::db::{ReadOn, Statement, Write};
use crate::error::{Error, Result};
use crate::query::table_row::{Cell, cell, joined, joined_optional};
use crate::query::{Column, Conditions};
use crate::resource::children::ChildRows;
use crate::resource::constraints::{self, ConstraintError};
use crate::resource::state_roll_up::{Act, Counted};
use crate::resource::{
    ActorReference, Basis, Element, Found, Kind, Lookup, Reference, Resource, SourceReference, record,
    record_sql,
};
use crate::validation::{Faults, Given};
use crate::vocabulary::{CitationStance, ClaimStatus};

/// What a source says about the claim that cites it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Citation {
    /// Id of the citation; it stays the same while the claim keeps the citation
    pub id: Uuid,
    /// The source that is cited
    pub source: SourceReference,
    /// Credibility of the information on the Admiralty scale: 1 confirmed by other sources to 5 improbable, 6 cannot be judged;
    /// null if nobody judged it
    pub credibility: Option<i16>,
    /// Reliability of the source and credibility together, such as B2; null if either was not judged
    pub grade: Option<String>,
    /// Whether the source supports, disputes or only mentions the claim
    pub stance: CitationStance,
    /// Where in the source: a page, a paragraph, a time; null if not recorded
    pub locator: Option<String>,
    /// The words of the source; null if not recorded
    pub quote: Option<String>,
    /// The actor to whom the source attributes the statement; null if it is the source's own
    pub attributed_to: Option<ActorReference>,
}

/// Returns the best Admiralty grade among the sources that support a claim.
pub fn best_grade(citations: &[Citation]) -> Option<&String> {
    citations
        .iter()
        .filter(|citation| citation.stance == CitationStance::Supports)
        .filter_map(|citation| citation.grade.as_ref())
        .min()
}

/// A record that cites sources: a relationship, a sanction or a diplomatic action.
pub trait Cites: Resource {
    /// Returns the citations of the record, in their order.
    fn citations(&self) -> &[Citation];
}

/// The columns of citations in a table of claims. The lists are of one length and in one order: the third stance belongs
/// to the third source.
pub struct CitationColumns<R>(std::marker::PhantomData<R>);

impl<R: Cites> CitationColumns<R> {
    /// The columns, in their order.
    pub const COLUMNS: &'static [Column<R>] = &[
        ("citations", |record| sources_cell(record.citations())),
        ("stances", |record| stances_cell(record.citations())),
        ("grades", |record| grades_cell(record.citations())),
        ("attributed_to", |record| speakers_cell(record.citations())),
        ("best_grade", |record| cell(best_grade(record.citations()))),
    ];
}

/// Returns the cell of the titles of the cited sources.
pub fn sources_cell(citations: &[Citation]) -> Cell {
    joined(citations, |citation| citation.source.title.clone())
}

/// Returns the cell of the stances of citations.
pub fn stances_cell(citations: &[Citation]) -> Cell {
    joined(citations, |citation| citation.stance.to_string())
}

/// Returns the cell of the grades of citations.
pub fn grades_cell(citations: &[Citation]) -> Cell {
    joined_optional(citations, |citation| citation.grade.clone())
}

/// Returns the cell of the actors to whom citations attribute their statements.
pub fn speakers_cell(citations: &[Citation]) -> Cell {
    joined_optional(citations, |citation| {
        citation.attributed_to.as_ref().map(|actor| actor.name.clone())
    })
}

/// A citation as a request sends it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(
    deny_unknown_fields,
    expecting = "an object such as {\"source\":\"an id\",\"credibility\":2}"
)]
pub struct CitationRequest {
    /// Id of the citation as it was read; leave it out for a new citation
    pub id: Option<Uuid>,
    /// Required; the source that is cited
    pub source: Option<Reference>,
    /// Credibility of the information on the Admiralty scale, 1 to 6
    #[schema(minimum = 1, maximum = 6)]
    pub credibility: Option<i64>,
    /// Read-only: accepted if it is the value that was read
    pub grade: Option<String>,
    /// Whether the source supports, disputes or only mentions the claim; supports if absent
    #[schema(value_type = Option<CitationStance>)]
    pub stance: Option<Given<CitationStance>>,
    /// Where in the source: a page, a paragraph, a time
    pub locator: Option<String>,
    /// The words of the source
    pub quote: Option<String>,
    /// The actor to whom the source attributes the statement; leave it out if it is the source's own
    pub attributed_to: Option<Reference>,
}

/// A checked citation whose references are not looked up yet.
#[derive(Debug)]
pub struct Checked {
    id: Option<Uuid>,
    source: Option<Element>,
    credibility: Option<i16>,
    stance: CitationStance,
    locator: Option<String>,
    quote: Option<String>,
    attributed_to: Option<Element>,
}

/// A citation as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitationRow {
    /// The id of the citation.
    pub id: Uuid,
    /// The id of the source.
    pub source_id: Uuid,
    /// Admiralty scale, 1 to 6; `None` if nobody judged it.
    pub credibility: Option<i16>,
    /// What the source says about the claim.
    pub stance: CitationStance,
    /// Where in the source; `None` if not recorded.
    pub locator: Option<String>,
    /// The words of the source; `None` if not recorded.
    pub quote: Option<String>,
    /// The actor to whom the source attributes the statement; `None` if it is the source's own.
    pub attributed_to_id: Option<Uuid>,
}

impl From<&Citation> for CitationRow {
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

/// Returns the citations that a claim has now.
async fn of(write: &mut Write<'_>, resource: Kind, id: Uuid) -> Result<Vec<Citation>> {
    let statement = Statement::new("with wanted (id) as (select ")
        .bind(id)
        .sql(format!(
            "::uuid) select {}::text as record from wanted",
            record_sql::citations(resource.column(), "wanted.id")
        ));
    record::only(write.load(statement).await?)
}

/// A citation as a statement of the actor to whom it attributes its words.
const SPOKEN: Act<'_> = Act {
    actor: "citation.attributed_to_id",
    earliest: "source.published_on_earliest",
    latest: "source.published_on_latest",
};

/// What a filter of claims wants of a citation. One citation must be all of it; an empty list wants nothing.
#[derive(Debug)]
pub struct Cited<'f> {
    /// The sources, one of which it cites.
    pub sources: Vec<Uuid>,
    /// The stances, one of which it has.
    pub stances: &'f [CitationStance],
    /// The actors, to one of which it attributes the statement.
    pub speakers: Vec<Uuid>,
    /// Whether somebody who acted for a speaker on the day on which the source was published counts as the speaker.
    pub counted: Counted,
}

impl Cited<'_> {
    /// Returns the query that selects `what` from the citations that meet `belongs` and the filter; `None` if the filter wants
    /// nothing.
    pub fn query(self, what: &str, belongs: &str) -> Option<Statement> {
        if self.sources.is_empty() && self.stances.is_empty() && self.speakers.is_empty() {
            return None;
        }
        let mut from = "citations as citation".to_owned();
        if self.counted == Counted::State && !self.speakers.is_empty() {
            from.push_str(" join sources as source on source.id = citation.source_id");
        }
        let mut statement = if self.speakers.is_empty() {
            Statement::new(format!("select {what} from {from} where {belongs}"))
        } else {
            SPOKEN
                .acted_for(&self.speakers, self.counted)
                .select(what, &from, belongs)
        };
        if !self.sources.is_empty() {
            statement = statement
                .sql(" and citation.source_id = any(")
                .bind(self.sources)
                .sql(")");
        }
        if !self.stances.is_empty() {
            let stances: Vec<String> = self.stances.iter().map(ToString::to_string).collect();
            statement = statement
                .sql(" and citation.stance = any(")
                .bind(stances)
                .sql("::public.citation_stance[])");
        }
        Some(statement)
    }
}

/// Adds the conditions that lists of all claims have: the status, and what a citation is.
pub fn filter(
    conditions: &mut Conditions,
    resource: Kind,
    alias: &str,
    statuses: &[ClaimStatus],
    cited: Cited<'_>,
) {
    let statuses: Vec<String> = statuses.iter().map(ToString::to_string).collect();
    conditions.any_as(
        format!("{alias}.claim_status"),
        statuses,
        "::public.claim_status[]",
        "",
    );
    let belongs = format!("citation.{} = {alias}.id", resource.column());
    if let Some(query) = cited.query("", &belongs) {
        conditions.add(Statement::new("exists (").append(query).sql(")"));
    }
}

/// Checks one citation at `pointer` of the body. `known` are the citations that the record has now; a restored citation may
/// have an id that is not among them.
fn validate_one(
    pointer: &str,
    request: CitationRequest,
    known: &[Citation],
    is_restored: bool,
    faults: &mut Faults,
    lookup: &mut Lookup,
) -> Checked {
    let current = request
        .id
        .and_then(|id| known.iter().find(|citation| citation.id == id));
    if request.id.is_some() && current.is_none() && !is_restored {
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
            faults.add(format!("{pointer}/credibility"), "must be from 1 to 6");
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

/// Checks the citations of a claim. Their references are in `lookup` afterwards, and [`resolved`] adds the ids.
pub fn validate<R: Cites>(
    requests: Option<Vec<CitationRequest>>,
    basis: &Basis<'_, R>,
    faults: &mut Faults,
    lookup: &mut Lookup,
) -> Vec<Checked> {
    let known = basis.current.map(Cites::citations).unwrap_or_default();
    let requests = requests.unwrap_or_default();
    for (index, request) in requests.iter().enumerate() {
        if request.id.is_some() && requests[..index].iter().any(|earlier| earlier.id == request.id) {
            faults.add(format!("/citations/{index}/id"), "is given twice");
        }
    }
    requests
        .into_iter()
        .enumerate()
        .map(|(index, request)| {
            let pointer = format!("/citations/{index}");
            validate_one(&pointer, request, known, basis.is_restored, faults, lookup)
        })
        .collect()
}

/// Returns the rows with the ids that `found` has. A citation without an id that says what one of the record says already is that
/// one, so that the same request can be sent again. Call it only if there are no faults: then every reference has an id.
pub fn resolved<R: Cites>(checked: Vec<Checked>, found: &Found, basis: &Basis<'_, R>) -> Vec<CitationRow> {
    let given: Vec<Uuid> = checked.iter().filter_map(|citation| citation.id).collect();
    let known = basis.current.map(Cites::citations).unwrap_or_default();
    let mut free: Vec<CitationRow> = known
        .iter()
        .map(CitationRow::from)
        .filter(|row| !given.contains(&row.id))
        .collect();
    let mut rows = rows(checked, found);
    for row in &mut rows {
        let same = free.iter().position(|known| {
            !given.contains(&row.id)
                && CitationRow {
                    id: row.id,
                    ..known.clone()
                } == *row
        });
        if let Some(same) = same {
            row.id = free.swap_remove(same).id;
        }
    }
    rows
}

fn rows(checked: Vec<Checked>, found: &Found) -> Vec<CitationRow> {
    checked
        .into_iter()
        .filter_map(|citation| {
            Some(CitationRow {
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

/// Returns the citations as they are stored.
pub fn child_rows(citations: &[CitationRow]) -> ChildRows {
    let each = || citations.iter();
    ChildRows::new("citations")
        .ids("id", each().map(|citation| citation.id))
        .ids("source_id", each().map(|citation| citation.source_id))
        .texts_as(
            "credibility",
            "::smallint",
            each().map(|citation| citation.credibility.map(|number| number.to_string())),
        )
        .texts_as(
            "stance",
            "::citation_stance",
            each().map(|citation| citation.stance.to_string()),
        )
        .texts("locator", each().map(|citation| citation.locator.clone()))
        .texts("quote", each().map(|citation| citation.quote.clone()))
        .ids(
            "attributed_to_id",
            each().map(|citation| citation.attributed_to_id),
        )
}

/// Adds a citation to a locked claim, after the others, and returns it.
///
/// # Errors
/// Invalid record with every fault at once, with pointers into the citation.
pub async fn add<R: Cites>(
    write: &mut Write<'_>,
    id: Uuid,
    request: CitationRequest,
    mut faults: Faults,
) -> Result<Citation> {
    let mut lookup = Lookup::default();
    let checked = validate_one("", request, &[], false, &mut faults, &mut lookup);
    let found = lookup.resolve(ReadOn::Write(write), &mut faults).await?;
    faults.finish()?;
    let rows = rows(vec![checked], &found);
    let [citation] = rows.as_slice() else {
        return Err(Error::internal("a citation without a source was accepted"));
    };
    let next = Statement::new(format!(
        "(select coalesce(max(position), -1) + 1 from citations where {} = ",
        R::KIND.column()
    ))
    .bind(id)
    .sql(")");
    child_rows(&rows)
        .insert(write, R::KIND, id, next)
        .await
        .map_err(|error| constraints::explain(error, ADDED))?;
    let recorded: Vec<Citation> = of(write, R::KIND, id).await?;
    recorded
        .into_iter()
        .find(|recorded| recorded.id == citation.id)
        .ok_or_else(|| Error::internal("a citation vanished"))
}

/// What violated constraints mean where the request is a citation alone.
const ADDED: &[ConstraintError] = &[
    ConstraintError::invalid(
        "citations_source_id_fkey",
        "/source",
        "names a source that does not exist any more",
    ),
    ConstraintError::invalid(
        "citations_attributed_to_id_fkey",
        "/attributed_to",
        "names an actor that does not exist any more",
    ),
];

/// Removes a citation from a locked claim; returns false if the claim does not have it.
///
/// # Errors
/// Those of [`Write::execute`].
pub async fn remove<R: Cites>(write: &mut Write<'_>, id: Uuid, citation: Uuid) -> Result<bool> {
    let statement = Statement::new(format!("delete from citations where {} = ", R::KIND.column()))
        .bind(id)
        .sql(" and id = ")
        .bind(citation);
    Ok(write.execute(statement).await? > 0)
}
