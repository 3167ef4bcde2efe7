//! The catalogue of the database: every migration can be reverted, everything has a comment, a chosen name
//! and its index, and Rust knows the same types; and when `migrate` changes something.

use std::collections::{BTreeMap, BTreeSet};

use demarche::db::connect::{self, Use};
use demarche::db::functions;
use demarche::db::migrate::{MIGRATIONS, MigrateError, Migrated, is_current, known_versions, refuse_older};
use demarche::db::views::VIEWS;
use demarche::db::{Capacity, Db};
use demarche::migrating::{ADDITIONS, is_contract_kept, migrate};
use demarche::vocabulary::{
    CitationStance, ClaimStatus, CountryRole, LinkKind, Modality, NameKind, ParticipantRole,
    RevisionOperation, SanctionOutcome, SanctionStatus, SourceKind, SourceReliability, UserRole,
};
use demarche::words;
use diesel::migration::MigrationSource;
use diesel::pg::Pg;
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection};
use diesel_migrations::MigrationHarness;
use tokio_postgres::Client;

use crate::support::TestDatabase;

/// Returns one line for every object of the database that no extension owns.
const DUMP: &str = include_str!("catalogue.sql");

const WITHOUT_COMMENT: &str = "with ours as (
  select oid, nspname from pg_namespace where nspname in ('public', 'bi', 'bi_store')
),
things (kind, name, comment, classid, objid) as (
  select 'schema', nspname::text, obj_description(oid, 'pg_namespace'), 'pg_namespace'::regclass, oid
  from ours
  union all
  select 'relation', ours.nspname || '.' || relname, obj_description(class.oid, 'pg_class'), 'pg_class'::regclass, class.oid
  from pg_class as class
  join ours on ours.oid = class.relnamespace
  where relkind in ('r', 'v', 'm', 'p', 'f', 'S')
  union all
  select 'column', ours.nspname || '.' || relname || '.' || attname, col_description(class.oid, attnum), 'pg_class'::regclass, class.oid
  from pg_class as class
  join ours on ours.oid = class.relnamespace
  join pg_attribute on attrelid = class.oid and attnum > 0 and not attisdropped
  where relkind in ('r', 'v', 'm', 'p', 'f')
  union all
  select 'function', proc.oid::regprocedure::text, obj_description(proc.oid, 'pg_proc'), 'pg_proc'::regclass, proc.oid
  from pg_proc as proc
  join ours on ours.oid = proc.pronamespace
  union all
  select 'type', ours.nspname || '.' || typname, obj_description(type.oid, 'pg_type'), 'pg_type'::regclass, type.oid
  from pg_type as type
  join ours on ours.oid = type.typnamespace
  where typtype in ('e', 'd', 'r')
)
select kind || ' ' || name
from things
where coalesce(comment, '') = ''
  and name not like '%\\_\\_diesel\\_schema\\_migrations%'
  and not exists (
    select from pg_depend
    where pg_depend.classid = things.classid and pg_depend.objid = things.objid and deptype = 'e'
  )
order by 1";

const WITHOUT_INDEX: &str = "select conrelid::regclass || ' ' || conname
from pg_constraint as key
where contype = 'f'
  and not exists (
    select from pg_index as index
    where index.indrelid = key.conrelid
      and index.indisvalid
      and (index.indpred is null
        or pg_get_expr(index.indpred, index.indrelid) = format(
          '(%s IS NOT NULL)',
          (select attname from pg_attribute where attrelid = key.conrelid and attnum = key.conkey[1])
        ))
      and (index.indkey::smallint[])[0:cardinality(key.conkey) - 1] @> key.conkey
  )
order by 1";

const NAMED_BY_NOBODY: &str = "with named (home, name, ends) as (
  select conrelid::regclass::text, conname::text, case contype
    when 'p' then 'pkey' when 'u' then 'key' when 'f' then 'fkey' when 'x' then 'excl'
    when 't' then case when conname like '%_is_revised' then 'is_revised' else 'check' end
    else 'check'
  end
  from pg_constraint
  where connamespace = 'public'::regnamespace and conrelid <> 0 and contype <> 'n'
  union all
  select contypid::regtype::text, conname::text, 'check'
  from pg_constraint
  where connamespace = 'public'::regnamespace and contypid <> 0 and contype <> 'n'
  union all
  select index.indrelid::regclass::text, class.relname::text, case
    when index.indisprimary then 'pkey' when index.indisunique then 'key' when index.indisexclusion then 'excl' else 'idx'
  end
  from pg_index as index
  join pg_class as class on class.oid = index.indexrelid
  where class.relnamespace = 'public'::regnamespace
)
select home || ' ' || name
from named
where home <> '__diesel_schema_migrations'
  and name !~ ('^' || home || '(_[a-z0-9_]+)?_' || ends || '$')
