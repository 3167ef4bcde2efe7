//! Made-up records of each kind, for tests that hold for every kind.

use demarche::resource::Kind;
use serde_json::{Value, json};

use super::TestApp;

/// The bodies that a test of every kind sends.
#[derive(Debug, Clone)]
pub struct Sample {
    pub kind: Kind,
    /// The smallest body that is accepted: the required fields alone.
    pub minimal: Value,
    /// A body with every field set; its external key is `sample:<noun>`, with `_` for a blank.
    pub full: Value,
    /// A field that takes any text and may be null.
    pub text: &'static str,
    /// Derived read-only fields, each with a value that `full` does not have.
    pub derived: Vec<(&'static str, Value)>,
    /// A body that breaks several rules.
    pub invalid: Value,
    /// The pointers of the faults of `invalid`, in alphabetical order.
    pub faults: &'static [&'static str],
    /// The header of the CSV of a list.
    pub csv_header: &'static str,
}

impl Sample {
    /// The sample of a kind. Its references name what [`make_surroundings`] records.
    pub fn of(kind: Kind) -> Self {
        match kind {
            Kind::Actors => actor(),
            Kind::Relationships => relationship(),
            Kind::Programmes => programme(),
            Kind::Sanctions => sanction(),
            Kind::DiplomaticActions => diplomatic_action(),
            Kind::Sources => source(),
        }
    }

    /// The samples of all kinds.
    pub fn all() -> impl Iterator<Item = Self> {
        Kind::ALL.into_iter().map(Self::of)
    }

    /// The address of the list.
    pub fn path(&self) -> String {
        format!("/v1/{}", self.kind.path())
    }

    /// A merge patch that changes one text of `full`.
    pub fn patch(&self) -> Value {
        json!({self.text: "Patched"})
    }

    /// Returns the required fields in alphabetical order.
    pub fn required_fields(&self) -> &'static [&'static str] {
        match self.kind {
            Kind::Actors => &["kind", "name"],
            Kind::Relationships => &["kind", "object", "subject"],
            Kind::Programmes => &["code", "imposer", "name"],
            Kind::Sanctions => &["imposer", "target"],
            Kind::DiplomaticActions => &["title", "type"],
            Kind::Sources => &["kind", "title"],
        }
    }

    /// The minimal body of one of several records: what must be unique in it has this number.
    pub fn numbered(&self, number: usize) -> Value {
        let mut body = self.minimal.clone();
        if let Some(code) = body.get_mut("code") {
            *code = json!(format!("NUMBERED-{number}"));
        }
        body
    }

    /// Whether records of this kind are claims, with citations.
    pub fn has_citations(&self) -> bool {
        self.full.get("citations").is_some()
    }

    /// A record that refers to the one of `full`: its kind, its body, and the noun of the reference. `None` if no
    /// field of any kind can refer to it.
    pub fn referrer(&self) -> Option<(Kind, Value, &'static str)> {
        let this = self.reference();
        match self.kind {
            Kind::Actors => Some((
                Kind::Programmes,
                json!({"code": "REFERRER", "name": "Referrer", "imposer": this}),
                "imposer",
            )),
            Kind::Programmes => Some((
                Kind::Sanctions,
                json!({"imposer": "around:office", "target": "around:person", "programmes": [this]}),
                "programme",
            )),
            Kind::DiplomaticActions => Some((
                Kind::Sanctions,
                json!({"imposer": "around:office", "target": "around:person", "action": this}),
                "action",
            )),
            Kind::Sources => Some((
                Kind::Relationships,
                json!({
                    "subject": "around:person", "kind": "official_of", "object": "around:office",
                    "citations": [{"source": this, "locator": "p. 1"}, {"source": this, "locator": "p. 2"}],
                }),
                "source",
            )),
            Kind::Relationships | Kind::Sanctions => None,
        }
    }

    /// Returns the reference to the record of `full`.
    pub fn reference(&self) -> String {
        format!("sample:{}", self.kind.noun().replace(' ', "_"))
    }
}

