//! How records are named: by id, by natural key (`iso3166:CO`, `passport:CO:AB123`,
//! `programme:GLOMAG`, any external key), by the object that an answer holds, or, within one batch,
//! by the name that an earlier operation gave (`@petro`). Every place that names a record uses this.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use diesel::QueryableByName;
use diesel::sql_types;
use serde::{Deserialize, Deserializer, Serialize, de};
use utoipa::ToSchema;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, OneOfBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use uuid::Uuid;

use crate::db::{Db, Statement, Write};
use crate::error::{Error, Fault, Result};
use crate::validation::Faults;

/// The six resources that hold records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub enum Resource {
    #[serde(rename = "actors")]
    Actors,
    #[serde(rename = "relationships")]
    Relationships,
    #[serde(rename = "programmes")]
    Programmes,
    #[serde(rename = "sanctions")]
    Sanctions,
    #[serde(rename = "diplomatic-actions")]
    DiplomaticActions,
    #[serde(rename = "sources")]
    Sources,
}

impl Resource {
    pub const ALL: [Self; 6] = [
        Self::Actors,
        Self::Relationships,
        Self::Programmes,
        Self::Sanctions,
        Self::DiplomaticActions,
        Self::Sources,
    ];

    /// As it stands in addresses.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Actors => "actors",
            Self::Relationships => "relationships",
            Self::Programmes => "programmes",
            Self::Sanctions => "sanctions",
            Self::DiplomaticActions => "diplomatic-actions",
            Self::Sources => "sources",
        }
    }

    pub const fn table(self) -> &'static str {
        match self {
            Self::DiplomaticActions => "diplomatic_actions",
            other => other.path(),
        }
    }

    /// One record of it, as a person says it.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Actors => "actor",
            Self::Relationships => "relationship",
            Self::Programmes => "programme",
            Self::Sanctions => "sanction",
            Self::DiplomaticActions => "diplomatic action",
            Self::Sources => "source",
        }
    }

    /// The column by which a child table (external keys, citations) names one of its records.
    pub const fn column(self) -> &'static str {
        match self {
            Self::Actors => "actor_id",
            Self::Relationships => "relationship_id",
            Self::Programmes => "programme_id",
            Self::Sanctions => "sanction_id",
            Self::DiplomaticActions => "action_id",
            Self::Sources => "source_id",
        }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.path())
    }
}

/// A record as a request names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    Id(Uuid),
    Key {
        scheme: String,
        value: String,
    },
    Handle(String),
    /// Neither of these; kept so that it is told with the other faults.
    Unreadable(String),
}

impl Reference {
    pub fn parse(text: &str) -> Self {
        if let Some(handle) = text.strip_prefix('@') {
            return Self::Handle(handle.to_owned());
        }
        if let Ok(id) = Uuid::try_parse(text) {
            return Self::Id(id);
        }
        match text.split_once(':') {
            Some((scheme, value)) if !scheme.is_empty() && !value.is_empty() => Self::Key {
                scheme: scheme.to_owned(),
                value: value.to_owned(),
            },
            _ => Self::Unreadable(text.to_owned()),
        }
    }
}

impl Reference {
    /// A key in the capitals that it is mostly written in: a scheme has none, a value has all or none.
    fn other_spellings(&self) -> Vec<Self> {
        let Self::Key { scheme, value } = self else {
            return Vec::new();
        };
        let mut spellings: Vec<Self> = Vec::new();
        for value in [value.clone(), value.to_uppercase(), value.to_lowercase()] {
            let spelling = Self::Key {
                scheme: scheme.to_lowercase(),
                value,
            };
            if spelling != *self && !spellings.contains(&spelling) {
                spellings.push(spelling);
            }
        }
        spellings
    }
}

impl FromStr for Reference {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        Ok(Self::parse(text))
    }
}

impl From<Uuid> for Reference {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => write!(formatter, "{id}"),
            Self::Key { scheme, value } => write!(formatter, "{}:{}", shorten(scheme), shorten(value)),
            Self::Handle(handle) => write!(formatter, "@{}", shorten(handle)),
            Self::Unreadable(text) => write!(formatter, "{}", shorten(text)),
        }
    }
}

/// A text as a message quotes it: what somebody sent may be long.
pub fn shorten(text: &str) -> String {
    const LONGEST: usize = 80;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(LONGEST).collect();
    short.push('…');
    short
}

impl<'de> Deserialize<'de> for Reference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Visitor;

        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Answered {
            id: Uuid,
            #[serde(rename = "name")]
            _name: Option<String>,
            #[serde(rename = "kind")]
            _kind: Option<String>,
            #[serde(rename = "code")]
            _code: Option<String>,
            #[serde(rename = "title")]
            _title: Option<String>,
        }

        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Reference;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an id, a key scheme:value or an object with an id")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<Reference, E> {
                Ok(Reference::parse(text))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> std::result::Result<Reference, A::Error> {
                let answered = Answered::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Reference::Id(answered.id))
            }
        }

        deserializer.deserialize_any(Visitor)
    }
}

