-- The age of the newest accepted row. `age_of_regular` is the age where a rhythm is
-- broken: enough accounts on 12 days of the last year, and a silence twice as long as
-- any in it. An annual survey, or three accounts on holiday, has no rhythm to break.
{% set first_date = 'last_at' if 'last_at' in columns else 'first_date_at' -%}
{% set updated = 'last_updated_at' if 'last_at' in columns else 'updated_at' -%}
{% set who = who | default('account_id') -%}
with touched as (
    select
        {{ who }} as who,
        greatest(
            case
                when cast({{ first_date }} as date) <= date '{{ as_of }}'
                    then cast({{ first_date }} as date)
            end,
            case
                when cast({{ updated }} as date) <= date '{{ as_of }}'
                    then cast({{ updated }} as date)
            end
        ) as seen_on
    from {{ table }}
    where rejection_reason is null
),

newest as (
    select max(seen_on) as seen_on from touched
),

last_year as (
    select touched.*
    from touched
    cross join newest
    where touched.seen_on > newest.seen_on - 365
),

days as (
    select distinct seen_on from last_year
),

silences as (
    select seen_on - lag(seen_on) over (order by seen_on) as days from days
),

summary as (
    select
        newest.seen_on,
        date '{{ as_of }}' - newest.seen_on as age,
        (select max(silences.days) from silences) as longest_silence,
        (select count(*) from days) as days,
        (select count(distinct last_year.who) from last_year) as who
    from newest
)

select
    age,
    case
        when days >= 12{{ '' if who == 'null' else ' and who >= ' ~ small }}
            then case when age > 2 * longest_silence then age else 0 end
    end as age_of_regular,
    'newest row ' || seen_on || ', ' || age || ' days before {{ as_of }}' as message
from summary
