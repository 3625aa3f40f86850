{#- Common table `final`: how often each event was not used, by reason, from `reasons`
    (event, occurred_at, reason; null where it was used). -#}
{% macro events_by_reason() -%}
final as (
    select
        reason,
        event,
        count(*) as events,
        min(occurred_at) as first_at,
        max(occurred_at) as last_at
    from reasons
    where reason is not null
    group by reason, event
)
{%- endmacro %}