order by 1";

async fn client(database: &TestDatabase) -> Client {
    database.target().client().await.expect("a connection")
}

async fn lines(client: &Client, sql: &str) -> Vec<String> {
    let rows = client.query(sql, &[]).await.expect("an answer");
    rows.iter().map(|row| row.get(0)).collect()
}

/// Returns every object, and the number of rows of each table.
async fn dump(client: &Client) -> Vec<String> {
    let mut dump = lines(client, DUMP).await;
    let tables = "select relname::text from pg_class join pg_namespace on pg_namespace.oid = relnamespace \
                  where relkind = 'r' and nspname = 'public' and relname <> '__diesel_schema_migrations' order by 1";
    for table in lines(client, tables).await {
        let count = lines(client, &format!("select count(*)::text from {table}")).await;
        dump.push(format!("rows of {table}: {}", count.join("")));
    }
    dump
}

/// Fails with the difference of two dumps.
#[track_caller]
fn assert_same(found: &[String], wanted: &[String], when: &str) {
    let (found, wanted): (BTreeSet<_>, BTreeSet<_>) = (found.iter().collect(), wanted.iter().collect());
    let more: Vec<_> = found.difference(&wanted).collect();
    let less: Vec<_> = wanted.difference(&found).collect();
    assert!(
        more.is_empty() && less.is_empty(),
        "{when}: too much {more:#?}, missing {less:#?}"
    );
}

#[derive(Clone, Copy)]
enum Step {
    Up,
    Down,
}

/// Runs one migration, or reverts the last. As in `migrate`, the functions that can be built are built before.
async fn step(database: &TestDatabase, step: Step) -> String {
    let runtime = tokio::runtime::Handle::current();
    let connection = build_functions(database).await.1;
    drop(connection);
    let connection = connect::on(&runtime, database.target(), Use::Exclusive(connect::COMMAND_TIME))
        .await
        .expect("a connection");
    tokio::task::spawn_blocking(move || {
        let mut harness = AsyncMigrationHarness::new(connection);
        let version = match step {
            Step::Up => harness.run_next_migration(MIGRATIONS),
            Step::Down => harness.revert_last_migration(MIGRATIONS),
        };
        version.expect("a migration").to_string()
    })
    .await
    .expect("a task that ends")
}

/// Builds the functions; returns the names of those that need an object that does not exist.
async fn build_functions(database: &TestDatabase) -> (Vec<String>, AsyncPgConnection) {
    let runtime = tokio::runtime::Handle::current();
    let mut connection = connect::on(&runtime, database.target(), Use::Exclusive(connect::COMMAND_TIME))
        .await
        .expect("a connection");
    connection.batch_execute("begin").await.expect("a transaction");
    let failed = functions::build(&mut connection, &ADDITIONS)
        .await
        .expect("functions");
    connection.batch_execute("commit").await.expect("committed");
    (failed.into_iter().map(|failed| failed.name).collect(), connection)
}

/// Drops the functions, which are not part of migrations.
fn without_functions(dump: Vec<String>) -> Vec<String> {
    // Revisions stay as well when a vocabulary is undone: history is never deleted.
    const KEPT: [&str; 3] = ["function ", "rows of outbox", "rows of revisions"];
    dump.into_iter()
        .filter(|line| !KEPT.iter().any(|kept| line.starts_with(kept)))
        .collect()
}

