select
  sanction.id as sanction_id,
  case when imposing.depends_on_day then acted.state_id else imposing.imposer_state_id end as imposer_state_id,
  case
    when targeted.depends_on_day then (
      select case count(distinct tie.state_id)
        when 1 then (array_agg(tie.state_id))[1]
        when 0 then case
          when targeted.country_periods is null then targeted.country_state_id
          else target_state(sanction.target_id, sanction.starts_earliest, sanction.starts_latest)
        end
      end
      from {store}.actor_ties as tie
      where tie.actor_id = targeted.actor_id
        and tie.is_state
        and coalesce(tie.first_day <= sanction.starts_latest, true)
        and coalesce(tie.last_day >= sanction.starts_earliest, true)
    )
    else targeted.target_state_id
  end as target_state_id,
  coalesce(
    case
      when imposing.party_depends_on_day then coalesce(acted.state_id, acted.organization_id)
      else imposing.imposing_party_id
    end,
    sanction.imposer_id
  ) as imposing_party_id
from sanctions as sanction
{changed_sanctions:sanction.id}
left join {store}.actor_states as imposing on imposing.actor_id = sanction.imposer_id
left join {store}.actor_states as targeted on targeted.actor_id = sanction.target_id
left join lateral (
  select
    case when count(distinct tie.state_id) filter (where tie.is_state) = 1 then
      (array_agg(tie.state_id) filter (where tie.is_state))[1]
    end as state_id,
    case when count(distinct tie.state_id) filter (where not tie.is_state) = 1 then
      (array_agg(tie.state_id) filter (where not tie.is_state))[1]
    end as organization_id
  from {store}.actor_ties as tie
  where tie.actor_id = imposing.actor_id
    and (imposing.party_depends_on_day or imposing.depends_on_day)
    and coalesce(tie.first_day <= sanction.starts_latest, true)
    and coalesce(tie.last_day >= sanction.starts_earliest, true)
) as acted on true
where imposing.depends_on_day or targeted.depends_on_day or imposing.party_depends_on_day
