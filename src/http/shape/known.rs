//! The fields that the records of a list have, as the OpenAPI document describes them.

use std::any::TypeId;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use utoipa::ToSchema;
use utoipa::openapi::schema::{AdditionalProperties, ArrayItems};
use utoipa::openapi::{RefOr, Schema};

/// The fields of one type, and of the types of its fields.
pub struct Known {
    root: RefOr<Schema>,
    named: HashMap<String, RefOr<Schema>>,
}

/// What is below a field.
pub(super) enum Below<'k> {
    /// Nothing: it holds a text, a number or a truth
    Nothing,
    /// Fields with any names
    AnyNames,
    /// The fields of these names
    Fields(BTreeMap<&'k str, &'k RefOr<Schema>>),
}

impl fmt::Debug for Known {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Known")
    }
}

impl Known {
    /// Returns the fields of a type. They are read once.
    pub fn of<R: ToSchema + 'static>() -> Arc<Self> {
        static ALL: LazyLock<Mutex<HashMap<TypeId, Arc<Known>>>> = LazyLock::new(Mutex::default);
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        let known = all.entry(TypeId::of::<R>()).or_insert_with(|| {
            let mut named = Vec::new();
            R::schemas(&mut named);
            Arc::new(Self {
                root: R::schema(),
                named: named.into_iter().collect(),
            })
        });
        Arc::clone(known)
    }

    pub(super) fn root(&self) -> &RefOr<Schema> {
        &self.root
    }

    /// Returns whether the type has a field with this name.
    pub(super) fn has(&self, name: &str) -> bool {
        match self.below(&self.root) {
            Below::Fields(fields) => fields.contains_key(name),
            Below::Nothing | Below::AnyNames => false,
        }
    }

    /// Returns what is below a field: for a list, below its elements.
    pub(super) fn below<'k>(&'k self, field: &'k RefOr<Schema>) -> Below<'k> {
        let mut fields = BTreeMap::new();
        let mut any_names = false;
        self.collect(field, &mut fields, &mut any_names);
        if any_names {
            Below::AnyNames
        } else if fields.is_empty() {
            Below::Nothing
        } else {
            Below::Fields(fields)
        }
    }

    fn collect<'k>(
        &'k self,
        field: &'k RefOr<Schema>,
        fields: &mut BTreeMap<&'k str, &'k RefOr<Schema>>,
        any_names: &mut bool,
    ) {
        let schema = match field {
            RefOr::T(schema) => schema,
            RefOr::Ref(reference) => {
                let name = reference.ref_location.rsplit('/').next().unwrap_or_default();
                if let Some(named) = self.named.get(name) {
                    self.collect(named, fields, any_names);
                }
                return;
            }
        };
        match schema {
            Schema::Array(list) => {
                if let ArrayItems::RefOrSchema(element) = &list.items {
                    self.collect(element, fields, any_names);
                }
            }
            Schema::Object(object) => {
                fields.extend(
                    object
                        .properties
                        .iter()
                        .map(|(name, field)| (name.as_str(), field)),
                );
                *any_names |= match object.additional_properties.as_deref() {
                    Some(AdditionalProperties::RefOr(_) | AdditionalProperties::FreeForm(true)) => true,
                    Some(AdditionalProperties::FreeForm(false)) | None => false,
                };
            }
            Schema::OneOf(one) => one
                .items
                .iter()
                .for_each(|item| self.collect(item, fields, any_names)),
            Schema::AllOf(all) => all
                .items
                .iter()
                .for_each(|item| self.collect(item, fields, any_names)),
            Schema::AnyOf(any) => any
                .items
                .iter()
                .for_each(|item| self.collect(item, fields, any_names)),
            _ => {}
        }
    }
}
