//! Filters of lists of records.

use std::future::Future;

use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};
use uuid::Uuid;

use crate::db::Db;
use crate::error::Result;
use crate::query::Conditions;

/// The filters of the lists of one kind of record, read from query parameters.
pub trait Filter: DeserializeOwned + IntoParams + Default + 'static {
    /// Returns the conditions that the filters put on records; `on` is the day that the request names.
    ///
    /// # Errors
    /// Malformed request if a value cannot be read; invalid if a code or reference does not exist.
    fn conditions(self, db: &Db, on: Option<NaiveDate>) -> impl Future<Output = Result<Conditions>>;
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

/// The filters `F` in a list by actor, where the parameter `direction` is known as well.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct ByActor<F>(pub F);

impl<F: ActorFilter> IntoParams for ByActor<F> {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = F::Direction::into_params(&parameter_in);
        parameters.extend(F::into_params(&parameter_in));
        parameters
    }
}
