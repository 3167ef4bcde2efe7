//! A BI login reads schema bi, and everything else that it tries fails.

use serde_json::json;
use tokio_postgres::Client;

use crate::support::{BiLogin, TestApp, TestDatabase, wait_until};

/// Returns a server with records on a database whose owner may only create roles.
async fn registry() -> TestApp {
    let database = TestDatabase::owned().await;
    let limits = demarche::config::Limits {
        public_read: true,
        ..demarche::config::Limits::default()
    };
    let app = TestApp::on(database, limits).await;
    app.create("actors", json!({"kind": "person", "name": "Jane Doe"}))
        .await;
    app
}

/// Returns the SQLSTATE of a refusal, or the statement if it succeeded.
async fn refusal(client: &Client, statement: &str) -> String {
    match client.batch_execute(statement).await {
        Ok(()) => format!("it works: {statement}"),
        Err(error) => error
            .code()
            .map_or_else(|| error.to_string(), |code| code.code().to_owned()),
    }
}

const DENIED: &str = "42501";
const READ_ONLY: &str = "25006";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_reads_every_view_of_the_contract() {
    let app = registry().await;
    let client = BiLogin::grant(&app.database, "desk", &[]).connect().await;

    let views = client
        .query(
            "select relname::text from pg_class where relnamespace = 'bi'::regnamespace and relkind in ('v', 'm')",
            &[],
        )
        .await
        .expect("the views");

    assert!(views.len() > 2);
    for view in views {
        // Every column, so that every function below it is called.
        client
            .query(&format!("select * from {}", view.get::<_, &str>(0)), &[])
            .await
            .unwrap_or_else(|error| panic!("{}: {error:?}", view.get::<_, &str>(0)));
    }
    let names = client
        .query("select name from actors where name = 'Jane Doe'", &[])
        .await;
    assert_eq!(names.expect("the search_path leads to bi").len(), 1);
    client
        .query(
            "select imposer_state, target_state, status, status_certain, best_grade from sanctions",
            &[],
        )
        .await
        .expect("derived columns");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_changes_and_creates_nothing() {
    let app = registry().await;
    let login = BiLogin::grant(&app.database, "desk", &[]);
    let client = login.connect().await;
    let (name, group, owner) = (
        &login.name,
        format!("{}_bi", app.database.name),
        format!("{}_owner", app.database.name),
    );
    let before = app.state().await;

    for statement in [
        "create table bi.mine (n integer)",
        "update bi.actors set name = 'me'",
        "truncate public.actors",
    ] {
        let code = refusal(&client, statement).await;
        assert!(
            code == READ_ONLY || code == DENIED || code == "55000",
            "{statement}: {code}"
        );
    }
    client
        .batch_execute("set default_transaction_read_only = off; set transaction read write")
        .await
        .expect("a login may lift that");
    for statement in [
        "insert into public.actors (kind, name) values ('person', 'me')",
        "update public.actors set name = 'me'",
        "delete from public.actors",
        "truncate public.actors",
        "insert into public.locks (name) values ('mine')",
        "select from public.locks for update",
        "do $$ begin lock table public.actors in access share mode; end $$",
        "do $$ begin lock table bi.actors in share mode; end $$",
        "create schema mine",
        "create table public.mine (n integer)",
        "create table bi.mine (n integer)",
        "create temporary table mine (n integer)",
        "create temporary view mine as select 1",
        "create function public.mine() returns integer language sql return 1",
        "create function bi.mine() returns integer language sql return 1",
        "create function pg_temp.mine() returns integer language sql return 1",
        "create type bi.mine as enum ('a')",
        "create extension dblink",
        "create extension file_fdw",
        "create extension pg_stat_statements",
        "create event trigger mine on ddl_command_start execute function mine()",
        "create publication mine for all tables",
        "create database mine",
        "create role mine",
        "drop view bi.actors",
        "comment on view bi.actors is 'mine'",
        "copy public.actors from program 'true'",
        "copy (select 1) to program 'true'",
        "copy (select 1) to '/var/tmp/demarche-mine'",
        "copy public.tokens to stdout",
        "select pg_read_file('/etc/passwd')",
        "select pg_read_binary_file('/etc/passwd')",
        "select pg_ls_dir('.')",
        "select lo_import('/etc/passwd')",
        "select lo_export(1, '/var/tmp/demarche-mine')",
        "select pg_reload_conf()",
        "select pg_create_restore_point('mine')",
        "select pg_logical_emit_message(true, 'mine', 'mine'), public.uuid_v7() from public.secrets",
        "alter system set fsync = off",
        "set temp_file_limit = -1",
        "set log_statement = 'none'",
        "set session_replication_role = replica",
        "set track_activities = off",
        &format!("select pg_terminate_backend(pid) from pg_stat_activity where usename = '{owner}'"),
        &format!("set role {owner}"),
        &format!("set session authorization {owner}"),
        &format!("grant {owner} to {name}"),
        &format!("grant {group} to {owner}"),
        &format!("alter role {name} connection limit -1"),
        &format!("alter role {name} superuser"),
        &format!("alter role {name} createrole"),
        &format!("alter role {name} bypassrls"),
        &format!("alter role {group} login"),
        &format!("alter role {owner} password 'mine'"),
        &format!("drop role {group}"),
        &format!("alter database {} connection limit 0", app.database.name),
    ] {
        let code = refusal(&client, statement).await;
        assert_eq!(code, DENIED, "{statement}");
    }
    for statement in [
        "insert into bi.actors (name) values ('me')",
        "update bi.actors set name = 'me'",
        "delete from bi.actors",
        "select from bi.actors for update",
        &format!("alter role {name} rename to {name}2"),
    ] {
        // PostgreSQL may find that a statement is impossible before it checks privileges.
        let code = refusal(&client, statement).await;
        assert!(
            [DENIED, "55000", "0A000"].contains(&code.as_str()),
            "{statement}: {code}"
        );
    }

    assert_eq!(app.state().await, before);
    // A role can't grant what it does not have, but that is only a warning.
    client
        .batch_execute("grant select on bi.actors to public")
        .await
        .expect("nothing is granted");
    let everybody = client
        .query_one("select has_table_privilege('public', 'bi.actors', 'select')", &[])
        .await
        .expect("an answer");
    assert!(!everybody.get::<_, bool>(0));
    // It may change its own password and settings: PostgreSQL lets every role do that.
    assert_eq!(
        refusal(&client, &format!("alter role {name} set statement_timeout = 0")).await,
        format!("it works: alter role {name} set statement_timeout = 0")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_reads_nothing_else() {
    let app = registry().await;
    let client = BiLogin::grant(&app.database, "desk", &[]).connect().await;
    let owner = app.client().await;
    let tables = owner
        .query(
            "select class.oid::regclass::text from pg_class as class join pg_namespace as home on home.oid = relnamespace
             where nspname in ('public', 'bi_store') and relkind in ('r', 'v', 'm', 'p', 'S')",
            &[],
        )
        .await
        .expect("the tables");
    assert!(tables.len() > 30);

    for table in &tables {
        let table: &str = table.get(0);
        let qualified = if table.contains('.') {
            table.to_owned()
        } else {
            format!("public.{table}")
        };
        for statement in [
            format!("select * from {qualified}"),
            format!("select count(*) from {qualified}"),
            format!("copy {qualified} to stdout"),
        ] {
            assert_eq!(refusal(&client, &statement).await, DENIED, "{statement}");
        }
    }
    let statistics = "select from pg_stats where schemaname in ('public', 'bi_store')";
    assert!(client.query(statistics, &[]).await.expect("an answer").is_empty());
    for hidden in [
        "select * from pg_authid",
        "select * from pg_statistic",
        "select * from pg_user_mapping",
    ] {
        assert_eq!(refusal(&client, hidden).await, DENIED, "{hidden}");
    }

    let superuser = app.database.superuser().await;
    let sleeping = tokio::spawn(async move {
        owner
            .batch_execute("select pg_sleep(600) /* of the owner */")
            .await
    });
    let of_owner = "from pg_stat_activity \
                    where query like '%of the ' || 'owner%' and state = 'active' and pid <> pg_backend_pid()";
    wait_until("the owner's query runs", async || {
        let rows = superuser.query(&format!("select {of_owner}"), &[]).await;
        !rows.expect("an answer").is_empty()
    })
    .await;
    let seen = client
        .query("select query from pg_stat_activity where query like '%of the ' || 'owner%' and pid <> pg_backend_pid()", &[])
        .await
        .expect("an answer");
    assert!(seen.is_empty(), "{seen:?}");
    superuser
        .execute(&format!("select pg_cancel_backend(pid) {of_owner}"), &[])
        .await
        .expect("cancelled");
    let ended = sleeping.await.expect("it ends").expect_err("it is cancelled");
    assert_eq!(ended.code().map(|code| code.code()), Some("57014"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_calls_only_functions_that_views_use() {
    let app = registry().await;
    let client = BiLogin::grant(&app.database, "desk", &[]).connect().await;
    let state = "00000000-0000-7000-8000-000000000000";

    for call in [
        format!("select public.states_acted_for('{state}', null, null)"),
        format!("select public.acts_for('{state}', '{state}', null, null)"),
        format!("select public.actors_acting_for(array['{state}'::uuid])"),
        format!("select public.actors_of_one_state(array['{state}'::uuid])"),
        format!("select public.actors_counted_against(array['{state}'::uuid])"),
        "select public.register_record('actors', 'actor_id')".to_owned(),
        "select public.register_vocabulary('measures')".to_owned(),
        "select public.register_child('actor_names', 'actors', 'names')".to_owned(),
        "select public.unregister_record('actors')".to_owned(),
    ] {
        assert_eq!(refusal(&client, &call).await, DENIED, "{call}");
    }
}

/// Functions that PUBLIC may execute although they read tables or run with their owner's rights. What a function reads is
/// known if its body was parsed when it was created; of the others, only an immutable one reads nothing. A
/// trigger function can't be called.
const EVERYBODYS: &str = "select proc.oid::regprocedure::text
from pg_proc as proc
join pg_namespace as home on home.oid = proc.pronamespace
where home.nspname in ('public', 'bi', 'bi_store')
  and has_function_privilege('public', proc.oid, 'execute')
  and not exists (
    select from pg_depend where classid = 'pg_proc'::regclass and objid = proc.oid and deptype = 'e'
  )
  and (
    proc.prosecdef
    or (home.nspname <> 'bi' and proc.provolatile <> 'i' and proc.prorettype <> 'trigger'::regtype and (
      proc.prosqlbody is null
      or exists (
        select from pg_depend
        where classid = 'pg_proc'::regclass and objid = proc.oid and refclassid = 'pg_class'::regclass
      )
    ))
  )
order by 1";

#[tokio::test]
async fn no_function_that_reads_tables_is_executable_by_public() {
    let database = TestDatabase::new().await;
    let client = database.superuser().await;
    let found = async || {
        let rows = client.query(EVERYBODYS, &[]).await.expect("functions");
        rows.iter().map(|row| row.get(0)).collect::<Vec<String>>()
    };

    assert_eq!(
        found().await,
        Vec::<String>::new(),
        "revoke execute on these from public"
    );

    client
        .batch_execute(
            "create function reads_a_table() returns bigint language sql begin atomic select count(*) from actors; end;
             create function may_read_anything() returns bigint language plpgsql as 'begin return 1; end';
             create function bi.as_its_owner() returns integer language sql security definer return 1;
             create function reads_nothing() returns integer language sql immutable return 1",
        )
        .await
        .expect("functions made carelessly");
    assert_eq!(
        found().await,
        ["bi.as_its_owner()", "may_read_anything()", "reads_a_table()"]
    );
}
