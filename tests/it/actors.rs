//! Actors over HTTP.

use serde_json::{Value, json};

use crate::support::{TestApp, demarche};

/// Actors are cached, and a read must never return an old version from the cache.
#[tokio::test]
async fn a_read_returns_every_change_of_the_actor_also_one_by_sql() {
    let app = TestApp::new().await;
    let client = app.client().await;
    let id = app
        .create("actors", json!({"kind": "person", "name": "Ada"}))
        .await;
    let path = format!("/v1/actors/{id}");
    app.get(&path).await.expect(200);
    let by_hand = async |sql: &str, expected: &str, field: &str| {
        client.batch_execute(&sql.replace("{id}", &id)).await.unwrap();
        let first = app.get(&path).await.expect(200);
        let again = app.get(&path).await.expect(200);
        assert_eq!(first.body[field].to_string(), expected, "{sql}");
        assert_eq!(first.body, again.body);
        assert_eq!(first.etag(), again.etag());
        first.etag().to_owned()
    };

    let renamed = by_hand(
        "update actors set name = 'Ada Lovelace' where id = '{id}'",
        r#""Ada Lovelace""#,
        "name",
    )
    .await;
    let child = by_hand(
        "insert into actor_countries (actor_id, position, code, role) values ('{id}', 0, 'GB', 'nationality')",
        r#"[{"code":"GB","from":null,"role":"nationality","until":null}]"#,
        "countries",
    )
    .await;
    by_hand(
        "delete from actor_countries where actor_id = '{id}'",
        "[]",
        "countries",
    )
    .await;
    // Another actor takes the id of a deleted one.
    by_hand(
        "delete from actors where id = '{id}'; insert into actors (id, kind, name) values ('{id}', 'company', 'Engine')",
        r#""Engine""#,
        "name",
    )
    .await;

    // Past the triggers that count versions, and with a number of its own choice.
    by_hand(
        "begin; set local session_replication_role = replica;
         update actors set name = 'Engine II' where id = '{id}'; commit",
        r#""Engine II""#,
        "name",
    )
    .await;
    by_hand(
        "begin; create temporary table kept on commit drop as select version, changed_in from actors where id = '{id}';
         delete from actors where id = '{id}';
         insert into actors (id, kind, name, version, changed_in)
           select '{id}', 'company', 'Engine III', version, changed_in from kept; commit",
        r#""Engine III""#,
        "name",
    )
    .await;

    assert_ne!(renamed, child);
    client
        .batch_execute(&format!("delete from actors where id = '{id}'"))
        .await
        .unwrap();
    app.get(&path).await.expect_problem(404, "not-found");
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_readers_never_see_an_earlier_version_again() {
    let app = TestApp::new().await;
    let id = app
        .create("actors", json!({"kind": "person", "name": "name 1"}))
        .await;
    let path = format!("/v1/actors/{id}");
    let reading = async || {
        let mut last = 0;
        while last < 30 {
            let answer = app.get(&path).await.expect(200);
            let version = answer.body["version"].as_i64().unwrap();
            assert!(version >= last, "{version} after {last}");
            assert_eq!(answer.body["name"], format!("name {version}"));
            last = version;
        }
    };
    let writing = async {
        for version in 2..=30 {
            let body = json!({"name": format!("name {version}")});
            app.patch(&path, &body).await.expect(200);
            // The next read returns what was acknowledged.
            assert_eq!(app.get(&path).await.expect(200).body["version"], version);
        }
    };

    let readers: Vec<_> = (0..8).map(|_| reading()).collect();
    tokio::join!(futures_util::future::join_all(readers), writing);
}

#[tokio::test]
async fn a_country_is_its_code_or_the_key_of_its_state() {
    let app = TestApp::new().await;
    let person = app
        .create(
            "actors",
            json!({"kind": "person", "name": "Jane Doe", "countries": [{"code": "GB", "role": "nationality"}]}),
        )
        .await;

    for country in ["GB", "iso3166:GB", "iso3166:GB&country=SUHH"] {
        let found = app
            .get(&format!("/v1/actors?kind=person&country={country}"))
            .await
            .expect(200);
        assert_eq!(found.ids(), std::slice::from_ref(&person), "{country}");
    }
    let wrong = app.get("/v1/actors?country=iso3166:ZZ").await;
    let wrong = wrong.expect_problem(422, "invalid-record");
    assert_eq!(
        wrong.body["errors"][0]["detail"],
        "ZZ is not a code of the vocabulary countries; /v1/vocabularies/countries lists its codes"
    );
}

#[tokio::test]
async fn a_name_and_a_country_have_the_time_in_which_they_held() {
    let app = TestApp::new().await;
    let ship = app
        .create(
            "actors",
            json!({
                "kind": "vessel", "name": "Gamma Star",
                "names": [
                    {"name": "Delta Moon", "kind": "former", "from": "2010", "until": "2015-06"},
                    {"name": "Delta Moon", "kind": "former", "from": "2017", "until": "2018"},
                ],
                "countries": [
                    {"code": "PA", "role": "flag", "from": "2010", "until": "2015"},
                    {"code": "LR", "role": "flag", "from": "2016", "until": "2018-12-31"},
                    {"code": "PA", "role": "flag", "from": "2019-01-01"},
                ],
            }),
        )
        .await;
    let office = app
        .create("actors", json!({"kind": "government_body", "name": "Office"}))
        .await;
    let mut sanctions = Vec::new();
    for day in ["2012-05-01", "2017-05-01", "2020-05-01"] {
        let body = json!({"imposer": office, "target": ship, "imposed_on": day});
        sanctions.push(app.create("sanctions", body).await);
    }

    for (query, is_found) in [
        ("name=delta+moon", true),
        ("country=LR", true),
        ("country=LR&on=2017-01-01", true),
        ("country=LR&on=2012-01-01", false),
        ("country=PA&on=2015-06-01", true),
    ] {
        let found = app.ids(&format!("/v1/actors?{query}")).await;
        assert_eq!(found.contains(&ship), is_found, "{query}");
    }
    for (state, expected) in [("PA", vec![0, 2]), ("LR", vec![1])] {
        let found = app
            .ids(&format!(
                "/v1/sanctions?target=iso3166:{state}&counted=state&sort=imposed_on"
            ))
            .await;
        let expected: Vec<String> = expected
            .into_iter()
            .map(|index| sanctions[index].clone())
            .collect();
        assert_eq!(found, expected, "{state}");
    }
    assert_eq!(
        app.rows("select target_state_code from bi.sanctions order by imposed_on_earliest")
            .await,
        ["PA", "LR", "PA"]
    );
    let (code, _, errors) = demarche(&app.database, &["bi", "refresh"], "");
    assert_eq!(code, Some(0), "{errors}");
    assert_eq!(
        app.rows("select target_state_code from bi.sanctions order by imposed_on_earliest")
            .await,
        ["PA", "LR", "PA"]
    );
    assert_eq!(
        app.rows("select country_code, country_from, country_until_latest from bi.actor_countries where actor = 'Gamma Star' order by position"
        )
        .await,
        ["PA|2010|2015-12-31", "LR|2016|2018-12-31", "PA|2019-01-01"]
    );
    assert_eq!(
        app.rows("select name, name_from, name_until from bi.actor_names where actor = 'Gamma Star' and position = 1"
        )
        .await,
        ["Delta Moon|2010|2015-06"]
    );
}

#[tokio::test]
async fn a_text_that_is_given_twice_as_a_name_is_taken_once_and_reported() {
    let app = TestApp::new().await;

    let made = app
        .post(
            "/v1/actors",
            &json!({
                "kind": "person", "name": "Eta Tester",
                "names": [
                    {"name": "Abu Eta", "kind": "weak_alias"},
                    {"name": "Eta Tester", "kind": "alias"},
                    {"name": "Abu Eta", "kind": "alias"},
                    {"name": "E. T.", "kind": "acronym"},
                    {"name": "E. T.", "kind": "acronym"},
                    {"name": "Abu Eta", "kind": "alias", "lang": "ar"},
                ],
            }),
        )
        .await
        .expect(201);

    let names: Vec<String> = made.body["names"]
        .as_array()
        .expect("names")
        .iter()
        .map(|name| format!("{} {}", name["name"].as_str().unwrap_or_default(), name["kind"]))
        .collect();
    assert_eq!(
        names,
        ["Abu Eta \"alias\"", "E. T. \"acronym\"", "Abu Eta \"alias\""]
    );
    assert_eq!(
        made.body["warnings"],
        json!([
            {"pointer": "/names/0", "detail": "has the text of element 2; it is taken once, as alias"},
            {"pointer": "/names/1", "detail": "is the main name as well; it is taken once"},
            {"pointer": "/names/4", "detail": "has the text of element 3; it is taken once, as acronym"},
        ])
    );
    let strict = json!({
        "kind": "person", "name": "Theta", "names": [{"name": "Th", "kind": "alias"}, {"name": "Th", "kind": "weak_alias"}],
    });
    let told = app.post("/v1/actors?strict=true", &strict).await.expect(422);
    assert_eq!(told.pointers(), ["/names/1"]);
}

#[tokio::test]
async fn a_name_is_the_same_by_one_rule_in_requests_and_merges_and_keeps_its_dates() {
    let app = TestApp::new().await;
    let named = |name: &str, kind: &str, lang: Value, from: Value, until: Value| json!({"name": name, "kind": kind, "lang": lang, "from": from, "until": until});
    let dated = named("Iota", "alias", Value::Null, json!("1990"), json!("2000"));
    let arabic = named("Lambda", "alias", json!("ar"), Value::Null, Value::Null);
    let made = app
        .post(
            "/v1/actors",
            &json!({"kind": "person", "name": "Iota", "names": [dated, {"name": "Iota", "kind": "former"}, arabic]}),
        )
        .await
        .expect(201);
    assert_eq!(made.body["names"], json!([dated, arabic]));
    assert_eq!(
        made.body["warnings"],
        json!([{"pointer": "/names/1", "detail": "is the main name as well; it is taken once"}])
    );
    let into = format!("/v1/actors/{}", made.body["id"].as_str().expect("an id"));

    let held = named("Nu", "former", Value::Null, json!("1980"), json!("1985"));
    let later = named("Iota", "former", Value::Null, json!("2005"), json!("2010"));
    let away = app
        .create(
            "actors",
            json!({
                "kind": "person", "name": "Nu",
                "names": [{"name": "Lambda", "kind": "weak_alias", "lang": "ar"}, held, later],
            }),
        )
        .await;
    let merged = app
        .post(
            &format!("/v1/actors/{away}/merge"),
            &json!({"into": made.body["id"]}),
        )
        .await
        .expect(200);
    assert_eq!(
        merged.body["merged"]["dropped"],
        json!([
            {"pointer": "/name", "detail": "exists already"},
            {"pointer": "/names/0", "detail": "exists already"},
        ])
    );
    let united = app.get(&into).await.expect(200).body;
    assert_eq!(united["names"], json!([dated, arabic, held, later]));
    // What a merge leaves is what a request may send.
    let sent = app
        .patch(&into, &json!({"names": united["names"]}))
        .await
        .expect(200);
    assert_eq!(sent.body["version"], united["version"]);
    app.post(&format!("/v1/actors/{away}/restore"), &json!({"version": 1}))
        .await
        .expect(200);
    assert_eq!(
        app.get(&into).await.expect(200).body["names"],
        json!([dated, arabic])
    );
}
