drop trigger changes_keep_name_history on changes;
drop function keep_name_history();
drop view names_by_revisions;
drop table name_history;
drop function plain_names(jsonb);
drop function name_patterns(text[]);

create function revision_names(document jsonb) returns text
language plpgsql immutable parallel safe set search_path = pg_catalog, public, pg_temp
as $$
begin
  return plain_name(document ->> 'name') || coalesce((
    select string_agg(e'\n' || plain_name(item ->> 'name'), '')
    from jsonb_array_elements(document -> 'names') as item
  ), '');
end
$$;
comment on function revision_names(jsonb) is 'All names of an actor as a revision has it, without accents and capitals, a line each';

create index revisions_names_idx on revisions using gin (revision_names(document) gin_trgm_ops) where resource = 'actors';
