{#- 1 for a respondent's latest answer within some columns; ties by the highest
    response_id. Each anonymous answer is its own respondent (rule 50). -#}
{% macro answer_rank(answers, within) -%}
    row_number() over (
        partition by
            {{ within | join(', ') }},
            {{ answers }}.is_anonymous,
            {{ answers }}.respondent_key
        order by {{ answers }}.responded_at desc, {{ answers }}.response_id desc
    )
{%- endmacro %}
