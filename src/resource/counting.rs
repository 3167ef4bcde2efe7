//! Counts of the records of a list, grouped by fields. The SQL groups codes and ids, and only then looks up the labels of the
//! groups that are returned.

use chrono::NaiveDate;
use serde_json::Value;

use super::Kind;
use super::fields::{Field, Fields, Holds, Parts, Place};
use crate::db::Statement;
use crate::query::{Conditions, Selection};
use crate::text::near::did_you_mean;
use crate::text::shorten;

/// The most fields that counts are grouped by.
pub const MOST_FIELDS: usize = 3;

/// How long the periods are by which dates and moments are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Period {
    Year,
    Month,
    Day,
}

impl Period {
    const ALL: [Self; 3] = [Self::Year, Self::Month, Self::Day];

    const fn word(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::Month => "month",
            Self::Day => "day",
        }
    }

    /// Returns how PostgreSQL writes such a period.
    const fn format(self) -> &'static str {
        match self {
            Self::Year => "YYYY",
            Self::Month => "YYYY-MM",
            Self::Day => "YYYY-MM-DD",
        }
    }
}

/// A field by which records are grouped.
#[derive(Debug, Clone)]
pub struct Group {
    /// The name as the request writes it, such as `imposed_on.year`.
    pub name: String,
    field: &'static Field,
    period: Option<Period>,
}

impl Group {
    /// Returns the group with a name.
    ///
    /// # Errors
    /// What is wrong with the name if there is none.
    pub fn read(fields: &Fields, name: &str) -> Result<Self, String> {
        let has_periods = |field: &Field| matches!(field.holds, Holds::Date(_) | Holds::Time);
        let group = |field, period| Self {
            name: name.to_owned(),
            field,
            period,
        };
        if let Some(field) = fields.find(name) {
            return match field.holds {
                Holds::Interval | Holds::Properties => Err(format!(
                    "{name} is not one value that records could be grouped by"
                )),
                Holds::Date(_) | Holds::Time => Ok(group(field, Some(Period::Year))),
                Holds::Text
                | Holds::Code(_)
                | Holds::Word
                | Holds::Truth
                | Holds::Number
                | Holds::Reference(_) => Ok(group(field, None)),
            };
        }
        let of_period = Period::ALL.into_iter().find_map(|period| {
            let date = name.strip_suffix(period.word())?.strip_suffix('.')?;
            let field = fields.find(date).filter(|field| has_periods(field))?;
            Some(group(field, Some(period)))
        });
        of_period.ok_or_else(|| {
            let known: Vec<String> = fields
                .all()
                .filter(|field| !matches!(field.holds, Holds::Interval | Holds::Properties))
                .map(|field| match has_periods(field) {
                    true => format!("{}.year", field.name),
                    false => field.name.to_owned(),
                })
                .collect();
            format!(
                "\"{}\" is not a field; {}known are {}, and .month and .day where .year is",
                shorten(name),
                did_you_mean(name, known.iter().map(String::as_str)),
                known.join(", ")
            )
        })
    }

    /// Returns whether both have the same values: a date without a period is grouped by year.
    pub fn is_same(&self, other: &Self) -> bool {
        self.field.name == other.field.name && self.period == other.period
    }

    /// Returns whether its values are codes or ids, which have labels.
    pub fn has_label(&self) -> bool {
        matches!(self.field.holds, Holds::Code(_) | Holds::Reference(_))
    }

    /// Returns the expression of the value of a record, or of one of its parts.
    fn value(&self, alias: &str) -> String {
        let value = self.field.expression(alias);
        let Some(period) = self.period else {
            return value;
        };
        let word = period.word();
        match (self.field.days(alias), period) {
            // A date counts in a period if it is known to lie in it.
            (Some((earliest, latest)), Period::Day) => {
                format!("case when {earliest} = {latest} then {earliest} end")
            }
            (Some((earliest, latest)), Period::Year | Period::Month) => {
                let of = |day: &str| format!("date_trunc('{word}', {day}::timestamp)");
                let (first, last) = (of(&earliest), of(&latest));
                format!("case when {earliest} = {latest} or {first} = {last} then {first}::date end")
            }
            (None, Period::Year | Period::Month | Period::Day) => {
                format!("date_trunc('{word}', {value} at time zone 'UTC')::date")
            }
        }
    }

