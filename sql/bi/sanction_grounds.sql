create view bi.sanction_grounds as
select
  given.sanction_id,
  given.position,
  given.ground,
  ground.label as ground_label,
  sanction.claim_status not in ('denied', 'retracted') as counts
from sanction_grounds as given
left join sanctions as sanction on sanction.id = given.sanction_id
left join grounds as ground on ground.code = given.ground;
comment on view bi.sanction_grounds is 'Grounds of sanctions; one row per sanction and ground';
comment on column bi.sanction_grounds.sanction_id is 'Id of the sanction';
comment on column bi.sanction_grounds.position is 'Order of the grounds in the record, from 0';
comment on column bi.sanction_grounds.ground is 'The ground, as a code of grounds';
comment on column bi.sanction_grounds.ground_label is 'The ground, in words';
comment on column bi.sanction_grounds.counts is 'True if the sanction counts: its claim is neither denied nor retracted';
