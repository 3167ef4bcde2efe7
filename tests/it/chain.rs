//! Links between diplomatic actions: no causal link closes a cycle; and chains.

use futures_util::future;
use serde_json::{Value, json};

use crate::as_of::moment;
use crate::support::{Response, TestApp, wait_until};

const PATH: &str = "/v1/diplomatic-actions";

/// Records an action that links to others.
async fn action(app: &TestApp, title: &str, occurred_on: Option<&str>, links: &[(&str, &str)]) -> String {
    app.create(
        "diplomatic-actions",
        json!({"type": "public_statement", "title": title, "occurred_on": occurred_on, "links": listed(links)}),
    )
    .await
}

fn listed(links: &[(&str, &str)]) -> Value {
    links
        .iter()
        .map(|(kind, action)| json!({"kind": kind, "action": action}))
        .collect()
}

async fn link(app: &TestApp, id: &str, links: &[(&str, &str)]) -> Response {
    app.patch(&format!("{PATH}/{id}"), &json!({"links": listed(links)}))
        .await
}

/// Whether the database holds a cycle of causes.
async fn is_circular(app: &TestApp) -> bool {
    app.client()
        .await
        .query_one(
            "with recursive reached (origin, id) as ( \
               select action_id, linked_action_id from action_links where kind in ('responds_to', 'retaliates_for', 'escalates') \
               union \
               select reached.origin, link.linked_action_id from reached \
               join action_links as link on link.action_id = reached.id \
               where link.kind in ('responds_to', 'retaliates_for', 'escalates') \
             ) select exists (select from reached where origin = id)",
            &[],
        )
        .await
        .expect("an answer")
        .get(0)
}

/// Waits until a write waits for another one.
async fn until_somebody_waits(app: &TestApp) {
    let watcher = app.client().await;
    wait_until("a write waits for a lock", async || {
        watcher
            .query_one(
                "select exists (select from pg_stat_activity \
                 where datname = current_database() and wait_event_type = 'Lock')",
                &[],
            )
            .await
            .expect("an answer")
            .get(0)
    })
    .await;
}

#[tokio::test]
async fn links_keep_their_order_and_may_be_of_several_kinds() {
    let app = TestApp::new().await;
    let first = action(&app, "First", None, &[]).await;
    let second = action(&app, "Second", None, &[]).await;

    let third = action(
        &app,
        "Third",
        None,
        &[
            ("alleges", &second),
            ("responds_to", &first),
            ("part_of", &second),
        ],
    )
    .await;

    assert_eq!(
        app.get(&format!("{PATH}/{third}")).await.body["links"],
        json!([
            {"kind": "alleges", "action": {"id": second, "title": "Second"}},
            {"kind": "responds_to", "action": {"id": first, "title": "First"}},
            {"kind": "part_of", "action": {"id": second, "title": "Second"}},
        ])
    );
}

#[tokio::test]
async fn an_action_never_links_to_itself() {
    let app = TestApp::new().await;
    let first = action(&app, "First", None, &[]).await;
    let second = action(&app, "Second", None, &[]).await;

    for kind in ["responds_to", "alleges"] {
        let refused = link(&app, &first, &[("part_of", &second), (kind, &first)])
            .await
            .expect(422);

        assert_eq!(refused.pointers(), ["/links/1/action"]);
        assert_eq!(refused.body["errors"][0]["detail"], "is the action itself");
    }
}

#[tokio::test]
async fn a_link_that_closes_a_cycle_is_refused_and_the_cycle_is_named() {
    let app = TestApp::new().await;
    let first = action(&app, "First", None, &[]).await;
    let second = action(&app, "Second", None, &[("responds_to", &first)]).await;
    let third = action(&app, "Third", None, &[("escalates", &second)]).await;
    let by_the_side = action(&app, "Aside", None, &[("retaliates_for", &second)]).await;
    let end = action(
        &app,
        "End",
        None,
        &[("responds_to", &third), ("responds_to", &by_the_side)],
    )
    .await;

    let refused = link(
        &app,
        &first,
        &[
            ("alleges", &end),
            ("retaliates_for", &third),
            ("escalates", &second),
        ],
    )
    .await
    .expect(409);

    assert_eq!(refused.pointers(), ["/links/1/action", "/links/2/action"]);
    assert_eq!(
        refused.body["errors"][0]["detail"],
        format!(
            "retaliates_for would close a cycle: First ({first}) → Third ({third}) → Second ({second}) → First ({first})"
        )
    );
    assert_eq!(
        refused.body["detail"],
        format!(
            "/links/1/action {}",
            refused.body["errors"][0]["detail"].as_str().unwrap_or_default()
        )
    );
    let read = app.get(&format!("{PATH}/{first}")).await;
    assert_eq!(read.body["version"], 1);
    assert_eq!(read.body["links"], json!([]));
}

