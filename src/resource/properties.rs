//! Properties: what a list says and no field holds. Names that the vocabulary property_names registers have values of a type;
//! other names have any texts. Records are found by their properties.

use std::collections::{BTreeMap, HashMap};

use diesel::QueryableByName;
use diesel::sql_types;
use serde_json::Value;

use crate::db::{Db, ReadOn, Statement, Write};
use crate::error::Result;
use crate::partial_date::PartialDate;
use crate::resource::Kind;
use crate::text::{escape_pointer, shorten};
use crate::validation::Faults;

/// The prefix of the parameters that filter by a property, such as `property.gender`.
pub const PREFIX: &str = "property.";

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = sql_types::Text)]
    code: String,
    #[diesel(sql_type = sql_types::Text)]
    value_type: String,
}

#[derive(QueryableByName)]
struct FaultRow {
    #[diesel(sql_type = sql_types::BigInt)]
    ordinal: i64,
    #[diesel(sql_type = sql_types::Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct UnusedRow {
    #[diesel(sql_type = sql_types::Text)]
    name: String,
}

/// A value of a property, and the pointer that names it in faults.
struct Element {
    name: String,
    value: String,
    pointer: String,
}

/// Returns the properties of a request, with the values of registered names in their normal form; an empty object if they are
/// absent. Each part of another shape and each value of another type becomes a fault.
///
/// # Errors
/// Those of [`Write::load`].
pub async fn validate(value: Option<Value>, write: &mut Write<'_>, faults: &mut Faults) -> Result<Value> {
    let mut properties = faults.properties(value);
    let mut elements = Vec::new();
    for (name, list) in properties.as_object().into_iter().flatten() {
        for (index, value) in list.as_array().into_iter().flatten().enumerate() {
            if let Some(text) = value.as_str() {
                elements.push(Element {
                    name: name.clone(),
                    value: text.to_owned(),
                    pointer: format!("/properties/{}/{index}", escape_pointer(name)),
                });
            }
        }
    }
    check(&mut elements, Capitals::Matter, &mut ReadOn::Write(write), faults).await?;
    for element in elements {
        let pointer = element.pointer.strip_prefix("/properties").unwrap_or_default();
        if let Some(value) = properties.pointer_mut(pointer) {
            *value = Value::String(element.value);
        }
    }
    Ok(properties)
}

/// Whether the words of a closed list may be written in capitals.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Capitals {
    Matter,
    DoNotMatter,
}

/// Brings the values of registered names into their normal form and adds a fault for each that is not of its type. Returns the
/// types of the registered names.
async fn check(
    elements: &mut [Element],
    capitals: Capitals,
    on: &mut ReadOn<'_, '_>,
    faults: &mut Faults,
) -> Result<HashMap<String, String>> {
    if elements.is_empty() {
        return Ok(HashMap::new());
    }
    let names: Vec<String> = elements.iter().map(|element| element.name.clone()).collect();
    let statement = Statement::new(
        "select known.code, known.value_type from property_names as known where known.code = any (",
    )
    .bind(names)
    .sql(")")
    .keep_prepared();
    let types: HashMap<String, String> = on
        .load::<NameRow>(statement)
        .await?
        .into_iter()
        .map(|row| (row.code, row.value_type))
        .collect();
    if types.is_empty() {
        return Ok(types);
    }
    for element in elements.iter_mut() {
        match types.get(&element.name).map(String::as_str) {
            // Some forms are stored as another. What can't be parsed is a fault of the statement below.
            Some("date") => {
                if let Ok(date) = element.value.parse::<PartialDate>() {
                    element.value = date.to_string();
                }
            }
            Some("word") if capitals == Capitals::DoNotMatter => {
                element.value = element.value.to_lowercase();
            }
            Some(_) | None => {}
        }
    }
    let statement = Statement::new("select given.ordinal, fault.detail from unnest(")
        .bind(elements.iter().map(|element| element.name.clone()).collect::<Vec<_>>())
        .sql(", ")
        .bind(elements.iter().map(|element| element.value.clone()).collect::<Vec<_>>())
        .sql(
            ") with ordinality as given (name, value, ordinal) join property_names as known on known.code = given.name \
             cross join lateral property_value_fault(known.value_type, known.words, given.value) as fault (detail) \
             where fault.detail is not null order by given.ordinal",
        )
        .keep_prepared();
    for row in on.load::<FaultRow>(statement).await? {
        let index = usize::try_from(row.ordinal - 1).unwrap_or_default();
        if let Some(element) = elements.get(index) {
            faults.add(element.pointer.clone(), row.detail);
        }
    }
    Ok(types)
}

/// The properties that a list is filtered by: names, each with the values of which a record must have one; no values if any will
/// do.
#[derive(Debug, Default, Clone)]
pub struct PropertyFilter(BTreeMap<String, Vec<String>>);

