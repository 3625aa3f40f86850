"""What is expected of the data as delivered: a suite per raw table.

Only of deliveries as a whole: volume, freshness, shares, distributions, and what is
usual. Whether a single row is good is for staging to say; no check stands in both.

A suite reads a view `delivered_<table>` over `raw.raw_<table>` (`view_of`): trimmed
text as staging sees it, and beside it what can be read of it. A critical expectation
stops the build, so it must hold for every honest delivery: of three accounts, of an
annual survey, with a header and no rows. What may be honest, but is odd, only warns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from great_expectations.core import ExpectationSuite
from great_expectations.expectations.expectation import Expectation

from quality.expectations import Subject, measured, shares, suite, volume

REQUIRED = ("subscriptions", "logins", "surveys")

# Columns read as a date; the first is the row's own date (rule 2).
DATES: Mapping[str, tuple[str, ...]] = {
    "subscriptions": ("started_on", "ended_on"),
    "logins": ("logged_in_at",),
    "surveys": ("sent_at", "responded_at"),
    "accounts": ("signed_up_on",),
    "users": ("created_at", "deactivated_at"),
    "feature_events": ("occurred_at",),
    "support_tickets": ("opened_at", "closed_at"),
    "invoices": ("issued_on", "due_on", "paid_on"),
    "referrals": ("referred_on",),
    "costs": ("date_month",),
    "exchange_rates": ("rate_date",),
}

# Columns read as text, and those read as a number.
TEXTS: Mapping[str, tuple[str, ...]] = {
    "subscriptions": ("account_id", "billing_interval", "currency", "is_trial"),
    "logins": ("account_id", "user_id"),
    "surveys": ("account_id", "survey_type"),
    "accounts": ("account_id", "is_internal"),
    "users": ("account_id", "user_id"),
    "feature_events": ("account_id", "user_id", "feature_key"),
    "support_tickets": ("account_id", "priority"),
    "invoices": ("account_id", "currency", "status"),
    "referrals": ("referrer_account_id",),
    "costs": ("cost_type", "currency"),
    "exchange_rates": ("currency",),
}
NUMBERS: Mapping[str, tuple[str, ...]] = {
    "subscriptions": ("amount",),
    "surveys": ("score",),
    "invoices": ("amount",),
    "costs": ("amount",),
    "exchange_rates": ("rate_to_base",),
}

MAPPING = "is the right column delivered under this name? Var raw_columns renames"
FORMAT = "compare the export's format with the contract (ISO 8601 dates, plain numbers)"


def view_of(table: str, columns: frozenset[str], as_of: str, currencies: str) -> str:
    """The SQL of `delivered_<table>`; a column that was not delivered is null.

    `happened_on` is the row's own date, `seen_on` the latest that it was touched by
    `as_of`. `currencies` is a query: those that money can be converted from.
    """

    def text(column: str) -> str:
        if column not in columns:
            return "cast(null as varchar)"
        return f"nullif(trim(cast(\"{column}\" as varchar)), '')"

    def day(column: str) -> str:
        return f"try_cast(left({text(column)}, 10) as date)"

    select = [f"{text(column)} as {column}" for column in TEXTS[table]]
    for column in DATES[table]:
        select += [
            f"{day(column)} as {column}",
            f"case when {text(column)} is not null then {day(column)} is not null end"
            f" as {column}_readable",
        ]
    for column in NUMBERS.get(table, ()):
        number = f"try_cast({text(column)} as double)"
        select += [
            f"{number} as {column}",
            f"case when {text(column)} is not null then coalesce(isfinite({number}),"
            f" false) end as {column}_readable",
        ]
    if "currency" in TEXTS[table]:
        select.append(f"{text('currency')} in ({currencies}) as currency_known")
    happened_on, updated_on = day(DATES[table][0]), day("updated_at")
    select += [
        f"{happened_on} as happened_on",
        f"greatest(if({happened_on} <= {as_of}, {happened_on}, null),"
        f" if({updated_on} <= {as_of}, {updated_on}, null)) as seen_on",
    ]
    return (
        f"create temp view delivered_{table} as "
        f"select {', '.join(select)} from raw.raw_{table}"
    )


# -- what several tables are asked ----------------------------------------------------


def freshness(subject: Subject, who: str | None = "account_id") -> list[Expectation]:
    """The newest row's age against var `freshness`.

    Stale is a failure only where a rhythm is broken: rows of 30 accounts on 12 days of
    the last year, and a silence twice as long as any in it. An annual survey, or three
    accounts on holiday, only warn.
    """
    limits = (subject.config.get("freshness") or {}).get(subject.name) or {}
    query = f"""
        with delivered as (select * from {{batch}}),
        newest as (
            select max(seen_on) as day from delivered
        ),
        year as (
            select delivered.* from delivered, newest
            where delivered.seen_on > newest.day - 365
        ),
        days as (select distinct seen_on from year),
        silences as (
            select seen_on - lag(seen_on) over (order by seen_on) as days from days
        ),
        judged as (
            select
                newest.day,
                {subject.as_of} - newest.day as age,
                (select max(days) from silences) as longest_silence,
                (select count(*) from days) as days,
                (select count(distinct {who or "seen_on"}) from year) as accounts
            from newest
        )
        select
            age,
            case
                when days >= 12 and accounts >= {subject.small if who else 12}
                    then if(age > 2 * longest_silence, age, 0)
            end as age_of_regular,
            'newest row ' || day || ', ' || age || ' days before '
            || {subject.as_of} as said
        from judged
    """
    advice = (
        "has the export run? Deliver the newer rows, or change "
        f"vars: freshness: {subject.name} (or as_of_date)"
    )
    found: list[Expectation] = []
    if limits.get("fail_days") is not None:
        found += measured(
            "freshness",
            query,
            "age_of_regular",
            fail=(None, float(limits["fail_days"])),
            unit="days",
            advice=advice,
        )
    if limits.get("warn_days") is not None:
        found += measured(
            "freshness",
            query,
            "age",
            warn=(None, float(limits["warn_days"])),
            unit="days",
            advice=advice,
        )
    return found


def collapse(subject: Subject) -> list[Expectation]:
    """The last seven days of the data against the median of the eight weeks before.

    Weeks are counted back from the newest row: that rows are late is `freshness`. Where
    the same weeks of last year fell as well (Christmas, a summer break), that fall is
    expected. Fewer than 100 rows a week, or `small_sample_size` accounts, are not
    judged.
    """
    query = f"""
        with delivered as (
            select happened_on, account_id from {{batch}}
            where happened_on <= {subject.as_of}
        ),
        span as (
            select min(happened_on) as first, max(happened_on) as last from delivered
        ),
        counted as (
            select
                (span.last - delivered.happened_on) // 7 as week,
                count(*) as n,
                count(distinct delivered.account_id) as accounts
            from delivered, span
            where delivered.happened_on > span.last - 62 * 7
            group by 1
        ),
        weeks as (
            select
                series.week,
                coalesce(counted.n, 0) as n,
                coalesce(counted.accounts, 0) as accounts
            from generate_series(0, 61) as series (week)
            left join counted on series.week = counted.week
        ),
        compared as (
            select
                max(n) filter (where week = 0) as n,
                max(accounts) filter (where week = 0) as accounts,
                median(n) filter (where week between 1 and 8) as usual_n,
                median(accounts) filter (where week between 1 and 8) as usual_accounts,
                least(1, min(n) filter (where week between 51 and 53)
                    / nullif(median(n) filter (where week between 54 and 61), 0))
                    as season_n,
                least(1, min(accounts) filter (where week between 51 and 53)
                    / nullif(median(accounts) filter (where week between 54 and 61), 0))
                    as season_accounts
            from weeks
        ),
        judged as (
            select
                compared.*,
                span.last - span.first >= 9 * 7 and usual_n >= 100
                    and usual_accounts >= {subject.small} as is_judged,
                span.last - span.first >= 62 * 7 - 1 as has_last_year
            from compared, span
        )
        select
            case when is_judged then n / nullif(usual_n
                * if(has_last_year, coalesce(season_n, 1), 1), 0) end as rows_kept,
            case when is_judged then accounts / nullif(usual_accounts
                * if(has_last_year, coalesce(season_accounts, 1), 1), 0)
                end as accounts_kept,
            case when is_judged then n / usual_n end as rows_ratio,
            n || ' rows of ' || accounts || ' accounts in the last seven days, usual '
            || 'are ' || usual_n || ' of ' || usual_accounts as said
        from judged
    """
    advice = "is the export complete? Compare its newest days with the source"
    return [
        *measured(
            "collapse of rows",
            query,
            "rows_kept",
            fail=(0.1, None),
            warn=(0.5, None),
            unit="%",
            advice=advice,
        ),
        *measured(
            "collapse of accounts",
            query,
            "accounts_kept",
            fail=(0.2, None),
            warn=(0.5, None),
            unit="%",
            advice=advice,
        ),
        *measured(
            "surge of rows",
            query,
            "rows_ratio",
            warn=(None, 5),
            unit="%",
            advice="were rows delivered twice under new ids?",
        ),
    ]


def same_accounts(subject: Subject, column: str = "account_id") -> list[Expectation]:
    """The table's accounts against those known: do both speak of the same ids?"""
    known = "accounts" if "accounts" in subject.present else "subscriptions"
    if known == subject.name or known not in subject.present:
        return []
    query = f"""
        with ours as (
            select distinct {column} as id from {{batch}} where {column} is not null
        ),
        theirs as (
            select distinct account_id as id from delivered_{known}
            where account_id is not null
        ),
        counted as (
            select
                (select count(*) from ours) as n,
                (select count(*) from theirs) as known,
                (select count(*) from ours semi join theirs using (id)) as shared
        )
        select
            case when least(n, known) >= {subject.small} then shared / n end as share,
            shared || ' of ' || n || ' accounts are in {known}' as said
        from counted
    """
    return measured(
        "same accounts",
        query,
        "share",
        fail=(0.01, None),
        warn=(0.5, None),
        unit="%",
        advice=(
            f"do both exports use the same ids (002 is not 2)? Compare with {known}"
        ),
    )


