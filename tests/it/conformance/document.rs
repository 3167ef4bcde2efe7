//! The OpenAPI document describes every kind alike.

use super::*;

/// Names of the parameters of an operation.
fn parameters(operation: &Value) -> Vec<&str> {
    let parameters = operation["parameters"].as_array().expect("parameters");
    parameters
        .iter()
        .filter_map(|parameter| parameter["name"].as_str())
        .collect()
}

fn operation_id_of_list(sample: &Sample) -> String {
    format!("list_{}", sample.kind.table())
}

#[tokio::test]
async fn the_document_describes_every_operation_of_every_kind() {
    let app = TestApp::new().await;
    let document = app.get("/openapi.json").await.expect(200).body;
    let mut operation_ids = Vec::new();

    for sample in Sample::all() {
        let list = &document["paths"][sample.path()];
        let one = &document["paths"][format!("{}/{{ref}}", sample.path())];
        for (operation, statuses, named) in [
            (
                &list["get"],
                vec!["200", "400", "401"],
                vec!["limit", "cursor", "sort", "known_at", "format"],
            ),
            (
                &list["post"],
                vec!["201", "400", "401", "403", "409", "422"],
                vec!["Idempotency-Key"],
            ),
            (
                &one["get"],
                vec!["200", "304", "404"],
                vec!["ref", "on", "known_at", "If-None-Match"],
            ),
            (
                &one["put"],
                vec!["200", "404", "409", "412", "422"],
                vec!["ref", "If-Match"],
            ),
            (
                &one["patch"],
                vec!["200", "404", "409", "412", "422"],
                vec!["ref", "If-Match"],
            ),
            (
                &one["delete"],
                vec!["204", "404", "409", "412"],
                vec!["ref", "If-Match"],
            ),
        ] {
            assert!(operation.is_object(), "{} is described", sample.kind);
            let id = operation["operationId"].as_str().expect("an id").to_owned();
            assert!(operation["summary"].is_string(), "{id}");
            for status in statuses {
                let response = &operation["responses"][status];
                assert!(response.is_object(), "{id} {status}");
                if ["200", "201", "304"].contains(&status) && id != operation_id_of_list(&sample) {
                    assert!(response["headers"]["ETag"].is_object(), "{id} {status}");
                }
            }
            for name in named {
                assert!(parameters(operation).contains(&name), "{id} {name}");
            }
            operation_ids.push(id);
        }
        if sample.has_citations() {
            let citations = format!("{}/{{ref}}/citations", sample.path());
            let adding = &document["paths"][&citations]["post"];
            let removing = &document["paths"][format!("{citations}/{{id}}")]["delete"];
            assert!(adding["responses"]["201"]["headers"]["ETag"].is_object());
            assert!(removing["responses"]["204"]["headers"]["ETag"].is_object());
            assert!(parameters(removing).contains(&"If-Match"), "{}", sample.kind);
        }
    }
    let all = operation_ids.len();
    operation_ids.sort();
    operation_ids.dedup();
    assert_eq!(operation_ids.len(), all, "operation ids are unique");
}

#[tokio::test]
async fn the_schema_of_a_request_has_every_field_of_the_sample() {
    let app = TestApp::new().await;
    let document = app.get("/openapi.json").await.expect(200).body;

    for sample in Sample::all() {
        let body = &document["paths"][sample.path()]["post"]["requestBody"]["content"]["application/json"];
        let name = body["schema"]["$ref"]
            .as_str()
            .expect("a schema")
            .rsplit('/')
            .next();
        let schema = &document["components"]["schemas"][name.expect("a name")]["properties"];
        let described: Vec<&String> = schema.as_object().expect("properties").keys().collect();
        let sent: Vec<&String> = sample.full.as_object().expect("an object").keys().collect();
        assert_eq!(described, sent, "{}", sample.kind);
    }
}
