//! How texts are cleaned: at every door of the API, in SQL as in Rust, and by the constraints of the database.

use demarche::migrating::migrate;
use demarche::text::clean::{Form, clean};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use reqwest::Method;
use serde_json::json;

use crate::support::{TestApp, TestDatabase};

fn person(name: &str) -> serde_json::Value {
    json!({"kind": "person", "name": name})
}

#[tokio::test]
async fn a_text_is_stored_clean_and_found_by_every_spelling() {
    let app = TestApp::new().await;
    let mut body = person(" Alpha\u{a0}Trading \tZZ\n");
    body["names"] = json!([{"name": "Андреи\u{306}  Тестов", "kind": "alias", "lang": " ru "}]);
    body["identifiers"] = json!([{"scheme": "passport ", "value": "AB\u{2009}12"}]);
    body["description"] = json!("\r\none \u{3000} line\r\nand another \u{2028}");
    body["properties"] = json!({" colour ": [" red\rblue"]});
    body["external_keys"] = json!([{"scheme": "desk", "value": " a\u{a0}b "}]);

    let made = app.post("/v1/actors", &body).await.expect(201);

    assert_eq!(made.body["name"], "Alpha Trading ZZ");
    assert_eq!(
        made.body["names"],
        json!([{"name": "Андрей Тестов", "kind": "alias", "lang": "ru", "from": null, "until": null}])
    );
    assert_eq!(made.body["identifiers"][0]["value"], "AB 12");
    assert_eq!(made.body["description"], "one line\nand another");
    assert_eq!(made.body["properties"], json!({"colour": ["red\nblue"]}));
    for path in [
        "/v1/actors/desk:a%C2%A0b".to_owned(),
        "/v1/actors/%20desk:a%20%20b".to_owned(),
        format!("/v1/actors/{}%20", made.id()),
    ] {
        assert_eq!(app.get(&path).await.expect(200).id(), made.id(), "{path}");
    }
    for filter in [
        "name=Alpha%20Trading%20ZZ",
        "identifier=passport:AB%C2%A012%20",
        "name=%D0%90%D0%BD%D0%B4%D1%80%D0%B5%D0%B8%CC%86",
    ] {
        let found = app.get(&format!("/v1/actors?{filter}")).await.expect(200);
        assert_eq!(found.ids(), [made.id()], "{filter}");
    }
    let path = format!("/v1/actors/{}", made.id());
    let patch = json!({"properties": {"colour ": null, "size": ["1"]}});
    let patched = app.patch(&path, &patch).await.expect(200);
    assert_eq!(patched.body["properties"], json!({"size": ["1"]}));
}

#[tokio::test]
async fn a_character_that_means_nothing_is_refused_at_every_door() {
    let app = TestApp::new().await;
    let before = app.state().await;
    for (name, detail) in [
        ("\u{200b}", "has U+200B, which is invisible; leave it out"),
        (
            "bidi\u{202e}name",
            "has U+202E, which changes the direction of writing; leave it out",
        ),
        (
            "line\nbreak",
            "has U+000A, which is a line break; write it on one line",
        ),
        ("a\u{0}", "has U+0000, which is a control character; leave it out"),
    ] {
        let refused = app.post("/v1/actors", &person(name)).await;
        let refused = refused.expect_problem(422, "invalid-record");
        assert_eq!(
            refused.body["errors"],
            json!([{"pointer": "/name", "detail": detail}])
        );
    }
    let batch = json!({"operations": [
        {"method": "POST", "resource": "actors", "body": person("Good")},
        {"method": "POST", "resource": "actors", "body": {
            "kind": "person", "name": "Good", "names": [{"name": "a\u{e000}", "kind": "alias"}],
            "properties": {"a\u{feff}": ["x\u{1}"]}, "description": "\u{2066}",
        }},
    ]});
    let refused = app.post("/v1/batch", &batch).await;
    let refused = refused.expect_problem(422, "invalid-record");
    let mut pointers = refused.pointers();
    pointers.sort();
    assert_eq!(
        pointers,
        [
            "/operations/1/body/description",
            "/operations/1/body/names/0/name",
            "/operations/1/body/properties/a\u{feff}",
            "/operations/1/body/properties/a\u{feff}/0",
        ]
    );
    app.get("/v1/actors/desk:a%E2%80%AEb")
        .await
        .expect_problem(404, "not-found");
    let filtered = app.get("/v1/actors?name=a%E2%80%8Bb").await;
    let filtered = filtered.expect_problem(400, "malformed-request");
    assert_eq!(filtered.pointers(), ["?name"]);
    let comment = app
        .request(Method::POST, "/v1/actors")
        .bearer_auth(&app.analyst)
        .header(
            "x-comment",
            reqwest::header::HeaderValue::from_bytes("why\u{202e}".as_bytes()).expect("a value"),
        )
        .json(&person("Good"));
    app.send(comment).await.expect_problem(400, "malformed-request");
    assert_eq!(app.state().await, before);
}

