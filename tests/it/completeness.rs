//! What the compiler can't know to be missing when a column or a rule is added: the explanation of a constraint, and the
//! column of schema `bi`.

use std::collections::BTreeSet;

use demarche::actors::Actor;
use demarche::diplomatic_actions::DiplomaticAction;
use demarche::programmes::Programme;
use demarche::relationships::Relationship;
use demarche::resource::constraints::SHARED;
use demarche::resource::filter::Filter;
use demarche::resource::{Kind, Resource};
use demarche::sanctions::Sanction;
use demarche::sources::Source;
use serde_json::Value;

use crate::support::{TestApp, TestDatabase};

/// Tables of records and their children. Entries of vocabularies are records without a column that refers to them.
const TABLES: &str =
    "select resource as name, resource as record from record_kinds where reference is not null
  union
  select child.child, child.resource from record_children as child";

/// Constraints that only the request itself can violate, never another writer, and that its validation reports first.
const VALIDATED: &[&str] = &[
    "action_countries_action_id_code_key",
    "action_links_action_id_kind_linked_action_id_key",
    "action_links_ends_check",
    "action_participants_action_id_role_actor_id_key",
    "actor_addresses_city_check",
    "actor_addresses_full_check",
    "actor_addresses_parts_check",
    "actor_addresses_period_check",
    "actor_addresses_postal_code_check",
    "actor_addresses_region_check",
    "actor_addresses_street_check",
    "actor_countries_actor_id_code_role_from_key",
    "actor_countries_period_check",
    "actor_identifiers_actor_id_position_key",
    "actor_identifiers_actor_id_scheme_value_country_key",
    "actor_identifiers_period_check",
    "actor_identifiers_value_check",
    "actor_names_actor_id_name_kind_lang_from_key",
    "actor_names_lang_check",
    "actor_names_name_check",
    "actor_names_period_check",
    "citations_claim_check",
    "citations_credibility_check",
    "external_keys_record_check",
    "external_keys_scheme_check",
    "sanction_grounds_sanction_id_ground_key",
    "sanction_measures_sanction_id_measure_from_key",
    "sanction_objectives_sanction_id_objective_key",
    "sanction_programmes_sanction_id_programme_id_key",
    "sanctions_list_code_case_check",
    "sanctions_list_code_check",
    "sanctions_list_part_check",
    "sanctions_list_uid_check",
];

/// Columns that schema `bi` does not show, or shows under another name.
const NOT_IN_BI: &[(&str, &str)] = &[
    ("actor_addresses.from", "address_from"),
    ("actor_addresses.full", "full_address"),
    ("actor_addresses.until", "address_until"),
    ("actor_countries.code", "country_code"),
    ("actor_countries.from", "country_from"),
    ("actor_countries.until", "country_until"),
    ("action_countries.code", "country_code"),
    (
        "actor_identifiers.id",
        "internal: history gives no identifier an id",
    ),
    ("actor_names.from", "name_from"),
    ("actor_names.kind", "name_kind"),
    ("actor_names.lang", "language"),
    (
        "actor_names.plain_name",
        "internal: the name as searches compare it",
    ),
    ("actor_names.until", "name_until"),
    ("actors.plain_name", "internal: the name as searches compare it"),
    ("citations.id", "citation_id"),
    ("programmes.code", "programme_code"),
    ("programmes.name", "programme"),
    ("sanction_measures.from", "measure_from"),
    ("sanction_measures.until", "measure_until"),
    ("sanctions.starts_earliest", "starts_on_earliest"),
    ("sanctions.starts_latest", "starts_on_latest"),
];

/// The columns of every record: its id is `<record>_id` in schema `bi`, properties have a view of their own, and the
/// others are the registry's own.
const OF_EVERY_RECORD: &[&str] = &["id", "properties", "version", "changed_in"];

fn explained() -> (BTreeSet<&'static str>, usize) {
    let kinds = [
        Actor::CONSTRAINTS,
        DiplomaticAction::CONSTRAINTS,
        Programme::CONSTRAINTS,
        Relationship::CONSTRAINTS,
        Sanction::CONSTRAINTS,
        Source::CONSTRAINTS,
    ];
    let number = kinds.len();
    let all = kinds.into_iter().chain([SHARED]).flatten();
    (all.map(|known| known.constraint()).collect(), number)
}

async fn names(sql: &str) -> BTreeSet<String> {
    let database = TestDatabase::new().await;
    let client = database.target().client().await.expect("a connection");
    let rows = client.query(sql, &[]).await.expect("rows");
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn every_constraint_of_a_record_is_explained() {
    let (explained, kinds) = explained();
    assert_eq!(kinds, Kind::ALL.len(), "a kind is missing in this test");
    // Not the values that the registry sets itself, texts that requests clean, the order of children, and the tie of a child to its own record.
    let found = names(&format!(
        "with tables as ({TABLES}), named as (
           select conrelid as home, conname::text as name from pg_constraint where contype in ('c', 'f', 'x')
           union
           select indrelid, indexrelid::regclass::text from pg_index where indisunique and not indisprimary
         )
         select distinct named.name
         from named
         join tables on tables.name::regclass = named.home
         where named.name !~ '_(position|version|created_at|updated_at|properties|clean)_check$'
           and named.name not in (
             select child.child || '_' || kind.reference || '_fkey'
             from record_children as child join record_kinds as kind using (resource)
           )"
    ))
    .await;

    let known: BTreeSet<&str> = explained
        .iter()
        .copied()
        .chain(VALIDATED.iter().copied())
        .collect();
    let silent: Vec<_> = found
        .iter()
        .filter(|name| !known.contains(name.as_str()))
        .collect();
    let gone: Vec<_> = VALIDATED.iter().filter(|name| !found.contains(**name)).collect();

    assert!(
        silent.is_empty(),
        "say in CONSTRAINTS of the record what a violation means, or name it in VALIDATED of this test: {silent:#?}"
    );
    assert!(gone.is_empty(), "no longer constraints: {gone:#?}");
}