    /// Returns the expressions of what is shown of the value `column`: itself, and its label if it has one.
    fn shown(&self, column: &str) -> Vec<String> {
        let label = self.label(column);
        let value = match self.period {
            Some(period) => format!("to_char({column}, '{}')", period.format()),
            None => column.to_owned(),
        };
        std::iter::once(value).chain(label).collect()
    }

    /// Returns the expression of the label of the value `column`; `None` if it has none.
    fn label(&self, column: &str) -> Option<String> {
        match self.field.holds {
            Holds::Code(vocabulary) => Some(format!(
                "(select entry.label from {vocabulary} as entry where entry.code = {column})"
            )),
            Holds::Reference(kind) => Some(format!(
                "(select named.{} from {} as named where named.id = {column})",
                label_of(kind),
                kind.table()
            )),
            Holds::Text
            | Holds::Word
            | Holds::Truth
            | Holds::Number
            | Holds::Interval
            | Holds::Date(_)
            | Holds::Time
            | Holds::Properties => None,
        }
    }
}

/// Returns the column that names a record to people.
const fn label_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Programmes => "name",
        Kind::Actors | Kind::Relationships | Kind::Sanctions | Kind::DiplomaticActions | Kind::Sources => {
            match kind.name_field() {
                Some(field) => field,
                None => "id",
            }
        }
    }
}

/// What is counted in each group.
#[derive(Debug, Clone)]
pub enum Measure {
    /// The records.
    Records,
    /// The different actors of a field.
    Actors {
        /// The name, such as `targets`.
        name: String,
        /// The field.
        field: &'static Field,
    },
}

impl Measure {
    /// The name of the number of records.
    pub const COUNT: &str = "count";

    /// Returns the measure with a name.
    ///
    /// # Errors
    /// What is wrong with the name if there is none.
    pub fn read(fields: &Fields, name: &str) -> Result<Self, String> {
        let all = Self::all(fields);
        let known: Vec<String> = all.iter().map(|measure| measure.name().to_owned()).collect();
        all.into_iter()
            .find(|measure| measure.name() == name)
            .ok_or_else(|| {
                format!(
                    "\"{}\" is not a measure; {}known are {}",
                    shorten(name),
                    did_you_mean(name, known.iter().map(String::as_str)),
                    known.join(", ")
                )
            })
    }

    /// Returns all measures of the records of a list.
    pub fn all(fields: &Fields) -> Vec<Self> {
        let actors = fields
            .all()
            .filter(|field| field.holds == Holds::Reference(Kind::Actors) && !field.name.contains('_'))
            .map(|field| Self::Actors {
                name: format!("{}s", field.name),
                field,
            });
        std::iter::once(Self::Records).chain(actors).collect()
    }

    /// Returns the name.
    pub fn name(&self) -> &str {
        match self {
            Self::Records => Self::COUNT,
            Self::Actors { name, .. } => name,
        }
    }
}

/// What groups are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ordered {
    /// The values of a field: its index in `by`.
    Value(usize),
    /// Their labels.
    Label(usize),
    /// A measure: its index in `measures`.
    Measure(usize),
}

impl Ordered {
    /// Returns the column of the select of groups.
    fn column(self) -> String {
        match self {
            Self::Value(index) => format!("by_{index}"),
            Self::Label(index) => format!("label_{index}"),
            Self::Measure(index) => format!("measure_{index}"),
        }
    }
}

