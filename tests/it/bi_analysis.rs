//! The analysis views: known results for small stories, and the demo's case compared with the API.

use demarche::bi::refresh::{IfBusy, Manner, refresh};
use demarche::db::connect::{self, Use};
use serde_json::Value;
use tokio_postgres::Client;

use crate::support::TestApp;

/// A registry for small stories: bodies of states, and what they do.
struct Story {
    app: TestApp,
    client: Client,
}

impl Story {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let client = app.client().await;
        client
            .batch_execute(
                "create function state(code text) returns uuid language sql as \
                   'select actor_id from actor_identifiers where scheme = ''iso3166'' and value = code';
                 create function body(name text) returns uuid language sql as \
                   'select id from actors where actors.name = body.name';",
            )
            .await
            .expect("functions");
        let story = Self { app, client };
        for (body, state) in [
            ("Treasury", "US"),
            ("Army", "US"),
            ("Ministry", "CO"),
            ("Office", "GB"),
        ] {
            story
                .run(&format!(
                    "with made as (insert into actors (kind, name) values ('government_body', '{body}') returning id) \
                     insert into relationships (subject_id, kind, object_id) select id, 'agency_of', state('{state}') from made"
                ))
                .await;
        }
        story
    }

    async fn run(&self, sql: &str) {
        self.client.batch_execute(sql).await.expect(sql);
    }

    async fn text(&self, sql: &str) -> String {
        self.client
            .query_one(sql, &[])
            .await
            .expect(sql)
            .get::<_, Option<String>>(0)
            .unwrap_or_default()
    }

    /// An action of one body towards another; its title names it.
    async fn act(&self, title: &str, kind: &str, day: Option<&str>, initiator: &str, target: &str) {
        let day = day.map_or("null".to_owned(), |day| format!("'{day}'"));
        self.run(&format!(
            "with made as ( \
               insert into diplomatic_actions (type, title, occurred_on) values ('{kind}', '{title}', {day}) returning id \
             ) \
             insert into action_participants (action_id, position, role, actor_id) \
             select id, 0, 'initiator'::participant_role, body('{initiator}') from made \
             union all select id, 1, 'target', body('{target}') from made"
        ))
        .await;
    }

    async fn set_action(&self, title: &str, set: &str) {
        self.run(&format!(
            "update diplomatic_actions set {set} where title = '{title}'"
        ))
        .await;
    }

    async fn cite(&self, title: &str, reliability: &str, credibility: u8) {
        self.run(&format!(
            "with source as (insert into sources (kind, title, reliability) \
               values ('report', 'On {title}', '{reliability}') returning id) \
             insert into citations (action_id, position, source_id, credibility) \
             select action.id, 0, source.id, {credibility} from source, diplomatic_actions as action \
             where action.title = '{title}'"
        ))
        .await;
    }

    async fn link(&self, title: &str, kind: &str, linked: &str) {
        self.run(&format!(
            "insert into action_links (action_id, position, kind, linked_action_id) \
             select action.id, (select count(*) from action_links where action_id = action.id), '{kind}', linked.id \
             from diplomatic_actions as action, diplomatic_actions as linked \
             where action.title = '{title}' and linked.title = '{linked}'"
        ))
        .await;
    }

    async fn sanction(&self, imposer: &str, target: &str, imposed_on: &str, action: Option<&str>) {
        let action = action.map_or("null".to_owned(), |title| {
            format!("(select id from diplomatic_actions where title = '{title}')")
        });
        self.run(&format!(
            "insert into sanctions (imposer_id, target_id, imposed_on, action_id) \
             values (body('{imposer}'), body('{target}'), '{imposed_on}', {action})"
        ))
        .await;
    }

    async fn refresh(&self) {
        refresh_now(&self.app, Manner::Incremental).await;
    }
}

pub async fn refresh_now(app: &TestApp, manner: Manner) {
    let runtime = tokio::runtime::Handle::current();
    let mut connection = connect::on(&runtime, app.target(), Use::Exclusive(connect::COMMAND_TIME))
        .await
        .expect("a connection");
    refresh(&mut connection, manner, IfBusy::Wait)
        .await
        .expect("a refresh")
        .expect("not left to another");
}