#[tokio::test]
async fn links_that_are_not_causes_may_form_cycles() {
    let app = TestApp::new().await;
    let first = action(&app, "First", None, &[]).await;
    let second = action(&app, "Second", None, &[("contradicts", &first)]).await;
    let third = action(&app, "Third", None, &[("responds_to", &second)]).await;

    link(
        &app,
        &first,
        &[("contradicts", &second), ("coordinated_with", &third)],
    )
    .await
    .expect(200);
    link(&app, &second, &[("responds_to", &first)]).await.expect(200);

    assert!(!is_circular(&app).await);
}

#[tokio::test]
async fn a_link_reversed_in_two_writes_is_not_a_cycle() {
    let app = TestApp::new().await;
    let first = action(&app, "First", None, &[]).await;
    let second = action(&app, "Second", None, &[("responds_to", &first)]).await;

    link(&app, &first, &[("responds_to", &second)]).await.expect(409);
    link(&app, &second, &[]).await.expect(200);
    link(&app, &first, &[("responds_to", &second)]).await.expect(200);
}

#[tokio::test]
async fn one_of_two_concurrent_links_that_form_a_cycle_is_refused() {
    let app = TestApp::new().await;
    for _ in 0..8 {
        let first = action(&app, "First", None, &[]).await;
        let second = action(&app, "Second", None, &[]).await;

        let (one, other) = future::join(
            link(&app, &first, &[("responds_to", &second)]),
            link(&app, &second, &[("responds_to", &first)]),
        )
        .await;

        let mut statuses = [one.status.as_u16(), other.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{} {}", one.text, other.text);
    }
    assert!(!is_circular(&app).await);
}

#[tokio::test]
async fn the_cycle_check_sees_links_that_are_committed_meanwhile() {
    let app = TestApp::new().await;
    let first = action(&app, "First", None, &[]).await;
    let second = action(&app, "Second", None, &[]).await;
    let writer = app.client().await;
    writer
        .batch_execute(&format!(
            "begin; insert into action_links (action_id, position, kind, linked_action_id) \
             values ('{first}', 0, 'responds_to', '{second}')"
        ))
        .await
        .expect("half a cycle");

    let (refused, ()) = future::join(link(&app, &second, &[("escalates", &first)]), async {
        // The other write waits in the trigger, after its own check.
        until_somebody_waits(&app).await;
        writer.batch_execute("commit").await.expect("committed");
    })
    .await;

    let refused = refused.expect(409);
    assert!(refused.text.contains("cycle"), "{}", refused.text);
    assert!(!is_circular(&app).await);
}

#[tokio::test]
async fn an_action_with_a_concurrent_new_link_is_not_deleted() {
    let app = TestApp::new().await;
    let first = action(&app, "First", None, &[]).await;
    let second = action(&app, "Second", None, &[]).await;
    let writer = app.client().await;
    writer
        .batch_execute(&format!(
            "begin; insert into action_links (action_id, position, kind, linked_action_id) \
             values ('{second}', 0, 'part_of', '{first}')"
        ))
        .await
        .expect("a link");

    let path = format!("{PATH}/{first}");
    let (refused, ()) = future::join(app.delete(&path), async {
        until_somebody_waits(&app).await;
        writer.batch_execute("commit").await.expect("committed");
    })
    .await;

    refused.expect(409);
    app.get(&path).await.expect(200);
}

#[tokio::test]
async fn a_link_to_a_concurrently_deleted_action_is_refused() {
    let app = TestApp::new().await;
    let first = action(&app, "First", None, &[]).await;
    let second = action(&app, "Second", None, &[]).await;
    let writer = app.client().await;
    writer
        .batch_execute(&format!(
            "begin; delete from diplomatic_actions where id = '{first}'"
        ))
        .await
        .expect("deleted");

    let (refused, ()) = future::join(link(&app, &second, &[("part_of", &first)]), async {
        until_somebody_waits(&app).await;
        writer.batch_execute("commit").await.expect("committed");
    })
    .await;

    assert_eq!(refused.expect(422).pointers(), ["/links/0/action"]);
}

/// Returns a chain in short: direction, depth, link, title.
fn steps(chain: &Response) -> Vec<(String, i64, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    chain.body["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| {
            (
                if item["asked"] == true {
                    "asked".to_owned()
                } else {
                    text(&item["direction"])
                },
                item["depth"].as_i64().unwrap_or_default(),
                format!("{} {}", text(&item["link"]), text(&item["parent"]["title"])),
                text(&item["action"]["title"]),
            )
        })
        .collect()
}

