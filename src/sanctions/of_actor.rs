//! The sanctions of one actor, received and imposed: the list's filters with a direction added.

use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::db::{Db, Statement};
use crate::error::Result;
use crate::query::Conditions;
use crate::sanctions::filter::{self, SanctionFilter};

/// At which end of a sanction an actor stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// The actor is the target
    Received,
    /// The actor is the imposer
    Imposed,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameter, which is read with the others")]
struct DirectionParameter {
    /// Sanctions that the actor received, or imposed; both when absent
    #[param(inline)]
    direction: Option<Direction>,
}

/// Filters of a list of one actor's sanctions.
#[derive(Debug, Default)]
pub struct ActorSanctionFilter {
    direction: Vec<Direction>,
    filter: SanctionFilter,
}

impl ActorSanctionFilter {
    pub async fn conditions(self, db: &Db, actor: Uuid) -> Result<Conditions> {
        let counted = self.filter.counted;
        let is_wanted = |direction| self.direction.is_empty() || self.direction.contains(&direction);
        let received = || filter::imposed_on(vec![actor], counted);
        let imposed = || filter::imposed_by(vec![actor], counted);
        let mine = match (is_wanted(Direction::Received), is_wanted(Direction::Imposed)) {
            (true, false) => received(),
            (false, true) => imposed(),
            // A union, because an "or" of the two would find neither index.
            (true, true) | (false, false) => {
                Statement::new("sanction.id in (select sanction.id from sanctions as sanction where ")
                    .append(received())
                    .sql(" union select sanction.id from sanctions as sanction where ")
                    .append(imposed())
                    .sql(")")
            }
        };
        let mut conditions = self.filter.conditions(db).await?;
        conditions.add(mine);
        Ok(conditions)
    }
}

impl IntoParams for ActorSanctionFilter {
    fn into_params(parameter_in: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let mut parameters = DirectionParameter::into_params(&parameter_in);
        parameters.extend(SanctionFilter::into_params(&parameter_in));
        parameters
    }
}

impl<'de> Deserialize<'de> for ActorSanctionFilter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        // Not serde's flatten: that forgets which parameters are lists.
        struct Parameters;

        impl<'de> Visitor<'de> for Parameters {
            type Value = ActorSanctionFilter;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("query parameters")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> std::result::Result<Self::Value, A::Error> {
                let mut direction = Vec::new();
                let rest = WithoutDirection {
                    map,
                    direction: &mut direction,
                };
                let filter = SanctionFilter::deserialize(MapAccessDeserializer::new(rest))?;
                Ok(ActorSanctionFilter { direction, filter })
            }
        }

        deserializer.deserialize_map(Parameters)
    }
}

/// The parameters but for direction, which is kept aside.
struct WithoutDirection<'d, A> {
    map: A,
    direction: &'d mut Vec<Direction>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for WithoutDirection<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> std::result::Result<Option<K::Value>, A::Error> {
        while let Some(name) = self.map.next_key::<String>()? {
            if name == "direction" {
                *self.direction = self.map.next_value()?;
            } else {
                return seed.deserialize(name.into_deserializer()).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> std::result::Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}
