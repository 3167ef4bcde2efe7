create function bi.sanctions_in_force(day date) returns setof bi.sanctions
language sql stable parallel safe
begin atomic
  select
    sanction.sanction_id,
    sanction.imposer_id,
    sanction.imposer,
    sanction.imposer_kind,
    sanction.imposer_kind_label,
    sanction.imposer_state_id,
    sanction.imposer_state,
    sanction.imposer_state_code,
    sanction.imposer_state_alpha3,
    sanction.target_id,
    sanction.target,
    sanction.target_kind,
    sanction.target_kind_label,
    sanction.target_state_id,
    sanction.target_state,
    sanction.target_state_code,
    sanction.target_state_alpha3,
    sanction.measures,
    sanction.grounds,
    sanction.programmes,
    sanction.reason,
    sanction.legal_basis,
    sanction.provisions,
    'in_force'::text as status,
    sanction.starts_on is not null
      and not coalesce(
        day <= sanction.starts_on_latest and not partial_date_is_exact(sanction.starts_on),
        false
      )
      and not coalesce(
        day >= sanction.expires_on_earliest and not partial_date_is_exact(sanction.expires_on),
        sanction.expires_on is not null
      ) as status_certain,
    case
      when sanction.starts_on_earliest is not null then day + 1 - sanction.starts_on_earliest
    end as days_in_force,
    sanction.announced_on,
    sanction.announced_on_earliest,
    sanction.announced_on_latest,
    sanction.imposed_on,
    sanction.imposed_on_earliest,
    sanction.imposed_on_latest,
    sanction.imposed_on_precision,
    sanction.imposed_year,
    sanction.effective_on,
    sanction.effective_on_earliest,
    sanction.effective_on_latest,
    sanction.starts_on,
    sanction.starts_on_earliest,
    sanction.starts_on_latest,
    sanction.expires_on,
    sanction.expires_on_earliest,
    sanction.expires_on_latest,
    sanction.lifted_on,
    sanction.lifted_on_earliest,
    sanction.lifted_on_latest,
    sanction.lift_reason,
    sanction.claim_status,
    sanction.counts,
    sanction.best_grade,
    sanction.source_count,
    sanction.action_id,
    sanction.list_code,
    sanction.list_part,
    sanction.list_uid,
    sanction.created_at,
    sanction.updated_at
  from bi.sanctions as sanction
  where day is not null
    and coalesce(sanction.starts_on_earliest <= day, sanction.starts_on is not null)
    and (sanction.lifted_on is null or sanction.lifted_on_earliest > day)
    and coalesce(sanction.expires_on_latest >= day, true);
end;
comment on function bi.sanctions_in_force(date) is 'The sanctions that were, are or will be in force on a day, in the columns of bi.sanctions, with status, status_certain and days_in_force (that day included) of the day';