/// A registered table has all that history needs: first revisions of its rows, revisions of what changes, and a mirror that is
/// generated by the types of its columns.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_call_registers_a_kind_of_record() {
    let database = TestDatabase::new().await;
    let client = client(&database).await;
    client
        .batch_execute(
            "insert into users (name, role) values ('alice', 'analyst');
             create table covenants (
               id uuid not null default uuid_v7(),
               name text not null,
               depositary_id uuid,
               signed_on partial_date,
               signed_on_earliest date generated always as (partial_date_earliest(signed_on)) stored,
               languages text[],
               parties integer,
               is_secret boolean not null default false,
               status claim_status not null default 'reported',
               properties jsonb not null default '{}',
               version integer not null default 1,
               changed_in bigint not null default pg_current_xact_id()::text::bigint,
               created_at timestamptz not null default recording_time(),
               updated_at timestamptz not null default recording_time(),
               constraint covenants_pkey primary key (id)
             );
             create table covenant_articles (
               covenant_id uuid not null,
               position smallint not null,
               title text not null,
               constraint covenant_articles_pkey primary key (covenant_id, position),
               constraint covenant_articles_covenant_id_fkey foreign key (covenant_id) references covenants (id) on delete cascade
             );
             create function covenants_document(wanted_id uuid) returns jsonb language plpgsql stable
             set search_path = pg_catalog, public, pg_temp as $$
             begin
               return (
                 select to_jsonb(covenant) - 'changed_in' - 'depositary_id' - 'signed_on_earliest' || jsonb_build_object(
                   'depositary', jsonb_build_object('id', covenant.depositary_id),
                   'articles', (
                     select coalesce(jsonb_agg(article.title order by article.position), '[]')
                     from covenant_articles as article
                     where article.covenant_id = covenant.id
                   )
                 )
                 from covenants as covenant
                 where covenant.id = wanted_id
               );
             end $$;
             insert into covenants (name, depositary_id, signed_on, languages, parties)
             select 'Of peace', id, '1648-10~', '{la,de}', 2 from actors limit 1;
             insert into covenant_articles select id, 0, 'Amnesty' from covenants;
             select register_record('covenants', 'covenant_id');
             select register_child('covenant_articles', 'covenants', 'articles');
             select sequence_revisions(true, null);
             comment on schema bi is 'to be built anew'",
        )
        .await
        .expect("a kind of record");
    let before = lines(&client, "select clock_timestamp()::text").await.join("");
    migrate(&database.target()).await.expect("migrated");

    client
        .batch_execute("update covenant_articles set title = 'Oblivion'")
        .await
        .expect("changed");
    client
        .batch_execute("select sequence_revisions(true, null)")
        .await
        .expect("in order");

    assert_eq!(
        lines(
            &client,
            "select operation || ' ' || version || ' ' || (document -> 'articles' ->> 0) from revisions where resource = 'covenants' order by id"
        )
        .await,
        ["baseline 1 Amnesty", "update 2 Oblivion"]
    );
    for (moment, title) in [(before.as_str(), "Amnesty"), ("9999-01-01", "Oblivion")] {
        client
            .batch_execute(&format!("set demarche.known_at = '{moment}'"))
            .await
            .expect("a moment");
        let mirrored = "select to_jsonb(row)::text from (
               select id, name, depositary_id, signed_on, signed_on_earliest, languages, parties, is_secret, status, properties from ";
        assert_eq!(
            lines(&client, &format!("{mirrored} as_of.covenants) as row")).await,
            lines(&client, &format!("{mirrored} public.covenants) as row")).await
        );
        assert_eq!(
            lines(
                &client,
                "select position || ' ' || title from as_of.covenant_articles"
            )
            .await,
            [format!("0 {title}")]
        );
    }
    client
        .batch_execute("set demarche.known_at = '1970-01-02'")
        .await
        .expect("a moment");
    assert!(
        lines(&client, "select name from as_of.covenants")
            .await
            .is_empty()
    );

    client
        .batch_execute("select unregister_record('covenants')")
        .await
        .expect("unregistered");
    let left = lines(
        &client,
        "select tgname::text from pg_trigger where tgrelid in ('covenants'::regclass, 'covenant_articles'::regclass) and not tgisinternal",
    )
    .await;
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_migration_runs_down_and_up_again_without_a_difference() {
    let database = TestDatabase::empty().await;
    let client = client(&database).await;
    let number = known_versions().expect("migrations").len();
    // The first migration creates diesel's own table, which stays.
    step(&database, Step::Up).await;
    step(&database, Step::Down).await;

    let mut before = vec![without_functions(dump(&client).await)];
    for _ in 0..number {
        step(&database, Step::Up).await;
        before.push(without_functions(dump(&client).await));
    }
    assert!(build_functions(&database).await.0.is_empty());
    let all = dump(&client).await;
    for level in (0..number).rev() {
        let version = step(&database, Step::Down).await;
        assert_same(
            &without_functions(dump(&client).await),
            &before[level],
            &format!("after {version} was undone"),
        );
    }
    let left: Vec<String> = without_functions(lines(&client, DUMP).await)
        .into_iter()
        .filter(|line| !line.contains("__diesel_schema_migrations"))
        .filter(|line| !matches!(line.as_str(), "extension plpgsql" | "schema public"))
        .collect();
    assert!(left.is_empty(), "{left:#?}");
    for _ in 0..number {
        step(&database, Step::Up).await;
    }
    assert!(build_functions(&database).await.0.is_empty());

    assert_same(&dump(&client).await, &all, "after all was done again");
}

