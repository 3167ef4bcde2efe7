//! The open vocabularies over HTTP.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Response, TestApp, rank};

impl TestApp {
    async fn as_admin(&self, method: Method, path: &str, body: &Value) -> Response {
        self.send(
            self.request(method, &format!("/v1/vocabularies/{path}"))
                .bearer_auth(&self.admin)
                .json(body),
        )
        .await
    }
}

#[tokio::test]
async fn the_ten_open_vocabularies_are_listed_with_their_counts_and_fields() {
    let app = TestApp::new().await;

    let told = app.get("/v1/vocabularies").await.expect(200);

    let items = told.body["items"].as_array().expect("items");
    let names: Vec<&str> = items.iter().filter_map(|item| item["name"].as_str()).collect();
    assert_eq!(
        names,
        [
            "countries",
            "actor_kinds",
            "relationship_kinds",
            "identifier_schemes",
            "measures",
            "grounds",
            "objectives",
            "action_types",
            "cameo_codes",
            "property_names"
        ]
    );
    assert_eq!(
        items[1],
        json!({
            "name": "actor_kinds",
            "description": "Kinds of actors",
            "entries": 12,
            "fields": ["code", "label", "description", "version", "created_at", "updated_at"],
        })
    );
    assert_eq!(told.body["next_cursor"], Value::Null);
    for (name, item) in names.iter().zip(items) {
        let page = app
            .get(&format!("/v1/vocabularies/{name}?count=exact&limit=1"))
            .await
            .expect(200);
        assert_eq!(page.body["total"], item["entries"], "{name}");
    }
    app.get("/v1/vocabularies?limit=1").await.expect(400);
}

#[tokio::test]
async fn an_entry_is_returned_with_all_fields_of_its_vocabulary() {
    let app = TestApp::new().await;
    let new = [
        (
            "measures",
            json!({"code": "golf_ban", "label": "Golf ban", "description": "No more rounds"}),
            json!({}),
        ),
        (
            "actor_kinds",
            json!({"code": "robot", "label": "Robot"}),
            json!({"description": null}),
        ),
        (
            "grounds",
            json!({"code": "piracy", "label": "Piracy", "description": null}),
            json!({}),
        ),
        (
            "objectives",
            json!({"code": "peace", "label": "Peace"}),
            json!({"description": null}),
        ),
        (
            "countries",
            json!({
                "code": "XA", "label": "Atlantis", "description": "Sunk", "iso3": "XAT", "iso_numeric": "999",
                "region": "Oceania", "subregion": "Sea floor", "began_on": "0500", "ended_on": "../0600",
            }),
            json!({}),
        ),
        (
            "countries",
            json!({"code": "XAXB", "label": "Lemuria"}),
            json!({
                "description": null, "iso3": null, "iso_numeric": null, "region": null, "subregion": null,
                "began_on": null, "ended_on": null,
            }),
        ),
        (
            "relationship_kinds",
            json!({"code": "teaches", "label": "teaches", "inverse_label": "taught by"}),
            json!({"description": null, "counts_for_state": false}),
        ),
        (
            "identifier_schemes",
            json!({"code": "duns", "label": "DUNS", "pattern": "^[0-9]{9}$", "is_unique": false}),
            json!({"description": null}),
        ),
        (
            "identifier_schemes",
            json!({"code": "viaf", "label": "VIAF"}),
            json!({"description": null, "is_unique": true, "pattern": null}),
        ),
        (
            "action_types",
            json!({"code": "ship_seized", "label": "Ship seized", "cameo_code": "171"}),
            json!({"description": null}),
        ),
        (
            "cameo_codes",
            json!({
                "code": "1714", "label": "Seize a ship", "quad_class": 4, "goldstein": -9.2, "goldstein_from": "171",
            }),
            json!({"description": null, "root": "17"}),
        ),
        (
            "property_names",
            json!({
                "code": "hull", "label": "Hull", "value_type": "word", "words": ["single", "double"],
                "applies_to": ["actors/vessel", "sanctions"], "ftm_name": "hull",
            }),
            json!({"description": null}),
        ),
        (
            "property_names",
            json!({"code": "depth", "label": "Depth", "value_type": "number"}),
            json!({"description": null, "words": [], "applies_to": [], "ftm_name": null}),
        ),
    ];
    for (vocabulary, body, rest) in new {
        let code = body["code"].as_str().expect("a code");

        let made = app.as_admin(Method::POST, vocabulary, &body).await.expect(201);

        let path = format!("/v1/vocabularies/{vocabulary}/{code}");
        assert_eq!(made.header("location"), path);
        let read = app.get(&format!("{path}?on=2025-11-01")).await.expect(200);
        assert_eq!(read.etag(), made.etag());
        assert_eq!(read.body, made.body);
        let mut whole = body.clone();
        json_patch_of(&mut whole, rest);
        json_patch_of(
            &mut whole,
            json!({"version": 1, "created_at": read.body["created_at"], "updated_at": read.body["updated_at"]}),
        );
        assert_eq!(read.body, whole, "{vocabulary}");
    }
}

