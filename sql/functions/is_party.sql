create or replace function is_party(actor_id uuid) returns boolean
language sql stable parallel safe security definer
begin atomic
  select exists (
    select from actors as actor
    where actor.id = actor_id
      and (
        actor.kind = 'state'
        or actor.kind = 'intergovernmental_organization'
        and (
          exists (
            select from actor_identifiers as identifier
            where identifier.actor_id = actor.id and identifier.scheme = 'iso3166'
          )
          or not exists (
            select from relationships as tie
            join relationship_kinds as kind on kind.code = tie.kind and kind.counts_for_state
            join actors as whole on whole.id = tie.object_id and whole.kind = 'intergovernmental_organization'
            where tie.subject_id = actor.id and tie.claim_status not in ('denied', 'retracted')
          )
        )
      )
  );
end;
comment on function is_party(uuid) is 'Whether acts of other actors count for this one as a party of its own: a state, or an intergovernmental organization that is not a body of another one, such as the European Union, the United Nations (not their councils) or ECOWAS';
revoke execute on function is_party(uuid) from public;