#[tokio::test]
async fn an_entry_of_a_list_is_one_however_it_is_spaced() {
    let app = TestApp::new().await;
    let imposer = app
        .create("actors", json!({"kind": "organization", "name": "Imposer"}))
        .await;
    let target = app.create("actors", person("Target")).await;
    let sanction = |list: &str, uid: &str| json!({"imposer": imposer, "target": target, "list_code": list, "list_uid": uid});

    let made = app
        .post("/v1/sanctions", &sanction(" UN_SC", "KPe.023 "))
        .await
        .expect(201);
    let again = app.post("/v1/sanctions", &sanction("un_sc", "KPe.023")).await;

    assert_eq!(made.body["list_code"], "un_sc");
    assert_eq!(made.body["list_uid"], "KPe.023");
    again.expect_problem(409, "conflict");
    let found = app.get("/v1/sanctions?list_code=UN_sc%20").await.expect(200);
    assert_eq!(found.ids(), [made.id()]);
}

#[tokio::test]
async fn a_hand_in_psql_stores_no_unclean_text() {
    let database = TestDatabase::new().await;
    let client = database.target().client().await.expect("a connection");
    for (sql, constraint) in [
        (
            "insert into actors (kind, name) values ('person', 'a  b')",
            "actors_name_clean_check",
        ),
        (
            "insert into actors (kind, name) values ('person', u&'e\\0301')",
            "actors_name_clean_check",
        ),
        (
            "insert into actors (kind, name, description) values ('person', 'a', u&'x\\202e')",
            "actors_description_clean_check",
        ),
        (
            "insert into actors (kind, name, properties) values ('person', 'a', '{\"a\": [\"b \"]}')",
            "actors_properties_check",
        ),
        (
            "insert into actors (kind, name, properties) values ('person', 'a', '{\" a\": []}')",
            "actors_properties_check",
        ),
        (
            "update countries set label = label || e'\\n' where code = 'CO'",
            "countries_label_clean_check",
        ),
    ] {
        let error = client.execute(sql, &[]).await.expect_err(sql);
        let named = error.as_db_error().and_then(|error| error.constraint());
        assert_eq!(named, Some(constraint), "{sql}");
    }

    // Not texts of its own: dates, codes with an expression, references to codes, and texts that are computed.
    let unchecked: Vec<String> = client
        .query(
            "with tables as (
               select resource::regclass as home from record_kinds
               union
               select child::regclass from record_children
             ), texts as (
               select tables.home, attribute.attname, attribute.attnum
               from tables
               join pg_attribute as attribute on attribute.attrelid = tables.home
               where attribute.attnum > 0 and not attribute.attisdropped
                 and attribute.atttypid = 'text'::regtype and attribute.attgenerated = ''
             )
             select home || '.' || attname
             from texts
             where not exists (
               select from pg_constraint as rule
               where rule.conrelid = texts.home
                 and (
                   rule.conname = texts.home || '_' || texts.attname || '_clean_check'
                   or (rule.contype = 'c' and rule.conkey = array[texts.attnum]
                     and pg_get_constraintdef(rule.oid) ~ format('CHECK \\(\\(+%s ~ ''\\^[^''\\\\]*\\$''', texts.attname))
                   or (rule.contype = 'f' and texts.attnum = any (rule.conkey))
                 )
             )
             order by 1",
            &[],
        )
        .await
        .expect("columns")
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert_eq!(
        unchecked,
        ["cameo_codes.root"],
        "add `<table>_<column>_clean_check check (is_clean_line(<column>))`, or is_clean_text"
    );
}

