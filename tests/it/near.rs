//! The faults of a request that finds nothing: they name the codes, keys and identifiers that are near to its own.

use reqwest::Method;
use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn the_fault_of_an_unknown_code_names_the_nearest_codes() {
    let app = TestApp::new().await;
    for (path, near) in [
        ("/v1/actors?kind=Person", "did you mean person (Person)?"),
        ("/v1/actors?country=us", "did you mean US (United States)?"),
        ("/v1/actors?country=uk", "did you mean GB (United Kingdom)?"),
        ("/v1/actors?country=SU", "did you mean SUHH (Soviet Union)?"),
        ("/v1/actors?country=USA", "did you mean US (United States)?"),
        (
            "/v1/actors?country=iso3166:gb",
            "did you mean GB (United Kingdom)?",
        ),
        (
            "/v1/actors?identifier=pasport:AB1",
            "did you mean passport (Passport)?",
        ),
        (
            "/v1/sanctions?imposer_state=uk",
            "did you mean GB (United Kingdom)?",
        ),
        ("/v1/sanctions?target_country=Iran", "did you mean IR (Iran)?"),
        (
            "/v1/sanctions?measure=asset-freeze",
            "did you mean asset_freeze (Asset freeze)?",
        ),
        (
            "/v1/sanctions?ground=drugs",
            "did you mean narcotics (Narcotics)?",
        ),
        (
            "/v1/diplomatic-actions?type=expulsion",
            "did you mean diplomats_expelled (Diplomats expelled)",
        ),
    ] {
        let refused = app.get(path).await.expect_problem(422, "invalid-record");
        assert!(refused.detail().contains(near), "{path}: {}", refused.detail());
    }
    let refused = app
        .get("/v1/actors?country=ZZ")
        .await
        .expect_problem(422, "invalid-record");
    assert!(!refused.detail().contains("did you mean"), "{}", refused.detail());
    // A misspelling is explained in as-of reads too; a code that came later is no misspelling.
    let late = json!({"code": "late_ground", "label": "Late ground"});
    let late = app
        .request(Method::POST, "/v1/vocabularies/grounds")
        .bearer_auth(&app.admin)
        .json(&late);
    app.send(late).await.expect(201);
    let of_then = |code: &str| format!("/v1/sanctions?ground={code}&known_at=2025-11-01T00:00:00Z");
    for (code, begins) in [
        (
            "terorism",
            "?ground terorism is not a code of the vocabulary grounds, and was none at the time of known_at; did you mean \
             terrorism (Terrorism)? /v1/vocabularies/grounds lists its codes",
        ),
        (
            "late_ground",
            "?ground late_ground was not a code of the vocabulary grounds at the time of known_at; /v1",
        ),
    ] {
        let refused = app
            .get(&of_then(code))
            .await
            .expect_problem(422, "invalid-record");
        assert!(refused.detail().starts_with(begins), "{}", refused.detail());
    }
    let body = json!({"type": "Expulsions", "title": "An act", "participants": []});
    let refused = app.post("/v1/diplomatic-actions", &body).await;
    let refused = refused.expect_problem(422, "invalid-record");
    assert!(
        refused
            .text
            .contains("did you mean diplomats_expelled (Diplomats expelled)"),
        "{}",
        refused.text
    );
}

