create or replace function partial_date_earliest(value text) returns date
  language plpgsql immutable strict parallel safe
as $$
declare
  -- The members of a set are in order.
  plain constant text collate "C" := pg_catalog.ltrim(value, '[');
begin
  if pg_catalog.left(plain, 2) = '..' then
    return '-infinity';
  end if;
  -- In a valid date the 5th and the 8th character are hyphens only where they belong to the first part.
  return pg_catalog.make_date(
    pg_catalog.left(plain, 4)::integer,
    case when pg_catalog.substr(plain, 5, 1) = '-' then pg_catalog.substr(plain, 6, 2)::integer else 1 end,
    case when pg_catalog.substr(plain, 8, 1) = '-' then pg_catalog.substr(plain, 9, 2)::integer else 1 end
  );
end
$$;
comment on function partial_date_earliest(text) is 'The first day that a valid partial date covers: 2025-01-01 for 2025, 1999-01-01 for [1999,2003], -infinity for ../2025-11-12. Never null for a date. A text that is not a partial date gives an error or nonsense';
