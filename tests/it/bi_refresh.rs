//! Refreshing the tables behind schema bi: an incremental refresh equals a full one, misses no concurrent
//! write, and blocks no reader.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use demarche::bi::refresh::{IfBusy, Manner, keep_fresh, refresh, refresh_if_due};
use demarche::db::connect::{self, Use};
use diesel_async::AsyncPgConnection;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use tokio_postgres::Client;

use crate::bi_analysis::{differing_states, refresh_now};
use crate::support::{TestApp, wait_until};

/// Bodies and four ends of dyads, and functions that pick a record by any number.
const WORLD: &str = "
  create function an_actor(n integer) returns uuid language sql as $$
    select id from actors
    where name like 'Body %' or id in (
      select actor_id from actor_identifiers where scheme = 'iso3166' and value in ('US', 'GB', 'CO', 'EU')
    )
    order by name, id offset n % 14 limit 1
  $$;
  create function a_body(n integer) returns uuid language sql as $$
    select id from actors where name like 'Body %' order by name offset n % 10 limit 1
  $$;
  create function a_row(name text, n integer) returns uuid language plpgsql as $$
  declare found uuid;
  begin
    execute format('select id from %I order by created_at, id offset %s %% greatest(1, (select count(*) from %I)) limit 1', name, n, name) into found;
    return found;
  end $$;
  create function a_day(n integer) returns text language sql as $$
    select case n % 12 when 0 then null when 1 then '2021' when 2 then '2021/2023' when 3 then '../2022-05'
      when 9 then '2021-0' || 1 + n % 8 || '/..' when 10 then '[2021,2022-0' || 1 + n % 8 || '..2022-11]' when 11 then '2021~/2022~'
      when 4 then '2022-0' || 1 + n % 8 else (date '2021-01-01' + n * 7 % 1500)::text end
  $$;
  insert into actors (kind, name)
  select (array['government_body', 'person', 'company'])[1 + n % 3], 'Body ' || n from generate_series(0, 9) as n;
  insert into relationships (subject_id, kind, object_id) select a_body(n), 'agency_of', an_actor(10 + n) from generate_series(0, 3) as n;
  insert into sources (kind, title, reliability) select 'report', 'Source ' || n, 'B' from generate_series(1, 3) as n;
";

