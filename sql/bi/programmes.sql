create view bi.programmes as
select
  programme.id as programme_id,
  programme.code as programme_code,
  programme.name as programme,
  programme.imposer_id,
  imposer.name as imposer,
  imposer.kind as imposer_kind,
  imposer_kind.label as imposer_kind_label,
  programme.legal_basis,
  programme.url,
  programme.description,
  (
    select count(*)
    from sanction_programmes as basis
    where basis.programme_id = programme.id
  ) as sanction_count,
  programme.created_at,
  programme.updated_at
from programmes as programme
left join (
  actors as imposer
  left join actor_kinds as imposer_kind on imposer_kind.code = imposer.kind
) on imposer.id = programme.imposer_id;
comment on view bi.programmes is 'Legal bases under which sanctions are imposed; one row per programme';
comment on column bi.programmes.programme_id is 'Id of the programme';
comment on column bi.programmes.programme_code is 'Code of the programme as its publisher writes it, such as ILLICIT-DRUGS-EO14059';
comment on column bi.programmes.programme is 'Name of the programme';
comment on column bi.programmes.imposer_id is 'Id of the body that imposes sanctions under the programme';
comment on column bi.programmes.imposer is 'Name of the body that imposes sanctions under the programme';
comment on column bi.programmes.imposer_kind is 'Kind of the imposer, as a code of actor_kinds';
comment on column bi.programmes.imposer_kind_label is 'Label of the kind of the imposer';
comment on column bi.programmes.legal_basis is 'Law on which the programme rests';
comment on column bi.programmes.url is 'The publisher''s page about the programme';
comment on column bi.programmes.description is 'What the programme is about';
comment on column bi.programmes.sanction_count is 'Number of sanctions imposed under the programme, whatever their status';
comment on column bi.programmes.created_at is 'When the record was created';
comment on column bi.programmes.updated_at is 'When the record last changed';
