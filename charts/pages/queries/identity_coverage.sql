-- How many of the companies that each source names belong to an account.
select source, ids, matched, unmatched, unmatched_mrr, unmatched_activity
from marts.identity_coverage
order by source
