-- The latest claims first, of whatever kind: view bi.claims reads each table backwards along these, and stops.
create index sanctions_claimed_day_idx on sanctions ((
  nullif(
    case
      when imposed_on is not null then imposed_on_earliest
      else partial_date_earliest(coalesce(effective_on, announced_on))
    end,
    '-infinity'
  )
));
create index relationships_claimed_day_idx on relationships ((nullif(started_on_earliest, '-infinity')));
create index diplomatic_actions_claimed_day_idx on diplomatic_actions ((nullif(occurred_on_earliest, '-infinity')));