def present(subject: Subject, column: str) -> list[Expectation]:
    """The share of rows that have a value in a column."""
    return shares(subject, column, f"rows with {column}", MAPPING)


def readable(
    subject: Subject, *columns: str, optional: Sequence[str] = ()
) -> list[Expectation]:
    """The share of values that can be read as what they are.

    Of an optional column there may be few values, which only warn.
    """
    return [
        expectation
        for column in (*columns, *optional)
        if column in subject.columns
        for expectation in shares(
            subject,
            f"{column}_readable",
            f"readable {column}",
            FORMAT,
            values=[True],
            only_warn=column in optional,
        )
    ]


def listed(subject: Subject, column: str, *values: str) -> list[Expectation]:
    """The share of values that the contract knows."""
    return shares(
        subject,
        column,
        f"known {column}",
        f"the contract knows {', '.join(values)}",
        values=values,
    )


def known_currency(subject: Subject) -> list[Expectation]:
    """The share of rows in the base currency or one with a rate."""
    return shares(
        subject,
        "currency_known",
        "known currency",
        "deliver exchange_rates for the currencies that are used, or set base_currency",
        values=[True],
    )


# -- a suite per table ----------------------------------------------------------------


def subscriptions(subject: Subject) -> ExpectationSuite:
    """The terms that all revenue comes from."""
    live = f"""
        with paid as (
            select * from {{batch}}
            where amount > 0
                and lower(coalesce(is_trial, 'f')) not in ('true', 't', '1', 'yes', 'y')
        ),
        counted as (
            select
                count(distinct account_id) filter (
                    where started_on <= {subject.as_of}
                        and (ended_on is null or ended_on > {subject.as_of})
                ) as now,
                count(distinct account_id) filter (
                    where started_on <= {subject.as_of} - 30
                        and (ended_on is null or ended_on > {subject.as_of} - 30)
                ) as before
            from paid
        )
        select
            case when before >= {subject.small} then now / before end as kept,
            now || ' accounts with a running paid subscription, ' || before
            || ' 30 days before' as said
        from counted
    """
    amounts = f"""
        with monthly as (
            select
                currency,
                started_on > {subject.as_of} - 92 as is_recent,
                amount / case billing_interval
                    when 'week' then 0.23 when 'month' then 1 when 'quarter' then 3
                    when 'half_year' then 6 when 'year' then 12
                end as amount
            from {{batch}}
            where amount > 0 and started_on <= {subject.as_of}
                and started_on > {subject.as_of} - 457
        ),
        medians as (
            select
                currency,
                median(amount) filter (where is_recent) as recent,
                median(amount) filter (where not is_recent) as before
            from monthly
            group by currency
            having count(amount) filter (where is_recent) >= {subject.small}
                and count(amount) filter (where not is_recent) >= {subject.small}
        )
        select
            max(greatest(recent / before, before / recent)) as factor,
            'the median monthly amount went from ' || round(arg_max(
                before, greatest(recent / before, before / recent)), 2)
            || ' to ' || round(arg_max(
                recent, greatest(recent / before, before / recent)), 2)
            || ' ' || arg_max(currency, greatest(recent / before, before / recent))
            as said
        from medians
    """
    return suite(
        subject,
        volume(subject, "without subscriptions there is no revenue; is this meant?"),
        freshness(subject),
        present(subject, "account_id"),
        readable(subject, "started_on", "amount", optional=["ended_on"]),
        listed(
            subject,
            "billing_interval",
            *("week", "month", "quarter", "half_year", "year"),
        ),
        known_currency(subject),
        same_accounts(subject),
        measured(
            "running subscriptions",
            live,
            "kept",
            fail=(0.2, None),
            warn=(0.8, None),
            unit="%",
            advice="is the export complete? ended_on is the first day without service",
        ),
        measured(
            "usual amounts",
            amounts,
            "factor",
            fail=(None, 30),
            warn=(None, 5),
            unit="times the year before (or that much less)",
            advice="are amounts in whole units (not cents), per billing interval?",
        ),
    )