/// Records what samples refer to, under keys `around:…`: an office, a person, a programme, an action and a source.
pub async fn make_surroundings(app: &TestApp) {
    let key = |value: &str| json!([{"scheme": "around", "value": value}]);
    for (resource, body) in [
        (
            "actors",
            json!({"kind": "government_body", "name": "Office of Samples", "external_keys": key("office")}),
        ),
        (
            "actors",
            json!({
                "kind": "person", "name": "Ada Sample", "external_keys": key("person"),
                "countries": [{"code": "CO", "role": "nationality"}],
            }),
        ),
        (
            "programmes",
            json!({
                "code": "AROUND-1", "name": "Programme around", "imposer": "around:office",
                "external_keys": key("programme"),
            }),
        ),
        (
            "diplomatic-actions",
            json!({
                "type": "sanctions_imposed", "title": "The office announces samples",
                "occurred_on": "2021-03-01", "external_keys": key("action"),
            }),
        ),
        (
            "sources",
            json!({
                "kind": "official_statement", "title": "Announcement of samples", "reliability": "B",
                "external_keys": key("source"),
            }),
        ),
    ] {
        app.create(resource, body).await;
    }
}

fn citations() -> Value {
    json!([
        {
            "source": "around:source", "credibility": 2, "stance": "supports", "locator": "paragraph 2",
            "quote": "as stated", "attributed_to": "around:person",
        },
        {"source": "around:source", "stance": "disputes"},
    ])
}

fn actor() -> Sample {
    Sample {
        kind: Kind::Actors,
        minimal: json!({"kind": "person", "name": "Grace Minimal"}),
        full: json!({
            "kind": "person",
            "name": "Grace Sample",
            "names": [
                {"name": "Grace S. Sample", "kind": "alias", "lang": "en", "from": "1985~", "until": "1990-03"},
                {"name": "Gracia Sample", "kind": "alias", "lang": "es"},
            ],
            "countries": [
                {"code": "CO", "role": "nationality"},
                {"code": "US", "role": "residence", "from": "2001", "until": "2003-05"},
            ],
            "identifiers": [{
                "scheme": "passport", "value": "SAMPLE1", "country": "CO", "valid_from": "2015-02",
                "valid_until": "2025~",
            }],
            "addresses": [
                {
                    "full": "Carrera 8 # 7-26, Bogotá", "street": "Carrera 8 # 7-26", "city": "Bogotá", "region": "D.C.",
                    "postal_code": "111711", "country": "CO", "from": "2019", "until": "2020-05",
                },
                {"country": "US"},
            ],
            "description": "Somebody \"quoted\", with a comma",
            "began_on": "1960-04-19",
            "ended_on": "2020-05",
            "properties": {"position": ["Minister", "Deputy"]},
            "external_keys": [{"scheme": "sample", "value": "actor"}],
        }),
        text: "description",
        derived: vec![],
        invalid: json!({
            "kind": "no_such_kind", "name": " ", "began_on": "2020", "ended_on": "2019", "properties": {"position": 1, "gender": ["Frau"]},
            "addresses": [{}], "countries": [{"code": "CO", "role": "flag", "from": "2020", "until": "2019"}],
        }),
        faults: &[
            "/addresses/0",
            "/countries/0/until",
            "/ended_on",
            "/kind",
            "/name",
            "/properties/gender/0",
            "/properties/position",
        ],
        csv_header: "id,kind,name,names,name_kinds,names_from,names_until,countries,country_roles,countries_from,\
            countries_until,identifiers,addresses,description,began_on,ended_on,properties,\
            external_keys,version,created_at,updated_at",
    }
}

