-- Grain: one row per stage of a pipeline of tickets.
{{ config(enabled=source_is_landed_by('hubspot', 'airbyte', ['support_tickets'])) }}
with pipelines as (
    {{ airbyte_rows('hubspot', 'ticket_pipelines') }}
),

stages as (
    {{ json_rows('pipelines', ['id'], 'stages') }}
),

final as (
    select
        id as pipeline_id,
        {{ json_text('part', 'id') }} as stage_id,
        cast({{ json_text('part', 'metadata.isClosed') }} as boolean) as is_closed,
        {{ json_text('part', 'metadata.ticketState') }} as ticket_state
    from stages
)

select * from final
