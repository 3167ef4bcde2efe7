-- What a record says, whole and by ids alone, as one JSON document in the shape of the API: what revisions keep. Names of
-- others and what is derived (a status, a grade) are left out: they change without the record.
-- In PL/pgSQL, which keeps the plans: an SQL function would be planned anew for each record.

create function utc_text(moment timestamptz) returns text
language sql immutable parallel safe
return to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
comment on function utc_text(timestamptz) is 'A moment as RFC 3339 in UTC, whatever the time zone of the session';

create function actor_document(actor_id uuid) returns jsonb
language plpgsql stable set search_path = pg_catalog, public, pg_temp
as $$
begin
  return (
    select jsonb_build_object(
      'id', actor.id,
      'kind', actor.kind,
      'name', actor.name,
      'names', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'name', name.name, 'kind', name.kind, 'lang', name.lang
        ) order by name.position), '[]')
        from actor_names as name
        where name.actor_id = actor.id
      ),
      'countries', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'code', country.code, 'role', country.role
        ) order by country.position), '[]')
        from actor_countries as country
        where country.actor_id = actor.id
      ),
      'identifiers', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'scheme', identifier.scheme,
          'value', identifier.value,
          'country', identifier.country,
          'valid_from', identifier.valid_from,
          'valid_until', identifier.valid_until
        ) order by identifier.position), '[]')
        from actor_identifiers as identifier
        where identifier.actor_id = actor.id
      ),
      'description', actor.description,
      'began_on', actor.began_on,
      'ended_on', actor.ended_on,
      'properties', actor.properties,
      'external_keys', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'scheme', key.scheme, 'value', key.value
        ) order by key.position), '[]')
        from external_keys as key
        where key.actor_id = actor.id
      ),
      'version', actor.version,
      'created_at', utc_text(actor.created_at),
      'updated_at', utc_text(actor.updated_at)
    )
    from actors as actor
    where actor.id = actor_document.actor_id
  );
end
$$;
comment on function actor_document(uuid) is 'An actor with its children, by ids alone; null where there is none';

create function source_document(source_id uuid) returns jsonb
language plpgsql stable set search_path = pg_catalog, public, pg_temp
as $$
begin
  return (
    select jsonb_build_object(
      'id', source.id,
      'kind', source.kind,
      'title', source.title,
      'publisher', source.publisher,
      'author', source.author,
      'url', source.url,
      'archive_url', source.archive_url,
      'published_on', source.published_on,
      'retrieved_at', utc_text(source.retrieved_at),
      'language', source.language,
      'reliability', source.reliability,
      'content_sha256', source.content_sha256,
      'notes', source.notes,
      'properties', source.properties,
      'external_keys', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'scheme', key.scheme, 'value', key.value
        ) order by key.position), '[]')
        from external_keys as key
        where key.source_id = source.id
      ),
      'version', source.version,
      'created_at', utc_text(source.created_at),
      'updated_at', utc_text(source.updated_at)
    )
    from sources as source
    where source.id = source_document.source_id
  );
end
$$;
comment on function source_document(uuid) is 'A source with its keys; null where there is none';

create function programme_document(programme_id uuid) returns jsonb
language plpgsql stable set search_path = pg_catalog, public, pg_temp
as $$
begin
  return (
    select jsonb_build_object(
      'id', programme.id,
      'code', programme.code,
      'name', programme.name,
      'imposer', jsonb_build_object('id', programme.imposer_id),
      'legal_basis', programme.legal_basis,
      'url', programme.url,
      'description', programme.description,
      'properties', programme.properties,
      'external_keys', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'scheme', key.scheme, 'value', key.value
        ) order by key.position), '[]')
        from external_keys as key
        where key.programme_id = programme.id
      ),
      'version', programme.version,
      'created_at', utc_text(programme.created_at),
      'updated_at', utc_text(programme.updated_at)
    )
    from programmes as programme
    where programme.id = programme_document.programme_id
  );
end
$$;
comment on function programme_document(uuid) is 'A programme with its keys, by ids alone; null where there is none';