/// An older program let properties have any texts, and knew no types of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn properties_of_an_older_program_are_cleaned_and_never_break_the_view() {
    let database = TestDatabase::empty().await;
    let client = client(&database).await;
    let versions = known_versions().expect("migrations");
    let older = versions
        .iter()
        .take_while(|version| version.as_str() < "20261130210000");
    for _ in older {
        step(&database, Step::Up).await;
    }
    build_functions(&database).await;
    client
        .batch_execute(
            r#"create or replace function is_text_lists(value jsonb) returns boolean language sql immutable return true;
            insert into sources (kind, title, properties) values
              ('other', 'Old  title', '{"a  b": ["x  y", "one \r\n two\u2028"], "a b": ["z"], " none": []}'),
              ('other', 'Clean', '{"height": ["1.80 m", "180"], "birth_date": ["soon", "1960"]}'),
              ('other', 'Blanks', '{"note": [" a\u00a0 b"]}')"#,
        )
        .await
        .expect("older records");

    migrate(&database.target()).await.expect("migrated");

    let found = "select properties::text from sources order by 1";
    assert_eq!(
        lines(&client, found).await,
        [
            r#"{"a b": ["x y", "one\ntwo", "z"], "none": []}"#,
            r#"{"height": ["1.80 m", "180"], "birth_date": ["soon", "1960"]}"#,
            r#"{"note": ["a b"]}"#,
        ]
    );
    let view = "select concat_ws(' ', property, value, value_number, value_earliest, value_precision) from bi.properties \
                where value_type in ('number', 'date') order by property, position";
    assert_eq!(
        lines(&client, view).await,
        [
            "birth_date soon",
            "birth_date 1960 1960-01-01 year",
            "height 1.80 m",
            "height 180 180"
        ]
    );
    client
        .batch_execute("update sources set title = 'New title'")
        .await
        .expect("updated");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_function_with_a_changed_signature_is_replaced_and_a_removed_one_dropped() {
    let database = TestDatabase::new().await;
    let client = client(&database).await;
    let before = dump(&client).await;
    client
        .batch_execute(
            "drop function register_vocabulary(text);
             create function register_vocabulary(word text) returns integer language sql as 'select 1';
             drop function unregister_record(text);
             create function unregister_record(record text, reference text) returns boolean language sql as 'select true';
             create function former_rule(integer) returns integer language sql as 'select 1';
             do $$ begin
               execute format('comment on schema as_of is %L', obj_description('as_of'::regnamespace, 'pg_namespace') || ', former_rule');
             end $$;
             comment on schema bi is 'to be built anew'",
        )
        .await
        .expect("functions of another program");

    migrate(&database.target()).await.expect("migrated");

    assert_same(&dump(&client).await, &before, "after migrating");
}

/// The parts of a database of version 0.1 that migrating checks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_version_0_1_is_refused_and_not_changed() {
    let database = TestDatabase::empty().await;
    let client = client(&database).await;
    client
        .batch_execute(include_str!("fixtures/version_0_1.sql"))
        .await
        .expect("a database of version 0.1");
    let before = dump(&client).await;
    let versions = "select version || ' ' || run_on from __diesel_schema_migrations order by 1";
    let applied = lines(&client, versions).await;
    assert_eq!(applied.len(), 37);

    let refused = migrate(&database.target()).await.expect_err("refused");

    assert!(matches!(refused, MigrateError::Older), "{refused}");
    assert!(refused.to_string().contains("demarche demo --fresh"), "{refused}");
    let db = Db::new(
        database.target(),
        Capacity {
            shared: 1,
            pool: 1,
            ..Capacity::default()
        },
    );
    let refused = refuse_older(&db).await.expect_err("refused");
    assert!(matches!(refused, MigrateError::Older), "{refused}");
    for arguments in [&["migrate"][..], &["serve", "--port", "0"]] {
        let program = tokio::process::Command::new(env!("CARGO_BIN_EXE_demarche"))
            .args(arguments)
            .env("DATABASE_URL", database.keywords())
            .output()
            .await
            .expect("the program");
        let said = String::from_utf8_lossy(&program.stderr);
        assert!(!program.status.success(), "{arguments:?}");
        assert!(said.contains("was made by demarche 0.1"), "{arguments:?}: {said}");
    }
    assert_same(&dump(&client).await, &before, "after it was refused");
    assert_eq!(lines(&client, versions).await, applied);
}

#[tokio::test]
async fn everything_has_a_comment() {
    let database = TestDatabase::new().await;
    let client = client(&database).await;

    let without = lines(&client, WITHOUT_COMMENT).await;

    assert!(without.is_empty(), "without a comment: {without:#?}");
}

#[tokio::test]
async fn every_foreign_key_leads_an_index() {
    let database = TestDatabase::new().await;
    let client = client(&database).await;

    let without = lines(&client, WITHOUT_INDEX).await;

    assert!(
        without.is_empty(),
        "without an index that they lead: {without:#?}"
    );
}

#[tokio::test]
async fn every_constraint_and_index_has_a_chosen_name() {
    let database = TestDatabase::new().await;
    let client = client(&database).await;

    let odd = lines(&client, NAMED_BY_NOBODY).await;

    assert!(odd.is_empty(), "named by nobody: {odd:#?}");
}

