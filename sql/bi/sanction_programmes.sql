create view bi.sanction_programmes as
select
  basis.sanction_id,
  basis.position,
  basis.programme_id,
  programme.code as programme_code,
  programme.name as programme,
  sanction.claim_status not in ('denied', 'retracted') as counts
from sanction_programmes as basis
left join sanctions as sanction on sanction.id = basis.sanction_id
left join programmes as programme on programme.id = basis.programme_id;
comment on view bi.sanction_programmes is 'Programmes of sanctions; one row per sanction and programme';
comment on column bi.sanction_programmes.sanction_id is 'Id of the sanction';
comment on column bi.sanction_programmes.position is 'Order of the programmes in the record, from 0';
comment on column bi.sanction_programmes.programme_id is 'Id of the programme';
comment on column bi.sanction_programmes.programme_code is 'Code of the programme as its publisher writes it';
comment on column bi.sanction_programmes.programme is 'Name of the programme';
comment on column bi.sanction_programmes.counts is 'True if the sanction counts: its claim is neither denied nor retracted';