impl utoipa::PartialSchema for Reference {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .description(Some("An id, or a natural key scheme:value such as iso3166:CO"));
        let string = || ObjectBuilder::new().schema_type(SchemaType::Type(Type::String));
        let object = ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::Object))
            .description(Some("The object that an answer holds; only its id counts"))
            .property(
                "id",
                string().format(Some(utoipa::openapi::SchemaFormat::KnownFormat(
                    utoipa::openapi::KnownFormat::Uuid,
                ))),
            )
            .required("id")
            .property("name", string())
            .property("kind", string())
            .property("code", string())
            .property("title", string())
            .additional_properties(Some(AdditionalProperties::FreeForm(false)));
        Schema::OneOf(OneOfBuilder::new().item(text).item(object).build()).into()
    }
}

impl ToSchema for Reference {
    fn name() -> std::borrow::Cow<'static, str> {
        "Reference".into()
    }
}

/// An actor as answers name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActorReference {
    pub id: Uuid,
    pub name: String,
    pub kind: String,
}

/// A programme as answers name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProgrammeReference {
    pub id: Uuid,
    pub code: String,
    pub name: String,
}

/// A diplomatic action or a source as answers name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TitleReference {
    pub id: Uuid,
    pub title: String,
}

/// Names that operations of one batch, or records of one load, gave to what they made.
#[derive(Debug, Default, Clone)]
pub struct Handles(HashMap<String, (Resource, Uuid)>);

impl Handles {
    pub fn get(&self, handle: &str) -> Option<(Resource, Uuid)> {
        self.0.get(handle).copied()
    }

    pub fn insert(&mut self, handle: String, resource: Resource, id: Uuid) {
        self.0.insert(handle, (resource, id));
    }
}

/// A reference of a request, waiting to be looked up.
#[derive(Debug)]
struct Wanted {
    pointer: String,
    resource: Resource,
    reference: Reference,
}

/// All references of a request, looked up in one statement.
#[derive(Debug, Default)]
pub struct Lookup(Vec<Wanted>);

/// A place in a lookup.
#[derive(Debug, Clone, Copy)]
pub struct Place(usize);

/// What a lookup found; a reference that is at fault has no id, and its fault is told.
#[derive(Debug)]
pub struct Found(Vec<Option<Uuid>>);

impl Found {
    pub fn id(&self, place: Place) -> Option<Uuid> {
        self.0.get(place.0).copied().flatten()
    }

    pub fn all(&self, places: &[Place]) -> Vec<Uuid> {
        places.iter().filter_map(|place| self.id(*place)).collect()
    }

    pub fn optional(&self, place: Option<Place>) -> Option<Uuid> {
        place.and_then(|place| self.id(place))
    }
}

#[derive(QueryableByName)]
struct FoundRow {
    #[diesel(sql_type = sql_types::Integer)]
    place: i32,
    #[diesel(sql_type = sql_types::Uuid)]
    id: Uuid,
    #[diesel(sql_type = sql_types::Text)]
    name: String,
}

impl Lookup {
    pub fn want(&mut self, pointer: impl Into<String>, resource: Resource, reference: Reference) -> Place {
        self.0.push(Wanted {
            pointer: pointer.into(),
            resource,
            reference,
        });
        Place(self.0.len() - 1)
    }

    /// The references of one query parameter.
    pub fn want_all(&mut self, parameter: &str, resource: Resource, texts: &[String]) -> Vec<Place> {
        texts
            .iter()
            .map(|text| self.want(format!("?{parameter}"), resource, Reference::parse(text)))
            .collect()
    }

    pub fn want_optional(
        &mut self,
        pointer: impl Into<String>,
        resource: Resource,
        reference: Option<Reference>,
    ) -> Option<Place> {
        reference.map(|reference| self.want(pointer, resource, reference))
    }

    /// Looks everything up for a write, within its transaction.
    pub async fn resolve(self, write: &mut Write<'_>, faults: &mut Faults) -> Result<Found> {
        if self.0.is_empty() {
            return Ok(Found(Vec::new()));
        }
        let rows = write.load(self.statement()).await?;
        let (found, mut told) = self.judge(&rows, &write.handles);
        let respelt = self.respelt(&found);
        if !respelt.lookup.0.is_empty() {
            let rows = write.load(respelt.lookup.statement()).await?;
            respelt.tell(&rows, &mut told);
        }
        for fault in told {
            faults.add(fault.pointer, fault.detail);
        }
        Ok(found)
    }

