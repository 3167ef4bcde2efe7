//! The state for which an act counts: the functions that decide for one act are compared with the lists that
//! decide for all at once, on random relationships.

use std::collections::BTreeSet;

use demarche::config;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::support::{TestApp, TestDatabase, wait_until};

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

/// Returns a server with random relationships and acts between actors, and the ids of the actors, states last.
async fn world(runner: &mut TestRunner) -> (TestApp, Vec<String>) {
    let app = TestApp::new().await;
    let actors = populate(&app, runner).await;
    (app, actors)
}

/// Records random relationships, and sanctions and actions between all actors. Returns the ids of the actors, states last.
async fn populate(app: &TestApp, runner: &mut TestRunner) -> Vec<String> {
    let mut draw = |strategy: BoxedStrategy<usize>| strategy.new_tree(runner).expect("drawn").current();
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
        let kind = [
            "government_body",
            "person",
            "company",
            "intergovernmental_organization",
        ][body % 4];
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
    client
        .batch_execute(
            "insert into diplomatic_actions (type, title, occurred_on) \
             select 'public_statement', id::text, coalesce(imposed_on, '2016') from sanctions; \
             insert into action_participants (action_id, position, actor_id, role) \
             select action.id, part.position, part.actor_id, part.role::participant_role \
             from diplomatic_actions as action join sanctions as sanction on sanction.id::text = action.title \
             cross join lateral (values (0, sanction.imposer_id, 'initiator'), (1, sanction.target_id, 'target')) \
             as part (position, actor_id, role)",
        )
        .await
        .expect("inserted");
    actors
}

/// Returns the ids of the records of `from` for which the rule of one act holds for one of the principals.
async fn ids(app: &TestApp, from: &str, rule: &str, principals: &[&str]) -> BTreeSet<String> {
    let client = app.client().await;
    let sql = format!(
        "select record.id::text from {from} where exists (select from unnest($1::text[]::uuid[]) as given (principal) where {rule})"
    );
    let rows = client.query(&sql, &[&principals]).await.expect("ids");
    rows.iter().map(|row| row.get(0)).collect()
}

async fn listed(app: &TestApp, path: &str, filters: &[(&str, &[&str])], more: &str) -> BTreeSet<String> {
    let mut path = format!("/v1/{path}?limit=1000{more}");
    for (name, values) in filters {
        for value in *values {
            path.push_str(&format!("&{name}={value}"));
        }
    }
    app.get(&path).await.expect(200).ids().into_iter().collect()
}

#[tokio::test]
async fn lists_agree_with_the_rule_for_acts_of_a_state() {
    const SANCTIONS: &str = "sanctions as record";
    const ACTIONS: &str = "diplomatic_actions as record \
         join action_participants as one on one.action_id = record.id and one.role = 'initiator' \
         join action_participants as other on other.action_id = record.id and other.role = 'target'";
    const STARTS: &str = "starts_earliest, starts_latest";
    const OCCURRED: &str = "occurred_on_earliest, occurred_on_latest";
    let against = |actor: &str, days: &str| {
        format!("acts_for({actor}, principal, {days}) or target_state({actor}, {days}) = principal")
    };
    let mut runner = TestRunner::deterministic();
    let mut counted = 0;
    let (app, actors) = world(&mut runner).await;
    let actors: Vec<&str> = actors.iter().map(String::as_str).collect();
    for (more, filter, rule) in [
        (
            "&counted=state",
            "imposer",
            format!("acts_for(imposer_id, principal, {STARTS})"),
        ),
        ("&counted=state", "target", against("target_id", STARTS)),
        (
            "",
            "imposer_state",
            format!("imposer_state(imposer_id, {STARTS}) = principal"),
        ),
        (
            "",
            "imposing_party",
            format!("imposing_party(imposer_id, {STARTS}) = principal"),
        ),
    ] {
        let mut each = Vec::new();
        for principal in actors.chunks(1) {
            let expected = ids(&app, SANCTIONS, &rule, principal).await;

            let found = listed(&app, "sanctions", &[(filter, principal)], more).await;

            assert_eq!(found, expected, "{filter} {principal:?}");
            counted += found.len();
            each.push(expected);
        }
        for several in [0..5, 5..10, 8..actors.len(), 0..actors.len()] {
            let expected: BTreeSet<String> = each[several.clone()].iter().flatten().cloned().collect();

            let found = listed(&app, "sanctions", &[(filter, &actors[several])], more).await;

            assert_eq!(found, expected, "{filter} of several");
        }
    }
    for (filter, rule) in [
        (
            "initiator",
            format!("acts_for(one.actor_id, principal, {OCCURRED})"),
        ),
        ("target", against("other.actor_id", OCCURRED)),
    ] {
        let principals = &actors[9..14];
        let expected = ids(&app, ACTIONS, &rule, principals).await;

        let found = listed(
            &app,
            "diplomatic-actions",
            &[(filter, principals)],
            "&counted=state",
        )
        .await;

        assert_eq!(found, expected, "{filter}");
        counted += found.len();
    }
    // As of a moment, and with both ends.
    let now = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let both: [(&str, &[&str]); 2] = [("initiator", &actors[..7]), ("target", &actors[4..])];
    let expected = listed(&app, "diplomatic-actions", &both, "&counted=state").await;
    assert!(!expected.is_empty());
    let known = format!("&counted=state&known_at={now}");
    assert_eq!(listed(&app, "diplomatic-actions", &both, &known).await, expected);
    for filter in ["imposer_state", "imposing_party", "target"] {
        let filters: [(&str, &[&str]); 1] = [(filter, &actors)];
        let expected = listed(&app, "sanctions", &filters, "&counted=state").await;
        assert_eq!(
            listed(&app, "sanctions", &filters, &known).await,
            expected,
            "{filter}"
        );
    }
    assert!(counted > 800, "{counted} are too few to say something");
}

