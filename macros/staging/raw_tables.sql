{#- Names of the raw tables, in the order of models/staging/sources.yml. A list, because
    no macro can read that file while dbt parses; tests/project compares the two. -#}
{% macro raw_tables() %}
    {% do return([
        'subscriptions',
        'logins',
        'surveys',
        'accounts',
        'users',
        'feature_events',
        'support_tickets',
        'invoices',
        'referrals',
        'costs',
        'account_aliases',
        'account_notes',
        'mrr_reported',
        'exchange_rates',
    ]) %}
{% endmacro %}
