//! Full text: `q` of lists, and `GET /v1/search`.

use reqwest::Method;
use serde_json::{Value, json};

use crate::as_of::moment;
use crate::support::{Desk, TestApp};

const MALFORMED: &str = "malformed-request";

/// What the searches of these tests find.
struct Library {
    desk: Desk,
    petro: String,
    sanction: String,
    other_sanction: String,
    action: String,
    source: String,
    tie: String,
    programme: String,
}

impl Library {
    async fn new() -> Self {
        let desk = Desk::new().await;
        let petro = desk.petro.clone();
        desk.app
            .patch(
                &format!("/v1/actors/{petro}"),
                &json!({"names": [{"name": "Gustavo Francisco Petro Urrego", "kind": "alias"}],
                        "description": "An economist & <b>senator</b> from Ciénaga de Oro"}),
            )
            .await
            .expect(200);
        let source = desk
            .app
            .create(
                "sources",
                json!({"kind": "official_statement", "title": "Tesoro anuncia sanciones", "publisher": "Department of the Treasury",
                       "url": "https://www.example.org/news/press-releases/sb0001", "language": "es"}),
            )
            .await;
        let sanction = desk
            .sanction(json!({
                "programmes": ["programme:ILLICIT-DRUGS-EO14059"], "reason": "For narcotics trafficking\nand related policies",
                "citations": [{"source": source.as_str()}],
            }))
            .await;
        let other = desk
            .actor(json!({"kind": "company", "name": "Acme Trading", "identifiers": [{"scheme": "bic", "value": "ACMECOBB"}]}))
            .await;
        let other_sanction = desk
            .sanction(json!({"target": other, "reason": "For trading in narcotics", "list_code": "desk", "list_uid": "SDN-4711"}))
            .await;
        let action = desk
            .app
            .create(
                "diplomatic-actions",
                json!({"type": "public_statement", "title": "Minister rejects the listing", "summary": "In Bogotá, before the press",
                       "participants": [{"role": "initiator", "actor": petro}]}),
            )
            .await;
        let tie = desk
            .app
            .create(
                "relationships",
                json!({"subject": petro, "kind": "owns", "object": other, "description": "A majority of the shares"}),
            )
            .await;
        Self {
            programme: desk.programme.clone(),
            desk,
            petro,
            sanction,
            other_sanction,
            action,
            source,
            tie,
        }
    }

    fn app(&self) -> &TestApp {
        &self.desk.app
    }

    /// Returns the names of what a list has, in its order.
    async fn found(&self, path: &str) -> Vec<&'static str> {
        let named = [
            ("petro", &self.petro),
            ("sanction", &self.sanction),
            ("other sanction", &self.other_sanction),
            ("action", &self.action),
            ("source", &self.source),
            ("tie", &self.tie),
            ("programme", &self.programme),
            ("ofac", &self.desk.ofac),
        ];
        let page = self.app().get(path).await.expect(200);
        page.ids()
            .iter()
            .map(|id| {
                named
                    .iter()
                    .find(|(_, known)| *known == id)
                    .map_or("unknown", |(name, _)| *name)
            })
            .collect()
    }
}

/// Returns a query string with the value of `q`.
fn q(query: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair("q", query)
        .finish()
}

