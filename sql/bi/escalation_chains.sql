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
comment on view bi.escalation_chains is 'Chains of actions that answer each other by responds_to, retaliates_for or escalates; one row per step. A chain begins with an action that is answered and answers no other. It contains every action that answers it, and every action that answers those. If several actions answer one, the chain branches: all branches are steps of the same chain, in order of day, and answers_action_id distinguishes them. An action that answers several beginnings is a step of each of their chains. An action that answers several actions of one chain is one step, after the latest of them. Computed by demarche bi refresh; freshness says as of when';
comment on column bi.escalation_chains.chain_id is 'Id of the action that began the chain';
comment on column bi.escalation_chains.chain is 'Title of the action that began the chain';
comment on column bi.escalation_chains.step is 'Position in the chain, from 1: in order of day, always after the action that it answers';
comment on column bi.escalation_chains.depth is 'Number of answers between the beginning and the step, on the longest path; 0 for the beginning';
comment on column bi.escalation_chains.action_id is 'Id of the action of this step';
comment on column bi.escalation_chains.title is 'Title of the action';
comment on column bi.escalation_chains.type is 'Type of the action, as a code';
comment on column bi.escalation_chains.type_label is 'Label of the type';
comment on column bi.escalation_chains.day is 'First day that occurred_on may mean, or the last if its beginning is open; null if unknown';
comment on column bi.escalation_chains.occurred_on is 'When it took place or began, as written';
comment on column bi.escalation_chains.initiator_states is 'States whose act the action is towards another state, or jointly with another state, joined by ;';
comment on column bi.escalation_chains.target_states is 'States against which the action counts, joined by ;. For a joint action, which has several initiators and no target: the states of its initiators';
comment on column bi.escalation_chains.link_kinds is 'Kinds of its links to the action that it answers, joined by ;: responds_to, retaliates_for, escalates';
comment on column bi.escalation_chains.answers_action_id is 'Id of the action that it answers; the latest if it answers several of the chain; null for the beginning';
comment on column bi.escalation_chains.answers is 'Title of the action that it answers';
comment on column bi.escalation_chains.days_since_answered is 'Days from the action that it answers to this one; negative if dates are only partly known';
comment on column bi.escalation_chains.days_since_previous is 'Days from the previous step of the chain to this one';
comment on column bi.escalation_chains.modality is 'Whether the action took place (actual), or is alleged, planned, threatened or hypothetical';
comment on column bi.escalation_chains.claim_status is 'How far the claim is established';
comment on column bi.escalation_chains.counts_as_event is 'True if the action is actual, and neither denied nor retracted; other steps add nothing to goldstein_cumulated';
comment on column bi.escalation_chains.goldstein is 'Goldstein score of the CAMEO code, from -10 to 10';
comment on column bi.escalation_chains.goldstein_cumulated is 'Sum of the Goldstein scores of the steps that count, from the beginning up to this one';
