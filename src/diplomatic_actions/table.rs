//! A diplomatic action as a line of CSV.

use crate::diplomatic_actions::model::DiplomaticAction;
use crate::query::table_row::{TableRow, cell, joined, properties_cell};
use crate::resource::citations;
use crate::text;

impl TableRow for DiplomaticAction {
    const HEADER: &'static [&'static str] = &[
        "id",
        "type",
        "cameo_code",
        "goldstein",
        "quad_class",
        "modality",
        "title",
        "summary",
        "reason",
        "condition",
        "channel",
        "place",
        "latitude",
        "longitude",
        "countries",
        "occurred_on",
        "ended_on",
        "ongoing",
        "fatalities_min",
        "fatalities_max",
        "participants",
        "links",
        "claim_status",
        "citations",
        "stances",
        "grades",
        "attributed_to",
        "best_grade",
        "properties",
        "external_keys",
        "version",
        "created_at",
        "updated_at",
    ];

    fn cells(&self) -> Vec<String> {
        let mut cells = vec![
            self.id.to_string(),
            self.r#type.clone(),
            self.cameo_code.clone(),
            self.goldstein.to_string(),
            self.quad_class.to_string(),
            self.modality.to_string(),
            self.title.clone(),
            cell(self.summary.as_ref()),
            cell(self.reason.as_ref()),
            cell(self.condition.as_ref()),
            cell(self.channel.as_ref()),
            cell(self.place.as_ref()),
            cell(self.latitude.as_ref()),
            cell(self.longitude.as_ref()),
            joined(&self.countries, Clone::clone),
            cell(self.occurred_on.as_ref()),
            cell(self.ended_on.as_ref()),
            self.ongoing.to_string(),
            cell(self.fatalities_min.as_ref()),
            cell(self.fatalities_max.as_ref()),
            joined(&self.participants, |participant| {
                format!("{}:{}", participant.role, participant.actor.name)
            }),
            joined(&self.links, |link| format!("{}:{}", link.kind, link.action.title)),
            self.claim_status.to_string(),
        ];
        cells.extend(citations::cells(&self.citations));
        cells.extend([
            properties_cell(&self.properties),
            joined(&self.external_keys, |key| format!("{}:{}", key.scheme, key.value)),
            self.version.to_string(),
            text::timestamp(self.created_at),
            text::timestamp(self.updated_at),
        ]);
        cells
    }
}