fn step(direction: &str, depth: i64, link: &str, title: &str) -> (String, i64, String, String) {
    (direction.to_owned(), depth, link.to_owned(), title.to_owned())
}

/// A note and a speech respond to the strike; the suspension responds to both and to the strike
/// itself, and has two effects.
struct Graph {
    seizure: String,
    strike: String,
    note: String,
    suspension: String,
    last: String,
}

async fn graph(app: &TestApp) -> Graph {
    let seizure = action(app, "Seizure", Some("2025-08"), &[]).await;
    let strike = action(app, "Strike", Some("2025-09-02"), &[("escalates", &seizure)]).await;
    let note = action(app, "Note", Some("2025-09-05"), &[("responds_to", &strike)]).await;
    let speech = action(app, "Speech", Some("2025-09-03"), &[("responds_to", &strike)]).await;
    let other = action(app, "Other", None, &[]).await;
    let suspension = action(
        app,
        "Suspension",
        Some("2025-11-11~"),
        &[
            ("escalates", &speech),
            ("responds_to", &note),
            ("retaliates_for", &strike),
            ("responds_to", &strike),
            ("alleges", &other),
        ],
    )
    .await;
    let undated = action(app, "Undated", None, &[("responds_to", &suspension)]).await;
    let early = action(
        app,
        "Early",
        Some("../2025-11-12"),
        &[("retaliates_for", &suspension)],
    )
    .await;
    let last = action(
        app,
        "Last",
        Some("2026"),
        &[
            ("responds_to", &undated),
            ("escalates", &early),
            ("supersedes", &other),
        ],
    )
    .await;
    Graph {
        seizure,
        strike,
        note,
        suspension,
        last,
    }
}

#[tokio::test]
async fn a_chain_returns_the_causes_and_effects_of_an_action() {
    let app = TestApp::new().await;
    let graph = graph(&app).await;

    let chain = app
        .get(&format!("{PATH}/{}/chain", graph.suspension))
        .await
        .expect(200);

    assert_eq!(
        chain.body["root"],
        app.get(&format!("{PATH}/{}", graph.seizure)).await.body
    );
    assert_eq!(
        chain.body["items"][0],
        json!({
            "depth": 0, "direction": null, "link": "responds_to", "asked": true,
            "parent": {"id": graph.note, "title": "Note"},
            "action": app.get(&format!("{PATH}/{}", graph.suspension)).await.body,
        })
    );
    assert_eq!(
        chain.body["items"][1],
        json!({
            "depth": 1, "direction": "before", "link": "escalates", "asked": false,
            "parent": {"id": graph.seizure, "title": "Seizure"},
            "action": app.get(&format!("{PATH}/{}", graph.strike)).await.body,
        })
    );
    assert_eq!(
        steps(&chain),
        [
            step("asked", 0, "responds_to Note", "Suspension"),
            step("before", 1, "escalates Seizure", "Strike"),
            step("before", 1, "responds_to Strike", "Speech"),
            step("before", 1, "responds_to Strike", "Note"),
            step("after", 1, "retaliates_for Suspension", "Early"),
            step("after", 1, "responds_to Suspension", "Undated"),
            step("after", 2, "responds_to Undated", "Last"),
        ]
    );
    let first = app
        .get(&format!("{PATH}/{}/chain", graph.seizure))
        .await
        .expect(200);
    assert_eq!(first.body["root"], chain.body["root"]);
    let marked = first.body["items"]
        .as_array()
        .is_some_and(|items| items.iter().any(|item| item["asked"] == true));
    assert!(!marked);
}

