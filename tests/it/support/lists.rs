//! What every list guarantees: pages that hold every record once, in order.

use chrono::{DateTime, SecondsFormat, Utc};
use demarche::partial_date::PartialDate;
use serde_json::Value;

use super::TestApp;

impl TestApp {
    /// Returns the ids of the records on the first page of a list.
    pub async fn ids(&self, path: &str) -> Vec<String> {
        self.get(path).await.expect(200).ids()
    }

    /// Returns the rows that a statement selects, each as its columns joined by `|`; nulls are left out.
    pub async fn rows(&self, sql: &str) -> Vec<String> {
        let client = self.client().await;
        let rows = client
            .query(
                &format!(
                    "select (select string_agg(field.value, '|') from json_each_text(row_to_json(selected)) as field \
                     where field.value is not null) from ({sql}) as selected"
                ),
                &[],
            )
            .await
            .expect("rows");
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Returns all items of a list, read page by page.
    pub async fn walk(&self, path: &str, query: &str, limit: usize) -> Vec<Value> {
        let mut items = Vec::new();
        let mut next = format!("{path}?{query}&limit={limit}");
        loop {
            let page = self.get(&next).await.expect(200);
            let found = page.body["items"].as_array().expect("items").clone();
            assert!(
                found.len() <= limit,
                "a page of {} is over the limit",
                found.len()
            );
            items.extend(found);
            let Some(cursor) = page.body["next_cursor"].as_str() else {
                assert_eq!(page.header("link"), "");
                return items;
            };
            assert!(page.header("link").ends_with("; rel=\"next\""));
            next = format!("{path}?{query}&limit={limit}&cursor={cursor}");
        }
    }

    /// Reads a list in pages under every sort, both ways. `rank` returns what a record is compared by,
    /// `unique` is the field that is never the same twice.
    pub async fn assert_pages_are_whole(
        &self,
        path: &str,
        filter: &str,
        sorts: &[&str],
        unique: &str,
        rank: impl Fn(&str, &Value) -> Option<String>,
    ) {
        let text = |record: &Value, field: &str| record[field].as_str().expect("a text").to_owned();
        let mut all: Vec<Value> = self.walk(path, filter, 1000).await;
        assert!(all.len() > 20, "{} records are too few for pages", all.len());
        for sort in sorts {
            for descending in [false, true] {
                let sign = if descending { "-" } else { "" };

                let walked = self.walk(path, &format!("{filter}&sort={sign}{sort}"), 7).await;

                let key = |record: &Value| (rank(sort, record), text(record, unique));
                all.sort_by(|left, right| {
                    let ((left, left_id), (right, right_id)) = (key(left), key(right));
                    // Nulls last, both ways.
                    let nulls = left.is_none().cmp(&right.is_none());
                    let order = left.cmp(&right).then(left_id.cmp(&right_id));
                    nulls.then(if descending { order.reverse() } else { order })
                });
                let told = |records: &[Value]| -> Vec<_> { records.iter().map(key).collect() };
                assert_eq!(told(&walked), told(&all), "under sort={sign}{sort}");
            }
        }
    }
}

/// Returns what a record is compared by, if the text of the field alone is not enough.
pub fn rank(field: &str, record: &Value) -> Option<String> {
    let text = record[field].as_str()?;
    if field.ends_with("_at") {
        let at: DateTime<Utc> = text.parse().expect("a time");
        return Some(at.to_rfc3339_opts(SecondsFormat::Micros, true));
    }
    if field.ends_with("_on") {
        let date: PartialDate = text.parse().expect("a date");
        return Some(date.sort_day().to_string());
    }
    Some(text.to_owned())
}
