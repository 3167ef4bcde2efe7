//! Addresses of actors.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn an_address_is_stored_in_parts_filtered_by_and_shown_in_bi() {
    let app = TestApp::new().await;
    let trader = app
        .create(
            "actors",
            json!({
                "kind": "company", "name": "Alpha Trading ZZ",
                "addresses": [
                    {"street": "Calle 1", "city": "Bogotá", "postal_code": "110111", "country": "CO", "from": "2015", "until": "2018-03"},
                    {"full": "PO Box 1, Panama City, Panama", "country": "PA"},
                    {"country": "IR"},
                ],
            }),
        )
        .await;
    app.create("actors", json!({"kind": "company", "name": "Beta ZZ"}))
        .await;
    let path = format!("/v1/actors/{trader}");

    for query in [
        "address.city=bogota",
        "address.country=CO&address.city=BOGOTÁ",
        "address.country=iso3166:PA",
        "address.country=IR&address.country=SE",
    ] {
        let found = app.ids(&format!("/v1/actors?{query}")).await;
        assert_eq!(found, std::slice::from_ref(&trader), "{query}");
    }
    assert!(app.ids("/v1/actors?address.country=SE").await.is_empty());
    app.get("/v1/actors?address.country=Colombia")
        .await
        .expect_problem(422, "invalid-record");
    assert_eq!(
        app.rows("select position, full_address, street, city, postal_code, country_code, country, address_from, address_from_earliest, \
             address_until_latest from bi.actor_addresses order by position"
        )
        .await,
        [
            "0|Calle 1|Bogotá|110111|CO|Colombia|2015|2015-01-01|2018-03-31",
            "1|PO Box 1, Panama City, Panama|PA|Panama",
            "2|IR|Iran",
        ]
    );
    let read = app.get(&path).await.expect(200);
    assert_eq!(
        read.body["addresses"][2],
        json!({
            "full": null, "street": null, "city": null, "region": null, "postal_code": null, "country": "IR",
            "from": null, "until": null,
        })
    );

    let told = app
        .patch(
            &path,
            &json!({"addresses": [
                {}, {"city": " "}, {"city": "Cali", "country": "ZZ"}, {"city": "Cali", "from": "2020", "until": "2019"},
                {"city": "Cali"}, {"city": "Cali"},
            ]}),
        )
        .await
        .expect(422);
    assert_eq!(
        told.pointers(),
        [
            "/addresses/0",
            "/addresses/1/city",
            "/addresses/3/until",
            "/addresses/5",
            "/addresses/2/country",
        ]
    );
    app.patch(&path, &json!({"addresses": []})).await.expect(200);
    assert!(app.ids("/v1/actors?address.country=PA").await.is_empty());
    let moment = read.body["updated_at"].as_str().expect("a time");
    let before = app
        .ids(&format!(
            "/v1/actors?address.country=PA&address.city=bogota&known_at={moment}"
        ))
        .await;
    assert!(before.is_empty() || before == [trader.clone()]);
    let history = app.get(&format!("{path}/history/1")).await.expect(200);
    assert_eq!(history.body["record"]["addresses"], read.body["addresses"]);
    let restored = app
        .post(&format!("{path}/restore"), &json!({"version": 1}))
        .await
        .expect(200);
    assert_eq!(restored.body["addresses"], read.body["addresses"]);
}
