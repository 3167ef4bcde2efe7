-- Every text of a record is clean: in Unicode's form NFC, with single blanks, without characters that mean nothing. The codes of
-- lists are in lower case.

-- What can be cleaned is cleaned. A text with a character that is refused stops the migration, which names the constraint.
create function pg_temp.clean_line(value text) returns text
language sql immutable strict
return btrim(regexp_replace(normalize(value), '[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+', ' ', 'g'), e' \n\r');

create function pg_temp.clean_text(value text) returns text
language sql immutable strict
return btrim(
  regexp_replace(
    regexp_replace(pg_temp.clean_line(value), '\r\n|[\u000b\u000c\r\u0085\u2028\u2029]', e'\n', 'g'),
    ' *\n *', e'\n', 'g'
  ),
  e' \n'
);

-- Names that become equal are one, with the values of both.
create function pg_temp.clean_properties(properties jsonb) returns jsonb
language sql immutable strict
return (
  select jsonb_object_agg(cleaned.name, cleaned.list)
  from (
    select
      pg_temp.clean_line(named.name) as name,
      coalesce(
        jsonb_agg(pg_temp.clean_text(given.value) order by named.name, given.place) filter (where given.place is not null), '[]'
      ) as list
    from jsonb_each(properties) as named (name, list)
    left join lateral jsonb_array_elements_text(named.list) with ordinality as given (value, place) on true
    group by 1
  ) as cleaned
);

do $$
declare
  each record;
  home text;
begin
  -- Before the others: no record with unclean properties can be updated.
  foreach home in array array['actors', 'sources', 'programmes', 'relationships', 'diplomatic_actions', 'sanctions'] loop
    execute format(
      'update %I set properties = pg_temp.clean_properties(properties) where not is_text_lists(properties)',
      home
    );
  end loop;
  for each in
    select *
    from (values
      ('actor_kinds', 'label', 'line'),
      ('actor_kinds', 'description', 'text'),
      ('countries', 'label', 'line'),
      ('countries', 'region', 'line'),
      ('countries', 'subregion', 'line'),
      ('countries', 'description', 'text'),
      ('relationship_kinds', 'label', 'line'),
      ('relationship_kinds', 'inverse_label', 'line'),
      ('relationship_kinds', 'description', 'text'),
      ('identifier_schemes', 'label', 'line'),
      ('identifier_schemes', 'pattern', 'line'),
      ('identifier_schemes', 'description', 'text'),
      ('measures', 'label', 'line'),
      ('measures', 'description', 'text'),
      ('grounds', 'label', 'line'),
      ('grounds', 'description', 'text'),
      ('objectives', 'label', 'line'),
      ('objectives', 'description', 'text'),
      ('cameo_codes', 'label', 'line'),
      ('cameo_codes', 'description', 'text'),
      ('action_types', 'label', 'line'),
      ('action_types', 'description', 'text'),
      ('actors', 'name', 'line'),
      ('actors', 'description', 'text'),
      ('actor_names', 'name', 'line'),
      ('actor_identifiers', 'value', 'line'),
      ('sources', 'title', 'line'),
      ('sources', 'publisher', 'line'),
      ('sources', 'author', 'line'),
      ('sources', 'url', 'line'),
      ('sources', 'archive_url', 'line'),
      ('sources', 'notes', 'text'),
      ('programmes', 'code', 'line'),
      ('programmes', 'name', 'line'),
      ('programmes', 'legal_basis', 'line'),
      ('programmes', 'url', 'line'),
      ('programmes', 'description', 'text'),
      ('relationships', 'role', 'line'),
      ('relationships', 'description', 'text'),
      ('diplomatic_actions', 'title', 'line'),
      ('diplomatic_actions', 'channel', 'line'),
      ('diplomatic_actions', 'place', 'line'),
      ('diplomatic_actions', 'summary', 'text'),
      ('diplomatic_actions', 'reason', 'text'),
      ('diplomatic_actions', 'condition', 'text'),
      ('sanctions', 'legal_basis', 'line'),
      ('sanctions', 'list_code', 'line'),
      ('sanctions', 'list_part', 'line'),
      ('sanctions', 'list_uid', 'line'),
      ('sanctions', 'reason', 'text'),
      ('sanctions', 'provisions', 'text'),
      ('sanctions', 'lift_reason', 'text'),
      ('citations', 'locator', 'line'),
      ('citations', 'quote', 'text'),
      ('external_keys', 'value', 'line')
    ) as texts (home, name, form)
  loop
    execute format(
      'update %I set %I = pg_temp.clean_%s(%2$I) where not is_clean_%3$s(%2$I)',
      each.home, each.name, each.form
    );
  end loop;
end
$$;
update sanctions set list_code = lower(list_code collate "C") where list_code <> lower(list_code collate "C");
set constraints all immediate;
drop function pg_temp.clean_properties(jsonb);
drop function pg_temp.clean_text(text);
drop function pg_temp.clean_line(text);

