//! The views of schema `bi`, read as a BI login, have the same records as the API: those of the demo, and records that
//! leave out everything optional or fill in everything possible.

use std::collections::{BTreeMap, BTreeSet};

use demarche::bi::refresh::{IfBusy, Manner, refresh};
use demarche::db::connect::{self, Use};
use demarche::db::views::VIEWS;
use serde_json::{Value, json};
use tokio_postgres::Client;

use crate::support::TestApp;

const DAYS: [&str; 6] = [
    "1977-11-05",
    "1999-06-30",
    "2014-03-18",
    "2022-02-25",
    "2025-10-01",
    "2025-11-12",
];

/// Rows as JSON objects: every column is read.
async fn rows(reader: &Client, sql: &str) -> Vec<Value> {
    let found = reader
        .query(
            &format!("select to_jsonb(answer)::text from ({sql}) as answer"),
            &[],
        )
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    found
        .iter()
        .map(|row| serde_json::from_str(row.get(0)).expect("JSON"))
        .collect()
}

async fn by_id(reader: &Client, sql: &str, id: &str) -> BTreeMap<String, Value> {
    rows(reader, sql)
        .await
        .into_iter()
        .map(|row| (row[id].as_str().expect("an id").to_owned(), row))
        .collect()
}

async fn all(app: &TestApp, path: &str) -> Vec<Value> {
    let answer = app.get(&format!("{path}format=ndjson")).await.expect(200);
    answer
        .text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

fn best_grade(record: &Value) -> Value {
    let grades = record["citations"].as_array().expect("citations");
    grades
        .iter()
        .filter(|citation| citation["stance"] == "supports")
        .filter_map(|citation| citation["grade"].as_str())
        .min()
        .map_or(Value::Null, Value::from)
}

fn source_count(record: &Value) -> usize {
    let citations = record["citations"].as_array().expect("citations");
    let sources: BTreeSet<&str> = citations
        .iter()
        .filter_map(|citation| citation["source"]["id"].as_str())
        .collect();
    sources.len()
}

/// Checks that these columns of the row equal the fields of the record.
#[track_caller]
fn assert_same(row: &Value, record: &Value, columns: &[&str]) {
    for column in columns {
        assert_eq!(row[column], record[column], "{column} of {}", record["id"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_views_equal_the_api_for_the_demo() {
    let app = TestApp::with_demo().await;
    let reader = app.database.reader().await;
    // The states of records that no refresh has seen are computed; those of the others are stored.
    states_are_those_of_the_rule(&app).await;
    refresh_all(&app).await;

    for (view, _) in VIEWS {
        let found = rows(&reader, &format!("select * from bi.{view}")).await;
        assert!(!found.is_empty(), "{view}");
    }
    sanctions_are_the_same(&app, &reader).await;
    sanctions_of_a_day_are_the_same(&app, &reader).await;
    relationships_are_the_same(&app, &reader).await;
    actions_are_the_same(&app, &reader).await;
    claims_are_the_same(&app, &reader).await;
    days_in_force_are_days_on_which_it_was_in_force(&app).await;
    states_are_those_of_the_rule(&app).await;
    keys_join_without_loss(&reader).await;
    the_queries_of_the_documentation_answer(&reader).await;
    dashboard_queries_are_planned_for_their_size(&app).await;
}

async fn plan_of(owner: &Client, query: &str) -> String {
    let lines = owner
        .query(&format!("explain {query}"), &[])
        .await
        .unwrap_or_else(|error| panic!("{query}: {error}"));
    lines.iter().map(|line| line.get::<_, String>(0) + "\n").collect()
}

async fn dashboard_queries_are_planned_for_their_size(app: &TestApp) {
    let owner = app.client().await;
    owner
        .batch_execute("analyze sanctions, relationships, diplomatic_actions; set enable_seqscan = off; set enable_bitmapscan = off")
        .await
        .expect("analyzed");

    let unnamed = plan_of(
        &owner,
        "select imposer, imposed_year, count(*) from bi.sanctions where counts group by 1, 2",
    )
    .await
    .to_string();
    assert!(
        !unnamed.contains("_states"),
        "joins what it does not name: {unnamed}"
    );

    let in_force = "select from bi.sanctions where status = 'in_force'";
    let plan = plan_of(&owner, in_force).await;
    let expected: f64 = plan
        .split("rows=")
        .nth(1)
        .and_then(|rest| rest.split(' ').next())
        .and_then(|rows| rows.parse().ok())
        .expect("the rows of the plan");
    let found = owner.query(in_force, &[]).await.expect("rows").len() as f64;
    assert!(
        (expected - found).abs() <= found / 10.0,
        "sanctions_status_today_stats is not used: {expected} rows are expected, {found} found"
    );

    let latest = plan_of(
        &owner,
        "select summary from bi.claims where dated_on_latest >= '2025-01-01' order by dated_on_latest desc limit 5",
    )
    .await;
    for table in ["sanctions", "relationships", "diplomatic_actions"] {
        let index = format!("{table}_claimed_day_idx");
        assert!(latest.contains(&index), "{index} is not used: {latest}");
    }
}

async fn refresh_all(app: &TestApp) {
    let runtime = tokio::runtime::Handle::current();
    let mut connection = connect::on(&runtime, app.target(), Use::Exclusive(connect::COMMAND_TIME))
        .await
        .expect("a connection");
    refresh(&mut connection, Manner::Full, IfBusy::Wait)
        .await
        .expect("refreshed");
}

async fn the_queries_of_the_documentation_answer(reader: &Client) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/bi.md");
    let text = std::fs::read_to_string(path).expect("docs/bi.md");
    for (heading, count) in [("## The contract", 6), ("## Dashboard queries", 10)] {
        let section = text
            .split(heading)
            .nth(1)
            .and_then(|rest| rest.split("\n## ").next())
            .expect("a section");
        let queries: Vec<&str> = section
            .split("```sql\n")
            .skip(1)
            .filter_map(|rest| rest.split("\n```").next())
            .collect();
        assert_eq!(queries.len(), count, "{heading}");
        for query in queries {
            assert!(
                !rows(reader, query.trim_end_matches(';')).await.is_empty(),
                "{query}"
            );
        }
    }
}

async fn sanctions_are_the_same(app: &TestApp, reader: &Client) {
    let views = by_id(reader, "select * from bi.sanctions", "sanction_id").await;
    let records = all(app, "/v1/sanctions?").await;

    assert_eq!(views.len(), records.len());
    for record in &records {
        let row = &views[record["id"].as_str().expect("an id")];
        assert_same(
            row,
            record,
            &[
                "status",
                "status_certain",
                "claim_status",
                "announced_on",
                "imposed_on",
                "effective_on",
                "expires_on",
                "lifted_on",
                "reason",
                "legal_basis",
                "list_code",
                "list_uid",
            ],
        );
        for end in ["imposer", "target"] {
            assert_eq!(row[end], record[end]["name"]);
            assert_eq!(row[format!("{end}_id")], record[end]["id"]);
            assert_eq!(row[format!("{end}_kind")], record[end]["kind"]);
        }
        assert_eq!(row["action_id"], record["action"]["id"]);
        assert_eq!(row["best_grade"], best_grade(record));
        assert_eq!(row["source_count"], source_count(record));
    }
}

async fn sanctions_of_a_day_are_the_same(app: &TestApp, reader: &Client) {
    for day in DAYS {
        let sql = format!("select * from bi.sanctions_in_force('{day}')");
        let views = by_id(reader, &sql, "sanction_id").await;
        let records = all(app, &format!("/v1/sanctions?in_force_on={day}&on={day}&")).await;

        assert_eq!(views.len(), records.len(), "{day}");
        for record in &records {
            let row = &views[record["id"].as_str().expect("an id")];
            assert_same(row, record, &["status", "status_certain"]);
        }
    }
    let today = "(now() at time zone 'UTC')::date";
    let differing = rows(
        reader,
        &format!(
            "(select * from bi.sanctions where status = 'in_force' except select * from bi.sanctions_in_force({today}))
             union all
             (select * from bi.sanctions_in_force({today}) except select * from bi.sanctions)"
        ),
    )
    .await;
    assert!(differing.is_empty(), "{differing:?}");
}

async fn relationships_are_the_same(app: &TestApp, reader: &Client) {
    let views = by_id(reader, "select * from bi.relationships", "relationship_id").await;
    let records = all(app, "/v1/relationships?").await;
    assert_eq!(views.len(), records.len());
    for record in &records {
        let row = &views[record["id"].as_str().expect("an id")];
        assert_same(
            row,
            record,
            &["kind", "role", "started_on", "ended_on", "claim_status"],
        );
        assert_eq!(row["subject"], record["subject"]["name"]);
        assert_eq!(row["object_id"], record["object"]["id"]);
        assert_eq!(row["best_grade"], best_grade(record));
    }
    for day in DAYS {
        let sql = format!("select * from bi.relationships_holding('{day}')");
        let views = by_id(reader, &sql, "relationship_id").await;
        let records = all(app, &format!("/v1/relationships?holding_on={day}&")).await;
        let ids: BTreeSet<&str> = records
            .iter()
            .filter_map(|record| record["id"].as_str())
            .collect();
        assert_eq!(
            views.keys().map(String::as_str).collect::<BTreeSet<_>>(),
            ids,
            "{day}"
        );
    }
}

async fn actions_are_the_same(app: &TestApp, reader: &Client) {
    let views = by_id(reader, "select * from bi.diplomatic_actions", "action_id").await;
    let records = all(app, "/v1/diplomatic-actions?").await;

    assert_eq!(views.len(), records.len());
    for record in &records {
        let row = &views[record["id"].as_str().expect("an id")];
        assert_same(
            row,
            record,
            &[
                "type",
                "cameo_code",
                "quad_class",
                "modality",
                "claim_status",
                "title",
                "occurred_on",
                "ended_on",
                "ongoing",
                "fatalities_min",
                "persons_max",
            ],
        );
        assert_eq!(row["goldstein"].as_f64(), record["goldstein"].as_f64());
        assert_eq!(row["best_grade"], best_grade(record));
    }
}

async fn claims_are_the_same(app: &TestApp, reader: &Client) {
    let views = by_id(reader, "select * from bi.claims", "claim_id").await;
    let claims = all(app, "/v1/claims?").await;

    assert_eq!(views.len(), claims.len());
    for claim in &claims {
        let row = &views[claim["id"].as_str().expect("an id")];
        assert_same(row, claim, &["resource", "summary", "claim_status"]);
        assert_eq!(row["best_grade"], claim["grade"], "{claim}");
        let citations = claim["record"]["citations"].as_array().expect("citations");
        assert_eq!(row["citation_count"], citations.len());
        let speakers: Vec<&str> = claim["attributed_to"]
            .as_array()
            .expect("speakers")
            .iter()
            .filter_map(|actor| actor["name"].as_str())
            .collect();
        assert_eq!(
            row["attributed_to"].as_str().unwrap_or_default(),
            speakers.join(";")
        );
    }
}

async fn days_in_force_are_days_on_which_it_was_in_force(app: &TestApp) {
    let owner = app.client().await;
    let different = rows(
        &owner,
        "select view.sanction_id, view.days_in_force, counted.days
         from bi.sanctions as view
         join sanctions as sanction on sanction.id = view.sanction_id
         cross join lateral (
           select count(*) as days
           from generate_series(sanction.starts_earliest, (now() at time zone 'UTC')::date, '1 day') as day
           where sanction_status(sanction, day::date) = 'in_force'
         ) as counted
         where view.days_in_force is not null and view.days_in_force <> counted.days",
    )
    .await;
    assert!(different.is_empty(), "{different:?}");
}

async fn states_are_those_of_the_rule(app: &TestApp) {
    let owner = app.client().await;
    let different = rows(
        &owner,
        "select view.sanction_id
         from bi.sanctions as view
         join sanctions as sanction on sanction.id = view.sanction_id
         where view.imposer_state_id is distinct from
             imposer_state(sanction.imposer_id, sanction.starts_earliest, sanction.starts_latest)
           or view.target_state_id is distinct from
             target_state(sanction.target_id, sanction.starts_earliest, sanction.starts_latest)
         union all
         select view.action_id
         from bi.action_participants as view
         join diplomatic_actions as action on action.id = view.action_id
         where view.state_id is distinct from case
           when view.role in ('initiator', 'mediator')
             then imposer_state(view.actor_id, action.occurred_on_earliest, action.occurred_on_latest)
           else target_state(view.actor_id, action.occurred_on_earliest, action.occurred_on_latest)
         end",
    )
    .await;
    assert!(different.is_empty(), "{different:?}");
}

async fn keys_join_without_loss(reader: &Client) {
    for (fact, key, dimension) in [
        ("sanctions", "imposer_id", "actors.actor_id"),
        ("sanctions", "target_state_id", "countries.actor_id"),
        ("sanctions", "imposer_state_code", "countries.country_code"),
        ("sanctions", "action_id", "diplomatic_actions.action_id"),
        ("sanctions", "target_kind", "actor_kinds.kind"),
        ("sanctions", "imposed_on_earliest", "calendar.day"),
        ("sanction_measures", "measure", "measures.measure"),
        ("sanction_grounds", "ground", "grounds.ground"),
        ("sanction_objectives", "objective", "objectives.objective"),
        ("sanction_programmes", "programme_id", "programmes.programme_id"),
        ("diplomatic_actions", "type", "action_types.type"),
        ("diplomatic_actions", "cameo_code", "cameo_codes.cameo_code"),
        ("action_participants", "state_id", "countries.actor_id"),
        ("action_links", "linked_action_id", "diplomatic_actions.action_id"),
        ("action_countries", "country_code", "countries.country_code"),
        ("actor_identifiers", "scheme", "identifier_schemes.scheme"),
        ("relationships", "kind", "relationship_kinds.kind"),
        ("citations", "claim_id", "claims.claim_id"),
        ("citations", "source_id", "sources.source_id"),
        ("claims", "claim_status", "enumerations.value"),
    ] {
        let (view, column) = dimension.split_once('.').expect("view.column");
        let lost = rows(
            reader,
            &format!(
                "select fact.{key} from bi.{fact} as fact
                 where fact.{key} is not null
                   and not exists (select from bi.{view} as dimension where dimension.{column} = fact.{key}) limit 3"
            ),
        )
        .await;
        assert!(lost.is_empty(), "{fact}.{key}: {lost:?}");
    }
}

const TEXT: &str = "Ann \"Nan\" O'Neill; said: \\N, then 'no' and --; drop view — ünïcödé 制裁 🚢";

/// Records with every date, with none, without countries, and with text that careless readers can't parse.
async fn record_oddities(app: &TestApp) -> BTreeMap<&'static str, String> {
    let mut made = BTreeMap::new();
    let nobody = app
        .create(
            "actors",
            json!({"kind": "group", "name": TEXT, "description": TEXT}),
        )
        .await;
    let state = "iso3166:US";
    let mut bodies = Vec::new();
    for name in ["Department of One Thing", "Department of Another"] {
        let body = app
            .create(
                "actors",
                json!({"kind": "government_body", "name": name, "names": [{"name": TEXT, "kind": "alias"}]}),
            )
            .await;
        let tie = json!({"subject": body, "kind": "agency_of", "object": state, "role": TEXT});
        app.create("relationships", tie).await;
        bodies.push(body);
    }
    let source = app
        .create(
            "sources",
            json!({"kind": "other", "title": TEXT, "publisher": TEXT, "notes": TEXT}),
        )
        .await;
    let citation = json!([{"source": source, "quote": TEXT, "locator": TEXT, "attributed_to": nobody}]);
    for (name, fields) in [
        ("without dates", json!({})),
        ("by year", json!({"imposed_on": "2020", "lifted_on": "2020"})),
        ("about", json!({"imposed_on": "2020-05~", "expires_on": "2021"})),
        ("between", json!({"imposed_on": "2019/2020-02"})),
        (
            "not later",
            json!({"announced_on": "../2019", "imposed_on": "../2020-03-04"}),
        ),
        (
            "lifted before a day",
            json!({"imposed_on": "2018", "lifted_on": "../2020"}),
        ),
        (
            "to come",
            json!({"announced_on": "2025-01-01", "imposed_on": "2999-12-31"}),
        ),
        (
            "denied",
            json!({"imposed_on": "2020-01-01", "claim_status": "denied"}),
        ),
    ] {
        let mut body = json!({
            "imposer": bodies[0], "target": nobody, "reason": TEXT, "legal_basis": TEXT, "provisions": TEXT,
            "measures": [{"measure": "asset_freeze", "from": "../2021", "until": "2022~"}],
            "grounds": ["other"], "objectives": ["other"], "citations": citation,
        });
        for (field, value) in fields.as_object().expect("an object") {
            body[field] = value.clone();
        }
        made.insert(name, app.create("sanctions", body).await);
    }
    let own = json!({
        "type": "disapproval", "title": TEXT, "summary": TEXT, "condition": TEXT, "occurred_on": "../1959",
        "participants": [{"role": "initiator", "actor": bodies[0]}, {"role": "target", "actor": bodies[1]}],
        "citations": citation,
    });
    made.insert("among themselves", app.create("diplomatic-actions", own).await);
    let answer = json!({
        "type": "appeal", "title": "An answer without date or participants",
        "links": [{"kind": "responds_to", "action": made["among themselves"]}],
    });
    made.insert("answer", app.create("diplomatic-actions", answer).await);
    made.insert("nobody", nobody);
    made
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_without_dates_countries_or_plain_text_are_in_every_view() {
    let app = TestApp::new().await;
    let made = record_oddities(&app).await;
    let reader = app.database.reader().await;

    for (view, _) in VIEWS {
        rows(&reader, &format!("select * from bi.{view}")).await;
    }
    let sanctions = by_id(&reader, "select * from bi.sanctions", "sanction_id").await;
    let sanction = |name: &str| &sanctions[&made[name]];
    let told = |name: &str, column: &str| sanction(name)[column].clone();

    for name in ["without dates", "by year", "not later", "denied"] {
        for column in ["target", "reason", "legal_basis", "provisions"] {
            assert_eq!(told(name, column), TEXT, "{name} {column}");
        }
        assert_eq!(told(name, "target_state"), Value::Null);
        assert_eq!(told(name, "imposer_state_code"), "US");
        assert_eq!(told(name, "imposer_state_alpha3"), "USA");
    }
    let dates = |name: &str| {
        [
            "imposed_on_earliest",
            "imposed_on_latest",
            "imposed_on_precision",
            "status",
            "days_in_force",
        ]
        .map(|column| told(name, column))
    };
    let null = Value::Null;
    assert_eq!(
        dates("without dates"),
        [
            null.clone(),
            null.clone(),
            null.clone(),
            "unknown".into(),
            null.clone()
        ]
    );
    assert_eq!(
        dates("by year"),
        [
            "2020-01-01".into(),
            "2020-12-31".into(),
            "year".into(),
            "lifted".into(),
            Value::from(0)
        ]
    );
    assert_eq!(
        dates("about"),
        [
            "2020-05-01".into(),
            "2020-05-31".into(),
            "approximate".into(),
            "expired".into(),
            Value::from(610)
        ]
    );
    assert_eq!(
        dates("between")[..3],
        ["2019-01-01".into(), "2020-02-29".into(), Value::from("interval")]
    );
    assert_eq!(
        dates("not later"),
        [
            null.clone(),
            "2020-03-04".into(),
            "not_later_than".into(),
            "in_force".into(),
            null.clone()
        ]
    );
    assert_eq!(dates("lifted before a day")[3..], ["lifted".into(), null]);
    assert_eq!(dates("to come")[3..], ["announced".into(), Value::from(0)]);
    assert_eq!(told("not later", "imposed_year"), 2020);
    assert_eq!(
        (told("denied", "counts"), told("about", "counts")),
        (false.into(), true.into())
    );

    for record in all(&app, "/v1/sanctions?").await {
        let row = &sanctions[record["id"].as_str().expect("an id")];
        assert_same(row, &record, &["status", "status_certain"]);
    }
    sanctions_of_a_day_are_the_same(&app, &reader).await;
    for day in ["2018-06-01", "2020-02-15", "2020-05-15", "2021-12-31"] {
        let sql = format!("select * from bi.sanctions_in_force('{day}')");
        let views = by_id(&reader, &sql, "sanction_id").await;
        let records = all(&app, &format!("/v1/sanctions?in_force_on={day}&on={day}&")).await;
        assert_eq!(views.len(), records.len(), "{day}");
        for record in &records {
            assert_same(
                &views[record["id"].as_str().expect("an id")],
                record,
                &["status_certain"],
            );
        }
    }
    an_act_among_bodies_of_one_state_is_marked_as_such(&reader, &made).await;
}

async fn an_act_among_bodies_of_one_state_is_marked_as_such(reader: &Client, made: &BTreeMap<&str, String>) {
    let own = &made["among themselves"];
    let participants = rows(
        reader,
        &format!("select * from bi.action_participants where action_id = '{own}' order by position"),
    )
    .await;
    let states: Vec<&str> = participants
        .iter()
        .filter_map(|row| row["state_code"].as_str())
        .collect();
    assert_eq!(states, ["US", "US"]);
    let actions = by_id(reader, "select * from bi.diplomatic_actions", "action_id").await;
    assert_eq!(actions[own]["title"], TEXT);
    assert_eq!(actions[own]["occurred_year"], 1959);
    assert_eq!(actions[own]["counts_as_event"], true);
    assert_eq!(actions[&made["answer"]]["initiators"], Value::Null);
    let links = rows(reader, "select * from bi.action_links").await;
    assert_eq!(links[0]["linked_title"], TEXT);
    assert_eq!(links[0]["days_between"], Value::Null);
    let citations = rows(reader, "select * from bi.citations").await;
    assert!(
        citations
            .iter()
            .all(|row| row["quote"] == TEXT && row["attributed_to"] == TEXT)
    );
    let claims = by_id(reader, "select * from bi.claims", "claim_id").await;
    assert_eq!(claims[own]["independent_publishers"], 1);
    assert_eq!(claims[&made["answer"]]["independent_publishers"], 0);
    let measures = rows(reader, "select * from bi.sanction_measures").await;
    assert_eq!(measures[0]["measure_from_earliest"], Value::Null);
    assert_eq!(measures[0]["measure_until_precision"], "approximate");
    let names = rows(
        reader,
        &format!(
            "select * from bi.actor_names where actor_id = '{}'",
            made["nobody"]
        ),
    )
    .await;
    assert_eq!(names[0]["name"], TEXT);
    assert_eq!(names[0]["name_kind"], "main");
}
