-- Actors that proved to be others: where their ids lead now, and what moved, so that it can move back.

create table merged_actors (
  actor_id uuid not null,
  into_id uuid not null,
  constraint merged_actors_pkey primary key (actor_id),
  constraint merged_actors_ends_check check (actor_id <> into_id)
);
comment on table merged_actors is 'Actors that were merged into others and are no records any more; one that is restored leaves this table';
comment on column merged_actors.actor_id is 'Id of the actor that was merged; no foreign key, for it is gone';
comment on column merged_actors.into_id is 'The actor that it became part of, which may have been merged or deleted since; no foreign key for that';

create table merge_gains (
  actor_id uuid not null,
  gained jsonb not null,
  constraint merge_gains_pkey primary key (actor_id),
  constraint merge_gains_actor_id_fkey foreign key (actor_id) references merged_actors (actor_id) on delete cascade
);
comment on table merge_gains is 'What others gained of merged actors';
comment on column merge_gains.actor_id is 'Id of the actor that was merged';
comment on column merge_gains.gained is 'Names, countries, identifiers, keys, properties, description and dates that the other had not, in the shape of the API';

create table merge_moves (
  actor_id uuid not null,
  resource text not null,
  record_id uuid not null,
  role text not null,
  was_dropped boolean not null default false,
  constraint merge_moves_pkey primary key (actor_id, resource, record_id, role),
  constraint merge_moves_actor_id_fkey foreign key (actor_id) references merged_actors (actor_id) on delete cascade
);
comment on table merge_moves is 'What named an actor before it was merged, and names the other since';
comment on column merge_moves.actor_id is 'Id of the actor that was merged';
comment on column merge_moves.resource is 'Table of what moved: relationships, programmes, sanctions, action_participants or citations';
comment on column merge_moves.record_id is 'Id of what moved; of a participation the action''s';
comment on column merge_moves.role is 'What the actor is to it: subject, object, imposer, target, attributed_to, or the participant''s role';
comment on column merge_moves.was_dropped is 'Whether the other took part in the same role already, so that nothing had to move';
