//! The tables that are filled, and the rows to send to them.

use tokio_postgres::Client;

use super::copy::Rows;

/// Names of the tables.
pub const TABLES: [&str; 17] = [
    "actors",
    "actor_names",
    "actor_countries",
    "actor_identifiers",
    "relationships",
    "sources",
    "programmes",
    "diplomatic_actions",
    "action_participants",
    "action_countries",
    "action_links",
    "sanctions",
    "sanction_measures",
    "sanction_grounds",
    "sanction_objectives",
    "sanction_programmes",
    "citations",
];

pub struct Tables {
    pub sources: Rows,
    pub actors: Rows,
    pub names: Rows,
    pub countries: Rows,
    pub identifiers: Rows,
    pub relationships: Rows,
    pub programmes: Rows,
    pub actions: Rows,
    pub participants: Rows,
    pub action_countries: Rows,
    pub links: Rows,
    pub sanctions: Rows,
    pub measures: Rows,
    pub grounds: Rows,
    pub objectives: Rows,
    pub bases: Rows,
    pub citations: Rows,
}

impl Tables {
    pub fn new() -> Self {
        Self {
            sources: Rows::of(
                "public.sources",
                "id, kind, title, publisher, published_on, reliability, properties",
            ),
            actors: Rows::of("public.actors", "id, kind, name, properties"),
            names: Rows::of("public.actor_names", "actor_id, position, name, kind"),
            countries: Rows::of("public.actor_countries", "actor_id, position, code, role"),
            identifiers: Rows::of(
                "public.actor_identifiers",
                "actor_id, position, scheme, is_unique, value",
            ),
            relationships: Rows::of(
                "public.relationships",
                "id, subject_id, object_id, kind, started_on, ended_on, claim_status, properties",
            ),
            programmes: Rows::of(
                "public.programmes",
                "id, code, name, imposer_id, legal_basis, properties",
            ),
            actions: Rows::of(
                "public.diplomatic_actions",
                "id, type, cameo_code, modality, title, occurred_on, ended_on, ongoing, fatalities_min, fatalities_max, claim_status, properties",
            ),
            participants: Rows::of(
                "public.action_participants",
                "action_id, position, role, actor_id",
            ),
            action_countries: Rows::of("public.action_countries", "action_id, position, code"),
            links: Rows::of(
                "public.action_links",
                "action_id, position, kind, linked_action_id",
            ),
            sanctions: Rows::of(
                "public.sanctions",
                "id, imposer_id, target_id, reason, legal_basis, imposed_on, expires_on, lifted_on, action_id, list_code, list_uid, claim_status, properties",
            ),
            measures: Rows::of("public.sanction_measures", "sanction_id, position, measure"),
            grounds: Rows::of("public.sanction_grounds", "sanction_id, position, ground"),
            objectives: Rows::of(
                "public.sanction_objectives",
                "sanction_id, position, objective, outcome",
            ),
            bases: Rows::of(
                "public.sanction_programmes",
                "sanction_id, position, programme_id",
            ),
            citations: Rows::of(
                "public.citations",
                "id, relationship_id, sanction_id, action_id, position, source_id, credibility, stance",
            ),
        }
    }

    /// Sends the new rows of all tables, referenced tables first.
    pub async fn send(&mut self, client: &Client) -> Result<(), tokio_postgres::Error> {
        for rows in [
            &mut self.sources,
            &mut self.actors,
            &mut self.names,
            &mut self.countries,
            &mut self.identifiers,
            &mut self.relationships,
            &mut self.programmes,
            &mut self.actions,
            &mut self.participants,
            &mut self.action_countries,
            &mut self.links,
            &mut self.sanctions,
            &mut self.measures,
            &mut self.grounds,
            &mut self.objectives,
            &mut self.bases,
            &mut self.citations,
        ] {
            rows.send(client).await?;
        }
        Ok(())
    }
}
