//! What operators and newcomers request: probes, metrics, the front page, the pages of problems,
//! the documentation.

use std::collections::BTreeSet;

use demarche::config::Limits;
use demarche::error::Problem;
use demarche::resource::Kind;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Response, TestApp, TestDatabase};

/// Sends a request with the headers of a browser.
async fn browse(app: &TestApp, path: &str) -> Response {
    let request = app.request(Method::GET, path).header(
        "accept",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    );
    app.send(request).await
}

#[tokio::test]
async fn probes_report_liveness_and_readiness() {
    let app = TestApp::new().await;

    let lives = app.get("/healthz").await.expect(200);
    let ready = app.get("/readyz").await.expect(200);

    assert_eq!(lives.body, json!({"status": "ok"}));
    assert_eq!(ready.body, json!({"status": "ok"}));
}

#[tokio::test]
async fn a_pending_migration_makes_a_server_unready_and_nothing_else() {
    let app = TestApp::new().await;
    let client = app.client().await;
    client
        .batch_execute(
            "delete from __diesel_schema_migrations \
             where version = (select max(version) from __diesel_schema_migrations)",
        )
        .await
        .expect("a migration that is not there");

    let answer = app.get("/readyz").await.expect_problem(503, "unavailable");

    assert!(answer.detail().contains("demarche migrate"), "{}", answer.text);
    assert_ne!(answer.header("retry-after"), "");
    app.get("/healthz").await.expect(200);
    app.get("/v1/actors/iso3166:CO").await.expect(200);
}

#[tokio::test]
async fn an_empty_database_makes_a_server_unready() {
    let app = TestApp::unmigrated(TestDatabase::empty().await).await;

    let answer = app.get("/readyz").await.expect_problem(503, "unavailable");

    assert!(answer.detail().contains("demarche migrate"), "{}", answer.text);
    app.get("/healthz").await.expect(200);
}

#[tokio::test]
async fn a_missing_database_makes_a_server_unready() {
    let app = TestApp::new().await;
    let maintenance = app.database.maintenance().await;
    // New connections are refused and open ones terminated.
    let name = &app.database.name;
    maintenance
        .batch_execute(&format!("alter database {name} allow_connections false"))
        .await
        .expect("closed");
    maintenance
        .execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1",
            &[name],
        )
        .await
        .expect("terminated");

    for path in [
        "/readyz",
        "/",
        "/v1/actors",
        "/v1/actors/iso3166:CO",
        "/v1/actors?format=csv",
    ] {
        let answer = app.get(path).await.expect_problem(503, "unavailable");
        assert_ne!(answer.header("retry-after"), "", "{path}");
        assert!(!answer.text.contains(name), "{}", answer.text);
    }
    app.post("/v1/actors", &json!({"kind": "person", "name": "x"}))
        .await
        .expect_problem(503, "unavailable");
    for path in [
        "/healthz",
        "/metrics",
        "/docs/",
        "/openapi.json",
        "/problems/unavailable",
    ] {
        app.get(path).await.expect(200);
    }

    maintenance
        .batch_execute(&format!("alter database {name} allow_connections true"))
        .await
        .expect("open");
    app.get("/readyz").await.expect(200);
}

/// Returns the series of a metric by their labels.
fn series<'n>(numbers: &'n Response, family: &str) -> BTreeSet<&'n str> {
    numbers
        .text
        .lines()
        .filter_map(|line| line.strip_prefix(family)?.strip_prefix('{')?.rsplit_once('}'))
        .map(|(labels, _)| labels)
        .collect()
}