/// Puts the fields of one object into another, null ones too.
fn json_patch_of(object: &mut Value, fields: Value) {
    let (Value::Object(object), Value::Object(fields)) = (object, fields) else {
        panic!("both are objects");
    };
    object.extend(fields);
}

#[tokio::test]
async fn putting_an_entry_back_changes_nothing() {
    let app = TestApp::new().await;
    for path in [
        "countries/CO",
        "countries/SUHH",
        "actor_kinds/person",
        "relationship_kinds/agency_of",
        "identifier_schemes/iso3166",
        "identifier_schemes/passport",
        "measures/asset_freeze",
        "grounds/narcotics",
        "objectives/policy_change",
        "action_types/airstrike",
        "cameo_codes/1213",
        "property_names/gender",
    ] {
        let read = app.get(&format!("/v1/vocabularies/{path}")).await.expect(200);

        let put = app.as_admin(Method::PUT, path, &read.body).await.expect(200);

        assert_eq!(put.body, read.body);
        assert_eq!(put.etag(), read.etag());
    }
}

#[tokio::test]
async fn put_replaces_all_of_an_entry_but_its_code() {
    let app = TestApp::new().await;
    let read = app
        .get("/v1/vocabularies/relationship_kinds/agency_of")
        .await
        .expect(200);

    let put = app
        .as_admin(
            Method::PUT,
            "relationship_kinds/agency_of",
            &json!({"label": "organ of", "inverse_label": "has as organ"}),
        )
        .await
        .expect(200);

    assert_eq!(
        put.body,
        json!({
            "code": "agency_of",
            "label": "organ of",
            "inverse_label": "has as organ",
            "description": null,
            "counts_for_state": false,
            "version": 2,
            "created_at": read.body["created_at"],
            "updated_at": put.body["updated_at"],
        })
    );
}

#[tokio::test]
async fn a_patch_removes_with_null_and_keeps_the_rest() {
    let app = TestApp::new().await;
    let read = app
        .get("/v1/vocabularies/identifier_schemes/bic")
        .await
        .expect(200);

    let patched = app
        .as_admin(
            Method::PATCH,
            "identifier_schemes/bic",
            &json!({"pattern": null, "label": "BIC"}),
        )
        .await
        .expect(200);

    assert_eq!(patched.body["pattern"], Value::Null);
    assert_eq!(patched.body["label"], "BIC");
    assert_eq!(patched.body["is_unique"], false);
    assert_eq!(patched.body["description"], read.body["description"]);
    assert_eq!(patched.body["version"], 2);
    let again = app
        .as_admin(Method::PATCH, "identifier_schemes/bic", &json!({"label": "BIC"}))
        .await
        .expect(200);
    assert_eq!(again.etag(), patched.etag());
}

