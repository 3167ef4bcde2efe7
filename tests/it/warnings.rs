//! What is implausible is stored and reported: in the response to the write, and in the list of all warnings.

use chrono::{Days, SecondsFormat, Utc};
use serde_json::{Value, json};

use crate::as_of::moment;
use crate::support::{Desk, Response, TestApp};

/// The warnings of a response: pointers and details.
fn warnings(response: &Response) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    response.body["warnings"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|warning| {
            assert_eq!(warning.as_object().expect("an object").len(), 2, "{warning}");
            (text(&warning["pointer"]), text(&warning["detail"]))
        })
        .collect()
}

fn pointers(response: &Response) -> Vec<String> {
    warnings(response)
        .into_iter()
        .map(|(pointer, _)| pointer)
        .collect()
}

/// Writes what breaks one rule and asserts that the response and the list say so; returns the id.
async fn assert_warns(
    desk: &Desk,
    resource: &str,
    body: Value,
    code: &str,
    pointer: &str,
    detail: &str,
) -> String {
    let path = format!("/v1/{resource}");
    desk.app
        .post(&format!("{path}?strict=true"), &body)
        .await
        .expect_problem(422, "invalid-record");
    let written = desk.app.post(&path, &body).await.expect(201);
    let id = written.id();
    let all = warnings(&written);
    assert!(
        all.iter()
            .any(|(at, said)| at == pointer && said.contains(detail)),
        "{code}: {all:?}"
    );
    let listed = desk
        .app
        .get(&format!("/v1/warnings?code={code}&limit=1000"))
        .await
        .expect(200);
    let items = listed.body["items"].as_array().expect("a page");
    let of_record: Vec<_> = items.iter().filter(|item| item["id"] == json!(id)).collect();
    assert!(
        of_record.iter().any(|item| item["pointer"] == pointer
            && item["resource"] == resource
            && item["path"] == json!(format!("{path}/{id}"))
            && item["detail"].as_str().is_some_and(|said| said.contains(detail))),
        "{code}: {items:?}"
    );
    id
}

/// A sanction that nothing is wrong with.
fn plausible(desk: &Desk, source: &str) -> Value {
    json!({
        "imposer": desk.ofac, "target": desk.petro, "imposed_on": "2025-10-24",
        "measures": [{"measure": "asset_freeze"}], "citations": [{"source": source}],
    })
}