fn relationship() -> Sample {
    Sample {
        kind: Kind::Relationships,
        minimal: json!({"subject": "around:office", "kind": "agency_of", "object": "iso3166:US"}),
        full: json!({
            "subject": "around:person",
            "kind": "official_of",
            "object": "around:office",
            "role": "Director",
            "share_percent": 12.5,
            "started_on": "2015-02",
            "ended_on": "2019~",
            "description": "Appointed in the second round",
            "claim_status": "confirmed",
            "citations": citations(),
            "properties": {"recordId": ["7"]},
            "external_keys": [{"scheme": "sample", "value": "relationship"}],
        }),
        text: "description",
        derived: vec![],
        invalid: json!({
            "subject": "around:person", "kind": "no_such_kind", "object": "around:person", "share_percent": 101,
            "started_on": "2020-13", "claim_status": "maybe",
        }),
        faults: &[
            "/claim_status",
            "/kind",
            "/object",
            "/share_percent",
            "/started_on",
        ],
        csv_header: "id,subject_id,subject,kind,object_id,object,role,share_percent,share_percent_min,share_percent_max,started_on,ended_on,description,\
            claim_status,citations,stances,grades,attributed_to,best_grade,properties,external_keys,\
            version,created_at,updated_at",
    }
}

fn programme() -> Sample {
    Sample {
        kind: Kind::Programmes,
        minimal: json!({"code": "MINIMAL-1", "name": "Minimal programme", "imposer": "around:office"}),
        full: json!({
            "code": "SAMPLE-1",
            "name": "Sample programme",
            "imposer": "around:office",
            "legal_basis": "Order 1",
            "url": "https://example.org/programme",
            "description": "A programme of samples",
            "properties": {"topic": ["samples"]},
            "external_keys": [{"scheme": "sample", "value": "programme"}],
        }),
        text: "description",
        derived: vec![],
        invalid: json!({
            "code": "with blanks", "name": "", "imposer": "around:nobody", "url": "ftp://example.org",
        }),
        faults: &["/code", "/imposer", "/name", "/url"],
        csv_header: "id,code,name,imposer_id,imposer,legal_basis,url,description,properties,external_keys,version,\
            created_at,updated_at",
    }
}

fn sanction() -> Sample {
    Sample {
        kind: Kind::Sanctions,
        minimal: json!({"imposer": "around:office", "target": "iso3166:CO"}),
        full: json!({
            "imposer": "around:office",
            "target": "around:person",
            "programmes": ["around:programme"],
            "measures": ["asset_freeze", {"measure": "travel_ban", "from": "2021-04", "until": "2022~"}],
            "grounds": ["narcotics", "retaliation"],
            "objectives": ["policy_change", {"objective": "other", "outcome": "ongoing"}],
            "reason": "For the sake of the sample",
            "legal_basis": "Order 1",
            "provisions": "All samples are blocked",
            "announced_on": "2021-03-01",
            "imposed_on": "2021-03-02",
            "effective_on": "2021-03-03",
            "expires_on": "2024-01",
            "lifted_on": "2023-12-24",
            "lift_reason": "The sample is complete",
            "claim_status": "confirmed",
            "action": "around:action",
            "list_code": "sample_list",
            "list_part": "A",
            "list_uid": "1",
            "citations": citations(),
            "properties": {"program": ["SAMPLE-1"]},
            "external_keys": [{"scheme": "sample", "value": "sanction"}],
        }),
        text: "reason",
        derived: vec![("status", json!("in_force")), ("status_certain", json!(false))],
        invalid: json!({
            "imposer": "around:office", "target": "around:office", "measures": ["no_such_measure"],
            "grounds": ["narcotics", "narcotics"], "imposed_on": "2021", "lifted_on": "2020", "list_uid": "1",
            "citations": [{"source": "around:nothing", "credibility": 7}],
        }),
        faults: &[
            "/citations/0/credibility",
            "/citations/0/source",
            "/grounds/1",
            "/lifted_on",
            "/list_code",
            "/measures/0",
            "/target",
        ],
        csv_header: "id,imposer_id,imposer,target_id,target,programmes,measures,measures_from,measures_until,grounds,objectives,outcomes,reason,\
            legal_basis,provisions,announced_on,imposed_on,effective_on,expires_on,lifted_on,lift_reason,\
            status,status_certain,claim_status,action_id,action,list_code,list_part,list_uid,citations,\
            stances,grades,attributed_to,best_grade,properties,external_keys,version,created_at,updated_at",
    }
}