#[tokio::test]
async fn words_find_records_by_their_own_texts_and_by_those_that_they_name() {
    let library = Library::new().await;

    for (list, query, wanted) in [
        ("actors", "petro", vec!["petro"]),
        ("actors", "PETRÓ urrego", vec!["petro"]),
        ("actors", "\"petro urrego\"", vec!["petro"]),
        ("actors", "\"urrego petro\"", vec![]),
        ("actors", "petr", vec![]),
        ("actors", "petr*", vec!["petro"]),
        ("actors", "senators cienaga", vec!["petro"]),
        ("actors", "\"senators\"", vec![]),
        ("actors", "petro -economist", vec![]),
        (
            "actors",
            "acmecobb or nothing or gustavo -treasury",
            vec!["unknown", "petro"],
        ),
        // By target, imposer, programme and source, and each word in another of them.
        ("sanctions", "petro", vec!["sanction"]),
        ("sanctions", "urrego narcotics", vec!["sanction"]),
        ("sanctions", "narcotics -petro", vec!["other sanction"]),
        ("sanctions", "acmecobb", vec!["other sanction"]),
        ("sanctions", "sdn-4711", vec!["other sanction"]),
        ("sanctions", "foreign assets illicit policy", vec!["sanction"]),
        ("sanctions", "\"policies\" or \"policy\"", vec!["sanction"]),
        ("sanctions", "example.org/news", vec!["sanction"]),
        ("sanctions", "tesoro narcotics", vec!["sanction"]),
        // A target is found by its name, not by its description.
        ("sanctions", "economist", vec![]),
        ("programmes", "eo14059", vec!["programme"]),
        ("programmes", "illicit office", vec!["programme"]),
        // In the language of the source.
        ("sources", "sanción", vec!["source"]),
        ("sources", "treasury sb0001", vec!["source"]),
        (
            "diplomatic-actions",
            "minister rejecting bogota petro",
            vec!["action"],
        ),
        ("relationships", "majority acme gustavo", vec!["tie"]),
        ("claims", "urrego", vec!["sanction", "action", "tie"]),
        ("claims", "urrego -narcotics -majority", vec!["action"]),
    ] {
        let mut found = library.found(&format!("/v1/{list}?{}", q(query))).await;
        let mut wanted = wanted;
        if query.contains(" or ") || list == "claims" {
            found.sort_unstable();
            wanted.sort_unstable();
        }
        assert_eq!(found, wanted, "{list} {query}");
    }
    // With the other filters, and in the list by actor.
    let petro = &library.petro;
    for (path, wanted) in [
        (
            "/v1/sanctions?q=narcotics&list_uid=SDN-4711".to_owned(),
            vec!["other sanction"],
        ),
        (
            format!("/v1/actors/{petro}/sanctions?q=narcotics"),
            vec!["sanction"],
        ),
        (format!("/v1/actors/{petro}/relationships?q=acme"), vec!["tie"]),
        ("/v1/actors?q=petro&kind=company".to_owned(), vec![]),
        (
            "/v1/sanctions?q=narcotics&not.list_uid=SDN-4711&or=(target:desk:petro,imposer:desk:petro)"
                .to_owned(),
            vec!["sanction"],
        ),
    ] {
        assert_eq!(library.found(&path).await, wanted, "{path}");
    }
}

#[tokio::test]
async fn counts_are_of_the_records_that_a_search_finds() {
    let library = Library::new().await;
    for (path, expected) in [
        ("sanctions/counts?by=target&q=narcotics", 2),
        ("sanctions/counts?by=target&q=trafficking", 1),
        ("sanctions/counts?by=target&q=sb0001&not.target=iso3166:CO", 1),
        ("sources/counts?by=kind&q=tesoro", 1),
        ("actors/counts?by=kind&q=unheardof", 0),
    ] {
        let counts = library.app().get(&format!("/v1/{path}")).await.expect(200);
        assert_eq!(counts.body["total"], expected, "{path}: {}", counts.text);
        let rows = counts.body["items"].as_array().expect("items");
        assert!(
            rows.iter().all(|row| row["count"] == 1),
            "{path}: {}",
            counts.text
        );
        let csv = library
            .app()
            .get(&format!("/v1/{path}&format=csv"))
            .await
            .expect(200);
        assert_eq!(csv.text.lines().count(), 1 + expected, "{path}");
    }
    library
        .app()
        .get("/v1/sanctions/counts?by=target&q=")
        .await
        .expect_problem(400, MALFORMED);
}

