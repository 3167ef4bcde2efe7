//! The fields of records: what a list can ask of each. One table of every kind stands behind `has.`, the periods and ranges of
//! values.

use crate::db::Statement;
use crate::query::parameters::stem_of_bounds;
use crate::resource::Kind;

/// Rows of a child table that belong to a record. Their alias is `part`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// The table.
    pub table: &'static str,
    /// Which of the rows they are, such as `part.role = 'target'`; empty for all of the record.
    pub condition: &'static str,
    /// How a row names its record.
    pub owner: Owner,
}

/// How a row of a child table names its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// By the column of the kind, such as `sanction_id`.
    Column,
    /// By a condition on both.
    Where(&'static str),
    /// By an expression of the record's id, where records of several kinds have such rows.
    Id(&'static str),
}

impl Parts {
    /// Returns all rows that a child table has of a record.
    pub const fn of(table: &'static str) -> Self {
        Self {
            table,
            condition: "",
            owner: Owner::Column,
        }
    }

    /// Returns the rows that meet a condition.
    pub const fn with(self, condition: &'static str) -> Self {
        Self { condition, ..self }
    }

    /// Returns the rows that name their record in another way.
    pub const fn owned(self, owner: Owner) -> Self {
        Self { owner, ..self }
    }
}

/// Where the values of a field are.
#[derive(Debug, Clone, Copy)]
pub enum Place {
    /// In a column of the record's table.
    Own,
    /// In a column of a child table: a record has any number of values.
    Parts(Parts),
    /// In an expression of its own, which may read `given.day`.
    Derived,
}

/// How the days that a partial date may mean are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days {
    /// In the columns `…_earliest` and `…_latest`.
    Stored,
    /// In these columns, with a GiST index on their range.
    Indexed,
    /// By the functions of partial dates.
    Computed,
}

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Texts.
    Text,
    /// Codes of an open vocabulary: its table.
    Code(&'static str),
    /// Words of a closed vocabulary.
    Word,
    /// Yes or no.
    Truth,
    /// Numbers.
    Number,
    /// Numbers of which the least and the most are known: columns `…_min` and `…_max`.
    Interval,
    /// Partial dates.
    Date(Days),
    /// Moments.
    Time,
    /// Ids of records.
    Reference(Kind),
    /// Properties.
    Properties,
}

/// A field of a record as lists know it.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The name in parameters: that of the filter, if there is one.
    pub name: &'static str,
    /// The field of the record's JSON, such as `measures.measure`.
    pub path: &'static str,
    /// Where the values are.
    pub place: Place,
    /// The column, quoted if need be; of a derived field the expression.
    column: &'static str,
    /// What the values are.
    pub holds: Holds,
    /// Whether a record has each value at most once.
    is_distinct: bool,
}

impl Field {
    /// Returns a field with the name of its column.
    pub const fn own(name: &'static str, holds: Holds) -> Self {
        Self::column(name, name, holds)
    }

    /// Returns a field whose column has another name.
    pub const fn column(name: &'static str, column: &'static str, holds: Holds) -> Self {
        Self {
            name,
            path: name,
            place: Place::Own,
            column,
            holds,
            is_distinct: true,
        }
    }

    /// Returns a field of the record's parts; `path` is its place in the record.
    pub const fn part(
        name: &'static str,
        path: &'static str,
        parts: Parts,
        column: &'static str,
        holds: Holds,
    ) -> Self {
        Self {
            name,
            path,
            place: Place::Parts(parts),
            column,
            holds,
            is_distinct: false,
        }
    }

    /// Returns a field that an expression computes; `path` is its place in the record.
    pub const fn derived(
        name: &'static str,
        path: &'static str,
        expression: &'static str,
        holds: Holds,
    ) -> Self {
        Self {
            name,
            path,
            place: Place::Derived,
            column: expression,
            holds,
            is_distinct: true,
        }
    }

    /// Returns the field with the promise of a constraint that a record has each value in one part only.
    pub const fn distinct(self) -> Self {
        Self {
            is_distinct: true,
            ..self
        }
    }

    /// Returns whether a record has each value at most once.
    pub const fn is_distinct(&self) -> bool {
        self.is_distinct
    }

    /// Returns the expressions of the first and the last day that a partial date may mean; `None` for other values.
    pub fn days(&self, alias: &str) -> Option<(String, String)> {
        let value = self.expression(alias);
        match self.holds {
            Holds::Date(Days::Stored | Days::Indexed) => {
                Some((format!("{value}_earliest"), format!("{value}_latest")))
            }
            Holds::Date(Days::Computed) => Some((
                format!("partial_date_earliest({value})"),
                format!("partial_date_latest({value})"),
            )),
            Holds::Text
            | Holds::Code(_)
            | Holds::Word
            | Holds::Truth
            | Holds::Number
            | Holds::Interval
            | Holds::Time
            | Holds::Reference(_)
            | Holds::Properties => None,
        }
    }

    /// Returns the expression of a value, where the record has this alias.
    pub fn expression(&self, alias: &str) -> String {
        match self.place {
            Place::Own => format!("{alias}.{}", self.column),
            Place::Parts(_) => format!("part.{}", self.column),
            Place::Derived => self.column.to_owned(),
        }
    }

    /// Returns whether the field is at this place of the record's JSON, or a part of what is there.
    pub fn covers(&self, path: &str) -> bool {
        let is_end = |end: &str| path.strip_prefix(self.path) == Some(end);
        path == self.path
            || path
                .strip_prefix(self.path)
                .is_some_and(|rest| rest.starts_with('.'))
            || (self.holds == Holds::Interval && (is_end("_min") || is_end("_max")))
    }

