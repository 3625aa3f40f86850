{#- The segments of retention_by_segment, each with its column of int_segment_customers:
    those of the contract, and the columns of accounts that var segments names. -#}
{% macro segment_types() -%}
    {%- set types = {
        'all': 'everybody',
        'plan': 'plan',
        'billing_interval': 'billing_interval',
        'industry': 'industry',
        'country': 'country',
        'employee_band': 'employee_band',
        'acquisition_channel': 'acquisition_channel',
        'csm_owner': 'csm_owner',
        'cohort_quarter': 'cohort_quarter',
    } -%}
    {%- for name in var('segments') -%}
        {%- do types.update({name: 'segment_' ~ name}) -%}
    {%- endfor -%}
    {{ return(types) }}
{%- endmacro %}
