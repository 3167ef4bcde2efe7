create or replace function check_identifier() returns trigger
language plpgsql
as $$
declare
  wanted text;
begin
  select pattern into wanted from identifier_schemes where code = new.scheme;
  if wanted is not null and new.value !~ wanted then
    raise exception using
      errcode = 'check_violation', constraint = 'actor_identifiers_pattern_check', table = 'actor_identifiers',
      message = format('%s has not the form of %s', new.value, new.scheme);
  end if;
  if is_placeholder(new.value) then
    raise exception using
      errcode = 'check_violation', constraint = 'actor_identifiers_placeholder_check', table = 'actor_identifiers',
      message = format('%s is a placeholder, not an identifier', new.value);
  end if;
  if (new.scheme = 'lei' and not lei_is_valid(new.value))
    or (new.scheme = 'imo' and not imo_is_valid(new.value))
    or (new.scheme = 'imo_company' and not imo_company_is_valid(new.value))
    or (new.scheme = 'isin' and not isin_is_valid(new.value)) then
    raise exception using
      errcode = 'check_violation', constraint = 'actor_identifiers_check_digit_check', table = 'actor_identifiers',
      message = format('%s has a wrong check digit', new.value);
  end if;
  return new;
end
$$;
comment on function check_identifier() is 'Trigger of actor_identifiers: the form and the check digit that the scheme demands, and no placeholder';