    /// Looks everything up for a read; one that is at fault is an error.
    pub async fn resolve_for_read(self, db: &Db) -> Result<Found> {
        if self.0.is_empty() {
            return Ok(Found(Vec::new()));
        }
        let rows = db.read(self.statement()).await?;
        let (found, mut told) = self.judge(&rows, &Handles::default());
        if told.is_empty() {
            return Ok(found);
        }
        let respelt = self.respelt(&found);
        if !respelt.lookup.0.is_empty() {
            let rows = db.read(respelt.lookup.statement()).await?;
            respelt.tell(&rows, &mut told);
        }
        Err(Error::faults(told))
    }

    /// The keys that fit nothing, in other capitals.
    fn respelt(&self, found: &Found) -> Respelt {
        const MOST: usize = 20;
        let mut respelt = Respelt::default();
        let missing = self.0.iter().zip(&found.0).filter(|(_, id)| id.is_none());
        for (fault, (wanted, _)) in missing.enumerate().take(MOST) {
            for reference in wanted.reference.other_spellings() {
                respelt.lookup.want("", wanted.resource, reference);
                respelt.faults.push(fault);
            }
        }
        respelt
    }

    fn statement(&self) -> Statement {
        let mut places = Vec::with_capacity(self.0.len());
        let mut resources = Vec::with_capacity(self.0.len());
        let mut ids = Vec::with_capacity(self.0.len());
        let mut schemes = Vec::with_capacity(self.0.len());
        let mut values = Vec::with_capacity(self.0.len());
        for (place, wanted) in self.0.iter().enumerate() {
            let (id, scheme, value) = match &wanted.reference {
                Reference::Id(id) => (Some(*id), None, None),
                Reference::Key { scheme, value } => (None, Some(scheme.clone()), Some(value.clone())),
                Reference::Handle(_) | Reference::Unreadable(_) => continue,
            };
            places.push(i32::try_from(place).unwrap_or(i32::MAX));
            resources.push(wanted.resource.path().to_owned());
            ids.push(id);
            schemes.push(scheme);
            values.push(value);
        }
        Statement::new("with wanted as (select * from unnest(")
            .bind(places)
            .sql(", ")
            .bind(resources)
            .sql(", ")
            .bind(ids)
            .sql(", ")
            .bind(schemes)
            .sql(", ")
            .bind(values)
            .sql(") as wanted (place, resource, id, scheme, value)) ")
            .sql(include_str!("references.sql"))
            .keep_prepared()
    }

    /// Adds to the failure of a path which spelling would have fitted.
    fn tell_of_path(&self, fitting: &[FoundRow], error: Error) -> Error {
        let place = fitting.first().and_then(|row| usize::try_from(row.place).ok());
        match place.and_then(|place| self.0.get(place)) {
            Some(wanted) => Error::new(
                error.problem(),
                format!("{}{}", error.detail(), capitals_count(&wanted.reference)),
            ),
            None => error,
        }
    }

    fn judge(&self, rows: &[FoundRow], handles: &Handles) -> (Found, Vec<Fault>) {
        let mut found = Vec::with_capacity(self.0.len());
        let mut faults = Vec::new();
        for (place, wanted) in self.0.iter().enumerate() {
            let noun = wanted.resource.noun();
            let reference = &wanted.reference;
            let mut fault = |detail: String| faults.push(Fault::new(wanted.pointer.clone(), detail));
            let id = match reference {
                Reference::Handle(handle) => match handles.get(handle) {
                    Some((resource, id)) if resource == wanted.resource => Some(id),
                    Some((resource, _)) => {
                        fault(format!("{reference} is a {}, not a {noun}", resource.noun()));
                        None
                    }
                    None => {
                        fault(format!("{reference} is the name of no earlier record"));
                        None
                    }
                },
                Reference::Unreadable(_) => {
                    fault(unreadable(wanted.resource, reference));
                    None
                }
                Reference::Id(_) | Reference::Key { .. } => {
                    let place = i32::try_from(place).unwrap_or(i32::MAX);
                    let fitting: Vec<&FoundRow> = rows.iter().filter(|row| row.place == place).collect();
                    match fitting.as_slice() {
                        [] => {
                            fault(format!("{reference} fits no {noun}"));
                            None
                        }
                        [one] => Some(one.id),
                        several => {
                            fault(ambiguous(reference, noun, several));
                            None
                        }
                    }
                }
            };
            found.push(id);
        }
        (Found(found), faults)
    }
}

/// Keys in other capitals than a request gave them, and which of its faults each may explain.
#[derive(Debug, Default)]
struct Respelt {
    lookup: Lookup,
    faults: Vec<usize>,
}