#[tokio::test]
async fn etags_are_compared_on_reads_and_versions_on_writes() {
    let app = TestApp::new().await;
    let path = "/v1/vocabularies/measures/asset_freeze";
    let read = app.get(path).await.expect(200);
    let with = async |method: Method, header: &str, etag: &str, body: Value| {
        app.send(
            app.request(method, path)
                .bearer_auth(&app.admin)
                .header(header, etag)
                .json(&body),
        )
        .await
    };

    let unchanged = with(Method::GET, "if-none-match", read.etag(), json!({})).await;
    let first = with(
        Method::PATCH,
        "if-match",
        read.etag(),
        json!({"label": "Freezing of assets"}),
    )
    .await;
    let late = with(Method::PATCH, "if-match", read.etag(), json!({"label": "Freeze"})).await;
    let changed = with(Method::GET, "if-none-match", read.etag(), json!({})).await;

    unchanged.expect(304);
    first.expect(200);
    late.expect(412);
    assert_eq!(changed.expect(200).body["label"], "Freezing of assets");
}

#[tokio::test]
async fn a_code_is_unique_and_never_changes() {
    let app = TestApp::new().await;

    let taken = app
        .as_admin(
            Method::POST,
            "measures",
            &json!({"code": "asset_freeze", "label": "Again"}),
        )
        .await
        .expect(409);
    let renamed = app
        .as_admin(
            Method::PATCH,
            "measures/asset_freeze",
            &json!({"code": "freeze", "version": 7}),
        )
        .await
        .expect(422);

    assert_eq!(taken.pointers(), ["/code"]);
    assert_eq!(
        taken.body["detail"],
        "measures already has asset_freeze: Asset freeze"
    );
    assert_eq!(renamed.pointers(), ["/code", "/version"]);
}

#[tokio::test]
async fn all_faults_of_an_entry_are_reported_at_once() {
    let app = TestApp::new().await;
    for (vocabulary, body, pointers) in [
        (
            "measures",
            json!({"code": "Asset freeze", "label": " "}),
            &["/code", "/label"][..],
        ),
        (
            "countries",
            json!({
                "label": "x", "iso3": "col", "iso_numeric": "17", "region": "", "began_on": "2025", "ended_on": "2024",
            }),
            &["/code", "/iso3", "/iso_numeric", "/region", "/ended_on"],
        ),
        (
            "countries",
            json!({"code": "Colombia", "label": "x", "began_on": "long ago"}),
            &["/code", "/began_on"],
        ),
        (
            "relationship_kinds",
            json!({"code": "1st", "label": "x".repeat(501)}),
            &["/code", "/label", "/inverse_label"],
        ),
        (
            "identifier_schemes",
            json!({"version": 1, "code": "x".repeat(64), "pattern": "^[0-9"}),
            &["/version", "/code", "/label", "/pattern"],
        ),
        (
            "identifier_schemes",
            json!({"code": "a", "label": "a", "pattern": "x{300}"}),
            &["/pattern"],
        ),
        (
            "action_types",
            json!({"code": "a", "label": "a"}),
            &["/cameo_code"],
        ),
        (
            "action_types",
            json!({"code": "", "label": "a", "cameo_code": "999"}),
            &["/code", "/cameo_code"],
        ),
        (
            "cameo_codes",
            json!({"code": "21", "label": "a", "root": "21"}),
            &["/root", "/code", "/quad_class", "/goldstein"],
        ),
        (
            "cameo_codes",
            json!({
                "code": "0199", "label": "a", "quad_class": 5, "goldstein": 10.1, "goldstein_from": "0199",
            }),
            &["/quad_class", "/goldstein", "/goldstein_from"],
        ),
        (
            "cameo_codes",
            json!({
                "code": "0199", "label": "a", "quad_class": 1, "goldstein": 0.25, "goldstein_from": "019",
            }),
            &["/goldstein"],
        ),
        (
            "cameo_codes",
            json!({"code": "1999", "label": "a", "quad_class": 4, "goldstein": -10, "goldstein_from": "199"}),
            &["/goldstein_from"],
        ),
        (
            "property_names",
            json!({
                "code": "Hull", "label": "a", "value_type": "text", "words": ["a", "A"], "applies_to": ["ships", "actors/ship"],
                "ftm_name": "hull_type",
            }),
            &[
                "/code",
                "/words/1",
                "/words",
                "/applies_to/0",
                "/ftm_name",
                "/applies_to/1",
            ],
        ),
    ] {
        let told = app.as_admin(Method::POST, vocabulary, &body).await.expect(422);

        assert_eq!(told.pointers(), pointers, "{vocabulary} {body}");
    }
}

