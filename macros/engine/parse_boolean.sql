{#- True or false in the usual spellings, in any case; an empty cell is false, other text
    null. -#}
{% macro parse_boolean(text) -%}
    case
        when {{ text }} is null then false
        when lower({{ text }}) in ('true', 't', '1', 'yes', 'y') then true
        when lower({{ text }}) in ('false', 'f', '0', 'no', 'n') then false
    end
{%- endmacro %}