alter table actor_kinds
  add constraint actor_kinds_label_clean_check check (is_clean_line(label)),
  add constraint actor_kinds_description_clean_check check (is_clean_text(description));
alter table countries
  add constraint countries_label_clean_check check (is_clean_line(label)),
  add constraint countries_region_clean_check check (is_clean_line(region)),
  add constraint countries_subregion_clean_check check (is_clean_line(subregion)),
  add constraint countries_description_clean_check check (is_clean_text(description));
alter table relationship_kinds
  add constraint relationship_kinds_label_clean_check check (is_clean_line(label)),
  add constraint relationship_kinds_inverse_label_clean_check check (is_clean_line(inverse_label)),
  add constraint relationship_kinds_description_clean_check check (is_clean_text(description));
alter table identifier_schemes
  add constraint identifier_schemes_label_clean_check check (is_clean_line(label)),
  add constraint identifier_schemes_pattern_clean_check check (is_clean_line(pattern)),
  add constraint identifier_schemes_description_clean_check check (is_clean_text(description));
alter table measures
  add constraint measures_label_clean_check check (is_clean_line(label)),
  add constraint measures_description_clean_check check (is_clean_text(description));
alter table grounds
  add constraint grounds_label_clean_check check (is_clean_line(label)),
  add constraint grounds_description_clean_check check (is_clean_text(description));
alter table objectives
  add constraint objectives_label_clean_check check (is_clean_line(label)),
  add constraint objectives_description_clean_check check (is_clean_text(description));
alter table cameo_codes
  add constraint cameo_codes_label_clean_check check (is_clean_line(label)),
  add constraint cameo_codes_description_clean_check check (is_clean_text(description));
alter table action_types
  add constraint action_types_label_clean_check check (is_clean_line(label)),
  add constraint action_types_description_clean_check check (is_clean_text(description));
alter table actors
  add constraint actors_name_clean_check check (is_clean_line(name)),
  add constraint actors_description_clean_check check (is_clean_text(description));
alter table actor_names
  add constraint actor_names_name_clean_check check (is_clean_line(name));
alter table actor_identifiers
  add constraint actor_identifiers_value_clean_check check (is_clean_line(value));
alter table sources
  add constraint sources_title_clean_check check (is_clean_line(title)),
  add constraint sources_publisher_clean_check check (is_clean_line(publisher)),
  add constraint sources_author_clean_check check (is_clean_line(author)),
  add constraint sources_url_clean_check check (is_clean_line(url)),
  add constraint sources_archive_url_clean_check check (is_clean_line(archive_url)),
  add constraint sources_notes_clean_check check (is_clean_text(notes));
alter table programmes
  add constraint programmes_code_clean_check check (is_clean_line(code)),
  add constraint programmes_name_clean_check check (is_clean_line(name)),
  add constraint programmes_legal_basis_clean_check check (is_clean_line(legal_basis)),
  add constraint programmes_url_clean_check check (is_clean_line(url)),
  add constraint programmes_description_clean_check check (is_clean_text(description));
alter table relationships
  add constraint relationships_role_clean_check check (is_clean_line(role)),
  add constraint relationships_description_clean_check check (is_clean_text(description));
alter table diplomatic_actions
  add constraint diplomatic_actions_title_clean_check check (is_clean_line(title)),
  add constraint diplomatic_actions_channel_clean_check check (is_clean_line(channel)),
  add constraint diplomatic_actions_place_clean_check check (is_clean_line(place)),
  add constraint diplomatic_actions_summary_clean_check check (is_clean_text(summary)),
  add constraint diplomatic_actions_reason_clean_check check (is_clean_text(reason)),
  add constraint diplomatic_actions_condition_clean_check check (is_clean_text(condition));
alter table sanctions
  add constraint sanctions_legal_basis_clean_check check (is_clean_line(legal_basis)),
  add constraint sanctions_list_code_clean_check check (is_clean_line(list_code)),
  add constraint sanctions_list_part_clean_check check (is_clean_line(list_part)),
  add constraint sanctions_list_uid_clean_check check (is_clean_line(list_uid)),
  add constraint sanctions_reason_clean_check check (is_clean_text(reason)),
  add constraint sanctions_provisions_clean_check check (is_clean_text(provisions)),
  add constraint sanctions_lift_reason_clean_check check (is_clean_text(lift_reason)),
  add constraint sanctions_list_code_case_check check (list_code = lower(list_code collate "C"));
alter table citations
  add constraint citations_locator_clean_check check (is_clean_line(locator)),
  add constraint citations_quote_clean_check check (is_clean_text(quote));
alter table external_keys
  add constraint external_keys_value_clean_check check (is_clean_line(value));
comment on column sanctions.list_code is 'The official list that has it, a code in lower case such as us_ofac_sdn';
