//! Operators on filters: `not.`, `all.`, `has.`, `or`, and the periods and ranges that follow from fields.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Desk, Response, TestApp};

const MALFORMED: &str = "malformed-request";

/// Reads a list with these parameters, which it encodes.
async fn list(app: &TestApp, path: &str, query: &[(&str, &str)]) -> Response {
    app.send(app.request(Method::GET, path).query(query)).await
}

async fn total(app: &TestApp, path: &str, query: &[(&str, &str)]) -> i64 {
    let counted = [query, &[("count", "exact"), ("limit", "1")]].concat();
    let page = list(app, path, &counted).await.expect(200);
    page.body["total"].as_i64().expect("a total")
}

/// A value of each filter that finds some records of the demo and not all, unless said otherwise.
const VALUES: &[(&str, &str, &str)] = &[
    ("actors", "kind", "person"),
    ("actors", "country", "CO"),
    ("actors", "address.country", "US"),
    ("actors", "address.city", "New York"),
    ("actors", "identifier", "iso3166:CO"),
    ("actors", "name", "petro"),
    ("relationships", "subject", "demo:gazprom"),
    ("relationships", "object", "iso3166:US"),
    ("relationships", "actor", "iso3166:US"),
    ("relationships", "kind", "owns"),
    ("relationships", "share_at_least", "50"),
    ("relationships", "holding_on", "2022-06-01"),
    ("programmes", "imposer", "demo:ofac"),
    ("programmes", "code", "ILLICIT-DRUGS-EO14059"),
    ("sources", "kind", "legal_text"),
    ("sources", "publisher", "Reuters"),
    ("sources", "reliability", "A"),
    ("sanctions", "imposer", "demo:ofac"),
    ("sanctions", "target", "iso3166:RU"),
    ("sanctions", "imposer_state", "US"),
    ("sanctions", "imposing_party", "EU"),
    ("sanctions", "target_country", "RU"),
    ("sanctions", "programme", "programme:ILLICIT-DRUGS-EO14059"),
    ("sanctions", "measure", "travel_ban"),
    ("sanctions", "ground", "terrorism"),
    ("sanctions", "objective", "policy_change"),
    ("sanctions", "status", "in_force"),
    ("sanctions", "in_force_on", "2022-06-01"),
    ("diplomatic-actions", "type", "assassination"),
    ("diplomatic-actions", "initiator", "iso3166:US"),
    ("diplomatic-actions", "target", "iso3166:US"),
    ("diplomatic-actions", "participant", "iso3166:US"),
    ("diplomatic-actions", "from", "2022"),
    ("diplomatic-actions", "to", "2022"),
    ("diplomatic-actions", "country", "CO"),
    ("diplomatic-actions", "quad_class", "4"),
    ("diplomatic-actions", "linked_to", "demo:iran_soleimani_killed"),
    ("diplomatic-actions", "link_kind", "escalates"),
    ("diplomatic-actions", "modality", "threatened"),
    ("claims", "resource", "sanctions"),
    ("claims", "actor", "iso3166:US"),
];

/// Values for filters of several lists, and of those that find nothing or everything in the demo.
const FOR_SEVERAL: &[(&str, &str)] = &[
    ("claim_status", "confirmed"),
    ("stance", "disputes"),
    ("attributed_to", "demo:china_european_commission"),
    ("certain", "true"),
    ("list_code", "us_ofac_sdn"),
    ("list_uid", "12345"),
    ("action", "demo:iran_soleimani_killed"),
    ("source", "demo:us_act_establishing_treasury"),
];

/// Returns the schema of a parameter of a list.
fn schema<'d>(document: &'d Value, path: &str, name: &str) -> &'d Value {
    let parameters = document["paths"][path]["get"]["parameters"].as_array();
    let found = parameters
        .into_iter()
        .flatten()
        .find(|parameter| parameter["name"] == name);
    &found.unwrap_or_else(|| panic!("{path} has {name}"))["schema"]
}

/// Returns the names that an operator takes, without its own.
fn names(document: &Value, path: &str, operator: &str) -> Vec<String> {
    let names = &schema(document, path, operator)["propertyNames"]["anyOf"][0]["enum"];
    let texts = names.as_array().into_iter().flatten().filter_map(Value::as_str);
    texts
        .map(|name| {
            name.strip_prefix(operator)
                .and_then(|rest| rest.strip_prefix('.'))
        })
        .map(|name| name.expect("the operator").to_owned())
        .collect()
}

