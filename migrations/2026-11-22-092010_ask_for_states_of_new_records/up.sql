-- The state of an act, for views that have it stored for nearly every record and ask only for what came since. The rule
-- itself is that of imposer_state and target_state. Theirs is the price of each call; the planner would multiply it by all the
-- rows of a view, and take a query of half a second for one of hours. In PL/pgSQL, which keeps the plans of what it calls.

create function state_of_imposer(imposer_id uuid, earliest date, latest date) returns uuid
language plpgsql stable parallel safe security definer cost 1 set search_path = pg_catalog, public, pg_temp
as $$
begin
  return imposer_state(imposer_id, earliest, latest);
end
$$;
comment on function state_of_imposer(uuid, date, date) is
  'imposer_state, for where it is asked of few rows among many';

create function state_of_target(target_id uuid, earliest date, latest date) returns uuid
language plpgsql stable parallel safe security definer cost 1 set search_path = pg_catalog, public, pg_temp
as $$
begin
  return target_state(target_id, earliest, latest);
end
$$;
comment on function state_of_target(uuid, date, date) is
  'target_state, for where it is asked of few rows among many';

create function state_of_participant(taken_action_id uuid, role participant_role, actor_id uuid) returns uuid
language plpgsql stable parallel safe security definer cost 1 set search_path = pg_catalog, public, pg_temp
as $$
declare
  earliest date;
  latest date;
begin
  select action.occurred_on_earliest, action.occurred_on_latest
  into earliest, latest
  from diplomatic_actions as action
  where action.id = taken_action_id;
  if role in ('initiator', 'mediator') then
    return imposer_state(actor_id, earliest, latest);
  end if;
  return target_state(actor_id, earliest, latest);
end
$$;
comment on function state_of_participant(uuid, participant_role, uuid) is
  'The state for which a participant of an action counts: of an initiator or mediator imposer_state, of others target_state; for where it is asked of few rows among many';

create function name_of_state(state_id uuid) returns text
language plpgsql stable parallel safe security definer cost 1 set search_path = pg_catalog, public, pg_temp
as $$
begin
  return (select actor.name from actors as actor where actor.id = state_id);
end
$$;
comment on function name_of_state(uuid) is 'Name of a state, for where it is asked of few rows among many';

create function code_of_state(state_id uuid) returns text
language plpgsql stable parallel safe security definer cost 1 set search_path = pg_catalog, public, pg_temp
as $$
begin
  return (
    select min(identifier.value)
    from actor_identifiers as identifier
    where identifier.actor_id = state_id and identifier.scheme in ('iso3166', 'iso3166_3')
  );
end
$$;
comment on function code_of_state(uuid) is
  'The code of a state in countries: of two letters, of four where it is a former one; for where it is asked of few rows among many';

create function alpha3_of_state(state_id uuid) returns text
language plpgsql stable parallel safe security definer cost 1 set search_path = pg_catalog, public, pg_temp
as $$
begin
  return (select country.iso3 from countries as country where country.code = code_of_state(state_id));
end
$$;
comment on function alpha3_of_state(uuid) is
  'ISO 3166-1 alpha-3 code of a state, for where it is asked of few rows among many';

create function first_id_since(moment timestamptz) returns uuid
language sql immutable parallel safe
begin atomic
  select coalesce(
    rpad(lpad(to_hex(floor(extract(epoch from moment) * 1000)::bigint), 12, '0'), 32, '0')::uuid,
    '00000000-0000-0000-0000-000000000000'
  );
end;
comment on function first_id_since(timestamptz) is
  'The least UUID of version 7 that can be made from a moment on: records from then on have none below it; of null the least of all';
