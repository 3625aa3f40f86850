-- Grain: one row per stage of a pipeline of tickets.
{{ config(enabled=source_is_landed_by('hubspot', 'dlt', ['support_tickets'])) }}
with stages as (
    select * from {{ source('hubspot_dlt', 'pipelines_tickets__stages') }}
),

pipelines as (
    select * from {{ source('hubspot_dlt', 'pipelines_tickets') }}
),

final as (
    select
        pipelines.id as pipeline_id,
        stages.id as stage_id,
        stages.metadata__is_closed as is_closed,
        stages.metadata__ticket_state as ticket_state
    from stages
    inner join pipelines on stages._dlt_parent_id = pipelines._dlt_id
)

select * from final
