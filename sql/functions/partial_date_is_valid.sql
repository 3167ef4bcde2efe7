create or replace function partial_date_is_valid(value text) returns boolean
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
