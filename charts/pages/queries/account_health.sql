-- Its health by month, the latest first.
select
    account_id, date_month, usage_score, billing_score, support_score, nps_score,
    health_score, health_band, previous_health_score, score_change, usage_points_lost,
    billing_points_lost, support_points_lost, nps_points_lost, top_driver,
    points_to_next_band, one_band_up, recommended_action, is_complete_month
from marts.account_health
where account_id in $accounts
order by account_id, date_month desc
