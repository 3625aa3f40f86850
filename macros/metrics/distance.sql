{#- How far a change is from another; zero where it is the noise of doubles, of at most
    1e-12 of `size`, the larger of the values that differ. -#}
{% macro distance(change, other, size) -%}
    case
        when abs({{ change }} - {{ other }}) <= 1e-12 * {{ size }} then 0
        else abs({{ change }} - {{ other }})
    end
{%- endmacro %}
