//! Lists: forged cursors, unknown parameters, and filters that look like SQL.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use super::{MALFORMED, person, samples};
use crate::support::{Raw, TestApp};

/// Returns the decoded content of a cursor, and signs a changed one with the registry's key.
async fn reseal(app: &TestApp, cursor: &str, change: impl FnOnce(&mut Value)) -> String {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).expect("base64");
    let mut open: Value = serde_json::from_slice(&bytes[..bytes.len() - 16]).expect("JSON");
    change(&mut open);
    let row = app
        .client()
        .await
        .query_one("select value from secrets where name = 'cursor'", &[])
        .await
        .expect("a key");
    let key: Vec<u8> = row.get(0);
    let mut bytes = serde_json::to_vec(&open).expect("bytes");
    let mut signature = Hmac::<Sha256>::new_from_slice(&key).expect("a key");
    signature.update(&bytes);
    bytes.extend_from_slice(&signature.finalize().into_bytes()[..16]);
    URL_SAFE_NO_PAD.encode(bytes)
}

#[tokio::test]
async fn a_cursor_is_valid_only_for_the_list_that_returned_it() {
    let app = TestApp::new().await;
    let other = TestApp::new().await;
    let client = other.client().await;
    client
        .batch_execute("update secrets set value = sha256('another')")
        .await
        .expect("another key");

    let list = "/v1/actors?sort=name&kind=state&limit=2";
    let page = app.get(list).await.expect(200);
    let cursor = page.body["next_cursor"].as_str().expect("a cursor").to_owned();
    let with = |cursor: &str| format!("{list}&cursor={cursor}");
    let second = app.get(&with(&cursor)).await.expect(200);
    assert_ne!(second.body["items"], page.body["items"]);
    assert_eq!(
        app.get(&with(&reseal(&app, &cursor, |_| {}).await))
            .await
            .expect(200)
            .body,
        second.body
    );

    let elsewhere = reseal(&app, &cursor, |open| open["list"] = json!("AAAAAAAAAAAAAAAA")).await;
    let mut paths = vec![
        with(""),
        with("x"),
        with("AAAA"),
        with("%20"),
        with("null"),
        with(&"A".repeat(4000)),
        with(&URL_SAFE_NO_PAD.encode(r#"{"list":"","on":"2025-01-01","position":[],"id":""}"#)),
        with(&cursor[..cursor.len() - 1]),
        with(&cursor[..cursor.len() / 2]),
        with(&format!("{cursor}A")),
        with(&format!("{cursor}=")),
        with(&cursor.to_lowercase()),
        with(&elsewhere),
        format!("{list}&cursor={cursor}&cursor={cursor}"),
        format!("{list}&cursor={cursor}&format=csv"),
        format!("{list}&cursor={cursor}&on=2025-01-01"),
        format!("/v1/actors?sort=-name&kind=state&cursor={cursor}"),
        format!("/v1/actors?sort=name,kind&kind=state&cursor={cursor}"),
        format!("/v1/actors?kind=state&cursor={cursor}"),
        format!("/v1/actors?sort=name&kind=territory&cursor={cursor}"),
        format!("/v1/actors?sort=name&kind=state&kind=person&cursor={cursor}"),
        format!("/v1/actors?sort=name&cursor={cursor}"),
    ];
    // One letter changed, at every position.
    for place in (0..cursor.len()).step_by(7) {
        let mut changed = cursor.clone().into_bytes();
        changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
        paths.push(with(&String::from_utf8(changed).expect("letters")));
    }
    for path in paths {
        let answer = app.get(&path).await.expect_problem(400, MALFORMED);
        assert_eq!(answer.pointers(), ["?cursor"], "{path}");
    }
    let answer = other.get(&with(&cursor)).await.expect_problem(400, MALFORMED);
    assert_eq!(answer.pointers(), ["?cursor"]);
}

#[tokio::test]
async fn a_cursor_holds_the_longest_names() {
    let app = TestApp::new().await;
    for letter in ["\"", "\u{10fc}", "\u{20000}", "\\"] {
        for number in 0..2 {
            let name = format!("{}{number}", letter.repeat(499));
            app.create("actors", person(&name)).await;
        }
    }

    let mut path = "/v1/actors?sort=name,kind,created_at&kind=person&limit=1".to_owned();
    let mut read = 0;
    loop {
        let page = app.get(&path).await.expect(200);
        read += page.body["items"].as_array().expect("items").len();
        let Some(cursor) = page.body["next_cursor"].as_str() else {
            break;
        };
        assert!(cursor.len() <= 8000);
        path = format!("/v1/actors?sort=name,kind,created_at&kind=person&limit=1&cursor={cursor}");
    }

    assert_eq!(read, 8);
}

#[tokio::test]
async fn a_parameter_without_a_value_is_refused() {
    let app = TestApp::new().await;
    for (path, name) in [
        ("actors", "name"),
        ("actors", "kind"),
        ("actors", "country"),
        ("actors", "address.city"),
        ("actors", "identifier"),
        ("actors", "property.gender"),
        ("actors", "sort"),
        ("actors", "facets"),
        ("actors", "include"),
        ("sanctions", "list_code"),
        ("sanctions", "list_uid"),
        ("sanctions", "ground"),
        ("sanctions", "target"),
        ("sanctions", "status"),
        ("sanctions", "counted"),
        ("sanctions", "imposed_from"),
        ("sanctions", "not.ground"),
        ("sanctions", "all.list_code"),
        ("programmes", "code"),
        ("sources", "publisher"),
        ("claims", "resource"),
        ("warnings", "code"),
        ("vocabularies/grounds", "sort"),
        ("actors/iso3166:CO/timeline", "event"),
        ("sanctions/counts?by=ground&", "measures"),
        ("sanctions/counts?by=ground&", "sort"),
        ("sanctions/counts?by=ground&", "list_code"),
    ] {
        for value in ["", "%20"] {
            let separator = if path.contains('?') { "" } else { "?" };
            let refused = app
                .get(&format!("/v1/{path}{separator}{name}={value}"))
                .await
                .expect_problem(400, "malformed-request");
            assert_eq!(
                refused.detail(),
                format!("{name} is empty; write a value, or leave {name} out"),
                "{path}"
            );
            assert_eq!(refused.pointers(), [format!("?{name}")], "{path}");
        }
    }
    for (path, detail) in [
        (
            "sanctions/counts?by=",
            "by is empty; write one to 3 fields, separated by commas",
        ),
        (
            "sanctions/counts?by=ground,",
            "by: a name is missing beside a comma",
        ),
        (
            "sanctions?facets=,ground",
            "facets: a name is missing beside a comma",
        ),
        (
            "actors?or=(name:\"\")",
            "or: letter 2: name is empty; write a value, or leave name out",
        ),
    ] {
        let refused = app
            .get(&format!("/v1/{path}"))
            .await
            .expect_problem(400, "malformed-request");
        assert_eq!(refused.detail(), detail, "{path}");
    }
    // An unknown parameter is unknown, with or without a value.
    let refused = app
        .get("/v1/actors?colour=")
        .await
        .expect_problem(400, "malformed-request");
    assert!(
        refused.detail().starts_with("colour is not a parameter"),
        "{}",
        refused.detail()
    );
}

#[tokio::test]
async fn an_invalid_parameter_is_reported() {
    let app = TestApp::new().await;

    for (resource, _, _) in samples() {
        for (query, pointer) in [
            ("limit=0", "?limit"),
            ("limit=-1", "?limit"),
            ("limit=1001", "?limit"),
            ("limit=1e9", "?limit"),
            ("limit=1000000000", "?limit"),
            ("limit=99999999999999999999", "?limit"),
            ("limit=abc", "?limit"),
            ("limit=", "?limit"),
            ("limit", "?limit"),
            ("limit=5.0", "?limit"),
            ("limit=%2b5%20", "?limit"),
            ("limit=1&limit=1", "?limit"),
            ("limit=1&format=csv&limit=2", "?limit"),
            ("sort=unheard_of", "?sort"),
            ("sort=-", "?sort"),
            ("sort=,", "?sort"),
            ("sort=created_at,", "?sort"),
            ("sort=created_at,-created_at", "?sort"),
            ("sort=--created_at", "?sort"),
            ("sort=created_at%3b%20drop%20table%20actors", "?sort"),
            ("sort=created_at&sort=updated_at", "?sort"),
            ("count=maybe", "?count"),
            ("count=", "?count"),
            ("sort=", "?sort"),
            ("cursor=", "?cursor"),
            ("fields=", "?fields"),
            ("include=", "?include"),
            ("count=exact&count=exact", "?count"),
            ("format=xml", "?format"),
            ("format=", "?format"),
            ("format=CSV", "?format"),
            ("on=2025-02-30", "?on"),
            ("on=2025", "?on"),
            ("on=today", "?on"),
            ("on=", "?on"),
            ("on=0000-01-01", "?on"),
            ("on=2025-01-01&on=2025-01-01", "?on"),
            ("unheard_of=1", "?unheard_of"),
            ("unheard_of", "?unheard_of"),
            ("=1", "?"),
            ("Limit=1", "?Limit"),
            ("limit%00=1", "?"),
            ("%ff=1", "?"),
            ("%zz=1", "?"),
            ("cursor=%ff", "?cursor"),
            ("cursor=%00", "?cursor"),
            ("sort=%c3%28", "?sort"),
            ("sort=%2", "?sort"),
        ] {
            let mut connection = Raw::connect(&app).await;
            let path = format!("/v1/{resource}?{query}");
            connection
                .write(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes())
                .await;
            let answer = connection.answer().await.expect("an answer");
            assert_eq!(answer.status, 400, "{path}: {answer:?}");
            let body: Value = serde_json::from_str(&answer.body).expect("JSON");
            assert_eq!(body["errors"][0]["pointer"], pointer, "{path}: {body}");
        }
        let answer = app.get(&format!("/v1/{resource}?unheard_of=1")).await;
        for known in ["cursor", "limit", "sort", "on", "count", "format"] {
            assert!(answer.detail().contains(known), "{}", answer.text);
        }
        app.get(&format!("/v1/{resource}?&&limit=1&")).await.expect(200);
    }
    for (query, pointer) in [
        ("name=%ff", "?name"),
        ("name=a%00b", "?name"),
        ("kind=%", "?kind"),
        ("identifier=CO", "?identifier"),
        ("identifier=iso3166:", "?identifier"),
        ("identifier=", "?identifier"),
    ] {
        let answer = app.get(&format!("/v1/actors?{query}")).await;
        assert_eq!(
            answer.expect_problem(400, MALFORMED).pointers(),
            [pointer],
            "{query}"
        );
    }
    for (query, pointer) in [
        ("on=2025-02-30", "?on"),
        ("on=2025-01-01&on=2025-01-02", "?on"),
        ("limit=1", "?limit"),
        ("on=%ff", "?on"),
    ] {
        let answer = app.get(&format!("/v1/actors/iso3166:CO?{query}")).await;
        assert_eq!(
            answer.expect_problem(400, MALFORMED).pointers(),
            [pointer],
            "{query}"
        );
    }
    for (resource, _, sample) in samples() {
        let before = app.state().await;
        let answer = app.post(&format!("/v1/{resource}?dry_run=true"), &sample).await;
        assert_eq!(answer.expect_problem(400, MALFORMED).pointers(), ["?dry_run"]);
        assert_eq!(app.state().await, before);
    }
}

#[tokio::test]
async fn a_filter_is_repeated_at_most_a_hundred_times() {
    let app = TestApp::new().await;
    let hundred = "target=iso3166:CO&".repeat(100);

    for path in ["/v1/sanctions", "/v1/actors/iso3166:CO/sanctions"] {
        app.get(&format!("{path}?{hundred}imposer=iso3166:US"))
            .await
            .expect(200);
        let refused = app.get(&format!("{path}?{hundred}target=iso3166:CO")).await;
        assert_eq!(refused.expect_problem(400, MALFORMED).pointers(), ["?target"]);
    }
    let document = app.get("/openapi.json").await.expect(200).body;
    let parameters = document["paths"]["/v1/sanctions"]["get"]["parameters"].as_array();
    let target = parameters
        .into_iter()
        .flatten()
        .find(|parameter| parameter["name"] == "target");
    assert_eq!(target.expect("a parameter")["schema"]["maxItems"], 100);
}

#[tokio::test]
async fn a_filter_is_matched_literally() {
    let app = TestApp::new().await;
    for name in ["100% sure", "a_b", "back\\slash", "％ wide", "＼ wide"] {
        app.create("actors", person(name)).await;
    }

    for (name, found) in [
        ("100%", 1),
        ("0%25 s", 1),
        ("%", 2),
        ("％", 2),
        ("_", 1),
        ("\\", 2),
        ("＼", 2),
        ("%a%", 0),
        ("' or 1=1 --", 0),
    ] {
        let request = app.request(Method::GET, "/v1/actors").query(&[
            ("kind", "person"),
            ("name", name),
            ("count", "exact"),
        ]);
        let answer = app.send(request).await.expect(200);
        let found = if name == "0%25 s" { 0 } else { found };
        assert_eq!(answer.body["total"], found, "{name}");
    }
    let long = "x".repeat(20_000);
    let answer = app
        .get(&format!("/v1/actors?name={long}&kind={long}&country={long}"))
        .await
        .expect(422);
    assert_eq!(answer.pointers(), ["?kind", "?country"]);
    assert!(answer.text.len() < 2_000, "{}", answer.text);
    let answer = app.get(&format!("/v1/actors?name={long}")).await;
    assert_eq!(answer.expect(200).body["items"], json!([]));
}