def logins(subject: Subject) -> ExpectationSuite:
    """Who used the product, and when."""
    return suite(
        subject,
        volume(subject, "without logins nobody is active; is this meant?"),
        freshness(subject),
        present(subject, "account_id"),
        present(subject, "user_id"),
        readable(subject, "logged_in_at"),
        same_accounts(subject),
        collapse(subject),
    )


def surveys(subject: Subject) -> ExpectationSuite:
    """What customers said."""
    answers = f"""
        with sent as (
            select
                survey_type,
                sent_at > {subject.as_of} - 104 as is_recent,
                score is not null or responded_at is not null as is_answered
            from {{batch}}
            where sent_at between {subject.as_of} - 469 and {subject.as_of} - 15
        ),
        counted as (
            select
                count(*) filter (where is_recent) as n,
                count(*) filter (where not is_recent) as n_before,
                count(*) filter (where is_recent and is_answered) as answered,
                count(*) filter (where not is_recent and is_answered) as answered_before
            from sent
        )
        select
            case
                when n >= 100 and n_before >= 100 and answered_before >= 0.05 * n_before
                    then (answered / n) / (answered_before / n_before)
            end as kept,
            answered || ' of the ' || n || ' surveys of the last quarter answered, '
            || answered_before || ' of ' || n_before || ' in the year before' as said
        from counted
    """
    types = f"""
        with kinds as (
            select survey_type
            from {{batch}}
            where sent_at between {subject.as_of} - 456 and {subject.as_of}
                and survey_type in ('nps', 'cli', 'csat')
            group by survey_type
            having count(*) filter (where sent_at <= {subject.as_of} - 92) >= 100
                and count(*) filter (where sent_at > {subject.as_of} - 92) = 0
        )
        select
            count(*) as vanished,
            coalesce('none since three months of ' || string_agg(survey_type, ', '
                order by survey_type), 'none missing') as said
        from kinds
    """
    scale = """
        with scored as (
            select coalesce(score between if(survey_type = 'nps', 0, 1)
                and if(survey_type = 'csat', 5, 10), false) as is_on_scale
            from {batch}
            where score_readable is not null and survey_type in ('nps', 'cli', 'csat')
        )
        select
            case when count(*) >= 30 then count_if(is_on_scale) / count(*) end as share,
            count_if(is_on_scale) || ' of ' || count(*) || ' scores on scale' as said
        from scored
    """
    return suite(
        subject,
        volume(subject, "without surveys there is no NPS, CLI, CSAT; is this meant?"),
        freshness(subject),
        present(subject, "account_id"),
        readable(subject, "sent_at", optional=["responded_at", "score"]),
        listed(subject, "survey_type", "nps", "cli", "csat"),
        same_accounts(subject),
        measured(
            "scores on scale",
            scale,
            "share",
            fail=(0.5, None),
            unit="%",
            advice="rescale to the contract's: nps 0 to 10, cli 1 to 10, csat 1 to 5",
        ),
        measured(
            "answers",
            answers,
            "kept",
            fail=(0.1, None),
            warn=(0.5, None),
            unit="times the share answered before",
            advice="are answers delivered (score, responded_at), not invitations only?",
        ),
        measured(
            "survey types",
            types,
            "vanished",
            warn=(None, 0),
            unit="missing",
            advice="is this survey still sent, and under the same survey_type?",
        ),
    )


