-- Grain: one row per id of a company (alias_id), with what says which account it is.
{{ config(enabled=source_gives('qualtrics', 'surveys')) }}
with respondents as (
    select * from {{ ref('qualtrics_respondents') }}
),

-- an id's domain counts where all respondents of the company share one
final as (
    select
        coalesce(given_account_id, domain) as alias_id,
        cast(null as {{ dbt.type_string() }}) as external_id,
        case when min(domain) = max(domain) then min(domain) end as domain,
        cast(null as {{ dbt.type_string() }}) as name
    from respondents
    where coalesce(given_account_id, domain) is not null
    group by coalesce(given_account_id, domain)
)

select * from final
