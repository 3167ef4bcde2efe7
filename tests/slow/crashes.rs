//! Crashes during writes: of the server, of one of PostgreSQL's processes, of PostgreSQL as a whole. The
//! cluster runs with fsync on. CRASH_ROUNDS is how often each of them is killed.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_postgres::IsolationLevel;

use crate::support::{LONGEST_WAIT, Private, TestDatabase, demarche_as};

const WRITERS: usize = 4;
/// The least acknowledged writes in a round; fewer would prove little.
const LEAST_A_ROUND: usize = 5;

fn rounds() -> u32 {
    std::env::var("CRASH_ROUNDS").map_or(2, |rounds| rounds.parse().expect("CRASH_ROUNDS is a number"))
}

/// A running server.
struct Program {
    child: Child,
    address: String,
}

impl Program {
    fn start(keywords: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_demarche"))
            .args(["serve", "--port", "0", "--workers", "2"])
            .env("DATABASE_URL", keywords)
            .env("PUBLIC_READ", "true")
            .env("LOG", "error,demarche::cli::serve=info")
            .env("LOG_FORMAT", "json")
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stderr.take().expect("its log")).lines();
        let address = loop {
            let line = lines.next().expect("it says where it serves").expect("a line");
            let told: Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some(address) = told["address"].as_str() {
                break format!("http://{address}");
            }
        };
        // Reads on, so that the pipe does not fill up.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self { child, address }
    }

    fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The acknowledged versions of a record with their names; `None` for a delete.
#[derive(Debug, Default, Clone)]
struct Known {
    said: BTreeMap<i32, Option<String>>,
    /// Whether a request got no response, so that it may or may not have been applied.
    is_doubtful: bool,
}

impl Known {
    fn last(&self) -> i32 {
        self.said.keys().next_back().copied().unwrap_or_default()
    }
}

/// Acknowledged writes by the id of the record.
type Acknowledged = BTreeMap<String, Known>;

/// The registry under test and its clients.
struct Scene {
    private: Private,
    database: TestDatabase,
    keywords: String,
    program: Option<Program>,
    desk: Arc<Desk>,
    writers: Vec<JoinHandle<Acknowledged>>,
    follower: JoinHandle<Vec<Value>>,
}

/// The state that writers and the follower share.
struct Desk {
    address: Mutex<String>,
    token: String,
    http: Client,
    is_over: AtomicBool,
    /// Whether every writer has ended.
    is_written: AtomicBool,
    /// `check` takes all permits to pause the writers.
    writing: Semaphore,
    acknowledged: std::sync::atomic::AtomicUsize,
}

impl Desk {
    /// Sends a request; returns the body of a whole, successful response.
    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Option<Value> {
        let address = self.address.lock().expect("an address").clone();
        let mut request = self
            .http
            .request(method, format!("{address}{path}"))
            .bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let done = async {
            let answer = request.send().await.ok()?;
            let status = answer.status();
            let text = answer.text().await.ok()?;
            assert!(
                status.is_success() || status == 503,
                "{path} was answered {status}: {text}"
            );
            status
                .is_success()
                .then(|| serde_json::from_str(&text).unwrap_or_default())
        };
        let done = done.await;
        if done.is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        done
    }

    fn acknowledge(&self) {
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
    }

    /// Creates, changes and deletes records until `is_over`.
    async fn write(&self, writer: usize) -> Acknowledged {
        let mut all = Acknowledged::new();
        for number in 0.. {
            if self.is_over.load(Ordering::SeqCst) {
                break;
            }
            let _turn = self.writing.acquire().await.expect("a turn");
            let key = format!("{writer}-{number}");
            if number % 3 == 0 {
                self.write_pair(&key, &mut all).await;
                continue;
            }
            let name = format!("one {key}");
            let Some(made) = self
                .ask(Method::POST, "/v1/actors", Some(actor(&name, &key)))
                .await
            else {
                continue;
            };
            self.acknowledge();
            let id = made["id"].as_str().expect("an id").to_owned();
            let known = all.entry(id.clone()).or_default();
            known.said.insert(1, Some(name));
            let path = format!("/v1/actors/{id}");
            for change in 0..2 {
                let name = format!("one {key} changed {change}");
                let patch = json!({"name": name, "names": [{"name": key, "kind": "alias"}]});
                let Some(changed) = self.ask(Method::PATCH, &path, Some(patch)).await else {
                    known.is_doubtful = true;
                    break;
                };
                self.acknowledge();
                let version = changed["version"].as_i64().expect("a version");
                known
                    .said
                    .insert(i32::try_from(version).expect("a version"), Some(name));
            }
            if known.is_doubtful || number % 2 == 0 {
                continue;
            }
            if self.ask(Method::DELETE, &path, None).await.is_some() {
                self.acknowledge();
                known.said.insert(known.last() + 1, None);
            } else {
                known.is_doubtful = true;
            }
        }
        all
    }