#[tokio::test]
async fn every_filter_of_every_list_can_be_negated_and_joined() {
    let app = TestApp::with_demo().await;
    let document = app.get("/openapi.json").await.expect(200).body;
    let mut used = BTreeSet::new();
    let mut cases: Vec<(&str, String, String)> = Vec::new();
    for resource in [
        "actors",
        "relationships",
        "programmes",
        "sources",
        "sanctions",
        "diplomatic-actions",
        "claims",
    ] {
        let path = format!("/v1/{resource}");
        for name in names(&document, &path, "not")
            .into_iter()
            .filter(|name| name != "or")
        {
            let own = VALUES
                .iter()
                .find(|(list, filter, _)| *list == resource && *filter == name);
            let value = match own.map(|(.., value)| *value) {
                Some(value) => {
                    used.insert((resource, name.clone()));
                    value
                }
                None => match FOR_SEVERAL.iter().find(|(filter, _)| *filter == name) {
                    Some((_, value)) => value,
                    None => {
                        assert!(
                            name.ends_with("_from") || name.ends_with("_to"),
                            "no value of {name} in VALUES of this test"
                        );
                        let is_number = schema(&document, &path, &name)["type"] == "number";
                        if is_number { "2" } else { "2022" }
                    }
                },
            };
            cases.push((resource, name, value.to_owned()));
        }
        cases.push((resource, "property.gender".to_owned(), "male".to_owned()));
    }
    assert_eq!(used.len(), VALUES.len(), "VALUES names a filter that is gone");
    cases.push((
        "actors/iso3166:CO/relationships",
        "kind".to_owned(),
        "head_of_state_of".to_owned(),
    ));
    cases.push((
        "actors/iso3166:RU/sanctions",
        "ground".to_owned(),
        "aggression".to_owned(),
    ));
    cases.retain(|(resource, name, _)| name != "property.gender" || *resource == "actors");
    let app = &app;
    let mut totals = BTreeMap::new();
    for (resource, ..) in &cases {
        if !totals.contains_key(resource) {
            totals.insert(*resource, total(app, &format!("/v1/{resource}"), &[]).await);
        }
    }
    let totals = &totals;
    let whole = |resource: &str, name: &str| {
        VALUES
            .iter()
            .any(|(list, filter, _)| *list == resource && *filter == name)
    };
    // A filter and its negation together find everything.
    for (resource, every) in totals {
        let of_list: Vec<String> = cases
            .iter()
            .filter(|(list, ..)| list == resource)
            .map(|(_, name, value)| format!("({name}:\"{value}\",not.{name}:\"{value}\")"))
            .collect();
        for ten in of_list.chunks(10) {
            let query: Vec<(&str, &str)> = ten.iter().map(|group| ("or", group.as_str())).collect();
            let found = total(app, &format!("/v1/{resource}"), &query).await;
            assert_eq!(found, *every, "{resource}: {ten:?}");
        }
    }
    futures_util::stream::iter(cases)
        .for_each_concurrent(4, async |(resource, name, value)| {
            let path = format!("/v1/{resource}");
            let case = format!("{path}?{name}={value}");
            let (not, all) = (format!("not.{name}"), format!("all.{name}"));
            let one = format!("({name}:\"{value}\")");
            let every = totals[resource];
            let found = total(app, &path, &[(&name, &value)]).await;
            if whole(resource, &name) {
                assert!(found > 0 && found < every, "{case} finds {found} of {every}");
            }

            assert_eq!(
                total(app, &path, &[(&not, &value)]).await,
                every - found,
                "not.: {case}"
            );
            let alone = total(app, &path, &[(&name, &value), (&all, &value), ("or", &one)]).await;
            assert_eq!(alone, found, "all. and or: {case}");
        })
        .await;
}

