//! Operators that negate and join the filters of a list: `not.`, `all.`, `has.` and `or`. Each operand is read and looked up as
//! if it were the whole query, so that an operator works on every filter alike.

mod group;
mod known;

use chrono::NaiveDate;

use self::group::{Item, Joined, MOST_ITEMS, Named};
pub use self::known::Known;
use self::known::property_of;
use super::fields::{Field, Fields};
use super::filter::{self, Filter};
use super::parameters::{ALL, HAS, NOT, OR};
use super::properties::{PropertyConditions, PropertyFilter};
use super::ranges;
use crate::db::{Db, Statement};
use crate::error::{Error, Fault, Problem, Result};
use crate::query::Conditions;
use crate::query::parameters::{given_twice, truth, without_value};
use crate::text::clean;

/// The most values of `all.<filter>` in a request.
const MOST_ALL: usize = 20;

type Pair = (String, String);

/// Parameters of a list beside those that its filter type reads.
#[derive(Debug, Default)]
pub struct Operands {
    /// What changes how filters count, also those within operators.
    modifiers: Vec<Pair>,
    /// Properties, periods and ranges that are not within an operator.
    plain: Vec<Pair>,
    joined: Vec<Operand>,
    /// How many items the groups of the request have.
    items: usize,
}

/// The value of one parameter that is an operator.
#[derive(Debug)]
struct Operand {
    /// The parameter.
    name: String,
    node: Node,
}

#[derive(Debug)]
enum Node {
    Leaf(Leaf),
    Not(Box<Node>),
    Joined(Joined, Vec<Node>),
}

/// What is looked up at once.
#[derive(Debug)]
enum Leaf {
    /// Filters as they would be given alone, of which a record must meet all.
    Filters(Vec<Pair>),
    /// Whether the record has a value of the field.
    Has(&'static Field),
    /// Whether the record has the property.
    HasProperty(String),
}

impl Node {
    fn not(self) -> Self {
        Self::Not(Box::new(self))
    }

    fn leaves<'n>(&'n self, leaves: &mut Vec<&'n Leaf>) {
        match self {
            Self::Leaf(leaf) => leaves.push(leaf),
            Self::Not(node) => node.leaves(leaves),
            Self::Joined(_, nodes) => nodes.iter().for_each(|node| node.leaves(leaves)),
        }
    }

    /// Returns the condition; `leaves` has those of the leaves, in their order.
    fn condition(&self, leaves: &mut impl Iterator<Item = Statement>) -> Statement {
        match self {
            Self::Leaf(_) => leaves.next().unwrap_or_default(),
            // What is not known counts as not met.
            Self::Not(node) => Statement::new("not coalesce((")
                .append(node.condition(leaves))
                .sql("), false)"),
            Self::Joined(joined, nodes) => {
                let (neutral, operator) = match joined {
                    Joined::And => ("true", " and ("),
                    Joined::Or => ("false", " or ("),
                };
                nodes.iter().fold(Statement::new(neutral), |all, node| {
                    all.sql(operator).append(node.condition(leaves)).sql(")")
                })
            }
        }
    }
}

impl Operands {
    /// Takes a parameter unless it is one that the filter type of the list reads; returns whether it was taken.
    ///
    /// # Errors
    /// Malformed request if the parameter names no filter or field, its value can't be read, or the request has too many operands.
    pub fn take(&mut self, known: &Known<'_>, name: &str, value: &str) -> Result<bool> {
        let pair = || (name.to_owned(), value.to_owned());
        if name == OR {
            let group = self.group(known, name, value)?;
            self.add(name, group);
        } else if let Some(operand) = operand_of(name, NOT) {
            if operand == OR {
                let group = self.group(known, name, value)?;
                self.add(name, group.not());
            } else {
                self.not(known, name, (operand.to_owned(), value.to_owned()))?;
            }
        } else if let Some(filter) = operand_of(name, ALL) {
            let leaf = filters(known, ALL, (filter.to_owned(), value.to_owned()))
                .map_err(|detail| fault(name, &detail))?;
            if self
                .joined
                .iter()
                .filter(|operand| operand_of(&operand.name, ALL).is_some())
                .count()
                == MOST_ALL
            {
                return Err(fault(
                    name,
                    &format!(
                        "is value {} of all.<filter>; at most {MOST_ALL} are allowed in a request",
                        MOST_ALL + 1
                    ),
                ));
            }
            self.add(name, Node::Leaf(leaf));
        } else if let Some(field) = operand_of(name, HAS) {
            if self.joined.iter().any(|operand| operand.name == name) {
                return Err(given_twice(name));
            }
            let leaf = Node::Leaf(has(known, field).map_err(|detail| fault(name, &detail))?);
            let node = if truth(name, value)? { leaf } else { leaf.not() };
            self.add(name, node);
        } else if ranges::is_bound(known.fields, name) {
            self.plain.push(pair());
        } else if property_of(name).is_some() {
            self.plain.push((property_name(name)?, value.to_owned()));
        } else {
            if known.fields.modifiers.contains(&name) {
                self.modifiers.push(pair());
            }
            return Ok(false);
        }
        Ok(true)
    }

