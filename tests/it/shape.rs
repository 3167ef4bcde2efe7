//! `fields` and `include`: what a response has of each record.

use serde_json::{Value, json};

use crate::as_of::moment;
use crate::support::{Desk, Response, TestApp};

/// Returns the names of an object's fields, in their order in the text.
fn names(item: &Value) -> Vec<String> {
    let object = item.as_object().expect("an object");
    object.keys().cloned().collect()
}

#[tokio::test]
async fn fields_leave_the_rest_of_each_record_out() {
    let app = TestApp::with_demo().await;
    let whole = app.get("/v1/actors?limit=5&country=CO").await.expect(200);

    let some = app
        .get("/v1/actors?limit=5&country=CO&fields=name,id,countries.code,external_keys")
        .await
        .expect(200);

    let (whole, items) = (&whole.body["items"], &some.body["items"]);
    assert_eq!(items.as_array().map(Vec::len), Some(5));
    for (item, whole) in items
        .as_array()
        .expect("items")
        .iter()
        .zip(whole.as_array().expect("items"))
    {
        let codes: Vec<Value> = whole["countries"]
            .as_array()
            .expect("countries")
            .iter()
            .map(|country| json!({"code": country["code"]}))
            .collect();
        assert_eq!(
            *item,
            json!({
                "name": whole["name"], "id": whole["id"], "countries": codes,
                "external_keys": whole["external_keys"],
            })
        );
    }
    // In their order, and the texts are those of the whole record.
    let first = some.text.split_once("\"items\":[{").expect("items").1;
    assert!(first.starts_with("\"name\":"), "{first}");
    let next = some.body["next_cursor"].as_str().expect("a cursor");
    let path = "/v1/actors?limit=5&country=CO&fields=name,id,countries.code,external_keys";
    let second = app.get(&format!("{path}&cursor={next}")).await.expect(200);
    assert_eq!(
        names(&second.body["items"][0]),
        ["countries", "external_keys", "id", "name"]
    );
    assert!(some.header("link").contains("fields="), "{}", some.header("link"));
    let other = app
        .get(&format!(
            "/v1/actors?limit=5&country=CO&fields=name&cursor={next}"
        ))
        .await
        .expect_problem(400, "malformed-request");
    assert_eq!(other.pointers(), ["?cursor"]);
    // A single record too.
    let one = app
        .get("/v1/actors/iso3166:CO?fields=name,kind")
        .await
        .expect(200);
    assert_eq!(one.text.trim_end(), r#"{"name":"Colombia","kind":"state"}"#);
    assert!(!one.etag().is_empty());
}

#[tokio::test]
async fn every_list_takes_fields_in_every_format() {
    let app = TestApp::with_demo().await;
    for (path, fields) in [
        ("/v1/actors", "id,names.name"),
        ("/v1/relationships", "id,subject.name"),
        ("/v1/programmes", "code,imposer.name"),
        ("/v1/sanctions", "id,target.name"),
        ("/v1/diplomatic-actions", "title,participants.actor.name"),
        ("/v1/sources", "title,url"),
        ("/v1/claims", "summary,record.citations.source.url"),
        ("/v1/warnings", "code,path"),
        ("/v1/vocabularies/measures", "code,label"),
        ("/v1/actors/iso3166:CO/sanctions", "id,target.name"),
        ("/v1/actors/iso3166:CO/timeline", "on,record.citations.stance"),
        ("/v1/dyads/iso3166:CO/iso3166:US/timeline", "on,event"),
        ("/v1/actors/iso3166:CO/history", "version,diff"),
    ] {
        let sign = if path.contains('?') { '&' } else { '?' };
        let first = fields.split(',').next().expect("a field");
        let page = app
            .get(&format!("{path}{sign}fields={fields}&limit=3"))
            .await
            .expect(200);
        let items = page.body["items"].as_array().expect("items").clone();
        assert!(
            items.iter().all(|item| names(item).len() == 2),
            "{path}: {items:?}"
        );
        let lines = app
            .get(&format!("{path}{sign}fields={fields}&limit=3&format=ndjson"))
            .await
            .expect(200);
        let lines: Vec<Value> = lines
            .text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        assert_eq!(lines, items, "{path}");
        let table = app
            .get(&format!("{path}{sign}fields={fields}&limit=3&format=csv"))
            .await
            .expect(200);
        assert_eq!(table.text.lines().next(), Some(fields), "{path}");
        if let Some(item) = items.first() {
            let cell = match &item[first] {
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                other => other.to_string(),
            };
            let line = table.text.lines().nth(1).expect("a line");
            assert!(
                line.trim_start_matches('"').starts_with(&cell),
                "{path}: {line} {cell}"
            );
        }
        app.get(&format!("{path}{sign}fields={fields}&limit=3&format=xlsx"))
            .await
            .expect(200);
        let unknown = app
            .get(&format!("{path}{sign}fields=colour"))
            .await
            .expect_problem(400, "malformed-request");
        assert_eq!(unknown.pointers(), ["?fields"], "{path}");
        assert!(
            unknown.detail().contains("\"colour\"; the fields are"),
            "{path}: {}",
            unknown.detail()
        );
    }
    // Columns of the table and paths of the record, in the order of the request.
    let table = app
        .get("/v1/sanctions?format=csv&limit=1&fields=target,target.kind,measures.measure,imposer_id,status_certain")
        .await
        .expect(200);
    assert_eq!(
        table.text.lines().next(),
        Some("target,target.kind,measures.measure,imposer_id,status_certain")
    );
    // A column is no field of JSON.
    app.get("/v1/sanctions?fields=imposer_id")
        .await
        .expect_problem(400, "malformed-request");
}

#[tokio::test]
async fn included_records_are_those_that_their_own_paths_return() {
    let app = TestApp::with_demo().await;
    for (path, include) in [
        (
            "/v1/sanctions?limit=20",
            "imposer,target,programme,action,source,attributed_to",
        ),
        ("/v1/sanctions?limit=20&known_at=2099-01-01T00:00:00Z", "imposer"),
        (
            "/v1/relationships?limit=20",
            "subject,object,source,attributed_to",
        ),
        ("/v1/programmes?limit=20", "imposer"),
        (
            "/v1/diplomatic-actions?limit=20",
            "participant,link,linked_from,citations.source",
        ),
        (
            "/v1/claims?limit=20",
            "imposer,target,subject,object,participant,programme,action,link,source",
        ),
        (
            "/v1/actors/iso3166:CO/timeline?limit=20",
            "participant,imposer,target,source",
        ),
        ("/v1/actors/demo:petro/sanctions?limit=20", "imposer,target"),
    ] {
        if path.contains("known_at") {
            app.get(&format!("{path}&include={include}"))
                .await
                .expect_problem(422, "invalid-record");
            continue;
        }
        let page = app.get(&format!("{path}&include={include}")).await.expect(200);
        let plain = app.get(path).await.expect(200);
        let mut checked = 0;
        let pairs = page.body["items"].as_array().expect("items").iter();
        for (item, plain) in pairs.zip(plain.body["items"].as_array().expect("items")) {
            checked += compare(&app, item, plain).await;
        }
        assert!(checked > 3, "{path}: {checked}");
        let lines = app
            .get(&format!("{path}&include={include}&format=ndjson"))
            .await
            .expect(200);
        let lines: Vec<Value> = lines
            .text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        assert_eq!(Value::from(lines), page.body["items"], "{path}");
    }
}

/// Compares an item with included records with the item without, and each included record with its own path; returns how many there are.
async fn compare(app: &TestApp, item: &Value, plain: &Value) -> usize {
    let mut checked = 0;
    let mut places = vec![(item, plain)];
    while let Some((item, plain)) = places.pop() {
        match (item, plain) {
            (Value::Object(whole), Value::Object(reference)) => {
                if whole.len() > reference.len() {
                    let kind = if whole.contains_key("participants") {
                        "diplomatic-actions"
                    } else if whole.contains_key("reliability") {
                        "sources"
                    } else if whole.contains_key("legal_basis") {
                        "programmes"
                    } else {
                        "actors"
                    };
                    let id = whole["id"].as_str().expect("an id");
                    let own = app.get(&format!("/v1/{kind}/{id}")).await.expect(200);
                    assert_eq!(own.body, *item);
                    checked += 1;
                    continue;
                }
                places.extend(whole.iter().map(|(name, value)| (value, &reference[name])));
            }
            (Value::Array(items), Value::Array(plains)) => {
                assert_eq!(items.len(), plains.len());
                places.extend(items.iter().zip(plains));
            }
            _ => assert_eq!(item, plain),
        }
    }
    checked
}

#[tokio::test]
async fn included_records_have_fields_and_are_those_of_the_moment() {
    let desk = Desk::new().await;
    desk.sanction(json!({"citations": [{"source": desk.source}]}))
        .await;
    let moment = moment(&desk.app).await;
    let path = format!("/v1/actors/{}", desk.petro);
    desk.app
        .patch(&path, &json!({"name": "Gustavo Francisco Petro Urrego"}))
        .await
        .expect(200);
    let name_at = async |query: &str| -> Response {
        desk.app
            .get(&format!("/v1/sanctions?include=target,source&fields=target.countries.code,target.name,citations.source.reliability{query}"))
            .await
            .expect(200)
    };

    let now = name_at("").await;
    let then = name_at(&format!("&known_at={moment}")).await;

    let item = |name: &str| {
        json!([{
            "target": {"countries": [{"code": "CO"}], "name": name},
            "citations": [{"source": {"reliability": "A"}}],
        }])
    };
    assert_eq!(now.body["items"], item("Gustavo Francisco Petro Urrego"));
    assert_eq!(then.body["items"], item("Gustavo Petro"));
    let table = desk
        .app
        .get("/v1/sanctions?format=csv&include=target&fields=id,target,target.countries.code")
        .await
        .expect(200);
    assert!(
        table
            .text
            .trim_end()
            .ends_with(",Gustavo Francisco Petro Urrego,CO"),
        "{}",
        table.text
    );
    let one = desk
        .app
        .get("/v1/programmes/programme:ILLICIT-DRUGS-EO14059?include=imposer&fields=imposer.external_keys.value")
        .await
        .expect(200);
    assert_eq!(
        one.body,
        json!({"imposer": {"external_keys": [{"value": "ofac"}]}})
    );
}

#[tokio::test]
async fn what_a_list_does_not_have_is_named() {
    let app = TestApp::new().await;
    let long = "id,".repeat(200);
    for (query, pointer, detail) in [
        ("fields=", "?fields", "names no field"),
        ("fields=,,", "?fields", "names no field"),
        ("fields=id,id", "?fields", "names id twice"),
        ("fields=imposer,imposer.id", "?fields", "names imposer.id twice"),
        (
            "fields=imposer.countries",
            "?fields",
            "the fields of imposer are id, kind, name",
        ),
        ("fields=id.x", "?fields", "id has no fields"),
        ("fields=properties.", "?fields", "has no \"properties.\""),
        ("fields=id&fields=name", "?fields", "given twice"),
        (&format!("fields={long}id"), "?fields", "more than 100"),
        ("include=", "?include", "include is empty; write a value"),
        ("include=colour", "?include", "can name imposer, target"),
        ("include=imposer,imposer", "?include", "names imposer twice"),
        (
            "include=imposer&fields=id,target.name",
            "?include",
            "fields leaves imposer out; add imposer or a field of it to fields, or leave include=imposer out",
        ),
        (
            "include=imposer&format=csv",
            "?include",
            "CSV and XLSX have fixed columns: name those of the included record in fields, such as fields=id,imposer.countries.code, \
             or leave include=imposer out",
        ),
        (
            "include=source&format=csv",
            "?include",
            "such as fields=id,citations.source.reliability, or leave include=source out",
        ),
        (
            "fields=id,target.addresses",
            "?fields",
            "fields has \"target.addresses\" only with include=target; without it the fields of target are ",
        ),
        (
            "fields=citations.source.reliability&include=target",
            "?fields",
            "fields has \"citations.source.reliability\" only with include=source; without it",
        ),
        (
            "fields=target.unheard",
            "?fields",
            "fields has no \"target.unheard\"; the fields of target are ",
        ),
        ("include=imposer,colour", "?include", "not \"colour\""),
        (
            "include=imposer.countries",
            "?include",
            "not \"imposer.countries\"",
        ),
        (
            "include=source,citations.source",
            "?include",
            "names source twice",
        ),
    ] {
        let refused = app
            .get(&format!("/v1/sanctions?{query}"))
            .await
            .expect_problem(400, "malformed-request");
        assert_eq!(refused.pointers(), [pointer], "{query}");
        assert!(refused.detail().contains(detail), "{query}: {}", refused.detail());
    }
    for path in [
        "/v1/actors",
        "/v1/sources",
        "/v1/warnings",
        "/v1/vocabularies/measures",
    ] {
        let refused = app
            .get(&format!("{path}?include=source"))
            .await
            .expect_problem(400, "malformed-request");
        assert!(refused.detail().contains("refers to no other records"), "{path}");
    }
    app.get("/v1/actors?fields=properties.gender,id")
        .await
        .expect(200);
    // A part of the record is something of it, and so is what has it as a part.
    for fields in ["imposer.description", "citations"] {
        app.get(&format!(
            "/v1/sanctions?fields={fields}&include={}",
            if fields == "citations" {
                "source"
            } else {
                "imposer"
            }
        ))
        .await
        .expect(200);
    }
    // The name of a property may have points.
    let named = app
        .create(
            "actors",
            json!({"kind": "person", "name": "A. B.", "properties": {"a.b": ["1"], "a": ["2"]}}),
        )
        .await;
    let one = app
        .get(&format!("/v1/actors/{named}?fields=properties.a.b"))
        .await
        .expect(200);
    assert_eq!(one.body, json!({"properties": {"a.b": ["1"]}}));
}
