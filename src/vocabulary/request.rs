//! An entry of a vocabulary as a request sends it, and its rules.

use diesel::QueryableByName;
use diesel::sql_types;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::db::{ReadOn, Statement, Write};
use crate::error::{Error, Result};
use crate::partial_date::PartialDate;
use crate::resource::{Codes, Kind};
use crate::text::escape_pointer;
use crate::validation::{Faults, Given, KEY_LENGTH, NAME_LENGTH};
use crate::vocabulary::model::{EntryRow, Extra, ValueType, Vocabulary};

/// An entry to create or replace. It may have only the fields of its vocabulary.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryRequest {
    /// Required for a new entry, read-only afterwards
    #[schema(examples("asset_freeze"))]
    pub code: Option<String>,
    /// Required
    #[schema(min_length = 1, max_length = 500, examples("Asset freeze"))]
    pub label: Option<String>,
    /// What the entry means
    pub description: Option<String>,
    /// Of relationship_kinds, required: the label as read from the object
    pub inverse_label: Option<String>,
    /// Of relationship_kinds, false if absent: whether an act of the subject counts as an act of the state at the end of the object
    pub counts_for_state: Option<bool>,
    /// Of identifier_schemes, true if absent: whether a value belongs to one actor only
    pub is_unique: Option<bool>,
    /// Of identifier_schemes: the PostgreSQL regular expression that every value must match; anchor it with ^ and $
    #[schema(examples("^[0-9]{7}$"))]
    pub pattern: Option<String>,
    /// Of action_types, required: the default CAMEO code of an action of this type
    #[schema(examples("163"))]
    pub cameo_code: Option<String>,
    /// Of countries, unique: ISO 3166-1 alpha-3
    #[schema(pattern = "^[A-Z]{3}$")]
    pub iso3: Option<String>,
    /// Of countries: ISO 3166-1 numeric
    #[schema(pattern = "^[0-9]{3}$")]
    pub iso_numeric: Option<String>,
    /// Of countries: continent, in the words of the UN geoscheme
    pub region: Option<String>,
    /// Of countries: subregion, in the words of the UN geoscheme
    pub subregion: Option<String>,
    /// Of countries: when a former country began
    #[schema(value_type = Option<PartialDate>)]
    pub began_on: Option<Given<PartialDate>>,
    /// Of countries: when a former country ended
    #[schema(value_type = Option<PartialDate>)]
    pub ended_on: Option<Given<PartialDate>>,
    /// Of property_names, required: what each value must be
    pub value_type: Option<ValueType>,
    /// Of property_names: the words that are allowed; required if value_type is word, and only then allowed
    #[schema(examples(json!(["female", "male", "other"])))]
    pub words: Option<Vec<String>>,
    /// Of property_names: the records that the name is meant for, as resources (sanctions) or kinds of actors (actors/vessel);
    /// all if absent
    #[schema(examples(json!(["actors/person"])))]
    pub applies_to: Option<Vec<String>>,
    /// Of property_names: its name in FollowTheMoney
    #[schema(examples("birthPlace"))]
    pub ftm_name: Option<String>,
    /// Of cameo_codes, required: 1 verbal cooperation, 2 material cooperation, 3 verbal conflict, 4 material conflict
    #[schema(minimum = 1, maximum = 4)]
    pub quad_class: Option<i64>,
    /// Of cameo_codes, required: Goldstein score of at most one decimal
    #[schema(minimum = -10, maximum = 10)]
    pub goldstein: Option<f64>,
    /// Of cameo_codes: the parent code from which the score is taken
    pub goldstein_from: Option<String>,
}

/// Refuses a body with a field that entries of this vocabulary do not have, even if it is null.
///
/// # Errors
/// Malformed request that names the field and the fields that its entries have.
pub fn check_fields(vocabulary: Vocabulary, body: &Value) -> Result<()> {
    let Value::Object(fields) = body else {
        return Ok(());
    };
    let known = vocabulary.columns();
    match fields.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(unknown) => Err(Error::malformed(
            format!("/{}", escape_pointer(unknown)),
            format!("is not a field of {vocabulary}; known are {}", known.join(", ")),
        )),
    }
}

#[derive(QueryableByName)]
struct IsValidRow {
    #[diesel(sql_type = sql_types::Bool)]
    is_valid: bool,
}