#[tokio::test]
async fn a_warning_is_beside_the_record_and_no_part_of_it() {
    let desk = Desk::new().await;
    let app = &desk.app;
    let source = desk.source("Press release").await;
    let clean = app
        .post("/v1/sanctions", &plausible(&desk, &source))
        .await
        .expect(201);
    assert_eq!(clean.body.get("warnings"), None);

    let bare = json!({"imposer": desk.ofac, "target": desk.petro, "imposed_on": "2020-01-01", "lifted_on": "2020-02-01"});
    let refused = app
        .post("/v1/sanctions?strict=true", &bare)
        .await
        .expect_problem(422, "invalid-record");
    assert_eq!(refused.pointers(), ["/citations", "/measures"]);
    assert_eq!(app.get("/v1/sanctions?count=exact").await.body["total"], 1);
    app.post("/v1/sanctions?strict=1", &bare).await.expect(400);
    app.post("/v1/sanctions?strictly=true", &bare).await.expect(400);

    let written = app.post("/v1/sanctions?strict=false", &bare).await.expect(201);
    assert_eq!(pointers(&written), ["/citations", "/measures"]);
    let path = format!("/v1/sanctions/{}", written.id());
    let read = app.get(&path).await.expect(200);
    assert_eq!(read.body.get("warnings"), None);
    assert_eq!(read.etag(), written.etag());
    assert_eq!(
        app.get(&format!("{path}/history/1")).await.body["record"].get("warnings"),
        None
    );

    // What the write returned can be sent back, whole or as a patch.
    let same = app.put(&path, &written.body).await.expect(200);
    assert_eq!(
        (same.etag(), pointers(&same)),
        (written.etag(), pointers(&written))
    );
    let patched = app
        .patch(&path, &json!({"reason": "x", "warnings": []}))
        .await
        .expect(200);
    assert_eq!(pointers(&patched), ["/citations", "/measures"]);
    app.patch(&format!("{path}?strict=true"), &json!({"reason": "y"}))
        .await
        .expect(422);
    assert_eq!(app.get(&path).await.body["reason"], "x");

    // A citation that is added closes a warning; one that is removed opens it.
    let cited = app
        .post(&format!("{path}/citations"), &json!({"source": source}))
        .await
        .expect(201);
    assert_eq!(pointers(&cited), ["/measures"]);
    let citation = format!("{path}/citations/{}", cited.id());
    app.delete(&format!("{citation}?strict=true")).await.expect(422);
    app.delete(&citation).await.expect(204);
    let restored = app
        .post(&format!("{path}/restore"), &json!({"version": 1}))
        .await
        .expect(200);
    assert_eq!(pointers(&restored), ["/citations", "/measures"]);
    let refused = app
        .post(&format!("{path}/restore?strict=true"), &json!({"version": 2}))
        .await
        .expect(422);
    assert_eq!(refused.pointers(), ["/record/citations", "/record/measures"]);

    // In a batch the records are judged as the last operation leaves them.
    let operations = json!({"operations": [
        {"method": "POST", "resource": "sanctions", "as": "new", "body": bare},
        {"method": "PATCH", "resource": "sanctions", "ref": "@new", "body": {"measures": [{"measure": "travel_ban"}]}},
        {"method": "POST", "resource": "actors", "body": {"kind": "person", "name": "Unborn", "began_on": "2999"}},
    ]});
    let refused = app.post("/v1/batch?strict=true", &operations).await.expect(422);
    assert_eq!(
        refused.pointers(),
        ["/operations/1/body/citations", "/operations/2/body/began_on"]
    );
    let done = app.post("/v1/batch", &operations).await.expect(200);
    let of = |index: usize| done.body["results"][index]["body"]["warnings"].clone();
    assert_eq!(of(0), Value::Null);
    assert_eq!(of(1).as_array().map(Vec::len), Some(1));
    assert_eq!(of(2)[0]["pointer"], "/began_on");

    // Merging is a write of the actor that stays.
    let twin = desk
        .actor(json!({"kind": "person", "name": "Unborn too", "began_on": "2999"}))
        .await;
    let unborn = done.body["results"][2]["id"].as_str().expect("an id").to_owned();
    let merge = json!({"into": unborn});
    app.post(&format!("/v1/actors/{twin}/merge?strict=true"), &merge)
        .await
        .expect(422);
    let merged = app
        .post(&format!("/v1/actors/{twin}/merge"), &merge)
        .await
        .expect(200);
    assert_eq!(pointers(&merged), ["/began_on"]);
}

