{#- For each combination of the columns `by`: churned and stayed accounts, and twice the
    number of pairs of one of each in which the churned one is predicted lower, ties half.
    AUC is their share of all pairs (Mann and Whitney, Ann. Math. Stat. 18, 1947). Each
    account that stayed counts the churned ones below it and half of the tied ones.
    `predictions` has the columns `by`, predicted and is_churned. -#}
{% macro ranked_pairs(predictions, by) -%}
    {%- set columns = by | join(', ') -%}
    (
        select
            {{ columns }},
            sum(churned) as churned,
            sum(stayed) as stayed,
            sum(stayed * (2 * churned_below + churned)) as twice_lower_pairs
        from (
            select
                {{ columns }},
                churned,
                stayed,
                sum(churned) over (
                    partition by {{ columns }}
                    order by predicted
                    rows between unbounded preceding and current row
                ) - churned as churned_below
            from (
                select
                    {{ columns }},
                    predicted,
                    count(*) filter (where is_churned) as churned,
                    count(*) filter (where not is_churned) as stayed
                from {{ predictions }}
                where predicted is not null
                group by {{ columns }}, predicted
            ) as by_value
        ) as with_lower_churned
        group by {{ columns }}
    )
{%- endmacro %}