impl EntryRequest {
    /// Checks the request and returns the row to store. `current` is the code of an existing entry, `None` for a new one.
    ///
    /// # Errors
    /// Invalid record with every fault found.
    pub async fn validate(
        self,
        write: &mut Write<'_>,
        vocabulary: Vocabulary,
        mut faults: Faults,
        current: Option<&str>,
    ) -> Result<EntryRow> {
        let mut request = self;
        let mut codes = Codes::default();
        let code = match current {
            Some(code) => Some(code.to_owned()),
            None => validate_code(vocabulary, request.code.take(), &mut faults),
        };
        let label = faults.required_text("/label", request.label.take(), NAME_LENGTH);
        let description = request.description.take();
        let extra = match vocabulary {
            Vocabulary::ActorKinds | Vocabulary::Measures | Vocabulary::Grounds | Vocabulary::Objectives => {
                Some(Extra::Nothing)
            }
            Vocabulary::Countries => Some(request.country(&mut faults)),
            Vocabulary::RelationshipKinds => faults
                .required_text("/inverse_label", request.inverse_label, NAME_LENGTH)
                .map(|inverse_label| Extra::RelationshipKind {
                    inverse_label,
                    counts_for_state: request.counts_for_state.unwrap_or(false),
                }),
            Vocabulary::IdentifierSchemes => Some(Extra::IdentifierScheme {
                is_unique: request.is_unique.unwrap_or(true),
                pattern: validate_pattern(request.pattern, write, &mut faults).await?,
            }),
            Vocabulary::ActionTypes => {
                let cameo_code = faults.required_text("/cameo_code", request.cameo_code, KEY_LENGTH);
                if let Some(cameo_code) = &cameo_code {
                    codes.want("cameo_codes", "/cameo_code", cameo_code);
                }
                cameo_code.map(|cameo_code| Extra::ActionType { cameo_code })
            }
            Vocabulary::PropertyNames => request.property_name(&mut faults, &mut codes),
            Vocabulary::CameoCodes => request.cameo_code(code.as_deref(), &mut faults, &mut codes),
        };
        codes.check(ReadOn::Write(write), &mut faults).await?;
        faults.finish()?;
        let (Some(code), Some(label), Some(extra)) = (code, label, extra) else {
            return Err(Error::internal(
                "an entry without code, label or what else it needs was accepted",
            ));
        };
        Ok(EntryRow {
            code,
            label,
            description,
            extra,
        })
    }

