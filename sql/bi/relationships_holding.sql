-- The columns of bi.relationships, in their order; all of these hold on the day.
do $build$
declare
  columns text;
begin
  select
    string_agg(
      case attname when 'holds' then 'true' else format('relationship.%I', attname) end, ', ' order by attnum
    )
  into columns
  from pg_attribute
  where attrelid = 'bi.relationships'::regclass and attnum > 0;

  execute format(
    $function$
      create function bi.relationships_holding(day date) returns setof bi.relationships
      language sql stable parallel safe
      begin atomic
        select %s
        from bi.relationships as relationship
        where day_in_range(day) is not null
          and coalesce(relationship.started_on_earliest <= day, true)
          and coalesce(relationship.ended_on_latest >= day, true);
      end
    $function$,
    columns
  );
end
$build$;
comment on function bi.relationships_holding(date) is 'The relationships that hold on a day, or may hold if a date is only partly known, in the columns of bi.relationships; a relationship without dates always holds';