/// Every table of records has all triggers, because revisions depend on each.
#[tokio::test]
async fn every_table_of_records_has_the_same_triggers() {
    let database = TestDatabase::new().await;
    let client = client(&database).await;

    let lacking = lines(
        &client,
        "select kept.tgrelid::regclass || ' ' || name
         from pg_trigger as kept
         cross join unnest(array[
           'begin_version', 'continue_version', 'keep_id', 'move_version', 'insert_is_revised', 'update_is_revised',
           'delete_is_revised', 'refuse_truncate'
         ]) as name
         where kept.tgname = kept.tgrelid::regclass || '_continue_version'
           and not exists (
             select from pg_trigger as other
             where other.tgrelid = kept.tgrelid
               and other.tgname = kept.tgrelid::regclass || '_' || name
           )
         order by 1",
    )
    .await;

    assert!(lacking.is_empty(), "{lacking:#?}");
    let kept = lines(
        &client,
        "select tgname::text from pg_trigger where tgname like '%\\_continue\\_version' order by 1",
    )
    .await;
    assert_eq!(
        kept.len(),
        demarche::resource::Kind::ALL.len() + demarche::vocabulary::model::Vocabulary::ALL.len()
    );
}

#[tokio::test]
async fn the_catalogue_checks_find_violations() {
    let database = TestDatabase::new().await;
    let client = client(&database).await;
    client
        .batch_execute(
            "create table probes (
               id integer primary key,
               actor_id uuid references actors (id),
               kind text references actor_kinds (code),
               size integer check (size > 0) check (size < 9)
             );
             create index probes_kind_idx on probes (id, kind);
             create index sizes on probes (size);
             create type colour as enum ('red');
             create view bi.probes as select 1 as one;
             create function probe() returns integer language sql return 1",
        )
        .await
        .expect("a table made carelessly");

    assert_eq!(
        lines(&client, WITHOUT_COMMENT).await,
        [
            "column bi.probes.one",
            "column public.probes.actor_id",
            "column public.probes.id",
            "column public.probes.kind",
            "column public.probes.size",
            "function probe()",
            "relation bi.probes",
            "relation public.probes",
            "type public.colour",
        ]
    );
    assert_eq!(
        lines(&client, WITHOUT_INDEX).await,
        ["probes probes_actor_id_fkey", "probes probes_kind_fkey"]
    );
    assert_eq!(
        lines(&client, NAMED_BY_NOBODY).await,
        ["probes probes_size_check1", "probes sizes"]
    );
    assert!(!tables_of_schema_rs().contains_key("probes"));
    assert!(tables_of_database(&client).await.contains_key("probes"));
}

#[tokio::test]
async fn a_check_that_a_trigger_makes_has_the_name_of_its_table() {
    let database = TestDatabase::new().await;
    let client = client(&database).await;

    let raised = lines(
        &client,
        "select distinct found[2] || ' ' || found[1]
         from pg_proc
         cross join lateral regexp_matches(prosrc, 'constraint = ''([a-z_]+)'', table = ''([a-z_]+)''', 'g') as found
         where pronamespace = 'public'::regnamespace and prosrc like '%raise exception%'
         order by 1",
    )
    .await;

    assert!(!raised.is_empty());
    for line in raised {
        let (table, constraint) = line.split_once(' ').expect("two words");
        assert!(
            constraint.starts_with(&format!("{table}_")) && constraint.ends_with("_check"),
            "{line}"
        );
    }
}

/// A table of schema.rs or of the database.
#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    comment: String,
    key: Vec<String>,
    /// Name, type and comment.
    columns: Vec<[String; 3]>,
}

/// Parses the output of diesel's CLI. A name that is a keyword of Rust has its SQL name in an attribute.
fn tables_of_schema_rs() -> BTreeMap<String, Table> {
    let text = include_str!("../../src/schema.rs");
    let mut tables = BTreeMap::new();
    for block in text.split("diesel::table! {").skip(1) {
        let block = block.split("\n}\n").next().expect("a block");
        let (mut name, mut table) = (String::new(), Table::default());
        let (mut comment, mut sql_name) = (Vec::new(), None);
        for line in block.lines().map(str::trim) {
            if let Some(words) = line.strip_prefix("///") {
                comment.push(words.trim().to_owned());
            } else if let Some(words) = line.strip_prefix("#[sql_name = \"") {
                sql_name = words.strip_suffix("\"]").map(str::to_owned);
            } else if let Some(head) = line.strip_suffix(") {") {
                let (table_name, key) = head.split_once(" (").expect("a key");
                name = table_name.to_owned();
                table.key = key.split(", ").map(str::to_owned).collect();
                table.comment = std::mem::take(&mut comment).join(" ");
            } else if let Some((column, r#type)) = line.split_once(" -> ") {
                table.columns.push([
                    sql_name.take().unwrap_or_else(|| column.to_owned()),
                    r#type.trim_end_matches(',').to_owned(),
                    std::mem::take(&mut comment).join(" "),
                ]);
            }
        }
        tables.insert(name, table);
    }
    tables
}

/// A type as diesel calls it.
fn diesel_type(r#type: &str, is_enum: bool) -> String {
    let name = match r#type {
        "timestamptz" => "Timestamptz",
        "_text" => "Array<Nullable<Text>>",
        other if is_enum => {
            return other
                .split('_')
                .map(|word| word[..1].to_uppercase() + &word[1..])
                .collect();
        }
        other => return other[..1].to_uppercase() + &other[1..],
    };
    name.to_owned()
}