def accounts(subject: Subject) -> ExpectationSuite:
    """The customers."""
    internal = f"""
        with flagged as (
            select lower(is_internal) in ('true', 't', '1', 'yes', 'y') as is_internal
            from {{batch}}
        )
        select
            case when count(*) >= {subject.small}
                then count_if(is_internal) / count(*) end as share,
            count_if(is_internal) || ' of ' || count(*) || ' accounts internal' as said
        from flagged
    """
    return suite(
        subject,
        volume(subject, "an empty feed counts as absent"),
        freshness(subject),
        present(subject, "account_id"),
        readable(subject, "signed_up_on"),
        measured(
            "internal accounts",
            internal,
            "share",
            fail=(None, 0.9),
            warn=(None, 0.5),
            unit="%",
            advice="internal accounts are in no figure; is is_internal upside down?",
        ),
    )


def users(subject: Subject) -> ExpectationSuite:
    """The people with access."""
    deactivated = f"""
        select
            case when count(*) >= {subject.small}
                then count_if(deactivated_at <= {subject.as_of}) / count(*)
                end as share,
            count_if(deactivated_at <= {subject.as_of}) || ' of ' || count(*)
            || ' users deactivated' as said
        from {{batch}}
    """
    return suite(
        subject,
        volume(subject, "an empty feed counts as absent"),
        freshness(subject),
        present(subject, "user_id"),
        present(subject, "account_id"),
        readable(subject, "created_at", optional=["deactivated_at"]),
        same_accounts(subject),
        measured(
            "deactivated users",
            deactivated,
            "share",
            warn=(None, 0.9),
            unit="%",
            advice="is deactivated_at the day on which access ended?",
        ),
    )