#[tokio::test]
async fn the_fault_of_a_key_in_another_spelling_names_the_key_that_exists() {
    let app = TestApp::new().await;
    let imposer = app
        .create("actors", json!({"kind": "organization", "name": "Imposer"}))
        .await;
    let target = json!({
        "kind": "person", "name": "Target", "external_keys": [{"scheme": "desk", "value": "Case-No. 7"}],
        "identifiers": [{"scheme": "un", "value": "QDi.001"}],
    });
    let target = app.create("actors", target).await;
    app.create(
        "programmes",
        json!({"code": "TEST-P1", "name": "P", "imposer": imposer}),
    )
    .await;
    let entry = json!({"imposer": imposer, "target": target, "list_code": "us_ofac_sdn", "list_uid": "1"});
    app.create("sanctions", entry).await;

    for (path, hint) in [
        (
            "/v1/actors?identifier=wikidata:q30",
            "keys are case-sensitive, and wikidata:Q30 exists",
        ),
        ("/v1/actors?identifier=un:qdi001", "un:QDi.001 exists"),
        ("/v1/programmes?code=test_p1", "programme:TEST-P1 exists"),
        ("/v1/sanctions?list_code=US-OFAC-SDN", "us_ofac_sdn exists"),
        (
            "/v1/sanctions?target=desk:case%20no%207",
            "desk:Case-No. 7 exists",
        ),
        (
            "/v1/sanctions?programme=programme:TEST_P1",
            "programme:TEST-P1 exists",
        ),
    ] {
        let refused = app.get(path).await.expect_problem(422, "invalid-record");
        assert!(refused.detail().contains(hint), "{path}: {}", refused.detail());
    }
    for (path, hint) in [
        (
            "/v1/actors/wikidata:q30",
            "keys are case-sensitive, and wikidata:Q30 exists",
        ),
        ("/v1/actors/desk:CASE-NO.7", "desk:Case-No. 7 exists"),
        ("/v1/programmes/programme:test.p1", "programme:TEST-P1 exists"),
    ] {
        let refused = app.get(path).await.expect_problem(404, "not-found");
        assert!(refused.detail().contains(hint), "{path}: {}", refused.detail());
    }
    for path in [
        "/v1/actors?identifier=wikidata:Q999999999",
        "/v1/actors?identifier=passport:NONE1",
        "/v1/programmes?code=NOTHING",
        "/v1/sanctions?list_code=nothing_near",
    ] {
        let found = app.get(path).await.expect(200);
        assert_eq!(found.ids(), Vec::<String>::new(), "{path}");
    }
}

#[tokio::test]
async fn a_name_that_other_apis_have_is_answered_with_the_name_here() {
    let app = TestApp::new().await;
    for (path, name, hint) in [
        ("actors", "select", "write fields=, with the names of fields"),
        ("actors/iso3166:CO", "$select", "write fields=,"),
        ("sanctions", "expand", "write include=,"),
        ("sanctions", "embed", "write include=,"),
        ("sanctions", "populate", "write include=,"),
        ("sanctions", "order", "write sort=, with - before a field"),
        ("sanctions", "order_by", "write sort=,"),
        ("warnings", "sort_by", "write sort=,"),
        (
            "sanctions",
            "offset",
            "pages go on with cursor=, the next_cursor of the page before",
        ),
        ("sanctions", "page", "pages go on with cursor="),
        (
            "changes",
            "skip",
            "go on with after=, the next of the response before",
        ),
        (
            "sanctions/counts",
            "offset",
            "counts have no pages: write limit=,",
        ),
        ("sanctions", "per_page", "write limit=,"),
        ("changes", "page_size", "write limit=,"),
        ("sanctions", "group_by", "groups are counted at …/counts?by="),
        ("sanctions/counts", "groupby", "write by=,"),
        ("sanctions/counts", "group", "write by=,"),
        ("sanctions/counts", "aggregate", "write measures=,"),
        ("sanctions", "metrics", "…/counts, with by= and measures="),
        (
            "sanctions",
            "filter",
            "each filter is a parameter of its own, written <filter>=<value>",
        ),
        ("sanctions", "where", "each filter is a parameter of its own"),
        ("sanctions", "search", "write q=, with the words"),
        ("actors", "query", "write q=,"),
        (
            "sanctions",
            "and",
            "filters join by AND as they are; or=(and(…),…) groups them",
        ),
        ("sanctions", "NOT.ground", "write not.ground;"),
        ("sanctions", "Has.programme", "write has.programme;"),
        ("sanctions", "nto.ground", "write not.ground;"),
        (
            "sanctions",
            "any.ground",
            "repeat ground= for several values, of which a record must have one",
        ),
        ("sanctions", "Ground", "did you mean ground?"),
        (
            "sanctions",
            "imposed_after",
            "write imposed_from= for the first and imposed_to= for the last value; one of them is enough",
        ),
        ("sanctions", "imposed_since", "write imposed_from="),
        ("sanctions", "imposed_before", "imposed_to= for the last"),
        ("sanctions", "imposed_on", "write imposed_from="),
        ("sanctions", "imposed_on[gte]", "write imposed_from="),
        ("diplomatic-actions", "fatalities_min", "write fatalities_from="),
        ("diplomatic-actions", "since", "write from=,"),
        (
            "sanctions",
            "actor",
            "did you mean imposer, target, imposing_party, imposer_state or attributed_to?",
        ),
        ("sanctions", "country", "did you mean target_country?"),
        ("sanctions", "citations", "did you mean source?"),
        ("sanctions", "target.country", "write target_country=;"),
        ("sanctions", "target.name", "write target=;"),
        (
            "sanctions",
            "colour",
            "path; known are fields, include, q, sort, ",
        ),
        (
            "actors/iso3166:CO",
            "colour",
            "path; known are fields, include, on,",
        ),
    ] {
        let request = app
            .request(Method::GET, &format!("/v1/{path}"))
            .query(&[(name, "1")]);
        let refused = app.send(request).await.expect_problem(400, "malformed-request");
        let detail = refused.detail();
        assert!(detail.contains(hint), "{path} {name}: {detail}");
        assert!(detail.contains("known are "), "{path} {name}: {detail}");
        assert_eq!(refused.pointers(), [format!("?{name}")], "{path}");
    }
}