#[tokio::test]
async fn every_field_can_be_asked_for() {
    let app = TestApp::with_demo().await;
    let document = app.get("/openapi.json").await.expect(200).body;
    for resource in [
        "actors",
        "relationships",
        "programmes",
        "sources",
        "sanctions",
        "diplomatic-actions",
        "claims",
    ] {
        let path = format!("/v1/{resource}");
        let every = total(&app, &path, &[]).await;
        let asked: Vec<String> = names(&document, &path, "has")
            .iter()
            .map(|name| format!("(has.{name}:true,has.{name}:false)"))
            .collect();
        for ten in asked.chunks(10) {
            let query: Vec<(&str, &str)> = ten.iter().map(|group| ("or", group.as_str())).collect();
            assert_eq!(total(&app, &path, &query).await, every, "{path}: {ten:?}");
        }
    }
    // What a record shows is what is found.
    for (path, has, pointer) in [
        ("/v1/sanctions", "has.programme", "/programmes/0"),
        ("/v1/sanctions", "has.lifted_on", "/lifted_on"),
        ("/v1/sanctions", "has.source", "/citations/0"),
        ("/v1/relationships", "has.share_percent", "/share_percent"),
        ("/v1/diplomatic-actions", "has.goldstein", "/goldstein"),
        ("/v1/diplomatic-actions", "has.linked_to", "/links/0"),
        ("/v1/actors", "has.address.city", "/addresses/0/city"),
        ("/v1/actors", "has.property.gender", "/properties/gender"),
        ("/v1/sources", "has.url", "/url"),
        ("/v1/programmes", "has.legal_basis", "/legal_basis"),
    ] {
        for (value, expected) in [("true", true), ("false", false)] {
            let page = list(&app, path, &[(has, value), ("limit", "1000")])
                .await
                .expect(200);
            for item in page.body["items"].as_array().expect("items") {
                let is_there = item.pointer(pointer).is_some_and(|found| !found.is_null());
                assert_eq!(is_there, expected, "{path}?{has}={value}: {item}");
            }
        }
    }
}