#[tokio::test]
async fn a_match_has_a_rank_and_a_snippet_beside_the_record() {
    let library = Library::new().await;
    let app = library.app();
    let one = |page: &Value| page["items"][0].clone();

    for (path, of, snippet) in [
        (
            "/v1/actors?q=petro",
            format!("/v1/actors/{}", library.petro),
            "Gustavo <mark>Petro</mark>",
        ),
        (
            "/v1/actors?q=senators",
            format!("/v1/actors/{}", library.petro),
            "An economist &amp; &lt;b&gt;<mark>senator</mark>&lt;/b&gt; from Ciénaga de Oro",
        ),
        (
            "/v1/sanctions?q=urrego",
            format!("/v1/sanctions/{}", library.sanction),
            "Gustavo Francisco Petro <mark>Urrego</mark>",
        ),
        (
            "/v1/sanctions?q=sb0001",
            format!("/v1/sanctions/{}", library.sanction),
            "https://www.example.org/news/press-releases/<mark>sb0001</mark>",
        ),
        (
            "/v1/sources?q=sancion",
            format!("/v1/sources/{}", library.source),
            "Tesoro anuncia <mark>sanciones</mark>",
        ),
    ] {
        let page = app.get(path).await.expect(200);
        let mut item = one(&page.body);
        let found = item
            .as_object_mut()
            .and_then(|fields| fields.remove("match"))
            .expect("a match");
        assert_eq!(item, app.get(&of).await.expect(200).body, "{path}");
        assert_eq!(found["snippet"], snippet, "{path}");
        assert!(found["rank"].as_f64().is_some_and(|rank| rank > 0.0), "{found}");
        let line = app.get(&format!("{path}&format=ndjson")).await.expect(200);
        let line: Value = serde_json::from_str(line.text.lines().next().expect("a line")).expect("JSON");
        assert_eq!(line, one(&page.body), "{path}");
        let table = app.get(&format!("{path}&format=csv")).await.expect(200);
        let plain = app.get(&format!("{of}?pretty=true")).await.expect(200);
        assert!(plain.body.get("match").is_none());
        let mut reader = csv::Reader::from_reader(table.text.as_bytes());
        let header = reader.headers().expect("a header").clone();
        let row = reader.records().next().expect("a row").expect("a row");
        assert_eq!(&header[header.len() - 2], "rank");
        assert_eq!(&header[header.len() - 1], "snippet");
        assert_eq!(&row[row.len() - 1], snippet, "{path}");
    }
    // With the fields that are asked for, and references whole.
    let shaped = app
        .get("/v1/sanctions?q=narcotics+petro&fields=id,target.description,match.snippet&include=target")
        .await
        .expect(200);
    assert_eq!(
        shaped.body["items"],
        json!([{
            "id": library.sanction, "target": {"description": "An economist & <b>senator</b> from Ciénaga de Oro"},
            "match": {"snippet": "For <mark>narcotics</mark> trafficking\nand related policies"}
        }])
    );
    let counted = app
        .get("/v1/sanctions?q=petro&facets=claim_status&limit=1")
        .await
        .expect(200);
    assert_eq!(counted.body["facets"]["claim_status"]["values"][0]["count"], 1);
    // A name counts more than a description, and a record's own texts more than those of another.
    app.create(
        "actors",
        json!({"kind": "person", "name": "Ann", "description": "Adviser of Petro"}),
    )
    .await;
    let ranks = app.get("/v1/actors?q=petro").await.expect(200);
    assert_eq!(ranks.ids()[0], library.petro);
    assert_eq!(ranks.ids().len(), 2);
    let own = ranks.body["items"][0]["match"]["rank"].as_f64();
    let linked = app.get("/v1/sanctions?q=petro").await.expect(200);
    assert!(own > linked.body["items"][0]["match"]["rank"].as_f64());
}

#[tokio::test]
async fn pages_of_a_search_hold_every_match_once_in_order_of_rank() {
    let app = TestApp::new().await;
    let operations: Vec<Value> = (0..25)
        .map(|number| {
            let description = "cartouche ".repeat(number % 4);
            json!({"method": "POST", "resource": "actors", "body": {
                "kind": "company", "name": format!("Pagination {number}"), "description": format!("Of pagination {description}")}})
        })
        .collect();
    app.post("/v1/batch", &json!({"operations": operations}))
        .await
        .expect(200);

    for list in ["/v1/actors", "/v1/search"] {
        for query in [
            "q=pagination",
            "q=pagination+or+cartouche",
            "q=pagination&sort=rank",
        ] {
            let whole = app.walk(list, query, 1000).await;
            let pages = app.walk(list, query, 4).await;

            assert_eq!(whole.len(), 25, "{list} {query}");
            assert_eq!(pages, whole, "{list} {query}");
            let ranks: Vec<f64> = whole
                .iter()
                .map(|item| item["match"]["rank"].as_f64().expect("a rank"))
                .collect();
            let ascends = query.ends_with("sort=rank");
            assert!(ranks.is_sorted_by(|one, other| if ascends { one <= other } else { one >= other }));
        }
        let counted = app
            .get(&format!("{list}?q=cartouche&count=exact&limit=2"))
            .await
            .expect(200);
        assert_eq!(counted.body["total"], 18);
    }
    let by_name = app.walk("/v1/actors", "q=pagination&sort=-name", 4).await;
    assert!(by_name.is_sorted_by(|one, other| one["name"].as_str() > other["name"].as_str()));
    let refused = app
        .get("/v1/actors?sort=rank")
        .await
        .expect_problem(400, MALFORMED);
    assert_eq!(refused.pointers(), ["?sort"]);
    let page = app.get("/v1/actors?q=pagination&limit=2").await.expect(200);
    let cursor = page.body["next_cursor"].as_str().expect("a cursor").to_owned();
    app.get(&format!("/v1/actors?q=cartouche&limit=2&cursor={cursor}"))
        .await
        .expect_problem(400, MALFORMED);
}

