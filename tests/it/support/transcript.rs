//! Requests and whole responses as one text, for snapshots.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use regex_lite::{Captures, Regex};
use reqwest::{Client, Method, redirect};
use serde_json::Value;

use super::{Response, TestApp};

/// The header that every response has which is no page; tests/it/pages.rs checks it.
const POLICY_OF_DATA: (&str, &str) = (
    "content-security-policy",
    "default-src 'none'; frame-ancestors 'none'",
);

/// Response headers that differ from run to run and do not matter.
const LEFT_OUT: [&str; 4] = ["date", "content-length", "connection", "transfer-encoding"];

static VARYING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)
        (?<id> [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12} )
        | (?<time> [0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2} (\.[0-9]+)? Z )
        | (?<digest> \b [0-9a-f]{64} \b )
        | " (?<version> [0-9]+ ) - (?<etag> [0-9a-f]{16,} ) "
        | "sequence": \s* (?<sequence> [0-9]+ )
        | (?<before> [?&]cursor= | "next_cursor":\s*" ) (?<cursor> [A-Za-z0-9_-]+ )
        "#,
    )
    .expect("a regular expression")
});

/// The text of requests and responses, in which values that differ from run to run are replaced by names.
pub struct Transcript<'a> {
    app: &'a TestApp,
    client: Client,
    text: String,
    ids: HashMap<String, usize>,
    names: Vec<(String, &'static str)>,
}

impl<'a> Transcript<'a> {
    pub fn new(app: &'a TestApp) -> Self {
        Self {
            app,
            client: Client::builder()
                .redirect(redirect::Policy::none())
                .build()
                .expect("a client"),
            text: String::new(),
            ids: HashMap::new(),
            names: vec![(app.address.clone(), "http://<server>")],
        }
    }

    /// Sends a request as the analyst, and records it and its response.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: Option<&Value>,
    ) -> Response {
        let token = self.app.analyst.clone();
        self.send_as(&token, method, path, headers, body).await
    }

    /// Sends a request with another token.
    pub async fn send_as(
        &mut self,
        token: &str,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: Option<&Value>,
    ) -> Response {
        let mut entry = format!("{method} {path}\n");
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.app.address))
            .bearer_auth(token);
        for (name, value) in headers {
            writeln!(entry, "{name}: {value}").expect("a text");
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            writeln!(entry, "{body}").expect("a text");
            request = request.json(body);
        }
        let response = self.app.send(request).await;
        writeln!(entry, "\n{}", response.status).expect("a text");
        let mut headers: Vec<(&str, &str)> = response
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().expect("a text")))
            .filter(|(name, value)| !LEFT_OUT.contains(name) && (*name, *value) != POLICY_OF_DATA)
            .collect();
        headers.sort_unstable();
        for (name, value) in headers {
            writeln!(entry, "{name}: {value}").expect("a text");
        }
        if !response.text.is_empty() {
            writeln!(entry, "\n{}", pretty(&response)).expect("a text");
        }
        let entry = self.without_what_varies(&entry);
        writeln!(self.text, "{}\n{entry}", "=".repeat(80)).expect("a text");
        response
    }

    pub async fn get(&mut self, path: &str) -> Response {
        self.send(Method::GET, path, &[], None).await
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> Response {
        self.send(Method::POST, path, &[], Some(body)).await
    }

    /// Compares the transcript with the snapshot of this name.
    pub fn assert(self, name: &str) {
        assert_snapshot(name, &self.text);
    }

    /// Replaces a text by a name from here on.
    pub fn name(&mut self, text: impl Into<String>, name: &'static str) {
        self.names.push((text.into(), name));
    }

    /// Numbers ids in the order in which they appear, and names times of this hour, digests, ETags, cursors and
    /// sequence numbers.
    fn without_what_varies(&mut self, text: &str) -> String {
        let ids = &mut self.ids;
        let replaced = VARYING.replace_all(text, |found: &Captures| {
            let whole = &found[0];
            if found.name("id").is_some() {
                let next = ids.len() + 1;
                let number = *ids.entry(whole.to_owned()).or_insert(next);
                return format!("<id {number}>");
            }
            if found.name("time").is_some() {
                let time: DateTime<Utc> = whole.parse().expect("a time");
                let is_now = (Utc::now() - time).num_minutes().abs() < 60;
                return if is_now {
                    "<time>".to_owned()
                } else {
                    whole.to_owned()
                };
            }
            if found.name("digest").is_some() {
                let is_sample = super::Sample::all().any(|sample| sample.full.to_string().contains(whole));
                return if is_sample {
                    whole.to_owned()
                } else {
                    "<sha256>".to_owned()
                };
            }
            if found.name("etag").is_some() {
                return format!(
                    "\"{}-<digest of {} digits>\"",
                    &found["version"],
                    found["etag"].len()
                );
            }
            if found.name("sequence").is_some() {
                return "\"sequence\": <sequence>".to_owned();
            }
            format!("{}<cursor>", &found["before"])
        });
        self.names
            .iter()
            .fold(replaced.into_owned(), |text, (from, to)| text.replace(from, to))
    }
}

/// Compares a text with a snapshot under tests/it/snapshots.
pub fn assert_snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// A JSON text with one value a line, its fields in their order; any other text as it is.
pub fn pretty_json(text: &str) -> Option<String> {
    let mut from = serde_json::Deserializer::from_str(text);
    let mut to = serde_json::Serializer::pretty(Vec::new());
    serde_transcode::transcode(&mut from, &mut to).ok()?;
    from.end().ok()?;
    String::from_utf8(to.into_inner()).ok()
}

fn pretty(response: &Response) -> String {
    let kind = response.header("content-type");
    let is_json = kind.ends_with("json") && !kind.contains("ndjson");
    is_json
        .then(|| pretty_json(&response.text))
        .flatten()
        .unwrap_or_else(|| response.text.replace("\r\n", "␍\n"))
}
