//! Actors over HTTP.

use serde_json::json;

use crate::support::TestApp;

/// Actors are cached, and a read must never return an old version from the cache.
#[tokio::test]
async fn a_read_returns_a_change_of_the_actor_whoever_wrote_it() {
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
