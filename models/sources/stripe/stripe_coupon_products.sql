-- Grain: one row per coupon and product that it is for (coupon_id, product_id). A coupon
-- without a row is for all products.
{{ config(enabled=source_gives('stripe', 'subscriptions')) }}
{% set text = dbt.type_string() %}
with given as (
    select
        cast(null as {{ text }}) as coupon_id,
        cast(null as {{ text }}) as product_id
    {%- for coupon, products in source_setting('stripe', 'coupon_products', {}).items() %}
    {%- for product in ([products] if products is string else products) %}
    union all
    select
        {{ text_list(coupon) }} as coupon_id,
        {{ text_list(product) }} as product_id
    {%- endfor %}
    {%- endfor %}
    {%- if source_setting('stripe', 'loader') == 'dlt' %}
    union all
    select
        coupon_id,
        product_id
    from {{ ref('stripe_from_dlt__coupon_product') }}
    {%- endif %}
),

final as (
    select distinct
        coupon_id,
        product_id
    from given
    where coupon_id is not null and product_id is not null
)

select * from final
