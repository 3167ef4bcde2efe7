//! Which sanctions a filter finds.

use serde_json::{Value, json};

use crate::support::Desk;

#[tokio::test]
async fn each_filter_finds_matching_sanctions_only() {
    let desk = Desk::new().await;
    let treasury = desk
        .actor(json!({"kind": "government_body", "name": "HM Treasury"}))
        .await;
    let company = desk
        .actor(json!({
            "kind": "company", "name": "Acme",
            "countries": [{"code": "PA", "role": "jurisdiction"}, {"code": "CO", "role": "residence"}],
        }))
        .await;
    let glomag = desk.programme("GLOMAG", "Global Magnitsky").await;
    let (action, source) = (desk.action("Another").await, desk.source("Another").await);
    let full = desk
        .sanction(json!({
            "programmes": [desk.programme, glomag],
            "measures": ["asset_freeze", "travel_ban"],
            "grounds": ["narcotics", "corruption"],
            "objectives": ["policy_change"],
            "imposed_on": "2025-10-24",
            "list_code": "us_ofac_sdn", "list_uid": "12345",
            "action": desk.action,
            "claim_status": "confirmed",
            "citations": [{"source": desk.source, "attributed_to": "iso3166:US"}],
        }))
        .await;
    let other = desk
        .sanction(json!({
            "imposer": treasury,
            "target": company,
            "programmes": [glomag],
            "measures": ["tariff"],
            "grounds": ["other"],
            "objectives": ["other", "terrorism"],
            "imposed_on": "2020-01-01",
            "lifted_on": "2021-01-01",
            "list_code": "uk_sanctions_list",
            "action": action,
            "claim_status": "disputed",
            "citations": [{"source": source, "attributed_to": "iso3166:GB"}],
        }))
        .await;
    let bare = desk
        .sanction(json!({"imposer": "iso3166:FR", "target": "iso3166:VA"}))
        .await;
    let named = [("full", full), ("other", other), ("bare", bare)];

    for (query, expected) in [
        (format!("imposer={}", desk.ofac), vec!["full"]),
        (
            "imposer=desk:ofac&imposer=iso3166:FR".to_owned(),
            vec!["full", "bare"],
        ),
        (format!("imposer=desk:ofac&target={company}"), vec![]),
        ("target=desk:petro".to_owned(), vec!["full"]),
        (
            format!("target=desk:petro&target={company}&counted=exact"),
            vec!["full", "other"],
        ),
        ("programme=programme:GLOMAG".to_owned(), vec!["full", "other"]),
        (format!("programme={}", desk.programme), vec!["full"]),
        ("measure=travel_ban".to_owned(), vec!["full"]),
        (
            "measure=travel_ban&measure=tariff".to_owned(),
            vec!["full", "other"],
        ),
        ("ground=corruption".to_owned(), vec!["full"]),
        ("objective=terrorism".to_owned(), vec!["other"]),
        ("status=in_force".to_owned(), vec!["full"]),
        ("status=lifted&status=unknown".to_owned(), vec!["other", "bare"]),
        ("status=in_force&on=2020-06-01".to_owned(), vec!["other"]),
        ("status=not_yet&on=2020-06-01".to_owned(), vec!["full"]),
        ("in_force_on=2020-06-01".to_owned(), vec!["other"]),
        (
            "in_force_on=2020-06-01&in_force_on=2025-10-24".to_owned(),
            vec!["full", "other"],
        ),
        ("in_force_on=2021-01-01".to_owned(), vec![]),
        ("target_country=CO".to_owned(), vec!["full", "other"]),
        ("target_country=iso3166:CO".to_owned(), vec!["full", "other"]),
        (
            "target_country=iso3166:PA&target_country=VA".to_owned(),
            vec!["other", "bare"],
        ),
        (
            "target_country=PA&target_country=VA".to_owned(),
            vec!["other", "bare"],
        ),
        ("list_code=us_ofac_sdn".to_owned(), vec!["full"]),
        ("list_uid=12345".to_owned(), vec!["full"]),
        ("list_uid=12345&list_code=uk_sanctions_list".to_owned(), vec![]),
        (format!("action={action}"), vec!["other"]),
        (
            "claim_status=disputed&claim_status=confirmed".to_owned(),
            vec!["full", "other"],
        ),
        (format!("source={source}"), vec!["other"]),
        ("attributed_to=iso3166:US".to_owned(), vec!["full"]),
    ] {
        let listed = desk.listed(&named, &format!("/v1/sanctions?{query}")).await;

        assert_eq!(listed, expected, "{query}");
    }
}

