"""The longer queries of the answers."""

from __future__ import annotations

# Metric, segment type, segment value (or null), months.
BY_SEGMENT = """
    select
        date_month, segment_value, value, lower, upper, base, is_small_sample,
        is_complete_month
    from marts.retention_by_segment
    where
        metric = $1 and segment_type = $2
        and (cast($3 as varchar) is null or segment_value = $3)
        and date_month in (
            select distinct date_month from marts.retention_by_segment
            where metric = $1 and segment_type = $2
            order by date_month desc limit $4
        )
    order by date_month, segment_value
"""

# Metric, month.
MOVED_BY_SEGMENT = """
    select now.segment_type, now.segment_value, before.value as previous_value,
        now.value, now.base, now.is_small_sample
    from marts.retention_by_segment as now
    left join marts.retention_by_segment as before
        on before.date_month = now.date_month - interval 1 month
        and before.metric = now.metric
        and before.segment_type = now.segment_type
        and before.segment_value = now.segment_value
    where
        now.metric = ? and now.date_month = ?
        and now.segment_type in ('plan', 'industry', 'csm_owner')
    order by 1, 2
"""

# What an answer about an account has, each by its id.
OF_ACCOUNT = {
    "months": "select * exclude (account_id) from marts.account_months"
    " where account_id = ? order by date_month desc limit 13",
    "health": "select * exclude (account_id) from marts.account_health"
    " where account_id = ? order by date_month desc limit 3",
    "movements": "select * exclude (account_id) from marts.mrr_movements"
    " where account_id = ? order by date_month desc limit 24",
    "open_alerts": "select * exclude (account_id) from marts.account_alerts"
    " where account_id = ? and is_open order by severity, raised_on",
    "renewals": "select * exclude (account_id) from marts.renewal_calendar"
    " where account_id = ? order by due_on limit 12",
    "nps_answers": "select responded_at, score, nps_segment, follow_up_action,"
    " follow_up_due_at from marts.nps_segments where account_id = ?"
    " order by responded_at desc limit 12",
    "features": "select date_month, feature_key, users, events, active_days"
    " from marts.account_feature_months where account_id = ?"
    " order by date_month desc, events desc limit 30",
}