#[tokio::test]
async fn every_column_of_a_record_is_in_schema_bi() {
    let found = names(&format!(
        "select distinct tables.name || '.' || attribute.attname
         from ({TABLES}) as tables
         join pg_attribute as attribute
           on attribute.attrelid = tables.name::regclass and attribute.attnum > 0 and not attribute.attisdropped
         where tables.name <> 'external_keys'
           and not exists (
             select from pg_attribute as shown
             where shown.attrelid = to_regclass('bi.' || tables.name) and shown.attname = attribute.attname
           )
           and not (tables.name = tables.record and attribute.attname = any ('{{{}}}'))",
        OF_EVERY_RECORD.join(",")
    ))
    .await;

    let allowed: BTreeSet<&str> = NOT_IN_BI.iter().map(|(column, _)| *column).collect();
    let hidden: Vec<_> = found
        .iter()
        .filter(|name| !allowed.contains(name.as_str()))
        .collect();
    let gone: Vec<_> = allowed.iter().filter(|name| !found.contains(**name)).collect();

    assert!(
        hidden.is_empty(),
        "add these columns to the views of sql/bi, or say in NOT_IN_BI of this test why not: {hidden:#?}"
    );
    assert!(gone.is_empty(), "these are in schema bi or gone: {gone:#?}");
}

/// Fields of records that lists can't ask for, and why.
const NOT_ASKED_FOR: &[(&str, &str)] = &[
    ("id", "every record has one; it is in the path of the record"),
    ("citations.id", "names a citation within its record"),
    (
        "citations.grade",
        "follows from the source's reliability and the credibility",
    ),
    (
        "external_keys.value",
        "a key is in the path of the record; external_keys asks for its scheme",
    ),
    (
        "linked_from",
        "belongs to the other actions; linked_to finds them",
    ),
];

/// Adds the paths of the fields of a schema, `measures.from`. References to other records are one field.
fn add_paths(document: &Value, schema: &Value, path: &str, paths: &mut BTreeSet<String>) {
    let named = schema["$ref"]
        .as_str()
        .and_then(|pointer| document.pointer(&pointer[1..]));
    let schema = named.unwrap_or(schema);
    for part in ["oneOf", "allOf", "anyOf"] {
        for one in schema[part].as_array().into_iter().flatten() {
            add_paths(document, one, path, paths);
        }
    }
    if schema["items"].is_object() {
        add_paths(document, &schema["items"], path, paths);
        return;
    }
    match schema["properties"].as_object() {
        Some(properties) => {
            for (name, field) in properties {
                let path = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                add_paths(document, field, &path, paths);
            }
        }
        None if schema["type"] != "null" && !path.is_empty() => {
            paths.insert(path.to_owned());
        }
        None => {}
    }
}

#[tokio::test]
async fn lists_can_ask_for_every_field_of_a_record() {
    let app = TestApp::new().await;
    let document = app.get("/openapi.json").await.expect(200).body;
    let kinds = [
        ("Actor", <Actor as Resource>::Filter::FIELDS),
        ("Relationship", <Relationship as Resource>::Filter::FIELDS),
        ("Programme", <Programme as Resource>::Filter::FIELDS),
        ("Sanction", <Sanction as Resource>::Filter::FIELDS),
        ("DiplomaticAction", <DiplomaticAction as Resource>::Filter::FIELDS),
        ("Source", <Source as Resource>::Filter::FIELDS),
    ];
    assert_eq!(kinds.len(), Kind::ALL.len(), "a kind is missing in this test");
    let mut left_out = BTreeSet::new();
    for (name, fields) in kinds {
        let mut paths = BTreeSet::new();
        add_paths(
            &document,
            &document["components"]["schemas"][name],
            "",
            &mut paths,
        );
        assert!(paths.len() > 10, "{name}: {paths:?}");
        for path in &paths {
            let why = NOT_ASKED_FOR.iter().find(|(out, _)| {
                path.strip_prefix(out)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            });
            match why {
                Some((out, _)) => {
                    left_out.insert(*out);
                }
                None => assert!(
                    fields.all().any(|field| field.covers(path)),
                    "add {path} of {name} to FIELDS of its filters, or say in NOT_ASKED_FOR of this test why not"
                ),
            }
        }
        let names: BTreeSet<&str> = fields.all().map(|field| field.name).collect();
        assert_eq!(
            names.len(),
            fields.all().count(),
            "{name} has two fields of one name"
        );
        for field in fields.all() {
            let is_there = |path: &String| field.covers(path) || field.path == "properties";
            assert!(paths.iter().any(is_there), "{name} has no field {}", field.path);
        }
    }
    assert_eq!(
        left_out.len(),
        NOT_ASKED_FOR.len(),
        "no longer fields: {left_out:?}"
    );
}
