//! `demarche bi`: granting, changing, refusing, listing and revoking logins.

use std::process::{Command, Stdio};

use demarche::db::migrate::Migrated;
use demarche::migrating::migrate;
use serde_json::json;

use crate::support::{BiLogin, LONGEST_WAIT, TestApp, TestDatabase, demarche, demarche_as};

async fn settings_of(database: &TestDatabase, login: &str) -> (i32, Vec<String>) {
    let row = database
        .superuser()
        .await
        .query_one(
            "select rolconnlimit, coalesce(rolconfig, '{}') from pg_roles where rolname = $1",
            &[&login],
        )
        .await
        .expect("the login");
    (row.get(0), row.get(1))
}

#[tokio::test]
async fn a_new_login_has_its_limits_and_no_other_right() {
    let database = TestDatabase::owned().await;
    let name = format!("{}_desk", database.name);

    let (code, out, err) = demarche(&database, &["bi", "grant", &name], "");

    assert_eq!(code, Some(0), "{err}");
    let tools: Vec<&str> = out.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(tools, ["psql", "libpq", "JDBC", "ODBC", "SQLAlchemy"]);
    assert!(err.contains(&format!("created {name}")), "{err}");
    let (limit, settings) = settings_of(&database, &name).await;
    assert_eq!(limit, 10);
    for setting in [
        "default_transaction_read_only=on",
        "search_path=bi",
        "statement_timeout=60s",
        "idle_in_transaction_session_timeout=60s",
        "lock_timeout=10s",
    ] {
        assert!(
            settings.iter().any(|found| found == setting),
            "{setting}: {settings:?}"
        );
    }
    let row = database
        .superuser()
        .await
        .query_one(
            "select rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls, rolpassword from pg_authid
             where rolname = $1",
            &[&name],
        )
        .await
        .expect("the login");
    assert!(!row.get::<_, bool>(0));
    assert!(row.get::<_, &str>(1).starts_with("SCRAM-SHA-256$"));
    // What the owner can't do is printed as a statement for the administrator.
    for statement in [
        "'revoke execute on function %s from public'",
        "set temp_file_limit = '1024MB';",
        "revoke connect on database postgres from public;",
    ] {
        assert!(err.contains(statement), "{statement}: {err}");
    }
}

#[tokio::test]
async fn a_superuser_also_sets_what_only_a_superuser_may() {
    let database = TestDatabase::new().await;
    let login = BiLogin::grant(&database, "desk", &["--temporary-megabytes", "7"]);
    let client = login.connect().await;

    let (_, settings) = settings_of(&database, &login.name).await;
    assert!(
        settings.contains(&"temp_file_limit=7MB".to_owned()),
        "{settings:?}"
    );
    client
        .batch_execute("set default_transaction_read_only = off")
        .await
        .expect("a login may lift that");
    for statement in [
        "select lo_create(0)",
        "select pg_advisory_lock(1)",
        "select pg_try_advisory_xact_lock_shared(1, 2)",
        "select pg_logical_emit_message(false, 'a', 'b')",
        "select lo_creat(-1)",
        "select lo_from_bytea(0, '1')",
        "select lo_import('/etc/passwd')",
    ] {
        let refused = client.batch_execute(statement).await.expect_err(statement);
        assert_eq!(
            refused.code().map(|code| code.code()),
            Some("42501"),
            "{statement}"
        );
    }
}

#[tokio::test]
async fn granting_again_keeps_the_password_and_replaces_the_limits() {
    let database = TestDatabase::owned().await;
    let login = BiLogin::grant(&database, "desk", &["--connections", "3"]);
    login
        .connect()
        .await
        .batch_execute(&format!(
            "set transaction read write; alter role {0} set statement_timeout = 0; alter role {0} set work_mem = '1GB'",
            login.name
        ))
        .await
        .expect("a login may lift that");

    let (code, out, err) = demarche(
        &database,
        &["bi", "grant", &login.name, "--statement-seconds", "5"],
        "",
    );

    assert_eq!(code, Some(0), "{err}");
    assert!(
        out.contains(":PASSWORD@") && err.contains("its password is kept"),
        "{out}{err}"
    );
    let (limit, settings) = settings_of(&database, &login.name).await;
    assert_eq!(limit, 10);
    assert!(
        settings.contains(&"statement_timeout=5s".to_owned()),
        "{settings:?}"
    );
    assert!(
        !settings.iter().any(|setting| setting.starts_with("work_mem")),
        "{settings:?}"
    );
    login.connect().await;

    let renewed = BiLogin::grant(&database, "desk", &["--new-password"]);
    renewed.connect().await;
    let refused = login
        .try_connect()
        .await
        .expect_err("the old password works no more");
    assert_eq!(refused.code().map(|code| code.code()), Some("28P01"));
}

