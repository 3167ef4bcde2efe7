-- The columns of bi.sanctions, in their order; three of them are those of the day.
do $build$
declare
  columns text;
begin
  select string_agg(coalesce(of_day.expression, format('sanction.%I', attribute.attname)), ', ' order by attribute.attnum)
  into columns
  from pg_attribute as attribute
  left join (
    values
      (
        'status',
        $column$
          case
            when sanction.lifted_on is not null and coalesce(sanction.lifted_on_earliest <= day, true) then 'lifted'
            else 'in_force'
          end
        $column$
      ),
      (
        'status_certain',
        $column$
          sanction.starts_on is not null
          and not coalesce(
            coalesce(day <= sanction.starts_on_latest, true) and not partial_date_is_exact(sanction.starts_on),
            false
          )
          and not coalesce(
            day >= sanction.expires_on_earliest and not partial_date_is_exact(sanction.expires_on),
            sanction.expires_on is not null
          )
          and not (sanction.lifted_on is not null and coalesce(sanction.lifted_on_earliest <= day, true))
        $column$
      ),
      (
        'days_in_force',
        $column$
          case
            when sanction.starts_on_earliest is not null and (sanction.lifted_on is null or sanction.lifted_on_earliest is not null)
              then greatest(least(sanction.lifted_on_earliest, day + 1) - sanction.starts_on_earliest, 0)
          end
        $column$
      )
  ) as of_day (name, expression) on of_day.name = attribute.attname
  where attribute.attrelid = 'bi.sanctions'::regclass and attribute.attnum > 0;

  execute format(
    $function$
      create function bi.sanctions_in_force(day date) returns setof bi.sanctions
      language sql stable parallel safe
      begin atomic
        select %s
        from bi.sanctions as sanction
        where day_in_range(day) is not null
          -- "Is not true" holds for dates open at an end, and PostgreSQL expects more rows of it than of coalesce.
          and sanction.starts_on is not null
          and (sanction.starts_on_earliest > day) is not true
          and (
            (sanction.lifted_on_latest <= day) is not true
            or (sanction.lifted_on_latest = day and strpos(sanction.lifted_on, '~') > 0)
          )
          and (sanction.expires_on_latest < day) is not true;
      end
    $function$,
    columns
  );
end
$build$;
comment on function bi.sanctions_in_force(date) is 'The sanctions that are, or may be, in force on a day, in the columns of bi.sanctions, with status, status_certain and days_in_force (that day included) of the day. status_certain is false where the day lies in a date that is only partly known; the status is then in_force, or lifted if that date is the one on which it was lifted';
