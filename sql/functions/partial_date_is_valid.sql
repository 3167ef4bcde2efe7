create or replace function partial_date_is_valid(value text) returns boolean
  language plpgsql immutable strict parallel safe
as $$
declare
  plain text collate "C";
  member text collate "C";
  earlier text collate "C";
  later text collate "C";
  earliest date;
  latest date;
  earliest_before date;
  latest_before date;
  year integer;
  month integer;
  day integer;
begin
  -- No date is longer than a set of twenty intervals of days; a text of many megabytes is not even fetched.
  if pg_catalog.octet_length(value) > 461 then
    return false;
  end if;

  if (value collate "C") !~ '^([0-9]{4}(-[0-9]{2}){0,2}~?(/([0-9]{4}(-[0-9]{2}){0,2}~?|\.\.))?|\.\./[0-9]{4}(-[0-9]{2}){0,2}~?)$'
    and (value collate "C") !~ '^\[(\.\.[0-9]{4}(-[0-9]{2}){0,2}|[0-9]{4}(-[0-9]{2}){0,2}(\.\.[0-9]{4}(-[0-9]{2}){0,2})?)(,[0-9]{4}(-[0-9]{2}){0,2}(\.\.[0-9]{4}(-[0-9]{2}){0,2})?)*,[0-9]{4}(-[0-9]{2}){0,2}(\.\.([0-9]{4}(-[0-9]{2}){0,2})?)?\]$'
  then
    return false;
  end if;

  foreach plain in array pg_catalog.string_to_array(
    pg_catalog.translate(pg_catalog.replace(value collate "C", '..', '/'), ',[]~', '/'), '/'
  ) loop
    continue when plain = '';
    year := pg_catalog.left(plain, 4);
    if year = 0 then
      return false;
    end if;
    if pg_catalog.length(plain) >= 7 then
      month := pg_catalog.substr(plain, 6, 2);
      if month not between 1 and 12 then
        return false;
      end if;
    end if;
    if pg_catalog.length(plain) = 10 then
      day := pg_catalog.substr(plain, 9, 2);
      if day = 0
        or pg_catalog.make_date(year, month, 1) + day > pg_catalog.make_date(year + month / 12, month % 12 + 1, 1)
      then
        return false;
      end if;
    end if;
  end loop;

  if pg_catalog.left(value, 1) collate "C" <> '[' then
    if pg_catalog.strpos(value collate "C", '/') = 0 or pg_catalog.strpos(value collate "C", '..') > 0 then
      return true;
    end if;
    -- Texts of dates stand in the order of the dates, as far as both go.
    earlier := pg_catalog.rtrim(pg_catalog.split_part(value collate "C", '/', 1), '~');
    later := pg_catalog.rtrim(pg_catalog.split_part(value collate "C", '/', 2), '~');
    return pg_catalog.left(earlier, pg_catalog.length(later)) <= pg_catalog.left(later, pg_catalog.length(earlier));
  end if;

  -- Each member of a set begins and ends after the one before it.
  if pg_catalog.cardinality(pg_catalog.string_to_array(value, ',')) > 20 then
    return false;
  end if;
  foreach member in array pg_catalog.string_to_array(pg_catalog.btrim(value collate "C", '[]'), ',') loop
    earlier := pg_catalog.split_part(member, '..', 1);
    later := pg_catalog.split_part(member, '..', 2);
    if earlier <> '' and later <> '' and (
      earlier = later
      or pg_catalog.left(earlier, pg_catalog.length(later)) > pg_catalog.left(later, pg_catalog.length(earlier))
    ) then
      return false;
    end if;
    earliest := public.partial_date_earliest('[' || member || ']');
    latest := public.partial_date_latest('[' || member || ']');
    if earliest <= earliest_before or latest <= latest_before then
      return false;
    end if;
    earliest_before := earliest;
    latest_before := latest;
  end loop;
  return latest < 'infinity' or (pg_catalog.left(value, 3) collate "C") <> '[..';
end
$$;
comment on function partial_date_is_valid(text) is 'Whether a text is a partial date: 2025, 2025-09, 2025-09-23, any of these with ~ (about), 1960/1962 (between), ../2025-11-12 (not later than), 2023-06-21/.. (not before) or [1999,2003] (one of these; members in order, none within another). Digits that are not known are written as an interval: 1980/1989 for 198X. Never raises, whatever the text';
