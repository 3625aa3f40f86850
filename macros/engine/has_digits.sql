{#- A number of at most so many digits before the point, and within 1e-9 of a number
    with so many after it (rule 4): 0.30000000000000004 was meant to be 0.3. -#}
{% macro has_digits(raw, kind, before, after) -%}
    {{ return(adapter.dispatch('has_digits')(raw, kind, before, after)) }}
{%- endmacro %}

{% macro duckdb__has_digits(raw, kind, before, after) -%}
    {%- if kind == 'integer' -%}
    abs({{ raw }}) < {{ 10 ** before }}
    {%- else -%}
    {%- set number = raw if kind == 'decimal'
        else "try_cast(regexp_replace(" ~ as_text(raw, kind) | trim ~ ", '([.][0-9]{20})[0-9]+$', '\\1') as decimal(38, 20))" -%}
    coalesce(
        abs({{ number }}) < {{ 10 ** before }}
        and abs({{ number }} - round({{ number }}, {{ after }})) < 0.000000001,
        false
    )
    {%- endif -%}
{%- endmacro %}

{% macro spark__has_digits(raw, kind, before, after) -%}
    {%- if kind == 'integer' -%}
    abs({{ raw }}) < {{ 10 ** before }}
    {%- else -%}
    {%- set number = raw if kind == 'decimal'
        else "try_cast(regexp_replace(" ~ as_text(raw, kind) | trim ~ ", r'([.][0-9]{20})[0-9]+\\z', '$1') as decimal(38, 20))" -%}
    coalesce(
        abs({{ number }}) < {{ 10 ** before }}
        and abs({{ number }} - round({{ number }}, {{ after }})) < 0.000000001,
        false
    )
    {%- endif -%}
{%- endmacro %}
