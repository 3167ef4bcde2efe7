//! Full text: the parameter `q` of lists. A record matches by its own texts, and by the names, keys and web addresses of the records
//! that it names ([`Link`]): a sanction by its target, a claim by the sources that it cites. Those are found when the list is read,
//! because they change without the record.
//!
//! `search_texts` has the words of each revision; [`FullText::matches`] finds the terms of a query in them and combines the terms
//! for each record.

mod found;
mod snippet;
mod terms;

use std::borrow::Cow;

use crate::db::Statement;
use crate::query::{Selection, Sort};
use crate::resource::Kind;
pub use found::{Found, Match};
pub use terms::{FullText, Q};

/// The field by which a list is sorted that is read with `q`.
pub const RANK: Sort = Sort::plain("rank", "matched.rank", "bigint");

/// The order of a list that is read with `q`, unless the request names one: the best match first.
pub const BEST_FIRST: &str = "-rank";

/// What the rank of a match is multiplied by, so that it is a whole number: sums of fractions depend on their order, and a cursor
/// needs the same rank on every page.
const PARTS: u32 = 1_000_000;

/// The weights of words, for PostgreSQL in the order D, C, B, A (see `sql/functions/search_vector.sql`).
const WEIGHTS: &str = "{0.2, 0.4, 0.1, 1.0}";

/// How a rank is normalized: by the logarithm of the number of words (1), and to less than one (32).
const NORMALIZATION: u32 = 1 | 32;

/// What the rank of a record is raised by for each term if one of its names or titles is the whole query. Each term counts less than one
/// in the record's own texts, and together less than three in those of the records that it names.
const WHOLE_NAME: u64 = 4;

/// The weights of the words by which a record is found through one that it names: names and titles, identifiers and addresses.
const WEIGHTS_OF_KEYS: &str = "AD";

/// Another record that a record of this kind names, and by whose names it is found as well.
#[derive(Debug)]
pub struct Link {
    /// The kind of the other record.
    pub kind: Kind,
    /// The table that has both ids.
    pub table: &'static str,
    /// The column of the other record.
    pub linked: &'static str,
    /// The column of the record itself.
    pub record: &'static str,
    /// What share the rank of the other record has in the rank of this one: one half, one fifth.
    pub divisor: u32,
}

impl Link {
    /// Returns the link from a record to an actor, programme or action that it names.
    pub const fn named(kind: Kind, table: &'static str, linked: &'static str, record: &'static str) -> Self {
        Self {
            kind,
            table,
            linked,
            record,
            divisor: 2,
        }
    }

    /// Returns the link from a claim to the sources that it cites.
    pub const fn cited(record: &'static str) -> Self {
        Self {
            kind: Kind::Sources,
            table: "citations",
            linked: "source_id",
            record,
            divisor: 5,
        }
    }
}

/// A kind whose records are searched, and what they name.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// The kind.
    pub kind: Kind,
    /// By which other records its records are found.
    pub links: &'static [Link],
}

/// How a list is searched.
#[derive(Debug)]
pub struct Searched<'s> {
    /// The expression of the id of the record that must match.
    pub record: &'s str,
    /// The fields by which it can be sorted then.
    pub sorts: &'static [Sort],
    /// The kinds of its records.
    pub scopes: &'s [Scope],
}

impl FullText {
    /// Returns the selection of a list with the records that match alone; its records are of type [`Found`].
    pub fn within(&self, base: &Selection, searched: &Searched<'_>) -> Selection {
        let Searched {
            record,
            sorts,
            scopes,
        } = *searched;
        let matched = matched_json(scopes);
        // One field more, so that what reads the record finds its fields where they are.
        let with_match =
            |record: &str| format!("left(({record})::text, -1) || ',\"match\":' || {matched} || '}}'");
        Selection {
            record: with_match(&base.record).into(),
            record_as_of: base.record_as_of.as_deref().map(with_match),
            made_by: None,
            is_response: false,
            from: Cow::Owned(format!("{} join matched on matched.id = {record}", base.from)),
            id: base.id.clone(),
            sorts,
            default_sort: BEST_FIRST,
            with: base.with.clone().append(self.matches(scopes)),
        }
    }

