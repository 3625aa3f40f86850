{#- The day on which a period of Chargebee's is over. With calendar billing a period ends in
    its last second, 23:59:59, and the next one begins a second later. -#}
{% macro chargebee_end_date(moment) -%}
    case
        when
            extract(hour from {{ moment }}) = 23
            and extract(minute from {{ moment }}) = 59
            and extract(second from {{ moment }}) >= 59
            then {{ add_days('cast(' ~ moment ~ ' as date)', 1) }}
        else cast({{ moment }} as date)
    end
{%- endmacro %}