#[tokio::test]
async fn a_chain_follows_the_kinds_that_are_asked_for() {
    let app = TestApp::new().await;
    let plan = action(&app, "Plan", Some("2025-01"), &[]).await;
    let part = action(&app, "Part", Some("2025-02"), &[("part_of", &plan)]).await;
    let other = action(
        &app,
        "Other",
        Some("2025-03"),
        &[("part_of", &plan), ("coordinated_with", &part)],
    )
    .await;
    link(&app, &part, &[("part_of", &plan), ("coordinated_with", &other)]).await;
    link(&app, &plan, &[("alleges", &part)]).await;

    let chain = async |id: &str, query: &str| {
        let chain = app.get(&format!("{PATH}/{id}/chain?{query}")).await.expect(200);
        let root = chain.body["root"]["title"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        (root, steps(&chain))
    };
    assert_eq!(chain(&other, "").await, ("Other".to_owned(), vec![]));
    assert_eq!(
        chain(&other, "kinds=part_of").await,
        ("Plan".to_owned(), vec![step("asked", 0, "part_of Plan", "Other")])
    );
    assert_eq!(
        chain(&plan, "kinds=part_of&kinds=responds_to").await.1,
        chain(&plan, "kinds=part_of,responds_to").await.1,
    );
    // Both coordinate with each other: a cycle, in which the earliest is the first.
    assert_eq!(
        chain(&other, "kinds=coordinated_with").await,
        (
            "Part".to_owned(),
            vec![
                step("asked", 0, "coordinated_with Part", "Other"),
                step("after", 1, "coordinated_with Other", "Part"),
            ]
        )
    );
    let (root, steps) = chain(&part, "kinds=part_of,coordinated_with,alleges").await;
    assert_eq!(root, "Plan");
    assert_eq!(steps.len(), 4, "{steps:?}");
}

#[tokio::test]
async fn links_are_seen_from_both_ends() {
    let app = TestApp::new().await;
    let cause = action(&app, "Cause", Some("2025-01-01"), &[]).await;
    let path = format!("{PATH}/{cause}");
    let before = app.get(&path).await.expect(200);
    assert_eq!(before.body["linked_from"], json!([]));
    let moment = app
        .client()
        .await
        .query_one(
            "select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')",
            &[],
        )
        .await
        .expect("a moment")
        .get::<_, String>(0);
    let late = action(
        &app,
        "Late",
        Some("2025-03-01"),
        &[("responds_to", &cause), ("alleges", &cause)],
    )
    .await;
    let early = action(&app, "Early", Some("2025-02-01"), &[("escalates", &cause)]).await;

    let after = app.get(&path).await.expect(200);

    assert_eq!(
        after.body["linked_from"],
        json!([
            {"kind": "escalates", "action": {"id": early, "title": "Early"}},
            {"kind": "responds_to", "action": {"id": late, "title": "Late"}},
            {"kind": "alleges", "action": {"id": late, "title": "Late"}},
        ])
    );
    // The record itself has not changed, but the response has.
    assert_eq!(after.body["version"], 1);
    assert_ne!(after.header("etag"), before.header("etag"));
    let then = app.get(&format!("{path}?known_at={moment}")).await.expect(200);
    assert_eq!(then.body, before.body);
    let version = app.get(&format!("{path}/history/1")).await.expect(200);
    assert!(version.body["record"].get("linked_from").is_none());
    // What was read can be sent back, and the list is not written.
    let mut body = after.body.clone();
    app.put(&path, &body).await.expect(200);
    body["linked_from"] = json!([]);
    assert_eq!(
        app.put(&path, &body).await.expect(422).pointers(),
        ["/linked_from"]
    );
    let found = async |query: &str| app.get(&format!("{PATH}?{query}")).await.expect(200).ids().len();
    assert_eq!(found(&format!("linked_to={cause}")).await, 2);
    assert_eq!(found(&format!("linked_to={cause}&link_kind=alleges")).await, 1);
    assert_eq!(found("link_kind=escalates&link_kind=alleges").await, 2);
    assert_eq!(found(&format!("linked_to={early}")).await, 0);
    app.get(&format!("{PATH}?linked_to=desk:nothing"))
        .await
        .expect(422);
    app.get(&format!("{PATH}?link_kind=answers")).await.expect(400);
}

#[tokio::test]
async fn a_chain_ends_at_its_depth() {
    let app = TestApp::new().await;
    let graph = graph(&app).await;

    let near = app
        .get(&format!("{PATH}/{}/chain?depth=2&on=2025-01-01", graph.last))
        .await
        .expect(200);

    assert_eq!(near.body["root"]["title"], "Suspension");
    assert_eq!(
        steps(&near),
        [
            step("asked", 0, "responds_to Undated", "Last"),
            step("before", 1, "retaliates_for Suspension", "Early"),
            step("before", 1, "responds_to Suspension", "Undated"),
        ]
    );
}

#[tokio::test]
async fn a_chain_visits_each_action_of_many_diamonds_once() {
    let app = TestApp::new().await;
    let mut end = action(&app, "0", None, &[]).await;
    for place in 1..=26 {
        let left = action(&app, "left", None, &[("responds_to", &end)]).await;
        let right = action(&app, "right", None, &[("escalates", &end)]).await;
        end = action(
            &app,
            &place.to_string(),
            None,
            &[("responds_to", &left), ("responds_to", &right)],
        )
        .await;
    }

    let chain = app.get(&format!("{PATH}/{end}/chain")).await.expect(200);

    let asked_next = &chain.body["edge"][0];
    assert_eq!(chain.body["truncated"], true);
    assert_eq!(asked_next["direction"], "before");
    assert_eq!(asked_next["action"]["title"], "1");
    let id = asked_next["action"]["id"].as_str().unwrap_or_default();
    let rest = app.get(&format!("{PATH}/{id}/chain")).await.expect(200);
    assert_eq!(rest.body["root"]["title"], "0");
    let steps = steps(&chain);
    assert_eq!(steps.len(), 25 * 3);
    assert_eq!(chain.body["root"]["title"], "1");
    assert_eq!(steps.last().map(|last| last.1), Some(49));
}

#[tokio::test]
async fn a_chain_follows_the_conventions_of_the_api() {
    let app = TestApp::new().await;
    let made = app
        .post(
            PATH,
            &json!({
                "type": "public_statement", "title": "Alone",
                "external_keys": [{"scheme": "desk", "value": "alone"}],
            }),
        )
        .await
        .expect(201);

    let chain = app
        .get(&format!("{PATH}/desk:alone/chain?depth=50"))
        .await
        .expect(200);

    assert_eq!(
        chain.body,
        json!({"root": made.body, "asked": {"id": made.id(), "title": made.body["title"]}, "truncated": false, "edge": [], "items": []})
    );
    for query in [
        "depth=0",
        "depth=51",
        "depth=",
        "depth=x",
        "depth=1&depth=2",
        "on=2025",
        "limit=1",
        "kinds=answers",
        "kinds=",
    ] {
        let refused = app
            .get(&format!("{PATH}/{}/chain?{query}", made.id()))
            .await
            .expect(400);

        assert_eq!(refused.pointers().len(), 1, "{query}");
        if query == "kinds=answers" {
            let detail = refused.detail();
            assert!(
                detail.starts_with("kinds must be one of responds_to, "),
                "{detail}"
            );
            assert!(detail.ends_with(", not \"answers\""), "{detail}");
        }
    }
    for reference in ["01900000-0000-7000-8000-000000000000", "desk:nobody", "nothing"] {
        app.get(&format!("{PATH}/{reference}/chain")).await.expect(404);
    }
    app.post(&format!("{PATH}/{}/chain", made.id()), &json!({}))
        .await
        .expect(405);
}

/// Chained actions are new, so that nothing can link to them yet: their links cost the same however long the chain is.
#[tokio::test]
async fn long_chains_are_written_and_read_in_bounded_work() {
    let app = TestApp::new().await;
    let operations: Vec<Value> = (0..300)
        .map(|place| {
            let links = match place {
                0 => json!([]),
                _ => json!([{"kind": "responds_to", "action": format!("@at{}", place - 1)}]),
            };
            json!({"method": "POST", "resource": "diplomatic-actions", "as": format!("at{place}"), "body": {
                "type": "public_statement", "title": format!("Chained {place}"), "links": links,
                "external_keys": [{"scheme": "chain", "value": place.to_string()}],
            }})
        })
        .collect();
    let client = app.client().await;
    // While another transaction adds causal links, new actions still take theirs.
    client
        .batch_execute("begin; select from locks where name = 'causal_links' for update")
        .await
        .expect("locked");
    app.post("/v1/batch", &json!({"operations": operations}))
        .await
        .expect(200);
    client.batch_execute("rollback").await.expect("unlocked");

    // A batch that closes a cycle is refused with the names of its actions, and changes nothing.
    let closing = json!({"operations": [
        {"method": "POST", "resource": "diplomatic-actions", "as": "end", "body": {
            "type": "public_statement", "title": "Closing", "external_keys": [{"scheme": "chain", "value": "end"}],
            "links": [{"kind": "escalates", "action": "chain:2"}],
        }},
        {"method": "PATCH", "resource": "diplomatic-actions", "ref": "chain:0", "body": {
            "links": [{"kind": "responds_to", "action": "@end"}],
        }},
    ]});
    let refused = app.post("/v1/batch", &closing).await.expect(409);
    for name in ["Closing", "Chained 2", "Chained 1", "Chained 0"] {
        assert!(refused.detail().contains(name), "{}", refused.detail());
    }
    app.get(&format!("{PATH}/chain:end")).await.expect(404);

    // The check reads links by their indexes, from the shorter end, whatever the planner knows of the table.
    let read = async |query: &str| -> (bool, i64) {
        client.batch_execute("begin").await.expect("begun");
        let closes = client.query_one(query, &[]).await.expect("an answer").get(0);
        let counts = client
            .query_one(
                "select seq_scan, idx_scan from pg_stat_xact_user_tables where relname = 'action_links'",
                &[],
            )
            .await
            .expect("counts");
        client.batch_execute("rollback").await.expect("ended");
        assert_eq!(counts.get::<_, i64>(0), 0, "{query}");
        (closes, counts.get(1))
    };
    let of = |action: &str, cause: &str| {
        let key = |value: &str| {
            format!("(select action_id from external_keys where scheme = 'chain' and value = '{value}')")
        };
        format!("select closes_causal_cycle({}, {})", key(action), key(cause))
    };
    let (closes, near) = read(&of("299", "150")).await;
    assert!(!closes && near < 10, "{near}");
    let (closes, near) = read(&of("150", "0")).await;
    assert!(!closes && near < 200, "{near}");
    let (closes, far) = read(&of("0", "299")).await;
    assert!(closes && far < 2_000, "{far}");

    // An action with many effects: the chain has the nearest, and says that there are more.
    client
        .batch_execute(
            "with made as (insert into diplomatic_actions (type, title) \
             select 'public_statement', 'Answer ' || number from generate_series(1, 1200) as number returning id) \
             insert into action_links (action_id, position, kind, linked_action_id) \
             select made.id, 0, 'responds_to', (select action_id from external_keys where scheme = 'chain' and value = '299') from made",
        )
        .await
        .expect("inserted");
    let wide = app.get(&format!("{PATH}/chain:298/chain")).await.expect(200);
    let after: Vec<_> = wide.body["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|item| item["direction"] == "after")
        .collect();
    assert_eq!(after.len(), 500);
    assert_eq!(wide.body["truncated"], true);
    let edges: Vec<_> = wide.body["edge"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|edge| (edge["direction"].clone(), edge["action"]["title"].clone()))
        .collect();
    assert_eq!(
        edges,
        [
            (json!("before"), json!("Chained 248")),
            (json!("after"), json!("Chained 299"))
        ]
    );

    // As of a moment too, each action shows the actions that link to it, which are found by an index.
    let moment = moment(&app).await;
    let listed = app.get(&format!("{PATH}?limit=1000")).await.expect(200);
    let as_of = app
        .get(&format!("{PATH}?limit=1000&known_at={moment}"))
        .await
        .expect(200);
    assert_eq!(as_of.body["items"], listed.body["items"]);
    client
        .batch_execute(&format!("begin; set local demarche.known_at = '{moment}'"))
        .await
        .expect("begun");
    let found: i64 = client
        .query_one(
            "select count(*) from external_keys as key cross join lateral as_of.action_links_to(key.action_id) \
             where key.scheme = 'chain'",
            &[],
        )
        .await
        .expect("links")
        .get(0);
    assert_eq!(found, 299 + 1200);
    let scanned: i64 = client
        .query_one(
            "select sum(seq_tup_read)::bigint from pg_stat_xact_user_tables where relname in ('revisions', 'changes')",
            &[],
        )
        .await
        .expect("counts")
        .get(0);
    client.batch_execute("rollback").await.expect("ended");
    assert_eq!(scanned, 0);
}
