{#- A number of at most so many digits before the point, and within 1e-9 of a number
    with so many after it (rule 4): 0.30000000000000004 was meant to be 0.3. -#}
{% macro has_digits(raw, kind, before, after) -%}
    {%- if kind == 'integer' -%}
    abs({{ raw }}) < {{ 10 ** before }}
    {%- else -%}
    {%- set number = raw if kind == 'decimal'
        else cut_to_20_places(as_text(raw, kind) | trim) -%}
    coalesce(
        abs({{ number }}) < {{ 10 ** before }}
        and abs({{ number }} - round({{ number }}, {{ after }})) < 0.000000001,
        false
    )
    {%- endif -%}
{%- endmacro %}