    /// Returns the two parameters that filter by a period or range of the field: `lifted_from` and `lifted_to` for `lifted_on`.
    /// `None` if its values have no order.
    pub fn bounds(&self) -> Option<(String, String)> {
        match self.holds {
            // The day of an event is its only one.
            Holds::Date(_) if self.name == "on" => Some(("from".to_owned(), "to".to_owned())),
            Holds::Date(_) | Holds::Time | Holds::Number | Holds::Interval => {
                let stem = stem_of_bounds(self.name);
                Some((format!("{stem}_from"), format!("{stem}_to")))
            }
            Holds::Text
            | Holds::Code(_)
            | Holds::Word
            | Holds::Truth
            | Holds::Reference(_)
            | Holds::Properties => None,
        }
    }
}

/// What the citations of a claim say.
const CITED: &[Field] = &[
    Field::part(
        "source",
        "citations.source",
        Parts::of("citations"),
        "source_id",
        Holds::Reference(Kind::Sources),
    ),
    Field::part(
        "stance",
        "citations.stance",
        Parts::of("citations"),
        "stance",
        Holds::Word,
    ),
    Field::part(
        "attributed_to",
        "citations.attributed_to",
        Parts::of("citations"),
        "attributed_to_id",
        Holds::Reference(Kind::Actors),
    ),
    Field::part(
        "citation.credibility",
        "citations.credibility",
        Parts::of("citations"),
        "credibility",
        Holds::Number,
    ),
    Field::part(
        "citation.locator",
        "citations.locator",
        Parts::of("citations"),
        "locator",
        Holds::Text,
    ),
    Field::part(
        "citation.quote",
        "citations.quote",
        Parts::of("citations"),
        "quote",
        Holds::Text,
    ),
];

/// The columns of every record.
const COMMON: &[Field] = &[
    Field::own("properties", Holds::Properties),
    Field::part(
        "external_keys",
        "external_keys",
        Parts::of("external_keys"),
        "scheme",
        Holds::Text,
    ),
    Field::own("version", Holds::Number),
    Field::own("created_at", Holds::Time),
    Field::own("updated_at", Holds::Time),
];

/// The fields of the records of a list.
#[derive(Debug)]
pub struct Fields {
    /// What the SQL calls a record.
    pub alias: &'static str,
    /// The kinds of its records.
    pub kinds: &'static [Kind],
    /// The fields of these records alone.
    pub own: &'static [Field],
    /// The parameters that change how filters count and that filter nothing alone.
    pub modifiers: &'static [&'static str],
}

impl Fields {
    /// Returns all fields: the own ones, and for records of one kind those that every such record has.
    pub fn all(&self) -> impl Iterator<Item = &'static Field> + use<> {
        let (cited, common): (&[Field], &[Field]) = match self.kinds {
            [Kind::Relationships | Kind::Sanctions | Kind::DiplomaticActions] => (CITED, COMMON),
            [Kind::Actors | Kind::Programmes | Kind::Sources] => (&[], COMMON),
            _ => (&[], &[]),
        };
        self.own.iter().chain(cited).chain(common)
    }

    /// Returns the field with a name.
    pub fn find(&self, name: &str) -> Option<&'static Field> {
        self.all().find(|field| field.name == name)
    }

    /// Returns the condition that a record has a value of the field. It is never null.
    pub fn has(&self, field: &Field) -> Statement {
        let value = field.expression(self.alias);
        self.where_one(
            field,
            Statement::new(match field.holds {
                Holds::Properties => format!("{value} <> '{{}}'"),
                Holds::Interval => format!("({value}_min is not null or {value}_max is not null)"),
                Holds::Text
                | Holds::Code(_)
                | Holds::Word
                | Holds::Truth
                | Holds::Number
                | Holds::Date(_)
                | Holds::Time
                | Holds::Reference(_) => format!("{value} is not null"),
            }),
        )
    }

    /// Returns the condition that one of a record's values of the field meets `condition`, which is about the field's expression.
    pub fn where_one(&self, field: &Field, condition: Statement) -> Statement {
        let Place::Parts(parts) = field.place else {
            return condition;
        };
        self.select_parts(parts).sql(" and (").append(condition).sql("))")
    }

    /// Returns the condition that a row of a child table belongs to the record.
    pub fn belongs(&self, parts: Parts) -> String {
        let alias = self.alias;
        let belongs = match parts.owner {
            Owner::Column => format!(
                "part.{} = {alias}.id",
                self.kinds.first().map_or("id", |kind| kind.column())
            ),
            Owner::Where(belongs) => belongs.to_owned(),
            Owner::Id(id) => format!("{id} = {alias}.id"),
        };
        if parts.condition.is_empty() {
            belongs
        } else {
            format!("{belongs} and {}", parts.condition)
        }
    }

    /// Returns `exists (select … where` or `… in (select … where`, open at its end, of the rows of a child table.
    fn select_parts(&self, parts: Parts) -> Statement {
        let table = parts.table;
        Statement::new(match parts.owner {
            Owner::Column | Owner::Where(_) => {
                format!(
                    "exists (select from {table} as part where {}",
                    self.belongs(parts)
                )
            }
            // The other way round an index of the child table is of no use.
            Owner::Id(id) => {
                let condition = if parts.condition.is_empty() {
                    "true"
                } else {
                    parts.condition
                };
                format!(
                    "{}.id in (select {id} from {table} as part where {condition}",
                    self.alias
                )
            }
        })
    }
}