#[tokio::test]
async fn a_password_comes_from_a_file_or_stdin() {
    let database = TestDatabase::owned().await;
    let name = format!("{}_a@b.c-d", database.name);
    let odd = "p'ä %s\\{}:/?#@+&;";

    let (code, out, err) = demarche(
        &database,
        &["bi", "grant", &name, "--password-file", "-"],
        &format!("{odd}\nsecond line\n"),
    );

    assert_eq!(code, Some(0), "{err}");
    let login = BiLogin {
        url: BiLogin::url_in(&out),
        name,
    };
    login.connect().await;
    for (password, why) in [
        ("short\n", "12 to 200"),
        ("", "12 to 200"),
        ("tab\tin the middle", "control"),
    ] {
        let (code, out, err) = demarche(
            &database,
            &["bi", "grant", &login.name, "--password-file", "-"],
            password,
        );
        assert_eq!((code, out.as_str()), (Some(1), ""), "{password:?}");
        assert!(err.contains(why), "{err}");
    }
    let (code, _, err) = demarche(
        &database,
        &["bi", "grant", &login.name, "--password-file", "nowhere"],
        "",
    );
    assert_eq!(code, Some(1));
    assert!(err.contains("nowhere"), "{err}");
}

#[tokio::test]
async fn granting_refuses_roles_that_are_not_bi_logins_and_leaves_them_unchanged() {
    let database = TestDatabase::owned().await;
    let superuser = database.superuser().await;
    let (foreign, admin, elsewhere) = (
        format!("{}_foreign", database.name),
        format!("{}_admin", database.name),
        format!("{}_elsewhere", database.name),
    );
    superuser
        .batch_execute(&format!(
            "create role {foreign} login password 'kept';
             create role {admin} superuser;
             create role {elsewhere} login;
             comment on role {elsewhere} is 'BI login of database another, made by demarche bi grant'"
        ))
        .await
        .expect("roles of others");
    let login = BiLogin::grant(&database, "desk", &[]);
    let roles = "select string_agg(auth::text || coalesce(rolconfig::text, ''), ';' order by auth.rolname)
                 from pg_authid as auth join pg_roles using (rolname) where starts_with(auth.rolname, $1)";
    let before: String = superuser
        .query_one(roles, &[&database.name])
        .await
        .expect("roles")
        .get(0);

    let long = "x".repeat(64);
    for (name, why) in [
        (foreign.as_str(), "was not created by demarche bi grant"),
        (&admin, "was not created by demarche bi grant"),
        (&elsewhere, "is a BI login of database another"),
        (&format!("{}_owner", database.name), "owns the database"),
        (
            &format!("{}_bi", database.name),
            "the group of the BI logins itself",
        ),
        ("postgres", "was not created by demarche bi grant"),
        ("pg_monitor", "PostgreSQL reserves"),
        ("public", "PostgreSQL reserves"),
        ("none", "PostgreSQL reserves"),
        ("", "is not a valid name for a login"),
        ("a b", "is not a valid name for a login"),
        ("1st", "is not a valid name for a login"),
        ("a\"; drop role b; --", "is not a valid name for a login"),
        ("жан", "is not a valid name for a login"),
        (&long, "is not a valid name for a login"),
    ] {
        let (code, out, err) = demarche(&database, &["bi", "grant", "--", name], "");
        assert_eq!((code, out.as_str()), (Some(1), ""), "grant {name}: {err}");
        assert!(err.contains(why), "grant {name}: {err}");
        let (code, out, err) = demarche(&database, &["bi", "revoke", "--", name], "");
        assert_eq!((code, out.as_str()), (Some(1), ""), "revoke {name}: {err}");
        assert!(
            err.contains("bi grant")
                && err.contains("demarche bi list shows")
                && !err.contains("choose another"),
            "revoke {name}: {err}"
        );
    }

    let after: String = superuser
        .query_one(roles, &[&database.name])
        .await
        .expect("roles")
        .get(0);
    assert_eq!(after, before);
    superuser
        .batch_execute(&format!("alter role {} createdb", login.name))
        .await
        .expect("a right more");
    for command in ["grant", "revoke"] {
        let (code, _, err) = demarche(&database, &["bi", command, &login.name], "");
        assert_eq!(code, Some(1));
        assert!(err.contains("has been given CREATEDB"), "{err}");
    }
}

