//! Properties by their registered names: their types, filters and views.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::TestApp;

#[tokio::test]
async fn a_registered_property_has_values_of_its_type() {
    let app = TestApp::new().await;
    let person =
        |properties: Value| json!({"kind": "person", "name": "Alpha Tester", "properties": properties});

    for (properties, pointers) in [
        (json!({"gender": ["Female"]}), vec!["/properties/gender/0"]),
        (
            json!({"birth_date": ["1960", "soon"]}),
            vec!["/properties/birth_date/1"],
        ),
        (
            json!({"height": ["180 cm"], "weight": ["80.5"]}),
            vec!["/properties/height/0"],
        ),
        (
            json!({"birth_country": ["Cuba"]}),
            vec!["/properties/birth_country/0"],
        ),
        (json!({"source_url": ["list"]}), vec!["/properties/source_url/0"]),
        (
            json!({"birth_place": [" "], "whatever/else": [""]}),
            vec!["/properties/birth_place/0"],
        ),
    ] {
        let told = app
            .post("/v1/actors", &person(properties.clone()))
            .await
            .expect(422);
        assert_eq!(told.pointers(), pointers, "{properties}");
    }
    let told = app
        .post("/v1/actors", &person(json!({"gender": ["f"]})))
        .await
        .expect(422);
    assert_eq!(
        told.body["errors"][0]["detail"],
        "must be one of female, male, other, not \"f\""
    );
    for resource in [
        "sources",
        "sanctions",
        "relationships",
        "programmes",
        "diplomatic-actions",
    ] {
        let told = app
            .post(
                &format!("/v1/{resource}"),
                &json!({"properties": {"amendment_date": ["x"]}}),
            )
            .await
            .expect(422);
        assert!(
            told.pointers().contains(&"/properties/amendment_date/0"),
            "{resource}"
        );
    }
    // The database refuses it as well.
    let client = app.client().await;
    for sql in [
        "insert into actors (kind, name, properties) values ('person', 'x', '{\"gender\": [\"f\"]}')",
        "insert into sources (kind, title, properties) values ('other', 'x', '{\"amendment_date\": [\"f\"]}')",
    ] {
        let refused = client.batch_execute(sql).await.expect_err("refused");
        let constraint = refused.as_db_error().and_then(|error| error.constraint());
        assert_eq!(constraint, Some("property_values_check"), "{sql}");
    }

    let alpha = app
        .create(
            "actors",
            person(json!({
                "gender": ["female"], "birth_date": ["1960", "1962-04-01"], "birth_place": ["Santiago de Cuba"], "height": ["170.0"],
                "birth_country": ["CU"], "Unregistered Name": ["Größe"],
            })),
        )
        .await;
    app.create("actors", person(json!({"gender": ["male"]}))).await;
    for (query, is_found) in [
        ("property.gender=female", true),
        ("property.gender=FEMALE", true),
        ("property.gender=other", false),
        ("property.gender=other&property.gender=female", true),
        ("property.gender=female&property.birth_place=Havana", false),
        ("property.birth_place=SANTIAGO-DE-CUBA", true),
        ("property.birth_date=1962", true),
        ("property.birth_date=1960-05", true),
        ("property.birth_date=1961", false),
        ("property.height=170", true),
        ("property.birth_country=CU", true),
        ("property.Unregistered%20Name=grosse", true),
    ] {
        let found = app.ids(&format!("/v1/actors?{query}")).await;
        let expected: &[String] = if is_found {
            std::slice::from_ref(&alpha)
        } else {
            &[]
        };
        assert_eq!(found, expected, "{query}");
    }
    for (query, detail) in [
        (
            "property.gender=f",
            "must be one of female, male, other, not \"f\"",
        ),
        (
            "property.gendre=female",
            "gendre is neither a name of the vocabulary property_names nor a property of any record here; \
             /v1/vocabularies/property_names lists the registered names",
        ),
    ] {
        let told = app.get(&format!("/v1/actors?{query}")).await.expect(422);
        assert_eq!(told.body["errors"][0]["detail"], detail);
    }
    for query in ["property=female", "property.=female"] {
        app.get(&format!("/v1/actors?{query}")).await.expect(400);
    }
    app.get("/v1/vocabularies/measures?property.gender=female")
        .await
        .expect(400);
    assert!(
        app.ids("/v1/claims?property.amendment_date=2020")
            .await
            .is_empty()
    );
    assert_eq!(
        app.rows(&format!(
                "select property, property_label, ftm_name, position, value, value_number, value_earliest, value_latest, \
                 value_country from bi.properties where resource = 'actors' and record_id = '{alpha}' order by property, position"
            )
        )
        .await,
        [
            "Unregistered Name|0|Größe",
            "birth_country|Country of birth|birthCountry|0|CU|Cuba",
            "birth_date|Further date of birth|birthDate|0|1960|1960-01-01|1960-12-31",
            "birth_date|Further date of birth|birthDate|1|1962-04-01|1962-04-01|1962-04-01",
            "birth_place|Place of birth|birthPlace|0|Santiago de Cuba",
            "gender|Gender|gender|0|female",
            "height|Height|height|0|170.0|170.0",
        ]
    );
}

