//! The state for which an act counts: the functions that decide for one act are compared with the lists that
//! decide for all at once, on random relationships.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::support::TestApp;

const BODIES: usize = 12;
const COUNTRIES: [&str; 4] = ["US", "GB", "CO", "VE"];

/// A relationship between two of the actors.
#[derive(Debug, Clone)]
struct Tie {
    subject: usize,
    object: usize,
    kind: &'static str,
    claim_status: &'static str,
    started_on: Option<String>,
    ended_on: Option<String>,
}

fn years() -> impl Strategy<Value = (Option<String>, Option<String>)> {
    let year = || prop::option::of(2010..2030i32);
    (year(), year()).prop_map(|(one, other)| {
        let (first, last) = match (one, other) {
            (Some(one), Some(other)) if other < one => (Some(other), Some(one)),
            pair => pair,
        };
        (
            first.map(|year| year.to_string()),
            last.map(|year| year.to_string()),
        )
    })
}

fn tie() -> impl Strategy<Value = Tie> {
    (
        0..BODIES,
        0..BODIES + COUNTRIES.len(),
        select(vec![
            "agency_of",
            "part_of",
            "official_of",
            "official_of",
            "family_of",
        ]),
        select(vec!["confirmed", "reported", "disputed", "denied"]),
        years(),
    )
        .prop_filter("nobody is tied to themselves", |(subject, object, ..)| {
            subject != object
        })
        .prop_map(
            |(subject, object, kind, claim_status, (started_on, ended_on))| Tie {
                subject,
                object,
                kind,
                claim_status,
                started_on,
                ended_on,
            },
        )
}

/// Returns a server with random relationships and sanctions between actors, and the ids of the actors, states last.
async fn world(runner: &mut TestRunner) -> (TestApp, Vec<String>) {
    let mut draw = |strategy: BoxedStrategy<usize>| strategy.new_tree(runner).expect("drawn").current();
    let app = TestApp::new().await;
    let mut actors = Vec::new();
    for body in 0..BODIES {
        let roles = ["jurisdiction", "flag", "nationality", "residence"];
        let countries: BTreeSet<(usize, usize)> = (0..draw((0..3usize).boxed()))
            .map(|_| (draw((0..COUNTRIES.len()).boxed()), draw((0..roles.len()).boxed())))
            .collect();
        let countries: Vec<_> = countries
            .into_iter()
            .map(|(code, role)| {
                let (from, until) = [
                    (None, None),
                    (None, None),
                    (None, Some("2013")),
                    (Some("2014-03"), None),
                ][draw((0..4usize).boxed())];
                json!({"code": COUNTRIES[code], "role": roles[role], "from": from, "until": until})
            })
            .collect();
        let kind = ["government_body", "person", "company"][body % 3];
        let body = json!({"kind": kind, "name": format!("Body {body}"), "countries": countries});
        actors.push(app.create("actors", body).await);
    }
    for code in COUNTRIES {
        actors.push(
            app.get(&format!("/v1/actors/iso3166:{code}"))
                .await
                .expect(200)
                .id(),
        );
    }
    let client = app.client().await;
    for _ in 0..22 {
        let tie = tie().new_tree(runner).expect("a tie").current();
        client
            .execute(
                "insert into relationships (subject_id, object_id, kind, claim_status, started_on, ended_on) \
                 values ($1::text::uuid, $2::text::uuid, $3, $4::text::claim_status, $5::text, $6::text)",
                &[
                    &actors[tie.subject],
                    &actors[tie.object],
                    &tie.kind,
                    &tie.claim_status,
                    &tie.started_on,
                    &tie.ended_on,
                ],
            )
            .await
            .expect("inserted");
    }
    client
        .execute(
            "insert into sanctions (imposer_id, target_id, imposed_on) \
             select imposer, target, (array[null, '2009', '2014-06', '2018/2021', '../2012', '2031'])[1 + place % 6] \
             from unnest($1::text[]::uuid[]) with ordinality as given (imposer, one) \
             cross join unnest($1::text[]::uuid[]) with ordinality as other (target, another) \
             cross join lateral (select one * 7 + another * 3 + one * another as place) as numbered \
             where imposer <> target",
            &[&actors],
        )
        .await
        .expect("inserted");
    (app, actors)
}