#[tokio::test]
async fn metrics_are_by_route_for_any_path_and_method() {
    let app = TestApp::new().await;
    app.get("/v1/actors/iso3166:CO").await.expect(200);
    app.get("/v1/actors/iso3166:VE").await.expect(200);
    app.get("/v1/actors?limit=1").await.expect(200);
    for number in 0..30 {
        app.get(&format!("/v1/actors/wikidata:Q{number}x"))
            .await
            .expect(404);
        app.get(&format!("/nowhere/{number}")).await.expect(404);
        app.get(&format!("/docs/{number}")).await.expect(404);
        app.get(&format!("/problems/{number}")).await.expect(404);
        let method = Method::from_bytes(format!("METHOD{number}").as_bytes()).expect("a method");
        app.send(app.request(method, "/v1/actors")).await.expect(405);
    }

    let numbers = app.get("/metrics").await.expect(200);

    assert!(numbers.header("content-type").starts_with("text/plain"));
    let requests = series(&numbers, "demarche_http_requests_total");
    let wanted: BTreeSet<&str> = [
        r#"method="GET",route="/v1/actors/{ref}",status="200""#,
        r#"method="GET",route="/v1/actors/{ref}",status="404""#,
        r#"method="GET",route="/v1/actors",status="200""#,
        r#"method="other",route="/v1/actors",status="405""#,
        r#"method="GET",route="none",status="404""#,
        r#"method="GET",route="/docs/{_:.*}",status="404""#,
        r#"method="GET",route="/problems/{word}",status="404""#,
    ]
    .into();
    assert_eq!(requests, wanted);
    let line = r#"demarche_http_requests_total{method="GET",route="/v1/actors/{ref}",status="200"} 2"#;
    assert!(
        numbers.text.lines().any(|found| found == line),
        "{}",
        numbers.text
    );
    assert!(numbers.text.contains("demarche_http_request_seconds_bucket"));
    assert!(numbers.text.contains("demarche_http_requests_under_way 1\n"));
    let version = format!(
        r#"demarche_build_info{{version="{}"}} 1"#,
        env!("CARGO_PKG_VERSION")
    );
    assert!(numbers.text.contains(&version));
    let again = app.get("/metrics").await.expect(200);
    let grown = series(&again, "demarche_http_requests_total").len();
    assert_eq!(grown, wanted.len() + 1, "only that of /metrics itself is new");
}

#[tokio::test]
async fn the_front_page_lists_the_resources() {
    let app = TestApp::new().await;
    app.create("actors", json!({"kind": "person", "name": "Somebody"}))
        .await;
    let client = app.client().await;

    let answer = app.get("/").await.expect(200);

    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.body["name"], "Demarche");
    assert_eq!(answer.body["version"], env!("CARGO_PKG_VERSION"));
    let resources = answer.body["resources"].as_object().expect("resources");
    assert_eq!(resources.len(), Kind::ALL.len());
    for resource in Kind::ALL {
        let sql = format!("select count(*) from {}", resource.table());
        let records: i64 = client.query_one(&sql, &[]).await.expect("a count").get(0);
        let told = &resources[resource.path()];
        assert_eq!(told["records"], records, "{resource}");
        assert_eq!(told["href"], format!("/v1/{resource}"));
    }
    for name in ["documentation", "openapi", "health", "ready", "metrics"] {
        let path = answer.body[name].as_str().expect(name);
        app.get(path).await.expect(200);
    }
}

#[tokio::test]
async fn the_front_page_is_html_for_a_browser() {
    let app = TestApp::new().await;
    let counts = app.get("/").await.expect(200).body;

    let page = browse(&app, "/").await.expect(200);

    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    for resource in Kind::ALL {
        let records = counts["resources"][resource.path()]["records"].to_string();
        assert!(page.text.contains(&format!("/v1/{resource}")), "{resource}");
        assert!(page.text.contains(&format!(">{records}</td>")), "{resource}");
    }
    assert_self_contained(&page);
    assert_eq!(page.header("vary"), "Accept, Authorization, Accept-Encoding");
}

#[tokio::test]
async fn every_problem_has_a_page() {
    let app = TestApp::new().await;

    for problem in Problem::ALL {
        let path = format!("/problems/{}", problem.word());
        let told = app.get(&path).await.expect(200);
        assert_eq!(told.header("content-type"), "application/json");
        assert_eq!(
            told.body,
            json!({
                "type": path,
                "title": problem.title(),
                "status": problem.status(),
                "explanation": problem.explanation(),
            })
        );
        let page = browse(&app, &path).await.expect(200);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert!(page.text.contains(problem.word()), "{}", page.text);
        assert!(page.text.contains(&problem.status().to_string()), "{}", page.text);
        assert_self_contained(&page);
    }
    let unknown = app
        .get("/problems/unheard-of")
        .await
        .expect_problem(404, "not-found");
    assert!(unknown.detail().contains("malformed-request"), "{}", unknown.text);
}

