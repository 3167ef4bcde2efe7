//! The words of the registry. Closed ones, which the code branches on, are enums here and in
//! PostgreSQL; open ones are tables that an admin extends (`model`, `request`, `api`).

pub mod api;
pub mod model;
pub mod request;

use std::io::Write;

use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Makes an enum of words that is the same in Rust, JSON and PostgreSQL, where it travels as text.
macro_rules! words {
    ($(#[$note:meta])* $name:ident in PostgreSQL, { $($variant:ident = $word:literal),+ $(,)? }) => {
        words!($(#[$note])*
            #[derive(diesel::expression::AsExpression)]
            #[diesel(sql_type = crate::schema::sql_types::$name)]
            $name, { $($variant = $word),+ });

        impl ToSql<crate::schema::sql_types::$name, Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                out.write_all(self.word().as_bytes())?;
                Ok(IsNull::No)
            }
        }
    };
    ($(#[$note:meta])* $name:ident, { $($variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$note])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $(#[serde(rename = $word)] $variant,)+
        }

        impl $name {
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        // By hand: the derive does not see through a macro's words.
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                let words = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(Self::WORDS.iter().copied()));
                Schema::Object(words.build()).into()
            }
        }

        impl ToSchema for $name {
            fn name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!("is none of {}", Self::WORDS.join(", "))),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.word())
            }
        }
    };
}

words!(
    /// How far a claim is established.
    ClaimStatus in PostgreSQL, {
        Reported = "reported",
        Unconfirmed = "unconfirmed",
        Corroborated = "corroborated",
        Confirmed = "confirmed",
        Disputed = "disputed",
        Denied = "denied",
        Retracted = "retracted",
    }
);
words!(
    /// Whether an action took place, or was only said, meant or imagined.
    Modality in PostgreSQL, {
        Actual = "actual",
        Alleged = "alleged",
        Planned = "planned",
        Threatened = "threatened",
        Hypothetical = "hypothetical",
    }
);
words!(
    /// What sort of further name an actor has.
    NameKind in PostgreSQL, {
        Alias = "alias",
        WeakAlias = "weak_alias",
        Former = "former",
        OriginalScript = "original_script",
        Acronym = "acronym",
    }
);
words!(
    /// What made a revision of a record. `baseline`: it was there when revisions began to be kept; `merge`: it became
    /// part of another.
    RevisionOperation, {
        Baseline = "baseline",
        Create = "create",
        Update = "update",
        Delete = "delete",
        Restore = "restore",
        Merge = "merge",
    }
);
words!(
    /// What ties an actor to a country.
    CountryRole in PostgreSQL, {
        Nationality = "nationality",
        Jurisdiction = "jurisdiction",
        Flag = "flag",
        Territory = "territory",
        Residence = "residence",
    }
);
words!(
    /// The part an actor plays in a diplomatic action.
    ParticipantRole in PostgreSQL, {
        Initiator = "initiator",
        Target = "target",
        Affected = "affected",
        Mediator = "mediator",
    }
);
words!(
    /// How one action bears on another.
    LinkKind in PostgreSQL, {
        RespondsTo = "responds_to",
        RetaliatesFor = "retaliates_for",
        Escalates = "escalates",
        Alleges = "alleges",
        Implements = "implements",
        Lifts = "lifts",
        Supersedes = "supersedes",
        PartOf = "part_of",
        CoordinatedWith = "coordinated_with",
        Contradicts = "contradicts",
    }
);
words!(
    /// What sort of document a source is.
    SourceKind in PostgreSQL, {
        OfficialList = "official_list",
        OfficialStatement = "official_statement",
        LegalText = "legal_text",
        NewsArticle = "news_article",
        SocialMediaPost = "social_media_post",
        Speech = "speech",
        Report = "report",
        Academic = "academic",
        Dataset = "dataset",
        Other = "other",
    }
);
words!(
    /// Reliability of a source on the Admiralty scale.
    SourceReliability in PostgreSQL, {
        A = "A",
        B = "B",
        C = "C",
        D = "D",
        E = "E",
        F = "F",
    }
);
words!(
    /// What a source does with the claim that cites it.
    CitationStance in PostgreSQL, {
        Supports = "supports",
        Disputes = "disputes",
        Mentions = "mentions",
    }
);
words!(
    /// What came of an objective.
    SanctionOutcome in PostgreSQL, {
        Ongoing = "ongoing",
        SuccessTotal = "success_total",
        SuccessPart = "success_part",
        NegoSettlement = "nego_settlement",
        Failed = "failed",
    }
);
words!(
    /// What a sanction is on a day; derived, never stored.
    SanctionStatus, {
        NotYet = "not_yet",
        Announced = "announced",
        InForce = "in_force",
        Expired = "expired",
        Lifted = "lifted",
        Unknown = "unknown",
    }
);
words!(
    /// What a user may do.
    UserRole in PostgreSQL, {
        Reader = "reader",
        Analyst = "analyst",
        Admin = "admin",
    }
);
