{#-
    The contract's rows of a source's subscriptions, from three models of the source:
    `<source>_item_states` (from which day on an item had which terms, or was taken off),
    `<source>_subscription_dates` and `<source>_pauses`. Trials and pauses cut periods;
    a pause has an amount of 0; neighbouring periods with the same terms are one.
-#}
{% macro subscription_periods(source) -%}
with {{ subscription_segments(source) }},

priced as (
    select
        dated.subscription_id,
        dated.item_id,
        dated.started_on,
        dated.ended_on,
        states.plan,
        states.billing_interval,
        states.term_months,
        states.seats,
        states.list_amount,
        states.currency,
        case
            when
                exists (
                    select 1
                    from pauses
                    where
                        pauses.subscription_id = dated.subscription_id
                        and {{ is_active_on('pauses', 'dated.started_on') }}
                )
                then 0
            else states.amount
        end as amount,
        coalesce(
            dated.started_on >= subscriptions.trial_started_on
            and dated.started_on < subscriptions.trial_ended_on,
            false
        ) as is_trial
    from dated
    inner join states
        on
            dated.subscription_id = states.subscription_id
            and dated.item_id = states.item_id
            and dated.state_on = states.started_on
    inner join subscriptions on dated.subscription_id = subscriptions.subscription_id
    where not states.is_removed
),

{{ merged_periods() }}

select * from final
{%- endmacro %}
