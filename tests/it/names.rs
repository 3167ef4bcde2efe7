//! How names are searched: the key of a name in Rust and in SQL, in databases of every locale.

use demarche::db::migrate::MigrateError;
use demarche::migrating::migrate;
use demarche::text::clean::line;
use demarche::text::search_key::search_key;
use serde_json::json;

use crate::support::{TestApp, TestDatabase};

/// A name, and a part of it as others write it.
const SPELLINGS: [(&str, &str); 16] = [
    ("Андреи\u{306} Тестов", "Андрей Тестов"),
    ("Сергей Пробный", "сергеи\u{306} пробныи\u{306}"),
    ("مُحَمَّد تجربة", "محمد تجربة"),
    ("عبـــد الله", "عبد الله"),
    ("שָׁלוֹם בדיקה", "שלום"),
    ("ΝΙΚΟΣ ΔΟΚΙΜΟΣ", "Νίκος Δόκιμος"),
    ("ХЛЕБ", "хлеб"),
    ("Qāʿida", "qaida"),
    ("Shanʾa al-Miṯāl", "SHANA AL MITAL"),
    ("Alpha\u{a0}Trading ZZ", "Alpha Trading ZZ"),
    ("Jean-Luc d’Exemple", "jean luc dexemple"),
    ("Straße und Gasse", "STRASSE UND"),
    ("İstanbul Deneme", "istanbul"),
    ("ISPARTA Deneme", "ısparta"),
    ("Łukasz Próbny", "lukasz probny"),
    ("ＦＵＬＬ　ＷＩＤＴＨ", "full width"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_found_by_every_spelling_now_and_as_of_a_moment() {
    let app = TestApp::new().await;
    for (name, _) in SPELLINGS {
        app.create("actors", json!({"kind": "person", "name": name}))
            .await;
    }
    let other = json!({
        "kind": "person", "name": "Other", "names": [{"name": "Doña Ñusta", "kind": "alias"}],
    });
    app.create("actors", other).await;
    let now = chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Micros, true);

    for (name, spelling) in SPELLINGS.into_iter().chain([("Other", "dona nusta")]) {
        for moment in ["".to_owned(), format!("&known_at={now}")] {
            let query: String = url::form_urlencoded::byte_serialize(spelling.as_bytes()).collect();
            let found = app
                .get(&format!("/v1/actors?kind=person&name={query}{moment}"))
                .await
                .expect(200);
            let names: Vec<&str> = found.body["items"]
                .as_array()
                .expect("a page")
                .iter()
                .filter_map(|item| item["name"].as_str())
                .collect();
            let stored = line(name).expect("a line");
            assert_eq!(names, [&*stored], "{spelling}{moment}");
        }
    }
}

#[tokio::test]
async fn a_search_for_signs_that_no_key_has_is_refused() {
    let app = TestApp::new().await;
    app.create("actors", json!({"kind": "person", "name": "Ann"}))
        .await;

    for nothing in ["-", "%CA%BF", "%CC%81"] {
        for parameter in ["name", "address.city"] {
            let refused = app
                .get(&format!("/v1/actors?name=Ann&{parameter}={nothing}"))
                .await
                .expect_problem(400, "malformed-request");
            assert_eq!(refused.pointers(), [format!("?{parameter}")], "{nothing}");
            assert!(
                refused.detail().contains("write letters or digits"),
                "{}",
                refused.detail()
            );
        }
    }
    // A sign that names are compared with is a part of a name.
    let found = app.get("/v1/actors?name=%25").await.expect(200);
    assert_eq!(found.ids(), Vec::<String>::new());
}

/// What the lists of the UN, OFAC and the UK call states, and the key of each.
const COUNTRY_FORMS: &[(&str, &str)] = &[
    ("Bahamas, The", "iso3166:BS"),
    ("Bolivia (Plurinational State of)", "iso3166:BO"),
    ("British Virgin Islands", "iso3166:VG"),
    ("China", "iso3166:CN"),
    ("China, Hong Kong Special Administrative Region", "iso3166:HK"),
    ("Congo", "iso3166:CG"),
    ("Congo, Democratic Republic of the", "iso3166:CD"),
    ("Congo, Republic of the", "iso3166:CG"),
    ("Cote d Ivoire", "iso3166:CI"),
    ("Democratic People's Republic of Korea", "iso3166:KP"),
    ("Democratic Republic of the Congo", "iso3166:CD"),
    ("Hong Kong Special Administrative Region", "iso3166:HK"),
    ("Iran (Islamic Republic of)", "iso3166:IR"),
    ("Korea, North", "iso3166:KP"),
    ("Korea, South", "iso3166:KR"),
    ("Libyan Arab Jamahiriya", "iso3166:LY"),
    ("Man, Isle of", "iso3166:IM"),
    ("Mali", "iso3166:ML"),
    ("Micronesia (Federated States of)", "iso3166:FM"),
    ("Netherlands (Kingdom of the)", "iso3166:NL"),
    ("Niger", "iso3166:NE"),
    ("North Macedonia, The Republic of", "iso3166:MK"),
    ("Palestinian Territories", "iso3166:PS"),
    ("RPDC", "iso3166:KP"),
    ("Russian Federation", "iso3166:RU"),
    ("State of Palestine", "iso3166:PS"),
    ("Sudan", "iso3166:SD"),
    ("Sultanate of Oman", "iso3166:OM"),
    ("Syrian Arab Republic", "iso3166:SY"),
    ("Tanzania", "iso3166:TZ"),
    ("The Netherlands", "iso3166:NL"),
    ("Turkey", "iso3166:TR"),
    ("Türkiye", "iso3166:TR"),
    ("USA", "iso3166:US"),
    ("USSR", "iso3166_3:SUHH"),
    ("Union of the Comoros", "iso3166:KM"),
    (
        "United Kingdom of Great Britain and Northern Ireland",
        "iso3166:GB",
    ),
    ("United Republic of Tanzania", "iso3166:TZ"),
    ("United States of America", "iso3166:US"),
    ("Venezuela (Bolivarian Republic of)", "iso3166:VE"),
    ("Viet Nam", "iso3166:VN"),
    ("Virgin Islands, British", "iso3166:VG"),
    ("former Soviet Union", "iso3166_3:SUHH"),
];

#[tokio::test]
async fn every_form_of_a_country_in_the_lists_names_one_state() {
    let app = TestApp::new().await;
    let client = app.client().await;
    for (form, key) in COUNTRY_FORMS {
        let rows = client
            .query(
                "select distinct identifier.scheme || ':' || identifier.value
                 from (
                   select id, plain_name from actors
                   union all
                   select actor_id, plain_name from actor_names
                 ) as named (id, plain_name)
                 left join actor_identifiers as identifier
                   on identifier.actor_id = named.id and identifier.scheme in ('iso3166', 'iso3166_3')
                 where named.plain_name = plain_name($1)",
                &[form],
            )
            .await
            .expect("states");
        let keys: Vec<Option<String>> = rows.iter().map(|row| row.get(0)).collect();
        assert_eq!(keys, [Some((*key).to_owned())], "{form}");
    }
    for name in [
        "Iran (Islamic Republic of)",
        "iran islamic republic of",
        "Iran, Islamic Republic of",
    ] {
        let query: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        let found = app.get(&format!("/v1/actors?name={query}")).await.expect(200);
        assert_eq!(found.body["items"][0]["name"], "Iran", "{name}");
        assert_eq!(found.ids().len(), 1, "{name}");
    }
}

/// PostgreSQL 15 does not know these characters, which have a decomposition.
const NEWER_THAN_UNICODE_14: [char; 7] = [
    '\u{558}', '\u{58b}', '\u{58c}', '\u{209d}', '\u{209e}', '\u{209f}', '\u{a7f1}',
];

/// Texts on which the rules of Rust and of PostgreSQL are compared: each `step`th character, and whole names.
fn texts(step: usize) -> Vec<String> {
    // From U+3400 to U+A63F and from U+AC00 to U+D7A3 there are only letters without case.
    let letters = [
        0x1..0x3200,
        0x4e00..0x4e10,
        0xa640..0xac10,
        0xf900..0xfa10,
        0xfb00..0x1_0000,
        0x1_0400..0x1_0500,
        0x1_d400..0x1_d500,
        0x1_e900..0x1_e950,
    ];
    let mut texts: Vec<String> = letters
        .into_iter()
        .flatten()
        .filter_map(char::from_u32)
        .step_by(step)
        .filter(|letter| !NEWER_THAN_UNICODE_14.contains(letter))
        .map(|letter| format!("a{letter} B{letter}{letter}"))
        .collect();
    texts.extend(
        SPELLINGS
            .iter()
            .flat_map(|(one, other)| [(*one).to_owned(), (*other).to_owned()]),
    );
    texts.extend(["", " ", "'", "  A -- b  ", "\t", "100%_\\", "김정은"].map(str::to_owned));
    texts
}

async fn assert_same_keys(client: &tokio_postgres::Client, locale: &str, step: usize) {
    let texts = texts(step);
    let rows = client
        .query(
            "select plain_name(given) from unnest($1::text[]) as given",
            &[&texts],
        )
        .await
        .expect("keys");
    let differing: Vec<String> = texts
        .iter()
        .zip(&rows)
        .filter(|(text, row)| search_key(text) != row.get::<_, String>(0))
        .map(|(text, row)| {
            format!(
                "{} in Rust {:?}, in SQL {:?}",
                text.escape_unicode(),
                search_key(text),
                row.get::<_, String>(0)
            )
        })
        .collect();
    assert!(differing.is_empty(), "{locale}: {differing:#?}");
}

#[tokio::test]
async fn the_key_is_the_same_in_rust_and_in_sql() {
    let database = TestDatabase::new().await;
    let client = database.target().client().await.expect("a connection");

    assert_same_keys(&client, "the default", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_key_does_not_depend_on_the_locale_of_the_database() {
    for properties in [
        "encoding 'UTF8' locale 'C'",
        "encoding 'UTF8' locale 'C' locale_provider icu icu_locale 'tr-TR'",
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
        client
            .batch_execute("insert into actors (kind, name) values ('person', 'ISPARTA ХЛЕБ ΝΙΚΟΣ')")
            .await
            .expect("recorded");

        assert_same_keys(&client, properties, 10).await;
        for part in ["isparta", "ısparta", "хлеб", "νίκος"] {
            let row = client
                .query_one(
                    "select count(*) from actors where plain_name like any (name_patterns(array[$1]))",
                    &[&part],
                )
                .await
                .expect("a count");
            assert_eq!(row.get::<_, i64>(0), 1, "{part}, {properties}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_in_another_encoding_is_refused_and_not_changed() {
    for encoding in ["LATIN1", "SQL_ASCII"] {
        let database = TestDatabase::empty_with(&format!("encoding '{encoding}' locale 'C'"))
            .await
            .expect("every PostgreSQL has the encoding");

        let refused = migrate(&database.target()).await.expect_err("refused");

        assert!(matches!(&refused, MigrateError::Encoding(named) if named == encoding));
        assert!(refused.to_string().contains("--encoding=UTF8"), "{refused}");
        let tables: i64 = database
            .target()
            .client()
            .await
            .expect("a connection")
            .query_one(
                "select count(*) from pg_class where relnamespace = 'public'::regnamespace",
                &[],
            )
            .await
            .expect("a count")
            .get(0);
        assert_eq!(tables, 0);
    }
}
