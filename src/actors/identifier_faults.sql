select
  given.index,
  case
    when given.value !~ scheme.pattern then format('has not the form of %s: %s', scheme.code, scheme.pattern)
    when scheme.is_unique
      and (given.first_country is distinct from given.country or given.first_value <> given.value)
      then format('is given twice, first at /identifiers/%s', given.first_index)
    when is_placeholder(given.value) then 'is a placeholder, not an identifier; leave the identifier out'
    when given.scheme = 'imo' and imo_company_is_valid(given.value)
      then format('%s is not a ship''s IMO number (check digit); for a company use scheme imo_company', given.value)
    else 'has a wrong check digit'
  end as detail
from (
  select
    given.*,
    first_value(given.index) over earlier as first_index,
    first_value(given.country) over earlier as first_country,
    first_value(given.value) over earlier as first_value
  from given
  window earlier as (partition by given.scheme, normal_identifier(given.scheme, given.value) order by given.index)
) as given
join identifier_schemes as scheme on scheme.code = given.scheme
where given.value !~ scheme.pattern
  or (
    scheme.is_unique and (given.first_country is distinct from given.country or given.first_value <> given.value)
  )
  or is_placeholder(given.value)
  or case given.scheme
    when 'lei' then not lei_is_valid(given.value)
    when 'imo' then not imo_is_valid(given.value)
    when 'imo_company' then not imo_company_is_valid(given.value)
    when 'isin' then not isin_is_valid(given.value)
    else false
  end
order by given.index