/// A select of counts.
#[derive(Debug, Clone)]
pub struct Counting {
    /// The fields by which records are grouped.
    pub by: Vec<Group>,
    /// What is counted.
    pub measures: Vec<Measure>,
    /// The order of the groups, and whether it is descending. The rest of `by` follows.
    pub order: Vec<(Ordered, bool)>,
}

/// Rows of one child table, joined to the records.
struct Join {
    parts: Parts,
    values: Vec<String>,
    /// Whether a record has at most one row for each combination of the values.
    is_distinct: bool,
}

impl Join {
    /// Returns the expression of a value, which is joined if it is not there yet.
    fn value(joins: &mut Vec<Self>, parts: Parts, value: String, is_distinct: bool) -> String {
        let index = match joins.iter().position(|join| join.parts == parts) {
            Some(index) => index,
            None => {
                joins.push(Self {
                    parts,
                    values: Vec::new(),
                    is_distinct: false,
                });
                joins.len() - 1
            }
        };
        let join = &mut joins[index];
        join.values.push(value);
        join.is_distinct |= is_distinct;
        format!("parts_{index}.value_{}", join.values.len() - 1)
    }
}

impl Counting {
    /// Returns the statement of the counts of the records of `selection` that meet the conditions. Its rows have a column `record`: an
    /// array of the values and labels of `by` and of the measures, in this order; and a column `groups`, the number of all groups. Without
    /// a limit `groups` is 0.
    pub fn statement(
        &self,
        fields: &Fields,
        selection: &Selection,
        conditions: Conditions,
        on: NaiveDate,
        limit: Option<i64>,
    ) -> Statement {
        let mut joins: Vec<Join> = Vec::new();
        let mut columns: Vec<String> = Vec::new();
        for (index, group) in self.by.iter().enumerate() {
            let value = group.value(fields.alias);
            let value = match group.field.place {
                Place::Parts(parts) => Join::value(&mut joins, parts, value, group.field.is_distinct()),
                Place::Own | Place::Derived => value,
            };
            columns.push(format!("{value} as by_{index}"));
        }
        let actors: Vec<Option<String>> = self
            .measures
            .iter()
            .map(|measure| match measure {
                Measure::Records => None,
                Measure::Actors { field, .. } => {
                    let value = field.expression(fields.alias);
                    Some(match field.place {
                        Place::Parts(parts) => Join::value(&mut joins, parts, value, false),
                        Place::Own | Place::Derived => value,
                    })
                }
            })
            .collect();
        let joins_of_measures = joins.iter().any(|join| !join.is_distinct);
        for (index, actor) in actors.into_iter().enumerate() {
            let count = match actor {
                Some(actor) => format!("count(distinct {actor})"),
                // A record counts once, however many of its parts are alike.
                None if joins_of_measures => format!("count(distinct {})", selection.id),
                None => "count(*)".to_owned(),
            };
            columns.push(format!("{count} as measure_{index}"));
        }
        let joins: String = joins
            .iter()
            .enumerate()
            .map(|(index, join)| {
                let named = join.values.iter().enumerate();
                let values: Vec<String> = named
                    .map(|(index, value)| format!("{value} as value_{index}"))
                    .collect();
                // A record counts under null if none of its parts has a value.
                let has_value: Vec<String> = join
                    .values
                    .iter()
                    .map(|value| format!("{value} is not null"))
                    .collect();
                format!(
                    " left join lateral (select {} from {} as part where {} and ({})) as parts_{index} on true",
                    values.join(", "),
                    join.parts.table,
                    fields.belongs(join.parts),
                    has_value.join(" or ")
                )
            })
            .collect();
        let columns = columns.join(", ");
        let positions: Vec<String> = (1..=self.by.len()).map(|position| position.to_string()).collect();
        let order = self.order_sql();
        // The day is a constant here, and no join, which would cost a third of a count of statuses. `selection.with` follows an
        // expression of this name.
        let mut statement = Statement::new("with given (day) as (select ")
            .bind(on)
            .sql("::date)")
            .append(selection.with.clone())
            .sql(format!(
                ", grouped as (select {columns} from {} cross join (select ",
                selection.from
            ))
            .bind(on)
            .sql(format!("::date) as given (day){joins}"))
            .append(conditions.into_where())
            .sql(format!(
                " group by {}), labelled as (select grouped.*{} from grouped), shown as (select labelled.*, ",
                positions.join(", "),
                self.labels_of_order()
            ));
        statement = match limit {
            Some(limit) => statement
                .sql(format!(
                    "count(*) over () as groups from labelled order by {order} limit "
                ))
                .bind(limit),
            None => statement.sql("0::bigint as groups from labelled"),
        };
        let shown = self
            .by
            .iter()
            .enumerate()
            .flat_map(|(index, group)| group.shown(&format!("shown.by_{index}")));
        let measures = (0..self.measures.len()).map(|index| format!("shown.measure_{index}"));
        let shown: Vec<String> = shown.chain(measures).collect();
        statement.sql(format!(
            ") select json_build_array({})::text as record, null::text as included, shown.groups from shown order by {order}",
            shown.join(", ")
        ))
    }

