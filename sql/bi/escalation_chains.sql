create view bi.escalation_chains as
select
  step.chain_id,
  root.title as chain,
  step.step,
  step.depth,
  step.action_id,
  action.title,
  action.type,
  type.label as type_label,
  step.day,
  action.occurred_on::text as occurred_on,
  (
    select string_agg(distinct state.name, ';' order by state.name)
    from bi_store.action_dyads as dyad
    join bi_store.states as state on state.state_id = dyad.initiator_state_id
    where dyad.action_id = step.action_id
  ) as initiator_states,
  (
    select string_agg(distinct state.name, ';' order by state.name)
    from bi_store.action_dyads as dyad
    join bi_store.states as state on state.state_id = dyad.target_state_id
    where dyad.action_id = step.action_id
  ) as target_states,
  (
    select string_agg(link.kind::text, ';' order by link.kind::text)
    from action_links as link
    where link.action_id = step.action_id
      and link.linked_action_id = step.answers_action_id
      and link.kind in ('responds_to', 'retaliates_for', 'escalates')
  ) as link_kinds,
  step.answers_action_id,
  answered.title as answers,
  step.days_since_answered,
  step.days_since_previous,
  action.modality::text as modality,
  action.claim_status::text as claim_status,
  step.is_counted as counts_as_event,
  step.goldstein,
  step.goldstein_cumulated
from bi_store.chain_steps as step
left join diplomatic_actions as action on action.id = step.action_id
left join action_types as type on type.code = action.type
left join diplomatic_actions as root on root.id = step.chain_id
left join diplomatic_actions as answered on answered.id = step.answers_action_id;
comment on view bi.escalation_chains is 'Chains of actions that answer each other by responds_to, retaliates_for or escalates, a row a step. A chain begins with an action that answers none and is answered, and holds everything that answers it, and what answers that. Where several answer one, the chain branches: all branches are steps of the one chain, in order of day, and answers_action_id tells them apart. An action that answers several beginnings is a step of each of their chains; one that answers several of the same chain stands in it once, under the latest of them. Worked out by demarche bi refresh; freshness says as of when';
comment on column bi.escalation_chains.chain_id is 'Id of the action that began the chain';
comment on column bi.escalation_chains.chain is 'Title of the action that began the chain';
comment on column bi.escalation_chains.step is 'Place in the chain, from 1: in order of day, always after what it answers';
comment on column bi.escalation_chains.depth is 'How many answers the step is away from the beginning, by the longest way; 0 for the beginning';
comment on column bi.escalation_chains.action_id is 'Id of the action of this step';
comment on column bi.escalation_chains.title is 'What was done, in a line';
comment on column bi.escalation_chains.type is 'What was done, as a code';
comment on column bi.escalation_chains.type_label is 'What was done, in words';
comment on column bi.escalation_chains.day is 'First day that occurred_on may mean, the last where the beginning is open; null where nobody knows';
comment on column bi.escalation_chains.occurred_on is 'When it took place or began, as written';
comment on column bi.escalation_chains.initiator_states is 'States whose act it is towards another state, joined by ;';
comment on column bi.escalation_chains.target_states is 'States that it counts against, joined by ;';
comment on column bi.escalation_chains.link_kinds is 'How it bears on what it answers, joined by ;: responds_to, retaliates_for, escalates';
comment on column bi.escalation_chains.answers_action_id is 'Id of the action that it answers; the latest where it answers several of the chain; null for the beginning';
comment on column bi.escalation_chains.answers is 'Title of the action that it answers';
comment on column bi.escalation_chains.days_since_answered is 'Days from the action that it answers to this one; below 0 where dates are only partly known';
comment on column bi.escalation_chains.days_since_previous is 'Days from the step before it in the chain to this one';
comment on column bi.escalation_chains.modality is 'Whether it took place (actual) or was alleged, planned, threatened, hypothetical';
comment on column bi.escalation_chains.claim_status is 'How far the claim is established';
comment on column bi.escalation_chains.counts_as_event is 'True where it is actual and neither denied nor retracted; a step that does not count adds nothing to goldstein_cumulated';
comment on column bi.escalation_chains.goldstein is 'Goldstein score of its CAMEO code, -10 to 10';
comment on column bi.escalation_chains.goldstein_cumulated is 'Sum of the Goldstein scores of the steps that count, from the beginning up to this one';