/// Checks that a page loads nothing from other hosts.
#[track_caller]
fn assert_self_contained(page: &Response) {
    for loaded in [
        "src=\"http",
        "src=\"//",
        "href=\"http",
        "href=\"//",
        "url(http",
        "@import",
    ] {
        assert!(!page.text.contains(loaded), "{loaded}: {}", page.text);
    }
}

#[tokio::test]
async fn the_server_serves_the_whole_documentation() {
    let app = TestApp::new().await;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client");
    let redirect = client
        .get(format!("{}/docs", app.address))
        .send()
        .await
        .expect("an answer");
    assert_eq!(redirect.status().as_u16(), 303);
    assert_eq!(redirect.headers()["location"], "/docs/");

    let page = browse(&app, "/docs/").await.expect(200);

    assert!(page.header("content-type").starts_with("text/html"));
    assert_self_contained(&page);
    let mut files = 0;
    for attribute in ["src=\"", "href=\""] {
        for rest in page.text.split(attribute).skip(1) {
            let file = rest.split('"').next().expect("a file");
            let path = format!("/docs/{}", file.trim_start_matches("./"));
            let answer = app.get(&path).await.expect(200);
            assert!(!answer.text.is_empty(), "{path}");
            files += 1;
        }
    }
    assert!(files >= 4, "{}", page.text);
    let start = app.get("/docs/swagger-initializer.js").await.expect(200);
    assert!(start.text.contains("\"/openapi.json\""), "{}", start.text);
    assert!(
        !start.text.contains("http://") && !start.text.contains("https://"),
        "{}",
        start.text
    );
}