#[tokio::test(flavor = "multi_thread")]
async fn tension_decays_from_day_to_day_and_weighs_by_grade() {
    let story = Story::new().await;
    story
        .act(
            "visas",
            "visa_revoked",
            Some("2025-09-01"),
            "Treasury",
            "Ministry",
        )
        .await;
    story
        .act("words", "accusation", Some("2025-09-10"), "Army", "Ministry")
        .await;
    story
        .act("ships", "force_posture", Some("2025-10-05"), "Army", "Ministry")
        .await;
    story
        .act("rumour", "airstrike", Some("2025-10-04"), "Army", "Ministry")
        .await;
    story.set_action("rumour", "modality = 'alleged'").await;
    story.cite("visas", "B", 2).await;
    story.cite("ships", "A", 1).await;
    story.cite("ships", "E", 5).await;

    story.refresh().await;

    let week = async |monday: &str| {
        story
            .text(&format!(
                "select string_agg(format('%s %s %s', round(score::numeric, 6), round(score_unweighted::numeric, 6), actions), ';') \
                 from bi.dyad_tension where week = '{monday}' and initiator_state_code = 'US' and target_state = 'Colombia'"
            ))
            .await
    };
    // -5.0 of the 1st weighing 0.75, -2.0 of the 10th that nobody graded, -7.2 of 5 October.
    assert_eq!(week("2025-09-01").await, "-3.508151 -4.677535 1");
    assert_eq!(week("2025-09-08").await, "-4.202165 -6.240572 1");
    assert_eq!(week("2025-09-29").await, "-10.527651 -12.141844 1");
    assert_eq!(week("2026-09-28").await, "-0.184438 -0.212718 0");
    assert_eq!(week("2026-10-05").await, "");
    // The same scores on the last day of a month, until 12 months after the last action.
    let months = story
        .text(
            "select string_agg(format('%s %s %s %s %s', month, round(score::numeric, 6), round(score_unweighted::numeric, 6), \
               actions, goldstein_sum), ', ' order by month) \
             from bi.dyad_tension_month \
             where initiator_state_code = 'US' and pair = 'Colombia – United States' \
               and month in ('2025-09-01', '2025-10-01', '2025-11-01', '2026-10-01', '2026-11-01')",
        )
        .await;
    assert_eq!(
        months,
        "2025-09-01 -3.517752 -5.224161 2 -7.0, 2025-10-01 -7.886215 -9.095400 1 -7.2, \
         2025-11-01 -5.650720 -6.517139 0 0, 2026-10-01 -0.136635 -0.157586 0 0"
    );
    assert_eq!(
        story
            .text("select count(*)::text from bi.dyad_tension where initiator_state_code = 'CO'")
            .await,
        "0"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn months_count_actual_actions_and_report_the_others_separately() {
    let story = Story::new().await;
    for (title, kind, day) in [
        ("aid", "aid", Some("2025-09-01")),
        ("visas", "visa_revoked", Some("2025-09-30")),
        ("words", "accusation", Some("2025")),
        ("some day", "accusation", None),
        ("plan", "airstrike", Some("2025-09-02")),
        ("lie", "airstrike", Some("2025-09-03")),
    ] {
        story.act(title, kind, day, "Treasury", "Ministry").await;
    }
    story
        .act("inside", "accusation", Some("2025-09-05"), "Treasury", "Army")
        .await;
    story.set_action("plan", "modality = 'planned'").await;
    story
        .set_action("lie", "modality = 'alleged', claim_status = 'retracted'")
        .await;
    story.sanction("Treasury", "Ministry", "2025-09-23", None).await;
    story
        .run("update sanctions set lifted_on = '2025-10', expires_on = '2026-01-01'")
        .await;

    story.refresh().await;

    let months = story
        .text(
            "select string_agg(format('%s: %s %s %s %s %s|%s|%s %s %s|%s %s %s', coalesce(month::text, 'no day'), \
               actions, cooperation, conflict, goldstein_sum, round(goldstein_mean, 2), unsure_month_actions, \
               sanctions_imposed, sanctions_lifted, sanctions_expiring, planned_actions, alleged_actions, denied_actions), \
               '\n' order by month) \
             from bi.dyad_month",
        )
        .await;
    assert_eq!(
        months,
        "2025-01-01: 1 0 1 -2.0 -2.00|1|0 0 0|0 0 0\n\
         2025-09-01: 2 1 1 2.0 1.00|0|1 0 0|1 0 1\n\
         2025-10-01: 0 0 0 0 |0|0 1 0|0 0 0\n\
         no day: 1 0 1 -2.0 -2.00|1|0 0 0|0 0 0"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_joint_act_counts_once_in_each_direction_between_all_who_act() {
    let story = Story::new().await;
    // Two bodies of the United States, one of Colombia and one of the United Kingdom sign a treaty.
    story
        .act(
            "treaty",
            "agreement_signed",
            Some("2025-09-10"),
            "Treasury",
            "Ministry",
        )
        .await;
    story
        .run(
            "update action_participants set role = 'initiator' where role = 'target';
             insert into action_participants (action_id, position, role, actor_id)
             select id, 2, 'initiator'::participant_role, body('Army') from diplomatic_actions
             union all select id, 3, 'initiator', body('Office') from diplomatic_actions
             union all select id, 4, 'mediator', state('FR') from diplomatic_actions
             union all select id, 5, 'affected', state('DE') from diplomatic_actions",
        )
        .await;
    // Two states against a third: not an act between the two.
    story
        .act(
            "accusation",
            "accusation",
            Some("2025-09-11"),
            "Treasury",
            "Ministry",
        )
        .await;
    story
        .run(
            "insert into action_participants (action_id, position, role, actor_id)
             select id, 2, 'initiator', body('Office') from diplomatic_actions where title = 'accusation'",
        )
        .await;
    story.sanction("Treasury", "Ministry", "2025-09-23", None).await;

    story.refresh().await;

    let months = story
        .text(
            "select string_agg(format('%s %s: %s %s %s %s', initiator_state_alpha3, target_state_alpha3, actions, joint_actions, \
               cooperation, conflict), ', ' order by initiator_state_alpha3, target_state_alpha3) \
             from bi.dyad_month where month = '2025-09-01'",
        )
        .await;
    assert_eq!(
        months,
        "COL GBR: 1 1 1 0, COL USA: 1 1 1 0, GBR COL: 2 1 1 1, GBR USA: 1 1 1 0, USA COL: 2 1 1 1, USA GBR: 1 1 1 0"
    );
    let weeks = story
        .text(
            "select string_agg(format('%s %s: %s', initiator_state_code, target_state_code, goldstein_sum), ', ' \
               order by initiator_state_code, target_state_code) \
             from bi.dyad_tension where week = '2025-09-08'",
        )
        .await;
    assert_eq!(
        weeks,
        "CO GB: 8.0, CO US: 8.0, GB CO: 6.0, GB US: 8.0, US CO: 6.0, US GB: 8.0"
    );
    let panel = story
        .text("select string_agg(format('%s %s %s', year, cooperation, conflict), ', ' order by year) from bi.sanction_panel where year = 2025")
        .await;
    assert_eq!(panel, "2025 1 1");
    let joint = story
        .text("select string_agg(format('%s %s', title, joint), ', ' order by title) from bi.diplomatic_actions")
        .await;
    assert_eq!(joint, "accusation f, treaty t");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_branching_chain_returns_its_steps_in_order() {
    let story = Story::new().await;
    for (title, kind, day, initiator, target) in [
        ("strike", "airstrike", Some("2025-09-02"), "Army", "Ministry"),
        ("words", "accusation", Some("2025-09-10"), "Ministry", "Army"),
        (
            "visas",
            "visa_revoked",
            Some("2025-09-12"),
            "Treasury",
            "Ministry",
        ),
        ("protest", "protest", None, "Ministry", "Army"),
        ("claim", "airstrike", Some("2025-09-20"), "Ministry", "Army"),
        (
            "both",
            "reduced_relations",
            Some("2025-09-22"),
            "Ministry",
            "Army",
        ),
        ("apart", "visit", Some("2025-09-22"), "Ministry", "Army"),
    ] {
        story.act(title, kind, day, initiator, target).await;
    }
    story.set_action("claim", "claim_status = 'denied'").await;
    story.link("words", "responds_to", "strike").await;
    story.link("visas", "retaliates_for", "words").await;
    story.link("protest", "responds_to", "visas").await;
    story.link("claim", "escalates", "strike").await;
    story.link("both", "responds_to", "words").await;
    story.link("both", "responds_to", "claim").await;
    story.link("apart", "part_of", "strike").await;

    story.refresh().await;

    let steps = story
        .text(
            "select string_agg(format('%s %s %s: %s < %s %s %s, %s', chain, step, depth, title, answers, \
               days_since_answered, days_since_previous, goldstein_cumulated), '\n' order by step) \
             from bi.escalation_chains",
        )
        .await;
    assert_eq!(
        steps,
        "strike 1 0: strike <   , -10.0\n\
         strike 2 1: words < strike 8 8, -12.0\n\
         strike 3 2: visas < words 2 2, -17.0\n\
         strike 4 3: protest < visas  , -23.5\n\
         strike 5 1: claim < strike 18 , -23.5\n\
         strike 6 2: both < claim 2 2, -27.5"
    );
    assert_eq!(
        story
            .text("select link_kinds || ' ' || initiator_states || ' ' || target_states from bi.escalation_chains where title = 'visas'")
            .await,
        "retaliates_for United States Colombia"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn counter_sanctions_name_the_first_imposer_and_the_days_until_the_response() {
    let story = Story::new().await;
    story
        .act(
            "first",
            "sanctions_imposed",
            Some("2025-03-01"),
            "Treasury",
            "Ministry",
        )
        .await;
    story
        .act(
            "answer",
            "counter_sanctions_imposed",
            Some("2025-03-11"),
            "Ministry",
            "Treasury",
        )
        .await;
    story.link("answer", "retaliates_for", "first").await;
    story
        .sanction("Treasury", "Ministry", "2025-03-01", Some("first"))
        .await;
    story
        .sanction("Army", "Ministry", "2025-03-01", Some("first"))
        .await;
    story
        .sanction("Ministry", "Treasury", "2025-03-11", Some("answer"))
        .await;
    story.sanction("Office", "Ministry", "2025-01-15", None).await;
    story.sanction("Office", "Ministry", "2025-02-01", None).await;
    story.sanction("Ministry", "Office", "2025-02-08", None).await;
    story.sanction("Ministry", "Army", "2025-06-01", None).await;
    story
        .run(
            "insert into sanction_grounds (sanction_id, position, ground) \
             select id, 0, 'retaliation' from sanctions where imposed_on = '2025-02-08'",
        )
        .await;

    story.refresh().await;

    let pairs = story
        .text(
            "select string_agg(format('%s %s > %s %s, %s: %s %s %s', first_sanctions, first_state, answering_sanctions, \
               answering_state, lag_days, basis, first_on, answering_target), '\n' order by first_on) \
             from bi.counter_sanctions",
        )
        .await;
    assert_eq!(
        pairs,
        "1 United Kingdom > 1 Colombia, 7: ground 2025-02-01 Office\n\
         2 United States > 1 Colombia, 10: retaliates_for 2025-03-01 Treasury"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn coordinated_sanctions_of_different_imposers_are_pairs() {
    let story = Story::new().await;
    story
        .run("insert into actors (kind, name) values ('government_body', 'Council'), ('company', 'Miner'), ('company', 'Bank');
              insert into actor_countries (actor_id, position, code, role) values
                (body('Miner'), 0, 'VE', 'jurisdiction'), (body('Bank'), 0, 'VE', 'jurisdiction');
              insert into relationships (subject_id, kind, object_id) values (body('Council'), 'agency_of', state('EU'))")
        .await;
    story
        .act(
            "one",
            "sanctions_imposed",
            Some("2025-03-01"),
            "Treasury",
            "Miner",
        )
        .await;
    story
        .act(
            "other",
            "sanctions_imposed",
            Some("2025-06-01"),
            "Council",
            "Bank",
        )
        .await;
    story.link("other", "coordinated_with", "one").await;
    story
        .sanction("Treasury", "Miner", "2025-03-01", Some("one"))
        .await;
    story.sanction("Army", "Miner", "2025-03-02", None).await;
    story.sanction("Office", "Miner", "2025-03-31", None).await;
    story.sanction("Office", "Bank", "2025-07-15", None).await;
    story
        .sanction("Council", "Bank", "2025-06-01", Some("other"))
        .await;

    story.refresh().await;

    let pairs = "select string_agg(format('%s %s + %s, %s: %s %s', basis, earlier_side, later_side, days_apart, \
           target, target_state), '\n' order by basis, days_apart) from bi.coordinated_sanctions";
    assert_eq!(
        story.text(pairs).await,
        "coordinated_with United States + European Union, 92:  Venezuela\n\
         same_target United States + United Kingdom, 29: Miner Venezuela\n\
         same_target United States + United Kingdom, 30: Miner Venezuela"
    );

    story
        .run("update sanctions set claim_status = 'retracted' where imposer_id = body('Council')")
        .await;
    story.run("update sanctions set imposed_on = '2025-03-01' where imposer_id = body('Office') and target_id = body('Miner')").await;
    story.refresh().await;
    assert_eq!(
        story
            .text("select string_agg(format('%s %s', basis, days_apart), ', ' order by days_apart) from bi.coordinated_sanctions")
            .await,
        "same_target 0, same_target 1"
    );

    // Days that are only partly known: the least and the most days that may lie between.
    for (earlier, later, expected) in [
        ("2024-06", "2024-07", "30 1 60 month month"),
        ("2024-06", "2024-07-25", "54 25 54 month day"),
        ("2024-06", "2024-08", ""),
        ("2024-06-10", "2024-06", "9 0 20 month day"),
        ("2024", "2024-01-20", "19 0 346 year day"),
        ("2024-06-10/..", "2024-07-01", "21 0 - not_before day"),
        ("[2024-06-01,2024-06-20]", "2024-06-25", "24 5 24 one_of day"),
    ] {
        story
            .run(&format!(
                "update sanctions set imposed_on = '{earlier}' where imposer_id = body('Army');
                 update sanctions set imposed_on = '{later}' where imposer_id = body('Office') and target_id = body('Miner')"
            ))
            .await;
        story.refresh().await;
        let found = story
            .text("select coalesce(string_agg(concat_ws(' ', days_apart, least_days_apart, coalesce(most_days_apart::text, '-'), \
                   earlier_on_precision, later_on_precision), ', '), '') from bi.coordinated_sanctions \
                   where earlier_imposer in ('Army', 'Office') and later_imposer in ('Army', 'Office')")
            .await;
        assert_eq!(found, expected, "{earlier} {later}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_panel_has_a_row_for_each_year_in_which_a_sanction_was_in_force() {
    let story = Story::new().await;
    story
        .run(
            "with made as (
               insert into sanctions (imposer_id, target_id, imposed_on, lifted_on)
               values (body('Treasury'), state('CO'), '2019-06', '2022-01-01') returning id
             ), measured as (
               insert into sanction_measures (sanction_id, position, measure, \"from\", until)
               select id, 0, 'full_embargo', null::partial_date, '2020' from made
               union all select id, 1, 'travel_ban', '2020', null from made
             )
             insert into sanction_objectives (sanction_id, position, objective, outcome)
             select id, 0, 'human_rights', 'success_part'::sanction_outcome from made
             union all select id, 1, 'democracy', null from made;
             insert into sanctions (imposer_id, target_id, imposed_on, expires_on)
             values (body('Army'), body('Ministry'), '2021-12-31', '2022');
             insert into sanctions (imposer_id, target_id, imposed_on, claim_status)
             values (body('Army'), body('Ministry'), '2018', 'denied');
             insert into sanctions (imposer_id, target_id) values (body('Army'), body('Ministry'));",
        )
        .await;

    story.refresh().await;

    let panel = story
        .text(
            "select string_agg(format('%s %s %s: %s(%s)%s%s%s%s%s %s %s, %s %s', sanctioning_state_alpha3, sanctioned_state_alpha3, \
               year, trade, descr_trade, arms, military, financial, travel, other, objective, success, sanctions, \
               sanctions_on_state), '\n' order by year) \
             from bi.sanction_panel",
        )
        .await;
    assert_eq!(
        panel,
        "USA COL 2019: 1(exp_compl,imp_compl)00100 democracy,human_rights ongoing,success_part, 1 1\n\
         USA COL 2020: 1(exp_compl,imp_compl)00110 democracy,human_rights ongoing,success_part, 1 1\n\
         USA COL 2021: 0()00010 democracy,human_rights ongoing,success_part, 2 1\n\
         USA COL 2022: 0()00000  , 1 0"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_imposing_party_is_a_state_an_organization_or_the_imposer_and_never_null() {
    let story = Story::new().await;
    story
        .run(
            "insert into actors (kind, name) values
               ('intergovernmental_organization', 'Bloc'), ('intergovernmental_organization', 'Bloc''s court'),
               ('intergovernmental_organization', 'Council of the UN'), ('government_body', 'Council of the EU'),
               ('government_body', 'Commission of the bloc'), ('government_body', 'Joint command'), ('group', 'Contact group'),
               ('government_body', 'Secretariat of the group');
             insert into actor_identifiers (actor_id, position, scheme, is_unique, value) values (body('Bloc'), 0, 'igo', true, 'BLOC');
             insert into relationships (subject_id, kind, object_id, started_on, ended_on) values
               (body('Bloc''s court'), 'part_of', body('Bloc'), null, null),
               (body('Commission of the bloc'), 'agency_of', body('Bloc''s court'), '2000', null),
               (body('Council of the UN'), 'part_of', state('UN'), null, null),
               (body('Council of the EU'), 'part_of', state('EU'), '1993-11-01', null),
               (body('Joint command'), 'part_of', state('GB'), null, '2010'),
               (body('Joint command'), 'part_of', state('US'), null, null),
               (body('Secretariat of the group'), 'part_of', body('Contact group'), null, null);",
        )
        .await;
    for (imposer, day) in [
        ("Treasury", "2025-09-01"),
        ("Council of the EU", "2025-09-02"),
        ("Council of the UN", "2025-09-03"),
        ("Commission of the bloc", "2025-09-04"),
        ("Contact group", "2025-09-05"),
        ("Secretariat of the group", "2025-09-06"),
        ("Joint command", "2009-09-07"),
        ("Joint command", "2025-09-07"),
        ("Council of the EU", "1990-01-01"),
    ] {
        story.sanction(imposer, "Ministry", day, None).await;
    }
    let parties = |rows: &str| {
        format!(
            "select string_agg(concat_ws(' ', imposed_on, imposing_party_code, '=', imposing_party, '=', party.name), '\n' \
               order by imposed_on) \
             from {rows} as sanction left join actors as party on party.id = imposing_party_id"
        )
    };
    let expected = "1990-01-01 Council of the EU = Council of the EU = Council of the EU\n\
                    2009-09-07 Joint command = Joint command = Joint command\n\
                    2025-09-01 US = United States = United States\n\
                    2025-09-02 EU = European Union = European Union\n\
                    2025-09-03 UN = United Nations = United Nations\n\
                    2025-09-04 BLOC = Bloc = Bloc\n\
                    2025-09-05 Contact group = Contact group = Contact group\n\
                    2025-09-06 Secretariat of the group = Secretariat of the group = Secretariat of the group\n\
                    2025-09-07 US = United States = United States";
    // Before a refresh the records are newer than what is stored.
    refresh_now(&story.app, Manner::Full).await;
    story
        .run("insert into actors (kind, name) values ('government_body', 'New council')")
        .await;
    story
        .run("insert into relationships (subject_id, kind, object_id) values (body('New council'), 'part_of', state('EU'))")
        .await;
    story.sanction("New council", "Army", "2026-01-01", None).await;
    assert_eq!(
        story
            .text("select imposing_party_code from bi.sanctions where imposer = 'New council'")
            .await,
        "EU"
    );
    story
        .run("delete from sanctions where imposer_id = body('New council')")
        .await;
    assert_eq!(story.text(&parties("bi.sanctions")).await, expected);
    story.refresh().await;
    assert_eq!(story.text(&parties("bi.sanctions")).await, expected);
    assert_eq!(
        story.text(&parties("bi.sanctions_in_force('2025-12-01')")).await,
        expected
    );
    assert_eq!(
        story
            .text(&parties("bi.sanctions_as_of('2025-12-01', now())"))
            .await,
        expected
    );
    assert_eq!(differing_states(&story.client).await, 0);
    let panel = "select string_agg(imposing_party_code || ' ' || imposing_party, ', ' order by imposing_party_code) \
                 from bi.sanction_panel where year = 2025";
    assert_eq!(
        story.text(panel).await,
        "BLOC Bloc, EU European Union, GB United Kingdom, UN United Nations, US United States"
    );
    let coordinated = "select string_agg(distinct later_imposing_party_code, ', ' order by later_imposing_party_code) \
                       from bi.coordinated_sanctions where earlier_imposing_party_code = 'US' and later_imposing_party_id is not null";
    assert_eq!(
        story.text(coordinated).await,
        "BLOC, Contact group, EU, Secretariat of the group, UN"
    );
    for (filter, found) in [
        ("EU", 1),
        ("UN", 1),
        ("US", 2),
        ("igo:BLOC", 1),
        ("iso3166:GB", 0),
        ("EU&imposing_party=UN", 2),
    ] {
        let page = story
            .app
            .get(&format!("/v1/sanctions?imposing_party={filter}"))
            .await
            .expect(200);
        assert_eq!(
            page.body["items"].as_array().map(Vec::len),
            Some(found),
            "{filter}"
        );
    }
}

/// Returns the events of the API's timeline in one direction.
async fn timeline(app: &TestApp, query: &str) -> Vec<Value> {
    let page = app
        .get(&format!(
            "/v1/dyads/iso3166:US/iso3166:CO/timeline?limit=200{query}"
        ))
        .await
        .expect(200);
    assert!(page.body["next"].is_null() || page.body.get("next").is_none());
    page.body["items"].as_array().expect("items").clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_agrees_with_the_timelines_and_the_rules_of_the_api() {
    let app = TestApp::with_demo().await;

    refresh_now(&app, Manner::Incremental).await;

    let client = app.client().await;
    let sums = client
        .query_one(
            "select sum(actions + alleged_actions + planned_actions + threatened_actions + hypothetical_actions + denied_actions), \
               sum(actions), sum(sanctions_imposed + denied_sanctions), sum(sanctions_lifted) \
             from bi.dyad_month where initiator_state_code in ('US', 'CO') and target_state_code in ('US', 'CO')",
            &[],
        )
        .await
        .expect("sums");
    let counted = "&modality=actual&claim_status=reported&claim_status=unconfirmed&claim_status=corroborated\
                   &claim_status=confirmed&claim_status=disputed";
    for (column, query) in [
        (0, "&event=occurred".to_owned()),
        (1, format!("&event=occurred{counted}")),
        (2, "&event=imposed".to_owned()),
        (3, "&event=lifted".to_owned()),
    ] {
        let told = timeline(&app, &query).await.len();
        // An action that counts in both directions is one event of the timeline.
        let twice = client
            .query_one(
                "select count(*) from bi_store.action_dyads as one join bi_store.action_dyads as other \
                   on other.action_id = one.action_id and other.initiator_state_id = one.target_state_id \
                   and other.target_state_id = one.initiator_state_id and one.initiator_state_id < one.target_state_id \
                 join bi_store.states as a on a.state_id = one.initiator_state_id and a.iso_code in ('US', 'CO') \
                 join bi_store.states as b on b.state_id = one.target_state_id and b.iso_code in ('US', 'CO')",
                &[],
            )
            .await
            .expect("a count")
            .get::<_, i64>(0);
        let twice = if column < 2 { twice } else { 0 };
        assert_eq!(sums.get::<_, i64>(column) - twice, told as i64, "{query}");
        assert!(told > 0 || column == 3);
    }
    assert_eq!(differing_states(&client).await, 0);
    joint_acts_are_between_their_parties(&app, &client).await;
    for view in [
        "dyad_month",
        "dyad_tension",
        "dyad_tension_month",
        "escalation_chains",
        "sanction_panel",
        "counter_sanctions",
        "coordinated_sanctions",
        "freshness",
    ] {
        let rows = client
            .query_one(&format!("select count(*) from bi.{view}"), &[])
            .await
            .expect("a count");
        assert!(rows.get::<_, i64>(0) > 0, "{view} is empty");
    }
}

/// Agreements and meetings of the demo without a target are in the timeline of each pair of their parties, in both directions,
/// and in the months of the pair.
async fn joint_acts_are_between_their_parties(app: &TestApp, client: &Client) {
    for (one, other, title) in [
        ("US", "IR", "Joint Comprehensive Plan of Action"),
        ("CN", "DE", "Joint Comprehensive Plan of Action"),
        ("EU", "IR", "Joint Comprehensive Plan of Action"),
        ("UA", "RU", "The Minsk Protocol"),
        ("UA", "RU", "The Package of Measures of Minsk"),
        (
            "US",
            "KP",
            "Summit of President Trump and Chairman Kim in Singapore",
        ),
        ("SA", "QA", "The AlUla declaration ends the dispute over Qatar"),
        ("EG", "BH", "The AlUla declaration ends the dispute over Qatar"),
    ] {
        for (first, second) in [(one, other), (other, one)] {
            let page = app
                .get(&format!(
                    "/v1/dyads/iso3166:{first}/iso3166:{second}/timeline?event=occurred&limit=1000"
                ))
                .await
                .expect(200);
            let found = page.body["items"]
                .as_array()
                .expect("items")
                .iter()
                .filter(|item| item["record"]["title"] == title)
                .count();
            assert_eq!(found, 1, "{title}: {first} and {second}");
            let counted = client
                .query_one(
                    "select count(*), sum(month.joint_actions) > 0 \
                     from diplomatic_actions as action \
                     join bi.dyad_month as month on month.month = date_trunc('month', action.occurred_on_earliest) \
                       and month.initiator_state_code = $1 and month.target_state_code = $2 and month.cooperation > 0 \
                     where action.title = $3",
                    &[&first, &second, &title],
                )
                .await
                .expect("a count");
            assert_eq!(counted.get::<_, i64>(0), 1, "{title}: {first} and {second}");
            assert!(counted.get::<_, bool>(1), "{title}: {first} and {second}");
        }
    }
}

/// Returns how many acts have other stored states than the functions of the rule return for them.
pub async fn differing_states(client: &Client) -> i64 {
    let sql = "with compared (found, stored) as ( \
        select array[imposer_state(sanction.imposer_id, sanction.starts_earliest, sanction.starts_latest), \
            target_state(sanction.target_id, sanction.starts_earliest, sanction.starts_latest), \
            imposing_party(sanction.imposer_id, sanction.starts_earliest, sanction.starts_latest)], \
          case when dated.sanction_id is null then array[imposing.imposer_state_id, targeted.target_state_id, \
              coalesce(imposing.imposing_party_id, sanction.imposer_id)] \
            else array[dated.imposer_state_id, dated.target_state_id, dated.imposing_party_id] end \
        from sanctions as sanction \
        left join bi_store.sanction_states as dated on dated.sanction_id = sanction.id \
        left join bi_store.actor_states as imposing on imposing.actor_id = sanction.imposer_id \
        left join bi_store.actor_states as targeted on targeted.actor_id = sanction.target_id \
        union all \
        select array[case when participant.role in ('initiator', 'mediator') \
            then imposer_state(participant.actor_id, action.occurred_on_earliest, action.occurred_on_latest) \
            else target_state(participant.actor_id, action.occurred_on_earliest, action.occurred_on_latest) end], \
          array[case when acting.depends_on_day then dated.state_id \
            when participant.role in ('initiator', 'mediator') then acting.imposer_state_id \
            else acting.target_state_id end] \
        from action_participants as participant \
        join diplomatic_actions as action on action.id = participant.action_id \
        left join bi_store.participant_states as dated \
          on dated.action_id = participant.action_id and dated.position = participant.position \
        left join bi_store.actor_states as acting on acting.actor_id = participant.actor_id \
      ) \
      select count(*) from compared where found is distinct from stored";
    client.query_one(sql, &[]).await.expect("a comparison").get(0)
}