#[tokio::test]
async fn operators_ask_what_they_say() {
    let desk = Desk::new().await;
    let app = &desk.app;
    let other = desk.source("Another").await;
    let cited = |source: &str, stance: &str| json!({"source": source, "stance": stance});
    let fields = [
        (
            "both",
            json!({
                "measures": ["asset_freeze", "travel_ban"], "grounds": ["terrorism", "narcotics"],
                "imposed_on": "2020-05", "lifted_on": "2021-03-01", "properties": {"amendment_date": ["2022"]},
                "citations": [cited(&desk.source, "disputes"), cited(&other, "supports")],
            }),
        ),
        (
            "freeze",
            json!({
                "measures": [{"measure": "asset_freeze", "from": "2019"}], "grounds": ["narcotics"],
                "imposed_on": "2020-06-01", "lifted_on": "../2020-12", "programmes": [desk.programme],
                "citations": [cited(&other, "disputes"), cited(&desk.source, "supports")],
            }),
        ),
        ("ban", json!({"measures": ["travel_ban"], "imposed_on": "2021"})),
        ("bare", json!({"imposer": "iso3166:FR", "target": "iso3166:VA"})),
    ];
    let mut named = Vec::new();
    for (name, fields) in fields {
        named.push((name, desk.sanction(fields).await));
    }
    let source = desk.source.as_str();
    let disputed = format!("(and(source:{source},stance:disputes))");
    let cites_both = format!("(and(source:{source},source:{other}))");
    for (query, expected) in [
        ("not.ground=terrorism", vec!["freeze", "ban", "bare"]),
        ("not.ground=terrorism&not.ground=narcotics", vec!["ban", "bare"]),
        ("not.measure=asset_freeze&measure=travel_ban", vec!["ban"]),
        ("all.measure=asset_freeze&all.measure=travel_ban", vec!["both"]),
        ("all.measure=asset_freeze", vec!["both", "freeze"]),
        ("has.programme=true", vec!["freeze"]),
        ("has.programme=false&has.ground=true", vec!["both"]),
        ("has.property.amendment_date=true", vec!["both"]),
        ("not.property.amendment_date=2022", vec!["freeze", "ban", "bare"]),
        ("all.property.amendment_date=2022", vec!["both"]),
        (
            "or=(property.amendment_date:2022,has.programme:true)",
            vec!["both", "freeze"],
        ),
        ("or=(ground:terrorism,measure:travel_ban)", vec!["both", "ban"]),
        ("or=(ground:terrorism,not.has.measure:true)", vec!["both", "bare"]),
        (
            "or=(ground:terrorism,ground:narcotics)&or=(has.programme:true,has.programme:false)",
            vec!["both", "freeze"],
        ),
        (
            "not.or=(ground:terrorism,measure:travel_ban)",
            vec!["freeze", "bare"],
        ),
        (
            "or=(and(measure:asset_freeze,measure:travel_ban),target:iso3166:VA)",
            vec!["both", "bare"],
        ),
        (
            "or=(and(measure:asset_freeze,not.or(ground:terrorism,measure:tariff)))",
            vec!["freeze"],
        ),
        (
            "or=( target : \"iso3166:VA\" , target:\"desk:petro\" )&has.imposed_on=false",
            vec!["bare"],
        ),
        // One citation that has both, as the plain filters ask.
        (&format!("source={source}&stance=disputes"), vec!["both"]),
        (&format!("or={disputed}"), vec!["both"]),
        (
            &format!("all.source={source}&all.source={other}"),
            vec!["both", "freeze"],
        ),
        (&format!("or={cites_both}"), vec!["both", "freeze"]),
        // Partial dates count with all their days.
        ("imposed_from=2020-05-31&imposed_to=2020-05-31", vec!["both"]),
        ("imposed_from=2021-06", vec!["ban"]),
        ("not.imposed_from=2020-06-01", vec!["both", "bare"]),
        (
            "not.or=(and(imposed_from:2020,imposed_to:2020))",
            vec!["ban", "bare"],
        ),
        ("lifted_from=2021", vec!["both"]),
        ("lifted_to=2020-12", vec!["freeze"]),
        ("lifted_from=2020-12-31&lifted_to=2021-03", vec!["both", "freeze"]),
        ("measure.from_to=2019-06", vec!["freeze"]),
        ("measure.from_from=2020", vec![]),
        ("created_from=2020", vec!["both", "freeze", "ban", "bare"]),
        ("created_to=2020-01-01T00:00:00%2B02:00", vec![]),
        ("version_from=2", vec![]),
        (
            "version_to=1.0&version_from=-3",
            vec!["both", "freeze", "ban", "bare"],
        ),
    ] {
        let listed = desk.listed(&named, &format!("/v1/sanctions?{query}")).await;
        assert_eq!(listed, expected, "{query}");
    }
    // In every format, as of a moment, in a list by actor, and page by page.
    let query = "or=(ground:terrorism,measure:travel_ban)";
    let first = format!("/v1/sanctions?{query}&limit=1");
    let page = app.get(&first).await.expect(200);
    let cursor = page.body["next_cursor"].as_str().expect("a cursor");
    let second = app.get(&format!("{first}&cursor={cursor}")).await.expect(200);
    assert_eq!(second.ids(), [named[2].1.clone()]);
    let elsewhere = format!("/v1/sanctions?or=(measure:travel_ban,ground:terrorism)&limit=1&cursor={cursor}");
    app.get(&elsewhere).await.expect_problem(400, MALFORMED);
    let of_petro = format!("/v1/actors/desk:petro/sanctions?{query}&not.measure=asset_freeze");
    assert_eq!(app.ids(&of_petro).await, [named[2].1.clone()]);
    let claims = format!(
        "/v1/claims?or=(actor:iso3166:VA,{})&has.source=false&not.claim_status=denied",
        "resource:sanctions"
    );
    assert_eq!(
        app.get(&format!("{claims}&count=exact")).await.expect(200).body["total"],
        2
    );
    for format in ["csv", "ndjson"] {
        let lines = app
            .get(&format!("/v1/sanctions?{query}&format={format}"))
            .await
            .expect(200)
            .text;
        assert_eq!(
            lines.lines().count(),
            if format == "csv" { 3 } else { 2 },
            "{lines}"
        );
    }
    app.delete(&format!("/v1/sanctions/{}", named[0].1))
        .await
        .expect(204);
    let moment = recorded_at(app, &format!("/v1/sanctions/{}", named[0].1)).await;
    app.delete(&format!("/v1/sanctions/{}", named[2].1))
        .await
        .expect(204);
    for (query, expected) in [
        (query, vec!["ban"]),
        ("not.measure=asset_freeze", vec!["ban", "bare"]),
        ("has.programme=true", vec!["freeze"]),
        (
            "lifted_to=2020-12&imposed_from=2020&created_from=2020",
            vec!["freeze"],
        ),
    ] {
        let listed = desk
            .listed(&named, &format!("/v1/sanctions?{query}&known_at={moment}"))
            .await;
        assert_eq!(listed, expected, "{query}");
    }
}

/// Returns when the last version of a record was recorded.
async fn recorded_at(app: &TestApp, path: &str) -> String {
    let history = app
        .get(&format!("{path}/history?sort=-version"))
        .await
        .expect(200);
    let at = history.body["items"][0]["at"].as_str().expect("a moment");
    at.replace('+', "%2B")
}

