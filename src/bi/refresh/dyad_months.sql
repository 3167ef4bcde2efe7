with acted as (
  select
    dyad.initiator_state_id,
    dyad.target_state_id,
    coalesce(date_trunc('month', dyad.day::timestamp)::date, 'infinity') as month,
    dyad.modality = 'actual' and not dyad.is_denied as is_counted,
    dyad.quad_class,
    dyad.goldstein,
    dyad.is_month_known,
    dyad.modality,
    dyad.is_denied,
    dyad.is_joint
  from changed_months as changed
  join bi_store.action_dyads as dyad
    on dyad.initiator_state_id = changed.initiator_state_id
    and dyad.target_state_id = changed.target_state_id
    and coalesce(dyad.day, 'infinity') between changed.first_day and changed.last_day
),
of_actions as (
  select
    initiator_state_id,
    target_state_id,
    month,
    count(*) filter (where is_counted) as actions,
    count(*) filter (where is_counted and quad_class = 1) as verbal_cooperation,
    count(*) filter (where is_counted and quad_class = 2) as material_cooperation,
    count(*) filter (where is_counted and quad_class = 3) as verbal_conflict,
    count(*) filter (where is_counted and quad_class = 4) as material_conflict,
    sum(goldstein) filter (where is_counted) as goldstein_sum,
    count(*) filter (where is_counted and not is_month_known) as unsure_month_actions,
    count(*) filter (where modality = 'alleged' and not is_denied) as alleged_actions,
    count(*) filter (where modality = 'planned' and not is_denied) as planned_actions,
    count(*) filter (where modality = 'threatened' and not is_denied) as threatened_actions,
    count(*) filter (where modality = 'hypothetical' and not is_denied) as hypothetical_actions,
    count(*) filter (where is_denied) as denied_actions,
    count(*) filter (where is_counted and is_joint) as joint_actions
  from acted
  group by initiator_state_id, target_state_id, month
),
-- A union, so that each part uses an index of its own.
events (initiator_state_id, target_state_id, day, kind, is_denied) as (
  select dyad.imposer_state_id, dyad.target_state_id, dyad.imposed_day, 'imposed', dyad.is_denied
  from changed_months as changed
  join bi_store.sanction_dyads as dyad
    on dyad.imposer_state_id = changed.initiator_state_id
    and dyad.target_state_id = changed.target_state_id
    and coalesce(dyad.imposed_day, 'infinity') between changed.first_day and changed.last_day
  union all
  select dyad.imposer_state_id, dyad.target_state_id, dyad.lifted_day, 'lifted', dyad.is_denied
  from changed_months as changed
  join bi_store.sanction_dyads as dyad
    on dyad.imposer_state_id = changed.initiator_state_id
    and dyad.target_state_id = changed.target_state_id
    and dyad.lifted_day between changed.first_day and changed.last_day
  union all
  select dyad.imposer_state_id, dyad.target_state_id, dyad.expires_day, 'expiring', dyad.is_denied
  from changed_months as changed
  join bi_store.sanction_dyads as dyad
    on dyad.imposer_state_id = changed.initiator_state_id
    and dyad.target_state_id = changed.target_state_id
    and dyad.expires_day between changed.first_day and changed.last_day
),
of_sanctions as (
  select
    initiator_state_id,
    target_state_id,
    coalesce(date_trunc('month', day::timestamp)::date, 'infinity') as month,
    count(*) filter (where kind = 'imposed' and not is_denied) as sanctions_imposed,
    count(*) filter (where kind = 'lifted' and not is_denied) as sanctions_lifted,
    count(*) filter (where kind = 'expiring' and not is_denied) as sanctions_expiring,
    count(*) filter (where kind = 'imposed' and is_denied) as denied_sanctions
  from events
  group by 1, 2, 3
)
select
  initiator_state_id,
  target_state_id,
  month,
  coalesce(acted.actions, 0)::integer as actions,
  coalesce(acted.verbal_cooperation, 0)::integer as verbal_cooperation,
  coalesce(acted.material_cooperation, 0)::integer as material_cooperation,
  coalesce(acted.verbal_conflict, 0)::integer as verbal_conflict,
  coalesce(acted.material_conflict, 0)::integer as material_conflict,
  coalesce(acted.goldstein_sum, 0) as goldstein_sum,
  coalesce(acted.unsure_month_actions, 0)::integer as unsure_month_actions,
  coalesce(sanctioned.sanctions_imposed, 0)::integer as sanctions_imposed,
  coalesce(sanctioned.sanctions_lifted, 0)::integer as sanctions_lifted,
  coalesce(sanctioned.sanctions_expiring, 0)::integer as sanctions_expiring,
  coalesce(acted.alleged_actions, 0)::integer as alleged_actions,
  coalesce(acted.planned_actions, 0)::integer as planned_actions,
  coalesce(acted.threatened_actions, 0)::integer as threatened_actions,
  coalesce(acted.hypothetical_actions, 0)::integer as hypothetical_actions,
  coalesce(acted.denied_actions, 0)::integer as denied_actions,
  coalesce(sanctioned.denied_sanctions, 0)::integer as denied_sanctions,
  coalesce(acted.joint_actions, 0)::integer as joint_actions
from of_actions as acted
full join of_sanctions as sanctioned using (initiator_state_id, target_state_id, month)
-- A lifted sanction whose claim is denied counts in the month in which it was imposed.
where num_nonnulls(acted.actions) > 0
  or sanctioned.sanctions_imposed + sanctioned.sanctions_lifted + sanctioned.sanctions_expiring + sanctioned.denied_sanctions > 0