#[tokio::test]
async fn a_field_of_another_vocabulary_is_a_structural_fault() {
    let app = TestApp::new().await;
    for (path, field) in [
        ("measures", "pattern"),
        ("actor_kinds", "root"),
        ("countries", "cameo_code"),
        ("cameo_codes", "iso3"),
        ("relationship_kinds", "a~b/c"),
    ] {
        let body = json!({"code": "a", field: null});
        let pointer = format!("/{}", field.replace('~', "~0").replace('/', "~1"));

        let told = app.as_admin(Method::POST, path, &body).await.expect(400);

        assert_eq!(told.pointers(), [pointer.as_str()]);
    }
    let told = app
        .as_admin(Method::PATCH, "measures/asset_freeze", &json!({"pattern": null}))
        .await
        .expect(400);
    assert_eq!(
        told.body["detail"],
        "/pattern is not a field of measures; known are code, label, description, version, created_at, updated_at"
    );
    let told = app
        .as_admin(
            Method::PUT,
            "identifier_schemes/iso3166",
            &json!({"label": "x", "is_unique": "yes"}),
        )
        .await
        .expect(400);
    assert_eq!(told.pointers(), ["/is_unique"]);
    app.as_admin(Method::PUT, "measures/asset_freeze", &json!([]))
        .await
        .expect(400);
}

#[tokio::test]
async fn an_unknown_vocabulary_names_the_known_ones() {
    let app = TestApp::new().await;

    let told = app.get("/v1/vocabularies/colours").await.expect(404);

    assert_eq!(
        told.body["detail"],
        "colours is not an open vocabulary; known are countries, actor_kinds, relationship_kinds, identifier_schemes, \
         measures, grounds, objectives, action_types, cameo_codes, property_names"
    );
    app.get("/v1/vocabularies/colours/red").await.expect(404);
    app.get("/v1/vocabularies/measures/hugs").await.expect(404);
    app.as_admin(Method::POST, "colours", &json!({}))
        .await
        .expect(404);
    app.as_admin(Method::PUT, "measures/hugs", &json!({"label": "Hugs"}))
        .await
        .expect(404);
}

