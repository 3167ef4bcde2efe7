//! A sanction as a line of a table.

use crate::query::table_row::{TableRow, cell, joined, properties_cell};
use crate::resource::citations;
use crate::sanctions::model::Sanction;
use crate::text;

impl TableRow for Sanction {
    const HEADER: &'static [&'static str] = &[
        "id",
        "imposer_id",
        "imposer",
        "target_id",
        "target",
        "programmes",
        "measures",
        "grounds",
        "objectives",
        "reason",
        "legal_basis",
        "provisions",
        "announced_on",
        "imposed_on",
        "effective_on",
        "expires_on",
        "lifted_on",
        "lift_reason",
        "status",
        "status_certain",
        "claim_status",
        "action_id",
        "action",
        "list_code",
        "list_part",
        "list_uid",
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
            self.imposer.id.to_string(),
            self.imposer.name.clone(),
            self.target.id.to_string(),
            self.target.name.clone(),
            joined(&self.programmes, |programme| programme.code.clone()),
            joined(&self.measures, |measure| measure.measure.clone()),
            joined(&self.grounds, Clone::clone),
            joined(&self.objectives, |objective| objective.objective.clone()),
            cell(self.reason.as_ref()),
            cell(self.legal_basis.as_ref()),
            cell(self.provisions.as_ref()),
            cell(self.announced_on.as_ref()),
            cell(self.imposed_on.as_ref()),
            cell(self.effective_on.as_ref()),
            cell(self.expires_on.as_ref()),
            cell(self.lifted_on.as_ref()),
            cell(self.lift_reason.as_ref()),
            self.status.to_string(),
            self.status_certain.to_string(),
            self.claim_status.to_string(),
            cell(self.action.as_ref().map(|action| action.id).as_ref()),
            cell(self.action.as_ref().map(|action| &action.title)),
            cell(self.list_code.as_ref()),
            cell(self.list_part.as_ref()),
            cell(self.list_uid.as_ref()),
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
