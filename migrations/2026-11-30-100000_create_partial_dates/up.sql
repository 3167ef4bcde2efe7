-- Dates as they are known: a subset of EDTF (ISO 8601-2), kept as written.
--   2025 | 2025-09 | 2025-09-23    a year, a month, a day
--   2025-11-11~                    about then; the same days, only partly known
--   1960/1962-05                   some time between the two
--   ../2025-11-12                  not later than
-- Generated columns, indexes and restored dumps call these functions, so everything inside is immutable (to_date and a
-- cast from text to date are not) and nothing depends on search_path or on the collation of the text.

-- The SQL functions below are inlined into the query that calls them. PostgreSQL does not inline a strict function whose
-- body has a coalesce in it, hence no "strict" on the first; null still gives null.

create domain partial_date as text
  constraint partial_date_check check (partial_date_is_valid(value));
comment on domain partial_date is 'A date as it is known, in a subset of EDTF: 2025, 2025-09, 2025-09-23, 2025-09~ (about), 1960/1962 (between), ../2025-11-12 (not later than). It compares as the interval from partial_date_earliest to partial_date_latest';
