-- Grain: one row per accepted user.
with base as (
    select * from {{ ref('base_users') }}
),

accepted as (
    select
        user_id,
        account_id,
        email,
        role,
        created_at,
        {{ local_date('created_at') }} as created_on,
        deactivated_at,
        {{ local_date('deactivated_at') }} as deactivated_on
    from base
    where rejection_reason is null
)

select * from accepted
