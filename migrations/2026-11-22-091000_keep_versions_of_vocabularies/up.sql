-- Admins edit vocabularies while others read them: entries get the versions and times that records have.

do $$
declare
  vocabulary text;
begin
  foreach vocabulary in array array[
    'countries', 'actor_kinds', 'relationship_kinds', 'identifier_schemes', 'measures', 'grounds', 'objectives',
    'action_types', 'cameo_codes'
  ] loop
    execute format(
      'alter table %1$I
         add column version integer not null default 1,
         add column changed_in bigint not null default pg_current_xact_id()::text::bigint,
         add column created_at timestamptz not null default now(),
         add column updated_at timestamptz not null default now(),
         add constraint %2$I check (version > 0)',
      vocabulary, vocabulary || '_version_check'
    );
    execute format('comment on column %I.version is %L', vocabulary,
      'Moves by one with every transaction that changes the entry; starts at 1');
    execute format('comment on column %I.changed_in is %L', vocabulary,
      'The transaction that changed the entry last, by which one transaction makes one version');
    execute format('comment on column %I.created_at is %L', vocabulary, 'When the registry learned of the entry');
    execute format('comment on column %I.updated_at is %L', vocabulary, 'When the entry last changed in the registry');
    perform keep_version(vocabulary);
  end loop;
end
$$;

create function is_regular_expression(value text) returns boolean
language plpgsql immutable strict
as $$
begin
  perform '' ~ value;
  return true;
exception
  when invalid_regular_expression then
    return false;
end
$$;
comment on function is_regular_expression(text) is 'Whether PostgreSQL reads a text as a regular expression';

alter table identifier_schemes
  add constraint identifier_schemes_pattern_check check (is_regular_expression(pattern));