    fn add(&mut self, name: &str, node: Node) {
        self.joined.push(Operand {
            name: name.to_owned(),
            node,
        });
    }

    /// Adds a value of `not.<filter>`: with others of the same filter it is one filter, which finds each of them.
    fn not(&mut self, known: &Known<'_>, name: &str, pair: Pair) -> Result<()> {
        let Leaf::Filters(mut pairs) = filters(known, NOT, pair).map_err(|detail| fault(name, &detail))?
        else {
            return Ok(());
        };
        for operand in &mut self.joined {
            if operand.name == name
                && let Node::Not(node) = &mut operand.node
                && let Node::Leaf(Leaf::Filters(others)) = &mut **node
            {
                others.append(&mut pairs);
                return Ok(());
            }
        }
        self.add(name, Node::Leaf(Leaf::Filters(pairs)).not());
        Ok(())
    }

    /// Returns the filters of a group in parentheses, of which a record must meet one.
    fn group(&mut self, known: &Known<'_>, name: &str, value: &str) -> Result<Node> {
        let mut room = MOST_ITEMS - self.items;
        let items = group::read(value, &mut room)
            .and_then(|items| joined(known, Joined::Or, items))
            .map_err(|detail| fault(name, &detail))?;
        self.items = MOST_ITEMS - room;
        Ok(items)
    }

    /// Returns the conditions of a list: those of its plain filters, and those of the operands.
    ///
    /// # Errors
    /// The faults of `plain` and of all operands together, each with the parameter as it was sent; those of [`Filter::conditions`].
    pub async fn join<F: Filter>(
        self,
        plain: Result<Conditions>,
        db: &Db,
        on: Option<NaiveDate>,
    ) -> Result<Conditions> {
        let mut faults = Vec::new();
        let mut conditions = keep(plain, &mut faults)?.unwrap_or_default();
        let more = more_conditions::<F>(&self.plain, db).await;
        for condition in keep(more, &mut faults)?.unwrap_or_default() {
            conditions.add(condition);
        }
        for Operand { name, node } in self.joined {
            let mut leaves = Vec::new();
            node.leaves(&mut leaves);
            let mut statements = Vec::with_capacity(leaves.len());
            for leaf in leaves {
                let statement = leaf_condition::<F>(leaf, &self.modifiers, db, on)
                    .await
                    .map_err(|error| of_operand(error, &name));
                statements.push(keep(statement, &mut faults)?.unwrap_or_default());
            }
            conditions.add(node.condition(&mut statements.into_iter()));
        }
        if faults.is_empty() {
            Ok(conditions)
        } else {
            Err(Error::faults(faults))
        }
    }
}

/// Returns what stands after an operator and a point.
fn operand_of<'n>(name: &'n str, operator: &str) -> Option<&'n str> {
    name.strip_prefix(operator)?.strip_prefix('.')
}

fn fault(name: &str, detail: &str) -> Error {
    Error::malformed(format!("?{name}"), format!("{name}: {detail}"))
}

/// Returns the name of a parameter by a property as properties are named: without what a line may not have.
fn property_name(name: &str) -> Result<String> {
    clean::line(name)
        .map(std::borrow::Cow::into_owned)
        .map_err(|refused| Error::malformed(format!("?{name}"), format!("{name} {refused}")))
}

/// Returns the question whether a record has a value of a field or of a property; what is wrong with its name if there is none.
fn has(known: &Known<'_>, name: &str) -> Result<Leaf, String> {
    match property_of(name) {
        Some(property) if known.fields.find(name).is_none() => Ok(Leaf::HasProperty(property.to_owned())),
        Some(_) | None => known.field(name).map(Leaf::Has),
    }
}

/// Returns the leaf of one filter, which `operator` negates or repeats; what is wrong with its name if it is none.
fn filters(known: &Known<'_>, operator: &str, (name, value): Pair) -> Result<Leaf, String> {
    if !known.is_filter(&name) {
        return Err(known.no_filter(operator, &name));
    }
    let name = property_name(&name).map_err(|error| error.detail().to_owned())?;
    Ok(Leaf::Filters(vec![(name, value)]))
}

/// Returns the items of a group. Filters that must all be met are one leaf, as they are one query outside of groups: `source` and
/// `stance` ask for one citation. A name that is there already begins another leaf, so that a record must meet both values.
fn joined(known: &Known<'_>, how: Joined, items: Vec<Item>) -> Result<Node, String> {
    let mut nodes: Vec<Node> = Vec::with_capacity(items.len());
    for item in items {
        match (how, node(known, item)?) {
            (Joined::And, Node::Leaf(Leaf::Filters(mut pairs))) => {
                let is_free = |others: &[Pair]| {
                    pairs
                        .iter()
                        .all(|(name, _)| others.iter().all(|(other, _)| other != name))
                };
                let free = nodes.iter_mut().find_map(|node| match node {
                    Node::Leaf(Leaf::Filters(others)) => is_free(others).then_some(others),
                    Node::Leaf(Leaf::Has(_) | Leaf::HasProperty(_)) | Node::Not(_) | Node::Joined(..) => None,
                });
                match free {
                    Some(others) => others.append(&mut pairs),
                    None => nodes.push(Node::Leaf(Leaf::Filters(pairs))),
                }
            }
            (Joined::And | Joined::Or, node) => nodes.push(node),
        }
    }
    Ok(Node::Joined(how, nodes))
}

