//! Requests and responses of tests.

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;

use super::TestApp;

/// Every kind of read of JSON below `/v1`.
pub const READS: [&str; 20] = [
    "/v1",
    "/v1/actors",
    "/v1/actors?limit=2&count=exact&sort=name",
    "/v1/actors?facets=kind&limit=1",
    "/v1/actors/counts?by=kind",
    "/v1/actors/iso3166:CO",
    "/v1/actors/iso3166:CO?on=2024-01-01",
    "/v1/actors/iso3166:CO/sanctions",
    "/v1/actors/iso3166:CO/timeline",
    "/v1/dyads/iso3166:CO/iso3166:US/timeline",
    "/v1/actors/iso3166:CO/history",
    "/v1/actors/iso3166:CO/history/1",
    "/v1/vocabularies",
    "/v1/vocabularies/measures",
    "/v1/vocabularies/measures/asset_freeze",
    "/v1/vocabularies/measures/asset_freeze/history/1",
    "/v1/claims",
    "/v1/changes?limit=2",
    "/v1/search?q=colombia",
    "/v1/actors?q=colombia",
];

/// A response: status, headers, and the body, also as JSON, or null if it is not JSON.
#[derive(Debug)]
pub struct Response {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
    pub body: Value,
}

impl Response {
    /// Returns the response if it has this status. Panics with its body otherwise.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// Returns the response if it is this problem and well formed.
    #[track_caller]
    pub fn expect_problem(self, status: u16, word: &str) -> Self {
        let answer = self.expect(status);
        let body = &answer.body;
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(body["type"], format!("/problems/{word}"), "{body}");
        assert_eq!(body["status"], status, "{body}");
        assert_eq!(body["instance"], answer.header("x-request-id"), "{body}");
        assert!(!answer.header("x-request-id").is_empty(), "{body}");
        assert_ne!(body["title"], "", "{body}");
        assert_ne!(body["detail"], "", "{body}");
        assert!(body["errors"].is_array(), "{body}");
        for word in [
            "violates",
            "syntax error",
            "relation \"",
            "pg_",
            "SQLSTATE",
            "panicked",
        ] {
            assert!(!answer.text.contains(word), "{body}");
        }
        answer
    }

    pub fn detail(&self) -> &str {
        self.body["detail"].as_str().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    pub fn etag(&self) -> &str {
        self.header("etag")
    }

    pub fn id(&self) -> String {
        self.body["id"].as_str().unwrap_or_default().to_owned()
    }

    /// Returns the ids of the records of a page, in order.
    pub fn ids(&self) -> Vec<String> {
        let items = self.body["items"].as_array().expect("a page");
        items
            .iter()
            .map(|item| item["id"].as_str().expect("an id").to_owned())
            .collect()
    }

    /// Returns the pointers of the faults of a problem, in order.
    pub fn pointers(&self) -> Vec<&str> {
        self.body["errors"]
            .as_array()
            .map(|errors| {
                errors
                    .iter()
                    .filter_map(|error| error["pointer"].as_str())
                    .collect()
            })
            .unwrap_or_default()
    }
}

impl TestApp {
    /// Returns a request without a token.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.address))
    }

    pub async fn send(&self, request: RequestBuilder) -> Response {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.expect("a body");
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Response {
            status,
            headers,
            text,
            body,
        }
    }

    /// Sends a request with a body of any type, as the analyst.
    pub async fn send_body(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: impl Into<reqwest::Body>,
    ) -> Response {
        self.send(
            self.request(method, path)
                .bearer_auth(&self.analyst)
                .header("content-type", content_type)
                .body(body),
        )
        .await
    }

    pub async fn get(&self, path: &str) -> Response {
        self.send(self.request(Method::GET, path)).await
    }

    /// Sends a request as the analyst.
    pub async fn post(&self, path: &str, body: &Value) -> Response {
        self.send(
            self.request(Method::POST, path)
                .bearer_auth(&self.analyst)
                .json(body),
        )
        .await
    }

    /// Sends a request as the analyst.
    pub async fn put(&self, path: &str, body: &Value) -> Response {
        self.send(
            self.request(Method::PUT, path)
                .bearer_auth(&self.analyst)
                .json(body),
        )
        .await
    }

    /// Sends a request as the analyst.
    pub async fn patch(&self, path: &str, body: &Value) -> Response {
        self.send(
            self.request(Method::PATCH, path)
                .bearer_auth(&self.analyst)
                .json(body),
        )
        .await
    }

    /// Sends a request as the analyst.
    pub async fn delete(&self, path: &str) -> Response {
        self.send(self.request(Method::DELETE, path).bearer_auth(&self.analyst))
            .await
    }

    /// Creates a record; returns its id.
    pub async fn create(&self, resource: &str, body: Value) -> String {
        self.post(&format!("/v1/{resource}"), &body)
            .await
            .expect(201)
            .id()
    }
}