#[tokio::test]
async fn each_rule_finds_what_is_implausible_and_only_that() {
    let desk = Desk::new().await;
    let app = &desk.app;
    let ended = desk
        .actor(
            json!({"kind": "state", "name": "Old Union", "began_on": "1922-12-30", "ended_on": "1991-12-26"}),
        )
        .await;
    let action = |title: &str, on: &str, links: Value| {
        json!({"type": "accusation", "title": title, "occurred_on": on, "links": links,
               "participants": [{"role": "initiator", "actor": desk.petro}, {"role": "target", "actor": desk.ofac}]})
    };

    // An answer before its cause; not if the days may be in order, or are only about known.
    let cause = app
        .create("diplomatic-actions", action("Cause", "2024-05-05", json!([])))
        .await;
    let link = |kind: &str| json!([{"kind": "part_of", "action": cause}, {"kind": kind, "action": cause}]);
    assert_warns(
        &desk,
        "diplomatic-actions",
        action("Answer", "2024-04", link("retaliates_for")),
        "answer_before_cause",
        "/links/1",
        "Cause",
    )
    .await;
    for (on, kind) in [
        ("2024-05", "responds_to"),
        ("2024-04~", "responds_to"),
        ("2024-05-04/..", "responds_to"),
        ("2023-04", "coordinated_with"),
    ] {
        let accepted = app
            .post("/v1/diplomatic-actions", &action("Answer", on, link(kind)))
            .await
            .expect(201);
        assert!(
            !pointers(&accepted)
                .iter()
                .any(|pointer| pointer.starts_with("/links")),
            "{on} {kind}"
        );
    }

    // An act of or against an actor that had ended, or had not begun.
    let act = |on: &str, role: &str| {
        let other = if role == "target" { "initiator" } else { "target" };
        json!({"type": "accusation", "title": "Act", "occurred_on": on,
               "participants": [{"role": other, "actor": desk.petro}, {"role": role, "actor": ended}]})
    };
    for (on, code, role) in [
        ("1992", "act_after_end", "initiator"),
        ("1992-01/..", "act_after_end", "target"),
        ("[1920,1921]", "act_before_beginning", "target"),
    ] {
        assert_warns(
            &desk,
            "diplomatic-actions",
            act(on, role),
            code,
            "/participants/1",
            "Old Union",
        )
        .await;
    }
    let in_time = app
        .post("/v1/diplomatic-actions", &act("1991", "initiator"))
        .await
        .expect(201);
    assert_eq!(warnings(&in_time), []);
    for (field, other) in [("imposer", "target"), ("target", "imposer")] {
        let mut sanction = json!({"imposed_on": "2001"});
        sanction[field] = json!(ended);
        sanction[other] = json!(desk.petro);
        assert_warns(
            &desk,
            "sanctions",
            sanction,
            "act_after_end",
            &format!("/{field}"),
            "ended on 1991-12-26, before the sanction of 2001; correct one of the dates",
        )
        .await;
    }

    // A birth in the future.
    let unborn = json!({"kind": "person", "name": "Unborn", "began_on": "[2998,2999]"});
    assert_warns(
        &desk,
        "actors",
        unborn,
        "begins_in_future",
        "/began_on",
        "is [2998,2999], which is in the future; correct the date",
    )
    .await;

    // A sanction without measure or citation.
    let bare = json!({"imposer": desk.petro, "target": desk.ofac});
    assert_warns(
        &desk,
        "sanctions",
        bare.clone(),
        "without_measure",
        "/measures",
        "no measure",
    )
    .await;
    assert_warns(
        &desk,
        "sanctions",
        bare,
        "without_citation",
        "/citations",
        "no source",
    )
    .await;
}

