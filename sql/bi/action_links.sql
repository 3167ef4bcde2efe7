create view bi.action_links as
select
  link.action_id,
  link.position,
  action.title,
  action.occurred_on::text as occurred_on,
  nullif(action.occurred_on_earliest, '-infinity') as occurred_on_earliest,
  nullif(action.occurred_on_latest, 'infinity') as occurred_on_latest,
  link.kind::text as kind,
  link.kind in ('responds_to', 'retaliates_for', 'escalates') as is_causal,
  link.linked_action_id,
  linked.title as linked_title,
  linked.occurred_on::text as linked_occurred_on,
  nullif(linked.occurred_on_earliest, '-infinity') as linked_occurred_on_earliest,
  nullif(linked.occurred_on_latest, 'infinity') as linked_occurred_on_latest,
  nullif(action.occurred_on_earliest, '-infinity') - nullif(linked.occurred_on_earliest, '-infinity') as days_between
from action_links as link
left join diplomatic_actions as action on action.id = link.action_id
left join diplomatic_actions as linked on linked.id = link.linked_action_id;
comment on view bi.action_links is 'How one diplomatic action relates to another, read action, kind, linked action; one row per link';
comment on column bi.action_links.action_id is 'Id of the action that has the link';
comment on column bi.action_links.position is 'Order of the links in the record, from 0';
comment on column bi.action_links.title is 'Title of the action';
comment on column bi.action_links.occurred_on is 'When the action took place or began, as written';
comment on column bi.action_links.occurred_on_earliest is 'First day that occurred_on may mean; null if open';
comment on column bi.action_links.occurred_on_latest is 'Last day that occurred_on may mean; null if its end is open';
comment on column bi.action_links.kind is 'How the action relates to the linked action: responds_to, retaliates_for, escalates, alleges, implements, lifts, supersedes, part_of, coordinated_with, contradicts';
comment on column bi.action_links.is_causal is 'Whether the action answers the linked action: true for responds_to, retaliates_for and escalates';
comment on column bi.action_links.linked_action_id is 'Id of the linked action';
comment on column bi.action_links.linked_title is 'Title of the linked action';
comment on column bi.action_links.linked_occurred_on is 'When the linked action took place or began, as written';
comment on column bi.action_links.linked_occurred_on_earliest is 'First day that linked_occurred_on may mean; null if open';
comment on column bi.action_links.linked_occurred_on_latest is 'Last day that linked_occurred_on may mean; null if its end is open';
comment on column bi.action_links.days_between is 'Days from the first day of the linked action to the first day of the action; null if either is unknown';
