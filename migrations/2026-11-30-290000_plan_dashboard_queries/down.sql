drop statistics if exists
  sanctions_status_today_stats, sanctions_claim_status_stats, relationships_claim_status_stats, diplomatic_actions_claim_status_stats;
drop index relationships_claimed_day_idx, diplomatic_actions_claimed_day_idx, sanctions_claimed_day_idx;
create index relationships_claimed_day_idx on relationships (started_on_latest);
create index diplomatic_actions_claimed_day_idx on diplomatic_actions (occurred_on_latest);
create index sanctions_claimed_day_idx on sanctions ((
  case
    when imposed_on is not null then imposed_on_latest
    else partial_date_latest(coalesce(effective_on, announced_on))
  end
));
