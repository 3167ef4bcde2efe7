//! The dashboard of bi/superset compared with the contract. Superset reads a column only when a chart is opened, so the tests
//! query PostgreSQL, as a BI login, for every column, expression and metric that the bundle names.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use tokio_postgres::types::Type;

use crate::support::TestDatabase;

/// An export of Superset: a mapping, of which the tests read the top-level keys and the lists of mappings under them.
struct Export {
    name: String,
    lines: Vec<String>,
}

impl Export {
    /// Returns the value of a key at this depth, without its quotes; a block (`|`) with its lines.
    fn value(&self, key: &str) -> Option<String> {
        value(&self.lines, key)
    }

    fn required(&self, key: &str) -> String {
        self.value(key)
            .unwrap_or_else(|| panic!("{} has no {key}", self.name))
    }

    /// Returns the mappings of the list under a top-level key.
    fn list(&self, key: &str) -> Vec<Vec<String>> {
        let head = format!("{key}:");
        let mut mappings: Vec<Vec<String>> = Vec::new();
        for line in self.lines.iter().skip_while(|line| **line != head).skip(1) {
            if let Some(first) = line.strip_prefix("- ") {
                mappings.push(vec![first.to_owned()]);
            } else if let (Some(next), Some(mapping)) = (line.strip_prefix("  "), mappings.last_mut()) {
                mapping.push(next.to_owned());
            } else {
                break;
            }
        }
        mappings
    }

    /// Returns every scalar under a key of this name at any depth: its value or the items of its list.
    fn under(&self, key: &str) -> Vec<String> {
        let head = format!("{key}:");
        let mut found = Vec::new();
        for (at, line) in self.lines.iter().enumerate() {
            let inner = line.trim_start().trim_start_matches("- ");
            let Some(rest) = inner.strip_prefix(&head) else {
                continue;
            };
            if !rest.trim().is_empty() {
                found.push(unquoted(rest.trim()));
                continue;
            }
            let depth = line.len() - line.trim_start().len();
            let item = format!("{}- ", " ".repeat(depth));
            let items = self.lines[at + 1..]
                .iter()
                .take_while(|line| line.starts_with(&item));
            found.extend(items.map(|line| unquoted(line[item.len()..].trim())));
        }
        found
    }

    /// Returns the dataset and the column of each filter of a dashboard.
    fn filtered(&self) -> Vec<(String, String)> {
        let text = |line: &String, key: &str| {
            line.trim_start_matches([' ', '-'])
                .strip_prefix(key)
                .map(unquoted)
        };
        let targets = self.lines.iter().enumerate();
        targets
            .filter_map(|(at, line)| {
                let dataset = text(line, "datasetUuid: ")?;
                let column = self.lines[at..].iter().find_map(|line| text(line, "name: "))?;
                Some((dataset, column))
            })
            .collect()
    }
}

fn value(lines: &[String], key: &str) -> Option<String> {
    let head = format!("{key}:");
    let at = lines.iter().position(|line| line.starts_with(&head))?;
    let rest = lines[at][head.len()..].trim();
    if rest != "|" {
        return Some(unquoted(rest));
    }
    let block = lines[at + 1..].iter().take_while(|line| line.starts_with("  "));
    Some(block.map(|line| line.trim_end()).collect::<Vec<_>>().join("\n"))
}

fn unquoted(scalar: &str) -> String {
    match scalar.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        Some(inner) => inner.replace("''", "'"),
        None => scalar.to_owned(),
    }
}

fn exports(folder: &str) -> Vec<Export> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("bi/superset")
        .join(folder);
    let mut found: Vec<Export> = fs::read_dir(&root)
        .expect("a folder of the bundle")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let text = fs::read_to_string(&path).expect("a text");
            Export {
                name: format!("{folder}/{}", path.file_name().expect("a name").to_string_lossy()),
                lines: text.lines().map(str::to_owned).collect(),
            }
        })
        .collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(!found.is_empty(), "{folder} is empty");
    found
}

/// A column or metric of a dataset: its name, its expression, and whether Superset treats it as a time.
struct Asked {
    name: String,
    expression: String,
    is_time: bool,
}