/// No server has to put a change in order first, and none can be forgotten.
#[tokio::test]
async fn a_search_finds_what_is_committed_however_it_was_written() {
    let library = Library::new().await;
    let app = library.app();
    let client = app.client().await;
    let before = moment(app).await;
    // Nobody puts changes in order meanwhile.
    let lock = app.client().await;
    lock.batch_execute("begin; select from chain_head for update")
        .await
        .expect("locked");

    client
        .batch_execute(&format!(
            "update actors set name = 'Gus Renamed' where id = '{petro}'; delete from actor_names where actor_id = '{petro}'; \
             delete from sanctions where id = '{other}'; \
             insert into sources (kind, title) values ('report', 'Renamed and archived')",
            petro = library.petro,
            other = library.other_sanction
        ))
        .await
        .expect("written");
    let now = async |path: &str| app.get(path).await.expect(200).ids().len();
    assert_eq!(now("/v1/actors?q=gustavo").await, 0);
    assert_eq!(now("/v1/sanctions?q=gustavo").await, 0);
    assert_eq!(library.found("/v1/sanctions?q=renamed").await, ["sanction"]);
    assert_eq!(library.found("/v1/sanctions?q=narcotics").await, ["sanction"]);
    assert_eq!(now("/v1/sources?q=archived").await, 1);
    lock.batch_execute("rollback").await.expect("unlocked");
    let after = moment(app).await;

    assert_eq!(now("/v1/actors?q=gustavo").await, 0);
    assert_eq!(library.found("/v1/sanctions?q=renamed").await, ["sanction"]);
    for (path, then, today) in [
        ("/v1/actors?q=gustavo", vec!["petro"], vec![]),
        ("/v1/sanctions?q=gustavo", vec!["sanction"], vec![]),
        ("/v1/sanctions?q=renamed", vec![], vec!["sanction"]),
        ("/v1/sanctions?q=sdn-4711", vec!["other sanction"], vec![]),
        (
            "/v1/search?q=gustavo&resource=sanctions",
            vec!["sanction"],
            vec![],
        ),
        ("/v1/claims?q=gustavo+majority", vec!["tie"], vec![]),
    ] {
        assert_eq!(
            library.found(&format!("{path}&known_at={before}")).await,
            then,
            "{path}"
        );
        assert_eq!(
            library.found(&format!("{path}&known_at={after}")).await,
            today,
            "{path}"
        );
        assert_eq!(library.found(path).await, today, "{path}");
    }
    let snippet = app
        .get(&format!("/v1/search?q=gustavo&resource=actors&known_at={before}"))
        .await
        .expect(200);
    assert_eq!(
        snippet.body["items"][0]["match"]["snippet"],
        "<mark>Gustavo</mark> Petro"
    );
    assert_eq!(snippet.body["items"][0]["title"], "Gustavo Petro");
    // A restored record is found again.
    let id = &library.other_sanction;
    app.post(&format!("/v1/sanctions/{id}/restore"), &json!({"version": 1}))
        .await
        .expect(200);
    assert_eq!(
        library.found("/v1/sanctions?q=sdn-4711").await,
        ["other sanction"]
    );
}

