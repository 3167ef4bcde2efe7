create view bi.sanction_panel as
select
  target.name as sanctioned_state,
  imposer.name as sanctioning_state,
  panel.year,
  panel.trade::integer as trade,
  panel.descr_trade,
  panel.arms::integer as arms,
  panel.military::integer as military,
  panel.financial::integer as financial,
  panel.travel::integer as travel,
  panel.other::integer as other,
  panel.objective,
  panel.success,
  target.iso3_code as sanctioned_state_alpha3,
  imposer.iso3_code as sanctioning_state_alpha3,
  panel.target_state_id as sanctioned_state_id,
  panel.imposer_state_id as sanctioning_state_id,
  panel.imposer_state_id as imposing_party_id,
  imposer.name as imposing_party,
  imposer.code as imposing_party_code,
  panel.sanctions,
  panel.sanctions_on_state,
  (
    select coalesce(sum(dyad.verbal_cooperation + dyad.material_cooperation), 0)::integer
    from bi_store.dyad_months as dyad
    where dyad.initiator_state_id = panel.imposer_state_id
      and dyad.target_state_id = panel.target_state_id
      and dyad.month between make_date(panel.year, 1, 1) and make_date(panel.year, 12, 31)
  ) as cooperation,
  (
    select coalesce(sum(dyad.verbal_conflict + dyad.material_conflict), 0)::integer
    from bi_store.dyad_months as dyad
    where dyad.initiator_state_id = panel.imposer_state_id
      and dyad.target_state_id = panel.target_state_id
      and dyad.month between make_date(panel.year, 1, 1) and make_date(panel.year, 12, 31)
  ) as conflict
from bi_store.sanction_years as panel
join bi_store.states as imposer on imposer.state_id = panel.imposer_state_id
join bi_store.states as target on target.state_id = panel.target_state_id
where panel.year <= extract(year from now() at time zone 'UTC');
comment on view bi.sanction_panel is 'Sanctions between states as a panel, in the columns of the dyadic file of the Global Sanctions Data Base (GSDB); one row per pair of states and year, up to the current one, in which a sanction was in force. A sanction against an actor counts against the actor''s state; sanctions_on_state is the number of those against the state itself, as the cases of GSDB mostly are. A sanction is in force from the year of effective_on, else imposed_on (the first that the date may mean), to the year of the day before lifted_on (the first that it may mean) or of expires_on (the last). A measure with dates of its own is in force in its own years. Sanctions without a beginning, and denied or retracted ones, are not included. Computed by demarche bi refresh; freshness says as of when';
comment on column bi.sanction_panel.sanctioned_state is 'Name of the state that is sanctioned';
comment on column bi.sanction_panel.sanctioning_state is 'Name of the state that imposes sanctions, or organization such as European Union';
comment on column bi.sanction_panel.year is 'The year';
comment on column bi.sanction_panel.trade is '1 if a measure is export_control, import_restriction, sectoral, full_embargo, blockade, tariff or price_cap';
comment on column bi.sanction_panel.descr_trade is 'Which trade is restricted, joined by commas: exp_part (export_control), imp_part (import_restriction, tariff, price_cap), exp_compl and imp_compl (full_embargo); null if no measure decides';
comment on column bi.sanction_panel.arms is '1 if a measure is arms_embargo or arms_restriction';
comment on column bi.sanction_panel.military is '1 if a measure is aid_suspension and the action that announced it has CAMEO code 1622 (military aid)';
comment on column bi.sanction_panel.financial is '1 if a measure is asset_freeze, financial_restriction, investment_ban, claims_prohibition, full_embargo, or aid_suspension of aid that is not military';
comment on column bi.sanction_panel.travel is '1 if a measure is travel_ban, visa_ban or entry_ban';
comment on column bi.sanction_panel.other is '1 if a measure is any other: services, transport, flights, ports, debarment, diplomatic, membership, culture and sport, broadcasting';
comment on column bi.sanction_panel.objective is 'Objectives of the sanctions in force, each once for each outcome, joined by commas; null if there are none';
comment on column bi.sanction_panel.success is 'Outcome of each objective, in the same order: success_total, success_part, nego_settlement, failed, ongoing; ongoing also if it was not judged';
comment on column bi.sanction_panel.sanctioned_state_alpha3 is 'ISO 3166 code of three letters of the state that is sanctioned';
comment on column bi.sanction_panel.sanctioning_state_alpha3 is 'ISO 3166 code of three letters of the state that imposes sanctions';
comment on column bi.sanction_panel.sanctioned_state_id is 'Id of the state that is sanctioned, in actors';
comment on column bi.sanction_panel.sanctioning_state_id is 'Id of the state that imposes sanctions, in actors';
comment on column bi.sanction_panel.sanctions is 'Number of sanctions in force at some time of the year';
comment on column bi.sanction_panel.sanctions_on_state is 'Of these sanctions, those whose target is the state itself';
comment on column bi.sanction_panel.cooperation is 'Actions of quad classes 1 and 2 of the sanctioning state towards the sanctioned one in the year, joint ones such as agreements included: the sum of cooperation in dyad_month';
comment on column bi.sanction_panel.conflict is 'Actions of quad classes 3 and 4 of the sanctioning state towards the sanctioned one in the year: the sum of conflict in dyad_month';
comment on column bi.sanction_panel.imposing_party_id is 'The same as sanctioning_state_id, under the name that it has in sanctions';
comment on column bi.sanction_panel.imposing_party is 'The same as sanctioning_state';
comment on column bi.sanction_panel.imposing_party_code is 'Code of the sanctioning state or organization, as in sanctions; never null';
