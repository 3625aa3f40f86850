-- Grain: one row per account (account_id); a closed one stays, it was a customer.
{{ config(enabled=source_gives('recurly', 'accounts')) }}
with history as (
    select * from {{ source_table('recurly', 'account_history') }}
),

versions as (
    select
        *,
        row_number() over (
            partition by id order by updated_at desc nulls last, _fivetran_synced desc nulls last
        ) as version_rank
    from history
),

final as (
    select
        id as account_id,
        coalesce(
            nullif(company, ''),
            nullif(trim(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), ''),
            code
        ) as account_name,
        account_country as country,
        cast(created_at as date) as signed_up_on,
        updated_at
    from versions
    where version_rank = 1
)

select * from final
