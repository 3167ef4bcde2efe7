//! How the OpenAPI document describes the filters that follow from the fields of records, and the operators that join filters.

use serde_json::json;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Schema, Type};

use super::counting::{Group, MOST_FIELDS, Measure};
use super::fields::{Field, Fields, Holds};
use super::full_text::Q;

/// The parameter that stands for all filters by a property, `property.<name>`.
pub const PROPERTY: &str = "property";
/// The parameter that stands for all filters that no record may meet, `not.<filter>`.
pub const NOT: &str = "not";
/// The parameter that stands for all filters whose values a record must all have, `all.<filter>`.
pub const ALL: &str = "all";
/// The parameter that stands for all questions whether a field has a value, `has.<field>`.
pub const HAS: &str = "has";
/// The parameter that joins filters of which a record must meet one.
pub const OR: &str = "or";

/// The parameter that adds counts of the values of fields to a page.
pub const FACETS: &str = "facets";
/// The parameter that names the fields by which counts are grouped.
pub const BY: &str = "by";
/// The parameter that names what is counted.
pub const MEASURES: &str = "measures";

/// A bound of a period: a day, a month or a year.
pub const PERIOD: &str = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$";

/// Returns how a message writes the parameter with this name in the OpenAPI document.
pub fn written(name: &str) -> &str {
    match name {
        PROPERTY => "property.<name>",
        NOT => "not.<filter>",
        ALL => "all.<filter>",
        HAS => "has.<field>",
        other => other,
    }
}

/// Describes the parameters that bound the dates, moments and numbers of records.
pub fn bounds(fields: &Fields) -> Vec<Parameter> {
    fields
        .all()
        .filter_map(|field| Some((field, field.bounds()?)))
        .flat_map(|(field, (first, last))| {
            [
                bound(
                    field,
                    first,
                    ["this day or later", "at least this", "first", "2025-01-01"],
                ),
                bound(
                    field,
                    last,
                    ["this day or earlier", "at most this", "last", "2025-12-31"],
                ),
            ]
        })
        .collect()
}

fn bound(field: &Field, name: String, [day, number, end, example]: [&str; 4]) -> Parameter {
    let path = field.path;
    let (description, schema) = match field.holds {
        Holds::Date(_) => (
            format!(
                "Only records of which `{path}` is, or may be, {day}. A month or a year means its {end} day"
            ),
            string().pattern(Some(PERIOD)).examples([
                json!(example),
                json!(&example[..7]),
                json!(&example[..4]),
            ]),
        ),
        Holds::Time => (
            format!(
                "Only records of which `{path}` is {}: a time with its offset from UTC, or a day, month or year in UTC, which means its {end} moment",
                day.replace("day", "moment")
            ),
            string().examples([json!(example)]),
        ),
        Holds::Interval => (
            format!("Only records of which `{path}` is, or may be, {number}"),
            ObjectBuilder::new().schema_type(Type::Number),
        ),
        Holds::Number
        | Holds::Text
        | Holds::Code(_)
        | Holds::Word
        | Holds::Truth
        | Holds::Reference(_)
        | Holds::Properties => (
            format!("Only records of which `{path}` is {number}"),
            ObjectBuilder::new().schema_type(Type::Number),
        ),
    };
    optional(name, description).schema(Some(schema)).build()
}

/// Describes the parameters `property.<name>`. In OpenAPI they are the fields of one exploded object.
pub fn property() -> Parameter {
    let names = Schema::from(string().pattern(Some(r"^property\..+$")));
    exploded(
        PROPERTY,
        "Values of properties, each written property.<name>=<value>, such as property.gender=female. <name> is a code of the \
         vocabulary property_names, or another name that a record here has. Capitals, accents and hyphens of a text do not \
         matter; a date matches every date that may mean the same day. Repeat one for several values; different names mean AND",
        names,
        string().examples([json!("female")]),
        json!({"property.gender": "female"}),
    )
}

const FULL_TEXT: &str = "Full text: words of names, titles, reasons, summaries, descriptions, identifiers, and of sources and their \
    web addresses. All words must be there, in any form; \"words in quotes\" side by side as they are written; `or` between words asks \
    for one of them, `-` before a word excludes it, and `petr*` asks for words that begin so. Capitals, accents and hyphens do not matter";

/// Describes the parameter `q` of counts.
pub fn counted_search() -> Parameter {
    full_text(Required::False, FULL_TEXT.to_owned())
}

/// Describes the parameter `q` of a list.
pub fn search(required: Required) -> Parameter {
    let description = format!(
        "{FULL_TEXT}. The best match comes first, unless `sort` says otherwise; each record has `match`, with its rank and a snippet"
    );
    full_text(required, description)
}

fn full_text(required: Required, description: String) -> Parameter {
    ParameterBuilder::new()
        .name(Q)
        .parameter_in(ParameterIn::Query)
        .required(required)
        .description(Some(description))
        .schema(Some(string().min_length(Some(1)).max_length(Some(500))))
        .example(Some(json!("petro \"asset freeze\"")))
        .build()
}

