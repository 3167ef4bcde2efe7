create view bi.properties as
-- Values that are older than the name in property_names may be of another type: they are shown as written alone.
select
  record.resource,
  record.record_id,
  named.name as property,
  known.label as property_label,
  known.ftm_name,
  known.value_type,
  given.place::integer - 1 as position,
  given.value,
  case when known.value_type = 'number' and is_number(given.value) then given.value::numeric end as value_number,
  case when known.value_type = 'date' and partial_date_is_valid(given.value) then nullif(partial_date_earliest(given.value::partial_date), '-infinity') end as value_earliest,
  case when known.value_type = 'date' and partial_date_is_valid(given.value) then nullif(partial_date_latest(given.value::partial_date), 'infinity') end as value_latest,
  case when known.value_type = 'date' and partial_date_is_valid(given.value) then partial_date_precision(given.value::partial_date) end as value_precision,
  country.label as value_country
from (
  select 'actors' as resource, record.id as record_id, record.properties from actors as record where record.properties <> '{}'
  union all
  select 'relationships' as resource, record.id as record_id, record.properties from relationships as record where record.properties <> '{}'
  union all
  select 'programmes' as resource, record.id as record_id, record.properties from programmes as record where record.properties <> '{}'
  union all
  select 'sanctions' as resource, record.id as record_id, record.properties from sanctions as record where record.properties <> '{}'
  union all
  select 'diplomatic-actions' as resource, record.id as record_id, record.properties from diplomatic_actions as record where record.properties <> '{}'
  union all
  select 'sources' as resource, record.id as record_id, record.properties from sources as record where record.properties <> '{}'
) as record
cross join lateral jsonb_each(record.properties) as named (name, list)
cross join lateral jsonb_array_elements_text(named.list) with ordinality as given (value, place)
left join property_names as known on known.code = named.name
left join countries as country on country.code = given.value and known.value_type = 'country';
comment on view bi.properties is 'Properties of records in long form; one row per record, property and value';
comment on column bi.properties.resource is 'What the record is: actors, relationships, programmes, sanctions, diplomatic-actions or sources';
comment on column bi.properties.record_id is 'Id of the record: actor_id, sanction_id or another by the resource';
comment on column bi.properties.property is 'Name of the property; a code of property_names if it is registered';
comment on column bi.properties.property_label is 'Label of the name; null if it is not registered';
comment on column bi.properties.ftm_name is 'Name of the property in FollowTheMoney; null if there is none or the name is not registered';
comment on column bi.properties.value_type is 'Type of the value: text, word, date, number, country or url; null if the name is not registered';
comment on column bi.properties.position is 'Order of the values of the property in the record, from 0';
comment on column bi.properties.value is 'The value as written';
comment on column bi.properties.value_number is 'The value as a number; null if the type is another or the value is no number, as one may be that is older than the name in property_names';
comment on column bi.properties.value_earliest is 'First day that the value may mean; null if open, no date, or the type is another';
comment on column bi.properties.value_latest is 'Last day that the value may mean; null if open, no date, or the type is another';
comment on column bi.properties.value_precision is 'Precision of the value: day, month, year, approximate, interval or not_later_than; null if no date or the type is another';
comment on column bi.properties.value_country is 'Name of the country that the value is the code of; null if the type is another';
