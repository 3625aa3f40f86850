-- Companies of a source that belong to no account, those with most MRR first.
select source, id, mrr, activity, first_seen_on, last_seen_on
from marts.unmatched_ids
order by mrr desc, activity desc, source, id
limit $most
