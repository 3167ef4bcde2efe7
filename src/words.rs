//! The closed vocabularies: words on which the code branches. Each is an enum here and in PostgreSQL; the view
//! `bi.enumerations`, the OpenAPI document and docs/glossary.md state the same meanings.

use std::io::Write;

use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// One word of a closed vocabulary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// Name of the vocabulary, such as `claim_status`.
    pub vocabulary: &'static str,
    /// As it is written in JSON and PostgreSQL.
    pub word: &'static str,
    /// What the word means, in one phrase.
    pub meaning: &'static str,
}

/// Defines an enum of words that are written the same in Rust, JSON and PostgreSQL, where they travel as text. The doc
/// comments are the meanings that the API documents.
macro_rules! words {
    ($(#[doc = $about:literal])+ $name:ident in PostgreSQL as $vocabulary:literal, $words:tt) => {
        words!($(#[doc = $about])+
            #[derive(diesel::expression::AsExpression)]
            #[diesel(sql_type = crate::schema::sql_types::$name)]
            $name as $vocabulary, $words);

        impl ToSql<crate::schema::sql_types::$name, Pg> for $name {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                out.write_all(self.word().as_bytes())?;
                Ok(IsNull::No)
            }
        }
    };
    (
        $(#[doc = $about:literal])+
        $(#[derive($derive:path)] #[$attribute:meta])?
        $name:ident as $vocabulary:literal,
        { $(#[doc = $meaning:literal] $variant:ident = $word:literal),+ $(,)? }
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        $(#[derive($derive)] #[$attribute])?
        pub enum $name {
            $(#[doc = $meaning] #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// The words in their order.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The words with what they mean.
            pub const ENTRIES: &'static [Word] = &[
                $(Word {
                    vocabulary: $vocabulary,
                    word: $word,
                    meaning: $meaning.trim_ascii(),
                },)+
            ];

            /// Returns the word as it is written.
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        // By hand: the derive cannot read names and doc comments that come from a macro.
        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                schema(&[$($about),+], Self::ENTRIES)
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
                    _ => Err(format!("must be one of {}", Self::WORDS.join(", "))),
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

/// Returns the schema of a vocabulary, whose description lists what each word means.
fn schema(about: &[&str], words: &[Word]) -> RefOr<Schema> {
    let mut description: String = about.concat().trim().to_owned();
    description.push('\n');
    for word in words {
        description.push_str(&format!("\n- `{}`: {}", word.word, word.meaning));
    }
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
        .enum_values(Some(words.iter().map(|word| word.word)));
    Schema::Object(schema.build()).into()
}

words!(
    /// How far a claim is established. A denied or retracted claim is never counted.
    ClaimStatus in PostgreSQL as "claim_status", {
        /// A source reports it; nobody has judged it further. The default
        Reported = "reported",
        /// Judged: nothing but a single report or allegation supports it so far
        Unconfirmed = "unconfirmed",
        /// Several independent sources support it, but no party to it has confirmed it
        Corroborated = "corroborated",
        /// A party to it, an official document or accepted findings confirm it
        Confirmed = "confirmed",
        /// Sources contradict each other, and the question is open
        Disputed = "disputed",
        /// Denied by a party to it or rejected by findings; recorded as what was claimed
        Denied = "denied",
        /// Withdrawn by those who made it
        Retracted = "retracted",
    }
);
words!(
    /// Whether an action took place. Only an actual action is counted as an event.
    Modality in PostgreSQL as "modality", {
        /// It took place. The default
        Actual = "actual",
        /// An actor alleges that it took place
        Alleged = "alleged",
        /// It was planned or proposed
        Planned = "planned",
        /// It was threatened
        Threatened = "threatened",
        /// It was only thought of as a possibility
        Hypothetical = "hypothetical",
    }
);
words!(
    /// The kind of a further name of an actor.
    NameKind in PostgreSQL as "name_kind", {
        /// Another name under which the actor is known
        Alias = "alias",
        /// An alias too common or vague to identify the actor by itself
        WeakAlias = "weak_alias",
        /// A name that the actor no longer bears
        Former = "former",
        /// The name in the script in which it is originally written
        OriginalScript = "original_script",
        /// An abbreviation of the name
        Acronym = "acronym",
    }
);
words!(
    /// What a revision of a record did.
    RevisionOperation as "revision_operation", {
        /// Nothing: the record existed when revisions began to be kept
        Baseline = "baseline",
        /// Created the record
        Create = "create",
        /// Changed the record
        Update = "update",
        /// Deleted the record
        Delete = "delete",
        /// Made an earlier version current again
        Restore = "restore",
        /// Merged the record into another one
        Merge = "merge",
    }
);
words!(
    /// How a country is related to an actor.
    CountryRole in PostgreSQL as "country_role", {
        /// The actor is a national of the country
        Nationality = "nationality",
        /// The actor is subject to the country's law, as a registered company is
        Jurisdiction = "jurisdiction",
        /// The ship or aircraft flies the country's flag
        Flag = "flag",
        /// The actor lies or operates on the country's territory
        Territory = "territory",
        /// The actor resides or has its seat in the country
        Residence = "residence",
    }
);
words!(
    /// The part that an actor has in a diplomatic action.
    ParticipantRole in PostgreSQL as "participant_role", {
        /// Does it, alone or with others
        Initiator = "initiator",
        /// The action is directed at or addressed to it
        Target = "target",
        /// Bears consequences of the action without being its target
        Affected = "affected",
        /// Mediates between the others; counted among those who act
        Mediator = "mediator",
    }
);
words!(
    /// How one diplomatic action relates to another. `responds_to`, `retaliates_for` and `escalates` are causal and may not
    /// form a cycle.
    LinkKind in PostgreSQL as "link_kind", {
        /// Answers the other action
        RespondsTo = "responds_to",
        /// Answers the other action by doing harm in return
        RetaliatesFor = "retaliates_for",
        /// Carries a conflict further than the other action did
        Escalates = "escalates",
        /// States that the other action took place
        Alleges = "alleges",
        /// Carries out what the other action decided or announced
        Implements = "implements",
        /// Ends what the other action imposed
        Lifts = "lifts",
        /// Takes the place of the other action
        Supersedes = "supersedes",
        /// Is a part of the other, larger action
        PartOf = "part_of",
        /// Was arranged together with the other action
        CoordinatedWith = "coordinated_with",
        /// Denies the other action, or cannot be true together with it
        Contradicts = "contradicts",
    }
);
words!(
    /// The kind of a source.
    SourceKind in PostgreSQL as "source_kind", {
        /// A list published by an authority, such as a sanctions list
        OfficialList = "official_list",
        /// A statement of a government or another official body
        OfficialStatement = "official_statement",
        /// A law, regulation, resolution or judgment
        LegalText = "legal_text",
        /// An article of a news organization
        NewsArticle = "news_article",
        /// A post on a social network
        SocialMediaPost = "social_media_post",
        /// A speech or interview
        Speech = "speech",
        /// A report of an organization, such as a panel of experts
        Report = "report",
        /// A scholarly publication
        Academic = "academic",
        /// A data set
        Dataset = "dataset",
        /// Any other document
        Other = "other",
    }
);
words!(
    /// The reliability of a source on the Admiralty scale.
    SourceReliability in PostgreSQL as "source_reliability", {
        /// Completely reliable
        A = "A",
        /// Usually reliable
        B = "B",
        /// Fairly reliable
        C = "C",
        /// Not usually reliable
        D = "D",
        /// Unreliable
        E = "E",
        /// Reliability cannot be judged
        F = "F",
    }
);
words!(
    /// What a source says about the claim that cites it.
    CitationStance in PostgreSQL as "citation_stance", {
        /// The source says that the claim is true
        Supports = "supports",
        /// The source says that the claim is not true
        Disputes = "disputes",
        /// The source mentions the claim without taking a position
        Mentions = "mentions",
    }
);
words!(
    /// The outcome of an objective, in the words of the Global Sanctions Data Base.
    SanctionOutcome in PostgreSQL as "sanction_outcome", {
        /// The objective is still pursued
        Ongoing = "ongoing",
        /// The objective was achieved completely
        SuccessTotal = "success_total",
        /// The objective was achieved in part
        SuccessPart = "success_part",
        /// The matter was settled by negotiation
        NegoSettlement = "nego_settlement",
        /// The objective was not achieved
        Failed = "failed",
    }
);
words!(
    /// What is implausible in a record, though it is stored
    Warning as "warning", {
        /// An actor begins in the future: a birth or a foundation that has not happened
        BeginsInFuture = "begins_in_future",
        /// An answer is dated before its cause, or a sanction before the act that announced it
        AnswerBeforeCause = "answer_before_cause",
        /// An act is dated after the end of an actor who did or suffered it
        ActAfterEnd = "act_after_end",
        /// An act is dated before the beginning of an actor who did or suffered it
        ActBeforeBeginning = "act_before_beginning",
        /// The owners of an actor have shares of more than 100 % at one time
        SharesOver100 = "shares_over_100",
        /// An actor owns itself at one time, through others
        OwnershipCircle = "ownership_circle",
        /// Another claim says the same of the same parties for a time that overlaps
        SimilarClaim = "similar_claim",
        /// A sanction names no measure
        WithoutMeasure = "without_measure",
        /// A sanction names no source
        WithoutCitation = "without_citation",
        /// The citations of a claim contradict its claim_status
        StatusContradicted = "status_contradicted",
    }
);

words!(
    /// The status of a sanction on a day; derived from its dates, never stored.
    SanctionStatus as "sanction_status", {
        /// Before the first day of its start, and not announced by then
        NotYet = "not_yet",
        /// Announced, but not started yet
        Announced = "announced",
        /// Started, and neither lifted nor expired
        InForce = "in_force",
        /// After its last day, without having been lifted
        Expired = "expired",
        /// On or after the day on which it was lifted
        Lifted = "lifted",
        /// Its dates do not tell
        Unknown = "unknown",
    }
);
words!(
    /// What a user may do.
    UserRole in PostgreSQL as "user_role", {
        /// Reads
        Reader = "reader",
        /// Reads and writes records
        Analyst = "analyst",
        /// Reads, writes records and extends vocabularies
        Admin = "admin",
    }
);

/// Returns every word of every closed vocabulary.
pub fn all() -> impl Iterator<Item = Word> {
    [
        ClaimStatus::ENTRIES,
        Modality::ENTRIES,
        NameKind::ENTRIES,
        RevisionOperation::ENTRIES,
        CountryRole::ENTRIES,
        ParticipantRole::ENTRIES,
        LinkKind::ENTRIES,
        SourceKind::ENTRIES,
        SourceReliability::ENTRIES,
        CitationStance::ENTRIES,
        SanctionOutcome::ENTRIES,
        SanctionStatus::ENTRIES,
        Warning::ENTRIES,
        UserRole::ENTRIES,
    ]
    .into_iter()
    .flatten()
    .copied()
}