#[tokio::test]
async fn ownership_and_claims_that_repeat_each_other_are_reported() {
    let desk = Desk::new().await;
    let app = &desk.app;
    let mut companies = Vec::new();
    for name in ["Alpha", "Beta", "Gamma", "Delta"] {
        companies.push(desk.actor(json!({"kind": "company", "name": name})).await);
    }
    let [alpha, beta, gamma, delta] = &companies[..] else {
        panic!("four companies");
    };
    let owns = |subject: &str, object: &str, more: Value| {
        let mut body = json!({"subject": subject, "kind": "owns", "object": object});
        body.as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        body
    };

    // Shares that hold at one time.
    app.create(
        "relationships",
        owns(
            alpha,
            delta,
            json!({"share_percent": 60, "started_on": "2010", "ended_on": "2020-06-01"}),
        ),
    )
    .await;
    let later = app
        .post(
            "/v1/relationships",
            &owns(
                beta,
                delta,
                json!({"share_percent": 50, "started_on": "2020-06-01"}),
            ),
        )
        .await
        .expect(201);
    assert_eq!(warnings(&later), []);
    assert_warns(
        &desk,
        "relationships",
        owns(
            gamma,
            delta,
            json!({"share_percent": 50.5, "started_on": "2021-03"}),
        ),
        "shares_over_100",
        "/share_percent",
        "100.5 % together on 2021-03-31",
    )
    .await;

    // A circle of three, at one time.
    app.create(
        "relationships",
        owns(alpha, beta, json!({"started_on": "2000", "ended_on": "2005"})),
    )
    .await;
    app.create("relationships", owns(beta, gamma, json!({"started_on": "2003"})))
        .await;
    let apart = app
        .post(
            "/v1/relationships",
            &owns(gamma, alpha, json!({"started_on": "2006"})),
        )
        .await
        .expect(201);
    assert_eq!(warnings(&apart), []);
    app.delete(&format!("/v1/relationships/{}", apart.id()))
        .await
        .expect(204);
    assert_warns(
        &desk,
        "relationships",
        owns(gamma, alpha, json!({"started_on": "2004"})),
        "ownership_circle",
        "/object",
        "Gamma owns Alpha",
    )
    .await;
    let circle = app
        .get("/v1/warnings?code=ownership_circle&count=exact")
        .await
        .expect(200);
    assert_eq!(circle.body["total"], 3, "each link of the circle");

    // A claim like one that is there.
    let tie = json!({"subject": alpha, "kind": "allied_with", "object": beta, "started_on": "2010", "ended_on": "2012"});
    app.create("relationships", tie).await;
    for (from, until, reverse, is_similar) in [
        ("2011", "2013", false, true),
        ("2011-05", "2011-06", true, true),
        ("2012", "2013", false, false),
        ("2005", "2010", false, false),
    ] {
        let (subject, object) = if reverse { (beta, alpha) } else { (alpha, beta) };
        let tie = json!({"subject": subject, "kind": "allied_with", "object": object, "started_on": from, "ended_on": until});
        let written = app.post("/v1/relationships", &tie).await.expect(201);
        assert_eq!(!warnings(&written).is_empty(), is_similar, "{from} {until}");
        app.delete(&format!("/v1/relationships/{}", written.id()))
            .await
            .expect(204);
    }
    let source = desk.source("Press release").await;
    let first = app
        .post("/v1/sanctions", &plausible(&desk, &source))
        .await
        .expect(201);
    let second = assert_warns(
        &desk,
        "sanctions",
        plausible(&desk, &source),
        "similar_claim",
        "",
        &first.id(),
    )
    .await;
    let both = app
        .get("/v1/warnings?code=similar_claim&resource=sanctions")
        .await
        .expect(200);
    assert_eq!(both.ids().len(), 2, "each of the two");
    for change in [
        json!({"measures": [{"measure": "travel_ban"}]}),
        json!({"imposed_on": "2020", "lifted_on": "2021"}),
        json!({"claim_status": "denied", "citations": [{"source": source, "stance": "disputes"}]}),
    ] {
        let mut body = plausible(&desk, &source);
        body.as_object_mut()
            .expect("an object")
            .extend(change.as_object().expect("an object").clone());
        let different = app
            .put(&format!("/v1/sanctions/{second}"), &body)
            .await
            .expect(200);
        assert_eq!(warnings(&different), [], "{change}");
    }
    let act = |title: &str, on: &str| {
        json!({"type": "accusation", "title": title, "occurred_on": on,
               "participants": [{"role": "initiator", "actor": desk.petro}, {"role": "target", "actor": desk.ofac}]})
    };
    app.create("diplomatic-actions", act("First", "2023-05-05")).await;
    assert_warns(
        &desk,
        "diplomatic-actions",
        act("Second", "2023-05"),
        "similar_claim",
        "",
        "First",
    )
    .await;
    let another_day = app
        .post("/v1/diplomatic-actions", &act("Third", "2023-06-05"))
        .await
        .expect(201);
    assert_eq!(warnings(&another_day), []);
}