fn node(known: &Known<'_>, item: Item) -> Result<Node, String> {
    match item {
        Item::Not(item) => Ok(node(known, *item)?.not()),
        Item::Group(how, items) => joined(known, how, items),
        Item::Filter(Named { name, value, at }) => {
            let placed = |detail: String| format!("letter {at}: {detail}");
            match operand_of(&name, HAS) {
                Some(field) => {
                    let leaf = Node::Leaf(has(known, field).map_err(placed)?);
                    let has = truth(&name, &value).map_err(|error| placed(error.detail().to_owned()))?;
                    Ok(if has { leaf } else { leaf.not() })
                }
                None => {
                    let is_empty = value.is_empty();
                    let leaf = filters(known, OR, (name.clone(), value)).map_err(placed)?;
                    if is_empty {
                        return Err(placed(without_value(&name)));
                    }
                    Ok(Node::Leaf(leaf))
                }
            }
        }
    }
}

/// Returns the value, or `None` after adding the faults of an error that is nothing but faults.
fn keep<T>(result: Result<T>, faults: &mut Vec<Fault>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.problem() == Problem::InvalidRecord && !error.fault_list().is_empty() => {
            faults.extend_from_slice(error.fault_list());
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Lets the faults of an operand point to the parameter that has it. Those of a group name the filter.
fn of_operand(error: Error, name: &str) -> Error {
    let is_group = name == OR || operand_of(name, NOT) == Some(OR);
    let is_malformed = error.problem() == Problem::MalformedRequest;
    let faults: Vec<Fault> = error
        .fault_list()
        .iter()
        .map(|fault| {
            let filter = fault.pointer.trim_start_matches('?');
            let detail = if is_group && !fault.detail.starts_with(filter) {
                format!("{filter}: {}", fault.detail)
            } else {
                fault.detail.clone()
            };
            Fault::new(format!("?{name}"), detail)
        })
        .collect();
    if faults.is_empty() {
        error
    } else if is_malformed {
        let detail = format!("{name}: {}", error.detail());
        Error::new(Problem::MalformedRequest, detail).with_faults(faults)
    } else {
        Error::faults(faults)
    }
}

async fn leaf_condition<F: Filter>(
    leaf: &Leaf,
    modifiers: &[Pair],
    db: &Db,
    on: Option<NaiveDate>,
) -> Result<Statement> {
    match leaf {
        Leaf::Has(field) => Ok(F::FIELDS.has(field)),
        Leaf::HasProperty(name) => {
            let mut filter = PropertyFilter::default();
            filter.add_presence(name);
            let conditions = filter.conditions(db, F::FIELDS.kinds).await?;
            Ok(of_properties(F::FIELDS, &conditions))
        }
        Leaf::Filters(pairs) => {
            let (more, own): (Vec<Pair>, Vec<Pair>) = pairs
                .iter()
                .cloned()
                .partition(|(name, _)| property_of(name).is_some() || ranges::is_bound(F::FIELDS, name));
            let mut conditions = if own.is_empty() {
                Conditions::default()
            } else {
                let pairs = own.iter().chain(modifiers);
                let filter: F = filter::read(pairs.map(|(name, value)| (name.as_str(), value.as_str())))?;
                filter.conditions(db, on).await?
            };
            for condition in more_conditions::<F>(&more, db).await? {
                conditions.add(condition);
            }
            Ok(conditions.all())
        }
    }
}

/// Returns the conditions of properties, periods and ranges.
async fn more_conditions<F: Filter>(pairs: &[Pair], db: &Db) -> Result<Vec<Statement>> {
    let mut conditions = ranges::conditions(F::FIELDS, pairs)?;
    let mut filter = PropertyFilter::default();
    for (name, value) in pairs {
        if let Some(property) = property_of(name) {
            filter.add(property, value);
        }
    }
    let properties = filter.conditions(db, F::FIELDS.kinds).await?;
    if !properties.is_empty() {
        conditions.push(of_properties(F::FIELDS, &properties));
    }
    Ok(conditions)
}

/// Returns the condition that a record of the list has the properties.
fn of_properties(fields: &Fields, properties: &PropertyConditions) -> Statement {
    let alias = fields.alias;
    if let [_] = fields.kinds {
        return properties.all(alias);
    }
    fields
        .kinds
        .iter()
        .fold(
            Statement::new(format!("{alias}.id in (select null::uuid where false")),
            |union, kind| {
                union
                    .sql(format!(
                        " union all select record.id from {} as record where ",
                        kind.table()
                    ))
                    .append(properties.all("record"))
            },
        )
        .sql(")")
}