#[tokio::test]
async fn granting_again_prints_no_notice() {
    let database = TestDatabase::owned().await;
    let login = BiLogin::grant(&database, "desk", &[]);

    for keywords in [database.keywords(), database.keywords_of_superuser()] {
        let output = Command::new(env!("CARGO_BIN_EXE_demarche"))
            .args(["bi", "grant", &login.name])
            .env("DATABASE_URL", keywords)
            .env("LOG", "info")
            .current_dir(env!("CARGO_TARGET_TMPDIR"))
            .output()
            .expect("the program runs");

        let told = String::from_utf8(output.stderr).expect("text");
        assert!(output.status.success(), "{told}");
        assert!(!told.contains("NOTICE"), "{told}");
    }
}

/// As in `demarche bi list | head -1`, where head may have exited before the first line.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_pipe_is_not_a_failure() {
    let database = TestDatabase::owned().await;
    let login = BiLogin::grant(&database, "desk", &[]);
    let other = format!("{}_other", database.name);

    for (arguments, loses_stderr) in [
        (&["bi", "grant", other.as_str()][..], false),
        (&["bi", "list"], false),
        (&["token", "create", "somebody"], false),
        (&["token", "list"], false),
        (&["bi", "revoke", &other], true),
        (&["migrate"], true),
    ] {
        let (gone, broken) = std::io::pipe().expect("a pipe");
        drop(gone);
        let stderr = if loses_stderr {
            Stdio::from(broken.try_clone().expect("the pipe again"))
        } else {
            Stdio::piped()
        };
        let output = Command::new(env!("CARGO_BIN_EXE_demarche"))
            .args(arguments)
            .env("DATABASE_URL", database.keywords())
            .env("LOG", "warn")
            .current_dir(env!("CARGO_TARGET_TMPDIR"))
            .stdout(broken)
            .stderr(stderr)
            .spawn()
            .and_then(std::process::Child::wait_with_output)
            .expect("the program runs");

        let told = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {told}");
        assert!(!told.contains("panicked"), "{arguments:?}: {told}");
    }
    let (_, listed, _) = demarche(&database, &["bi", "list"], "");
    assert!(
        listed.starts_with(&login.name) && listed.lines().count() == 1,
        "{listed}"
    );
}

#[tokio::test]
async fn output_that_can_not_be_written_is_a_failure() {
    let database = TestDatabase::owned().await;
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("a device that is always full");

    let output = Command::new(env!("CARGO_BIN_EXE_demarche"))
        .args(["token", "create", "somebody"])
        .env("DATABASE_URL", database.keywords())
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .stdout(full)
        .output()
        .expect("the program runs");

    let told = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("could not write to stdout"), "{told}");
}

#[tokio::test]
async fn a_command_says_why_it_could_not_connect_and_what_to_check() {
    let database = TestDatabase::owned().await;
    let missing = database.keywords().replace(
        &format!("dbname={} ", database.name),
        "dbname=demarche_test_missing ",
    );
    for (keywords, reason) in [
        (
            missing.as_str(),
            "FATAL: database \"demarche_test_missing\" does not exist",
        ),
        (
            "postgres://demarche:wrong@127.0.0.1:1/demarche",
            "Connection refused",
        ),
    ] {
        for arguments in [&["bi", "list"][..], &["token", "list"], &["migrate"], &["verify"]] {
            let (code, out, err) = demarche_as(keywords, arguments, "");

            assert_eq!((code, out.as_str()), (Some(1), ""), "{arguments:?}: {err}");
            assert!(
                err.starts_with("demarche: could not connect to the database: ")
                    && err.contains(reason)
                    && err.ends_with("; check DATABASE_URL\n"),
                "{arguments:?}: {err}"
            );
        }
    }
}

