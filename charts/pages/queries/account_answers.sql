-- Its NPS answers, the latest first; comments only where they are published.
select
    account_id, response_id, user_id, responded_at, score, nps_segment, comment,
    follow_up_action, follow_up_due_at
from marts.nps_segments
where account_id in $accounts
order by account_id, responded_at desc, response_id