async fn tables_of_database(client: &Client) -> BTreeMap<String, Table> {
    let rows = client
        .query(
            "select class.relname::text, obj_description(class.oid, 'pg_class'), attname::text, \
               coalesce(base.typname, type.typname)::text, coalesce(base.typtype, type.typtype) = 'e', \
               attnotnull, col_description(class.oid, attnum), \
               exists (select from pg_index where indrelid = class.oid and indisprimary and attnum = any (indkey)) \
             from pg_class as class \
             join pg_attribute on attrelid = class.oid and attnum > 0 and not attisdropped \
             join pg_type as type on type.oid = atttypid \
             left join pg_type as base on base.oid = type.typbasetype \
             where class.relnamespace = 'public'::regnamespace and class.relkind = 'r' \
               and class.relname <> '__diesel_schema_migrations' \
             order by class.relname, attnum",
            &[],
        )
        .await
        .expect("columns");
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    for row in rows {
        let table = tables.entry(row.get(0)).or_default();
        table.comment = row.get::<_, Option<String>>(1).unwrap_or_default();
        let column: String = row.get(2);
        let mut r#type = diesel_type(row.get(3), row.get(4));
        if !row.get::<_, bool>(5) {
            r#type = format!("Nullable<{type}>");
        }
        if row.get::<_, bool>(7) {
            table.key.push(column.clone());
        }
        let comment = row.get::<_, Option<String>>(6).unwrap_or_default();
        table.columns.push([column, r#type, comment]);
    }
    tables
}

#[tokio::test]
async fn schema_rs_is_what_the_database_has() {
    let database = TestDatabase::new().await;
    let client = client(&database).await;

    let (mut written, mut there) = (tables_of_schema_rs(), tables_of_database(&client).await);

    let names = |tables: &BTreeMap<String, Table>| tables.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&written), names(&there));
    for (name, table) in &mut written {
        let found = there.get_mut(name).expect("the same names");
        table.key.sort();
        found.key.sort();
        assert_eq!(table, found, "{name}");
    }
}

#[tokio::test]
async fn every_enum_has_the_same_values_in_rust() {
    let database = TestDatabase::new().await;
    let client = client(&database).await;
    let known: BTreeMap<&str, &[&str]> = [
        ("citation_stance", CitationStance::WORDS),
        ("claim_status", ClaimStatus::WORDS),
        ("country_role", CountryRole::WORDS),
        ("link_kind", LinkKind::WORDS),
        ("modality", Modality::WORDS),
        ("name_kind", NameKind::WORDS),
        ("participant_role", ParticipantRole::WORDS),
        ("revision_operation", RevisionOperation::WORDS),
        ("sanction_outcome", SanctionOutcome::WORDS),
        ("source_kind", SourceKind::WORDS),
        ("source_reliability", SourceReliability::WORDS),
        ("user_role", UserRole::WORDS),
    ]
    .into();

    let rows = client
        .query(
            "select typname::text, array_agg(enumlabel::text order by enumsortorder) \
             from pg_enum join pg_type on pg_type.oid = enumtypid group by typname order by typname",
            &[],
        )
        .await
        .expect("enums");

    let there: BTreeMap<String, Vec<String>> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(
        there.keys().map(String::as_str).collect::<Vec<_>>(),
        known.keys().copied().collect::<Vec<_>>()
    );
    for (name, words) in known {
        assert_eq!(there[name], words, "{name}");
    }
    // Not an enum in SQL, because it is never stored: the values that the function returns.
    let source = lines(&client, "select pg_get_functiondef('sanction_status'::regproc)").await;
    for word in SanctionStatus::WORDS {
        assert!(source[0].contains(&format!("'{word}'")), "{word}");
    }
}

/// The values of each vocabulary with their meanings.
type Meanings = BTreeMap<String, BTreeMap<String, String>>;

/// Parses the tables of the closed vocabularies in docs/glossary.md.
fn glossary() -> Meanings {
    let mut meanings = Meanings::new();
    let mut vocabulary = String::new();
    let (_, tables) = include_str!("../../docs/glossary.md")
        .split_once("## Closed vocabularies")
        .expect("the chapter");
    for line in tables.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            vocabulary = heading.to_owned();
        } else if let Some((word, meaning)) = line
            .strip_prefix("| `")
            .and_then(|row| row.strip_suffix(" |")?.split_once("` | "))
        {
            let words = meanings.entry(vocabulary.clone()).or_default();
            words.insert(word.to_owned(), meaning.to_owned());
        }
    }
    meanings
}

