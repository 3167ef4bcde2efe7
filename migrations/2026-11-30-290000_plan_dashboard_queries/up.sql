-- Column dated_on_latest of bi.claims is null where a date is open at its end, so the latest claims first need indexes on that.
drop index relationships_claimed_day_idx, diplomatic_actions_claimed_day_idx, sanctions_claimed_day_idx;
create index relationships_claimed_day_idx on relationships (nullif(started_on_latest, 'infinity'));
create index diplomatic_actions_claimed_day_idx on diplomatic_actions (nullif(occurred_on_latest, 'infinity'));
create index sanctions_claimed_day_idx on sanctions (
  nullif(
    case
      when imposed_on is not null then imposed_on_latest
      else partial_date_latest(coalesce(effective_on, announced_on))
    end,
    'infinity'
  )
);

-- PostgreSQL takes the status of today for one of 200 values, and plans for few rows. This is the expression that column status of
-- bi.sanctions becomes: sanction_status, with today. Where they differ, the statistics are not used; a test compares the estimate.
create statistics sanctions_status_today_stats on (
  case
    when lifted_on is not null and lifted_on_latest <= (now() at time zone interval '0')::date then 'lifted'
    when starts_earliest > (now() at time zone interval '0')::date then
      case when announced_on_earliest <= (now() at time zone interval '0')::date then 'announced' else 'not_yet' end
    when lifted_on is not null and lifted_on_earliest <= (now() at time zone interval '0')::date then 'lifted'
    when expires_on is not null and expires_on_latest < (now() at time zone interval '0')::date then 'expired'
    when starts_earliest <= (now() at time zone interval '0')::date then 'in_force'
    when announced_on_earliest <= (now() at time zone interval '0')::date then 'announced'
    else 'unknown'
  end
) from sanctions;
comment on statistics sanctions_status_today_stats is 'How many sanctions are in force, lifted, expired today: for queries of bi.sanctions by status';

-- Schema bi shows claim_status as text, of which PostgreSQL knows nothing otherwise.
create statistics sanctions_claim_status_stats on (claim_status::text) from sanctions;
create statistics relationships_claim_status_stats on (claim_status::text) from relationships;
create statistics diplomatic_actions_claim_status_stats on (claim_status::text) from diplomatic_actions;
comment on statistics sanctions_claim_status_stats is 'How many sanctions have each claim_status, which schema bi shows as text';
comment on statistics relationships_claim_status_stats is 'How many relationships have each claim_status, which schema bi shows as text';
comment on statistics diplomatic_actions_claim_status_stats is 'How many actions have each claim_status, which schema bi shows as text';