#[tokio::test]
async fn one_search_goes_across_all_kinds() {
    let library = Library::new().await;
    let app = library.app();

    let page = app.get("/v1/search?q=petro&count=exact").await.expect(200);
    // Also the action that the desk begins with, whose title names Petro, and a tie of Petro.
    assert_eq!(page.body["total"], 5, "{}", page.text);
    assert_eq!(page.ids()[0], library.petro);
    let item = |id: &str| {
        page.body["items"]
            .as_array()
            .and_then(|items| items.iter().find(|item| item["id"] == id))
            .cloned()
            .expect("found")
    };
    let sanction = item(&library.sanction);
    assert_eq!(sanction["resource"], "sanctions");
    assert_eq!(sanction["path"], format!("/v1/sanctions/{}", library.sanction));
    assert_eq!(
        sanction["title"],
        "Office of Foreign Assets Control sanctions Gustavo Petro"
    );
    assert_eq!(item(&library.action)["resource"], "diplomatic-actions");
    assert_eq!(item(&library.action)["title"], "Minister rejects the listing");
    for (query, wanted) in [
        ("q=narcotics", vec!["other sanction", "sanction"]),
        (
            "q=petro&resource=actors&resource=relationships",
            vec!["petro", "tie"],
        ),
        ("q=eo14059", vec!["programme", "sanction"]),
        ("q=tesoro", vec!["source", "sanction"]),
        ("q=unheard", vec![]),
    ] {
        let mut found = library.found(&format!("/v1/search?{query}")).await;
        if query == "q=narcotics" {
            found.sort_unstable();
        }
        assert_eq!(found, wanted, "{query}");
    }
    let programme = app.get("/v1/search?q=eo14059").await.expect(200);
    assert_eq!(
        programme.body["items"][0]["title"],
        "ILLICIT-DRUGS-EO14059 Illicit drugs"
    );
    let table = app.get("/v1/search?q=petro&format=csv").await.expect(200);
    assert!(table.text.starts_with("resource,id,path,title,rank,snippet\r\n"));
    assert_eq!(table.text.lines().count(), 6);
    let refused = app.get("/v1/search").await.expect_problem(400, MALFORMED);
    assert_eq!(refused.pointers(), ["?q"]);
    for (query, pointer) in [
        ("q=a&resource=treaties", "?resource"),
        ("q=a&kind=person", "?kind"),
        ("q=a&sort=name", "?sort"),
    ] {
        let refused = app.get(&format!("/v1/search?{query}")).await;
        assert_eq!(refused.expect_problem(400, MALFORMED).pointers(), [pointer]);
    }
}

#[tokio::test]
async fn a_word_has_the_forms_of_the_language_of_a_text() {
    let desk = Desk::new().await;
    let app = &desk.app;
    let put = app
        .create(
            "sources",
            json!({"kind": "news_article", "title": "The Council puts a company on its list of US firms"}),
        )
        .await;
    let danish = app
        .create(
            "sources",
            json!({"kind": "news_article", "title": "Rådet og putins venner", "language": "da"}),
        )
        .await;
    let programme = app
        .create(
            "programmes",
            json!({"code": "SSI", "name": "Sectoral Sanctions Identifications", "imposer": desk.ofac}),
        )
        .await;

    // Danish makes put of putin, and other languages us of usa.
    for (path, wanted) in [
        ("/v1/sources?q=putin", vec![&danish]),
        ("/v1/sources?q=put", vec![&put]),
        ("/v1/sources?q=firm", vec![&put]),
        ("/v1/sources?q=usa", vec![]),
        ("/v1/sources?q=company+-usa", vec![&put]),
        ("/v1/sources?q=company+NOT+usa", vec![&put]),
        ("/v1/sources?q=company+NOT+firm", vec![]),
        ("/v1/sources?q=firms+|+venner&sort=title", vec![&danish, &put]),
        ("/v1/programmes?q=sanction", vec![&programme]),
    ] {
        let found = app.get(path).await.expect(200);
        assert_eq!(found.ids().iter().collect::<Vec<_>>(), wanted, "{path}");
        for item in found.body["items"].as_array().expect("items") {
            assert_ne!(item["match"]["snippet"], Value::Null, "{path}");
        }
    }
}