/// Returns every object of a document with its pointer.
fn walk<'d>(
    value: &'d Value,
    pointer: &str,
    visit: &mut impl FnMut(&str, &'d serde_json::Map<String, Value>),
) {
    match value {
        Value::Object(fields) => {
            visit(pointer, fields);
            for (name, field) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                walk(field, &format!("{pointer}/{name}"), visit);
            }
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                walk(element, &format!("{pointer}/{index}"), visit);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[tokio::test]
async fn every_reference_of_the_openapi_document_resolves() {
    let app = TestApp::new().await;

    let answer = app.get("/openapi.json").await.expect(200);

    let document = &answer.body;
    assert!(
        document["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3.1"))
    );
    for field in ["title", "version", "description"] {
        assert!(
            document["info"][field]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{field}"
        );
    }
    let mut faults = Vec::new();
    walk(document, "", &mut |pointer, fields| {
        if let Some(Value::String(reference)) = fields.get("$ref") {
            let target = reference
                .strip_prefix('#')
                .and_then(|place| document.pointer(place));
            if target.is_none() {
                faults.push(format!("{pointer}: {reference} leads nowhere"));
            }
        }
        // A keyword of OpenAPI 3.0 that 3.1 does not have.
        if fields.get("nullable").is_some_and(Value::is_boolean) {
            faults.push(format!("{pointer}: nullable"));
        }
        if let (Some(Value::Array(required)), Some(Value::Object(properties))) =
            (fields.get("required"), fields.get("properties"))
        {
            for name in required.iter().filter_map(Value::as_str) {
                if !properties.contains_key(name) {
                    faults.push(format!("{pointer}: {name} is required and not there"));
                }
            }
        }
    });
    let tags: BTreeSet<&str> = document["tags"]
        .as_array()
        .expect("tags")
        .iter()
        .filter_map(|tag| tag["name"].as_str())
        .collect();
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        let wanted: BTreeSet<&str> = path
            .split('/')
            .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
            .collect();
        for (method, operation) in item.as_object().expect("operations") {
            if matches!(
                method.as_str(),
                "parameters" | "summary" | "description" | "servers"
            ) {
                continue;
            }
            let place = format!("{method} {path}");
            match operation["operationId"].as_str() {
                None => faults.push(format!("{place}: no operationId")),
                Some(id) if !ids.insert(id.to_owned()) => {
                    faults.push(format!("{place}: {id} is there twice"))
                }
                Some(_) => {}
            }
            if operation["summary"].as_str().is_none_or(str::is_empty) {
                faults.push(format!("{place}: no summary"));
            }
            for tag in operation["tags"].as_array().into_iter().flatten() {
                if !tag.as_str().is_some_and(|tag| tags.contains(tag)) {
                    faults.push(format!("{place}: the tag {tag} is not described"));
                }
            }
            let responses = operation["responses"].as_object();
            if responses.is_none_or(|responses| !responses.keys().any(|status| status.starts_with('2'))) {
                faults.push(format!("{place}: no answer when all is well"));
            }
            for (status, response) in responses.into_iter().flatten() {
                if response["description"].as_str().is_none_or(str::is_empty) {
                    faults.push(format!("{place}: {status} has no description"));
                }
                let is_problem = response["content"]
                    .as_object()
                    .is_some_and(|content| content.keys().eq(["application/problem+json"]));
                if status.starts_with(['4', '5']) && !is_problem {
                    faults.push(format!("{place}: {status} is no problem+json"));
                }
            }
            let mut declared = BTreeSet::new();
            let mut seen = BTreeSet::new();
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let (name, place_of) = (&parameter["name"], &parameter["in"]);
                if !seen.insert(format!("{name} {place_of}")) {
                    faults.push(format!("{place}: {name} is declared twice"));
                }
                if !parameter["schema"].is_object() {
                    faults.push(format!("{place}: {name} has no schema"));
                }
                if place_of == "path" {
                    if parameter["required"] != true {
                        faults.push(format!("{place}: {name} is of the path and not required"));
                    }
                    declared.extend(name.as_str());
                }
            }
            if declared != wanted {
                faults.push(format!("{place}: declares {declared:?} of {wanted:?}"));
            }
            if operation.get("requestBody").is_some() && !operation["requestBody"]["content"].is_object() {
                faults.push(format!("{place}: a body without content"));
            }
            for requirement in operation["security"].as_array().into_iter().flatten() {
                for name in requirement
                    .as_object()
                    .into_iter()
                    .flat_map(serde_json::Map::keys)
                {
                    if !document["components"]["securitySchemes"][name].is_object() {
                        faults.push(format!("{place}: {name} is no security scheme"));
                    }
                }
            }
        }
    }
    assert!(ids.len() > 8, "{ids:?}");
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Returns the parameters of the queries that the document describes, each with the method and path.
fn query_parameters(document: &Value) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            let of_query = parameters
                .into_iter()
                .filter(|parameter| parameter["in"] == "query");
            all.extend(of_query.map(|parameter| (method.clone(), path.clone(), parameter)));
        }
    }
    all
}

#[tokio::test]
async fn a_parameter_that_the_document_requires_is_required_and_no_other() {
    let app = TestApp::new().await;
    let document = app.get("/openapi.json").await.expect(200).body;

    let all = query_parameters(&document);
    let required: Vec<(&str, &str)> = all
        .iter()
        .filter(|(_, _, parameter)| parameter["required"] == true)
        .filter_map(|(_, path, parameter)| Some((path.as_str(), parameter["name"].as_str()?)))
        .collect();
    for (path, name) in &required {
        let refused = app.get(path).await.expect_problem(400, "malformed-request");
        assert_eq!(refused.pointers(), [format!("?{name}")], "{path}");
    }
    let required_of = |path: &str| required.iter().any(|(other, _)| *other == path);
    let read: BTreeSet<&str> = all
        .iter()
        .filter(|(method, path, _)| method == "get" && !path.contains('{'))
        .map(|(_, path, _)| path.as_str())
        .collect();
    for path in read.into_iter().filter(|path| !required_of(path)) {
        app.get(path).await.expect(200);
    }
    let names: BTreeSet<&str> = required.iter().map(|(_, name)| *name).collect();
    assert_eq!(names, BTreeSet::from(["by", "q"]));
}

