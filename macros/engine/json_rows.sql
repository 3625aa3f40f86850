{#- A select: columns of a relation, and as column `part` each element of an array in JSON
    text of it, texts as they are and all else as JSON; `key` is where the array is, such
    as `data` or `data.list`. No row where there is no such array. -#}
{% macro json_rows(relation, columns, text, key='') -%}
    {{ return(adapter.dispatch('json_rows')(relation, columns, text, key)) }}
{%- endmacro %}

{% macro duckdb__json_rows(relation, columns, text, key) -%}
    select
        {{ columns | join(', ') }},
        unnest(
            case
                when json_valid({{ text }})
                    then json_extract_string(
                        {{ text }}, '${% if key %}."{{ key | replace(".", '"."') }}"{% endif %}[*]'
                    )
            end
        ) as part
    from {{ relation }}
{%- endmacro %}

{% macro spark__json_rows(relation, columns, text, key) -%}
    select
        {{ columns | join(', ') }},
        explode(
            from_json(
                get_json_object({{ text }}, r"${% if key %}['{{ key | replace('.', "']['") }}']{% endif %}"),
                'array<string>'
            )
        ) as part
    from {{ relation }}
{%- endmacro %}