#[tokio::test]
async fn only_an_unused_code_is_deleted() {
    let app = TestApp::new().await;
    let actor = app
        .create(
            "actors",
            json!({
                "kind": "company", "name": "A holding",
                "identifiers": [{"scheme": "tax_id", "value": "1"}, {"scheme": "tax_id", "value": "2"}],
            }),
        )
        .await;
    app.create(
        "relationships",
        json!({"subject": actor, "kind": "founded", "object": "iso3166:CO"}),
    )
    .await;

    let kind = app
        .as_admin(Method::DELETE, "actor_kinds/company", &Value::Null)
        .await
        .expect(409);
    let tie = app
        .as_admin(Method::DELETE, "relationship_kinds/founded", &Value::Null)
        .await
        .expect(409);
    let country = app
        .as_admin(Method::DELETE, "countries/CO", &Value::Null)
        .await
        .expect(409);
    let scheme = app
        .as_admin(Method::DELETE, "identifier_schemes/tax_id", &Value::Null)
        .await
        .expect(409);
    let cameo = app
        .as_admin(Method::DELETE, "cameo_codes/121", &Value::Null)
        .await
        .expect(409);

    assert_eq!(
        kind.body["detail"],
        "company of actor_kinds is still used by 1 record, counted in errors"
    );
    assert_eq!(
        kind.body["errors"],
        json!([{"pointer": "", "detail": "1 of /v1/actors"}])
    );
    assert_eq!(tie.body["errors"][0]["detail"], "1 of /v1/relationships");
    assert_eq!(country.body["errors"][0]["detail"], "1 of /v1/actors");
    assert_eq!(scheme.body["errors"][0]["detail"], "1 of /v1/actors");
    let details: Vec<&str> = cameo.body["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .filter_map(|error| error["detail"].as_str())
        .collect();
    assert_eq!(
        details,
        [
            "1 of /v1/vocabularies/action_types",
            "2 of /v1/vocabularies/cameo_codes"
        ]
    );
    app.delete(&format!("/v1/actors/{actor}")).await.expect(409);
    app.as_admin(Method::DELETE, "measures/price_cap", &Value::Null)
        .await
        .expect(204);
    app.get("/v1/vocabularies/measures/price_cap").await.expect(404);
}

#[tokio::test]
async fn codes_used_by_sanctions_and_actions_are_counted() {
    let app = TestApp::new().await;
    let client = app.client().await;
    client
        .batch_execute(
            "insert into diplomatic_actions (id, type, title)
             values ('0199f000-0000-7000-8000-000000000001', 'airstrike', 'A strike');
             insert into action_countries (action_id, position, code)
             values ('0199f000-0000-7000-8000-000000000001', 0, 'VE');
             insert into sanctions (id, imposer_id, target_id)
             select '0199f000-0000-7000-8000-000000000002', imposer.actor_id, target.actor_id
             from actor_identifiers as imposer, actor_identifiers as target
             where (imposer.scheme, imposer.value) = ('iso3166', 'US')
               and (target.scheme, target.value) = ('iso3166', 'CO');
             insert into sanction_measures (sanction_id, position, measure)
             values ('0199f000-0000-7000-8000-000000000002', 0, 'asset_freeze');
             insert into sanction_grounds (sanction_id, position, ground)
             values ('0199f000-0000-7000-8000-000000000002', 0, 'narcotics');
             insert into sanction_objectives (sanction_id, position, objective)
             values ('0199f000-0000-7000-8000-000000000002', 0, 'policy_change');",
        )
        .await
        .expect("records");
    for (path, uses) in [
        ("action_types/airstrike", &["1 of /v1/diplomatic-actions"][..]),
        (
            "cameo_codes/195",
            &[
                "1 of /v1/diplomatic-actions",
                "2 of /v1/vocabularies/action_types",
                "2 of /v1/vocabularies/cameo_codes",
            ],
        ),
        (
            "countries/VE",
            &["1 of /v1/actors", "1 of /v1/diplomatic-actions"],
        ),
        ("measures/asset_freeze", &["1 of /v1/sanctions"]),
        ("grounds/narcotics", &["1 of /v1/sanctions"]),
        ("objectives/policy_change", &["1 of /v1/sanctions"]),
    ] {
        let told = app.as_admin(Method::DELETE, path, &Value::Null).await.expect(409);

        let details: Vec<&str> = told.body["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .filter_map(|error| error["detail"].as_str())
            .collect();
        assert_eq!(details, uses, "{path}");
    }
}

#[tokio::test]
async fn a_scheme_becomes_unique_only_if_no_value_has_two_owners() {
    let app = TestApp::new().await;
    let of = |name: &str| {
        json!({
            "kind": "company", "name": name,
            "identifiers": [{"scheme": "tax_id", "value": "900"}, {"scheme": "website", "value": name}],
        })
    };
    let first = app.create("actors", of("first.example")).await;
    let second = app.create("actors", of("second.example")).await;
    let unique = json!({"is_unique": true});

    let told = app
        .as_admin(Method::PATCH, "identifier_schemes/tax_id", &unique)
        .await
        .expect(409);
    app.as_admin(Method::PATCH, "identifier_schemes/website", &unique)
        .await
        .expect(200);

    assert_eq!(
        told.body["errors"],
        json!([{
            "pointer": "/is_unique",
            "detail": format!("900 belongs to first.example ({first}), second.example ({second})"),
        }])
    );
    let taken = app.post("/v1/actors", &of("first.example")).await.expect(409);
    assert_eq!(taken.pointers(), ["/identifiers/1/value"]);
    app.as_admin(
        Method::PATCH,
        "identifier_schemes/website",
        &json!({"is_unique": false}),
    )
    .await
    .expect(200);
    app.post("/v1/actors", &of("first.example")).await.expect(201);
}

#[tokio::test]
async fn a_pattern_holds_for_existing_and_new_identifiers() {
    let app = TestApp::new().await;
    let of = |value: &str| json!({"kind": "company", "name": value, "identifiers": [{"scheme": "tax_id", "value": value}]});
    let odd = app.create("actors", of("A-1")).await;
    let path = "identifier_schemes/tax_id";
    let pattern = json!({"pattern": "^[0-9]+$"});

    let told = app.as_admin(Method::PATCH, path, &pattern).await.expect(409);

    assert_eq!(
        told.body["errors"],
        json!([{"pointer": "/pattern", "detail": format!("A-1 of A-1 ({odd})")}])
    );
    app.delete(&format!("/v1/actors/{odd}")).await.expect(204);
    app.as_admin(Method::PATCH, path, &pattern).await.expect(200);
    let refused = app.post("/v1/actors", &of("A-1")).await.expect(422);
    assert_eq!(refused.pointers(), ["/identifiers/0/value"]);
    app.post("/v1/actors", &of("1")).await.expect(201);
}

#[tokio::test]
async fn a_three_letter_code_belongs_to_one_country() {
    let app = TestApp::new().await;

    let posted = app
        .as_admin(
            Method::POST,
            "countries",
            &json!({"code": "XA", "label": "Atlantis", "iso3": "COL"}),
        )
        .await
        .expect(409);
    let patched = app
        .as_admin(Method::PATCH, "countries/VE", &json!({"iso3": "COL"}))
        .await
        .expect(409);

    for told in [posted, patched] {
        assert_eq!(told.pointers(), ["/iso3"]);
        assert_eq!(told.body["detail"], "COL already belongs to Colombia (CO)");
    }
}

#[tokio::test]
async fn a_kind_of_relationship_counts_for_states_once_an_admin_sets_it() {
    let app = TestApp::new().await;
    let proxy = app
        .create("actors", json!({"kind": "armed_group", "name": "A proxy"}))
        .await;
    app.create(
        "relationships",
        json!({"subject": proxy, "kind": "acts_for", "object": "iso3166:VE"}),
    )
    .await;
    app.create(
        "programmes",
        json!({"code": "PROXY", "name": "Of the proxy", "imposer": proxy}),
    )
    .await;
    let counted = async || {
        let page = app
            .get("/v1/programmes?imposer=iso3166:VE&counted=state")
            .await
            .expect(200);
        page.body["items"].as_array().expect("items").len()
    };
    assert_eq!(counted().await, 0);

    app.as_admin(
        Method::PATCH,
        "relationship_kinds/acts_for",
        &json!({"counts_for_state": true}),
    )
    .await
    .expect(200);

    assert_eq!(counted().await, 1);
}

#[tokio::test]
async fn pages_hold_every_entry_once_under_every_sort() {
    let app = TestApp::new().await;
    let sorts = ["code", "created_at", "updated_at"];

    for vocabulary in ["cameo_codes", "measures"] {
        let path = format!("/v1/vocabularies/{vocabulary}");
        app.assert_pages_are_whole(&path, "", &sorts, "code", rank).await;
    }
}

#[tokio::test]
async fn entries_are_sorted_by_code_by_default() {
    let app = TestApp::new().await;
    let codes = |items: Vec<Value>| -> Vec<String> {
        items
            .iter()
            .map(|item| item["code"].as_str().expect("a code").to_owned())
            .collect()
    };

    let unsorted = codes(app.walk("/v1/vocabularies/action_types", "", 10).await);
    let sorted = codes(app.walk("/v1/vocabularies/action_types", "sort=code", 10).await);
    let by_label = codes(app.walk("/v1/vocabularies/action_types", "sort=-label", 10).await);
    let two = codes(
        app.walk("/v1/vocabularies/measures", "code=tariff&code=asset_freeze", 1)
            .await,
    );

    assert!(unsorted.len() > 50);
    assert_eq!(unsorted, sorted);
    assert_eq!(by_label.len(), sorted.len());
    assert_eq!(two, ["asset_freeze", "tariff"]);
    let told = app.get("/v1/vocabularies/measures?colour=red").await.expect(400);
    assert_eq!(told.pointers(), ["?colour"]);
}

#[tokio::test]
async fn entries_stream_as_csv_with_the_header_of_their_vocabulary_and_as_ndjson() {
    let app = TestApp::new().await;
    let read = app
        .get("/v1/vocabularies/identifier_schemes/bic")
        .await
        .expect(200);

    let schemes = app
        .get("/v1/vocabularies/identifier_schemes?format=csv")
        .await
        .expect(200);
    let codes = app
        .get("/v1/vocabularies/cameo_codes?format=csv&code=1213")
        .await
        .expect(200);
    let ndjson = app
        .get("/v1/vocabularies/identifier_schemes?format=ndjson&code=bic")
        .await
        .expect(200);

    let lines: Vec<&str> = schemes.text.split("\r\n").collect();
    assert_eq!(
        lines[0],
        "code,label,description,is_unique,pattern,version,created_at,updated_at"
    );
    assert!(lines.iter().any(|line| line.starts_with(
        "bic,BIC (SWIFT code),Eight or eleven characters by ISO 9362 for a bank or a branch of it,false,\
         ^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$,1,2"
    )));
    let lines: Vec<&str> = codes.text.split("\r\n").collect();
    assert_eq!(
        lines[0],
        "code,label,description,root,quad_class,goldstein,goldstein_from,version,created_at,updated_at"
    );
    assert!(lines[1].starts_with(
        "1213,Reject judicial cooperation,GDELT publishes no score for it: it takes the score of 121,12,3,-4.0,121,1,"
    ));
    assert_eq!(
        serde_json::from_str::<Value>(&ndjson.text).expect("one line"),
        read.body
    );
}

#[tokio::test]
async fn a_post_with_an_idempotency_key_makes_one_entry() {
    let app = TestApp::new().await;
    let send = async || {
        app.send(
            app.request(Method::POST, "/v1/vocabularies/measures")
                .bearer_auth(&app.admin)
                .header("idempotency-key", "once")
                .json(&json!({"code": "golf_ban", "label": "Golf ban"})),
        )
        .await
        .expect(201)
    };

    let (first, second) = (send().await, send().await);

    assert_eq!(first.body, second.body);
    assert_eq!(first.header("location"), second.header("location"));
}

#[tokio::test]
async fn only_admins_write_vocabularies() {
    let app = TestApp::new().await;
    let body = json!({"code": "golf_ban", "label": "Golf ban"});
    for (method, path) in [
        (Method::POST, "/v1/vocabularies/measures"),
        (Method::PUT, "/v1/vocabularies/measures/asset_freeze"),
        (Method::PATCH, "/v1/vocabularies/measures/asset_freeze"),
        (Method::DELETE, "/v1/vocabularies/measures/asset_freeze"),
    ] {
        for (token, status) in [(Some(&app.analyst), 403), (Some(&app.reader), 403), (None, 401)] {
            let mut request = app.request(method.clone(), path).json(&body);
            if let Some(token) = token {
                request = request.bearer_auth(token);
            }

            app.send(request).await.expect(status);
        }
    }
    let read = app
        .send(
            app.request(Method::GET, "/v1/vocabularies/measures/asset_freeze")
                .bearer_auth(&app.reader),
        )
        .await
        .expect(200);
    assert_eq!(read.body["version"], 1);
}

#[tokio::test]
async fn the_list_of_vocabularies_is_json_alone() {
    let app = TestApp::new().await;
    let accepting = |accept: &'static str| {
        let request = app.request(reqwest::Method::GET, "/v1/vocabularies");
        app.send(request.bearer_auth(&app.reader).header("accept", accept))
    };

    accepting("text/csv").await.expect_problem(406, "not-acceptable");
    accepting("application/json").await.expect(200);
}