#[tokio::test]
async fn every_closed_vocabulary_has_the_same_meaning_in_rust_sql_and_the_glossary() {
    let database = TestDatabase::new().await;
    let client = client(&database).await;
    let mut in_rust = Meanings::new();
    for entry in words::all() {
        let words = in_rust.entry(entry.vocabulary.to_owned()).or_default();
        words.insert(entry.word.to_owned(), entry.meaning.to_owned());
    }

    let mut in_sql = Meanings::new();
    for row in client
        .query("select enumeration, value, meaning from bi.enumerations", &[])
        .await
        .expect("enumerations")
    {
        let (vocabulary, word, meaning) = (row.get(0), row.get(1), row.get::<_, Option<String>>(2));
        let words = in_sql.entry(vocabulary).or_default();
        words.insert(word, meaning.expect("a meaning"));
    }

    let mut in_glossary = glossary();
    assert_eq!(in_sql["date_precision"], in_glossary["date_precision"]);
    // Not an enum in Rust: SQL derives it from a date as written.
    in_sql.remove("date_precision");
    in_glossary.remove("date_precision");
    assert_eq!(in_glossary, in_rust);
    // Users are not in schema bi.
    in_rust.remove("user_role");
    assert_eq!(in_sql, in_rust);
}

async fn views(client: &Client) -> Vec<String> {
    lines(
        client,
        "select relname::text from pg_class where relnamespace = 'bi'::regnamespace and relkind = 'v' order by 1",
    )
    .await
}

fn contract() -> Vec<String> {
    let mut names: Vec<String> = VIEWS.iter().map(|(name, _)| (*name).to_owned()).collect();
    names.sort();
    names
}

