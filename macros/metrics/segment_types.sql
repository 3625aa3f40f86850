{#- The segments of retention_by_segment, each with its column of int_segment_customers. -#}
{% macro segment_types() -%}
    {{ return({
        'all': 'everybody',
        'plan': 'plan',
        'billing_interval': 'billing_interval',
        'industry': 'industry',
        'country': 'country',
        'employee_band': 'employee_band',
        'acquisition_channel': 'acquisition_channel',
        'csm_owner': 'csm_owner',
        'cohort_quarter': 'cohort_quarter',
    }) }}
{%- endmacro %}
