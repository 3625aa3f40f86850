-- Customer loyalty by question.
select
    date_month, responses, cli, product_quality, customer_service, overall_experience
from marts.customer_loyalty_index
where is_complete_month
order by date_month