#[tokio::test]
async fn the_record_whose_name_is_searched_for_comes_first() {
    let desk = Desk::new().await;
    let app = &desk.app;
    let words = "Persia and its neighbours. ".repeat(50);
    let persia = app
        .create(
            "actors",
            json!({"kind": "state", "name": "Islamic Republic of Persia", "description": words,
                   "names": [{"name": "Persia", "kind": "alias"}, {"name": "Großes Persia-Reich", "kind": "alias"}]}),
        )
        .await;
    app.create(
        "sources",
        json!({"kind": "news_article", "title": "Persia: Persia and Islamic Persia Reich", "url": "https://www.example.org/persia"}),
    )
    .await;
    app.create(
        "diplomatic-actions",
        json!({"type": "public_statement", "title": "Persia speaks", "participants": [{"role": "initiator", "actor": persia}]}),
    )
    .await;
    let now = moment(app).await;
    for query in [
        "persia",
        "PERSIA",
        "\"Persia\"",
        "islamic republic of persia",
        "grosses persia reich",
    ] {
        for at in [String::new(), format!("&known_at={now}")] {
            let found = app.get(&format!("/v1/search?{}{at}", q(query))).await.expect(200);
            assert_eq!(found.ids()[0], persia, "{query}");
        }
    }
}

#[tokio::test]
async fn a_name_that_is_longer_than_an_index_takes_is_found_by_its_words() {
    let app = &TestApp::new().await;
    // A ligature of eighteen letters.
    let long = "\u{FDFA} ".repeat(100);
    let person = app
        .create(
            "actors",
            json!({"kind": "person", "name": format!("Asma {long}")}),
        )
        .await;
    let many: Vec<Value> = (0..400)
        .map(|number| json!({"name": format!("Asma {number}"), "kind": "alias"}))
        .collect();
    let other = app
        .create(
            "actors",
            json!({"kind": "person", "name": "Of many names", "names": many}),
        )
        .await;
    // It would never end if a vector could not be made.
    moment(app).await;

    let found = app.get("/v1/actors?q=asma").await.expect(200);
    assert_eq!(found.ids().len(), 2);
    for query in ["\u{FDFA}".repeat(27), "a".repeat(500), "𐎠".repeat(500)] {
        let found = app.get(&format!("/v1/search?{}", q(&query))).await.expect(200);
        assert!(found.ids().is_empty(), "{query}");
    }
    let found = app
        .get(&format!("/v1/actors?{}", q("\u{FDFA}")))
        .await
        .expect(200);
    assert_eq!(found.ids(), [person]);
    assert_eq!(app.get("/v1/search?q=asma+7").await.expect(200).ids()[0], other);
    let row = app
        .client()
        .await
        .query_one(
            "select count(*) from search_texts as texts join revisions as revision using (record_id, version, resource) \
             where texts.vector <> search_vector(revision.document)",
            &[],
        )
        .await
        .expect("a count");
    assert_eq!(row.get::<_, i64>(0), 0);
}

#[tokio::test]
async fn bad_queries_are_refused_and_odd_ones_find_nothing() {
    let app = TestApp::new().await;
    app.create(
        "actors",
        json!({"kind": "person", "name": "محمد تجربة", "names": [
            {"name": "北京大学", "kind": "alias"}, {"name": "שלום עולם", "kind": "alias"}, {"name": "Ärger & Söhne", "kind": "alias"},
            {"name": "The And", "kind": "alias"}]}),
    )
    .await;

    let letters = "a".repeat(10_000);
    let words: String = (0..1000).map(|word| format!("{word} ")).collect();
    for list in ["/v1/actors", "/v1/sanctions", "/v1/claims", "/v1/search"] {
        for query in [
            "",
            "   ",
            "&|!():*<->'\"\\",
            "-petro",
            "petro or",
            "a*",
            &letters,
            &words,
            "a\0b",
            "a\u{1}b",
            "a\u{202e}b",
        ] {
            // What is left of "petro or" is a query.
            if query == "petro or" {
                app.get(&format!("{list}?{}", q(query))).await.expect(200);
                continue;
            }
            let refused = app.get(&format!("{list}?{}", q(query))).await;
            assert_eq!(
                refused.expect_problem(400, MALFORMED).pointers(),
                ["?q"],
                "{query}"
            );
        }
        for name in ["not.q", "has.q", "all.q"] {
            let refused = app.get(&format!("{list}?q=a&{name}=true")).await;
            assert_eq!(
                refused.expect_problem(400, MALFORMED).pointers(),
                [format!("?{name}")]
            );
        }
        let twice = app.get(&format!("{list}?q=a&q=b")).await;
        assert_eq!(twice.expect_problem(400, MALFORMED).pointers(), ["?q"]);
    }
    for (query, number) in [
        ("محمد", 1),
        ("مُحَمَّد", 1),
        ("\"שלום עולם\"", 1),
        ("北京大学", 1),
        ("北京*", 1),
        // Han text has no blanks: a run of it is one word.
        ("大学", 0),
        ("arger sohne", 1),
        ("ÄRGER & SÖHNE", 1),
        // Words that are left out of full text elsewhere are words here.
        ("\"the and\"", 1),
        ("petro'); drop table actors; --", 0),
        ("<b> $1 %s \\ :A & !x", 0),
        ("' or ''='", 0),
    ] {
        let answer = app.get(&format!("/v1/actors?{}", q(query))).await;
        if query.starts_with('\'') || query.starts_with("<b>") {
            // Words are left of some of these, and none of others.
            assert!(answer.status.as_u16() <= 400, "{}", answer.text);
            continue;
        }
        assert_eq!(answer.expect(200).ids().len(), number, "{query}");
    }
    // Where there is nothing to search: refused as every unknown parameter.
    for path in [
        "/v1/vocabularies/measures?q=a",
        "/v1/warnings?q=a",
        "/v1/changes?q=a",
    ] {
        let refused = app.get(path).await;
        assert_eq!(
            refused.expect_problem(400, MALFORMED).pointers(),
            ["?q"],
            "{path}"
        );
    }
    let private = TestApp::with(demarche::config::Limits::default()).await;
    private
        .get("/v1/search?q=a")
        .await
        .expect_problem(401, "unauthorized");
    let allowed = private
        .request(Method::GET, "/v1/search?q=iran")
        .bearer_auth(&private.reader);
    assert!(!private.send(allowed).await.expect(200).ids().is_empty());
}

