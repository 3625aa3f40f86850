-- Grain: one row per provisioned user in scope (user_id).
with known_users as (
    select * from {{ ref('int_users_unfiltered') }}
),

in_scope as (
    select
        user_id,
        account_id,
        email,
        role,
        created_at,
        created_on,
        deactivated_on,
        is_inferred
    from known_users
    where is_provisioned and not is_internal
)

select * from in_scope
