-- NPS answers with a follow-up that is due; comments only where they are published.
select
    answer.response_id, answer.account_id, account.account_name, account.current_plan,
    account.industry, account.csm_owner, answer.user_id, answer.nps_segment,
    answer.score, answer.comment, answer.responded_at, answer.follow_up_action,
    answer.follow_up_due_at
from marts.nps_segments as answer
inner join marts.figures_as_of as as_of
    on answer.follow_up_due_at >= as_of.as_of_date
left join marts.customer_360 as account on answer.account_id = account.account_id
order by answer.follow_up_due_at, answer.response_id
