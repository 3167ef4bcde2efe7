//! What entries of real lists say: addresses, properties by their registered names, dated names and countries, and shares
//! between two percentages.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestApp, demarche};

async fn ids(app: &TestApp, path: &str) -> Vec<String> {
    app.get(path).await.expect(200).ids()
}

/// The columns of the rows that a statement selects, joined by `|`; nulls are left out.
async fn rows(app: &TestApp, sql: &str) -> Vec<String> {
    let client = app.client().await;
    let rows = client
        .query(
            &format!(
                "select (select string_agg(field.value, '|') from json_each_text(row_to_json(selected)) as field \
                 where field.value is not null) from ({sql}) as selected"
            ),
            &[],
        )
        .await
        .expect("rows");
    rows.iter().map(|row| row.get(0)).collect()
}

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
        let found = ids(&app, &format!("/v1/actors?{query}")).await;
        assert_eq!(found, std::slice::from_ref(&trader), "{query}");
    }
    assert!(ids(&app, "/v1/actors?address.country=SE").await.is_empty());
    app.get("/v1/actors?address.country=Colombia")
        .await
        .expect_problem(422, "invalid-record");
    assert_eq!(
        rows(
            &app,
            "select position, full_address, street, city, postal_code, country_code, country, address_from, address_from_earliest, \
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
    assert!(ids(&app, "/v1/actors?address.country=PA").await.is_empty());
    let moment = read.body["updated_at"].as_str().expect("a time");
    let before = ids(
        &app,
        &format!("/v1/actors?address.country=PA&address.city=bogota&known_at={moment}"),
    )
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
        let found = ids(&app, &format!("/v1/actors?{query}")).await;
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
        ids(&app, "/v1/claims?property.amendment_date=2020")
            .await
            .is_empty()
    );
    assert_eq!(
        rows(
            &app,
            &format!(
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
        rows(
            &app,
            "select description from property_names where code = 'father_name'"
        )
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
        let found = ids(&app, &format!("/v1/actors?{query}")).await;
        assert_eq!(found.contains(&ship), is_found, "{query}");
    }
    for (state, expected) in [("PA", vec![0, 2]), ("LR", vec![1])] {
        let found = ids(
            &app,
            &format!("/v1/sanctions?target=iso3166:{state}&counted=state&sort=imposed_on"),
        )
        .await;
        let expected: Vec<String> = expected
            .into_iter()
            .map(|index| sanctions[index].clone())
            .collect();
        assert_eq!(found, expected, "{state}");
    }
    assert_eq!(
        rows(
            &app,
            "select target_state_code from bi.sanctions order by imposed_on_earliest"
        )
        .await,
        ["PA", "LR", "PA"]
    );
    let (code, _, errors) = demarche(&app.database, &["bi", "refresh"], "");
    assert_eq!(code, Some(0), "{errors}");
    assert_eq!(
        rows(
            &app,
            "select target_state_code from bi.sanctions order by imposed_on_earliest"
        )
        .await,
        ["PA", "LR", "PA"]
    );
    assert_eq!(
        rows(
            &app,
            "select country_code, country_from, country_until_latest from bi.actor_countries where actor = 'Gamma Star' order by position"
        )
        .await,
        ["PA|2010|2015-12-31", "LR|2016|2018-12-31", "PA|2019-01-01"]
    );
    assert_eq!(
        rows(
            &app,
            "select name, name_from, name_until from bi.actor_names where actor = 'Gamma Star' and position = 1"
        )
        .await,
        ["Delta Moon|2010|2015-06"]
    );
}

#[tokio::test]
async fn a_share_may_be_an_interval() {
    let app = TestApp::new().await;
    let tie = |share: Value| json!({"subject": "iso3166:CO", "kind": "owns", "object": "iso3166:US", "share_percent": share});

    for (given, returned) in [
        (json!({"min": 25, "max": 50}), json!({"min": 25.0, "max": 50.0})),
        (json!({"min": 75}), json!({"min": 75.0, "max": 100.0})),
        (json!({"max": 12.5}), json!({"min": 0.0, "max": 12.5})),
        (json!({"min": 30, "max": 30}), json!(30.0)),
        (json!(40), json!(40.0)),
    ] {
        let made = app.post("/v1/relationships", &tie(given)).await.expect(201);
        assert_eq!(made.body["share_percent"], returned);
        let path = format!("/v1/relationships/{}", made.id());
        let put = app.put(&path, &made.body).await.expect(200);
        assert_eq!(put.body, made.body);
    }
    for (given, pointer) in [
        (json!({"min": 50, "max": 25}), "/share_percent/max"),
        (json!({"min": -1, "max": 25}), "/share_percent/min"),
        (json!({"min": 1, "max": 100.5}), "/share_percent/max"),
    ] {
        let told = app.post("/v1/relationships", &tie(given)).await.expect(422);
        assert_eq!(told.pointers(), [pointer]);
    }
    for given in [
        json!({}),
        json!({"min": "a"}),
        json!({"least": 1}),
        json!([25, 50]),
    ] {
        app.post("/v1/relationships", &tie(given)).await.expect(400);
    }
    assert_eq!(ids(&app, "/v1/relationships?share_at_least=30").await.len(), 3);
    app.get("/v1/relationships?share_at_least=a").await.expect(400);
    assert_eq!(
        rows(
            &app,
            "select coalesce(share_percent::text, '-'), share_percent_min, share_percent_max from bi.relationships \
             where kind = 'owns' order by share_percent_min"
        )
        .await,
        ["-|0.00|12.50", "-|25.00|50.00", "30.00|30.00|30.00", "40.00|40.00|40.00", "-|75.00|100.00"]
    );
}

#[tokio::test]
async fn records_swap_their_keys_in_one_batch() {
    let app = TestApp::new().await;
    let actor = |name: &str, value: &str, key: &str| {
        json!({
            "kind": "person", "name": name, "identifiers": [{"scheme": "wikidata", "value": value}],
            "external_keys": [{"scheme": "list", "value": key}],
        })
    };
    let one = app.create("actors", actor("One", "Q900000111", "1")).await;
    let other = app.create("actors", actor("Other", "Q900000222", "2")).await;
    let programme = |code: &str| json!({"code": code, "name": code, "imposer": one});
    let first = app.create("programmes", programme("FIRST")).await;
    let second = app.create("programmes", programme("SECOND")).await;
    let entry = |uid: &str| json!({"imposer": one, "target": other, "list_code": "a_list", "list_uid": uid, "imposed_on": "2020"});
    let e1 = app.create("sanctions", entry("e1")).await;
    let e2 = app.create("sanctions", entry("e2")).await;
    let patch = |resource: &str, id: &str, body: Value| json!({"method": "PATCH", "resource": resource, "ref": id, "body": body});
    let keys = |value: &str, key: &str| {
        json!({
            "identifiers": [{"scheme": "wikidata", "value": value}], "external_keys": [{"scheme": "list", "value": key}],
        })
    };

    let swapped = app
        .post(
            "/v1/batch",
            &json!({"operations": [
                patch("sanctions", &e1, json!({"list_uid": "e2"})),
                patch("sanctions", &e2, json!({"list_uid": "e1"})),
                patch("actors", &one, keys("Q900000222", "2")),
                patch("actors", &other, keys("Q900000111", "1")),
                patch("programmes", &first, json!({"code": "SECOND"})),
                patch("programmes", &second, json!({"code": "FIRST"})),
            ]}),
        )
        .await
        .expect(200);

    assert_eq!(swapped.body["results"][0]["body"]["list_uid"], "e2");
    for (path, id) in [
        ("/v1/actors/wikidata:Q900000222", &one),
        ("/v1/actors/list:1", &other),
        ("/v1/programmes/programme:FIRST", &second),
    ] {
        assert_eq!(app.get(path).await.expect(200).id(), *id, "{path}");
    }

    // What is taken at the end is a fault of the last operation that wrote it.
    for (operations, pointer) in [
        (
            json!([
                patch("sanctions", &e1, json!({"list_uid": "e1"})),
                patch("actors", &one, json!({"name": "x"})),
            ]),
            "/operations/0/body/list_uid",
        ),
        (
            json!([
                patch("programmes", &first, json!({"name": "x"})),
                patch("programmes", &second, json!({"code": "SECOND"})),
            ]),
            "/operations/1/body/code",
        ),
        (
            json!([
                {"method": "POST", "resource": "actors", "body": actor("New", "Q900000333", "3")},
                {"method": "POST", "resource": "actors", "body": actor("Newer", "Q900000333", "4")},
            ]),
            "/operations/1/body/identifiers/0/value",
        ),
        (
            json!([{"method": "POST", "resource": "actors", "body": actor("New", "Q900000444", "1")}]),
            "/operations/0/body/external_keys/0",
        ),
    ] {
        let told = app
            .post("/v1/batch", &json!({"operations": operations}))
            .await
            .expect(409);
        assert_eq!(told.pointers(), [pointer]);
    }
    let unchanged = app.get(&format!("/v1/actors/{one}")).await.expect(200);
    assert_eq!(unchanged.body["name"], "One");
    // A single write is checked at once.
    let told = app
        .patch(&format!("/v1/sanctions/{e1}"), &json!({"list_uid": "e1"}))
        .await
        .expect(409);
    assert!(told.text.contains(&e2), "{}", told.text);
}

#[tokio::test]
async fn identifiers_of_lists_have_schemes_with_checks_and_no_placeholder() {
    let app = TestApp::new().await;
    let company = |scheme: &str, value: &str| json!({"kind": "company", "name": "Zeta", "identifiers": [{"scheme": scheme, "value": value}]});

    for (scheme, value) in [
        ("imo_company", "5342883"),
        ("imo_company", "1267131"),
        ("imo_company", "4199470"),
        ("aircraft_tail_number", "EP-MNA"),
        ("aircraft_tail_number", "N123AB"),
        ("aircraft_serial_number", "24337/1723"),
        ("mode_s", "71BE21"),
        ("crypto_address", "XBT:12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h"),
    ] {
        app.create("actors", company(scheme, value)).await;
    }
    for (scheme, value, detail) in [
        ("imo_company", "5342884", "has a wrong check digit"),
        (
            "imo",
            "5342883",
            "5342883 is not a ship's IMO number (check digit); for a company use scheme imo_company",
        ),
        (
            "imo",
            "0000000",
            "is a placeholder, not an identifier; leave the identifier out",
        ),
        (
            "imo_company",
            "0000000",
            "is a placeholder, not an identifier; leave the identifier out",
        ),
        (
            "passport",
            "00-000 00",
            "is a placeholder, not an identifier; leave the identifier out",
        ),
        (
            "passport",
            "００٠",
            "is a placeholder, not an identifier; leave the identifier out",
        ),
        (
            "crypto_address",
            "ETH:0x0000000000000000000000000000000000000000",
            "is a placeholder, not an identifier; leave the identifier out",
        ),
        (
            "tax_id",
            "999.999.999",
            "is a placeholder, not an identifier; leave the identifier out",
        ),
    ] {
        let told = app.post("/v1/actors", &company(scheme, value)).await.expect(422);
        assert_eq!(told.body["errors"][0]["detail"], detail, "{scheme}:{value}");
    }
    for (scheme, value) in [
        ("mode_s", "71BE2"),
        ("crypto_address", "12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h"),
    ] {
        app.post("/v1/actors", &company(scheme, value)).await.expect(422);
    }
    let client = app.client().await;
    for (scheme, value, constraint) in [
        ("passport", "0-0", "actor_identifiers_placeholder_check"),
        ("imo_company", "5342884", "actor_identifiers_check_digit_check"),
    ] {
        let refused = client
            .execute(
                "insert into actor_identifiers (actor_id, position, scheme, is_unique, value) \
                 select actor.id, 9, scheme.code, scheme.is_unique, $2 from actors as actor cross join identifier_schemes as scheme \
                 where actor.name = 'Zeta' and scheme.code = $1 limit 1",
                &[&scheme, &value],
            )
            .await
            .expect_err("refused");
        let violated = refused.as_db_error().and_then(|error| error.constraint());
        assert_eq!(violated, Some(constraint));
    }
    assert_eq!(
        rows(
            &app,
            "select currency, value from bi.actor_identifiers where currency is not null"
        )
        .await,
        ["XBT|XBT:12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h"]
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
