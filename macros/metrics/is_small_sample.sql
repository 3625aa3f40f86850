{#- True where a rate's denominator is so small that its interval says more than the
    rate. -#}
{% macro is_small_sample(base) -%}
    {{ base }} < {{ var('small_sample_size') }}
{%- endmacro %}