#[tokio::test]
async fn an_operator_that_is_written_in_another_way_is_answered_with_the_way_here() {
    let app = TestApp::new().await;
    for (name, value, hint) in [
        (
            "not.has.programme",
            "true",
            "write has.programme=false for the records without one",
        ),
        ("not.and", "(ground:other)", "write not.or=(and(…));"),
        ("has.imposed", "true", "did you mean imposed_on?"),
        ("has.citation", "true", "did you mean source?"),
        ("has.citations", "true", "did you mean source?"),
        (
            "all.actor",
            "iso3166:CO",
            "did you mean imposer, target, imposing_party, imposer_state or attributed_to? its filters are",
        ),
        ("not.actor", "iso3166:CO", "did you mean imposer, target, "),
        (
            "or",
            "(ground.eq.terrorism,measure:travel_ban)",
            "write ground:terrorism",
        ),
        ("or", "(ground:terrorism,corruption)", "write ground:corruption"),
        ("or", "(ground=terrorism)", "write ground:terrorism"),
        ("or", "(imposed_on.gte.2020)", "write imposed_from:2020"),
    ] {
        let request = app.request(Method::GET, "/v1/sanctions").query(&[(name, value)]);
        let refused = app.send(request).await.expect_problem(400, "malformed-request");
        assert!(
            refused.detail().contains(hint),
            "{name}={value}: {}",
            refused.detail()
        );
    }
}

#[tokio::test]
async fn several_values_with_commas_are_answered_with_how_to_repeat_the_parameter() {
    let app = TestApp::new().await;
    for (path, status, name, value, hint) in [
        (
            "sanctions",
            422,
            "ground",
            "terrorism,corruption",
            "for several values repeat the parameter: ground=terrorism&ground=corruption",
        ),
        (
            "sanctions",
            422,
            "not.ground",
            "terrorism, corruption,other",
            "not.ground=terrorism&not.ground=corruption",
        ),
        (
            "sanctions",
            422,
            "all.measure",
            "travel_ban,asset_freeze",
            "all.measure=travel_ban&all.measure=asset_freeze",
        ),
        (
            "sanctions",
            400,
            "status",
            "lifted,expired",
            "status=lifted&status=expired",
        ),
        (
            "sanctions",
            400,
            "not.status",
            "lifted,expired",
            "not.status=lifted&not.status=expired",
        ),
        (
            "sanctions/counts?by=ground&",
            422,
            "target",
            "iso3166:RU,iso3166:BY",
            "target=iso3166:RU&target=iso3166:BY",
        ),
        (
            "sanctions",
            422,
            "target_country",
            "ru,by",
            "target_country=ru&target_country=by",
        ),
        (
            "diplomatic-actions",
            422,
            "all.participant",
            "iso3166:CO,iso3166:US",
            "all.participant=iso3166:CO&all.participant=iso3166:US",
        ),
        (
            "warnings",
            400,
            "resource",
            "actors,sanctions",
            "resource=actors&resource=sanctions",
        ),
        (
            "actors",
            422,
            "property.gender",
            "female,male",
            "property.gender=female&property.gender=male",
        ),
    ] {
        let request = app.request(Method::GET, &format!("/v1/{path}"));
        let refused = app.send(request.query(&[(name, value)])).await.expect(status);
        let detail = refused.detail();
        assert!(detail.ends_with(hint), "{name}={value}: {detail}");
        let fault = refused.body["errors"][0]["detail"].as_str();
        assert!(fault.is_some_and(|fault| fault.ends_with(hint)), "{name}={value}");
    }
    // Only the value with a comma gets the hint; what may not be repeated gets none.
    let refused = app.get("/v1/sanctions?ground=zz&ground=a,b").await.expect(422);
    let has_hint = |index: usize| {
        let detail = refused.body["errors"][index]["detail"].as_str();
        detail.is_some_and(|detail| detail.contains("for several values"))
    };
    assert_eq!([has_hint(0), has_hint(1)], [false, true], "{}", refused.text);
    for query in [
        "imposed_from=2020,2021",
        "counted=exact,state",
        "ground=zz",
        "limit=1,2",
    ] {
        let refused = app.get(&format!("/v1/sanctions?{query}")).await;
        assert!(!refused.detail().contains("for several"), "{}", refused.detail());
    }
    // A comma may belong to a value.
    app.get("/v1/actors?name=Acme,%20Inc.").await.expect(200);
}

