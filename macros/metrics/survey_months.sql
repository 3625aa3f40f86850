{#- The months of a kind of survey, from its first one sent or answered to that of
    as_of_date (rule 16). For a model that imports its surveys as `surveys`. -#}
{% macro survey_months() -%}
    select * from {{ ref('int_months') }}
    where
        date_month >= (
            select
                {{ month_of('least(min(surveys.sent_on), min(surveys.responded_on))') }}
            from surveys
        )
{%- endmacro %}
