{#- The score of an answer as a whole number; null where it is none. On a reversed scale
    the lowest value is the best answer. -#}
{% macro survey_score(answer, survey_type, is_reversed) -%}
    case
        when not coalesce({{ is_reversed }}, false)
            then try_cast({{ answer }} as integer)
        when {{ survey_type }} = 'nps' then 10 - try_cast({{ answer }} as integer)
        when {{ survey_type }} = 'cli' then 11 - try_cast({{ answer }} as integer)
        else 6 - try_cast({{ answer }} as integer)
    end
{%- endmacro %}
