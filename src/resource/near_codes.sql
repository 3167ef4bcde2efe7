select entry.vocabulary, entry.code, entry.label, entry.description, entry.names
from (
  select 'actor_kinds' as vocabulary, code, label, description, null as names from actor_kinds
  union all
  select 'identifier_schemes', code, label, description, null from identifier_schemes
  union all
  select 'relationship_kinds', code, label, concat_ws(' ', inverse_label, description), null from relationship_kinds
  union all
  select 'measures', code, label, description, null from measures
  union all
  select 'grounds', code, label, description, null from grounds
  union all
  select 'objectives', code, label, description, null from objectives
  union all
  select 'action_types', code, label, description, null from action_types
  union all
  select 'cameo_codes', code, label, description, null from cameo_codes
  union all
  select 'property_names', code, label, description, null from property_names
  union all
  -- A country is also known by the names of its state.
  select 'countries', country.code, country.label, null, (
    select string_agg(named.name, E'\n')
    from (
      select country.iso3 as name
      union all
      select further.name
      from actor_identifiers as identifier
      join actor_names as further on further.actor_id = identifier.actor_id
      where identifier.scheme in ('iso3166', 'iso3166_3') and identifier.value = country.code
    ) as named
  )
  from countries as country
) as entry
