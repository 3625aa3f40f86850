{#- The score of an answer as a whole number; null where it is none. On a reversed scale
    the lowest value is the best answer. -#}
{% macro survey_score(answer, survey_type, is_reversed) -%}
    {%- set score = parse_integer('trim(' ~ answer ~ ')') -%}
    case
        when not coalesce({{ is_reversed }}, false) then {{ score }}
        when {{ survey_type }} = 'nps' then 10 - {{ score }}
        when {{ survey_type }} = 'cli' then 11 - {{ score }}
        else 6 - {{ score }}
    end
{%- endmacro %}