    /// Returns the common table expressions by which the records are found: `wanted` with the terms, and `matched` with
    /// `resource`, `id` and `rank`.
    pub fn matches(&self, scopes: &[Scope]) -> Statement {
        let own: Vec<String> = scopes.iter().map(|scope| scope.kind.table().to_owned()).collect();
        let links = || scopes.iter().flat_map(|scope| scope.links);
        let mut read = own.clone();
        read.extend(links().map(|link| link.kind.table().to_owned()));
        read.sort_unstable();
        read.dedup();
        let mut statement = Statement::new(", wanted (terms) as (select ")
            .bind(self.wanted())
            .sql("::json), hit as materialized (");
        for (index, term) in self.terms().iter().enumerate() {
            // The planner computes each query, and so knows how many texts have it and that the index finds them.
            let query = |mode: &str, weights: &str| {
                Statement::new("search_query(")
                    .bind(term.words.join(" "))
                    .sql(format!(", '{mode}', '{weights}')"))
            };
            let mode = term.mode.word();
            if index > 0 {
                statement = statement.sql(" union all ");
            }
            statement = statement.sql(format!(
                "select texts.resource, texts.record_id, {} as number, ",
                index + 1
            ));
            statement = if links().next().is_some() {
                statement
                    .sql("texts.vector @@ ")
                    .append(query(mode, WEIGHTS_OF_KEYS))
            } else {
                statement.sql("false")
            };
            statement = statement
                .sql(format!(
                    " as is_of_keys, ({PARTS} * ts_rank_cd('{WEIGHTS}', texts.vector, "
                ))
                .append(query(term.mode.ranked_by(), ""))
                .sql(format!(
                    ", {NORMALIZATION}))::bigint as rank from current_search_texts as texts where texts.vector @@ "
                ))
                .append(query(mode, ""))
                .sql(" and texts.resource = any(")
                .bind(read.clone())
                .sql(")");
        }
        statement = statement
            .sql(
                "), found as (select hit.resource, hit.record_id as id, hit.number, 0 as route, hit.rank \
                 from hit where hit.resource = any(",
            )
            .bind(own.clone())
            .sql(")");
        if let Some(whole) = self.whole() {
            // Who searches for a name wants the record of that name before those that mention it.
            let more = WHOLE_NAME * u64::from(PARTS) * self.terms().len() as u64;
            statement = statement
                .sql(format!(
                    " union all select texts.resource, texts.record_id, 1, -1, {more} from current_search_texts as texts \
                     where texts.vector @@ search_query("
                ))
                .bind(whole)
                .sql(", 'whole', '') and texts.resource = any(")
                .bind(own)
                .sql(")");
        }
        let mut route = 0;
        for scope in scopes {
            for link in scope.links {
                route += 1;
                statement = statement.sql(format!(
                    " union all select '{resource}', link.{record}, hit.number, {route}, hit.rank / {divisor} \
                     from hit join {table} as link on link.{linked} = hit.record_id \
                     where hit.resource = '{of}' and hit.is_of_keys and link.{record} is not null",
                    resource = scope.kind.table(),
                    record = link.record,
                    divisor = link.divisor,
                    table = link.table,
                    linked = link.linked,
                    of = link.kind.table(),
                ));
            }
        }
        // Of several sources, or participants, the best counts.
        statement.sql(format!(
            "), matched as (select best.resource, best.id, sum(best.rank)::bigint as rank from (\
             select found.resource, found.id, found.number, found.route, max(found.rank) as rank \
             from found group by found.resource, found.id, found.number, found.route) as best \
             group by best.resource, best.id having {})",
            self.condition("bit_or(1::bigint << (best.number - 1))")
        ))
    }
}

/// Returns the expression of what a response says about a match, as [`Match`] is read from it: the texts of the record and of those
/// that it names, from which the snippet is made. It is computed for the records of a page alone.
pub fn matched_json(scopes: &[Scope]) -> String {
    let mut passages = "select 0 as place, null::uuid as id, document ->> 'language' as language, \
         to_json(record_texts(document)) as texts \
         from current_document(matched.resource, matched.id) as document where document is not null"
        .to_owned();
    let mut place = 0;
    for scope in scopes {
        for link in scope.links {
            place += 1;
            passages.push_str(&format!(
                " union all select {place}, link.{linked}, document ->> 'language', \
                 json_build_array((record_texts(document))[1], json_build_array(), (record_texts(document))[3]) \
                 from {table} as link cross join lateral current_document('{of}', link.{linked}) as document \
                 where link.{record} = matched.id and matched.resource = '{resource}' and document is not null",
                table = link.table,
                linked = link.linked,
                record = link.record,
                of = link.kind.table(),
                resource = scope.kind.table(),
            ));
        }
    }
    format!(
        "json_build_object('rank', round(matched.rank / {PARTS}.0, 6), 'terms', (select wanted.terms from wanted), \
         'passages', (select json_agg(json_build_object('language', passage.language, 'texts', passage.texts) \
         order by passage.place, passage.id) from ({passages}) as passage))"
    )
}
