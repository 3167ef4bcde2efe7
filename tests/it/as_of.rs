//! As-of reads over HTTP and as a BI login, and relationships on a day.

use chrono::{SecondsFormat, Utc};
use demarche::db::as_of_schema::WITHOUT_MIRROR;
use demarche::db::{Capacity, Db, Statement, sequencer};
use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use futures_util::stream::{self, StreamExt};
use serde_json::{Value, json};
use tokio_postgres::Client;

use crate::support::{BiLogin, Desk, TestApp};

/// Returns the present as a value of known_at, after the sequencer has numbered every revision.
/// Returns the moment at which everything written so far is recorded.
pub async fn moment(app: &TestApp) -> String {
    sequencer::bring_up_to_date(&app.db).await.expect("an order");
    let client = app.client().await;
    let row = client
        .query_one("select utc_text(clock_timestamp())", &[])
        .await
        .expect("a clock");
    row.get(0)
}

#[tokio::test]
async fn an_as_of_read_after_a_write_includes_the_write() {
    let app = TestApp::new().await;

    for number in 0..20 {
        let body = json!({"kind": "person", "name": format!("Person {number}")});
        let made = app.post("/v1/actors", &body).await.expect(201);
        let now = Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true);

        app.get(&format!("/v1/actors/{}?known_at={now}", made.id()))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn a_backdated_record_is_never_recorded_before_its_references_or_after_now() {
    let desk = Desk::new().await;
    let client = desk.app.client().await;

    client
        .batch_execute(
            "begin; set local demarche.backdated_to = '2020-01-01'; \
             insert into sanctions (imposer_id, target_id) \
             select (select actor_id from external_keys where value = 'ofac'), (select actor_id from external_keys where value = 'petro'); \
             commit",
        )
        .await
        .expect("recorded");
    for moment in ["-infinity", "infinity", "10000-01-01", "0044-01-01 BC"] {
        let refused = client
            .batch_execute(&format!(
                "begin; set local demarche.backdated_to = '{moment}'; insert into actors (kind, name) values ('person', 'Ann'); commit"
            ))
            .await;
        assert!(refused.is_err(), "{moment}");
        client.batch_execute("rollback").await.expect("given up");
    }

    let early = desk
        .app
        .get("/v1/sanctions?known_at=2021-01-01T00:00:00Z")
        .await
        .expect(200);
    assert_eq!(early.ids(), Vec::<String>::new());
    assert_eq!(desk.app.get("/v1/sanctions").await.expect(200).ids().len(), 1);
    let now = Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true);
    let known = desk.app.get(&format!("/v1/sanctions?known_at={now}")).await;
    assert_eq!(known.expect(200).ids().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_merged_or_deleted_record_is_read_as_of_a_moment() {
    let app = TestApp::new().await;
    let before = moment(&app).await;
    let made = app
        .post(
            "/v1/actors",
            &json!({
                "kind": "person",
                "name": "Gustavo Petro",
                "names": [{"name": "Petro", "kind": "alias", "lang": "es"}],
                "countries": [{"code": "CO", "role": "nationality"}],
                "identifiers": [{"scheme": "passport", "value": "AB123", "country": "CO"}],
                "began_on": "1960-04-19",
                "properties": {"position": ["President"]},
                "external_keys": [{"scheme": "desk", "value": "petro"}],
            }),
        )
        .await
        .expect(201);
    let path = format!("/v1/actors/{}", made.id());
    let first = moment(&app).await;
    app.patch(
        &path,
        &json!({"name": "G. Petro", "external_keys": [{"scheme": "desk", "value": "gp"}]}),
    )
    .await
    .expect(200);
    let second = moment(&app).await;
    app.delete(&path).await.expect(204);
    let third = moment(&app).await;

    let at = async |path: &str, moment: &str| app.get(&format!("{path}?known_at={moment}")).await;
    at(&path, &before).await.expect_problem(404, "not-found");
    let then = at(&path, &first).await.expect(200);
    assert_eq!((&then.body, then.etag()), (&made.body, made.etag()));
    assert_eq!(
        at("/v1/actors/desk:petro", &first).await.expect(200).body,
        made.body
    );
    assert_eq!(
        at("/v1/actors/passport:CO:AB123", &first).await.expect(200).id(),
        made.id()
    );
    at("/v1/actors/desk:gp", &first).await.expect(404);
    at("/v1/actors/desk:petro", &second).await.expect(404);
    assert_eq!(
        at("/v1/actors/desk:gp", &second).await.expect(200).body["name"],
        "G. Petro"
    );
    at(&path, &third).await.expect(404);
    app.get(&path).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_as_of_search_finds_an_actor_by_its_names_of_that_moment() {
    let app = TestApp::new().await;
    let made = app
        .post(
            "/v1/actors",
            &json!({"kind": "person", "name": "Ann Ödegård", "names": [{"name": "Anna 100%_\\", "kind": "alias"}]}),
        )
        .await
        .expect(201);
    let path = format!("/v1/actors/{}", made.id());
    let mut moments = vec![moment(&app).await];
    for body in [
        json!({"name": "Bea"}),
        json!({"names": []}),
        json!({"description": "As before"}),
        json!({"name": "Ann Ödegård", "names": [{"name": "ANN ODEGARD", "kind": "alias"}]}),
    ] {
        app.patch(&path, &body).await.expect(200);
        moments.push(moment(&app).await);
    }
    app.delete(&path).await.expect(204);
    moments.push(moment(&app).await);
    app.post(&format!("{path}/restore"), &json!({"version": 2}))
        .await
        .expect(200);
    moments.push(moment(&app).await);

    for (name, had) in [
        ("ann", [true, true, false, false, true, false, true]),
        ("bea", [false, true, true, true, false, false, true]),
        ("nn%20odeg", [true, false, false, false, true, false, false]),
        ("100%25_%5C", [true, true, false, false, false, false, true]),
        ("Bea&name=Ann", [true, true, true, true, true, false, true]),
        ("100__", [false; 7]),
        ("%25ea", [false; 7]),
    ] {
        for (moment, had) in moments.iter().zip(had) {
            let found = app
                .get(&format!("/v1/actors?name={name}&kind=person&known_at={moment}"))
                .await
                .expect(200);
            assert_eq!(found.ids().len(), usize::from(had), "{name} at {moment}");
        }
    }
    let kept = app
        .client()
        .await
        .query_one(
            "select count(*) filter (where known.actor_id = $1), count(*) filter (where named is null or known is null) \
             from name_history as known full join names_by_revisions as named \
             using (sequence, actor_id, plain_name, recorded_at, superseded_at)",
            &[&uuid::Uuid::parse_str(&made.id()).expect("an id")],
        )
        .await
        .expect("names");
    assert_eq!((kept.get::<_, i64>(0), kept.get::<_, i64>(1)), (6, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_record_and_list_read_as_of_a_moment_equals_its_response_of_that_moment() {
    let app = TestApp::with_demo().await;
    let first = async |resource: &str| {
        let page = app.get(&format!("/v1/{resource}?limit=1")).await.expect(200);
        page.ids().pop().expect("a record")
    };
    let mut paths = vec![
        "/v1/vocabularies".to_owned(),
        "/v1/vocabularies/measures/asset_freeze".to_owned(),
    ];
    for resource in [
        "actors",
        "relationships",
        "programmes",
        "sanctions",
        "diplomatic-actions",
        "sources",
    ] {
        paths.push(format!("/v1/{resource}/{}", first(resource).await));
        paths.push(format!("/v1/{resource}?limit=1000&count=exact"));
        // The page above has every action. Each read of all actions as of a moment looks for the links to each of them in the
        // documents of all: the other formats list the actions of one type.
        let some = match resource {
            "diplomatic-actions" => "type=sanctions_lifted&",
            _ => "",
        };
        paths.push(format!("/v1/{resource}?{some}format=csv"));
        paths.push(format!("/v1/{resource}?{some}format=ndjson"));
    }
    for path in [
        "/v1/vocabularies/measures?sort=label",
        "/v1/vocabularies/countries?format=ndjson",
        "/v1/actors?name=petro&sort=-name",
        "/v1/actors?country=CO&kind=person",
        "/v1/actors?identifier=iso3166:CO",
        "/v1/sanctions?imposer_state=iso3166:US&counted=state&sort=-imposed_on",
        "/v1/sanctions?imposer_state=US&target_country=iso3166:RU&sort=-imposed_on",
        "/v1/sanctions?target_country=RU&status=in_force&on=2023-01-01",
        "/v1/sanctions?in_force_on=2023-01-01&measure=asset_freeze",
        "/v1/relationships?kind=agency_of&on=2023-01-01",
        "/v1/relationships?actor=iso3166:US",
        "/v1/diplomatic-actions?initiator=iso3166:US&counted=state&sort=-occurred_on",
        "/v1/actors/iso3166:CO/sanctions?counted=state",
        "/v1/actors/iso3166:US/relationships",
        "/v1/actors/iso3166:US/timeline?counted=state",
        "/v1/dyads/iso3166:US/iso3166:CO/timeline",
        "/v1/claims?claim_status=disputed",
        "/v1/claims?actor=iso3166:CO&format=csv",
        "/v1/claims?actor=iso3166:CO&counted=state",
        "/v1/claims?stance=disputes&attributed_to=iso3166:RU&counted=state",
    ] {
        paths.push(path.to_owned());
    }
    for action in app.get("/v1/diplomatic-actions?limit=5").await.ids() {
        paths.push(format!("/v1/diplomatic-actions/{action}/chain"));
    }
    let mut told = Vec::new();
    for path in &paths {
        told.push(app.get(path).await.expect(200).text);
    }

    let then = moment(&app).await;
    let client = app.client().await;
    client
        .batch_execute(
            "update actors set name = name || ' II', kind = 'group' where kind <> 'state';
             update actors set name = name || ' II' where kind = 'state';
             delete from actor_countries;
             delete from external_keys;
             delete from citations;
             update relationships set ended_on = '1900', started_on = null;
             update sanctions set lifted_on = '1990', announced_on = null, imposed_on = null, effective_on = null, expires_on = null;
             delete from action_links;
             delete from sanctions where list_uid is null;
             update diplomatic_actions set claim_status = 'denied', title = 'Nothing';
             update sources set title = 'Nobody', reliability = 'F';
             update programmes set name = 'None';
             update measures set label = label || '!';",
        )
        .await
        .expect("everything changes");
    let now = moment(&app).await;

    for (path, told) in paths.iter().zip(&told) {
        let parameter = if path.contains('?') { '&' } else { '?' };
        let past = app
            .get(&format!("{path}{parameter}known_at={then}"))
            .await
            .expect(200);
        assert_eq!(
            without_cursors(&past.text),
            without_cursors(told),
            "{path} as known then"
        );
    }
    for path in paths
        .iter()
        .filter(|path| !path.contains("country") && !path.contains("/sanctions/"))
    {
        let present = app.get(path).await;
        let parameter = if path.contains('?') { '&' } else { '?' };
        let known = app.get(&format!("{path}{parameter}known_at={now}")).await;
        assert_eq!(known.status, present.status, "{path}: {}", known.text);
        if present.status == 200 {
            assert_eq!(
                without_cursors(&known.text),
                without_cursors(&present.text),
                "{path} as known now"
            );
        }
    }
}

/// A cursor is bound to the parameters, known_at among them.
fn without_cursors(text: &str) -> Value {
    match serde_json::from_str::<Value>(text) {
        Ok(mut page) if page.get("next_cursor").is_some() => {
            page["next_cursor"] = json!(page["next_cursor"].is_string());
            page
        }
        Ok(record) => record,
        Err(_) => Value::from(text),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_an_as_of_list_reads_as_of_the_same_moment() {
    let app = TestApp::new().await;
    for number in 0..5 {
        app.create(
            "sources",
            json!({"kind": "report", "title": format!("Report {number}")}),
        )
        .await;
    }
    let then = moment(&app).await;
    let first = app
        .get(&format!(
            "/v1/sources?limit=2&sort=title&known_at={then}&count=exact"
        ))
        .await
        .expect(200);
    for id in app.get("/v1/sources").await.ids() {
        app.delete(&format!("/v1/sources/{id}")).await.expect(204);
    }

    let pages = app
        .walk("/v1/sources", &format!("sort=title&known_at={then}"), 2)
        .await;
    let cursor = first.body["next_cursor"].as_str().expect("a next page");
    let elsewhere = app
        .get(&format!("/v1/sources?limit=2&sort=title&cursor={cursor}"))
        .await;

    let titles: Vec<&str> = pages
        .iter()
        .filter_map(|source| source["title"].as_str())
        .collect();
    assert_eq!(
        titles,
        ["Report 0", "Report 1", "Report 2", "Report 3", "Report 4"]
    );
    assert_eq!(first.body["total"], 5);
    assert_eq!(elsewhere.expect(400).pointers(), ["?cursor"]);
    assert_eq!(app.get("/v1/sources?count=exact").await.body["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn as_of_reads_of_different_moments_never_mix() {
    let app = TestApp::new().await;
    let id = app
        .create("actors", json!({"kind": "company", "name": "Name 0"}))
        .await;
    let mut moments = vec![moment(&app).await];
    for number in 1..8 {
        app.patch(
            &format!("/v1/actors/{id}"),
            &json!({"name": format!("Name {number}")}),
        )
        .await
        .expect(200);
        moments.push(moment(&app).await);
    }

    let asked = (0..400).map(|turn| {
        let (app, number) = (&app, (turn * 5) % 9);
        let known = moments.get(number).map(|moment| format!("known_at={moment}&"));
        let known = known.unwrap_or_default();
        let path = match turn % 3 {
            0 => format!("/v1/actors/{id}?{known}"),
            1 => format!("/v1/actors?{known}kind=company"),
            _ => format!("/v1/actors?{known}kind=company&format=ndjson"),
        };
        async move { (number, app.get(&path).await.expect(200).text) }
    });
    // As many as one client may have in progress.
    let answers: Vec<_> = stream::iter(asked).buffered(10).collect().await;

    for (number, text) in answers {
        let name = format!("\"Name {}\"", number.min(7));
        assert!(text.contains(&name), "{number}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn known_at_needs_an_offset_and_must_not_be_in_the_future() {
    let app = TestApp::new().await;
    let code = "/v1/vocabularies/measures/asset_freeze";

    for path in [
        "/v1/actors?known_at=2025-11-01",
        "/v1/actors?known_at=",
        "/v1/actors?known_at=2025-11-01T00:00:00",
        "/v1/actors?known_at=2025-11-01T00:00:00+01:00",
        "/v1/actors?known_at=2025-11-01T00:00:00%E2%88%9205:00",
        "/v1/actors/iso3166:CO?known_at=yesterday",
        "/v1/actors/iso3166:CO?known%5Fat=yesterday",
        "/v1/actors?%6Bnown_at=yesterday",
        "/v1/actors/iso3166:CO?known_at=2025-11-01T00:00:00Z&known_at=2025-11-01T00:00:00Z",
        "/v1/vocabularies?known_at=1",
        "/v1/dyads/iso3166:US/iso3166:CO/timeline?known_at=1",
    ] {
        let refused = app.get(path).await.expect_problem(400, "malformed-request");
        assert_eq!(refused.pointers(), ["?known_at"], "{path}");
    }
    let to_come = app.get("/v1/actors?known_at=2999-01-01T00:00:00Z").await;
    assert_eq!(
        to_come.expect_problem(422, "invalid-record").pointers(),
        ["?known_at"]
    );
    let ancient = app
        .get("/v1/actors?known_at=1969-12-31T23:59:59Z&count=exact")
        .await
        .expect(200);
    assert_eq!(
        ancient.body,
        json!({"items": [], "next_cursor": null, "total": 0})
    );
    app.get("/v1/actors/iso3166:CO?known_at=1969-12-31T18:59:59-05:00")
        .await
        .expect(404);
    for (query, detail) in [
        (
            "kind=state",
            "state was not a code of the vocabulary actor_kinds at the time of known_at; /v1/vocabularies/actor_kinds?known_at=1960-01-01T00:00:00Z lists its codes",
        ),
        (
            "country=CO",
            "CO was not a code of the vocabulary countries at the time of known_at",
        ),
    ] {
        let refused = app
            .get(&format!("/v1/actors?{query}&known_at=1960-01-01T00:00:00Z"))
            .await
            .expect_problem(422, "invalid-record");
        assert!(refused.text.contains(detail), "{}", refused.text);
    }
    let refused = app
        .get("/v1/sanctions?target=iso3166:CO&known_at=1960-01-01T00:00:00Z")
        .await
        .expect_problem(422, "invalid-record");
    assert!(
        refused
            .text
            .contains("iso3166:CO named no actor at the time of known_at"),
        "{}",
        refused.text
    );
    let soon = (Utc::now() + chrono::TimeDelta::seconds(1)).to_rfc3339_opts(SecondsFormat::Micros, true);
    let waited = app.get(&format!("{code}?known_at={soon}")).await.expect(200);
    assert_eq!(waited.body["code"], "asset_freeze");
    assert!(Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true) > soon);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_belongs_to_its_moment_in_any_notation() {
    let app = TestApp::new().await;
    let page = app
        .get("/v1/actors?limit=2&known_at=2025-11-01T00:00:00Z")
        .await
        .expect(200);
    let cursor = page.body["next_cursor"].as_str().expect("a cursor");
    let next = async |moment: &str| {
        app.get(&format!("/v1/actors?limit=2&cursor={cursor}{moment}"))
            .await
    };

    let same = next("&known_at=2025-11-01T00:00:00Z").await.expect(200);
    let respelt = next("&known_at=2025-10-31T19:00:00.000-05:00").await.expect(200);
    assert_eq!(respelt.ids(), same.ids());
    for other in ["", "&known_at=2025-11-01T00:00:01Z"] {
        let refused = next(other).await.expect_problem(400, "malformed-request");
        assert!(refused.detail().contains("known_at"), "{}", refused.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_as_of_read_returns_the_same_when_it_is_repeated() {
    let app = TestApp::new().await;
    app.create("sources", json!({"kind": "report", "title": "Early"}))
        .await;

    let now = Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true);
    let path = format!("/v1/sources?known_at={now}");
    let first = app.get(&path).await.expect(200).body;
    app.create("sources", json!({"kind": "report", "title": "Late"}))
        .await;
    moment(&app).await;
    let again = app.get(&path).await.expect(200).body;

    assert_eq!(again, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn relationships_are_listed_for_the_day_on_which_they_hold() {
    let desk = Desk::new().await;
    let app = &desk.app;
    let us = "/v1/actors/iso3166:US/relationships";
    for (role, started_on, ended_on) in [
        ("early", json!("2010"), json!("2015")),
        ("late", json!("2015-06"), Value::Null),
        ("always", Value::Null, Value::Null),
    ] {
        app.create(
            "relationships",
            json!({
                "subject": desk.petro, "object": "iso3166:US", "kind": "associate_of", "role": role,
                "started_on": started_on, "ended_on": ended_on,
            }),
        )
        .await;
    }
    let then = moment(app).await;
    let client = app.client().await;
    client
        .batch_execute("update relationships set started_on = '2030' where role = 'late'")
        .await
        .expect("it changes");

    let roles = async |path: String| {
        let page = app.get(&path).await.expect(200);
        let mut roles: Vec<String> = page.body["items"]
            .as_array()
            .expect("a page")
            .iter()
            .filter_map(|tie| tie["role"].as_str().map(str::to_owned))
            .collect();
        roles.sort_unstable();
        roles.join(" ")
    };
    for (day, told) in [
        ("2009-12-31", "always"),
        ("2012-01-01", "always early"),
        ("2015-06-30", "always early late"),
        ("2020-01-01", "always late"),
    ] {
        for path in ["/v1/relationships", us] {
            assert_eq!(
                roles(format!("{path}?on={day}&known_at={then}")).await,
                told,
                "{path} {day}"
            );
        }
    }
    assert_eq!(
        roles("/v1/relationships?on=2020-01-01".to_owned()).await,
        "always"
    );
    assert_eq!(roles(format!("{us}?on=2031-01-01")).await, "always late");
    assert_eq!(roles(us.to_owned()).await, "always early late");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_as_of_read_of_now_equals_the_tables() {
    let app = TestApp::with_demo().await;
    let client = app.client().await;
    let person = json!({"kind": "person", "name": "Recorded twice"});
    let (away, into) = (
        app.create("actors", person.clone()).await,
        app.create("actors", person).await,
    );
    app.post(&format!("/v1/actors/{away}/merge"), &json!({"into": into}))
        .await
        .expect(200);
    client
        .batch_execute(
            r#"update actors set name = E'"quoted" \\ \u00e9\U0001F600' || id where kind = 'person';
               update actors set properties = '{"a": ["\\u2028", "1"]}' where kind = 'company';
               update relationships set share_percent_min = 33.3, share_percent_max = 40 where kind = 'part_of';
               update diplomatic_actions set latitude = 0.1, longitude = -74.0721, fatalities_min = 3, fatalities_max = 30;
               update sanctions set lifted_on = '2035-11-11~', expires_on = '2030/2036' where list_code is null;
               delete from actor_names where position = 0;
               update sources set retrieved_at = '2025-01-01 00:00:00.000001+00', notes = '';
               update measures set description = null where code = 'asset_freeze'"#,
        )
        .await
        .expect("varied records");
    let now = moment(&app).await;
    client
        .batch_execute(&format!("select set_config('demarche.known_at', '{now}', false)"))
        .await
        .expect("a moment");

    let lines = async |sql: &str| -> Vec<String> {
        let rows = client
            .query(sql, &[])
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        rows.iter().map(|row| row.get(0)).collect()
    };
    let mirrors = lines(
        "select relname::text from pg_class
         where relnamespace = 'as_of'::regnamespace and relkind = 'v' and relname not in ('changes', 'name_history', 'revisions')
         order by 1",
    )
    .await;
    assert!(mirrors.len() > 25, "{mirrors:?}");
    for table in &mirrors {
        let columns = async |schema: &str| {
            lines(&format!(
                "select attname || ' ' || case format_type(atttypid, atttypmod) when 'partial_date' then 'text' else format_type(atttypid, atttypmod) end
                 from pg_attribute
                 where attrelid = '{schema}.{table}'::regclass and attnum > 0 and not attisdropped
                 order by attnum"
            ))
            .await
        };
        let (held, mut shown) = (columns("public").await, columns("as_of").await);
        // For reads of whole records.
        shown.retain(|column| column != "document jsonb");
        assert_eq!(shown, held, "{table}");
        let selected = selected(table.as_str(), &held);
        for (one, other) in [("public", "as_of"), ("as_of", "public")] {
            let differing = lines(&format!(
                "select to_jsonb(row)::text from (select {selected} from {one}.{table} except all select {selected} from {other}.{table}) as row limit 3"
            ))
            .await;
            assert!(differing.is_empty(), "only in {one}.{table}: {differing:#?}");
        }
        assert!(
            !lines(&format!("select 'row' from as_of.{table} limit 1"))
                .await
                .is_empty(),
            "{table} is empty, which proves nothing"
        );
    }
    let missing = lines(
        "select relname::text from pg_class
         where relnamespace = 'public'::regnamespace and relkind = 'r' and to_regclass('as_of.' || relname) is null
         order by 1",
    )
    .await;
    let reasons: Vec<&str> = WITHOUT_MIRROR.iter().map(|(table, _)| *table).collect();
    assert_eq!(missing, reasons);
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_without_a_mirror_does_not_exist_in_an_as_of_read() {
    let database = crate::support::TestDatabase::new().await;
    let client = database.target().client().await.expect("a connection");
    client
        .batch_execute(
            "create table covenants (id uuid);
             create function covenants() returns bigint language sql as 'select count(*) from covenants'",
        )
        .await
        .expect("a table that nobody registered");
    let db = Db::new(
        database.target(),
        Capacity {
            shared: 1,
            pool: 2,
            ..Capacity::default()
        },
    );
    let read = async |sql: &'static str| db.as_of(Utc::now()).read::<CountRow>(Statement::new(sql)).await;

    let actors = read("select count(*) as count from actors")
        .await
        .expect("a mirror");
    assert!(actors[0].count > 100);
    for (sql, message) in [
        (
            "select count(*) as count from covenants",
            "relation \"covenants\" does not exist",
        ),
        (
            "select count(*) as count from users",
            "relation \"users\" does not exist",
        ),
        (
            "select covenants() as count",
            "function covenants() does not exist",
        ),
    ] {
        let refused = read(sql).await.map(drop).expect_err(sql);
        assert!(
            refused.cause().is_some_and(|cause| cause.contains(message)),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn an_as_of_read_without_a_moment_is_an_error() {
    let database = crate::support::TestDatabase::new().await;
    let client = database.target().client().await.expect("a connection");
    client
        .batch_execute("set search_path = as_of")
        .await
        .expect("the path of as-of reads");

    for forget in ["reset all; set search_path = as_of", "set demarche.known_at = ''"] {
        client.batch_execute(forget).await.expect("no moment");
        for sql in [
            "select from actors",
            "select from merged_actors",
            "select moment()",
        ] {
            let refused = client.query(sql, &[]).await;
            assert!(refused.is_err(), "{forget}: {sql}");
        }
    }
}

/// Returns the columns in a comparable form: positions are counted again, and ids of identifiers are left out, because mirrors
/// have other ones.
fn selected(table: &str, columns: &[String]) -> String {
    let owner = match table {
        "citations" => "coalesce(relationship_id, sanction_id, action_id)",
        "external_keys" => {
            "coalesce(actor_id, relationship_id, programme_id, sanction_id, action_id, source_id)"
        }
        "actor_names" | "actor_countries" | "actor_identifiers" | "actor_addresses" => "actor_id",
        "action_countries" | "action_participants" | "action_links" => "action_id",
        _ => "sanction_id",
    };
    let selected: Vec<String> = columns
        .iter()
        .filter_map(|column| column.split(' ').next())
        .filter(|name| *name != "id" || table != "actor_identifiers")
        .map(|name| match name {
            "position" => format!("row_number() over (partition by {owner} order by position)"),
            name => format!("\"{name}\"::text"),
        })
        .collect();
    selected.join(", ")
}

/// Rows as JSON, in order.
async fn rows(client: &Client, sql: &str) -> Vec<String> {
    let rows = client
        .query(
            &format!("select to_jsonb(answer)::text from ({sql}) as answer order by 1"),
            &[],
        )
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn bi_functions_return_rows_of_the_views_as_of_a_moment() {
    let app = TestApp::with_demo().await;
    crate::bi_analysis::refresh_now(&app, demarche::bi::refresh::Manner::Full).await;
    let login = BiLogin::grant(&app.database, "analyst", &[]);
    let reader = login.connect().await;
    let then = moment(&app).await;
    let day = "2024-06-01";
    let views = [
        ("select * from bi.sanctions", "sanctions_as_of(null"),
        ("select * from bi.relationships", "relationships_as_of(null"),
        ("select * from bi.actors", "actors_as_of(null"),
        (
            "select * from bi.diplomatic_actions",
            "diplomatic_actions_as_of(null",
        ),
        (
            &format!("select * from bi.sanctions_in_force('{day}')"),
            &format!("sanctions_as_of('{day}'"),
        ),
        (
            &format!("select * from bi.relationships_holding('{day}')"),
            &format!("relationships_as_of('{day}'"),
        ),
        (
            &format!(
                "select * from bi.actors where coalesce(began_on_earliest <= '{day}', true) and coalesce(ended_on_latest >= '{day}', true)"
            ),
            &format!("actors_as_of('{day}'"),
        ),
        (
            &format!(
                "select * from bi.diplomatic_actions where coalesce(occurred_on_earliest <= '{day}', true)"
            ),
            &format!("diplomatic_actions_as_of('{day}'"),
        ),
    ];
    let mut told = Vec::new();
    for (view, _) in views {
        told.push(rows(&reader, view).await);
    }

    let client = app.client().await;
    client
        .batch_execute(
            "delete from actor_countries;
             update actors set name = 'Somebody' where kind <> 'state';
             update relationships set claim_status = 'denied';
             update sanctions set announced_on = null, imposed_on = '1991', effective_on = null, expires_on = null, lifted_on = null;
             update diplomatic_actions set title = 'Something'",
        )
        .await
        .expect("everything changes");
    let now = moment(&app).await;

    for ((view, function), told) in views.iter().zip(&told) {
        let past = rows(&reader, &format!("select * from bi.{function}, '{then}')")).await;
        assert!(!told.is_empty(), "{view} is empty, which proves nothing");
        assert!(&past == told, "{function} differs from {view} before the changes");
    }
    crate::bi_analysis::refresh_now(&app, demarche::bi::refresh::Manner::Full).await;
    for (view, function) in views {
        let present = rows(&reader, view).await;
        for known_at in [format!("'{now}'"), "null".to_owned()] {
            let known = rows(&reader, &format!("select * from bi.{function}, {known_at})")).await;
            assert!(known == present, "{function}, {known_at} differs from {view}");
        }
    }
    let both = reader
        .query_one(
            &format!(
                "select
                   (select count(*) from bi.actors_as_of(null, '{then}') where name = 'Somebody'),
                   (select count(*) from bi.actors_as_of(null, '{now}') where name = 'Somebody'),
                   (select count(*) from bi.actors_as_of(null, '1969-01-01')),
                   coalesce(current_setting('demarche.known_at', true), '')"
            ),
            &[],
        )
        .await
        .expect("both moments");
    assert_eq!(both.get::<_, i64>(0), 0);
    assert!(both.get::<_, i64>(1) > 100);
    assert_eq!(both.get::<_, i64>(2), 0);
    assert_eq!(both.get::<_, String>(3), "");
    let refused = reader
        .query("select * from bi.actors_as_of(null, '2999-01-01')", &[])
        .await
        .expect_err("to come");
    assert!(
        format!("{refused:?}").contains("must not be in the future")
            && format!("{refused:?}").contains("Use a time that is not later than now()."),
        "{refused:?}"
    );
    for sql in [
        "select * from as_of.actors",
        "select * from as_of_bi.actors",
        "select * from as_of_store.states",
        "select as_of.settled(null)",
    ] {
        let refused = reader.query(sql, &[]).await.expect_err(sql);
        assert!(
            format!("{refused:?}").contains("permission denied"),
            "{refused:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bi_function_waits_for_the_sequencer_and_fails_if_it_does_not_run() {
    // No server, and so no sequencer.
    let database = crate::support::TestDatabase::new().await;
    let client = database.target().client().await.expect("a connection");
    let reader = database.reader().await;
    client
        .batch_execute("insert into sources (kind, title) values ('report', 'Unordered')")
        .await
        .expect("a source");

    let refused = reader
        .query("select * from bi.sanctions_as_of(null, clock_timestamp())", &[])
        .await
        .expect_err("not in order");
    client
        .batch_execute("select sequence_revisions(true, null)")
        .await
        .expect("an order");
    let known = reader
        .query("select * from bi.sanctions_as_of(null, clock_timestamp())", &[])
        .await;

    assert!(format!("{refused:?}").contains("put in order"), "{refused:?}");
    assert!(known.expect("in order").is_empty());
}
