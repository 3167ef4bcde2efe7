//! Identifiers of actors: their forms, check digits and placeholders.

use serde_json::json;

use crate::support::TestApp;

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
        app.rows("select currency, value from bi.actor_identifiers where currency is not null")
            .await,
        ["XBT|XBT:12QtD5BFwRsdNsAZY76UVE1xyCGNTojH9h"]
    );
}