/// Changes by writers; $a, $b and $c are random numbers. The database may refuse a change that violates a rule.
const CHANGES: &[&str] = &[
    "with made as (insert into diplomatic_actions (type, title, occurred_on)
       values ((array['accusation', 'aid', 'airstrike', 'sanctions_imposed'])[1 + $a % 4], 'Action', a_day($b)) returning id)
     insert into action_participants (action_id, position, role, actor_id)
     select id, 0, 'initiator'::participant_role, an_actor($a) from made union all select id, 1, 'target', an_actor($c) from made",
    "with made as (insert into sanctions (imposer_id, target_id, imposed_on, action_id)
       values (an_actor($a), an_actor($b), a_day($c), case when $c % 2 = 0 then a_row('diplomatic_actions', $c) end) returning id),
     measured as (insert into sanction_measures (sanction_id, position, measure) select id, 0, 'travel_ban' from made)
     insert into sanction_grounds (sanction_id, position, ground)
     select id, 0, case $a % 2 when 0 then 'retaliation' else 'cyber' end from made",
    "update diplomatic_actions set occurred_on = a_day($b) where id = a_row('diplomatic_actions', $a)",
    "update diplomatic_actions set modality = (array['actual', 'alleged', 'planned'])[1 + $b % 3]::modality,
       claim_status = (array['reported', 'denied', 'confirmed'])[1 + $c % 3]::claim_status where id = a_row('diplomatic_actions', $a)",
    "update diplomatic_actions set cameo_code = (array['1622', '046', '195'])[1 + $b % 3] where id = a_row('diplomatic_actions', $a)",
    "delete from diplomatic_actions where id = (
       select id from diplomatic_actions as action
       where not exists (select from action_links where linked_action_id = action.id)
         and not exists (select from sanctions where action_id = action.id)
       order by created_at, id offset $a % 10 limit 1)",
    "update sanctions set imposed_on = a_day($b), lifted_on = null where id = a_row('sanctions', $a)",
    "update sanctions set lifted_on = a_day($b), expires_on = a_day($c) where id = a_row('sanctions', $a)",
    "update sanctions set target_id = an_actor($b), claim_status = (array['reported', 'denied'])[1 + $c % 2]::claim_status
     where id = a_row('sanctions', $a)",
    "update sanctions set action_id = a_row('diplomatic_actions', $b) where id = a_row('sanctions', $a)",
    "delete from sanctions where id = a_row('sanctions', $a)",
    "insert into relationships (subject_id, kind, object_id, started_on, ended_on)
     values (a_body($a), (array['agency_of', 'official_of', 'family_of'])[1 + $c % 3], an_actor($b), a_day($c), a_day($a + $b))",
    "update relationships set claim_status = (array['reported', 'denied'])[1 + $b % 2]::claim_status, started_on = a_day($c)
     where id = a_row('relationships', $a)",
    "delete from relationships where id = a_row('relationships', $a)",
    "insert into action_links (action_id, position, kind, linked_action_id)
     select a_row('diplomatic_actions', $a), $c % 1000,
       (array['responds_to', 'retaliates_for', 'escalates', 'coordinated_with', 'part_of'])[1 + $c % 5]::link_kind, a_row('diplomatic_actions', $b)",
    "insert into action_links (action_id, position, kind, linked_action_id)
     select a_row('diplomatic_actions', $a), 1000 + $c % 1000, 'responds_to', a_row('diplomatic_actions', $b)",
    "delete from action_links where (action_id, position) = (
       select action_id, position from action_links order by linked_action_id, kind offset $a % greatest(1, (select count(*) from action_links)) limit 1)",
    "insert into citations (action_id, position, source_id, credibility)
     select a_row('diplomatic_actions', $a), $b % 1000, a_row('sources', $c), 1 + $b % 6",
    "update sources set reliability = (array['A', 'C', 'E', null])[1 + $b % 4]::source_reliability where id = a_row('sources', $a)",
    "insert into actor_countries (actor_id, position, code, role)
     values (a_body($a), $b % 1000, (array['US', 'CO', 'EU', 'VE'])[1 + $b % 4], (array['jurisdiction', 'nationality', 'flag'])[1 + $c % 3]::country_role)",
    "insert into actor_countries (actor_id, position, code, role, \"from\", until)
     values (a_body($a), $b % 1000, (array['US', 'CO', 'VE'])[1 + $b % 3], 'flag', a_day($c), (array['2030', null])[1 + $a % 2])",
    "delete from actor_countries where actor_id = a_body($a)",
    "update actors set kind = (array['person', 'state', 'company', 'company'])[1 + $b % 4] where id = a_body($a)",
    "update cameo_codes set goldstein = goldstein_of from (select ($b % 20 - 10)::numeric / 2) as given (goldstein_of)
     where code = (array['046', '112', '195'])[1 + $a % 3]",
    "update relationship_kinds set counts_for_state = not counts_for_state where code = (array['family_of', 'official_of'])[1 + $a % 2]",
    "update action_participants set actor_id = an_actor($b) where action_id = a_row('diplomatic_actions', $a) and position = $c % 2",
    "update action_participants set role = (array['target', 'initiator', 'initiator', 'affected'])[1 + $b % 4]::participant_role
     where action_id = a_row('diplomatic_actions', $a) and position = 1",
    "insert into action_participants (action_id, position, role, actor_id)
     values (a_row('diplomatic_actions', $a), 2 + $b % 1000, 'initiator', an_actor($c))",
    "insert into sanction_measures (sanction_id, position, measure, \"from\", until)
     values (a_row('sanctions', $a), 1 + $b % 1000, (array['aid_suspension', 'full_embargo', 'tariff'])[1 + $b % 3], a_day($c), null)",
    "insert into sanction_objectives (sanction_id, position, objective, outcome)
     values (a_row('sanctions', $a), $b % 1000, (array['democracy', 'terrorism'])[1 + $b % 2], (array['failed', null])[1 + $c % 2]::sanction_outcome)",
];