impl Respelt {
    /// Adds to each fault which spelling would have fitted.
    fn tell(&self, rows: &[FoundRow], told: &mut [Fault]) {
        for (place, (wanted, fault)) in self.lookup.0.iter().zip(&self.faults).enumerate() {
            let fits = rows.iter().any(|row| usize::try_from(row.place) == Ok(place));
            if let Some(fault) = told.get_mut(*fault).filter(|_| fits) {
                fault.detail.push_str(&capitals_count(&wanted.reference));
            }
        }
    }
}

fn capitals_count(reference: &Reference) -> String {
    format!("; capitals count, and {reference} is there")
}

/// What to write instead of a text that names nothing.
fn unreadable(resource: Resource, reference: &Reference) -> String {
    let hint = match resource {
        Resource::Actors => {
            let name: String =
                url::form_urlencoded::byte_serialize(shorten(&reference.to_string()).as_bytes()).collect();
            format!(" such as iso3166:CO; /v1/actors?name={name} finds actors by name")
        }
        Resource::Programmes => format!(" such as programme:{reference}"),
        Resource::Relationships | Resource::Sanctions | Resource::DiplomaticActions | Resource::Sources => {
            " of its external_keys".to_owned()
        }
    };
    format!("{reference} is no id and no key scheme:value{hint}")
}

fn ambiguous(reference: &Reference, noun: &str, several: &[&FoundRow]) -> String {
    let named: Vec<String> = several
        .iter()
        .take(10)
        .map(|row| format!("{} ({})", row.name, row.id))
        .collect();
    let more = if several.len() > named.len() {
        " and more"
    } else {
        ""
    };
    format!(
        "{reference} fits more than one {noun}: {}{more}; name one by its id",
        named.join(", ")
    )
}

/// The record that a path names, for a read.
pub async fn find(db: &Db, resource: Resource, reference: &Reference) -> Result<Uuid> {
    if let Reference::Id(id) = reference {
        return Ok(*id);
    }
    let mut lookup = Lookup::default();
    lookup.want("", resource, reference.clone());
    let rows: Vec<FoundRow> = match reference {
        Reference::Key { .. } => db.read(lookup.statement()).await?,
        Reference::Id(_) | Reference::Handle(_) | Reference::Unreadable(_) => Vec::new(),
    };
    let respelt = respelt_of_path(resource, reference, &rows);
    let fitting = if respelt.0.is_empty() {
        Vec::new()
    } else {
        db.read(respelt.statement()).await?
    };
    one_of_path(resource, reference, &rows).map_err(|error| respelt.tell_of_path(&fitting, error))
}

/// The record that a path, or an operation of a batch, names, for a write.
pub async fn find_for_write(
    write: &mut Write<'_>,
    resource: Resource,
    reference: &Reference,
) -> Result<Uuid> {
    match reference {
        Reference::Id(id) => Ok(*id),
        Reference::Handle(handle) => match write.handles.get(handle) {
            Some((known, id)) if known == resource => Ok(id),
            _ => Err(Error::not_found(format!(
                "{reference} is the name of no earlier {}",
                resource.noun()
            ))),
        },
        Reference::Key { .. } => {
            let mut lookup = Lookup::default();
            lookup.want("", resource, reference.clone());
            let rows = write.load(lookup.statement()).await?;
            let respelt = respelt_of_path(resource, reference, &rows);
            let fitting = if respelt.0.is_empty() {
                Vec::new()
            } else {
                write.load(respelt.statement()).await?
            };
            one_of_path(resource, reference, &rows).map_err(|error| respelt.tell_of_path(&fitting, error))
        }
        Reference::Unreadable(_) => one_of_path(resource, reference, &[]),
    }
}

/// The key of a path in other capitals, where it fits nothing as it stands.
fn respelt_of_path(resource: Resource, reference: &Reference, rows: &[FoundRow]) -> Lookup {
    let mut lookup = Lookup::default();
    for other in reference
        .other_spellings()
        .into_iter()
        .filter(|_| rows.is_empty())
    {
        lookup.want("", resource, other);
    }
    lookup
}

fn one_of_path(resource: Resource, reference: &Reference, rows: &[FoundRow]) -> Result<Uuid> {
    match rows {
        [] => Err(unknown(resource, reference)),
        [one] => Ok(one.id),
        several => {
            let several: Vec<&FoundRow> = several.iter().collect();
            Err(Error::conflict(ambiguous(reference, resource.noun(), &several)))
        }
    }
}

/// The answer where a path names a record that is not there.
pub fn unknown(resource: Resource, reference: &Reference) -> Error {
    match reference {
        Reference::Unreadable(_) | Reference::Handle(_) => Error::not_found(unreadable(resource, reference)),
        Reference::Id(_) | Reference::Key { .. } => {
            Error::not_found(format!("{reference} fits no {}", resource.noun()))
        }
    }
}
