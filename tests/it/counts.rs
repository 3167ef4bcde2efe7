//! Counts of records by their fields, and the facets of pages.

use demarche::actors::Actor;
use demarche::diplomatic_actions::DiplomaticAction;
use demarche::programmes::Programme;
use demarche::relationships::Relationship;
use demarche::resource::counting::Group;
use demarche::resource::fields::{Fields, Holds, Place};
use demarche::resource::filter::Filter;
use demarche::resource::{Kind, Resource};
use demarche::sanctions::Sanction;
use demarche::sources::Source;
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::support::{Desk, TestApp};

const MALFORMED: &str = "malformed-request";

fn fields_of(kind: Kind) -> &'static Fields {
    match kind {
        Kind::Actors => <Actor as Resource>::Filter::FIELDS,
        Kind::Relationships => <Relationship as Resource>::Filter::FIELDS,
        Kind::Programmes => <Programme as Resource>::Filter::FIELDS,
        Kind::Sanctions => <Sanction as Resource>::Filter::FIELDS,
        Kind::DiplomaticActions => <DiplomaticAction as Resource>::Filter::FIELDS,
        Kind::Sources => <Source as Resource>::Filter::FIELDS,
    }
}

async fn total(app: &TestApp, path: &str) -> i64 {
    let page = app.get(&format!("{path}&count=exact&limit=1")).await.expect(200);
    page.body["total"].as_i64().expect("a total")
}

#[tokio::test]
async fn every_field_of_every_kind_is_counted_as_lists_find_it() {
    let app = &TestApp::with_demo().await;
    let cases: Vec<_> = Kind::ALL
        .into_iter()
        .flat_map(|kind| fields_of(kind).all().map(move |field| (kind, field)))
        .filter(|(kind, field)| Group::read(fields_of(*kind), field.name).is_ok())
        .collect();
    assert!(cases.len() > 100, "{}", cases.len());
    futures_util::stream::iter(cases)
        .for_each_concurrent(4, async |(kind, field)| {
            let (path, name) = (format!("/v1/{kind}"), field.name);
            let case = format!("{path}/counts?by={name}");
            let counts = app.get(&format!("{case}&limit=1000")).await.expect(200).body;
            let rows = counts["items"].as_array().expect("rows");
            let left_off = counts["rows_left_off"]
                .as_u64()
                .and_then(|number| usize::try_from(number).ok());
            let left_off = left_off.expect("a number");
            assert_eq!(counts["total"], json!(rows.len() + left_off), "{case}");
            let count = |row: &Value| row["count"].as_i64().expect("a count");
            let without = rows
                .iter()
                .filter(|row| row[name].is_null())
                .map(count)
                .sum::<i64>();
            // A date that is not known to lie in one year counts under none.
            if left_off == 0 && !matches!(field.holds, Holds::Date(_)) {
                let asked = total(app, &format!("{path}?has.{name}=false")).await;
                assert_eq!(without, asked, "{case}");
            }
            let sum: i64 = rows.iter().map(count).sum();
            let every = total(app, &format!("{path}?version_from=1")).await;
            match field.place {
                Place::Own | Place::Derived if left_off == 0 => assert_eq!(sum, every, "{case}"),
                Place::Own | Place::Derived => assert!(sum < every, "{case}: {sum} of {every}"),
                Place::Parts(_) => assert!(sum >= every, "{case}: {sum} of {every}"),
            }
            let is_coded = matches!(field.holds, Holds::Code(_) | Holds::Reference(_));
            for row in rows {
                assert_eq!(
                    row.get(format!("{name}.label")).is_some(),
                    is_coded,
                    "{case}: {row}"
                );
            }
            // The page of the list with facets has the same, and its filter finds as many.
            let page = app
                .get(&format!("{path}?facets={name}&limit=1"))
                .await
                .expect(200)
                .body;
            let facet = &page["facets"][name];
            assert_eq!(facet["total"], counts["total"], "{case}");
            let values = facet["values"].as_array().expect("values");
            assert_eq!(values.len(), rows.len().min(20), "{case}");
            for (value, row) in values.iter().zip(rows) {
                assert_eq!(
                    (&value["value"], &value["count"]),
                    (&row[name], &row["count"]),
                    "{case}"
                );
            }
            let filters = [
                "kind",
                "country",
                "type",
                "measure",
                "ground",
                "status",
                "target",
                "initiator",
                "quad_class",
            ];
            if let (true, Some(row)) = (
                filters.contains(&name),
                rows.iter().find(|row| !row[name].is_null()),
            ) {
                let value = row[name]
                    .as_str()
                    .map_or_else(|| row[name].to_string(), str::to_owned);
                let found = total(app, &format!("{path}?{name}={value}")).await;
                assert_eq!(found, count(row), "{case}: {row}");
            }
        })
        .await;
}