#[tokio::test]
async fn a_name_is_registered_only_with_a_type_that_its_values_are_of() {
    let app = TestApp::new().await;
    let send = async |method: Method, path: &str, body: Value| {
        let request = app.request(method, &format!("/v1/vocabularies/property_names{path}"));
        app.send(request.bearer_auth(&app.admin).json(&body)).await
    };
    app.create(
        "sources",
        json!({"kind": "other", "title": "x", "properties": {"pages": ["many"]}}),
    )
    .await;

    let told = send(
        Method::POST,
        "",
        json!({"code": "pages", "label": "Pages", "value_type": "number"}),
    )
    .await
    .expect(409);
    assert_eq!(told.pointers(), ["/value_type"]);
    send(
        Method::POST,
        "",
        json!({"code": "pages", "label": "Pages", "value_type": "text"}),
    )
    .await
    .expect(201);
    send(Method::PATCH, "/pages", json!({"value_type": "date"}))
        .await
        .expect(409);
    send(Method::DELETE, "/pages", Value::Null).await.expect(409);
    let client = app.client().await;
    let refused = client
        .batch_execute("update property_names set value_type = 'date' where code = 'pages'")
        .await
        .expect_err("refused");
    let constraint = refused.as_db_error().and_then(|error| error.constraint());
    assert_eq!(constraint, Some("property_names_values_check"));

    // Which kinds of records there are is not for the table to say, so that a new one needs no migration.
    client
        .batch_execute(
            "update property_names set applies_to = '{treaties,actors/new_kind}' where code = 'pages'",
        )
        .await
        .expect("updated");
    for homes in ["{Treaties}", "{actors/}", "{a,NULL}", "{\"\"}"] {
        let refused = client
            .execute(
                "update property_names set applies_to = $1::text::text[]",
                &[&homes],
            )
            .await
            .expect_err(homes);
        let constraint = refused.as_db_error().and_then(|error| error.constraint());
        assert_eq!(constraint, Some("property_names_applies_to_check"), "{homes}");
    }
    assert_eq!(
        app.rows("select description from property_names where code = 'father_name'")
            .await,
        ["Name of a person's father"]
    );

    // The type waits for the transaction that writes a value.
    let writing = app.client().await;
    writing
        .batch_execute(
            "begin; insert into sources (kind, title, properties) values ('other', 'y', '{\"note\": [\"many\"]}')",
        )
        .await
        .expect("inserted");
    let waits = client
        .batch_execute(
            "set lock_timeout = '200ms'; update property_names set value_type = 'number' where code = 'note'",
        )
        .await
        .expect_err("waits");
    assert_eq!(waits.code().map(|code| code.code()), Some("55P03"));
    writing.batch_execute("commit").await.expect("committed");
    let refused = client
        .batch_execute("update property_names set value_type = 'number' where code = 'note'")
        .await
        .expect_err("refused");
    let constraint = refused.as_db_error().and_then(|error| error.constraint());
    assert_eq!(constraint, Some("property_names_values_check"));
}