#[tokio::test]
async fn a_login_has_lower_case_letters_and_a_token_is_revoked_by_its_id() {
    let database = TestDatabase::owned().await;

    let (code, out, err) = demarche(&database, &["bi", "grant", "Superset"], "");
    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(
        err.contains("is not a valid name for a login: use the lower-case letters a-z"),
        "{err}"
    );

    let (code, out, err) = demarche(&database, &["token", "revoke", "99"], "");
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(
        err.contains("\"99\" is not the id of a token; demarche token list shows the ids"),
        "{err}"
    );
}

#[tokio::test]
async fn revoking_drops_the_login_and_ends_its_sessions() {
    let database = TestDatabase::owned().await;
    let login = BiLogin::grant(&database, "desk", &[]);
    let (first, second) = (login.connect().await, login.connect().await);
    let (code, out, _) = demarche(&database, &["bi", "list"], "");
    assert_eq!(code, Some(0));
    assert!(
        out.starts_with(&format!("{}\tcan log in\t2 of 10 connections\t", login.name)),
        "{out}"
    );

    let (code, out, err) = demarche(&database, &["bi", "revoke", &login.name], "");

    assert_eq!((code, out.as_str()), (Some(0), ""), "{err}");
    assert!(err.contains("2 sessions ended"), "{err}");
    for client in [first, second] {
        assert!(client.batch_execute("select 1").await.is_err());
    }
    assert!(login.try_connect().await.is_err());
    let (code, out, err) = demarche(&database, &["bi", "revoke", &login.name], "");
    assert_eq!((code, out.as_str()), (Some(1), ""));
    let message = format!("there is no BI login {}; demarche bi list shows all", login.name);
    assert!(err.contains(&message), "{err}");
    assert_eq!(demarche(&database, &["bi", "list"], "").1, "");
    BiLogin::grant(&database, "desk", &[]).connect().await;
}

#[tokio::test]
async fn revoking_names_what_a_login_owns_and_removes_its_privileges() {
    let database = TestDatabase::owned().await;
    let login = BiLogin::grant(&database, "desk", &[]);
    let superuser = database.superuser().await;
    superuser
        .batch_execute(&format!(
            "create schema desk;
             create table desk.mine (n integer);
             alter table desk.mine owner to {0};
             grant select on public.tokens to {0}",
            login.name
        ))
        .await
        .expect("things of a login");
    let (code, _, err) = demarche(&database, &["bi", "grant", &login.name], "");
    assert_eq!(code, Some(0));
    assert!(
        err.contains("it has rights on tokens; an administrator may run: revoke all on table"),
        "{err}"
    );

    let (code, _, err) = demarche(&database, &["bi", "revoke", &login.name], "");

    assert_eq!(code, Some(1));
    assert!(
        err.contains("table desk.mine") && err.contains("reassign owned by"),
        "{err}"
    );
    assert!(
        login.try_connect().await.is_err(),
        "it can log in no more all the same"
    );
    superuser
        .batch_execute(&format!(
            "reassign owned by {} to {}_owner",
            login.name, database.name
        ))
        .await
        .expect("handed over");
    let (code, _, err) = demarche(&database, &["bi", "revoke", &login.name], "");
    assert_eq!(code, Some(0), "{err}");
}

#[tokio::test]
async fn an_owner_who_may_not_make_roles_gets_sql_that_an_administrator_runs() {
    let database = TestDatabase::migrated_by_an_owner("").await;
    let name = format!("{}_desk", database.name);

    let (code, script, err) = demarche(&database, &["bi", "grant", &name], "");

    assert_eq!(code, Some(4), "{err}");
    assert!(
        err.contains("may not create roles (CREATEROLE)") && err.contains("administrator"),
        "{err}"
    );
    let login = BiLogin {
        url: BiLogin::url_in(&err),
        name: name.clone(),
    };
    let password = login
        .url
        .split(':')
        .nth(2)
        .and_then(|rest| rest.split('@').next());
    assert!(!script.contains(password.expect("a password")), "{script}");
    assert!(login.try_connect().await.is_err(), "nothing is done yet");
    let elsewhere = database.maintenance().await.batch_execute(&script).await;
    assert!(
        elsewhere
            .expect_err("another database")
            .to_string()
            .contains("db error")
    );
    let superuser = database.superuser().await;
    for _ in 0..2 {
        let (code, again, _) = demarche(&database, &["bi", "grant", &name, "--new-password"], "");
        assert_eq!(code, Some(4));
        let script = if login.try_connect().await.is_ok() {
            &again
        } else {
            &script
        };
        superuser
            .batch_execute(script)
            .await
            .expect("an administrator runs it");
    }
    let (_, settings) = settings_of(&database, &name).await;
    assert!(
        settings.contains(&"temp_file_limit=1GB".to_owned())
            || settings.contains(&"temp_file_limit=1024MB".to_owned())
    );

    let (code, script, err) = demarche(&database, &["bi", "revoke", &name], "");
    assert_eq!(code, Some(4), "{err}");
    superuser
        .batch_execute(&script)
        .await
        .expect("an administrator runs it");
    let (code, _, err) = demarche(&database, &["bi", "revoke", &name], "");
    assert_eq!(code, Some(1));
    assert!(err.contains("there is no BI login"), "{err}");
}