impl PropertyFilter {
    /// Adds a value of the parameter `property.<name>`.
    pub fn add(&mut self, name: &str, value: &str) {
        self.0.entry(name.to_owned()).or_default().push(value.to_owned());
    }

    /// Adds the question whether a record has the property at all.
    pub fn add_presence(&mut self, name: &str) {
        self.0.entry(name.to_owned()).or_default();
    }

    /// Checks the filter and returns the condition that it puts on a record, for each way to write the column `properties`.
    ///
    /// # Errors
    /// Invalid if a name is neither registered nor used by a record of the kinds, or a value is not of the type of its name;
    /// those of [`Db::read`].
    pub async fn conditions(self, db: &Db, kinds: &[Kind]) -> Result<PropertyConditions> {
        if self.0.is_empty() {
            return Ok(PropertyConditions::default());
        }
        let mut faults = Faults::default();
        let mut elements: Vec<Element> = self
            .0
            .iter()
            .flat_map(|(name, values)| {
                values.iter().map(move |value| Element {
                    name: name.clone(),
                    value: value.clone(),
                    pointer: format!("?{PREFIX}{name}"),
                })
            })
            .collect();
        let types = check(
            &mut elements,
            Capitals::DoNotMatter,
            &mut ReadOn::Db(db),
            &mut faults,
        )
        .await?;
        let unknown: Vec<String> = self
            .0
            .keys()
            .filter(|name| !types.contains_key(*name))
            .cloned()
            .collect();
        if !unknown.is_empty() && !db.is_as_of() {
            for row in db.read::<UnusedRow>(unused(unknown, kinds)).await? {
                faults.add(
                    format!("?{PREFIX}{}", row.name),
                    format!(
                        "{} is neither a name of the vocabulary property_names nor a property of any record here; \
                         /v1/vocabularies/property_names lists the registered names",
                        shorten(&row.name)
                    ),
                );
            }
        }
        faults.finish()?;
        let mut wanted: BTreeMap<String, Vec<String>> =
            self.0.into_keys().map(|name| (name, Vec::new())).collect();
        for element in elements {
            wanted.entry(element.name).or_default().push(element.value);
        }
        Ok(PropertyConditions(
            wanted
                .into_iter()
                .map(|(name, values)| Wanted {
                    is_date: types.get(&name).is_some_and(|of| of == "date"),
                    is_number: types.get(&name).is_some_and(|of| of == "number"),
                    name,
                    values,
                })
                .collect(),
        ))
    }
}

/// Selects those of the names that no record of the kinds has.
fn unused(names: Vec<String>, kinds: &[Kind]) -> Statement {
    let used: String = kinds
        .iter()
        .map(|kind| {
            format!(
                " and not exists (select from {} as record where property_keys(record.properties) @> array[given.name])",
                kind.table()
            )
        })
        .collect();
    Statement::new("select given.name from unnest(")
        .bind(names)
        .sql(format!(
            ") as given (name) where not exists (select from property_names as known where known.code = given.name){used}"
        ))
}

struct Wanted {
    name: String,
    values: Vec<String>,
    is_date: bool,
    is_number: bool,
}

/// The checked filter by properties.
#[derive(Default)]
pub struct PropertyConditions(Vec<Wanted>);

impl PropertyConditions {
    /// Returns whether there is no condition.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns all conditions on a record whose table has this alias, as one.
    pub fn all(&self, alias: &str) -> Statement {
        self.0.iter().fold(Statement::new("true"), |all, wanted| {
            all.sql(" and (").append(wanted.condition(alias)).sql(")")
        })
    }
}

impl Wanted {
    fn condition(&self, alias: &str) -> Statement {
        if self.values.is_empty() {
            return Statement::new(format!("property_keys({alias}.properties) @> array["))
                .bind(self.name.as_str())
                .sql("]");
        }
        let named = || {
            Statement::new(format!("property_keys({alias}.properties) @> array["))
                .bind(self.name.as_str())
                .sql(format!(
                    "] and exists (select from jsonb_array_elements_text({alias}.properties -> "
                ))
                .bind(self.name.as_str())
                .sql(") as own (value) cross join unnest(")
                .bind(self.values.clone())
        };
        if self.is_date {
            return named().sql(
                ") as wanted (value) where case when partial_date_is_valid(own.value) then \
                 partial_date_earliest(own.value::text::partial_date) <= partial_date_latest(wanted.value::text::partial_date) \
                 and partial_date_latest(own.value::text::partial_date) >= partial_date_earliest(wanted.value::text::partial_date) \
                 end)",
            );
        }
        if self.is_number {
            return named().sql(
                ") as wanted (value) where case when is_number(own.value) then \
                 own.value::numeric = wanted.value::numeric end)",
            );
        }
        Statement::new(format!("property_keys({alias}.properties) && array(select "))
            .bind(self.name.as_str())
            .sql("::text || chr(31) || plain_name(wanted.value) from unnest(")
            .bind(self.values.clone())
            .sql(") as wanted (value))")
    }
}