    /// Creates two actors and their relationship in one transaction.
    async fn write_pair(&self, key: &str, all: &mut Acknowledged) {
        let names = [format!("pair {key} a"), format!("pair {key} b")];
        let operations = json!({"operations": [
            {"method": "POST", "resource": "actors", "as": "a", "body": actor(&names[0], &format!("{key}-a"))},
            {"method": "POST", "resource": "actors", "as": "b", "body": actor(&names[1], &format!("{key}-b"))},
            {"method": "POST", "resource": "relationships", "body":
                {"subject": "@a", "kind": "associate_of", "object": "@b"}},
        ]});
        let Some(made) = self.ask(Method::POST, "/v1/batch", Some(operations)).await else {
            return;
        };
        self.acknowledge();
        for (result, name) in made["results"].as_array().expect("results").iter().zip(names) {
            let id = result["id"].as_str().expect("an id").to_owned();
            all.entry(id).or_default().said.insert(1, Some(name));
        }
    }

    /// Follows the feed through every crash, each time from the last sequence number received.
    async fn follow(&self) -> Vec<Value> {
        let mut seen = Vec::new();
        let mut position = 0;
        loop {
            let was_written = self.is_written.load(Ordering::SeqCst);
            let wait = if was_written { 0 } else { 1 };
            let path = format!("/v1/changes?after={position}&wait={wait}&limit=50");
            let Some(page) = self.ask(Method::GET, &path, None).await else {
                continue;
            };
            let items = page["items"].as_array().expect("items").clone();
            if items.is_empty() && was_written {
                return seen;
            }
            seen.extend(items);
            position = page["next"].as_i64().expect("a sequence");
        }
    }
}

fn actor(name: &str, key: &str) -> Value {
    json!({
        "kind": "person",
        "name": name,
        "names": [{"name": name.to_uppercase(), "kind": "alias"}],
        "external_keys": [{"scheme": "crash", "value": key}],
    })
}

impl Scene {
    async fn set(name: &str) -> Self {
        let private = Private::durable(name).await;
        let database = TestDatabase::of_cluster(private.cluster()).await;
        let endpoint = private.cluster().endpoint();
        let keywords = format!(
            "host=127.0.0.1 port={} dbname={} user={} password='{}'",
            endpoint.port, database.name, endpoint.superuser, endpoint.password
        );
        let (code, token, told) = demarche_as(&keywords, &["token", "create", "writer"], "");
        assert_eq!(code, Some(0), "{told}");
        let program = Program::start(&keywords);
        let desk = Arc::new(Desk {
            address: Mutex::new(program.address.clone()),
            token: token.trim().to_owned(),
            http: Client::builder()
                .timeout(Duration::from_secs(30))
                .build()
                .expect("a client"),
            is_over: AtomicBool::new(false),
            is_written: AtomicBool::new(false),
            writing: Semaphore::new(WRITERS),
            acknowledged: std::sync::atomic::AtomicUsize::new(0),
        });
        let writers = (0..WRITERS)
            .map(|writer| {
                let desk = Arc::clone(&desk);
                tokio::spawn(async move { desk.write(writer).await })
            })
            .collect();
        let follower = {
            let desk = Arc::clone(&desk);
            tokio::spawn(async move { desk.follow().await })
        };
        Self {
            private,
            database,
            keywords,
            program: Some(program),
            desk,
            writers,
            follower,
        }
    }

    /// Waits until enough writes are acknowledged, and then for a time that differs between rounds.
    async fn write_for_a_while(&self, round: u32) {
        let before = self.desk.acknowledged.load(Ordering::Relaxed);
        let begun = Instant::now();
        while self.desk.acknowledged.load(Ordering::Relaxed) < before + LEAST_A_ROUND {
            assert!(begun.elapsed() < LONGEST_WAIT, "no write is acknowledged");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(u64::from(round * 37 % 150))).await;
    }

    fn kill_program(&mut self) {
        self.program.take().expect("a program that runs").kill();
    }

    fn start_program(&mut self) {
        let program = Program::start(&self.keywords);
        program
            .address
            .clone_into(&mut self.desk.address.lock().expect("an address"));
        self.program = Some(program);
    }