#[tokio::test]
async fn a_period_finds_sanctions_that_were_or_may_have_been_imposed_in_it() {
    let desk = Desk::new().await;
    let mut named = Vec::new();
    for imposed_on in [
        "2025-06-15",
        "2025",
        "2024-12/2025-02",
        "../2025-03-01",
        "2024-05~",
    ] {
        named.push((imposed_on, desk.sanction(json!({"imposed_on": imposed_on})).await));
    }
    desk.sanction(json!({"effective_on": "2025-06-15"})).await;

    for (query, expected) in [
        (
            "imposed_from=2025-06-15&imposed_to=2025-06-15",
            vec!["2025-06-15", "2025"],
        ),
        (
            "imposed_from=2025-02-01",
            vec!["2025-06-15", "2025", "2024-12/2025-02", "../2025-03-01"],
        ),
        (
            "imposed_from=2025-03-01&imposed_to=2025-03-31",
            vec!["2025", "../2025-03-01"],
        ),
        (
            "imposed_from=2025-03&imposed_to=2025-03",
            vec!["2025", "../2025-03-01"],
        ),
        (
            "imposed_to=2024-12-01",
            vec!["2024-12/2025-02", "../2025-03-01", "2024-05~"],
        ),
        ("imposed_to=2024-05-01", vec!["../2025-03-01", "2024-05~"]),
        ("imposed_from=2026-01-01", vec![]),
    ] {
        let listed = desk.listed(&named, &format!("/v1/sanctions?{query}")).await;

        assert_eq!(listed, expected, "{query}");
    }
}

#[tokio::test]
async fn an_invalid_filter_is_reported() {
    let desk = Desk::new().await;

    for (query, status, pointer) in [
        ("sender=iso3166:US", 400, "?sender"),
        ("direction=received", 400, "?direction"),
        ("status=over", 400, "?status"),
        ("counted=all", 400, "?counted"),
        ("claim_status=true", 400, "?claim_status"),
        ("in_force_on=2025", 400, "?in_force_on"),
        ("imposed_from=2025-02-30", 400, "?imposed_from"),
        ("imposed_to=today", 400, "?imposed_to"),
        ("on=2025-9-1", 400, "?on"),
        ("sort=target", 400, "?sort"),
        (
            "imposed_from=2025-02-01&imposed_to=2025-01-01",
            422,
            "?imposed_to",
        ),
        ("imposer=iso3166:XX", 422, "?imposer"),
        ("target=Petro", 422, "?target"),
        ("programme=programme:NONE", 422, "?programme"),
        ("imposer_state=iso3166:XX", 422, "?imposer_state"),
        ("imposer_state=XX", 422, "?imposer_state"),
        ("imposer_state=gb", 422, "?imposer_state"),
        ("target_country=iso3166:XX", 422, "?target_country"),
        ("target_country=iso3166_3:CO", 422, "?target_country"),
        ("target_country=wikidata:Q739", 422, "?target_country"),
    ] {
        let refused = desk
            .app
            .get(&format!("/v1/sanctions?{query}"))
            .await
            .expect(status);

        assert_eq!(refused.pointers(), [pointer], "{}", refused.text);
    }
}

#[tokio::test]
async fn sanctions_of_agencies_and_officials_count_for_their_state_during_their_office() {
    let desk = Desk::new().await;
    let treasury = desk
        .actor(json!({"kind": "government_body", "name": "Treasury"}))
        .await;
    let minister = desk.actor(json!({"kind": "person", "name": "Minister"})).await;
    let relative = desk
        .actor(json!({
            "kind": "person", "name": "Relative", "countries": [{"code": "US", "role": "nationality"}],
        }))
        .await;
    desk.tie(&desk.ofac, "agency_of", &treasury, None, None).await;
    desk.tie(&treasury, "agency_of", "iso3166:US", None, None).await;
    desk.tie(
        &minister,
        "official_of",
        "iso3166:US",
        Some("2020-02"),
        Some("2022-05-31"),
    )
    .await;
    desk.tie(&relative, "family_of", &minister, None, None).await;
    let by = |imposer: &str, on: &str| {
        let fields = json!({"imposer": imposer, "target": "iso3166:IR", "imposed_on": on});
        async { desk.sanction(fields).await }
    };
    let named = [
        ("state", by("iso3166:US", "2021").await),
        ("agency", by("desk:ofac", "2021").await),
        ("before", by(&minister, "2020-01-31").await),
        ("during", by(&minister, "2021-06").await),
        ("perhaps during", by(&minister, "2022").await),
        ("after", by(&minister, "2022-06-01").await),
        ("relative", by(&relative, "2021").await),
    ];
    let of_state = vec!["state", "agency", "during", "perhaps during"];

    for (query, expected) in [
        ("imposer=iso3166:US".to_owned(), vec!["state"]),
        ("imposer=iso3166:US&counted=state".to_owned(), of_state.clone()),
        ("imposer_state=iso3166:US".to_owned(), of_state.clone()),
        ("imposer_state=US".to_owned(), of_state.clone()),
        ("imposer_state=US&imposer_state=SUHH".to_owned(), of_state.clone()),
        (
            "imposer_state=iso3166:US&imposer_state=iso3166:FR".to_owned(),
            of_state,
        ),
        ("imposer_state=iso3166:FR".to_owned(), vec![]),
        (format!("imposer={treasury}&counted=state"), vec!["agency"]),
        (format!("imposer_state={treasury}"), vec![]),
        (
            format!("imposer={minister}&imposer={relative}&counted=state"),
            vec!["before", "during", "perhaps during", "after", "relative"],
        ),
    ] {
        let listed = desk.listed(&named, &format!("/v1/sanctions?{query}")).await;

        assert_eq!(listed, expected, "{query}");
    }
}