fn diplomatic_action() -> Sample {
    Sample {
        kind: Kind::DiplomaticActions,
        minimal: json!({"type": "public_statement", "title": "Minimal statement"}),
        full: json!({
            "type": "intelligence_cooperation_suspended",
            "cameo_code": "160",
            "modality": "actual",
            "title": "The office suspends the exchange of samples",
            "summary": "All levels stop exchanging samples",
            "reason": "Samples were lost",
            "condition": "until the losses cease",
            "channel": "press conference",
            "place": "Bogotá",
            "latitude": 4.711,
            "longitude": -74.0721,
            "countries": ["CO", "US"],
            "occurred_on": "2021-03-11~",
            "ended_on": "2021-04",
            "ongoing": false,
            "fatalities_min": 0,
            "fatalities_max": 3,
            "persons_min": 40,
            "persons_max": 41,
            "participants": [
                {"role": "initiator", "actor": "around:office"},
                {"role": "target", "actor": "iso3166:US"},
            ],
            "links": [{"kind": "retaliates_for", "action": "around:action"}],
            "claim_status": "confirmed",
            "citations": citations(),
            "properties": {"notes": ["first", "second"]},
            "external_keys": [{"scheme": "sample", "value": "diplomatic_action"}],
        }),
        text: "summary",
        derived: vec![
            ("goldstein", json!(1.5)),
            ("quad_class", json!(2)),
            ("linked_from", json!([{"kind": "alleges"}])),
        ],
        invalid: json!({
            "type": "no_such_type", "title": " ", "latitude": 91, "ongoing": true, "ended_on": "2021",
            "participants": [{"role": "watcher", "actor": "around:nobody"}],
            "fatalities_min": 2, "fatalities_max": 1, "persons_min": -1, "persons_max": 3_000_000_000_i64,
        }),
        faults: &[
            "/fatalities_max",
            "/latitude",
            "/longitude",
            "/ongoing",
            "/participants/0/actor",
            "/participants/0/role",
            "/persons_max",
            "/persons_min",
            "/title",
            "/type",
        ],
        csv_header: "id,type,cameo_code,goldstein,quad_class,modality,title,summary,reason,condition,channel,place,\
            latitude,longitude,countries,occurred_on,ended_on,ongoing,fatalities_min,fatalities_max,persons_min,persons_max,\
            participants,links,linked_from,claim_status,citations,stances,grades,attributed_to,best_grade,properties,\
            external_keys,version,created_at,updated_at",
    }
}

fn source() -> Sample {
    Sample {
        kind: Kind::Sources,
        minimal: json!({"kind": "other", "title": "Minimal note"}),
        full: json!({
            "kind": "official_statement",
            "title": "Sample statement",
            "publisher": "Office of Samples",
            "author": "Press office",
            "url": "https://example.org/statement",
            "archive_url": "https://archive.example.org/statement",
            "published_on": "2021-03-01",
            "retrieved_at": "2021-03-01T13:05:00-05:00",
            "language": "en",
            "reliability": "A",
            "content_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "notes": "Read on the day",
            "properties": {"topic": ["samples"]},
            "external_keys": [{"scheme": "sample", "value": "source"}],
        }),
        text: "notes",
        derived: vec![],
        invalid: json!({
            "kind": "rumour", "title": " ", "url": "ftp://example.org", "published_on": "2021-13",
            "retrieved_at": "yesterday", "language": "English", "reliability": "G", "content_sha256": "0",
        }),
        faults: &[
            "/content_sha256",
            "/kind",
            "/language",
            "/published_on",
            "/reliability",
            "/retrieved_at",
            "/title",
            "/url",
        ],
        csv_header: "id,kind,title,publisher,author,url,archive_url,published_on,retrieved_at,language,reliability,\
            content_sha256,notes,properties,external_keys,version,created_at,updated_at",
    }
}
