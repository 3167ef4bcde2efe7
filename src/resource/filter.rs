//! Filters of lists of records.

use std::future::Future;

use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterIn};
use uuid::Uuid;

use super::fields::Fields;
use super::parameters::{self, BY, FACETS, MEASURES};
use crate::db::Db;
use crate::error::{Error, Result};
use crate::query::Conditions;
use crate::query::parameters::twice;
use crate::text::shorten;

/// The filters of the lists of one kind of record, read from query parameters.
pub trait Filter: DeserializeOwned + IntoParams + Default + 'static {
    /// The fields of the records, from which more filters follow.
    const FIELDS: &'static Fields;

    /// Returns the conditions that the filters put on records; `on` is the day that the request names.
    ///
    /// # Errors
    /// Malformed request if a value cannot be read; invalid if a code or reference does not exist.
    fn conditions(self, db: &Db, on: Option<NaiveDate>) -> impl Future<Output = Result<Conditions>>;

    /// Returns the day that statuses are computed for if the request does not name it by `on`; `None` for today.
    fn status_day(&self) -> Option<NaiveDate> {
        None
    }
}

/// Filters that also select the records of one actor.
pub trait ActorFilter: Filter {
    /// Describes the parameter `direction`, which only the list by actor has.
    type Direction: IntoParams;

    /// Returns the conditions of [`Filter::conditions`] and the condition that the actor takes part.
    ///
    /// # Errors
    /// Those of [`Filter::conditions`].
    fn conditions_by_actor(
        self,
        db: &Db,
        actor: Uuid,
        on: Option<NaiveDate>,
    ) -> impl Future<Output = Result<Conditions>>;
}

/// The filters that a list has: what its parameters are read into.
pub trait ListFilter: DeserializeOwned + IntoParams + 'static {
    /// The fields of the listed records, from which more filters follow. `None` if the list has none but its own.
    const FIELDS: Option<&'static Fields> = None;
    /// Parameters that filter nothing, and that the list reads by their name.
    const OTHERS: &'static [&'static str] = &[];
    /// Whether the list has pages of records, with `cursor` and `count`.
    const IS_PAGED: bool = true;
}

/// The filters `F` in a list by actor, where the parameter `direction` is known as well.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct ByActor<F>(pub F);

impl<F: ActorFilter> ListFilter for ByActor<F> {
    const FIELDS: Option<&'static Fields> = Some(F::FIELDS);
    const OTHERS: &'static [&'static str] = &[FACETS];
}

impl<F: ActorFilter> IntoParams for ByActor<F> {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = F::Direction::into_params(&parameter_in);
        parameters.extend(OfRecords::<F>::into_params(&parameter_in));
        parameters
    }
}

/// The filters `F` in a list of records, which are also filtered by what follows from their fields, by their properties, by
/// filters that operators join, and by full text.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct OfRecords<F>(pub F);

impl<F: Filter> ListFilter for OfRecords<F> {
    const FIELDS: Option<&'static Fields> = Some(F::FIELDS);
    const OTHERS: &'static [&'static str] = &[FACETS];
}

impl<F: Filter> IntoParams for OfRecords<F> {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = filters::<F>(&parameter_in);
        parameters.push(parameters::search(Required::False));
        parameters.push(parameters::facets(F::FIELDS));
        parameters
    }
}

/// The filters `F` of records that are counted.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct Counted<F>(pub F);

impl<F: Filter> ListFilter for Counted<F> {
    const FIELDS: Option<&'static Fields> = Some(F::FIELDS);
    const OTHERS: &'static [&'static str] = &[BY, MEASURES];
    const IS_PAGED: bool = false;
}

impl<F: Filter> IntoParams for Counted<F> {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = parameters::counts(F::FIELDS);
        parameters.extend(filters::<F>(&parameter_in));
        parameters.push(parameters::counted_search());
        parameters
    }
}

fn filters<F: Filter>(parameter_in: &impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
    let mut all = F::into_params(parameter_in);
    all.extend(parameters::bounds(F::FIELDS));
    all.push(parameters::property());
    all.extend(parameters::operators(F::FIELDS, &all));
    for parameter in &mut all {
        parameter.parameter_in = parameter_in().unwrap_or(ParameterIn::Query);
    }
    all
}

/// Reads filters from the names and values of parameters.
///
/// # Errors
/// Malformed request at the first parameter whose value is not one of its filter.
pub fn read<'p, F: DeserializeOwned>(pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> Result<F> {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        query.append_pair(name, value);
    }
    let query = query.finish();
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    serde_path_to_error::deserialize(serde_html_form::Deserializer::new(pairs)).map_err(|error| {
        let name = error
            .path()
            .iter()
            .next()
            .map(ToString::to_string)
            .unwrap_or_default();
        let detail = in_words(&name, &error.into_inner().to_string());
        Error::malformed(format!("?{name}"), detail)
    })
}

/// Returns serde's message about a filter in the words of the other faults.
fn in_words(name: &str, found: &str) -> String {
    if let Some((sent, allowed)) = found
        .strip_prefix("unknown variant `")
        .and_then(|rest| rest.rsplit_once("`, expected "))
    {
        let words: Vec<&str> = allowed.split('`').skip(1).step_by(2).collect();
        return format!(
            "{name} must be one of {}, not \"{}\"",
            words.join(", "),
            shorten(sent)
        );
    }
    match found {
        // Several values of a filter that takes one.
        "unsupported value" => twice(name),
        other => format!("{name} {other}"),
    }
}