/// Describes the operators that join `filters`, the parameters of a list that filter.
pub fn operators(fields: &Fields, filters: &[Parameter]) -> Vec<Parameter> {
    let filters: Vec<&str> = filters
        .iter()
        .map(|parameter| parameter.name.as_str())
        .filter(|name| *name != PROPERTY && !fields.modifiers.contains(name))
        .collect();
    let names = |operator: &str, names: &mut dyn Iterator<Item = &str>| {
        let written: Vec<String> = names.map(|name| format!("{operator}.{name}")).collect();
        Schema::from(
            AnyOfBuilder::new()
                .item(string().enum_values(Some(written)))
                .item(string().pattern(Some(format!(r"^{operator}\.property\..+$")))),
        )
    };
    let first = filters.first().copied().unwrap_or_default();
    vec![
        exploded(
            NOT,
            "Only records that the filter does not find, each written not.<filter>=<value>. Repeat one for several values, of which \
             a record has none. not.or=(…) leaves out what or=(…) finds",
            names(NOT, &mut filters.iter().copied().chain([OR])),
            string(),
            json!({format!("{NOT}.{first}"): "…"}),
        ),
        exploded(
            ALL,
            "Only records that each value of the filter finds, each written all.<filter>=<value>: repeat one for the values that a \
             record must all have",
            names(ALL, &mut filters.iter().copied()),
            string(),
            json!({format!("{ALL}.{first}"): "…"}),
        ),
        exploded(
            HAS,
            "`true`: only records that have a value of the field; `false`: only those that have none. Each is written has.<field>",
            names(HAS, &mut fields.all().map(|field| field.name)),
            string().enum_values(Some(["true", "false"])),
            json!({"has.properties": "true"}),
        ),
        optional(
            OR.to_owned(),
            "Filters of which a record must meet one, in parentheses: (<filter>:<value>,…). An item is also not.<filter>:<value>, \
             has.<field>:true, and(…) or or(…), at most three deep and 20 items in all. A value with a comma, a parenthesis or a \
             quotation mark is put in quotation marks, with \\ before one of its own. Repeat it for several, of which a record must \
             meet each"
                .to_owned(),
        )
        .schema(Some(string().examples([
            json!(format!("({first}:…,has.properties:true)")),
            json!(format!("(and({first}:…,created_from:2025-01),not.{first}:\"…\")")),
        ])))
        .build(),
    ]
}

/// Describes the parameter `facets`.
pub fn facets(fields: &Fields) -> Parameter {
    optional(
        FACETS.to_owned(),
        format!(
            "Adds `facets` to a page of JSON: for each of at most 5 fields, separated by commas, the 20 values that most records of the \
             whole list have, with their counts, and the number of values. Fields are {}",
            groups(fields)
        ),
    )
    .schema(Some(string().examples([json!(example(fields))])))
    .build()
}

/// Describes the parameters `by` and `measures`.
pub fn counts(fields: &Fields) -> Vec<Parameter> {
    let measures: Vec<String> = Measure::all(fields)
        .iter()
        .map(|measure| measure.name().to_owned())
        .collect();
    vec![
        optional(
            BY.to_owned(),
            format!(
                "One to {MOST_FIELDS} fields by which records are grouped, separated by commas: {}. Dates and moments are grouped by .year, \
                 .month or .day, by year if neither is given",
                groups(fields)
            ),
        )
        .required(Required::True)
        .schema(Some(string().examples([json!(example(fields))])))
        .build(),
        optional(
            MEASURES.to_owned(),
            format!(
                "What is counted in each group, separated by commas: {}. count if absent",
                measures.join(", ")
            ),
        )
        .schema(Some(string().examples([json!(measures.join(","))])))
        .build(),
    ]
}

/// Returns the names of the fields by which records are grouped.
fn groups(fields: &Fields) -> String {
    let names: Vec<&str> = fields
        .all()
        .map(|field| field.name)
        .filter(|name| Group::read(fields, name).is_ok())
        .collect();
    names.join(", ")
}

/// Returns the first fields that have codes or words.
fn example(fields: &Fields) -> String {
    let names: Vec<&str> = fields
        .all()
        .filter(|field| matches!(field.holds, Holds::Code(_) | Holds::Word))
        .map(|field| field.name)
        .take(2)
        .collect();
    if names.is_empty() {
        "version".to_owned()
    } else {
        names.join(",")
    }
}

fn exploded(
    name: &str,
    description: &str,
    names: Schema,
    values: ObjectBuilder,
    example: serde_json::Value,
) -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::Object)
        .property_names(Some(names))
        .additional_properties(Some(values))
        .examples([example]);
    optional(name.to_owned(), description.to_owned())
        .style(Some(ParameterStyle::Form))
        .explode(Some(true))
        .schema(Some(schema))
        .build()
}

fn optional(name: String, description: String) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
}

fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}
