{#-
    A raw table of the contract, made of its sources (var `sources`). Each source's model
    has some of the contract's columns; those that no source has are left out, as from a
    delivered table. Columns by which a loader marks deleted rows (var
    soft_delete_columns) are kept, and the condition of var raw_filters is evaluated
    over the contract's columns.
-#}
{% macro combine_sources(table) -%}
{%- set models = [] -%}
{%- for source in sources_of(table) -%}
    {%- do models.append(ref(source ~ '__' ~ table)) -%}
{%- endfor -%}
{%- if execute -%}
{%- set types = {} -%}
{%- set columns_of = {} -%}
{%- for model in models -%}
    {%- set names = [] -%}
    {%- for column in adapter.get_columns_in_relation(model) -%}
        {%- do names.append(column.name | lower) -%}
        {%- if column.name | lower not in types -%}
            {%- do types.update({column.name | lower: column.data_type}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do columns_of.update({model.identifier: names}) -%}
{%- endfor -%}
{%- set wanted = raw_contract(table).columns | map(attribute='name') | list -%}
{%- do wanted.append('updated_at') -%}
{%- do wanted.extend(var('soft_delete_columns') | map('lower')) -%}
{%- set kept = [] -%}
{%- for name in wanted if name in types -%}
    {%- do kept.append(name) -%}
{%- endfor -%}
with combined as (
    {%- for model in models %}
    select
        {%- for name in kept %}
        {% if name in columns_of[model.identifier] -%} {{ name }}
        {%- else -%} cast(null as {{ types[name] }}) as {{ name }}
        {%- endif %}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ model }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
)

select
    {{ kept | join(',\n    ') }}
    {%- if var('raw_filters').get(table) %},
    coalesce(({{ var('raw_filters')[table] }}), false) as _passes_raw_filter
    {%- endif %}
from combined
{%- endif -%}
{%- endmacro %}
