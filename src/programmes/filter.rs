//! How lists of programmes are filtered and sorted.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::db::Db;
use crate::error::Result;
use crate::query::{Conditions, Sort};
use crate::resource::fields::{Field, Fields, Holds};
use crate::resource::filter::Filter;
use crate::resource::state_roll_up::{Act, Counted};
use crate::resource::{Kind, Lookup, Reference};

pub(super) const SORTS: &[Sort] = &[
    Sort::plain("code", "programme.code", "text"),
    Sort::plain("name", "programme.name", "text"),
    Sort::plain("created_at", "programme.created_at", "timestamptz"),
    Sort::plain("updated_at", "programme.updated_at", "timestamptz"),
];

const FIELDS: &Fields = &Fields {
    alias: "programme",
    kinds: &[Kind::Programmes],
    modifiers: &["counted"],
    own: OWN_FIELDS,
};

const OWN_FIELDS: &[Field] = &[
    Field::own("code", Holds::Text),
    Field::own("name", Holds::Text),
    Field::column("imposer", "imposer_id", Holds::Reference(Kind::Actors)),
    Field::own("legal_basis", Holds::Text),
    Field::own("url", Holds::Text),
    Field::own("description", Holds::Text),
];

/// Filters of a list of programmes.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProgrammeFilter {
    /// The body that imposes sanctions under it: id or key. Repeat it for several
    #[param(example = "iso3166:US")]
    imposer: Vec<String>,
    /// `state` also counts a state's agencies, forces and officials, at any time, as the state; `exact`, the default, takes the
    /// imposer alone
    #[param(inline)]
    counted: Option<Counted>,
    /// The programme's code, exactly as it is written
    #[param(example = "ILLICIT-DRUGS-EO14059")]
    code: Vec<String>,
}

/// A programme as an act of its imposer. It has no dates, and an undated act fits every tie.
const IMPOSED: Act<'_> = Act {
    actor: "programme.imposer_id",
    earliest: "null::date",
    latest: "null::date",
};

impl Filter for ProgrammeFilter {
    const FIELDS: &'static Fields = FIELDS;

    async fn conditions(self, db: &Db, _: Option<NaiveDate>) -> Result<Conditions> {
        let mut lookup = Lookup::default();
        let imposers = lookup.want_all("imposer", Kind::Actors, &self.imposer);
        let found = lookup.resolve_for_read(db).await?;
        let imposers = found.all(&imposers);
        let mut conditions = Conditions::default();
        if !imposers.is_empty() {
            let imposed = IMPOSED.acted_for(&imposers, self.counted.unwrap_or_default());
            conditions.add(imposed.is_met_by(db, "programme.id", "programmes as programme"));
        }
        let mut codes = Lookup::default();
        for code in &self.code {
            let reference = Reference::Key {
                scheme: "programme".to_owned(),
                value: code.clone(),
            };
            codes.want("?code", Kind::Programmes, reference);
        }
        codes.refuse_misspelt(db).await?;
        conditions.any("programme.code", self.code, "");
        Ok(conditions)
    }
}