#[tokio::test]
async fn an_imposer_of_two_states_counts_for_neither() {
    let desk = Desk::new().await;
    let joint = desk
        .actor(json!({"kind": "government_body", "name": "Joint command"}))
        .await;
    desk.tie(&joint, "force_of", "iso3166:US", None, None).await;
    desk.tie(&joint, "force_of", "iso3166:GB", None, Some("2020"))
        .await;
    let early = desk
        .sanction(json!({"imposer": joint, "imposed_on": "2019"}))
        .await;
    let late = desk
        .sanction(json!({"imposer": joint, "imposed_on": "2025"}))
        .await;
    let named = [("early", early), ("late", late)];

    let one = desk
        .listed(&named, "/v1/sanctions?imposer_state=iso3166:US")
        .await;
    let counted = desk
        .listed(&named, "/v1/sanctions?imposer=iso3166:GB&counted=state")
        .await;

    assert_eq!(one, ["late"]);
    assert_eq!(counted, ["early"]);
}

#[tokio::test]
async fn sanctions_count_against_the_state_of_their_target() {
    let desk = Desk::new().await;
    let of = |kind: &str, name: &str, countries: Value| {
        let body = json!({"kind": kind, "name": name, "countries": countries});
        async { desk.actor(body).await }
    };
    let ministry = of("government_body", "Ministry", json!([])).await;
    let official = of(
        "person",
        "Official",
        json!([{"code": "VE", "role": "nationality"}]),
    )
    .await;
    let denied = of("person", "Never an official", json!([])).await;
    let vessel = of(
        "vessel",
        "Vessel",
        json!([{"code": "PA", "role": "flag"}, {"code": "CO", "role": "nationality"}]),
    )
    .await;
    let dual = of(
        "person",
        "Dual national",
        json!([{"code": "CO", "role": "nationality"}, {"code": "VE", "role": "nationality"}]),
    )
    .await;
    let resident = of("person", "Resident", json!([{"code": "CO", "role": "residence"}])).await;
    desk.tie(&ministry, "agency_of", "iso3166:CO", None, None).await;
    desk.tie(
        &official,
        "official_of",
        "iso3166:CO",
        Some("2022-08-07"),
        Some("2024"),
    )
    .await;
    let tie = json!({
        "subject": denied, "kind": "official_of", "object": "iso3166:CO", "claim_status": "denied",
    });
    desk.app.create("relationships", tie).await;
    let on = |target: &str, day: &str| {
        let fields = json!({"target": target, "imposed_on": day});
        async { desk.sanction(fields).await }
    };
    let named = [
        ("state", on("iso3166:CO", "2023").await),
        ("ministry", on(&ministry, "2023").await),
        ("citizen", on("desk:petro", "2023").await),
        ("official in office", on(&official, "2023").await),
        ("official before", on(&official, "2022-08-06").await),
        ("denied", on(&denied, "2023").await),
        ("vessel", on(&vessel, "2023").await),
        ("dual", on(&dual, "2023").await),
        ("resident", on(&resident, "2023").await),
    ];

    for (query, expected) in [
        ("target=iso3166:CO", vec!["state"]),
        (
            "target=iso3166:CO&counted=state",
            vec!["state", "ministry", "citizen", "official in office"],
        ),
        ("target=iso3166:VE&counted=state", vec!["official before"]),
        ("target=iso3166:PA&counted=state", vec!["vessel"]),
        (
            "target=iso3166:PA&target=iso3166:VE&counted=state",
            vec!["official before", "vessel"],
        ),
    ] {
        let listed = desk.listed(&named, &format!("/v1/sanctions?{query}")).await;

        assert_eq!(listed, expected, "{query}");
    }
}