create function relationship_document(relationship_id uuid) returns jsonb
language plpgsql stable set search_path = pg_catalog, public, pg_temp
as $$
begin
  return (
    select jsonb_build_object(
      'id', relationship.id,
      'subject', jsonb_build_object('id', relationship.subject_id),
      'kind', relationship.kind,
      'object', jsonb_build_object('id', relationship.object_id),
      'role', relationship.role,
      'share_percent', relationship.share_percent,
      'started_on', relationship.started_on,
      'ended_on', relationship.ended_on,
      'description', relationship.description,
      'claim_status', relationship.claim_status,
      'citations', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'id', citation.id,
          'source', jsonb_build_object('id', citation.source_id),
          'credibility', citation.credibility,
          'stance', citation.stance,
          'locator', citation.locator,
          'quote', citation.quote,
          'attributed_to', case
            when citation.attributed_to_id is not null then jsonb_build_object('id', citation.attributed_to_id)
          end
        ) order by citation.position, citation.id), '[]')
        from citations as citation
        where citation.relationship_id = relationship.id
      ),
      'properties', relationship.properties,
      'external_keys', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'scheme', key.scheme, 'value', key.value
        ) order by key.position), '[]')
        from external_keys as key
        where key.relationship_id = relationship.id
      ),
      'version', relationship.version,
      'created_at', utc_text(relationship.created_at),
      'updated_at', utc_text(relationship.updated_at)
    )
    from relationships as relationship
    where relationship.id = relationship_document.relationship_id
  );
end
$$;
comment on function relationship_document(uuid) is 'A relationship with its citations and keys, by ids alone; null where there is none';

create function sanction_document(sanction_id uuid) returns jsonb
language plpgsql stable set search_path = pg_catalog, public, pg_temp
as $$
begin
  return (
    select jsonb_build_object(
      'id', sanction.id,
      'imposer', jsonb_build_object('id', sanction.imposer_id),
      'target', jsonb_build_object('id', sanction.target_id),
      'programmes', (
        select coalesce(jsonb_agg(jsonb_build_object('id', basis.programme_id) order by basis.position), '[]')
        from sanction_programmes as basis
        where basis.sanction_id = sanction.id
      ),
      'measures', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'measure', taken.measure, 'from', taken."from", 'until', taken.until
        ) order by taken.position), '[]')
        from sanction_measures as taken
        where taken.sanction_id = sanction.id
      ),
      'grounds', (
        select coalesce(jsonb_agg(stated.ground order by stated.position), '[]')
        from sanction_grounds as stated
        where stated.sanction_id = sanction.id
      ),
      'objectives', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'objective', pursued.objective, 'outcome', pursued.outcome
        ) order by pursued.position), '[]')
        from sanction_objectives as pursued
        where pursued.sanction_id = sanction.id
      ),
      'reason', sanction.reason,
      'legal_basis', sanction.legal_basis,
      'provisions', sanction.provisions,
      'announced_on', sanction.announced_on,
      'imposed_on', sanction.imposed_on,
      'effective_on', sanction.effective_on,
      'expires_on', sanction.expires_on,
      'lifted_on', sanction.lifted_on,
      'lift_reason', sanction.lift_reason,
      'claim_status', sanction.claim_status,
      'action', case when sanction.action_id is not null then jsonb_build_object('id', sanction.action_id) end,
      'list_code', sanction.list_code,
      'list_part', sanction.list_part,
      'list_uid', sanction.list_uid,
      'citations', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'id', citation.id,
          'source', jsonb_build_object('id', citation.source_id),
          'credibility', citation.credibility,
          'stance', citation.stance,
          'locator', citation.locator,
          'quote', citation.quote,
          'attributed_to', case
            when citation.attributed_to_id is not null then jsonb_build_object('id', citation.attributed_to_id)
          end
        ) order by citation.position, citation.id), '[]')
        from citations as citation
        where citation.sanction_id = sanction.id
      ),
      'properties', sanction.properties,
      'external_keys', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'scheme', key.scheme, 'value', key.value
        ) order by key.position), '[]')
        from external_keys as key
        where key.sanction_id = sanction.id
      ),
      'version', sanction.version,
      'created_at', utc_text(sanction.created_at),
      'updated_at', utc_text(sanction.updated_at)
    )
    from sanctions as sanction
    where sanction.id = sanction_document.sanction_id
  );
