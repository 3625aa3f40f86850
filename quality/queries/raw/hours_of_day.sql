-- The hours of day (UTC) of the last 7, 28, 56 and 91 days against the 91 days before,
-- of users active in both, so that joiners and leavers do not matter. `gain` is how
-- much better the two fit when one of them is moved by three hours or more: below 0 in
-- usual data, up to 1 where a time zone was applied twice or not at all.
with user_days as (
    select
        user_id,
        date_day,
        hours_active
    from {{ table }}
    where
        rejection_reason is null
        and date_day > date '{{ as_of }}' - 182
        and date_day <= date '{{ as_of }}'
),

windows as (
    select unnest([7, 28, 56, 91]) as days
),

compared as (
    select
        windows.days,
        user_days.user_id,
        user_days.hours_active,
        user_days.date_day > date '{{ as_of }}' - windows.days as is_recent
    from user_days
    inner join windows
        on user_days.date_day > date '{{ as_of }}' - windows.days - 91
),

regulars as (
    select
        days,
        user_id
    from compared
    group by days, user_id
    having bool_or(is_recent) and bool_or(not is_recent)
),

masks as (
    select
        compared.days,
        compared.is_recent,
        compared.hours_active,
        count(*) as user_days
    from compared
    inner join regulars
        on
            compared.days = regulars.days
            and compared.user_id = regulars.user_id
    group by compared.days, compared.is_recent, compared.hours_active
),

hours as (
    select unnest(range(24)) as hour_of_day
),

profiles as (
    select
        masks.days,
        masks.is_recent,
        hours.hour_of_day,
        coalesce(
            sum(masks.user_days) filter (
                where (masks.hours_active >> hours.hour_of_day) & 1 = 1
            ), 0
        ) as user_days
    from masks
    cross join hours
    group by masks.days, masks.is_recent, hours.hour_of_day
),

shares as (
    select
        days,
        is_recent,
        hour_of_day,
        user_days / nullif(sum(user_days) over (partition by days, is_recent), 0)
            as share
    from profiles
),

fits as (
    select
        usual.days,
        moved_by.hour_of_day as hours_moved,
        sum(least(usual.share, recent.share)) as overlap
    from shares as usual
    cross join hours as moved_by
    inner join shares as recent
        on
            usual.days = recent.days
            and (usual.hour_of_day + moved_by.hour_of_day) % 24 = recent.hour_of_day
    where not usual.is_recent and recent.is_recent
    group by usual.days, moved_by.hour_of_day
),

enough as (
    select
        days,
        count(distinct user_id) as users
    from regulars
    group by days
    having count(distinct user_id) >= {{ small }}
),

gains as (
    select
        fits.days,
        max(fits.overlap) filter (where fits.hours_moved between 3 and 21)
        - max(fits.overlap) filter (where fits.hours_moved = 0) as gain,
        max_by(fits.hours_moved, fits.overlap) as hours_moved
    from fits
    inner join enough on fits.days = enough.days
    group by fits.days
)

select
    max(gain) as gain,
    'the hours of the last ' || max_by(days, gain) || ' days fit the 91 days before '
    || case
        when max(gain) > 0
            then
                'better by ' || round(100 * max(gain)) || '% when moved by '
                || max_by(
                    case
                        when hours_moved > 12 then hours_moved - 24 else hours_moved
                    end, gain
                ) || ' hours'
        else 'as they are'
    end as message
from gains
