//! Entries of official lists, citations, and concurrent writers.

use serde_json::{Value, json};

use crate::support::Desk;

fn entry(fields: Value) -> Value {
    let mut body = json!({
        "imposer": "desk:ofac", "target": "desk:petro", "list_code": "us_ofac_sdn", "list_uid": "55555",
    });
    for (name, value) in fields.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body
}

#[tokio::test]
async fn a_list_entry_belongs_to_one_sanction_at_a_time() {
    let desk = Desk::new().await;
    let first = desk.app.create("sanctions", entry(json!({}))).await;

    let refused = desk
        .app
        .post("/v1/sanctions", &entry(json!({})))
        .await
        .expect(409);
    desk.app
        .create("sanctions", entry(json!({"list_part": "SDN"})))
        .await;
    desk.app
        .create("sanctions", entry(json!({"list_uid": null})))
        .await;
    desk.app
        .create("sanctions", entry(json!({"list_uid": null})))
        .await;

    assert_eq!(refused.pointers(), ["/list_uid"]);
    for words in [
        first.as_str(),
        "Office of Foreign Assets Control",
        "Gustavo Petro",
        "55555",
    ] {
        assert!(refused.text.contains(words), "{}", refused.text);
    }
}

#[tokio::test]
async fn a_list_entry_that_was_lifted_can_be_imposed_again_as_another_sanction() {
    let desk = Desk::new().await;
    let first = desk
        .app
        .create("sanctions", entry(json!({"imposed_on": "2020"})))
        .await;
    let first = format!("/v1/sanctions/{first}");

    desk.app
        .patch(&first, &json!({"lifted_on": "2022"}))
        .await
        .expect(200);
    let second = desk
        .app
        .create("sanctions", entry(json!({"imposed_on": "2025"})))
        .await;
    let refused = desk
        .app
        .patch(&first, &json!({"lifted_on": null}))
        .await
        .expect(409);
    desk.app
        .patch(&first, &json!({"lifted_on": "2023"}))
        .await
        .expect(200);

    assert!(refused.text.contains(&second), "{}", refused.text);
}

#[tokio::test]
async fn a_list_entry_comes_again_when_the_earlier_one_can_no_longer_be_in_force() {
    for (first, second, status) in [
        (
            json!({"imposed_on": "2015", "expires_on": "2016"}),
            json!({"imposed_on": "2018"}),
            201,
        ),
        (
            json!({"imposed_on": "2015", "expires_on": "2016"}),
            json!({"imposed_on": "2016-12"}),
            409,
        ),
        (
            json!({"imposed_on": "2015", "lifted_on": "2016-05-01"}),
            json!({"imposed_on": "2016-05-01"}),
            201,
        ),
        (
            json!({"imposed_on": "2015", "lifted_on": "2016-05"}),
            json!({"imposed_on": "2016-05-01"}),
            409,
        ),
        (
            json!({"imposed_on": "2015", "claim_status": "retracted"}),
            json!({"imposed_on": "2015"}),
            201,
        ),
        (
            json!({"imposed_on": "2015"}),
            json!({"imposed_on": "2015", "claim_status": "denied"}),
            201,
        ),
        (
            json!({"imposed_on": "2015"}),
            json!({"imposed_on": "2010", "lifted_on": "2014"}),
            201,
        ),
        (json!({"imposed_on": "2015"}), json!({"imposed_on": "2020"}), 409),
    ] {
        let desk = Desk::new().await;
        let earlier = desk.app.create("sanctions", entry(first.clone())).await;

        let made = desk
            .app
            .post("/v1/sanctions", &entry(second.clone()))
            .await
            .expect(status);

        if status == 409 {
            assert_eq!(made.pointers(), ["/list_uid"]);
            assert!(made.text.contains(&earlier), "{}", made.text);
        }
    }
}

#[tokio::test]
async fn a_list_entry_that_another_writer_takes_concurrently_is_a_conflict() {
    let desk = Desk::new().await;
    let mut other = desk.app.client().await;
    let writing = other.transaction().await.expect("a transaction");
    writing
        .execute(
            "insert into sanctions (imposer_id, target_id, list_code, list_uid) \
             values ($1::text::uuid, $2::text::uuid, 'us_ofac_sdn', '55555')",
            &[&desk.ofac, &desk.petro],
        )
        .await
        .expect("inserted");

    let body = entry(json!({}));
    let (answer, ()) = tokio::join!(desk.app.post("/v1/sanctions", &body), async {
        desk.until_somebody_waits().await;
        writing.commit().await.expect("committed");
    });

    let refused = answer.expect(409);
    assert_eq!(refused.pointers(), ["/list_uid"]);
}

#[tokio::test]
async fn if_match_accepts_the_etag_of_another_day_of_the_same_version() {
    let desk = Desk::new().await;
    let id = desk.sanction(json!({"imposed_on": "2025-10-24"})).await;
    let path = format!("/v1/sanctions/{id}");
    let before = desk.app.get(&format!("{path}?on=2020-01-01")).await.expect(200);

    let written = desk
        .patch_if(&path, before.etag(), json!({"reason": "known"}))
        .await
        .expect(200);

    assert_eq!(before.body["status"], "not_yet");
    assert_eq!(written.body["status"], "in_force");
}

#[tokio::test]
async fn a_citation_that_breaks_rules_is_not_added() {
    let desk = Desk::new().await;
    let id = desk.sanction(json!({})).await;
    let path = format!("/v1/sanctions/{id}/citations");

    let refused = desk
        .app
        .post(&path, &json!({"credibility": 0, "attributed_to": "iso3166:XX"}))
        .await
        .expect(422);
    let missing = desk
        .app
        .post(
            &format!("/v1/sanctions/{}/citations", desk.petro),
            &json!({"source": desk.source}),
        )
        .await;

    let mut pointers = refused.pointers();
    pointers.sort_unstable();
    assert_eq!(pointers, ["/attributed_to", "/credibility", "/source"]);
    missing.expect(404);
}

#[tokio::test]
async fn a_source_and_a_programme_deleted_concurrently_are_reported_as_faults() {
    let desk = Desk::new().await;
    let mut other = desk.app.client().await;
    let deleting = other.transaction().await.expect("a transaction");
    deleting
        .execute("delete from sources where id = $1::text::uuid", &[&desk.source])
        .await
        .expect("deleted");

    let body =
        json!({"imposer": "desk:ofac", "target": "desk:petro", "citations": [{"source": desk.source}]});
    let (answer, ()) = tokio::join!(desk.app.post("/v1/sanctions", &body), async {
        desk.until_somebody_waits().await;
        deleting.commit().await.expect("committed");
    });

    assert_eq!(answer.expect(422).pointers(), ["/citations/0/source"]);
}