fn rebuilt() -> Migrated {
    Migrated {
        migrations: Vec::new(),
        views_rebuilt: true,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrating_again_does_nothing() {
    let database = TestDatabase::empty().await;
    let target = database.target();
    let db = Db::new(
        target.clone(),
        Capacity {
            shared: 1,
            pool: 1,
            ..Capacity::default()
        },
    );
    assert!(!is_current(&db).await.expect("an answer"));

    let (first, second) = tokio::join!(migrate(&target), migrate(&target));
    let third = migrate(&target).await.expect("migrated");

    let mut at_once = [first.expect("migrated"), second.expect("migrated")];
    at_once.sort_by_key(|done| done.migrations.len());
    let everything = Migrated {
        migrations: known_versions().expect("migrations"),
        views_rebuilt: true,
    };
    assert_eq!(at_once, [Migrated::default(), everything]);
    assert_eq!(third, Migrated::default());
    assert!(is_current(&db).await.expect("an answer"));
    assert_eq!(views(&client(&database).await).await, contract());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn views_of_another_program_are_rebuilt() {
    let database = TestDatabase::new().await;
    let client = client(&database).await;
    client
        .batch_execute(
            "create view bi.former as select 1 as one;
             create view bi.somebodys as select 1 as one;
             create view bi.upon_former as select * from bi.former;
             create function bi.former_on(day date) returns setof bi.former language sql as 'select * from bi.former';
             comment on schema bi is
               'What BI tools read; views former, upon_former, sanctions; functions former_on; built from 0'",
        )
        .await
        .expect("views");

    let done = migrate(&database.target()).await.expect("migrated");

    assert_eq!(done, rebuilt());
    let mut wanted = contract();
    wanted.push("somebodys".to_owned());
    wanted.sort();
    assert_eq!(views(&client).await, wanted);
    assert_eq!(
        migrate(&database.target()).await.expect("migrated"),
        Migrated::default()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn manually_changed_views_and_functions_are_rebuilt() {
    let database = TestDatabase::new().await;
    let client = client(&database).await;
    let db = Db::new(
        database.target(),
        Capacity {
            shared: 1,
            pool: 1,
            ..Capacity::default()
        },
    );
    let before = dump(&client).await;
    assert!(is_contract_kept(&db).await.expect("an answer"));

    for by_hand in [
        "drop view bi.measures",
        "drop function bi.relationships_holding(date)",
        "create or replace view bi.grounds as
           select code as ground, label as ground_label, description || ' and more' as description from grounds",
        "create or replace function bi.relationships_holding(day date) returns setof bi.relationships
           language sql stable parallel safe begin atomic select * from bi.relationships limit 0; end",
        "alter view bi.measures rename to limits",
        "alter view bi.sources set (security_barrier = true)",
        "comment on column bi.actors.actor_id is 'Somebody'",
    ] {
        client.batch_execute(by_hand).await.expect(by_hand);
        assert!(!is_contract_kept(&db).await.expect("an answer"), "{by_hand}");

        let done = migrate(&database.target()).await.expect("migrated");

        assert_eq!(done, rebuilt(), "{by_hand}");
        client
            .batch_execute("drop view if exists bi.limits")
            .await
            .expect("dropped");
        assert_same(&dump(&client).await, &before, by_hand);
        assert!(is_contract_kept(&db).await.expect("an answer"), "{by_hand}");
        assert_eq!(
            migrate(&database.target()).await.expect("migrated"),
            Migrated::default(),
            "{by_hand}"
        );
    }
}

/// Otherwise each login that migrates would rebuild what another has built.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrating_gives_the_same_schema_under_any_search_path() {
    let database = TestDatabase::new().await;
    let client = client(&database).await;
    client
        .batch_execute(&format!(
            "alter database {} set search_path = bi, public",
            database.name
        ))
        .await
        .expect("a setting");

    let done = migrate(&database.target()).await.expect("migrated");

    assert_eq!(done, Migrated::default());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrating_names_foreign_objects_that_depend_on_a_view_and_stops() {
    let database = TestDatabase::new().await;
    let client = client(&database).await;
    client
        .batch_execute(
            "create schema desk;
             create view desk.\"My sanctions\" as select sanction_id from bi.sanctions;
             create materialized view public.kept as select actor_id from bi.actors;
             create view bi.inside as select sanction_id from bi.sanctions;
             create function desk.all_sanctions() returns setof bi.sanctions language sql as 'select * from bi.sanctions';
             comment on schema bi is 'built by hand'",
        )
        .await
        .expect("views");
    let before = dump(&client).await;

    let refused = migrate(&database.target()).await.expect_err("refused");

    assert!(matches!(refused, MigrateError::Dependents(_)), "{refused}");
    let message = refused.to_string();
    for name in [
        "desk.\"My sanctions\"",
        "public.kept",
        "bi.inside",
        "desk.all_sanctions()",
    ] {
        assert!(message.contains(name), "{name}: {message}");
    }
    assert_same(&dump(&client).await, &before, "after it was refused");
    client
        .batch_execute("drop schema desk cascade; drop materialized view kept; drop view bi.inside")
        .await
        .expect("dropped");
    assert_eq!(migrate(&database.target()).await.expect("migrated"), rebuilt());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_a_newer_program_is_refused() {
    let database = TestDatabase::new().await;
    let client = client(&database).await;
    client
        .batch_execute("insert into __diesel_schema_migrations (version) values ('29990101000000')")
        .await
        .expect("a newer migration");
    let before = dump(&client).await;

    let refused = migrate(&database.target()).await.expect_err("refused");

    assert!(matches!(refused, MigrateError::Newer(_)), "{refused}");
    assert!(refused.to_string().contains("29990101000000"), "{refused}");
    assert_same(&dump(&client).await, &before, "after it was refused");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_migration_changes_nothing() {
    let database = TestDatabase::new().await;
    let client = client(&database).await;
    let last = known_versions()
        .expect("migrations")
        .pop()
        .expect("a last migration");
    client
        .batch_execute(&format!(
            "delete from __diesel_schema_migrations where version = '{last}';
             create function refuse() returns trigger language plpgsql as $$ begin raise 'not today'; end $$;
             comment on function refuse() is 'Stands in the way';
             create trigger refuse before insert on __diesel_schema_migrations for each row execute function refuse()"
        ))
        .await
        .expect("a migration that can't end well");
    let before = dump(&client).await;

    let failed = migrate(&database.target()).await.expect_err("failed");

    assert!(matches!(failed, MigrateError::Migration(_)), "{failed}");
    assert_same(&dump(&client).await, &before, "after it failed");
    assert_eq!(views(&client).await, contract());
}

#[test]
fn every_migration_runs_in_a_transaction() {
    let migrations = MigrationSource::<Pg>::migrations(&MIGRATIONS).expect("migrations");

    for migration in migrations {
        assert!(migration.metadata().run_in_transaction(), "{}", migration.name());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn migrating_names_foreign_objects_that_depend_on_a_function_and_stops() {
    let database = TestDatabase::new().await;
    let client = client(&database).await;
    client
        .batch_execute(
            "create view public.in_force as select sanction_id from bi.sanctions_in_force('2025-10-01');
             comment on schema bi is 'built by hand'",
        )
        .await
        .expect("a view");

    let refused = migrate(&database.target()).await.expect_err("refused");

    assert!(refused.to_string().contains("public.in_force"), "{refused}");
    client.batch_execute("drop view in_force").await.expect("dropped");
    assert_eq!(migrate(&database.target()).await.expect("migrated"), rebuilt());
}
