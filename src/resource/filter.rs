//! Filters of lists of records.

use std::future::Future;

use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use utoipa::IntoParams;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn, ParameterStyle};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
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

/// The filters `F` in a list by actor, where the parameter `direction` is known as well.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct ByActor<F>(pub F);

impl<F: ActorFilter> IntoParams for ByActor<F> {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = F::Direction::into_params(&parameter_in);
        parameters.extend(OfRecords::<F>::into_params(&parameter_in));
        parameters
    }
}

/// The parameter that stands for all filters by a property.
pub const PROPERTY: &str = "property";

/// The filters `F` in a list of records, which are also filtered by their properties.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct OfRecords<F>(pub F);

impl<F: IntoParams> IntoParams for OfRecords<F> {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = F::into_params(&parameter_in);
        parameters.push(property_parameter(parameter_in().unwrap_or(ParameterIn::Query)));
        parameters
    }
}

/// Describes the parameters `property.<name>`. In OpenAPI they are the fields of one exploded object.
fn property_parameter(parameter_in: ParameterIn) -> Parameter {
    let text = |pattern: &str| {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(pattern))
    };
    let fields = ObjectBuilder::new()
        .schema_type(Type::Object)
        .property_names(Some(Schema::from(text(r"^property\..+$"))))
        .additional_properties(Some(ObjectBuilder::new().schema_type(Type::String)))
        .examples([json!({"property.gender": "female"})]);
    ParameterBuilder::new()
        .name(PROPERTY)
        .parameter_in(parameter_in)
        .required(Required::False)
        .style(Some(ParameterStyle::Form))
        .explode(Some(true))
        .description(Some(
            "Values of properties, each written property.<name>=<value>, such as property.gender=female. <name> is a code of the \
             vocabulary property_names, or another name that a record here has. Capitals, accents and hyphens of a text do not \
             matter; a date matches every date that may mean the same day. Repeat one for several values; different names mean AND",
        ))
        .schema(Some(fields))
        .build()
}
