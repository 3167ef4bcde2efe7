create or replace function partial_date_latest(value text) returns date
  language plpgsql immutable strict parallel safe
as $$
declare
  -- Without a slash, the whole text.
  plain text collate "C" :=
    pg_catalog.rtrim(pg_catalog.substr(value, pg_catalog.strpos(value collate "C", '/') + 1), '~]');
  year integer;
  month integer;
begin
  if pg_catalog.right(plain, 2) = '..' then
    return 'infinity';
  end if;
  if pg_catalog.left(value, 1) collate "C" = '[' then
    -- The members of a set are in order, and none lies within another, so the last one ends last.
    plain := pg_catalog.regexp_replace(plain, '^.*[[,.]', '');
  end if;
  year := pg_catalog.left(plain, 4);
  if pg_catalog.length(plain) = 4 then
    return pg_catalog.make_date(year, 12, 31);
  end if;
  month := pg_catalog.substr(plain, 6, 2);
  if pg_catalog.length(plain) = 7 then
    return pg_catalog.make_date(year + month / 12, month % 12 + 1, 1) - 1;
  end if;
  return pg_catalog.make_date(year, month, pg_catalog.substr(plain, 9, 2)::integer);
end
$$;
comment on function partial_date_latest(text) is 'The last day that a valid partial date covers: 2025-12-31 for 2025, 2003-12-31 for [1999,2003], infinity for 2023-06-21/... Never null for a date. A text that is not a partial date gives an error or nonsense';