#[tokio::test]
async fn an_identifier_is_matched_by_the_normal_form_of_its_scheme() {
    let app = TestApp::new().await;
    let person = |name: &str, identifiers: serde_json::Value| json!({"kind": "person", "name": name, "identifiers": identifiers});
    let passport = json!([{"scheme": "passport", "value": "ab-123 456", "country": "CO"}]);
    let id = app.create("actors", person("Ann", passport)).await;
    let lei = json!([{"scheme": "lei", "value": "5493001KJTIIGC8Y1R12"}]);
    let company = app
        .create(
            "actors",
            json!({"kind": "company", "name": "Firm", "identifiers": lei}),
        )
        .await;

    for (value, found) in [
        ("passport:AB123456", &id),
        ("passport:ab.123.456", &id),
        ("passport:CO:Ab%20123-456", &id),
        ("lei:5493001kjtiigc8y1r12", &company),
    ] {
        let list = app
            .get(&format!("/v1/actors?identifier={value}"))
            .await
            .expect(200);
        assert_eq!(&list.ids(), std::slice::from_ref(found), "{value}");
        let one = app.get(&format!("/v1/actors/{value}")).await.expect(200);
        assert_eq!(&one.id(), found, "{value}");
    }
    let one = app.get("/v1/actors/passport:AB123456").await.expect(200);
    assert_eq!(one.body["identifiers"][0]["value"], "ab-123 456");

    let now = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let path = format!("/v1/actors?identifier=passport:CO:ab-123%20456&known_at={now}");
    let found = app.get(&path).await.expect(200);
    assert_eq!(found.ids(), std::slice::from_ref(&id));

    // A value of a unique scheme belongs to one actor in every spelling.
    let path = "/v1/vocabularies/identifier_schemes/registration";
    let unique = app
        .request(Method::PATCH, path)
        .bearer_auth(&app.admin)
        .json(&json!({"is_unique": true}));
    app.send(unique).await.expect(200);
    let registration = |value: &str| json!([{"scheme": "registration", "value": value}]);
    app.create("actors", person("Bob", registration("HRB 12-34")))
        .await;
    let taken = app
        .post("/v1/actors", &person("Cid", registration("hrb1234")))
        .await;
    assert_eq!(
        taken.expect_problem(409, "conflict").pointers(),
        ["/identifiers/0/value"]
    );
    let twice = json!([
        {"scheme": "registration", "value": "X 1"},
        {"scheme": "registration", "value": "x-1"},
    ]);
    let twice = app.post("/v1/actors", &person("Dan", twice)).await;
    assert_eq!(
        twice.expect_problem(422, "invalid-record").pointers(),
        ["/identifiers/1/value"]
    );
}
