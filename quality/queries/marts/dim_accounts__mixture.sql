-- The accounts as of today.
select
    case
        when count(first_paid_on) >= {{ small }}
            then count(*) filter (where current_mrr > 0) / count(first_paid_on)
    end as paying,
    case
        when count(account_name) >= {{ small }}
            then count(distinct account_name) / count(account_name)
    end as names,
    case
        when count(*) >= {{ small }} and count(signed_up_on) > 0
            then count(signed_up_on) / count(*)
    end as dated,
    count(*) || ' accounts of ' || count(distinct account_name) || ' names, '
    || count(signed_up_on) || ' with a sign-up date, ' || count(first_paid_on)
    || ' ever paid, '
    || count(*) filter (where current_mrr > 0)
    || ' pay now' as message
from {{ table }}