    async fn client(&self) -> tokio_postgres::Client {
        let begun = Instant::now();
        let configuration: tokio_postgres::Config = self.keywords.parse().expect("keywords");
        loop {
            match configuration.connect(tokio_postgres::NoTls).await {
                Ok((client, connection)) => {
                    tokio::spawn(connection);
                    return client;
                }
                Err(error) => assert!(begun.elapsed() < LONGEST_WAIT, "{error}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Checks the invariants, which hold at every moment. The writers pause meanwhile; only transactions of
    /// killed clients may still end.
    async fn check(&self) {
        let _nobody = self
            .desk
            .writing
            .acquire_many(u32::try_from(WRITERS).expect("a number"))
            .await
            .expect("quiet");
        let mut client = self.client().await;
        let snapshot = client
            .build_transaction()
            .isolation_level(IsolationLevel::RepeatableRead)
            .read_only(true)
            .start()
            .await
            .expect("a snapshot");
        for (what, sql) in INVARIANTS {
            let broken: Vec<String> = snapshot
                .query(*sql, &[])
                .await
                .unwrap_or_else(|error| panic!("{what}: {error}"))
                .iter()
                .map(|row| row.get::<_, String>(0))
                .collect();
            assert!(broken.is_empty(), "{what}: {broken:?}");
        }
    }

    /// Ends the writers; checks every acknowledged write and what the follower received.
    async fn end(mut self) {
        self.desk.is_over.store(true, Ordering::SeqCst);
        let mut acknowledged = Acknowledged::new();
        for writer in std::mem::take(&mut self.writers) {
            acknowledged.extend(writer.await.expect("a writer that ends well"));
        }
        self.desk.is_written.store(true, Ordering::SeqCst);
        self.check().await;
        let client = self.client().await;
        let seen = (&mut self.follower).await.expect("a follower that ends well");
        let mut revisions: BTreeMap<String, BTreeMap<i32, Option<String>>> = BTreeMap::new();
        let mut in_order = Vec::new();
        for row in client
            .query(
                "select change.sequence, revision.record_id, revision.version, revision.document ->> 'name', \
                 revision.resource = 'actors' \
                 from changes as change join revisions as revision on revision.id = change.revision_id \
                 order by change.sequence",
                &[],
            )
            .await
            .expect("changes")
        {
            let (sequence, id): (i64, uuid::Uuid) = (row.get(0), row.get(1));
            let (version, name): (i32, Option<String>) = (row.get(2), row.get(3));
            in_order.push((sequence, id.to_string(), i64::from(version)));
            if row.get(4) {
                revisions.entry(id.to_string()).or_default().insert(version, name);
            }
        }
        let told: Vec<(i64, String, i64)> = seen
            .iter()
            .map(|change| {
                (
                    change["sequence"].as_i64().expect("a sequence"),
                    change["id"].as_str().expect("an id").to_owned(),
                    change["version"].as_i64().expect("a version"),
                )
            })
            .collect();
        let differs = told.iter().zip(&in_order).find(|(told, is)| told != is);
        assert!(differs.is_none(), "told otherwise than it is: {differs:?}");
        assert_eq!(
            told.len(),
            in_order.len(),
            "of these the follower missed the last"
        );
        let mut doubtful = 0;
        for (id, known) in &acknowledged {
            let kept = revisions
                .get(id)
                .unwrap_or_else(|| panic!("{id} {known:?} is gone"));
            for (version, name) in &known.said {
                assert_eq!(kept.get(version), Some(name), "{id} {known:?} {kept:?}");
            }
            let last = kept.keys().next_back().copied().unwrap_or_default();
            let most = known.last() + i32::from(known.is_doubtful);
            assert!(last == known.last() || last == most, "{id} {known:?} {kept:?}");
            doubtful += usize::from(known.is_doubtful);
        }
        eprintln!(
            "{} writes acknowledged, {} records, {doubtful} of them with a request that nobody answered, {} changes",
            self.desk.acknowledged.load(Ordering::Relaxed),
            acknowledged.len(),
            told.len(),
        );
        if let Some(program) = self.program.take() {
            program.kill();
        }
        drop(self.database);
        self.private.stop().await;
    }
}

/// Queries that return violations.
const INVARIANTS: &[(&str, &str)] = &[
    (
        "a record and its latest revision say the same, and what is gone has a revision that says so",
        "with latest as (
           select distinct on (record_id) record_id, version, document
           from revisions
           order by record_id, version desc
         ),
         live as (
           select id, version, actors_document(id) as document from actors
           union all select id, version, sources_document(id) from sources
           union all select id, version, programmes_document(id) from programmes
           union all select id, version, relationships_document(id) from relationships
           union all select id, version, diplomatic_actions_document(id) from diplomatic_actions
           union all select id, version, sanctions_document(id) from sanctions
           union all select entry_id('countries', code), version, countries_document(code) from countries
           union all select entry_id('actor_kinds', code), version, actor_kinds_document(code) from actor_kinds
           union all select entry_id('measures', code), version, measures_document(code) from measures
           union all select entry_id('grounds', code), version, grounds_document(code) from grounds
           union all select entry_id('objectives', code), version, objectives_document(code) from objectives
           union all select entry_id('action_types', code), version, action_types_document(code) from action_types
           union all select entry_id('cameo_codes', code), version, cameo_codes_document(code) from cameo_codes
           union all select entry_id('relationship_kinds', code), version, relationship_kinds_document(code)
             from relationship_kinds
           union all select entry_id('identifier_schemes', code), version, identifier_schemes_document(code)
             from identifier_schemes
           union all select entry_id('property_names', code), version, property_names_document(code) from property_names
         )
         select coalesce(record_id, id)::text
         from latest
         full join live on live.id = latest.record_id
         where latest.document is distinct from live.document
           or live.version is not null and live.version <> latest.version",
    ),
    (
        "versions follow each other",
        "select record_id::text
         from revisions
         group by record_id
         having max(version) - min(version) + 1 <> count(*) or min(version) <> 1 and bool_and(operation <> 'baseline')",
    ),
    (
        "every revision has one place in the order, or waits for it",
        "select revision.id::text
         from revisions as revision
         full join outbox as queue on queue.revision_id = revision.id
         full join changes as change on change.revision_id = coalesce(revision.id, queue.revision_id)
         where revision.id is null or (queue.revision_id is null) = (change.revision_id is null)",
    ),
    (
        "sequences have no gap",
        "select 'sequence ' || sequence
         from (select sequence, row_number() over (order by sequence) as place from changes) as change
         where sequence <> place
         union all
         select 'head ' || sequence
         from chain_head
         where sequence <> (select count(*) from changes)",
    ),
    (
        "the chain verifies",
        "select 'link ' || sequence
         from (
           select
             change.sequence,
             change.sha256,
             link_sha256(
               lag(change.sha256, 1, sha256('')) over (order by change.sequence),
               change.sequence, change.recorded_at, change.is_backdated, revision
             ) as computed
           from changes as change
           join revisions as revision on revision.id = change.revision_id
         ) as link
         where sha256 <> computed
         union all
         select 'head'
         from chain_head
         where sha256 <> (select sha256 from changes order by sequence desc limit 1)",
    ),
    (
        "moments ascend",
        "select 'sequence ' || sequence
         from (
           select sequence, recorded_at, lag(recorded_at) over (order by sequence) as before
           from changes where not is_backdated
         ) as change
         where recorded_at < before",
    ),
    (
        "a batch is there as a whole or not at all",
        "select string_agg(name, ', ')
         from actors
         where name like 'pair %'
         group by left(name, -2)
         having count(*) <> 2
         union all
         select name
         from actors
         where name like 'pair %'
           and not exists (
             select from relationships
             where subject_id = actors.id or object_id = actors.id
           )",
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_loses_no_acknowledged_write() {
    let mut scene = Scene::set("killed-server").await;

    for round in 0..rounds() {
        scene.write_for_a_while(round).await;
        scene.kill_program();
        scene.start_program();
        scene.check().await;
    }

    scene.end().await;
}

async fn until_closed(client: &tokio_postgres::Client) {
    let begun = Instant::now();
    while !client.is_closed() {
        assert!(begun.elapsed() < LONGEST_WAIT, "the connection stays open");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_backend_loses_no_acknowledged_write() {
    let scene = Scene::set("killed-backend").await;

    for round in 0..rounds() {
        scene.write_for_a_while(round).await;
        let client = scene.client().await;
        // One that is in a transaction, if there is any.
        let found = client
            .query_one(
                "select pid from pg_stat_activity \
                 where datname = current_database() and application_name = 'demarche' \
                 order by state <> 'idle' desc, random() limit 1",
                &[],
            )
            .await
            .expect("a backend of the registry");
        kill(Pid::from_raw(found.get(0)), Signal::SIGKILL).expect("killed");
        // PostgreSQL then terminates all other connections and replays the log.
        until_closed(&client).await;
        scene.check().await;
    }

    scene.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_cluster_recovers_every_acknowledged_write() {
    let mut scene = Scene::set("killed-cluster").await;

    for round in 0..rounds() {
        scene.write_for_a_while(round).await;
        scene.private.kill();
        scene.private.resume().await;
        scene.check().await;
    }

    scene.end().await;
}