fn asked(dataset: &Export, list: &str, name: &str) -> Vec<Asked> {
    let mappings = dataset.list(list);
    assert!(!mappings.is_empty(), "{} has no {list}", dataset.name);
    mappings
        .iter()
        .map(|mapping| {
            let name = value(mapping, name).expect("a name");
            Asked {
                expression: value(mapping, "expression").unwrap_or_else(|| format!("\"{name}\"")),
                is_time: value(mapping, "is_dttm").as_deref() == Some("true"),
                name,
            }
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_column_and_metric_of_the_dashboard_is_in_the_contract() {
    let database = TestDatabase::new().await;
    let reader = database.reader().await;

    let mut faults = Vec::new();
    for dataset in exports("datasets") {
        let table = format!(
            "\"{}\".\"{}\"",
            dataset.required("schema"),
            dataset.required("table_name")
        );
        let from = dataset.value("sql").map_or(table, |sql| format!("({sql})"));
        for list in [("columns", "column_name"), ("metrics", "metric_name")] {
            for asked in asked(&dataset, list.0, list.1) {
                let sql = format!("select {} from {from} as dataset", asked.expression);
                match reader.prepare(&sql).await {
                    Ok(statement) => {
                        let is_time =
                            [Type::DATE, Type::TIMESTAMPTZ].contains(statement.columns()[0].type_());
                        if list.0 == "columns" && is_time != asked.is_time {
                            faults.push(format!(
                                "{}: is_dttm of {} is not {is_time}",
                                dataset.name, asked.name
                            ));
                        }
                    }
                    Err(error) => {
                        let told = error
                            .as_db_error()
                            .map_or(error.to_string(), |error| error.message().to_owned());
                        faults.push(format!("{}: {}: {told}", dataset.name, asked.name));
                    }
                }
            }
        }
    }

    assert!(
        faults.is_empty(),
        "bi/superset does not fit the contract of schema bi:\n{}",
        faults.join("\n")
    );
}

#[test]
fn charts_and_filters_name_what_their_datasets_have() {
    let names: BTreeMap<String, BTreeSet<String>> = exports("datasets")
        .iter()
        .map(|dataset| {
            let columns = asked(dataset, "columns", "column_name");
            let metrics = asked(dataset, "metrics", "metric_name");
            let names = columns
                .into_iter()
                .chain(metrics)
                .map(|asked| asked.name)
                .collect();
            (dataset.required("uuid"), names)
        })
        .collect();
    let charts = exports("charts");

    let mut faults = Vec::new();
    for chart in &charts {
        let known = names
            .get(&chart.required("dataset_uuid"))
            .unwrap_or_else(|| panic!("{} has no dataset here", chart.name));
        let mut used: Vec<String> = [
            "x_axis",
            "groupby",
            "metric",
            "metrics",
            "all_columns",
            "subject",
            "timeseries_limit_metric",
            "x_axis_sort",
        ]
        .iter()
        .flat_map(|key| chart.under(key))
        .filter(|name| name != "[]")
        .collect();
        let sorted = chart.under("order_by_cols");
        used.extend(
            sorted
                .iter()
                .filter_map(|order| order.split('"').nth(1))
                .map(str::to_owned),
        );
        assert!(!used.is_empty(), "{} uses no column", chart.name);
        for name in used {
            if !known.contains(&name) {
                faults.push(format!("{}: {name}", chart.name));
            }
        }
    }
    for dashboard in exports("dashboards") {
        let filters = dashboard.filtered();
        assert!(!filters.is_empty(), "{} has no filter", dashboard.name);
        for (dataset, column) in filters {
            if !names.get(&dataset).is_some_and(|known| known.contains(&column)) {
                faults.push(format!("{}: filter on {column}", dashboard.name));
            }
        }
        let shown: BTreeSet<String> = dashboard.under("uuid").into_iter().collect();
        for chart in &charts {
            if !shown.contains(&chart.required("uuid")) {
                faults.push(format!("{}: does not show {}", dashboard.name, chart.name));
            }
        }
    }

    assert!(
        faults.is_empty(),
        "bi/superset names what is not there:\n{}",
        faults.join("\n")
    );
}

#[test]
fn the_bundle_contains_no_password() {
    for database in exports("databases") {
        let address = database.required("sqlalchemy_uri");

        assert_eq!(
            address,
            "postgresql+psycopg2://NAME:XXXXXXXXXX@db.example.org:5432/demarche"
        );
        assert_eq!(database.value("password"), None);
    }
}
