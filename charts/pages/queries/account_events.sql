-- Its tickets, late invoices and notes, the latest first; what notes say only where it
-- is published.
select
    account_id, event_on, event_type, record_id, priority, amount, days_after,
    note_author, csm_pulse, risk_reason, next_step
from marts.account_events
where account_id in $accounts
order by account_id, event_on desc, event_type, record_id
