-- Grain: one row per user whose rows are all rejected, some of them filtered or deleted
-- at the source (user_id): the attributes they still provide for a user that other rows
-- name (rule 74).
with base as (
    select * from {{ ref('base_users') }}
),

ids as (
    {{ set_aside_ids('user_id') }}
),

-- of several deleted rows the one that would hold the key
deleted as (
    select * from base
    where rejection_reason = 'deleted_at_source' and key_rank = 1
),

described as (
    select
        ids.user_id,
        ids.is_filtered,
        deleted.role
    from ids
    left join deleted on ids.user_id = deleted.user_id
)

select * from described