/// Whether Unicode 14, which PostgreSQL 15 knows, may lack the character, and it decomposes or is put into order.
fn is_newer_than_unicode_14(letter: char) -> bool {
    matches!(letter,
        '\u{897}' | '\u{ece}' | '\u{1acf}'..='\u{1aff}' | '\u{10d69}'..='\u{10d6d}' | '\u{10efa}'..='\u{10eff}'
        | '\u{11200}'..='\u{11241}' | '\u{11380}'..='\u{113e2}' | '\u{11f00}'..='\u{11f5f}' | '\u{105c0}'..='\u{105ff}'
        | '\u{1612f}' | '\u{16100}'..='\u{1613f}' | '\u{16d40}'..='\u{16d7f}' | '\u{1e08f}' | '\u{1e4d0}'..='\u{1e5ff}'
        | '\u{1e6c0}'..='\u{1e6ff}' | '\u{c04}' | '\u{1df5}'..='\u{1dff}' | '\u{13440}'..='\u{13455}' | '\u{2ffc}'..='\u{2fff}')
}

async fn assert_same_rule(client: &tokio_postgres::Client, texts: &[String], what: &str) {
    let rows = client
        .query(
            "select is_clean_line(given), is_clean_text(given) from unnest($1::text[]) with ordinality as sent (given, place) \
             order by place",
            &[&texts],
        )
        .await
        .expect("rules");
    let differing: Vec<String> = texts
        .iter()
        .zip(&rows)
        .filter(|(text, row)| {
            let is_clean = |form| clean(text, form).is_ok_and(|cleaned| cleaned == **text);
            is_clean(Form::Line) != row.get::<_, bool>(0) || is_clean(Form::Text) != row.get::<_, bool>(1)
        })
        .map(|(text, _)| text.escape_unicode().to_string())
        .collect();
    assert!(
        differing.is_empty(),
        "{what}: {} texts, such as {:?}",
        differing.len(),
        &differing[..differing.len().min(20)]
    );
}

fn random_texts(count: usize) -> Vec<String> {
    let letters = prop::sample::select(
        "a Z09.\t\r\n\u{a0}\u{ad}é\u{301}\u{323}\u{200b}\u{200c}\u{200d}\u{200f}\u{202e}\u{2028}\u{3000}م\u{647}क\u{94d}ക\u{d4d}\
         ᠠ\u{180b}👩❤\u{fe0f}葛\u{e0100}א\u{34f}\u{5b8}\u{feff}\u{1100}\u{1161}\u{e000}"
            .chars()
            .collect::<Vec<_>>(),
    );
    let texts =
        prop::collection::vec(letters, 0..9).prop_map(|letters| letters.into_iter().collect::<String>());
    let mut runner = TestRunner::deterministic();
    let mut all = Vec::with_capacity(2 * count);
    for _ in 0..count {
        let text = texts.new_tree(&mut runner).expect("a text").current();
        // The clean form of every text is one that the database takes.
        for form in [Form::Line, Form::Text] {
            if let Ok(cleaned) = clean(&text, form) {
                all.push(cleaned.into_owned());
            }
        }
        all.push(text);
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rule_is_the_same_in_rust_and_in_sql() {
    for (properties, step) in [
        ("encoding 'UTF8' locale 'C'", 1),
        (
            "encoding 'UTF8' locale 'C' locale_provider icu icu_locale 'tr-TR'",
            23,
        ),
    ] {
        let database = match TestDatabase::empty_with(properties).await {
            Ok(database) => database,
            Err(error) => {
                println!("skipped: no database with {properties}: {error:?}");
                continue;
            }
        };
        migrate(&database.target()).await.expect("migrated");
        let client = database.target().client().await.expect("a connection");
        // Beyond U+3400 there are long ranges of characters that are alike: their ends, and some within.
        let letters: Vec<String> = ('\u{1}'..='\u{3400}')
            .chain(('\u{3400}'..='\u{a000}').step_by(97))
            .chain('\u{a000}'..='\u{abff}')
            .chain('\u{d700}'..='\u{e100}')
            .chain('\u{f8f0}'..='\u{12000}')
            .chain(('\u{12000}'..='\u{10ffff}').step_by(257))
            .chain('\u{1bc90}'..='\u{1bcb0}')
            .chain('\u{1d160}'..='\u{1d1ff}')
            .chain('\u{dfff0}'..='\u{e0200}')
            .chain(
                (1..=16)
                    .flat_map(|plane| [0xfffd, 0xfffe, 0xffff].map(|last| plane * 0x1_0000 + last))
                    .filter_map(char::from_u32),
            )
            .step_by(step)
            .filter(|letter| !is_newer_than_unicode_14(*letter))
            .map(|letter| format!("a{letter}b"))
            .collect();
        assert_same_rule(&client, &letters, properties).await;
        assert_same_rule(&client, &random_texts(20_000 / step), properties).await;
    }
}