/// Daily lists change a record a thousand times in a few years.
#[tokio::test]
async fn a_record_of_many_versions_is_found_as_fast_as_others() {
    let app = TestApp::new().await;
    let body = json!({"kind": "person", "name": "Velvetine"});
    let id = app.create("actors", body).await;
    app.client()
        .await
        .batch_execute(&format!(
            "do $$ begin for number in 1..1000 loop \
             update actors set description = 'text ' || number where id = '{id}'; commit; end loop; end $$"
        ))
        .await
        .expect("written");
    for path in [
        "/v1/actors?q=velvetine",
        "/v1/search?q=velvetine",
        "/v1/actors?q=velvetine+1000",
    ] {
        // With the square of their number it would be too slow.
        let found = app.get(path).await.expect(200);
        assert_eq!(found.ids(), [id.as_str()], "{path}");
    }
}

/// A vector has at most a megabyte, and a word at most two kilobytes.
#[tokio::test]
async fn a_record_of_any_size_can_be_written_and_is_found_by_its_first_words() {
    let app = TestApp::new().await;
    // Words of `length` letters, all different, from an alphabet that begins at `first`.
    let distinct = |first: char, alphabet: u32, length: u32, letters: usize| -> String {
        (0..alphabet.pow(length))
            .map(|number| {
                let word: String = (0..length)
                    .filter_map(|place| {
                        char::from_u32(u32::from(first) + number / alphabet.pow(place) % alphabet)
                    })
                    .collect();
                word + " "
            })
            .collect::<String>()
            .chars()
            .take(letters)
            .collect()
    };
    for (number, filler) in [
        // Letters of four bytes, of three, of one; one word; line breaks.
        distinct('\u{20000}', 600, 2, 200_000),
        distinct('\u{4e00}', 600, 2, 250_000),
        distinct('a', 26, 4, 400_000),
        "x".repeat(900_000),
        "y\n".repeat(300_000),
    ]
    .into_iter()
    .enumerate()
    {
        let description = format!("Prologue{number}\n{filler}\nepilogue{number}");
        let body = json!({"kind": "person", "name": "Long", "description": description});
        app.create("actors", body).await;

        let found = app
            .get(&format!("/v1/actors?q=prologue{number}"))
            .await
            .expect(200);
        assert_eq!(found.ids().len(), 1, "{number}");
        let end = app
            .get(&format!("/v1/actors?q=epilogue{number}"))
            .await
            .expect(200);
        assert!(end.ids().is_empty(), "{number}");
    }
    moment(&app).await;
    assert_eq!(app.get("/v1/actors?q=long").await.expect(200).ids().len(), 5);
}
