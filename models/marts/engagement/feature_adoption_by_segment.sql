-- Grain: one row per month, kind of segment, segment and feature that one of the
-- segment's customers used in the month (date_month, segment_type, segment_value,
-- feature_key).
with customers as (
    select * from {{ ref('int_segment_customers') }}
),

segment_sizes as (
    select * from {{ ref('int_segment_counts') }}
),

feature_days as (
    select * from {{ ref('int_feature_days') }}
),

uses as (
    select distinct
        account_id,
        {{ month_of('date_day') }} as date_month,
        feature_key
    from feature_days
),

customer_uses as (
    select
        customers.*,
        uses.feature_key
    from customers
    inner join uses
        on
            customers.account_id = uses.account_id
            and customers.date_month = uses.date_month
),

adoption as (
    {%- for segment_type, column in segment_types().items() %}
    select
        date_month,
        '{{ segment_type }}' as segment_type,
        {{ column }} as segment_value,
        feature_key,
        count(*) as customers_using
    from customer_uses
    group by date_month, {{ column }}, feature_key
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
),

final as (
    select
        adoption.date_month,
        adoption.segment_type,
        adoption.segment_value,
        adoption.feature_key,
        segment_sizes.customers,
        adoption.customers_using,
        {{ ratio('adoption.customers_using', 'segment_sizes.customers') }}
            as share_of_customers,
        {{ is_small_sample('segment_sizes.customers') }} as is_small_sample,
        segment_sizes.is_complete_month
    from adoption
    inner join segment_sizes
        on
            adoption.date_month = segment_sizes.date_month
            and adoption.segment_type = segment_sizes.segment_type
            and adoption.segment_value = segment_sizes.segment_value
)

select * from final
