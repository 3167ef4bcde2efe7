alter table identifier_schemes
  drop constraint identifier_schemes_pattern_check;
drop function is_regular_expression(text);

do $$
declare
  vocabulary text;
begin
  foreach vocabulary in array array[
    'countries', 'actor_kinds', 'relationship_kinds', 'identifier_schemes', 'measures', 'grounds', 'objectives',
    'action_types', 'cameo_codes'
  ] loop
    execute format('drop trigger %I on %I', vocabulary || '_move_version', vocabulary);
    execute format(
      'alter table %I
         drop column version,
         drop column changed_in,
         drop column created_at,
         drop column updated_at',
      vocabulary
    );
  end loop;
end
$$;