/// This many first changes are drawn most often, because they create records for the others to change.
const MADE: usize = 2;

async fn connection(app: &TestApp) -> AsyncPgConnection {
    let runtime = tokio::runtime::Handle::current();
    connect::on(&runtime, app.target(), Use::Exclusive(connect::COMMAND_TIME))
        .await
        .expect("a connection")
}

/// Returns all stored rows by table, without their times.
async fn stored(client: &Client) -> Vec<(String, String)> {
    let tables = client
        .query(
            "select relname::text from pg_class where relnamespace = 'bi_store'::regnamespace and relkind = 'r' \
             and relname not in ('refreshes', 'changed_records') order by 1",
            &[],
        )
        .await
        .expect("tables");
    let mut dump = Vec::new();
    for row in tables {
        let table: String = row.get(0);
        let rows = client
            .query_one(
                &format!("select coalesce(string_agg(stored::text, E'\\n' order by stored::text), '') from bi_store.{table} as stored"),
                &[],
            )
            .await
            .expect("rows");
        dump.push((table, rows.get(0)));
    }
    dump
}

/// Returns how many dyads of four ends differ between the functions of the rule and the stored tables.
async fn differing_dyads(client: &Client) -> i64 {
    let sql = "with ends as (
        select state_id, kind from bi_store.states where iso_code in ('US', 'GB', 'CO', 'EU')
      ),
      found as (
        select action.id, one.state_id, other.state_id
        from diplomatic_actions as action
        cross join ends as one
        join ends as other on other.state_id <> one.state_id
        where exists (
            select from action_participants as participant
            where participant.action_id = action.id and participant.role = 'initiator'
              and acts_for(participant.actor_id, one.state_id, action.occurred_on_earliest, action.occurred_on_latest)
          )
          and exists (
            select from action_participants as participant
            where participant.action_id = action.id and participant.role = 'target'
              and (
                target_state(participant.actor_id, action.occurred_on_earliest, action.occurred_on_latest) = other.state_id
                or acts_for(participant.actor_id, other.state_id, action.occurred_on_earliest, action.occurred_on_latest)
              )
          )
        union
        select action.id, one.state_id, other.state_id
        from diplomatic_actions as action
        cross join ends as one
        join ends as other on other.state_id <> one.state_id
        join action_participants as initiator on initiator.action_id = action.id and initiator.role = 'initiator'
          and acts_for(initiator.actor_id, one.state_id, action.occurred_on_earliest, action.occurred_on_latest)
        join action_participants as partner on partner.action_id = action.id and partner.role = 'initiator'
          and partner.actor_id <> initiator.actor_id
          and acts_for(partner.actor_id, other.state_id, action.occurred_on_earliest, action.occurred_on_latest)
        where not exists (
          select from action_participants as participant
          where participant.action_id = action.id and participant.role = 'target'
        )
      ),
      kept as (
        select action_id, initiator_state_id, target_state_id
        from bi_store.action_dyads
        where initiator_state_id in (select state_id from ends) and target_state_id in (select state_id from ends)
      )
      select (select count(*) from (table found except table kept) as missing)
        + (select count(*) from (table kept except table found) as surplus)";
    client.query_one(sql, &[]).await.expect("a comparison").get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incremental_refresh_equals_a_full_one() {
    let mut runner = TestRunner::deterministic();
    let app = TestApp::new().await;
    let client = app.client().await;
    client.batch_execute(WORLD).await.expect("a world");
    let mut done = vec![0_usize; CHANGES.len()];
    let mut filled = BTreeSet::new();
    refresh_now(&app, Manner::Full).await;

    for round in 0..10 {
        for _ in 0..35 {
            let (which, a, b, c) = (0..CHANGES.len() * 2, 0..5000i32, 0..5000i32, 0..5000i32)
                .new_tree(&mut runner)
                .expect("drawn")
                .current();
            let which = if which < CHANGES.len() {
                which
            } else {
                which % MADE
            };
            let change = CHANGES[which]
                .replace("$a", &a.to_string())
                .replace("$b", &b.to_string())
                .replace("$c", &c.to_string());
            match client.batch_execute(&change).await {
                Ok(()) => done[which] += 1,
                Err(error) => {
                    let refused = error.as_db_error().expect("an answer").code().code().to_owned();
                    assert!(refused.starts_with("23"), "{change}: {error:?}");
                }
            }
        }
        refresh_now(&app, Manner::Incremental).await;
        let in_part = stored(&client).await;
        refresh_now(&app, Manner::Full).await;
        let anew = stored(&client).await;

        for ((table, in_part), (_, anew)) in in_part.iter().zip(&anew) {
            assert_eq!(in_part, anew, "{table} in round {round}");
            if !anew.is_empty() {
                filled.insert(table.clone());
            }
        }
        assert_eq!(differing_states(&client).await, 0, "round {round}");
        assert_eq!(differing_dyads(&client).await, 0, "round {round}");
        let wrong = client
            .query_one(
                "select count(*) from bi.freshness where records_waiting > 0 or manner <> 'full' or changed_rows > 0",
                &[],
            )
            .await
            .expect("a count");
        assert_eq!(wrong.get::<_, i64>(0), 0, "round {round}");
    }
    assert!(done.iter().all(|times| *times > 0), "{done:?}");
    for (table, _) in stored(&client).await {
        assert!(filled.contains(&table), "{table} never had anything to compare");
    }
}