    fn country(self, faults: &mut Faults) -> Extra {
        let iso3 = self.iso3.filter(|code| {
            let is_code = code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_uppercase());
            if !is_code {
                faults.add(
                    "/iso3",
                    "is not an ISO 3166-1 alpha-3 code; write three capital letters",
                );
            }
            is_code
        });
        let iso_numeric = self.iso_numeric.filter(|code| {
            let is_code = code.len() == 3 && code.bytes().all(|digit| digit.is_ascii_digit());
            if !is_code {
                faults.add(
                    "/iso_numeric",
                    "is not an ISO 3166-1 numeric code; write three digits",
                );
            }
            is_code
        });
        let region = faults.short_text("/region", self.region, NAME_LENGTH);
        let subregion = faults.short_text("/subregion", self.subregion, NAME_LENGTH);
        let began_on = faults.given("/began_on", self.began_on);
        let ended_on = faults.given("/ended_on", self.ended_on);
        faults.in_order(("/began_on", began_on.as_ref()), ("/ended_on", ended_on.as_ref()));
        Extra::Country {
            iso3,
            iso_numeric,
            region,
            subregion,
            began_on,
            ended_on,
        }
    }

    fn property_name(self, faults: &mut Faults, codes: &mut Codes) -> Option<Extra> {
        let value_type = faults.required("/value_type", self.value_type);
        let words = self.words.unwrap_or_default();
        let applies_to = self.applies_to.unwrap_or_default();
        faults.list("/words", &words, Clone::clone);
        for (index, word) in words.iter().enumerate() {
            if !is_word(word) {
                faults.add(
                    format!("/words/{index}"),
                    "is not a lower-case word of letters, digits and _",
                );
            }
        }
        if let Some(value_type) = value_type
            && (value_type == ValueType::Word) == words.is_empty()
        {
            faults.add(
                "/words",
                match value_type {
                    ValueType::Word => "is required for value_type word",
                    ValueType::Text
                    | ValueType::Date
                    | ValueType::Number
                    | ValueType::Country
                    | ValueType::Url => "is only for value_type word",
                },
            );
        }
        faults.list("/applies_to", &applies_to, Clone::clone);
        for (index, home) in applies_to.iter().enumerate() {
            let pointer = format!("/applies_to/{index}");
            match home.strip_prefix("actors/") {
                Some(kind) => codes.want("actor_kinds", pointer, kind),
                None if Kind::ALL.iter().any(|kind| kind.path() == home) => {}
                None => faults.add(
                    pointer,
                    format!(
                        "is not one of {}, or a kind of actors such as actors/vessel",
                        Kind::ALL.map(Kind::path).join(", ")
                    ),
                ),
            }
        }
        let ftm_name = faults
            .short_text("/ftm_name", self.ftm_name, KEY_LENGTH)
            .filter(|name| {
                let is_name = name.starts_with(|first: char| first.is_ascii_lowercase())
                    && name.bytes().all(|letter| letter.is_ascii_alphanumeric());
                if !is_name {
                    faults.add(
                        "/ftm_name",
                        "is not a name of FollowTheMoney; write one such as birthPlace",
                    );
                }
                is_name
            });
        Some(Extra::PropertyName {
            value_type: value_type?,
            words,
            applies_to,
            ftm_name,
        })
    }

    fn cameo_code(self, code: Option<&str>, faults: &mut Faults, codes: &mut Codes) -> Option<Extra> {
        let quad_class = faults
            .required("/quad_class", self.quad_class)
            .and_then(|number| {
                let class = i16::try_from(number).ok().filter(|class| (1..=4).contains(class));
                if class.is_none() {
                    faults.add("/quad_class", "must be a whole number from 1 to 4");
                }
                class
            });
        let goldstein = faults.required("/goldstein", self.goldstein).filter(|score| {
            let is_score = (-10.0..=10.0).contains(score) && (score * 10.0).round() / 10.0 == *score;
            if !is_score {
                faults.add(
                    "/goldstein",
                    "is not a Goldstein score; write a number from -10 to 10 with at most one decimal",
                );
            }
            is_score
        });
        if let (Some(code), Some(parent)) = (code, &self.goldstein_from) {
            if parent.len() < code.len() && code.starts_with(parent.as_str()) {
                codes.want("cameo_codes", "/goldstein_from", parent);
            } else {
                faults.add(
                    "/goldstein_from",
                    format!("is not a parent of {code}; a parent is the code without its last digits"),
                );
            }
        }
        Some(Extra::CameoCode {
            quad_class: quad_class?,
            goldstein: goldstein?,
            goldstein_from: self.goldstein_from,
        })
    }
}

fn validate_code(vocabulary: Vocabulary, code: Option<String>, faults: &mut Faults) -> Option<String> {
    let code = faults.required("/code", code)?;
    let (is_code, form) = match vocabulary {
        Vocabulary::Countries => (
            (2..=4).contains(&code.len()) && code.bytes().all(|letter| letter.is_ascii_uppercase()),
            "two to four capital letters",
        ),
        Vocabulary::CameoCodes => (
            (2..=4).contains(&code.len())
                && code.bytes().all(|digit| digit.is_ascii_digit())
                && matches!(code[..2].parse(), Ok(1..=20_u8)),
            "two to four digits, of which the first two are 01 to 20",
        ),
        Vocabulary::ActorKinds
        | Vocabulary::RelationshipKinds
        | Vocabulary::IdentifierSchemes
        | Vocabulary::Measures
        | Vocabulary::Grounds
        | Vocabulary::Objectives
        | Vocabulary::ActionTypes
        | Vocabulary::PropertyNames => (
            is_word(&code),
            "a lower-case word of at most 63 letters, digits and _",
        ),
    };
    if !is_code {
        faults.add("/code", format!("is not a code for {vocabulary}; write {form}"));
        return None;
    }
    Some(code)
}

/// Returns whether a text is a lower-case word of at most 63 letters, digits and `_`.
fn is_word(text: &str) -> bool {
    text.len() <= 63
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text
            .bytes()
            .all(|letter| matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'_'))
}

async fn validate_pattern(
    pattern: Option<String>,
    write: &mut Write<'_>,
    faults: &mut Faults,
) -> Result<Option<String>> {
    let Some(pattern) = faults.short_text("/pattern", pattern, KEY_LENGTH) else {
        return Ok(None);
    };
    let statement = Statement::new("select is_regular_expression(")
        .bind(pattern.as_str())
        .sql(") as is_valid");
    if write
        .load::<IsValidRow>(statement)
        .await?
        .iter()
        .any(|row| !row.is_valid)
    {
        faults.add(
            "/pattern",
            "is not a regular expression of PostgreSQL; write one such as ^[0-9]{7}$",
        );
        return Ok(None);
    }
    Ok(Some(pattern))
}