async fn ids(app: &TestApp, sql: &str, principal: &str) -> BTreeSet<String> {
    let client = app.client().await;
    let sql = format!(
        "select id::text from sanctions as sanction cross join (select $1::text::uuid as principal) as given where {sql}"
    );
    let rows = client.query(&sql, &[&principal]).await.expect("ids");
    rows.iter().map(|row| row.get(0)).collect()
}

async fn listed(app: &TestApp, query: &str) -> BTreeSet<String> {
    let page = app
        .get(&format!("/v1/sanctions?limit=1000&{query}"))
        .await
        .expect(200);
    page.ids().into_iter().collect()
}

#[tokio::test]
async fn lists_agree_with_the_rule_for_acts_of_a_state() {
    const DAYS: &str = "sanction.starts_earliest, sanction.starts_latest";
    let mut runner = TestRunner::deterministic();
    let mut counted = 0;
    for _ in 0..2 {
        let (app, actors) = world(&mut runner).await;
        for principal in &actors {
            for (query, rule) in [
                (
                    "counted=state&imposer",
                    format!("acts_for(imposer_id, principal, {DAYS})"),
                ),
                (
                    "counted=state&target",
                    format!(
                        "acts_for(target_id, principal, {DAYS}) or target_state(target_id, {DAYS}) = principal"
                    ),
                ),
                (
                    "imposer_state",
                    format!("imposer_state(imposer_id, {DAYS}) = principal"),
                ),
                (
                    "imposing_party",
                    format!("imposing_party(imposer_id, {DAYS}) = principal"),
                ),
            ] {
                let expected = ids(&app, &rule, principal).await;

                let found = listed(&app, &format!("{query}={principal}")).await;

                assert_eq!(found, expected, "{query}={principal}");
                counted += found.len();
            }
        }
    }
    assert!(counted > 1_500, "{counted} are too few to say something");
}

#[tokio::test]
async fn the_state_of_an_act_is_the_state_that_lists_count_it_for() {
    let mut runner = TestRunner::deterministic();
    for _ in 0..2 {
        let (app, _) = world(&mut runner).await;

        let row = app
            .client()
            .await
            .query_one(
                "select count(*), \
                 count(*) filter (where imposer_state(end_id, starts_earliest, starts_latest) \
                   is distinct from case when cardinality(states) = 1 then states[1] end), \
                 count(*) filter (where target_state(end_id, starts_earliest, starts_latest) \
                   is distinct from case cardinality(states) when 1 then states[1] when 0 then by_country end), \
                 count(*) filter (where exists (select from actors as state where state.kind = 'state' \
                   and acts_for(end_id, state.id, starts_earliest, starts_latest) <> (state.id = any(states)))) \
                 from sanctions \
                 cross join lateral (values (imposer_id), (target_id)) as its (end_id) \
                 cross join lateral (select array(select states_acted_for(end_id, starts_earliest, starts_latest)) as states) as acted \
                 cross join lateral (select case when count(distinct holder.actor_id) = 1 then (array_agg(holder.actor_id))[1] end as by_country \
                   from actor_countries as country \
                   join actor_identifiers as holder on holder.scheme = 'iso3166' and holder.value = country.code \
                   where country.actor_id = end_id and coalesce(partial_date_earliest(country.\"from\") <= starts_latest, true) and coalesce(partial_date_latest(country.until) >= starts_earliest, true) and country.role::text = ( \
                     select case when bool_or(role = 'jurisdiction') then 'jurisdiction' \
                       when bool_or(role = 'flag') then 'flag' else 'nationality' end \
                     from actor_countries as own where own.actor_id = end_id and coalesce(partial_date_earliest(own.\"from\") <= starts_latest, true) and coalesce(partial_date_latest(own.until) >= starts_earliest, true))) as countries",
                &[],
            )
            .await
            .expect("counted");

        let counts: [i64; 4] = [row.get(0), row.get(1), row.get(2), row.get(3)];
        assert!(counts[0] > 400, "{counts:?}");
        assert_eq!(counts[1..], [0, 0, 0]);
    }
}
