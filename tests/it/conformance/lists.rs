//! Lists: pages, formats, parameters.

use super::*;

#[tokio::test]
async fn pages_hold_every_record_once_in_order() {
    for_every_kind(async |app, sample| {
        let list = sample.path();
        let earlier = app.walk(&list, "sort=created_at", 1000).await.len();
        let mut ids = Vec::new();
        for number in 0..5 {
            ids.push(app.create(sample.kind.path(), sample.numbered(number)).await);
        }
        let walked = async |sort: &str| -> Vec<String> {
            let items = app.walk(&list, &format!("sort={sort}"), 2).await;
            items
                .iter()
                .map(|item| item["id"].as_str().expect("an id").to_owned())
                .collect()
        };
        // There are hundreds of actors; only the newest pages matter here.
        let up = if earlier < 20 {
            walked("created_at").await.split_off(earlier)
        } else {
            let mut newest = app.get(&format!("{list}?sort=-created_at&limit=5")).await.ids();
            newest.reverse();
            newest
        };
        assert_eq!(up, ids);
        let mut down = Vec::new();
        let mut next = format!("{list}?sort=-created_at&limit=2");
        while down.len() < 5 {
            let page = app.get(&next).await.expect(200);
            down.extend(page.ids());
            next = match page.body["next_cursor"].as_str() {
                Some(cursor) => format!("{list}?sort=-created_at&limit=2&cursor={cursor}"),
                None => break,
            };
        }
        down.truncate(5);
        down.reverse();
        assert_eq!(down, ids);
        let counted = app.get(&format!("{list}?count=exact&limit=1")).await.expect(200);
        assert_eq!(counted.body["total"], earlier + 5);
    })
    .await;
}

#[tokio::test]
async fn a_list_holds_records_as_they_are_read_in_each_format() {
    for_every_kind(async |app, sample| {
        let created = create_full(app, sample).await;
        let query = format!("{}?sort=-created_at&limit=1", sample.path());
        let whole = format!("{}?sort=-created_at", sample.path());
        let accept = async |path: &str, kind: &'static str| {
            app.send(app.request(Method::GET, path).header("accept", kind))
                .await
        };

        let page = app.get(&query).await.expect(200);
        let lines = app.get(&format!("{whole}&format=ndjson")).await.expect(200);
        let table = app.get(&format!("{whole}&format=csv")).await.expect(200);

        assert_eq!(page.body["items"], json!([created.body]));
        assert_eq!(lines.header("content-type"), "application/x-ndjson");
        assert_eq!(lines.text.split('\n').next(), created.text.strip_suffix('\n'));
        assert_eq!(
            table.header("content-type"),
            "text/csv; charset=utf-8; header=present"
        );
        let mut rows = table.text.split("\r\n");
        assert_eq!(rows.next(), Some(sample.csv_header));
        let mut reader = csv::Reader::from_reader(table.text.as_bytes());
        let row = reader.records().next().expect("a row").expect("a row");
        let cell = |name: &str| {
            let place = sample.csv_header.split(',').position(|column| column == name);
            row[place.expect("a column")].to_owned()
        };
        assert_eq!(cell("id"), created.id());
        assert_eq!(cell("version"), "1");
        assert_eq!(
            cell(sample.text),
            created.body[sample.text].as_str().expect("a text")
        );
        assert_eq!(cell("external_keys"), sample.reference());
        assert_eq!(
            accept(&whole, "application/x-ndjson").await.expect(200).text,
            lines.text
        );
        assert_eq!(accept(&whole, "text/csv").await.expect(200).text, table.text);
        accept(&whole, "application/xml")
            .await
            .expect_problem(406, "not-acceptable");
        accept(&path_of(sample, &created), "text/csv")
            .await
            .expect_problem(406, "not-acceptable");
    })
    .await;
}

#[tokio::test]
async fn an_invalid_parameter_is_reported_by_name() {
    for_every_kind(async |app, sample| {
        let list = sample.path();
        for (query, pointer) in [
            ("limit=0", "?limit"),
            ("limit=1001", "?limit"),
            ("limit=1&limit=1", "?limit"),
            ("sort=unheard_of", "?sort"),
            ("sort=created_at,-created_at", "?sort"),
            ("count=maybe", "?count"),
            ("format=xml", "?format"),
            ("on=2025-02-30", "?on"),
            ("on=2025-01-01&on=2025-01-01", "?on"),
            ("unheard_of=1", "?unheard_of"),
            ("Limit=1", "?Limit"),
            ("cursor=x", "?cursor"),
            ("known_at=yesterday", "?known_at"),
        ] {
            let refused = app.get(&format!("{list}?{query}")).await;
            assert_eq!(
                refused.expect_problem(400, MALFORMED).pointers(),
                [pointer],
                "{query}"
            );
        }
        let refused = app.get(&format!("{list}?unheard_of=1")).await;
        for known in ["cursor", "limit", "sort", "on", "count", "format", "known_at"] {
            assert!(refused.detail().contains(known), "{}", refused.text);
        }
        let created = create_full(app, sample).await;
        let one = path_of(sample, &created);
        for (query, pointer) in [("on=2025-02-30", "?on"), ("limit=1", "?limit")] {
            let refused = app.get(&format!("{one}?{query}")).await;
            assert_eq!(refused.expect_problem(400, MALFORMED).pointers(), [pointer]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_cursor_is_valid_only_for_the_list_that_returned_it() {
    for_every_kind(async |app, sample| {
        let list = sample.path();
        for number in 0..3 {
            app.create(sample.kind.path(), sample.numbered(number)).await;
        }
        let page = app
            .get(&format!("{list}?sort=-created_at&limit=1"))
            .await
            .expect(200);
        let cursor = page.body["next_cursor"].as_str().expect("a cursor");

        let second = app
            .get(&format!("{list}?sort=-created_at&limit=1&cursor={cursor}"))
            .await
            .expect(200);
        assert_ne!(second.ids(), page.ids());
        for query in [
            format!("sort=created_at&limit=1&cursor={cursor}"),
            format!("sort=-created_at&limit=1&cursor={}", &cursor[1..]),
            format!("sort=-created_at&cursor={cursor}&format=csv"),
            format!("sort=-created_at&limit=1&cursor={cursor}&known_at=2020-01-01T00:00:00Z"),
        ] {
            let refused = app.get(&format!("{list}?{query}")).await;
            refused.expect_problem(400, MALFORMED);
        }
    })
    .await;
}
