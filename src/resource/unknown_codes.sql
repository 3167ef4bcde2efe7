) with ordinality as element (vocabulary, code, ordinal)
where not case element.vocabulary
  when 'actor_kinds' then exists (select from actor_kinds as known where known.code = element.code)
  when 'countries' then exists (select from countries as known where known.code = element.code)
  when 'identifier_schemes' then exists (select from identifier_schemes as known where known.code = element.code)
  when 'relationship_kinds' then exists (select from relationship_kinds as known where known.code = element.code)
  when 'measures' then exists (select from measures as known where known.code = element.code)
  when 'grounds' then exists (select from grounds as known where known.code = element.code)
  when 'objectives' then exists (select from objectives as known where known.code = element.code)
  when 'action_types' then exists (select from action_types as known where known.code = element.code)
  when 'cameo_codes' then exists (select from cameo_codes as known where known.code = element.code)
  when 'property_names' then exists (select from property_names as known where known.code = element.code)
  else false
end
order by element.ordinal
