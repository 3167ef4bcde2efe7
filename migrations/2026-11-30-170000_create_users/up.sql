-- Users, their tokens, and the first responses to idempotent requests.

create type user_role as enum ('reader', 'analyst', 'admin');
comment on type user_role is 'reader reads, analyst also writes records, admin also writes vocabularies';

create table users (
  id uuid not null default uuid_v7(),
  name text not null,
  role user_role not null,
  created_at timestamptz not null default now(),
  constraint users_pkey primary key (id),
  constraint users_name_key unique (name),
  constraint users_name_check check (name ~ '^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$')
);
comment on table users is 'People and programs that have tokens';
comment on column users.id is 'UUID of version 7';
comment on column users.name is 'The name under which writes are recorded';
comment on column users.role is 'What the user may do';
comment on column users.created_at is 'When the user was first given a token';

create table tokens (
  id uuid not null default uuid_v7(),
  user_id uuid not null,
  sha256 bytea not null,
  note text,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  constraint tokens_pkey primary key (id),
  constraint tokens_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
  constraint tokens_sha256_key unique (sha256),
  constraint tokens_sha256_check check (length(sha256) = 32)
);
create index tokens_user_id_idx on tokens (user_id);
comment on table tokens is 'Bearer tokens; only their hashes are kept';
comment on column tokens.id is 'UUID of version 7; names the token when it is listed or revoked';
comment on column tokens.user_id is 'Whose token it is';
comment on column tokens.sha256 is 'SHA-256 of the token, which itself is shown once and never stored';
comment on column tokens.note is 'What the token is for';
comment on column tokens.created_at is 'When it was made';
comment on column tokens.expires_at is 'When it ceases to work; null where it does not';
comment on column tokens.revoked_at is 'When it was revoked; null where it works';

create table idempotency_keys (
  user_id uuid not null,
  key text not null,
  request_sha256 bytea not null,
  status smallint,
  location text,
  etag text,
  body text,
  created_at timestamptz not null default now(),
  constraint idempotency_keys_pkey primary key (user_id, key),
  constraint idempotency_keys_user_id_fkey foreign key (user_id) references users (id) on delete cascade,
  constraint idempotency_keys_key_check check (length(key) between 1 and 255)
);
create index idempotency_keys_created_at_idx on idempotency_keys (created_at);
comment on table idempotency_keys is 'First responses to POST requests with an Idempotency-Key, kept for 24 hours';
comment on column idempotency_keys.user_id is 'Who sent the request';
comment on column idempotency_keys.key is 'The key that the client chose';
comment on column idempotency_keys.request_sha256 is 'SHA-256 of method, path and body: the same key with another request is refused';
comment on column idempotency_keys.status is 'Status of the first response';
comment on column idempotency_keys.location is 'Location header of the first response';
comment on column idempotency_keys.etag is 'ETag header of the first response';
comment on column idempotency_keys.body is 'Body of the first response';
comment on column idempotency_keys.created_at is 'When the request came';

create table loads (
  name text not null,
  sha256 text not null,
  loaded_at timestamptz not null default now(),
  constraint loads_pkey primary key (name)
);
comment on table loads is 'What was loaded into this registry as a whole, such as the demo data';
comment on column loads.name is 'What was loaded';
comment on column loads.sha256 is 'SHA-256 of the files it was loaded from, in lower-case hexadecimal';
comment on column loads.loaded_at is 'When it was loaded last';

create table secrets (
  name text not null,
  value bytea not null,
  constraint secrets_pkey primary key (name)
);
comment on table secrets is 'Random keys that every server of this registry shares';
comment on column secrets.name is 'What the key is for: cursor signs the cursors of pages';
comment on column secrets.value is 'The key';
insert into secrets (name, value)
values ('cursor', decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));
