-- Grain: one row per visitor who is a user of the product (user_id).
{{ config(enabled=source_gives('pendo', 'users')) }}
with versions as (
    select
        *,
        row_number() over (
            partition by id
            order by last_updated_at desc nulls last, account_id asc nulls last
        ) as recency,
        min(first_visit) over (partition by id) as first_visit_at
    from {{ source_table('pendo', 'visitor_history') }}
    where {{ is_pendo_user('id') }}
),

final as (
    select
        id as user_id,
        nullif(account_id, '') as account_id,
        email,
        role,
        first_visit_at as created_at,
        last_updated_at as updated_at
    from versions
    where recency = 1
)

select * from final