#[tokio::test]
async fn the_roll_up_is_worked_out_once_a_request() {
    let database = TestDatabase::with_tokens().await;
    let counting = format!("alter database {} set track_functions = 'all'", database.name);
    let superuser = database.superuser().await;
    superuser.batch_execute(&counting).await.expect("set");
    let limits = config::Limits {
        public_read: true,
        ..config::Limits::default()
    };
    let app = TestApp::on(database, limits).await;
    let actors = populate(&app, &mut TestRunner::deterministic()).await;
    let actors: Vec<&str> = actors.iter().map(String::as_str).collect();
    let superuser = app.database.superuser().await;

    // In the order of their names.
    let functions = [
        "actors_acting_for_one_of",
        "actors_counted_against",
        "actors_of_one_party",
        "actors_of_one_state",
    ];
    for (path, filter) in [
        ("sanctions", "imposer"),
        ("diplomatic-actions", "target"),
        ("sanctions", "imposing_party"),
        ("sanctions", "imposer_state"),
    ] {
        let found = listed(&app, path, &[(filter, &actors)], "&counted=state").await;

        assert!(found.len() > 50, "{filter}: {}", found.len());
    }
    // PostgreSQL reports the counts of a connection that is idle after ten seconds: one wait for all lists.
    wait_until("the calls are counted", async || {
        superuser
            .query_one(
                "select bool_and(coalesce(pg_stat_get_function_calls(to_regproc(name)) > 0, false)) \
                 from unnest($1::text[]) as name",
                &[&functions.as_slice()],
            )
            .await
            .expect("a count")
            .get(0)
    })
    .await;
    let calls: Vec<(String, i64)> = superuser
        .query(
            "select funcname::text, calls from pg_stat_user_functions where funcname = any($1::text[]) \
             or funcname in ('imposer_state', 'imposing_party', 'target_state', 'acts_for', 'actors_acted_for') order by 1",
            &[&functions.as_slice()],
        )
        .await
        .expect("counts")
        .iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect();
    assert_eq!(calls, functions.map(|function| (function.to_owned(), 1)));
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
                // All states that have a relationship or a country of an actor here, and twenty that have none.
                "with concerned as materialized ( \
                   select state.id from actors as state where state.kind = 'state' and exists ( \
                     select from relationships as tie where state.id in (tie.subject_id, tie.object_id)) \
                   union select actor_id from actor_identifiers where scheme = 'iso3166' and value = any($1) \
                   union (select id from actors where kind = 'state' order by id limit 20)) \
                 select count(*), \
                 count(*) filter (where imposer_state(end_id, starts_earliest, starts_latest) \
                   is distinct from case when cardinality(states) = 1 then states[1] end), \
                 count(*) filter (where target_state(end_id, starts_earliest, starts_latest) \
                   is distinct from case cardinality(states) when 1 then states[1] when 0 then by_country end), \
                 count(*) filter (where exists (select from concerned where \
                   acts_for(end_id, concerned.id, starts_earliest, starts_latest) <> (concerned.id = any(states))) \
                   or not states <@ array(select id from concerned)) \
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
                &[&COUNTRIES.as_slice()],
            )
            .await
            .expect("counted");

        let counts: [i64; 4] = [row.get(0), row.get(1), row.get(2), row.get(3)];
        assert!(counts[0] > 400, "{counts:?}");
        assert_eq!(counts[1..], [0, 0, 0]);
    }
}
