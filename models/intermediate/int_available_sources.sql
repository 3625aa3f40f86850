-- Grain: a single row: which optional tables were delivered. A missing source means
-- unknown, not zero: metrics that need it are null.
{% set tables = ['accounts', 'users', 'feature_events', 'support_tickets', 'invoices', 'referrals'] %}
select
    {%- for table in tables %}
    {{ table }}.has_rows as has_{{ table }}{{ "," if not loop.last }}
    {%- endfor %}
from
    {%- for table in tables %}
    {{ "cross join " if not loop.first }}({{ is_available(ref('base_' ~ table)) }}) as {{ table }}
    {%- endfor %}
