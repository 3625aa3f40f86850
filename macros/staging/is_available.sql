{#- A select of `has_rows`: whether a validated table counts as a source. Rows that are
    set aside do not make a table absent (rule 70). -#}
{% macro is_available(base) -%}
    select count(*) > 0 as has_rows
    from {{ base }}
    where
        rejection_reason is null
        or rejection_reason in ('filtered', 'deleted_at_source')
{%- endmacro %}