def feature_events(subject: Subject) -> ExpectationSuite:
    """What was used."""
    return suite(
        subject,
        volume(subject, "an empty feed counts as absent"),
        freshness(subject),
        present(subject, "account_id"),
        present(subject, "user_id"),
        present(subject, "feature_key"),
        readable(subject, "occurred_at"),
        same_accounts(subject),
        collapse(subject),
    )


def support_tickets(subject: Subject) -> ExpectationSuite:
    """Who asked for help."""
    closed = f"""
        with older as (
            select * from {{batch}}
            where opened_at between {subject.as_of} - 365 and {subject.as_of} - 90
        )
        select
            case when count(*) >= 100 then count(closed_at) / count(*) end as share,
            count(closed_at) || ' of ' || count(*) || ' tickets closed that were '
            || 'opened more than 90 days ago' as said
        from older
    """
    return suite(
        subject,
        volume(subject, "an empty feed counts as absent"),
        freshness(subject),
        present(subject, "account_id"),
        readable(subject, "opened_at", optional=["closed_at"]),
        listed(subject, "priority", "low", "normal", "high", "urgent"),
        same_accounts(subject),
        measured(
            "closed tickets",
            closed,
            "share",
            warn=(0.2, None),
            unit="%",
            advice="is closed_at delivered? Open tickets lower every health score",
        ),
    )


