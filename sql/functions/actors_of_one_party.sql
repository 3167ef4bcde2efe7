create or replace function actors_of_one_party(party_id uuid)
  returns table (actor_id uuid, first_day date, last_day date, depends boolean)
language sql stable parallel safe rows 200
begin atomic
  select
    acting.actor_id,
    acting.first_day,
    acting.last_day,
    acting.actor_id in (
      select other.actor_id
      from others_acted_for(party_id) as other
      where other.kind in ('state', 'intergovernmental_organization') and is_party(other.other_id)
    )
  from actors_acting_for(party_id) as acting
  -- What is no party has no acts of others.
  where acting.actor_id = party_id or is_party(party_id);
end;
comment on function actors_of_one_party(uuid) is 'The actors whose acts are those of this party, each with the days between which they are; where depends, some of its acts may be those of another party, and imposing_party has to decide';
revoke execute on function actors_of_one_party(uuid) from public;
