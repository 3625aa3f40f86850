{#-
    The first rule that an otherwise valid row breaks in relation to other tables, as a
    select of all rows of `rows` with `relation_reason`: unknown_currency,
    unknown_account, unknown_user; null where it breaks none.

        rates              staging model; a currency without a rate on or before the row's
                           first date is unknown, the base currency never is
        accounts, users    validated models; with var unknown_ids `reject` an id without an
                           accepted row there is unknown, where the table is delivered at
                           all (rule 74). With `infer` no id is unknown
        account_columns    the columns with account ids
-#}
{% macro relation_reason(
    table, rows, rates=none, accounts=none, users=none, account_columns=('account_id',)
) -%}
    {%- set rejects = var('unknown_ids') == 'reject' -%}
    {%- set accounts = accounts if rejects else none -%}
    {%- set users = users if rejects else none -%}
    select
        {{ rows }}.*,
        case
            when {{ rows }}.own_reason is not null then null
            {%- if rates %}
            when {{ rows }}.currency <> '{{ var("base_currency") }}'
                and (
                    known_currencies.first_rate_date is null
                    or known_currencies.first_rate_date
                    > {{ rows }}.{{ raw_contract(table).first_date }}
                )
                then 'unknown_currency'
            {%- endif %}
            {%- if accounts %}
            {%- for column in account_columns %}
            when {{ rows }}.{{ column }} is not null
                and known_{{ column }}.account_id is null
                and account_source.has_rows
                then 'unknown_account'
            {%- endfor %}
            {%- endif %}
            {%- if users %}
            when {{ rows }}.user_id is not null
                and known_users.user_id is null
                and user_source.has_rows
                then 'unknown_user'
            {%- endif %}
        end as relation_reason
    from {{ rows }}
    {%- if rates %}
    left join (
        select
            currency,
            min(rate_date) as first_rate_date
        from {{ rates }}
        group by currency
    ) as known_currencies
        on {{ rows }}.currency = known_currencies.currency
    {%- endif %}
    {%- if accounts %}
    {%- for column in account_columns %}
    left join (
        select account_id from {{ accounts }} where rejection_reason is null
    ) as known_{{ column }}
        on {{ rows }}.{{ column }} = known_{{ column }}.account_id
    {%- endfor %}
    cross join ({{ is_available(accounts) }}) as account_source
    {%- endif %}
    {%- if users %}
    left join (
        select user_id from {{ users }} where rejection_reason is null
    ) as known_users
        on {{ rows }}.user_id = known_users.user_id
    cross join ({{ is_available(users) }}) as user_source
    {%- endif %}
{%- endmacro %}