#[tokio::test]
async fn a_number_of_which_the_least_and_the_most_are_known_may_lie_in_a_range() {
    let app = TestApp::new().await;
    let mut named = Vec::new();
    for (name, fields) in [
        ("five", json!({"fatalities_min": 5, "fatalities_max": 5})),
        ("at least ten", json!({"fatalities_min": 10})),
        ("at most three", json!({"fatalities_max": 3})),
        ("unknown", json!({})),
    ] {
        let mut body = json!({"type": "assassination", "title": name});
        for (field, value) in fields.as_object().expect("an object") {
            body[field] = value.clone();
        }
        named.push((app.create("diplomatic-actions", body).await, name));
    }
    for (query, expected) in [
        ("fatalities_from=4", vec!["five", "at least ten"]),
        ("fatalities_to=5", vec!["five", "at most three"]),
        ("fatalities_from=6&fatalities_to=9", vec![]),
        ("fatalities_from=20", vec!["at least ten"]),
        ("not.fatalities_from=4", vec!["at most three", "unknown"]),
        ("has.fatalities=false", vec!["unknown"]),
        ("has.fatalities=true&not.fatalities_to=9", vec!["at least ten"]),
        (
            "goldstein_from=-10&quad_class_to=4&has.latitude=false",
            vec!["five", "at least ten", "at most three", "unknown"],
        ),
    ] {
        let ids = app.ids(&format!("/v1/diplomatic-actions?{query}")).await;
        let found: Vec<&str> = ids
            .iter()
            .map(|id| {
                named
                    .iter()
                    .find(|(known, _)| known == id)
                    .map_or("?", |(_, name)| *name)
            })
            .collect();
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn what_is_no_operator_is_reported_with_its_place() {
    let app = TestApp::new().await;
    for (name, value, detail) in [
        (
            "not.unheard",
            "1",
            "not.unheard: unheard is not a filter of this list; its filters are imposer, target,",
        ),
        ("not.", "1", "not.:  is not a filter of this list"),
        (
            "lifted_form",
            "2023",
            "lifted_form is not a parameter of this path; did you mean lifted_from? known are fields,",
        ),
        (
            "not.lifted_form",
            "2023",
            "not.lifted_form: lifted_form is not a filter of this list; did you mean lifted_from? its filters are",
        ),
        (
            "has.grounds",
            "true",
            "has.grounds: grounds is not a field that has. can name; did you mean ground? known are",
        ),
        (
            "not.facets",
            "ground",
            "not.facets: facets is not a filter of this list;",
        ),
        (
            "not",
            "1",
            "not is not a parameter of this path; did you mean not.<filter>? known are",
        ),
        ("not.limit", "1", "not.limit: limit is not a filter"),
        ("all.sort", "imposed_on", "all.sort: sort is not a filter"),
        ("not.counted", "state", "not.counted: counted is not a filter"),
        (
            "not.direction",
            "imposed",
            "not.direction: direction is not a filter",
        ),
        ("all.or", "(ground:terrorism)", "all.or: or is not a filter"),
        (
            "not.has.ground",
            "true",
            "not.has.ground: has.ground is not a filter",
        ),
        (
            "not.not.ground",
            "other",
            "not.not.ground: not.ground is not a filter",
        ),
        ("not.property.", "1", "not.property.: property. is not a filter"),
        (
            "xor.ground",
            "other",
            "xor.ground is not a parameter of this path",
        ),
        (
            "has.unheard",
            "true",
            "has.unheard: unheard is not a field that has. can name; known are imposer, target,",
        ),
        (
            "has.ground",
            "maybe",
            "has.ground must be true or false, not \"maybe\"",
        ),
        ("has.ground", "", "has.ground must be true or false, not \"\""),
        (
            "not.certain",
            "maybe",
            "not.certain: certain must be one of true, false, not \"maybe\"",
        ),
        (
            "not.in_force_on",
            "soon",
            "not.in_force_on: in_force_on must be a day",
        ),
        (
            "lifted_from",
            "soon",
            "lifted_from must be a day, a month or a year",
        ),
        (
            "not.lifted_from",
            "",
            "not.lifted_from is empty; write a value, or leave not.lifted_from out",
        ),
        (
            "created_from",
            "now",
            "created_from must be a time with an offset from UTC such as",
        ),
        (
            "version_from",
            "many",
            "version_from must be a number such as 10 or -2.5",
        ),
        ("version_from", "1e3", "version_from must be a number"),
        ("version_from", "9999999999999", "version_from must be a number"),
        ("or", "", "or: expected ( at letter 1, where it ends"),
        ("or", "ground:terrorism", "or: expected ( at letter 1, not g"),
        (
            "or",
            "(ground:terrorism",
            "or: expected , or ) at letter 18, where it ends",
        ),
        (
            "or",
            "(ground:a,unheard:1)",
            "or: letter 11: unheard is not a filter of this list",
        ),
        ("or", "(has.unheard:true)", "or: letter 2: unheard is not a field"),
        (
            "or",
            "(has.ground:maybe)",
            "or: letter 2: has.ground must be true or false",
        ),
        (
            "or",
            "(all.ground:other)",
            "or: letter 2: all.ground is not a filter",
        ),
        ("or", "(status:maybe)", "or: status must be one of"),
        (
            "or",
            "(and(or(and(ground:other))))",
            "or: the group at letter 12 lies more than 3 deep",
        ),
        (
            "not.or",
            "()",
            "not.or: expected a filter written name:value, and(…) or or(…) at letter 2, not )",
        ),
    ] {
        let refused = list(&app, "/v1/sanctions", &[(name, value)]).await;
        let refused = refused.expect_problem(400, MALFORMED);
        assert!(
            refused.detail().starts_with(detail),
            "{name}={value}: {}",
            refused.detail()
        );
        assert_eq!(refused.pointers(), [format!("?{name}")], "{name}={value}");
    }
    let items = |number: usize| format!("({})", vec!["ground:other"; number].join(","));
    list(
        &app,
        "/v1/sanctions",
        &[("or", &items(10)), ("not.or", &items(10))],
    )
    .await
    .expect(200);
    for value in [items(21), items(1000), "(and".repeat(1000), "(".repeat(10_000)] {
        list(&app, "/v1/sanctions", &[("or", &value)])
            .await
            .expect_problem(400, MALFORMED);
    }
    let twenty_first = list(&app, "/v1/sanctions", &[("or", &items(10)), ("or", &items(11))]).await;
    assert!(
        twenty_first
            .expect_problem(400, MALFORMED)
            .detail()
            .contains("at most 20")
    );
    let all = |number: usize| vec![("all.ground", "other"); number];
    list(&app, "/v1/sanctions", &all(20)).await.expect(200);
    list(&app, "/v1/sanctions", &all(21))
        .await
        .expect_problem(400, MALFORMED);
    list(
        &app,
        "/v1/sanctions",
        &[("has.ground", "true"), ("has.ground", "false")],
    )
    .await
    .expect_problem(400, MALFORMED);
    // Each fault points to the parameter that has it, and all are reported at once.
    let refused = list(
        &app,
        "/v1/sanctions",
        &[
            ("ground", "one"),
            ("not.ground", "two"),
            ("all.target", "iso3166:three"),
            (
                "or",
                "(measure:four,and(property.five:six,has.property.seven:true))",
            ),
            ("lifted_from", "2022"),
            ("lifted_to", "2021"),
            ("not.property.gender", "eight"),
        ],
    )
    .await
    .expect_problem(422, "invalid-record");
    assert_eq!(
        refused.pointers(),
        [
            "?ground",
            "?lifted_to",
            "?not.ground",
            "?all.target",
            "?or",
            "?or",
            "?or",
            "?not.property.gender"
        ]
    );
    let details: Vec<&str> = refused.body["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|error| error["detail"].as_str())
        .collect();
    for (detail, beginning) in details.iter().zip([
        "one is not a code",
        "2021-12-31 is before lifted_from 2022-01-01",
        "two is not a code",
        "iso3166:three names no actor",
        "measure: four is not a code",
        "property.five: five is neither a name",
        "property.seven: seven is neither a name",
        "must be one of female",
    ]) {
        assert!(detail.starts_with(beginning), "{details:#?}");
    }
    // Lists with other filters have no operators.
    for path in [
        "/v1/vocabularies/measures",
        "/v1/actors/iso3166:CO/timeline",
        "/v1/warnings",
        "/v1/actors/iso3166:CO/history",
    ] {
        for name in ["not.code", "has.code", "or"] {
            list(&app, path, &[(name, "x")])
                .await
                .expect_problem(400, MALFORMED);
        }
    }
}
