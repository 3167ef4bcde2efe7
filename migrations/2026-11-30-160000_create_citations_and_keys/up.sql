-- Who says so.

create table citations (
  id uuid not null default uuid_v7(),
  relationship_id uuid,
  sanction_id uuid,
  action_id uuid,
  position integer not null,
  source_id uuid not null,
  credibility smallint,
  stance citation_stance not null default 'supports',
  locator text,
  quote text,
  attributed_to_id uuid,
  constraint citations_pkey primary key (id),
  constraint citations_relationship_id_fkey foreign key (relationship_id) references relationships (id) on delete cascade,
  constraint citations_sanction_id_fkey foreign key (sanction_id) references sanctions (id) on delete cascade,
  constraint citations_action_id_fkey foreign key (action_id) references diplomatic_actions (id) on delete cascade,
  constraint citations_claim_check check (num_nonnulls(relationship_id, sanction_id, action_id) = 1),
  constraint citations_source_id_fkey foreign key (source_id) references sources (id),
  constraint citations_credibility_check check (credibility between 1 and 6),
  constraint citations_attributed_to_id_fkey foreign key (attributed_to_id) references actors (id),
  constraint citations_position_check check (position >= 0)
);
create index citations_relationship_id_idx on citations (relationship_id, position) where relationship_id is not null;
create index citations_sanction_id_idx on citations (sanction_id, position) where sanction_id is not null;
create index citations_action_id_idx on citations (action_id, position) where action_id is not null;
create index citations_source_id_idx on citations (source_id);
create index citations_attributed_to_id_idx on citations (attributed_to_id);
comment on table citations is 'Sources of claims';
comment on column citations.id is 'UUID of version 7';
comment on column citations.relationship_id is 'The relationship that is claimed, where it is one';
comment on column citations.sanction_id is 'The sanction that is claimed, where it is one';
comment on column citations.action_id is 'The diplomatic action that is claimed, where it is one';
comment on column citations.position is 'Order in which the citations were given, from 0';
comment on column citations.source_id is 'The document that says so';
comment on column citations.credibility is 'Admiralty scale: 1 confirmed by other sources to 5 improbable, 6 cannot be judged; null if not assessed';
comment on column citations.stance is 'Whether the source supports, disputes or only mentions the claim';
comment on column citations.locator is 'Where in the document: a page, a paragraph, a minute';
comment on column citations.quote is 'The words themselves';
comment on column citations.attributed_to_id is 'The actor whose word it is, where that is not the source''s own';

create table external_keys (
  scheme text not null,
  value text not null,
  position smallint not null,
  actor_id uuid,
  relationship_id uuid,
  programme_id uuid,
  sanction_id uuid,
  action_id uuid,
  source_id uuid,
  constraint external_keys_pkey primary key (scheme, value),
  constraint external_keys_scheme_check check (scheme ~ '^[a-z][a-z0-9_]{0,62}$' and scheme <> 'programme'),
  constraint external_keys_value_check check (value ~ '\S' and length(value) <= 500),
  constraint external_keys_position_check check (position >= 0),
  constraint external_keys_actor_id_fkey foreign key (actor_id) references actors (id) on delete cascade,
  constraint external_keys_relationship_id_fkey foreign key (relationship_id) references relationships (id) on delete cascade,
  constraint external_keys_programme_id_fkey foreign key (programme_id) references programmes (id) on delete cascade,
  constraint external_keys_sanction_id_fkey foreign key (sanction_id) references sanctions (id) on delete cascade,
  constraint external_keys_action_id_fkey foreign key (action_id) references diplomatic_actions (id) on delete cascade,
  constraint external_keys_source_id_fkey foreign key (source_id) references sources (id) on delete cascade,
  constraint external_keys_record_check check (
    num_nonnulls(actor_id, relationship_id, programme_id, sanction_id, action_id, source_id) = 1
  )
);
create index external_keys_actor_id_idx on external_keys (actor_id) where actor_id is not null;
create index external_keys_relationship_id_idx on external_keys (relationship_id) where relationship_id is not null;
create index external_keys_programme_id_idx on external_keys (programme_id) where programme_id is not null;
create index external_keys_sanction_id_idx on external_keys (sanction_id) where sanction_id is not null;
create index external_keys_action_id_idx on external_keys (action_id) where action_id is not null;
create index external_keys_source_id_idx on external_keys (source_id) where source_id is not null;
comment on table external_keys is 'Keys of other systems for records of this registry';
comment on column external_keys.scheme is 'Who gave the key: a lower-case word';
comment on column external_keys.value is 'The key';
comment on column external_keys.position is 'Order in which the keys were given, from 0';
comment on column external_keys.actor_id is 'The record, where it is one of actors';
comment on column external_keys.relationship_id is 'The record, where it is one of relationships';
comment on column external_keys.programme_id is 'The record, where it is one of programmes';
comment on column external_keys.sanction_id is 'The record, where it is one of sanctions';
comment on column external_keys.action_id is 'The record, where it is one of diplomatic_actions';
comment on column external_keys.source_id is 'The record, where it is one of sources';