#[tokio::test]
async fn a_claim_status_that_its_citations_contradict_is_reported_and_the_list_is_like_any_other() {
    let desk = Desk::new().await;
    let app = &desk.app;
    let source = desk.source("Press release").await;
    let citation = |stance: &str| json!({"source": source, "stance": stance});
    let claim = |status: &str, stances: &[&str]| {
        let citations: Vec<Value> = stances.iter().map(|stance| citation(stance)).collect();
        json!({"subject": desk.petro, "kind": "member_of", "object": desk.ofac, "claim_status": status, "citations": citations})
    };
    for (status, stances, is_contradicted) in [
        ("confirmed", &["disputes"][..], true),
        ("corroborated", &["disputes", "mentions"], true),
        ("reported", &["disputes"], true),
        ("disputed", &["supports"], true),
        ("denied", &["supports", "mentions"], true),
        ("retracted", &["mentions"], true),
        ("confirmed", &["supports", "disputes"], false),
        ("confirmed", &["mentions"], false),
        ("confirmed", &[], false),
        ("disputed", &["supports", "disputes"], false),
        ("disputed", &[], false),
        ("denied", &["disputes"], false),
    ] {
        let written = app
            .post("/v1/relationships", &claim(status, stances))
            .await
            .expect(201);
        assert_eq!(
            pointers(&written).contains(&"/claim_status".to_owned()),
            is_contradicted,
            "{status} {stances:?}"
        );
        if !is_contradicted {
            app.delete(&format!("/v1/relationships/{}", written.id()))
                .await
                .expect(204);
        }
    }

    let all = desk.app.walk("/v1/warnings", "code=status_contradicted", 2).await;
    assert_eq!(all.len(), 6);
    let path = "/v1/warnings?code=status_contradicted";
    let csv = app.get(&format!("{path}&format=csv")).await.expect(200);
    assert!(
        csv.text
            .starts_with("resource,id,path,code,pointer,detail\r\nrelationships,"),
        "{}",
        csv.text
    );
    let ndjson = app.get(&format!("{path}&format=ndjson")).await.expect(200);
    assert_eq!(ndjson.text.lines().count(), 6);
    assert_eq!(
        app.get(&format!("{path}&actor={}&count=exact", desk.petro))
            .await
            .body["total"],
        6
    );
    assert_eq!(
        app.get(&format!("{path}&actor=iso3166:FR&count=exact"))
            .await
            .body["total"],
        0
    );
    assert_eq!(
        app.get(&format!("{path}&resource=sanctions&count=exact"))
            .await
            .body["total"],
        0
    );
    assert_eq!(
        app.get("/v1/warnings?sort=-code&limit=1").await.body["items"][0]["code"],
        "status_contradicted"
    );
    app.get("/v1/warnings?code=nonsense").await.expect(400);
    assert_eq!(
        app.get("/v1/warnings?known_at=2000-01-01T00:00:00Z")
            .await
            .expect(200)
            .body["items"],
        json!([])
    );

    // A warning is closed by changing the record.
    let id = all[0]["id"].as_str().expect("an id");
    app.patch(&format!("/v1/relationships/{id}"), &json!({"citations": []}))
        .await
        .expect(200);
    assert_eq!(
        desk.app
            .walk("/v1/warnings", "code=status_contradicted", 1000)
            .await
            .len(),
        5
    );
}

#[tokio::test]
async fn whether_an_actor_begins_in_the_future_is_judged_on_the_day_of_the_read() {
    let app = TestApp::new().await;
    let now = Utc::now();
    let before = |days: u64| now - Days::new(days);
    let began_on = before(2).date_naive();
    let id = app
        .create(
            "actors",
            json!({"kind": "company", "name": "Young", "began_on": began_on}),
        )
        .await;
    moment(&app).await;
    // As if the registry had recorded it five days ago, when it was in the future.
    app.database
        .superuser()
        .await
        .batch_execute(&format!(
            "set session_replication_role = replica;
             update changes set recorded_at = recorded_at - interval '5 days' where record_id = '{id}'"
        ))
        .await
        .expect("moved");

    let known_at = before(3).to_rfc3339_opts(SecondsFormat::Secs, true);
    let between = before(3).date_naive();
    for (parameters, is_open) in [
        (String::new(), false),
        (format!("on={began_on}"), false),
        (format!("on={between}"), true),
        (format!("known_at={known_at}"), true),
        (format!("known_at={known_at}&on={between}"), true),
        (format!("known_at={known_at}&on={began_on}"), false),
    ] {
        for format in ["json", "ndjson"] {
            let path = format!("/v1/warnings?code=begins_in_future&format={format}&{parameters}");
            let listed = app.get(&path).await.expect(200);
            assert_eq!(listed.text.contains(&id), is_open, "{path}: {}", listed.text);
        }
    }
}