#[tokio::test]
async fn the_document_says_what_include_names_and_how_a_bound_is_written() {
    let app = TestApp::with_demo().await;
    let document = app.get("/openapi.json").await.expect(200).body;

    let all = query_parameters(&document);
    let including: Vec<&(String, String, Value)> = all
        .iter()
        .filter(|(_, _, parameter)| parameter["name"] == "include")
        .collect();
    assert!(including.len() > 8, "{including:?}");
    for (_, path, parameter) in including {
        let description = parameter["description"].as_str().expect("a description");
        let (_, names) = description.split_once("They are ").expect("names");
        if !path.contains('{') {
            let names = names.replace(", ", ",");
            app.get(&format!("{path}?limit=1&include={names}"))
                .await
                .expect(200);
        }
    }
    let has = |path: &str, name: &str| {
        all.iter()
            .any(|(_, other, parameter)| other == path && parameter["name"] == name)
    };
    for path in [
        "/v1/search",
        "/v1/actors",
        "/v1/sources",
        "/v1/warnings",
        "/v1/vocabularies/{name}",
        "/v1/actors/{ref}",
    ] {
        assert!(!has(path, "include"), "{path}");
        assert!(has(path, "fields"), "{path}");
    }
    assert!(has("/v1/sanctions/{ref}", "include"));
    // The bounds of a period take each of their examples.
    for (method, path, parameter) in &all {
        let (name, schema) = (parameter["name"].as_str().expect("a name"), &parameter["schema"]);
        let is_bound = name.ends_with("_from") || name.ends_with("_to") || ["from", "to"].contains(&name);
        if !is_bound || path.contains('{') {
            continue;
        }
        assert_ne!(schema["format"], "date", "{method} {path} {name}");
        let by = if path.ends_with("/counts") {
            "by=version&"
        } else {
            ""
        };
        for example in schema["examples"].as_array().into_iter().flatten() {
            let example = example.as_str().expect("a text");
            app.get(&format!("{path}?{by}{name}={example}")).await.expect(200);
        }
    }
}

#[tokio::test]
async fn every_operation_of_the_document_is_served() {
    let app = TestApp::new().await;
    let document = app.get("/openapi.json").await.expect(200).body;

    for (path, item) in document["paths"].as_object().expect("paths") {
        let filled: Vec<&str> = path
            .split('/')
            .map(|segment| if segment.starts_with('{') { "x:y" } else { segment })
            .collect();
        let filled = filled.join("/");
        for method in item.as_object().expect("operations").keys() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
            let answer = app.send(app.request(method.clone(), &filled)).await;
            assert!(
                answer.status.as_u16() != 405 && answer.status.as_u16() < 500,
                "{method} {path}: {}",
                answer.text
            );
            if answer.status == 404 {
                answer.expect_problem(404, "not-found");
            }
        }
        app.send(app.request(Method::OPTIONS, &filled)).await.expect(204);
    }
}

#[tokio::test]
async fn the_index_is_served_at_the_root_of_the_paths() {
    let app = TestApp::with(Limits::default()).await;
    let read = |path: &'static str| {
        let request = app.request(Method::GET, path).bearer_auth(&app.reader);
        app.send(request.header("accept", "text/html, application/json"))
    };

    let home = app
        .send(app.request(Method::GET, "/").bearer_auth(&app.reader))
        .await
        .expect(200);

    for path in ["/v1", "/v1/"] {
        let index = read(path).await.expect(200);
        assert_eq!(index.body, home.body, "{path}");
        assert_eq!(index.body["resources"]["actors"]["href"], "/v1/actors");
        app.get(path).await.expect_problem(401, "unauthorized");
        let wrong = app.request(Method::POST, path).bearer_auth(&app.reader);
        let wrong = app.send(wrong).await.expect_problem(405, "method-not-allowed");
        assert_eq!(wrong.header("allow"), "GET, HEAD", "{path}");
    }
}
