//! Lists of sanctions: by actor, in pages, as CSV.

use serde_json::{Value, json};

use crate::support::{Desk, rank};

#[tokio::test]
async fn the_list_by_actor_has_sanctions_received_and_imposed() {
    let desk = Desk::new().await;
    let ministry = desk
        .actor(json!({"kind": "government_body", "name": "Ministry"}))
        .await;
    desk.tie(&ministry, "agency_of", "iso3166:CO", None, None).await;
    let named = [
        (
            "on state",
            desk.sanction(json!({"target": "iso3166:CO", "grounds": ["other"]}))
                .await,
        ),
        ("on citizen", desk.sanction(json!({"imposed_on": "2025"})).await),
        (
            "by state",
            desk.sanction(json!({"imposer": "iso3166:CO", "target": "desk:ofac", "imposed_on": "2024"}))
                .await,
        ),
        (
            "by ministry",
            desk.sanction(json!({"imposer": ministry, "target": "desk:ofac"}))
                .await,
        ),
        ("elsewhere", desk.sanction(json!({"target": "iso3166:VE"})).await),
    ];

    for (query, expected) in [
        ("", vec!["on state", "by state"]),
        ("direction=received", vec!["on state"]),
        ("direction=imposed", vec!["by state"]),
        (
            "direction=imposed&direction=received",
            vec!["on state", "by state"],
        ),
        (
            "counted=state",
            vec!["on state", "on citizen", "by state", "by ministry"],
        ),
        ("counted=state&direction=received", vec!["on state", "on citizen"]),
        (
            "counted=state&direction=imposed&target=desk:ofac",
            vec!["by state", "by ministry"],
        ),
        ("ground=other&ground=narcotics", vec!["on state"]),
        (
            "counted=state&imposed_from=2024-01-01&sort=-imposed_on",
            vec!["on citizen", "by state"],
        ),
    ] {
        let listed = desk
            .listed(&named, &format!("/v1/actors/iso3166:CO/sanctions?{query}"))
            .await;

        assert_eq!(listed, expected, "{query}");
    }
    // In the order of ids, each page takes the first of both ends; in another order it does not.
    let path = "/v1/actors/desk:ofac/sanctions";
    for number in 0..20 {
        let ends = if number % 3 == 0 {
            json!({"imposer": "iso3166:VE", "target": "desk:ofac"})
        } else {
            json!({"target": "iso3166:VE"})
        };
        desk.sanction(ends).await;
    }
    for filter in [
        "",
        "not.target=iso3166:CO",
        "has.imposed_on=false&not.target=iso3166:CO",
    ] {
        let ids = |items: Vec<Value>| -> Vec<String> {
            items
                .iter()
                .map(|item| item["id"].as_str().expect("an id").to_owned())
                .collect()
        };
        let all = ids(desk.app.walk(path, filter, 1000).await);
        assert!(all.len() > 20 && all.is_sorted(), "{all:?}");
        for limit in [1, 4, 7] {
            assert_eq!(ids(desk.app.walk(path, filter, limit).await), all, "{filter}");
        }
        let mut by_time = ids(desk.app.walk(path, &format!("{filter}&sort=created_at"), 3).await);
        by_time.sort_unstable();
        assert_eq!(by_time, all, "{filter}");
    }
    for (path, status) in [
        ("/v1/actors/iso3166:XX/sanctions", 404),
        ("/v1/actors/00000000-0000-7000-8000-000000000000/sanctions", 404),
        ("/v1/actors/iso3166:CO/sanctions?direction=both", 400),
        ("/v1/actors/iso3166:CO/sanctions?targets=desk:ofac", 400),
    ] {
        desk.app.get(path).await.expect(status);
    }
}

#[tokio::test]
async fn pages_hold_every_sanction_once_under_every_sort() {
    let desk = Desk::new().await;
    desk.app
        .client()
        .await
        .execute(
            "insert into sanctions (imposer_id, target_id, imposed_on, expires_on, lifted_on, created_at, updated_at) \
             select $1::text::uuid, $2::text::uuid, \
             case when place % 3 = 0 then format('20%s', 10 + place % 7) when place % 3 = 1 then '../2015-06' end, \
             case when place % 5 = 0 then format('20%s-0%s', 30 + place % 4, 1 + place % 9) end, \
             case when place % 4 = 0 then '2029-12-31' end, \
             now() - make_interval(days => place % 6), now() \
             from generate_series(1, 60) as place",
            &[&desk.ofac, &desk.petro],
        )
        .await
        .expect("inserted");

    let sorts = [
        "imposed_on",
        "expires_on",
        "lifted_on",
        "created_at",
        "updated_at",
    ];
    desk.app
        .assert_pages_are_whole("/v1/sanctions", "target=desk:petro", &sorts, "id", rank)
        .await;

    let several = "sort=lifted_on,-imposed_on,created_at";
    let whole = desk.app.walk("/v1/sanctions", several, 1000).await;
    let paged = desk.app.walk("/v1/sanctions", several, 7).await;
    assert_eq!(paged, whole);
    assert_eq!(whole.len(), 60);
}

#[tokio::test]
async fn csv_has_a_fixed_header_and_a_line_for_each_sanction() {
    let desk = Desk::new().await;
    let id = desk
        .sanction(json!({
            "programmes": [desk.programme],
            "measures": ["asset_freeze", {"measure": "travel_ban", "from": "2026"}],
            "grounds": ["narcotics"],
            "objectives": ["policy_change", "other"],
            "reason": "says \"no\"; twice",
            "imposed_on": "2025-10~",
            "claim_status": "confirmed",
            "action": desk.action,
            "citations": [
                {"source": desk.source, "credibility": 2},
                {"source": desk.source, "credibility": 1, "stance": "disputes"},
            ],
        }))
        .await;
    let record = desk
        .app
        .get(&format!("/v1/sanctions/{id}"))
        .await
        .expect(200)
        .body;
    let (ofac, petro, action) = (&desk.ofac, &desk.petro, &desk.action);
    let time = |name: &str| record[name].as_str().unwrap_or_default().to_owned();

    let table = desk
        .app
        .get("/v1/sanctions?format=csv&on=2025-10-31")
        .await
        .expect(200);
    let lines = desk.app.get("/v1/sanctions?format=ndjson").await.expect(200);

    assert_eq!(
        table.text,
        format!(
            "id,imposer_id,imposer,target_id,target,programmes,measures,measures_from,measures_until,grounds,objectives,outcomes,reason,legal_basis,\
             provisions,announced_on,imposed_on,effective_on,expires_on,lifted_on,lift_reason,status,status_certain,\
             claim_status,action_id,action,list_code,list_part,list_uid,citations,stances,grades,\
             attributed_to,best_grade,properties,external_keys,version,created_at,updated_at\r\n\
             {id},{ofac},Office of Foreign Assets Control,{petro},Gustavo Petro,ILLICIT-DRUGS-EO14059,\
             asset_freeze;travel_ban,;2026,;,narcotics,policy_change;other,;,\"says \"\"no\"\"; twice\",,,,2025-10~,,,,,\
             in_force,false,confirmed,{action},The Treasury sanctions Gustavo Petro,,,,\
             Announcement of the Treasury;Announcement of the Treasury,supports;disputes,A2;A1,;,A2,,,1,{},{}\r\n",
            time("created_at"),
            time("updated_at"),
        )
    );
    assert_eq!(
        serde_json::from_str::<Value>(&lines.text).expect("one line"),
        record
    );
}
