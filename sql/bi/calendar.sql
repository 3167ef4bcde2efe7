create view bi.calendar as
select
  given.day,
  extract(year from given.day)::integer as year,
  extract(quarter from given.day)::integer as quarter,
  extract(month from given.day)::integer as month,
  to_char(given.at_midnight, 'FMMonth') as month_name,
  extract(day from given.day)::integer as day_of_month,
  extract(doy from given.day)::integer as day_of_year,
  extract(isodow from given.day)::integer as iso_weekday,
  to_char(given.at_midnight, 'FMDay') as weekday_name,
  extract(isodow from given.day) in (6, 7) as is_weekend,
  extract(isoyear from given.day)::integer as iso_year,
  extract(week from given.day)::integer as iso_week,
  to_char(given.at_midnight, 'YYYY-"Q"Q') as year_quarter,
  to_char(given.at_midnight, 'YYYY-MM') as year_month,
  to_char(given.at_midnight, 'IYYY-"W"IW') as year_week,
  date_trunc('year', given.at_midnight)::date as first_day_of_year,
  date_trunc('quarter', given.at_midnight)::date as first_day_of_quarter,
  date_trunc('month', given.at_midnight)::date as first_day_of_month,
  (date_trunc('month', given.at_midnight) + interval '1 month')::date - 1 as last_day_of_month,
  date_trunc('week', given.at_midnight)::date as first_day_of_week
from (
  -- Without a time zone: to_char and date_trunc would take a date as midnight in that of the session, and some zones skip days.
  select date '1900-01-01' + place as day, (date '1900-01-01' + place)::timestamp as at_midnight
  from generate_series(0, date '2050-12-31' - date '1900-01-01') as place
) as given;
comment on view bi.calendar is 'The days from 1900 to 2050; one row per day. Join a date such as occurred_on_earliest to day; earlier and later dates have no row';
comment on column bi.calendar.day is 'The day';
comment on column bi.calendar.year is 'Year';
comment on column bi.calendar.quarter is 'Quarter, 1 to 4';
comment on column bi.calendar.month is 'Month, 1 to 12';
comment on column bi.calendar.month_name is 'Month in English';
comment on column bi.calendar.day_of_month is 'Day of the month, 1 to 31';
comment on column bi.calendar.day_of_year is 'Day of the year, 1 to 366';
comment on column bi.calendar.iso_weekday is 'Day of the week, 1 Monday to 7 Sunday';
comment on column bi.calendar.weekday_name is 'Day of the week in English';
comment on column bi.calendar.is_weekend is 'Whether it is a Saturday or a Sunday';
comment on column bi.calendar.iso_year is 'The year to which the ISO 8601 week belongs';
comment on column bi.calendar.iso_week is 'Week of ISO 8601, 1 to 53';
comment on column bi.calendar.year_quarter is 'Year and quarter, as in 2025-Q3';
comment on column bi.calendar.year_month is 'Year and month, as in 2025-09';
comment on column bi.calendar.year_week is 'Year and week of ISO 8601, as in 2025-W39';
comment on column bi.calendar.first_day_of_year is 'First day of the year';
comment on column bi.calendar.first_day_of_quarter is 'First day of the quarter';
comment on column bi.calendar.first_day_of_month is 'First day of the month';
comment on column bi.calendar.last_day_of_month is 'Last day of the month';
comment on column bi.calendar.first_day_of_week is 'Monday of the week';