/// Acts of the United States against Colombia, one a week over years, with a gap of two in between, and sanctions of both
/// against each other, some of which retaliate.
const LONG_DYAD: &str = "
  create function an_act(n integer) returns uuid language sql as $$ select id from diplomatic_actions where title = 'Act ' || n $$;
  create function a_sanction(n integer) returns uuid language sql as $$ select id from sanctions where reason = 'Sanction ' || n $$;
  insert into diplomatic_actions (type, title, occurred_on)
  select (array['accusation', 'aid', 'airstrike'])[1 + n % 3], 'Act ' || n,
    (date '2008-01-02' + n * 7 + n % 4 + case when n >= 300 then 800 else 0 end)::text
  from generate_series(0, 499) as n;
  insert into action_participants (action_id, position, role, actor_id)
  select id, 0, 'initiator'::participant_role, an_actor(13) from diplomatic_actions union all select id, 1, 'target', an_actor(10) from diplomatic_actions;
  insert into sanctions (imposer_id, target_id, imposed_on, reason, action_id)
  select an_actor(case when n % 3 = 0 then 10 else 13 end), an_actor(case when n % 3 = 0 then 13 else 10 end),
    (date '2008-01-02' + n * 20)::text, 'Sanction ' || n, case when n % 5 = 0 then an_act(n) end
  from generate_series(0, 199) as n;
  insert into sanction_grounds (sanction_id, position, ground) select a_sanction(n), 0, 'retaliation' from generate_series(0, 199, 2) as n;
  insert into sanction_measures (sanction_id, position, measure) select a_sanction(n), 0, 'tariff' from generate_series(0, 199, 7) as n;
";

