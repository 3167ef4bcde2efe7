//! The status of a sanction on a day: the API compared with the rule, which is written here a second time.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use demarche::partial_date::PartialDate;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::support::Desk;

const STATUSES: [&str; 6] = ["not_yet", "announced", "in_force", "expired", "lifted", "unknown"];

/// The dates of a sanction, in the order of the record.
#[derive(Debug, Clone, Default)]
struct Dates {
    announced_on: Option<PartialDate>,
    imposed_on: Option<PartialDate>,
    effective_on: Option<PartialDate>,
    expires_on: Option<PartialDate>,
    lifted_on: Option<PartialDate>,
}

impl Dates {
    fn read(record: &Value) -> Self {
        let date = |name: &str| record[name].as_str().map(|text| text.parse().expect("a date"));
        Self {
            announced_on: date("announced_on"),
            imposed_on: date("imposed_on"),
            effective_on: date("effective_on"),
            expires_on: date("expires_on"),
            lifted_on: date("lifted_on"),
        }
    }

    fn start(&self) -> Option<&PartialDate> {
        self.effective_on.as_ref().or(self.imposed_on.as_ref())
    }

    /// The rule: from the day it is lifted, lifted; before it starts, announced or not yet; after it
    /// expires, expired; else in force, if it is known to have started.
    fn status(&self, day: NaiveDate) -> &'static str {
        let begun = |date: &PartialDate| date.earliest().is_none_or(|earliest| earliest <= day);
        let is_announced = self.announced_on.as_ref().is_some_and(begun);
        let has_started = self.start().map(begun);
        let is_lifted = self
            .lifted_on
            .as_ref()
            .is_some_and(|date| date.latest().is_some_and(|latest| latest <= day));
        let may_be_lifted = self.lifted_on.as_ref().is_some_and(begun);
        let has_expired = self
            .expires_on
            .as_ref()
            .is_some_and(|date| date.latest().is_some_and(|latest| latest < day));
        match has_started {
            _ if is_lifted => "lifted",
            Some(false) if is_announced => "announced",
            Some(false) => "not_yet",
            Some(true) | None if may_be_lifted => "lifted",
            Some(true) | None if has_expired => "expired",
            Some(true) => "in_force",
            None if is_announced => "announced",
            None => "unknown",
        }
    }

    /// Whether the sanction is in force on a day if the dates that are only partly known mean the right days.
    fn may_be_in_force(&self, day: NaiveDate) -> bool {
        let may_have_started = self
            .start()
            .is_some_and(|start| start.earliest().is_none_or(|earliest| earliest <= day));
        let may_be_lifted_later = self.lifted_on.as_ref().is_none_or(|date| {
            date.latest().is_none_or(|latest| latest > day)
                || (date.is_approximate() && date.latest() == Some(day))
        });
        let may_not_have_expired = self
            .expires_on
            .as_ref()
            .is_none_or(|date| date.latest().is_none_or(|latest| latest >= day));
        may_have_started && may_be_lifted_later && may_not_have_expired
    }

    fn is_certain(&self, day: NaiveDate) -> bool {
        let vague =
            |date: Option<&PartialDate>| date.is_some_and(|date| date.covers(day) && !date.is_exact());
        let Some(start) = self.start() else {
            return false;
        };
        let is_before = start.earliest().is_some_and(|earliest| day < earliest);
        let is_vague = vague(Some(start))
            || vague(self.lifted_on.as_ref())
            || vague(self.expires_on.as_ref())
            || is_before && vague(self.announced_on.as_ref());
        !is_vague
    }

    /// Whether the constraints of the table allow these dates.
    fn is_in_order(&self) -> bool {
        let fits = |first: Option<&PartialDate>, second: Option<&PartialDate>| match (first, second) {
            (Some(first), Some(second)) => !second.is_certainly_before(first),
            (None, _) | (_, None) => true,
        };
        fits(
            self.imposed_on.as_ref().or(self.effective_on.as_ref()),
            self.lifted_on.as_ref(),
        ) && fits(self.start(), self.expires_on.as_ref())
            && fits(self.announced_on.as_ref(), self.lifted_on.as_ref())
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

#[tokio::test]
async fn the_status_is_computed_for_each_day() {
    let desk = Desk::new().await;

    for (dates, days) in [
        (json!({}), vec![("2025-01-01", "unknown", false)]),
        (
            json!({"announced_on": "2025-09-01", "imposed_on": "2025-10-01", "effective_on": "2025-11-01",
                   "expires_on": "2025-12-31"}),
            vec![
                ("2025-08-31", "not_yet", true),
                ("2025-09-01", "announced", true),
                ("2025-10-15", "announced", true),
                ("2025-11-01", "in_force", true),
                ("2025-12-31", "in_force", true),
                ("2026-01-01", "expired", true),
            ],
        ),
        (
            json!({"imposed_on": "2025-10-24", "lifted_on": "2025-11-30"}),
            vec![
                ("2025-10-23", "not_yet", true),
                ("2025-10-24", "in_force", true),
                ("2025-11-29", "in_force", true),
                ("2025-11-30", "lifted", true),
            ],
        ),
        (
            json!({"imposed_on": "2025", "expires_on": "2026-03"}),
            vec![
                ("2024-12-31", "not_yet", true),
                ("2025-01-01", "in_force", false),
                ("2025-12-31", "in_force", false),
                ("2026-01-01", "in_force", true),
                ("2026-03-01", "in_force", false),
                ("2026-03-31", "in_force", false),
                ("2026-04-01", "expired", true),
            ],
        ),
        (
            json!({"imposed_on": "2025-11-11~"}),
            vec![
                ("2025-11-10", "not_yet", true),
                ("2025-11-11", "in_force", false),
                ("2025-11-12", "in_force", true),
            ],
        ),
        (
            json!({"imposed_on": "../2025-11-12"}),
            vec![
                ("1900-01-01", "in_force", false),
                ("2025-11-13", "in_force", true),
            ],
        ),
        (
            json!({"imposed_on": "2023-06-21/.."}),
            vec![
                ("2023-06-20", "not_yet", true),
                ("2023-06-21", "in_force", false),
                ("9999-12-31", "in_force", false),
            ],
        ),
        (
            json!({"imposed_on": "2020-01-01", "expires_on": "2023-06/.."}),
            vec![
                ("2023-05-31", "in_force", true),
                ("2030-01-01", "in_force", false),
            ],
        ),
        (
            json!({"imposed_on": "2020-01-01", "lifted_on": "2023-06/.."}),
            vec![("2023-05-31", "in_force", true), ("2030-01-01", "lifted", false)],
        ),
        (
            json!({"imposed_on": "[1999,2003-05]", "lifted_on": "2010~/2011~"}),
            vec![
                ("1998-12-31", "not_yet", true),
                ("2003-05-31", "in_force", false),
                ("2003-06-01", "in_force", true),
                ("2010-01-01", "lifted", false),
                ("2012-01-01", "lifted", true),
            ],
        ),
        (
            json!({"imposed_on": "2020", "lifted_on": "2025-06/2025-08"}),
            vec![
                ("2025-05-31", "in_force", true),
                ("2025-06-01", "lifted", false),
                ("2025-08-31", "lifted", false),
                ("2025-09-01", "lifted", true),
            ],
        ),
        (
            json!({"imposed_on": "2025-01-01", "effective_on": "2025-03-01", "lifted_on": "2025-02-01"}),
            vec![
                ("2025-01-15", "not_yet", true),
                ("2025-02-15", "lifted", true),
                ("2025-03-15", "lifted", true),
            ],
        ),
        (
            json!({"announced_on": "2025-09", "imposed_on": "2025-10-01"}),
            vec![
                ("2025-08-31", "not_yet", true),
                ("2025-09-15", "announced", false),
                ("2025-10-01", "in_force", true),
            ],
        ),
        (
            json!({"announced_on": "2025-09-01"}),
            vec![
                ("2025-08-31", "unknown", false),
                ("2025-09-01", "announced", false),
            ],
        ),
        (
            json!({"expires_on": "2025-09-01"}),
            vec![("2025-09-01", "unknown", false), ("2025-09-02", "expired", false)],
        ),
        (
            json!({"lifted_on": "2025-09-01"}),
            vec![("2025-08-31", "unknown", false), ("2025-09-01", "lifted", false)],
        ),
    ] {
        let id = desk.sanction(dates.clone()).await;
        for (on, status, certain) in days {
            let read = desk
                .app
                .get(&format!("/v1/sanctions/{id}?on={on}"))
                .await
                .expect(200)
                .body;

            assert_eq!(
                (&read["status"], &read["status_certain"]),
                (&json!(status), &json!(certain)),
                "{dates} on {on}"
            );
            let rule = Dates::read(&read);
            assert_eq!(
                (rule.status(day(on)), rule.is_certain(day(on))),
                (status, certain),
                "{dates} on {on}"
            );
        }
    }
}

#[tokio::test]
async fn what_may_be_in_force_is_listed_and_says_so() {
    let desk = Desk::new().await;
    let id = desk
        .sanction(json!({"imposed_on": "2020", "lifted_on": "2025-03"}))
        .await;
    for (query, expected) in [
        ("in_force_on=2025-03-15", Some(("lifted", false))),
        ("in_force_on=2025-02-28", Some(("in_force", true))),
        ("in_force_on=2020-06-01", Some(("in_force", false))),
        ("in_force_on=2025-03-15&certain=false", Some(("lifted", false))),
        ("in_force_on=2025-03-15&on=2024-01-01", Some(("in_force", true))),
        ("in_force_on=2025-03-15&status=lifted", Some(("lifted", true))),
        ("on=2025-03-15&certain=false", Some(("lifted", false))),
        ("in_force_on=2025-03-15&certain=true", None),
        ("in_force_on=2025-03-31", None),
        ("in_force_on=2025-04-01", None),
        ("on=2025-03-15&certain=true", None),
    ] {
        let paths = [
            format!("/v1/sanctions?{query}"),
            format!("/v1/actors/{}/sanctions?{query}", desk.petro),
        ];
        for path in paths {
            let listed = desk.app.get(&path).await.expect(200).body;
            let found: Vec<_> = listed["items"]
                .as_array()
                .expect("a page")
                .iter()
                .map(|item| {
                    (
                        item["status"].as_str().expect("a status"),
                        item["status_certain"] == true,
                    )
                })
                .collect();
            assert_eq!(found, Vec::from_iter(expected), "{path}");
        }
    }
    for value in ["perhaps", "yes", "TRUE"] {
        let refused = desk.app.get(&format!("/v1/sanctions?certain={value}")).await;
        let refused = refused.expect_problem(400, "malformed-request");
        assert!(
            refused.detail().contains("must be one of true, false"),
            "{}",
            refused.detail()
        );
    }
    let client = desk.app.client().await;
    let row = client
        .query_one(
            "select sanction_id::text, status, status_certain, days_in_force from bi.sanctions_in_force('2025-03-15')",
            &[],
        )
        .await
        .expect("a row");
    assert_eq!(row.get::<_, &str>(0), id);
    assert_eq!((row.get::<_, &str>(1), row.get::<_, bool>(2)), ("lifted", false));
    assert_eq!(
        row.get::<_, i32>(3),
        1886,
        "from the first day of 2020 to the last of 2025-02"
    );
}

#[tokio::test]
async fn the_etag_changes_with_the_status_of_the_day() {
    let desk = Desk::new().await;
    let id = desk.sanction(json!({"imposed_on": "2025-10-24"})).await;
    let path = format!("/v1/sanctions/{id}");
    let today = desk.app.get(&path).await.expect(200);

    let before = desk.app.get(&format!("{path}?on=2025-10-23")).await.expect(200);
    let after = desk.app.get(&format!("{path}?on=2025-10-25")).await.expect(200);
    let unchanged = desk
        .app
        .send(
            desk.app
                .request(reqwest::Method::GET, &format!("{path}?on=2025-10-25"))
                .header("if-none-match", today.etag()),
        )
        .await;

    assert_ne!(before.etag(), today.etag());
    assert_eq!(after.etag(), today.etag());
    assert_eq!(unchanged.status, 304);
    desk.app.get(&format!("{path}?on=2025-10")).await.expect(400);
    desk.app.get(&format!("{path}?day=2025-10-01")).await.expect(400);
}

#[tokio::test]
async fn a_status_of_another_day_is_refused_in_a_put() {
    let desk = Desk::new().await;
    let id = desk.sanction(json!({"imposed_on": "2025-10-24"})).await;
    let path = format!("/v1/sanctions/{id}");
    let before = desk
        .app
        .get(&format!("{path}?on=2020-01-01"))
        .await
        .expect(200)
        .body;

    let refused = desk.app.put(&path, &before).await.expect(422);

    assert_eq!(refused.pointers(), ["/status"]);
}

fn dates() -> impl Strategy<Value = Dates> {
    let plain = || {
        (2024..=2026, 1..=12u32, 1..=28u32, select(vec![4, 7, 10])).prop_map(|(year, month, day, length)| {
            format!("{year}-{month:02}-{day:02}")
                .chars()
                .take(length)
                .collect::<String>()
        })
    };
    let date = move || {
        let written = prop_oneof![
            4 => plain(),
            1 => plain().prop_map(|date| format!("{date}~")),
            1 => plain().prop_map(|date| format!("../{date}")),
            1 => plain().prop_map(|date| format!("{date}/..")),
            1 => (plain(), plain()).prop_map(|(one, other)| format!("{one}/{other}")),
            1 => (plain(), plain()).prop_map(|(one, other)| format!("[{one},{other}]")),
        ];
        prop_oneof![
            1 => Just(None),
            1 => written.prop_filter_map("ends before it begins", |text| text.parse::<PartialDate>().ok()).prop_map(Some),
        ]
    };
    (date(), date(), date(), date(), date())
        .prop_map(
            |(announced_on, imposed_on, effective_on, expires_on, lifted_on)| Dates {
                announced_on,
                imposed_on,
                effective_on,
                expires_on,
                lifted_on,
            },
        )
        .prop_filter("ends before it begins", Dates::is_in_order)
}

#[tokio::test]
async fn lists_agree_with_the_rule_on_any_dates_and_days() {
    const SANCTIONS: usize = 700;
    let desk = Desk::new().await;
    let mut runner = TestRunner::deterministic();
    let drawn: Vec<Dates> = (0..SANCTIONS)
        .map(|_| dates().new_tree(&mut runner).expect("dates").current())
        .collect();
    let column = |of: fn(&Dates) -> &Option<PartialDate>| {
        drawn
            .iter()
            .map(|dates| of(dates).as_ref().map(ToString::to_string))
            .collect::<Vec<_>>()
    };
    desk.app
        .client()
        .await
        .execute(
            "insert into sanctions \
             (imposer_id, target_id, announced_on, imposed_on, effective_on, expires_on, lifted_on) \
             select $1::text::uuid, $2::text::uuid, given.* \
             from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[]) as given",
            &[
                &desk.ofac,
                &desk.petro,
                &column(|dates| &dates.announced_on),
                &column(|dates| &dates.imposed_on),
                &column(|dates| &dates.effective_on),
                &column(|dates| &dates.expires_on),
                &column(|dates| &dates.lifted_on),
            ],
        )
        .await
        .expect("inserted");
    let mut seen: BTreeMap<(String, bool), usize> = BTreeMap::new();

    for on in [
        "0001-01-01",
        "2023-12-31",
        "2024-01-01",
        "2024-02-29",
        "2024-12-31",
        "2025-01-01",
        "2025-05-15",
        "2025-06-30",
        "2025-07-01",
        "2026-01-01",
        "2026-12-28",
        "2026-12-31",
        "2027-01-01",
        "9999-12-31",
    ] {
        let page = desk
            .app
            .get(&format!("/v1/sanctions?limit=1000&on={on}"))
            .await
            .expect(200);
        let items = page.body["items"].as_array().expect("a page").clone();
        assert_eq!(items.len(), SANCTIONS);
        for item in &items {
            let rule = Dates::read(item);
            let (status, certain) = (rule.status(day(on)), rule.is_certain(day(on)));
            assert_eq!(
                (&item["status"], &item["status_certain"]),
                (&json!(status), &json!(certain)),
                "{rule:?} {on}"
            );
            *seen.entry((status.to_owned(), certain)).or_default() += 1;
        }
        for status in STATUSES {
            let listed = desk
                .app
                .get(&format!("/v1/sanctions?limit=1000&on={on}&status={status}"))
                .await
                .expect(200);
            let expected: Vec<&Value> = items.iter().filter(|item| item["status"] == status).collect();
            assert_eq!(listed.body["items"], json!(expected), "{status} on {on}");
            if status == "in_force" {
                let in_force = async |certain: &str| {
                    let path = format!("/v1/sanctions?limit=1000&in_force_on={on}{certain}");
                    desk.app.get(&path).await.expect(200).body["items"].clone()
                };
                // What may be in force: also what may be lifted, but need not be.
                let may_be: Vec<&Value> = items
                    .iter()
                    .filter(|item| Dates::read(item).may_be_in_force(day(on)))
                    .collect();
                assert_eq!(in_force("").await, json!(may_be), "in force on {on}");
                let (sure, unsure): (Vec<&Value>, Vec<&Value>) =
                    may_be.iter().partition(|item| item["status_certain"] == true);
                assert_eq!(in_force("&certain=true").await, json!(sure), "surely on {on}");
                assert_eq!(in_force("&certain=false").await, json!(unsure), "perhaps on {on}");
                assert!(sure.iter().all(|item| item["status"] == "in_force"), "{on}");
                let certain: Vec<&&Value> = expected
                    .iter()
                    .filter(|item| item["status_certain"] == true)
                    .collect();
                assert_eq!(json!(certain), json!(sure), "surely on {on}");
            }
        }
    }
    // The random dates prove something only if every status occurs.
    for status in STATUSES {
        let uncertain = seen.get(&(status.to_owned(), false)).copied().unwrap_or_default();
        assert!(uncertain > 50, "{seen:?}");
    }
    for status in ["not_yet", "announced", "in_force", "expired", "lifted"] {
        let certain = seen.get(&(status.to_owned(), true)).copied().unwrap_or_default();
        assert!(certain > 50, "{seen:?}");
    }
}
