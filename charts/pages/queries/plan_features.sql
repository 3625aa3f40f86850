-- Features that customers of each plan used in the latest complete month.
select
    adoption.segment_value as plan, adoption.feature_key, adoption.customers,
    adoption.share_of_customers, adoption.is_small_sample
from marts.feature_adoption_by_segment as adoption
inner join marts.figures_as_of as as_of
    on adoption.date_month = as_of.latest_complete_month
where adoption.segment_type = 'plan'
order by adoption.segment_value, adoption.feature_key
