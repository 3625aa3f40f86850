{#- Aggregate: how often the period with the largest MRR is billed; ties by plan, then by
    the subscription's and the item's id. -#}
{% macro leading_interval(periods) -%}
    min_by(
        {{ periods }}.billing_interval,
        (
            -{{ periods }}.mrr,
            {{ periods }}.plan,
            {{ periods }}.subscription_id,
            {{ periods }}.subscription_item_id
        )
    )
{%- endmacro %}
