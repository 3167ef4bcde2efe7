-- Dates as they are known: a subset of EDTF (ISO 8601-2), kept as written.
--   2025 | 2025-09 | 2025-09-23    a year, a month, a day
--   2025-11-11~                    about then; the same days, only partly known
--   1960/1962-05                   some time between the two
--   ../2025-11-12                  not later than
-- Generated columns, indexes and restored dumps call these functions, so everything inside is immutable (to_date and a
-- cast from text to date are not) and nothing depends on search_path or on the collation of the text.

create function partial_date_is_valid(value text) returns boolean
  language plpgsql immutable strict parallel safe
as $$
declare
  plain text collate "C";
  earlier text collate "C";
  later text collate "C";
  year integer;
  month integer;
  day integer;
begin
  -- No date is longer than 2025-09-23/2025-11-12; a text of many megabytes is not even fetched.
  if pg_catalog.octet_length(value) > 21 then
    return false;
  end if;

  -- ASCII digits become 0, so that the shape can be looked up; other digits and line ends are left in, and match nothing.
  if pg_catalog.translate(value collate "C", '123456789', '000000000') <> all (array[
    '0000', '0000-00', '0000-00-00',
    '0000~', '0000-00~', '0000-00-00~',
    '0000/0000', '0000/0000-00', '0000/0000-00-00',
    '0000-00/0000', '0000-00/0000-00', '0000-00/0000-00-00',
    '0000-00-00/0000', '0000-00-00/0000-00', '0000-00-00/0000-00-00',
    '../0000', '../0000-00', '../0000-00-00'
  ]) then
    return false;
  end if;

  foreach plain in array pg_catalog.string_to_array(pg_catalog.rtrim(value, '~') collate "C", '/') loop
    continue when plain = '..';
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

  if pg_catalog.strpos(value collate "C", '/') = 0 then
    return true;
  end if;
  -- Texts of dates stand in the order of the dates, as far as both go; ".." stands before any of them.
  earlier := pg_catalog.split_part(value collate "C", '/', 1);
  later := pg_catalog.split_part(value collate "C", '/', 2);
  return pg_catalog.left(earlier, pg_catalog.length(later)) <= pg_catalog.left(later, pg_catalog.length(earlier));
end
$$;
comment on function partial_date_is_valid(text) is 'Whether a text is a partial date: 2025, 2025-09, 2025-09-23, any of these with ~ (about), 1960/1962 (between) or ../2025-11-12 (not later than). Never raises, whatever the text';

create function partial_date_earliest(value text) returns date
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
comment on function partial_date_earliest(text) is 'The first day that a valid partial date covers: 2025-01-01 for 2025, -infinity for ../2025-11-12. A text that is no partial date gives an error or nonsense';

create function partial_date_latest(value text) returns date
  language plpgsql immutable strict parallel safe
as $$
declare
  -- All of it where there is no slash.
  plain constant text collate "C" :=
    pg_catalog.rtrim(pg_catalog.substr(value, pg_catalog.strpos(value collate "C", '/') + 1), '~');
  year constant integer := pg_catalog.left(plain, 4);
  month integer;
begin
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
comment on function partial_date_latest(text) is 'The last day that a valid partial date covers: 2025-12-31 for 2025. A text that is no partial date gives an error or nonsense';

-- The SQL functions below are inlined into the query that calls them. PostgreSQL does not inline a strict function whose
-- body has a coalesce in it, hence no "strict" on the first; null still gives null.
create function partial_date_sort_day(value text) returns date
  language sql immutable parallel safe
return coalesce(nullif(partial_date_earliest(value), date '-infinity'), partial_date_latest(value));
comment on function partial_date_sort_day(text) is 'The day by which a list or a timeline sorts a partial date: its earliest, or its latest where the beginning is open';

create function partial_date_is_exact(value text) returns boolean
  language sql immutable strict parallel safe
return (value collate "C") like '____-__-__';
comment on function partial_date_is_exact(text) is 'Whether a valid partial date is a full day, neither about (~) nor an interval, be it of one day';

create function partial_date_in_order(earlier text, later text) returns boolean
  language sql immutable parallel safe
return coalesce(partial_date_latest(later) >= partial_date_earliest(earlier), true);
comment on function partial_date_in_order(text, text) is 'False only when later certainly ends before earlier can begin; true where either is null. For constraints such as: does not end before it begins';

create domain partial_date as text
  constraint partial_date_check check (partial_date_is_valid(value));
comment on domain partial_date is 'A date as it is known, in a subset of EDTF: 2025, 2025-09, 2025-09-23, 2025-09~ (about), 1960/1962 (between), ../2025-11-12 (not later than). It compares as the interval from partial_date_earliest to partial_date_latest';