/// Changes in the middle of the long dyad.
const IN_THE_MIDDLE: &[&str] = &[
    "update diplomatic_actions set claim_status = 'denied' where id = an_act(250)",
    "update diplomatic_actions set occurred_on = '2012-03-14' where id = an_act(260)",
    "update diplomatic_actions set occurred_on = null where id = an_act(261)",
    "update diplomatic_actions set occurred_on = '2012' where id = an_act(261)",
    "delete from diplomatic_actions where id = an_act(299)",
    "update diplomatic_actions set occurred_on = '2014-11-05' where id = an_act(298)",
    "update diplomatic_actions set modality = 'planned' where id = an_act(499)",
    "insert into citations (action_id, position, source_id, credibility) values (an_act(301), 0, a_row('sources', 1), 1)",
    "update diplomatic_actions set occurred_on = '2001-05-01' where id = an_act(270)",
    "update diplomatic_actions set cameo_code = '046' where title in ('Act 100', 'Act 350')",
    "update sanctions set claim_status = 'denied' where id = a_sanction(99)",
    "update sanctions set claim_status = 'confirmed', lifted_on = '2016-02', expires_on = '2018' where id = a_sanction(99)",
    "update sanctions set imposed_on = '2013-06-20' where id in (a_sanction(90), a_sanction(101), a_sanction(104))",
    "update sanctions set imposed_on = null where id = a_sanction(96)",
    "delete from sanctions where id = a_sanction(102)",
    "insert into action_links (action_id, position, kind, linked_action_id) values (an_act(105), 0, 'responds_to', an_act(100))",
    "update action_links set linked_action_id = an_act(110)",
    "update sanctions set action_id = an_act(105) where id in (a_sanction(108), a_sanction(111))",
    "delete from action_links",
    "update sanction_grounds set ground = 'cyber' where sanction_id = a_sanction(108)",
    "insert into sanction_objectives (sanction_id, position, objective) values (a_sanction(50), 0, 'democracy')",
    "update sanction_measures set measure = 'aid_suspension' where sanction_id in (a_sanction(105), a_sanction(70))",
    "update diplomatic_actions set cameo_code = '1622' where id = an_act(105)",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_change_in_a_long_dyad_refreshes_only_the_days_from_it_on() {
    let app = TestApp::new().await;
    let client = app.client().await;
    client.batch_execute(WORLD).await.expect("a world");
    client.batch_execute(LONG_DYAD).await.expect("a long dyad");
    refresh_now(&app, Manner::Full).await;
    let weeks_before = "select count(*), string_agg(ctid::text, ' ' order by week) from bi_store.dyad_weeks where week < '2012-10-15'";
    let left_alone = client.query_one(weeks_before, &[]).await.expect("weeks");

    for (place, change) in IN_THE_MIDDLE.iter().enumerate() {
        client.batch_execute(change).await.expect(change);
        refresh_now(&app, Manner::Incremental).await;
        let in_part = stored(&client).await;
        if place == 0 {
            let now = client.query_one(weeks_before, &[]).await.expect("weeks");
            assert_eq!(now.get::<_, i64>(0), 250);
            assert_eq!(now.get::<_, String>(1), left_alone.get::<_, String>(1));
        }
        refresh_now(&app, Manner::Full).await;

        for ((table, in_part), (_, anew)) in in_part.iter().zip(&stored(&client).await) {
            assert_eq!(in_part, anew, "{table} after {change}");
        }
    }
    let pairs = client
        .query_one("select count(*) from bi_store.counter_sanctions", &[])
        .await
        .expect("a count");
    assert!(pairs.get::<_, i64>(0) > 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_responder_of_two_states_counts_once() {
    let app = TestApp::new().await;
    let client = app.client().await;
    client.batch_execute(WORLD).await.expect("a world");
    client
        .batch_execute(
            "delete from relationships;
             insert into relationships (subject_id, kind, object_id)
             values (a_body(0), 'agency_of', an_actor(12)), (a_body(0), 'agency_of', an_actor(13));
             insert into sanctions (imposer_id, target_id, imposed_on)
             values (an_actor(10), a_body(0), '2024-01-05'), (a_body(0), an_actor(10), '2024-02-05');
             insert into sanction_grounds (sanction_id, position, ground) select id, 0, 'retaliation' from sanctions;",
        )
        .await
        .expect("two sanctions");
    refresh_now(&app, Manner::Full).await;

    client
        .batch_execute("insert into sanctions (imposer_id, target_id, imposed_on) values (an_actor(10), an_actor(12), '2024-01-25')")
        .await
        .expect("one more");
    refresh_now(&app, Manner::Incremental).await;

    let in_part = stored(&client).await;
    let days = client
        .query_one(
            "select string_agg(first_day || ' ' || answering_day, ', ' order by first_day) from bi_store.counter_sanctions",
            &[],
        )
        .await
        .expect("days");
    assert_eq!(
        days.get::<_, String>(0),
        "2024-01-05 2024-02-05, 2024-01-25 2024-02-05"
    );
    refresh_now(&app, Manner::Full).await;
    assert_eq!(in_part, stored(&client).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn refreshes_miss_no_concurrent_write() {
    let app = TestApp::new().await;
    let client = app.client().await;
    client.batch_execute(WORLD).await.expect("a world");
    refresh_now(&app, Manner::Full).await;

    let writers: Vec<_> = (0..3)
        .map(|writer| {
            let target = app.target();
            tokio::spawn(async move {
                let client = target.client().await.expect("a connection");
                for place in 0..40 {
                    let n = writer * 1000 + place * 3;
                    let insert = CHANGES[place as usize % 2]
                        .replace("$a", &n.to_string())
                        .replace("$b", &(n + 4).to_string())
                        .replace("$c", &(n + 9).to_string());
                    // The transaction stays open for a while: it writes before a refresh and commits after it.
                    let transaction = format!("begin; {insert}; select pg_sleep(0.01); commit");
                    if client.batch_execute(&transaction).await.is_err() {
                        client.batch_execute("rollback").await.expect("rolled back");
                    }
                }
            })
        })
        .collect();
    while !writers.iter().all(tokio::task::JoinHandle::is_finished) {
        refresh_now(&app, Manner::Incremental).await;
    }
    for writer in writers {
        writer.await.expect("a writer");
    }
    refresh_now(&app, Manner::Incremental).await;

    let in_part = stored(&client).await;
    refresh_now(&app, Manner::Full).await;
    assert_eq!(in_part, stored(&client).await);
    let dyads = client
        .query_one("select count(*) from bi_store.action_dyads", &[])
        .await
        .expect("a count");
    assert!(dyads.get::<_, i64>(0) > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_never_waits_for_a_refresh_or_sees_it_half_done() {
    let app = TestApp::new().await;
    let client = app.client().await;
    client.batch_execute(WORLD).await.expect("a world");
    refresh_now(&app, Manner::Full).await;
    let reader = app.client().await;
    let count = "select count(*) from bi.dyad_month";
    reader
        .batch_execute("begin isolation level repeatable read; set local lock_timeout = '100ms'")
        .await
        .expect("begun");
    assert_eq!(
        reader
            .query_one(count, &[])
            .await
            .expect("a count")
            .get::<_, i64>(0),
        0
    );
    for n in 0..12 {
        let insert = CHANGES[0]
            .replace("$a", &n.to_string())
            .replace("$b", "5")
            .replace("$c", &(n + 5).to_string());
        client.batch_execute(&insert).await.expect("inserted");
    }

    // Completes although the reader's transaction is open, incremental and full.
    refresh_now(&app, Manner::Incremental).await;
    refresh_now(&app, Manner::Full).await;

    assert_eq!(
        reader
            .query_one(count, &[])
            .await
            .expect("a count")
            .get::<_, i64>(0),
        0
    );
    reader.batch_execute("commit").await.expect("ended");
    assert!(
        reader
            .query_one(count, &[])
            .await
            .expect("a count")
            .get::<_, i64>(0)
            > 0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_refresh_skips_or_waits_and_readers_do_not_wait() {
    let app = TestApp::new().await;
    refresh_now(&app, Manner::Full).await;
    let first = app.client().await;
    first
        .batch_execute("begin; lock table bi_store.refreshes in exclusive mode")
        .await
        .expect("locked");

    let mut second = connection(&app).await;
    let left = refresh(&mut second, Manner::Incremental, IfBusy::Skip)
        .await
        .expect("answered");
    let waiting = tokio::spawn(async move {
        refresh(&mut second, Manner::Incremental, IfBusy::Wait)
            .await
            .expect("answered")
    });
    let watcher = app.client().await;
    wait_until("the second refresh waits", async || {
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

    assert_eq!(left, None);
    assert!(!waiting.is_finished());
    let reader = app.client().await;
    reader
        .batch_execute("set lock_timeout = '100ms'; select * from bi.freshness")
        .await
        .expect("read");
    first.batch_execute("commit").await.expect("ended");
    assert!(waiting.await.expect("a refresh").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_refresh_what_changed_without_being_asked() {
    let app = TestApp::new().await;
    let client = app.client().await;
    client.batch_execute(WORLD).await.expect("a world");
    refresh_now(&app, Manner::Full).await;
    let mut idle = connection(&app).await;
    assert_eq!(refresh_if_due(&mut idle).await.expect("answered"), None);

    let servers: Vec<_> = (0..2)
        .map(|_| tokio::spawn(keep_fresh(app.db.clone(), Duration::from_millis(50))))
        .collect();
    client
        .batch_execute(
            &CHANGES[0]
                .replace("$a", "10")
                .replace("$b", "5")
                .replace("$c", "12"),
        )
        .await
        .expect("inserted");

    let waiting = "select max(records_waiting) + count(*) filter (where manner = 'full') from bi.freshness";
    wait_until("the servers refresh in part", async || {
        let waiting = client.query_one(waiting, &[]).await.expect("a count");
        waiting.get::<_, i64>(0) == 0
    })
    .await;
    for server in servers {
        server.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_transaction_queues_a_record_once() {
    let app = TestApp::new().await;
    let client = app.client().await;
    client.batch_execute(WORLD).await.expect("a world");
    refresh_now(&app, Manner::Full).await;

    client
        .batch_execute(
            &CHANGES[1]
                .replace("$a", "1")
                .replace("$b", "12")
                .replace("$c", "5"),
        )
        .await
        .expect("inserted");
    client
        .batch_execute(
            "begin; update sanctions set reason = 'one'; update sanctions set reason = 'two'; \
             update sanction_grounds set ground = 'narcotics'; commit; \
             update sources set title = title || '!'; update sources set reliability = 'F'",
        )
        .await
        .expect("updated");

    let queued = client
        .query_one(
            "select string_agg(resource || ' ' || number, ', ' order by resource) \
             from (select resource, count(*) as number from bi_store.changed_records group by resource) as queue",
            &[],
        )
        .await
        .expect("a queue");
    assert_eq!(queued.get::<_, String>(0), "sanctions 2, sources 3");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_year_adds_its_rows_without_a_change() {
    let app = TestApp::new().await;
    let client = app.client().await;
    client.batch_execute(WORLD).await.expect("a world");
    client
        .batch_execute("insert into sanctions (imposer_id, target_id, imposed_on) values (an_actor(10), an_actor(11), '2020')")
        .await
        .expect("inserted");
    refresh_now(&app, Manner::Full).await;
    let whole = stored(&client).await;

    client
        .batch_execute(
            "update bi_store.refreshes set as_of = as_of - interval '1 year'; \
             delete from bi_store.sanction_years where year >= extract(year from now() at time zone 'UTC')",
        )
        .await
        .expect("set back");
    let mut server = connection(&app).await;
    let refreshed = refresh_if_due(&mut server).await.expect("answered").expect("due");

    assert_eq!(refreshed.manner, Manner::Incremental);
    assert_eq!(stored(&client).await, whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_refreshes_and_prints_what_it_did() {
    let app = TestApp::new().await;
    let configuration = app.target().configuration().clone();
    let host = configuration
        .get_hosts()
        .iter()
        .map(|host| match host {
            tokio_postgres::config::Host::Tcp(name) => name.clone(),
            tokio_postgres::config::Host::Unix(path) => path.display().to_string(),
        })
        .next()
        .expect("a host");
    let password = configuration
        .get_password()
        .map(|password| format!(" password='{}'", String::from_utf8_lossy(password)))
        .unwrap_or_default();
    let url = format!(
        "host='{host}' port={} user='{}' dbname='{}'{password}",
        configuration.get_ports().first().copied().unwrap_or(5432),
        configuration.get_user().expect("a user"),
        configuration.get_dbname().expect("a database"),
    );

    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_demarche"))
            .args(arguments)
            .env("DATABASE_URL", &url)
            .output()
            .expect("a run");
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let (first, told) = run(&["bi", "refresh"]);
    assert!(first && told.contains(", full: "), "{told}");
    let (again, told) = run(&["bi", "refresh"]);
    assert!(
        again && told.contains(", incremental: 0 changed records, 0 changed rows"),
        "{told}"
    );
    let (full, told) = run(&["bi", "refresh", "--full"]);
    assert!(full && told.contains(", full: "), "{told}");
}