/// From version 16 on PostgreSQL lets only administrators of a role change it.
#[tokio::test]
async fn the_owner_changes_and_revokes_a_login_that_an_administrator_created() {
    let database = TestDatabase::owned().await;
    let name = format!("{}_desk", database.name);
    let administrator = database.keywords_of_superuser();
    let (code, _, err) = demarche_as(&administrator, &["bi", "grant", &name], "");
    assert_eq!(code, Some(0), "{err}");

    let login = BiLogin::grant(&database, "desk", &["--new-password"]);
    let other = BiLogin::grant(&database, "other", &[]);

    let client = login.connect().await;
    other.connect().await;
    let ended = database
        .target()
        .client()
        .await
        .expect("the owner")
        .query_one(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = $1 and state is not null",
            &[&login.name],
        )
        .await
        .expect("the owner sees and ends it");
    assert!(ended.get::<_, bool>(0));
    drop(client);
    for name in [&login.name, &other.name] {
        let (code, _, err) = demarche(&database, &["bi", "revoke", name], "");
        assert_eq!(code, Some(0), "{err}");
    }
}

#[tokio::test]
async fn a_database_without_views_has_no_logins() {
    let database = TestDatabase::empty().await;

    let (code, out, err) = demarche(
        &database,
        &["bi", "grant", &format!("{}_desk", database.name)],
        "",
    );

    assert_eq!((code, out.as_str()), (Some(1), ""));
    assert!(err.contains("run demarche migrate first"), "{err}");
}

/// Every login may take advisory locks, so no part of Demarche may wait for one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn advisory_locks_of_a_login_block_neither_writes_nor_migrating() {
    let database = TestDatabase::owned().await;
    let app = TestApp::on(database, demarche::config::Limits::default()).await;
    let client = BiLogin::grant(&app.database, "desk", &[]).connect().await;
    client
        .batch_execute(
            "select pg_advisory_lock(hashtextextended('demarche migrate', 0)),
               pg_advisory_lock(hashtextextended('action_links causal cycle', 0));
             select pg_advisory_lock(number) from generate_series(-1000, 1000) as number",
        )
        .await
        .expect("locks");
    let action = |title: &str, answers: Option<&str>| {
        let links: Vec<_> = answers
            .iter()
            .map(|id| json!({"kind": "responds_to", "action": id}))
            .collect();
        json!({"type": "public_statement", "title": title, "links": links})
    };

    let writes = async {
        let first = app.create("diplomatic-actions", action("One", None)).await;
        app.create("diplomatic-actions", action("Two", Some(&first)))
            .await
    };
    tokio::time::timeout(LONGEST_WAIT, writes)
        .await
        .expect("the API writes meanwhile");
    app.client()
        .await
        .batch_execute("comment on schema bi is 'to be built anew'")
        .await
        .expect("a comment");
    let target = app.target();
    let migrated = tokio::time::timeout(LONGEST_WAIT, migrate(&target))
        .await
        .expect("migrate does not wait")
        .expect("migrated");

    assert_eq!(
        migrated,
        Migrated {
            migrations: Vec::new(),
            views_rebuilt: true
        }
    );
    client
        .query("select * from actors", &[])
        .await
        .expect("views that were built anew are read as before");
}

#[tokio::test]
async fn no_function_takes_an_advisory_lock() {
    let database = TestDatabase::new().await;

    let taking = database
        .superuser()
        .await
        .query(
            "select proname::text from pg_proc join pg_namespace as home on home.oid = pronamespace
             where nspname in ('public', 'bi', 'bi_store') and prosrc like '%advisory%'",
            &[],
        )
        .await
        .expect("functions");

    assert!(taking.is_empty(), "{taking:?}");
}
