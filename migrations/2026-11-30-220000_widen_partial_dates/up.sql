-- The functions of partial dates read more forms: 2023-06-21/.. (not before), [1999,2003] (one of these) and 1999~/2003~.
-- What is stored keeps its text and its days, so only the comments change.

comment on domain partial_date is 'A date as it is known, in a subset of EDTF: 2025, 2025-09, 2025-09-23, 2025-09~ (about), 1960/1962 (between), 1960~/1962~ (between, each about), ../2025-11-12 (not later than), 2023-06-21/.. (not before), [1999,2003] (one of these). It compares as the interval from partial_date_earliest to partial_date_latest';

comment on column actors.began_on_latest is 'Last day that began_on may mean; infinity where it says not before';
comment on column actors.ended_on_latest is 'Last day that ended_on may mean; infinity where it says not before';
comment on column sources.published_on_latest is 'Last day that published_on may mean; infinity where it says not before';
comment on column relationships.started_on_latest is 'Last day that started_on may mean; infinity where it says not before';
comment on column relationships.ended_on_latest is 'Last day that ended_on may mean; infinity where it says not before';
comment on column diplomatic_actions.occurred_on_latest is 'Last day that occurred_on may mean; infinity where it says not before';
comment on column diplomatic_actions.ended_on_latest is 'Last day that ended_on may mean; infinity where it says not before';
comment on column sanctions.imposed_on_latest is 'Last day that imposed_on may mean; infinity where it says not before';
comment on column sanctions.starts_latest is 'Last day on which it may have come into force; infinity where it says not before';
comment on column sanctions.expires_on_latest is 'Last day that expires_on may mean; infinity where it says not before';
comment on column sanctions.lifted_on_latest is 'Last day that lifted_on may mean; infinity where it says not before';
