create or replace function partial_date_earliest(value text) returns date
  language plpgsql immutable strict parallel safe
as $$
begin
  if pg_catalog.left(value, 2) collate "C" = '..' then
    return '-infinity';
  end if;
  -- In a valid date the 5th and the 8th character are hyphens only where they belong to the first part.
  return pg_catalog.make_date(
    pg_catalog.left(value, 4)::integer,
    case when pg_catalog.substr(value, 5, 1) collate "C" = '-' then pg_catalog.substr(value, 6, 2)::integer else 1 end,
    case when pg_catalog.substr(value, 8, 1) collate "C" = '-' then pg_catalog.substr(value, 9, 2)::integer else 1 end
  );
end
$$;
comment on function partial_date_earliest(text) is 'The first day that a valid partial date covers: 2025-01-01 for 2025, -infinity for ../2025-11-12. A text that is not a partial date gives an error or nonsense';