    /// Returns the columns of the labels that groups are sorted by.
    fn labels_of_order(&self) -> String {
        self.order
            .iter()
            .filter_map(|(ordered, _)| match ordered {
                Ordered::Label(index) => {
                    let label = self.by[*index].label(&format!("grouped.by_{index}"))?;
                    Some(format!(", {label} as {}", ordered.column()))
                }
                Ordered::Value(_) | Ordered::Measure(_) => None,
            })
            .collect()
    }

    fn order_sql(&self) -> String {
        let largest_first = [(Ordered::Measure(0), true)];
        let named = if self.order.is_empty() {
            &largest_first[..]
        } else {
            &self.order
        };
        let rest = (0..self.by.len())
            .map(|index| (Ordered::Value(index), false))
            .filter(|(value, _)| named.iter().all(|(other, _)| other != value));
        let terms: Vec<String> = named
            .iter()
            .copied()
            .chain(rest)
            .map(|(ordered, descending)| {
                let direction = if descending { " desc" } else { "" };
                format!("{}{direction} nulls last", ordered.column())
            })
            .collect();
        terms.join(", ")
    }

    /// Returns what groups can be sorted by: each column of a row.
    pub fn orders(by: &[Group], measures: &[Measure]) -> Vec<(String, Ordered)> {
        let values = by.iter().enumerate().flat_map(|(index, group)| {
            let label = group
                .has_label()
                .then(|| (format!("{}.label", group.name), Ordered::Label(index)));
            std::iter::once((group.name.clone(), Ordered::Value(index))).chain(label)
        });
        let measures = measures.iter().enumerate();
        values
            .chain(measures.map(|(index, measure)| (measure.name().to_owned(), Ordered::Measure(index))))
            .collect()
    }

    /// Returns the names of the values of a row. A label has the name of its field and `.label`.
    pub fn columns(&self) -> Vec<String> {
        let all = Self::orders(&self.by, &self.measures);
        all.into_iter().map(|(name, _)| name).collect()
    }
}

/// A value of a field and how many records have it.
#[derive(Debug, Clone, PartialEq)]
pub struct FacetRow {
    /// The value; null for the records without one.
    pub value: Value,
    /// Its label; `None` if values of the field have none.
    pub label: Option<Value>,
    /// How many records have it.
    pub count: i64,
}

impl FacetRow {
    /// Reads a row of a counting by one field.
    pub fn read(mut row: Vec<Value>) -> Option<Self> {
        let count = row.pop()?.as_i64()?;
        let mut values = row.into_iter();
        Some(Self {
            value: values.next()?,
            label: values.next(),
            count,
        })
    }
}