end
$$;
comment on function sanction_document(uuid) is 'A sanction with its children, by ids alone; null where there is none';

create function diplomatic_action_document(action_id uuid) returns jsonb
language plpgsql stable set search_path = pg_catalog, public, pg_temp
as $$
begin
  return (
    select jsonb_build_object(
      'id', action.id,
      'type', action.type,
      'cameo_code', action.cameo_code,
      'modality', action.modality,
      'title', action.title,
      'summary', action.summary,
      'reason', action.reason,
      'condition', action.condition,
      'channel', action.channel,
      'place', action.place,
      'latitude', action.latitude,
      'longitude', action.longitude,
      'countries', (
        select coalesce(jsonb_agg(country.code order by country.position), '[]')
        from action_countries as country
        where country.action_id = action.id
      ),
      'occurred_on', action.occurred_on,
      'ended_on', action.ended_on,
      'ongoing', action.ongoing,
      'fatalities_min', action.fatalities_min,
      'fatalities_max', action.fatalities_max,
      'participants', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'role', participant.role, 'actor', jsonb_build_object('id', participant.actor_id)
        ) order by participant.position), '[]')
        from action_participants as participant
        where participant.action_id = action.id
      ),
      'links', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'kind', link.kind, 'action', jsonb_build_object('id', link.linked_action_id)
        ) order by link.position), '[]')
        from action_links as link
        where link.action_id = action.id
      ),
      'claim_status', action.claim_status,
      'citations', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'id', citation.id,
          'source', jsonb_build_object('id', citation.source_id),
          'credibility', citation.credibility,
          'stance', citation.stance,
          'locator', citation.locator,
          'quote', citation.quote,
          'attributed_to', case
            when citation.attributed_to_id is not null then jsonb_build_object('id', citation.attributed_to_id)
          end
        ) order by citation.position, citation.id), '[]')
        from citations as citation
        where citation.action_id = action.id
      ),
      'properties', action.properties,
      'external_keys', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'scheme', key.scheme, 'value', key.value
        ) order by key.position), '[]')
        from external_keys as key
        where key.action_id = action.id
      ),
      'version', action.version,
      'created_at', utc_text(action.created_at),
      'updated_at', utc_text(action.updated_at)
    )
    from diplomatic_actions as action
    where action.id = diplomatic_action_document.action_id
  );
end
$$;
comment on function diplomatic_action_document(uuid) is 'A diplomatic action with its children, by ids alone; null where there is none';

create function entry_id(vocabulary text, code text) returns uuid
language sql immutable strict parallel safe
return md5(vocabulary || ':' || code)::uuid;
comment on function entry_id(text, text) is 'By what revisions know an entry of a vocabulary, which has no id of its own';

do $$
declare
  vocabulary text;
begin
  foreach vocabulary in array array[
    'countries', 'actor_kinds', 'relationship_kinds', 'identifier_schemes', 'measures', 'grounds', 'objectives',
    'action_types', 'cameo_codes'
  ] loop
    execute format(
      $function$
        create function %1$s_document(entry_code text) returns jsonb
        language plpgsql stable set search_path = pg_catalog, public, pg_temp
        as $body$
        begin
          return (
            select to_jsonb(entry) - 'changed_in' || jsonb_build_object(
              'created_at', utc_text(entry.created_at), 'updated_at', utc_text(entry.updated_at)
            )
            from %1$I as entry
            where entry.code = entry_code
          );
        end
        $body$
      $function$, vocabulary);
    execute format('comment on function %s_document(text) is %L', vocabulary,
      format('An entry of %s; null where there is none', vocabulary));
    execute format('revoke execute on function %s_document(text) from public', vocabulary);
  end loop;
end
$$;
revoke execute on function
  actor_document(uuid), source_document(uuid), programme_document(uuid), relationship_document(uuid),
  sanction_document(uuid), diplomatic_action_document(uuid)
from public;