#[tokio::test]
async fn groups_have_the_counts_of_their_records() {
    let desk = Desk::new().await;
    let app = &desk.app;
    for fields in [
        json!({
            "grounds": ["terrorism", "narcotics"], "imposed_on": "2020-05-04", "objectives": ["policy_change"],
            "measures": [{"measure": "asset_freeze", "from": "2020"}, {"measure": "asset_freeze", "from": "2021"}],
        }),
        json!({"grounds": ["narcotics"], "imposed_on": "2020-05", "lifted_on": "2021-01-01"}),
        json!({"grounds": ["narcotics"], "imposed_on": "2020-05-31~", "target": "iso3166:VA"}),
        json!({"imposer": "iso3166:FR", "target": "iso3166:VA", "imposed_on": "2019-12/2020-02"}),
    ] {
        desk.sanction(fields).await;
    }
    let ofac = desk.ofac.as_str();
    let rows = async |query: &str| {
        app.get(&format!("/v1/sanctions/counts?{query}"))
            .await
            .expect(200)
            .body["items"]
            .clone()
    };
    assert_eq!(
        rows("by=ground,imposed_on.year&measures=count,targets,imposers").await,
        json!([
            {"ground": "narcotics", "ground.label": "Narcotics", "imposed_on.year": "2020", "count": 3, "targets": 2, "imposers": 1},
            {"ground": "terrorism", "ground.label": "Terrorism", "imposed_on.year": "2020", "count": 1, "targets": 1, "imposers": 1},
            {"ground": null, "ground.label": null, "imposed_on.year": null, "count": 1, "targets": 1, "imposers": 1},
        ])
    );
    assert_eq!(
        rows("by=imposer&not.imposer=iso3166:FR").await,
        json!([{"imposer": ofac, "imposer.label": "Office of Foreign Assets Control", "count": 3}])
    );
    let names = |rows: &Value| -> Vec<String> {
        let rows = rows.as_array().expect("rows").iter();
        rows.map(|row| row["imposer.label"].as_str().expect("a name").to_owned())
            .collect()
    };
    let (first, last) = ("France", "Office of Foreign Assets Control");
    assert_eq!(names(&rows("by=imposer&sort=imposer.label").await), [first, last]);
    assert_eq!(
        names(&rows("by=imposer&sort=-imposer.label").await),
        [last, first]
    );
    // The agency belongs to no state here, and is a party of its own.
    let of_party = rows("by=imposing_party,target_country&ground=terrorism").await;
    assert_eq!(
        of_party,
        json!([{"imposing_party": ofac, "imposing_party.label": "Office of Foreign Assets Control",
                "target_country": "CO", "target_country.label": "Colombia", "count": 1}])
    );
    let of_state = rows("by=imposer_state&sort=imposer_state.label").await;
    assert_eq!(of_state[0]["imposer_state.label"], "France");
    assert_eq!(
        of_state[1],
        json!({"imposer_state": null, "imposer_state.label": null, "count": 3})
    );
    assert_eq!(
        rows("by=imposed_on.month&sort=imposed_on.month").await,
        json!([{"imposed_on.month": "2020-05", "count": 3}, {"imposed_on.month": null, "count": 1}])
    );
    assert_eq!(
        rows("by=imposed_on.day&sort=-imposed_on.day").await,
        json!([
            {"imposed_on.day": "2020-05-31", "count": 1},
            {"imposed_on.day": "2020-05-04", "count": 1},
            {"imposed_on.day": null, "count": 2},
        ])
    );
    // The name is as it was asked for.
    assert_eq!(
        rows("by=imposed_on&limit=1").await,
        json!([{"imposed_on": "2020", "count": 3}])
    );
    // A measure that a sanction has twice counts once; fields of one part belong together.
    assert_eq!(
        rows("by=measure&has.measure=true").await,
        json!([{"measure": "asset_freeze", "measure.label": "Asset freeze", "count": 1}])
    );
    assert_eq!(
        rows("by=measure,measure.from.year&has.measure=true&sort=-measure.from.year").await,
        json!([
            {"measure": "asset_freeze", "measure.label": "Asset freeze", "measure.from.year": "2021", "count": 1},
            {"measure": "asset_freeze", "measure.label": "Asset freeze", "measure.from.year": "2020", "count": 1},
        ])
    );
    assert_eq!(
        rows("by=status&on=2020-06-01").await,
        json!([{"status": "in_force", "count": 4}])
    );
    assert_eq!(
        rows("by=status,certain&or=(ground:terrorism,has.lifted_on:true)&sort=status,-count").await,
        json!([
            {"status": "in_force", "certain": true, "count": 1},
            {"status": "lifted", "certain": true, "count": 1},
        ])
    );
    let counts = app
        .get("/v1/sanctions/counts?by=ground&limit=1")
        .await
        .expect(200)
        .body;
    assert_eq!(
        (&counts["total"], &counts["rows_left_off"]),
        (&json!(3), &json!(2))
    );
    let none = app
        .get("/v1/sanctions/counts?by=ground&list_uid=none")
        .await
        .expect(200);
    assert_eq!(none.text.trim(), r#"{"items":[],"total":0,"rows_left_off":0}"#);
    // The other formats have all groups, in the same columns.
    let csv = app
        .get("/v1/sanctions/counts?by=ground,imposed_on.year&format=csv")
        .await
        .expect(200);
    assert_eq!(
        csv.text,
        "ground,ground.label,imposed_on.year,count\r\nnarcotics,Narcotics,2020,3\r\nterrorism,Terrorism,2020,1\r\n,,,1\r\n"
    );
    let lines = app
        .get("/v1/sanctions/counts?by=ground&format=ndjson&limit=1")
        .await
        .expect(200);
    assert_eq!(
        lines.text,
        "{\"ground\":\"narcotics\",\"ground.label\":\"Narcotics\",\"count\":3}\n"
    );
    let workbook = app
        .get("/v1/sanctions/counts?by=ground&format=xlsx")
        .await
        .expect(200);
    assert!(workbook.header("content-disposition").contains("counts.xlsx"));
    // As of a moment, with the labels of that moment.
    let history = app.get(&format!("/v1/actors/{ofac}/history")).await.expect(200);
    let at = history.body["items"][0]["at"]
        .as_str()
        .expect("a moment")
        .replace('+', "%2B");
    app.patch(&format!("/v1/actors/{ofac}"), &json!({"name": "OFAC"}))
        .await
        .expect(200);
    assert_eq!(rows(&format!("by=imposer&known_at={at}")).await, json!([]));
    let actors = app
        .get(&format!(
            "/v1/actors/counts?by=kind&identifier=iso3166:CO&known_at={at}"
        ))
        .await
        .expect(200);
    assert_eq!(
        actors.body["items"],
        json!([{"kind": "state", "kind.label": "State", "count": 1}])
    );
    assert_eq!(rows("by=imposer&limit=1").await[0]["imposer.label"], "OFAC");
    // Facets are those of the whole list, on every page of it.
    let list = format!("/v1/actors/{ofac}/sanctions?limit=1&facets=ground,imposed_on.year");
    let page = app.get(&list).await.expect(200).body;
    assert_eq!(
        page["facets"],
        json!({
            "ground": {"values": [
                {"value": "narcotics", "label": "Narcotics", "count": 3},
                {"value": "terrorism", "label": "Terrorism", "count": 1},
            ], "total": 2},
            "imposed_on.year": {"values": [{"value": "2020", "count": 3}], "total": 1},
        })
    );
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    let second = app.get(&format!("{list}&cursor={cursor}")).await.expect(200).body;
    assert_eq!(second["facets"], page["facets"]);
    let claims = app
        .get("/v1/claims?facets=resource,source&limit=1")
        .await
        .expect(200)
        .body;
    let values = |name: &str| claims["facets"][name]["values"].clone();
    assert_eq!(values("resource")[0], json!({"value": "sanctions", "count": 4}));
    assert_eq!(
        values("resource")[1],
        json!({"value": "diplomatic-actions", "count": 1})
    );
    assert_eq!(values("source")[0]["value"], Value::Null);
}

#[tokio::test]
async fn what_can_not_be_counted_is_reported() {
    let app = TestApp::new().await;
    for (query, detail) in [
        ("", "by is required: one to 3 fields, separated by commas"),
        ("by=", "by is empty; write one to 3 fields, separated by commas"),
        ("by=unheard", "by: \"unheard\" is not a field; known are imposer,"),
        (
            "by=grounds",
            "by: \"grounds\" is not a field; did you mean ground? known are imposer,",
        ),
        (
            "by=ground&not.by=measure",
            "not.by: by is not a filter of this list;",
        ),
        ("by=ground.year", "by: \"ground.year\" is not a field;"),
        ("by=imposed_on.week", "by: \"imposed_on.week\" is not a field;"),
        (
            "by=properties",
            "by: properties is not one value that records could be grouped by",
        ),
        (
            "by=imposer,ground,measure,status",
            "by: 4 names are given; at most 3 are allowed",
        ),
        ("by=ground,ground", "by: ground is given twice"),
        (
            "by=imposed_on,imposed_on.year",
            "by: imposed_on and imposed_on.year are the same",
        ),
        ("by=ground&by=measure", "by is given twice; send it once"),
        (
            "by=ground&measures=sum",
            "measures: \"sum\" is not a measure; known are count, imposers, targets",
        ),
        ("by=ground&measures=", "measures is empty; write a value"),
        ("by=ground&measures=count,count", "measures: count is given twice"),
        (
            "by=ground&sort=imposer",
            "sort: it can name ground, ground.label, count, each with - before it for descending, not \"imposer\"",
        ),
        ("by=ground&sort=count,-count", "sort names count twice"),
        (
            "by=ground&limit=1001",
            "limit must be a whole number from 1 to 1000",
        ),
        (
            "by=ground&cursor=x",
            "cursor is not a parameter of this path; known are q, by, measures,",
        ),
        ("by=ground&count=exact", "count is not a parameter of this path"),
        (
            "by=ground&facets=ground",
            "facets is not a parameter of this path",
        ),
        ("by=ground&unheard=1", "unheard is not a parameter of this path"),
    ] {
        let refused = app.get(&format!("/v1/sanctions/counts?{query}")).await;
        let refused = refused.expect_problem(400, MALFORMED);
        assert!(
            refused.detail().starts_with(detail),
            "{query}: {}",
            refused.detail()
        );
        assert!(
            !refused.detail().contains("known are by, measures, by"),
            "{query}"
        );
    }
    let groups = vec!["ground"; 1000].join(",");
    app.get(&format!("/v1/sanctions/counts?by={groups}"))
        .await
        .expect_problem(400, MALFORMED);
    for (path, detail) in [
        (
            "/v1/sanctions?facets=unheard",
            "facets: \"unheard\" is not a field;",
        ),
        ("/v1/sanctions?facets=", "facets is empty; write a value"),
        (
            "/v1/sanctions?facets=ground,ground",
            "facets: ground is given twice",
        ),
        (
            "/v1/sanctions?facets=ground,measure,status,imposer,target,programme",
            "facets: 6 names are given; at most 5 are allowed",
        ),
        (
            "/v1/sanctions?facets=ground&format=csv",
            "facets is for JSON, and this response is CSV",
        ),
        (
            "/v1/vocabularies/measures?facets=code",
            "facets is not a parameter of this path",
        ),
        ("/v1/sanctions?by=ground", "by is not a parameter of this path"),
        (
            "/v1/diplomatic-actions/counts?by=fatalities",
            "by: fatalities is not one value",
        ),
    ] {
        let refused = app.get(path).await.expect_problem(400, MALFORMED);
        assert!(
            refused.detail().starts_with(detail),
            "{path}: {}",
            refused.detail()
        );
    }
    let refused = app
        .get("/v1/sanctions/counts?by=ground&ground=none&not.measure=none")
        .await;
    assert_eq!(
        refused.expect_problem(422, "invalid-record").pointers(),
        ["?ground", "?not.measure"]
    );
    // The path of the counts is no record.
    for kind in Kind::ALL {
        app.get(&format!("/v1/{kind}/counts?by=version"))
            .await
            .expect(200);
        app.delete(&format!("/v1/{kind}/counts"))
            .await
            .expect_problem(404, "not-found");
    }
}
