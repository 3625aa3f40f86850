{#- Aggregate: the starts of the periods that begin before an earlier kept one has
    ended, in order of start. With `is_known` false the period can overlap, but does not
    block others. A period without an end blocks none: the next one ends it (rule 6). -#}
{% macro overlapping_starts(started_on, ended_on, is_known) -%}
    {{ return(adapter.dispatch('overlapping_starts')(started_on, ended_on, is_known)) }}
{%- endmacro %}

{% macro duckdb__overlapping_starts(started_on, ended_on, is_known) -%}
    list_reduce(
        list(
            struct_pack(
                started_on := {{ started_on }},
                ended_on := {{ ended_on }},
                is_known := {{ is_known }}
            )
            order by {{ started_on }}
        ),
        lambda kept, period: struct_pack(
            free_from := case
                when period.is_known and period.started_on >= kept.free_from
                    then greatest(kept.free_from, coalesce(period.ended_on, kept.free_from))
                else kept.free_from
            end,
            overlapping := case
                when period.started_on >= kept.free_from then kept.overlapping
                else list_append(kept.overlapping, period.started_on)
            end
        ),
        struct_pack(free_from := date '0001-01-01', overlapping := cast([] as date[]))
    ).overlapping
{%- endmacro %}

{% macro spark__overlapping_starts(started_on, ended_on, is_known) -%}
    aggregate(
        array_sort(collect_list(
            named_struct('started_on', {{ started_on }}, 'ended_on', {{ ended_on }}, 'is_known', {{ is_known }})
        )),
        named_struct('free_from', date '0001-01-01', 'overlapping', cast(array() as array<date>)),
        (kept, period) -> named_struct(
            'free_from', case
                when period.is_known and period.started_on >= kept.free_from
                    then greatest(kept.free_from, coalesce(period.ended_on, kept.free_from))
                else kept.free_from
            end,
            'overlapping', case
                when period.started_on >= kept.free_from then kept.overlapping
                else concat(kept.overlapping, array(period.started_on))
            end
        ),
        kept -> kept.overlapping
    )
{%- endmacro %}