def invoices(subject: Subject) -> ExpectationSuite:
    """Who was billed, and who paid."""
    paid = f"""
        with due as (
            select status = 'paid' or paid_on is not null as is_paid
            from {{batch}}
            where due_on between {subject.as_of} - 365 and {subject.as_of} - 60
                and status is distinct from 'void'
        )
        select
            case when count(*) >= 100 then count_if(is_paid) / count(*) end as share,
            count_if(is_paid) || ' of ' || count(*) || ' invoices paid that were due '
            || 'more than 60 days ago' as said
        from due
    """
    return suite(
        subject,
        volume(subject, "an empty feed counts as absent"),
        freshness(subject),
        present(subject, "account_id"),
        readable(subject, "issued_on", "due_on", "amount", optional=["paid_on"]),
        listed(subject, "status", "open", "paid", "void", "uncollectible"),
        known_currency(subject),
        same_accounts(subject),
        measured(
            "paid invoices",
            paid,
            "share",
            warn=(0.5, None),
            unit="%",
            advice="are payments delivered (status, paid_on)? Unpaid ones alarm people",
        ),
    )


def referrals(subject: Subject) -> ExpectationSuite:
    """Who brought whom."""
    return suite(
        subject,
        volume(subject, "an empty feed counts as absent"),
        freshness(subject, who="referrer_account_id"),
        present(subject, "referrer_account_id"),
        readable(subject, "referred_on"),
        same_accounts(subject, "referrer_account_id"),
    )


def costs(subject: Subject) -> ExpectationSuite:
    """What acquiring and keeping customers costs."""
    usual = f"""
        with months as (
            select date_month, sum(amount) as amount
            from {{batch}} where date_month <= {subject.as_of} group by date_month
        ),
        ranked as (
            select *, row_number() over (order by date_month desc) as back from months
        ),
        compared as (
            select
                max(amount) filter (where back = 1) as amount,
                median(amount) filter (where back between 2 and 7) as usual,
                count(*) as months
            from ranked
        )
        select
            case when months >= 7 and usual > 0 then amount / usual end as factor,
            'the newest month costs ' || round(amount / usual, 1)
            || ' times the median of the six before' as said
        from compared
    """
    return suite(
        subject,
        volume(subject, "an empty feed counts as absent"),
        freshness(subject, who=None),
        readable(subject, "date_month", "amount"),
        listed(subject, "cost_type", "acquisition", "retention"),
        known_currency(subject),
        measured(
            "usual costs",
            usual,
            "factor",
            warn=(0.1, 10),
            unit="times",
            advice="are amounts in whole units, and is the month complete?",
        ),
    )


def exchange_rates(subject: Subject) -> ExpectationSuite:
    """What money is converted by."""
    jumps = f"""
        with steps as (
            select
                rate_date,
                currency,
                rate_to_base / nullif(lag(rate_to_base) over (
                    partition by currency order by rate_date), 0) as step
            from {{batch}} where rate_to_base > 0
        ),
        sized as (
            select *, greatest(step, 1 / nullif(step, 0)) as factor from steps
            where rate_date between {subject.as_of} - 365 and {subject.as_of}
        )
        select
            max(factor) as factor,
            'a rate changed ' || round(max(factor), 1) || '-fold: '
            || arg_max(currency, factor) || ' on ' || arg_max(rate_date, factor) as said
        from sized
    """
    return suite(
        subject,
        volume(subject, "an empty feed counts as absent"),
        freshness(subject, who=None),
        present(subject, "currency"),
        readable(subject, "rate_date", "rate_to_base"),
        measured(
            "steady rates",
            jumps,
            "factor",
            warn=(None, 2),
            unit="times the rate before",
            advice="is it base currency for one unit of the other, not the inverse?",
        ),
    )


SUITES: Mapping[str, Callable[[Subject], ExpectationSuite]] = {
    "subscriptions": subscriptions,
    "logins": logins,
    "surveys": surveys,
    "accounts": accounts,
    "users": users,
    "feature_events": feature_events,
    "support_tickets": support_tickets,
    "invoices": invoices,
    "referrals": referrals,
    "costs": costs,
    "exchange_rates": exchange_rates,
}
