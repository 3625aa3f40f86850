"""What is expected of the figures as published: a suite per mart.

Only of distributions, ranges, change from period to period, and missing months. Keys,
identities and definitions are dbt's tests; no check stands in both.

A critical expectation keeps the build from being published, so it must hold for every
honest company: change is judged from `small_sample_size` customers (answers, users) up,
and what an odd year could bring only warns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from great_expectations.core import ExpectationSuite
from great_expectations.expectations.core.expect_column_distinct_values_to_contain_set import (  # noqa: E501
    ExpectColumnDistinctValuesToContainSet,
)
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.metadata_types import FailureSeverity

from quality.expectations import Subject, measured, suite, volume
from quality.raw_suites import SUITES as RAW_SUITES

REBUILD = "rebuild with `make build`; if it stays, look at the model's month spine"
COMPARE = "compare with the last published build before this one goes out"


def no_month_missing(subject: Subject, per: str | None = None) -> list[Expectation]:
    """Every month from the mart's first to the as-of day's (rule 16)."""
    query = f"""
        with published as (
            select date_month, {per or "'months'"} as line from {{batch}}
        ),
        lines as (
            select line, min(date_month) as first from published group by line
        ),
        expected as (
            select
                lines.line,
                cast(unnest(generate_series(
                    lines.first, date_trunc('month', {subject.as_of}),
                    interval 1 month)) as date) as date_month
            from lines
        ),
        missing as (
            select expected.* from expected
            anti join published
                on expected.line = published.line
                    and expected.date_month = published.date_month
        )
        select
            count(*) as months,
            coalesce(count(*) || ' missing, the first is '
                || min(strftime(date_month, '%Y-%m'))
                || ' (' || min_by(line, date_month) || ')', 'none missing') as said
        from missing
    """
    return measured(
        "no month missing",
        query,
        "months",
        fail=(None, 0),
        unit="months missing",
        advice=REBUILD,
    )


# -- revenue --------------------------------------------------------------------------


def monthly_churn(subject: Subject) -> ExpectationSuite:
    """Customers and MRR from month to month."""
    change = f"""
        with judged as (
            select
                *,
                customers_at_end / nullif(customers_at_start, 0) as customers_kept,
                mrr_at_end / nullif(mrr_at_start, 0) as mrr_kept
            from {{batch}}
            where customers_at_start >= {subject.small}
                and date_month
                    >= date_trunc('month', {subject.as_of}) - interval 1 month
        )
        select
            min(customers_kept) as customers_kept,
            max(customers_kept) as customers_grown,
            min(mrr_kept) as mrr_kept,
            max(mrr_kept) as mrr_grown,
            string_agg(strftime(date_month, '%Y-%m') || ': ' || customers_at_start
                || ' customers became ' || customers_at_end || ', MRR '
                || round(mrr_at_start) || ' became ' || round(mrr_at_end),
                '; ' order by date_month) as said
        from judged
    """
    rates = f"""
        with judged as (
            select churn_rate from {{batch}}
            where is_complete_month and customers_at_start >= {subject.small}
                and date_month
                    >= date_trunc('month', {subject.as_of}) - interval 12 month
        )
        select
            case when count(*) >= 3 then avg(churn_rate) end as mean,
            case when count(*) >= 12 then max(churn_rate) end as highest_of_year,
            'churn of the last ' || count(*) || ' months: mean '
            || round(100 * avg(churn_rate), 2) || ' %, highest '
            || round(100 * max(churn_rate), 2) || ' %' as said
        from judged
    """
    return suite(
        subject,
        volume(subject, "is there a paid subscription in the raw data?"),
        no_month_missing(subject),
        measured(
            "customers month on month",
            change,
            "customers_kept",
            fail=(0.5, None),
            warn=(0.8, None),
            unit="%",
            advice=f"are subscriptions complete? {COMPARE}",
        ),
        measured(
            "customers month on month, up",
            change,
            "customers_grown",
            warn=(None, 2),
            unit="%",
            advice=f"are accounts delivered twice, under new ids? {COMPARE}",
        ),
        measured(
            "MRR month on month",
            change,
            "mrr_kept",
            fail=(0.2, None),
            warn=(0.8, None),
            unit="%",
            advice=f"are amounts and exchange rates right? {COMPARE}",
        ),
        measured(
            "MRR month on month, up",
            change,
            "mrr_grown",
            fail=(None, 5),
            warn=(None, 1.5),
            unit="%",
            advice=f"are amounts in whole units, rates the right way round? {COMPARE}",
        ),
        measured(
            "mean churn rate",
            rates,
            "mean",
            fail=(None, 0.5),
            warn=(None, 0.15),
            unit="%",
            advice="are subscriptions renewed under the same account_id?",
        ),
        measured(
            "any churn",
            rates,
            "highest_of_year",
            warn=(0.000001, None),
            unit="in its highest month",
            advice="nobody left in a year: is ended_on delivered?",
        ),
    )


def churn_by_segment(subject: Subject) -> ExpectationSuite:
    """Churn by plan, industry, country, size and channel."""
    rates = f"""
        with judged as (
            select segment_type, segment_value, avg(churn_rate) as churn_rate
            from {{batch}}
            where customers_at_start >= {subject.small}
                and date_month >= date_trunc('month', {subject.as_of})
                    - interval 12 month
                and date_month < date_trunc('month', {subject.as_of})
            group by segment_type, segment_value
            having count(*) >= 3
        )
        select
            max(churn_rate) as highest,
            'mean churn of ' || arg_max(segment_type || ' ' || segment_value,
                churn_rate) || ' is ' || round(100 * max(churn_rate), 1) || ' %' as said
        from judged
    """
    unknown = f"""
        with latest as (
            select * from {{batch}}
            where date_month = (select max(date_month) from {{batch}})
        ),
        kinds as (
            select
                segment_type,
                sum(customers_at_start) as customers,
                sum(customers_at_start) filter (where segment_value = 'unknown')
                    / sum(customers_at_start) as share
            from latest
            group by segment_type
            having sum(customers_at_start) >= {subject.small}
        )
        select
            max(share) filter (where share < 1) as highest,
            arg_max(segment_type, share) filter (where share < 1) || ' is unknown of '
            || round(100 * max(share) filter (where share < 1)) || ' % of customers'
            as said
        from kinds
    """
    return suite(
        subject,
        volume(subject, "was anybody a customer at a month's start?"),
        measured(
            "churn rates of segments",
            rates,
            "highest",
            fail=(None, 0.6),
            warn=(None, 0.2),
            unit="%",
            advice="was the segment renamed, or its accounts given new ids?",
        ),
        measured(
            "known segments",
            unknown,
            "highest",
            warn=(None, 0.5),
            unit="%",
            advice="fill the attribute in accounts, or do not read figures by it",
        ),
    )


def mrr_movements(subject: Subject) -> ExpectationSuite:
    """Who came, grew, shrank and left."""
    swapped = f"""
        with months as (
            select
                date_month,
                count(*) filter (where movement_type = 'churn') as churned,
                count(*) filter (where movement_type = 'new') as arrived,
                count(*) filter (where movement_type in ('new', 'reactivation')) as came
            from {{batch}} group by date_month
        ),
        balances as (
            select
                *,
                sum(came - churned) over (
                    order by date_month rows between unbounded preceding
                    and 1 preceding
                ) as customers
            from months
        ),
        usual as (
            select
                *,
                median(churned) over (
                    order by date_month rows between 12 preceding and 1 preceding
                ) as usual_churned,
                least(churned, arrived) / nullif(customers, 0) as swapped
            from balances
        ),
        recent as (
            select * from usual
            where customers >= {subject.small}
                and date_month
                    >= date_trunc('month', {subject.as_of}) - interval 1 month
        )
        select
            max(swapped) as swapped,
            max(churned / usual_churned) filter (
                where usual_churned >= 1 and churned >= {subject.small}
            ) as burst,
            string_agg(strftime(date_month, '%Y-%m') || ': of ' || customers
                || ' customers ' || churned || ' left (usual ' || usual_churned
                || '), ' || arrived || ' new came', '; ' order by date_month) as said
        from recent
    """
    return suite(
        subject,
        volume(subject, "is there a paid subscription in the raw data?"),
        measured(
            "customers replaced",
            swapped,
            "swapped",
            fail=(None, 0.5),
            warn=(None, 0.25),
            unit="%",
            advice="did account ids change? All old ones churn, all new ones are new",
        ),
        measured(
            "churn against usual",
            swapped,
            "burst",
            warn=(None, 5),
            unit="times the usual",
            advice=f"are subscriptions complete? {COMPARE}",
        ),
    )


def customer_lifetime_value(subject: Subject) -> ExpectationSuite:
    """What customers were and will be worth."""
    margin = float(subject.config.get("gross_margin") or 0.8)
    formula = f"""
        with judged as (
            select
                *,
                coalesce(isfinite(formula_clv), true) as is_finite
            from {{batch}}
        ),
        counted as (
            select
                count(*) - count_if(is_finite) as infinite,
                count_if(is_paying) as paying,
                count_if(is_paying and formula_clv is null) as without,
                sum(formula_clv) filter (where is_finite and formula_clv is not null)
                    / nullif(sum({margin} * current_mrr) filter (
                        where is_finite and formula_clv is not null), 0) as months
            from judged
        )
        select
            infinite,
            case when paying >= {subject.small} then without / paying end as unknown,
            case when paying >= {subject.small} then months end as months,
            infinite || ' values are not finite, ' || without || ' of ' || paying
            || ' payers have none, customers are expected to stay '
            || coalesce(cast(round(months) as varchar), 'unknown') || ' months' as said
        from counted
    """
    survival = f"""
        with judged as (
            select
                count_if(not isfinite(survival_clv)) as infinite,
                sum(survival_clv) filter (where isfinite(survival_clv)) as worth,
                sum({margin} * (revenue_to_date + current_mrr
                    * {subject.config.get("clv_horizon_months") or 36}))
                    filter (where isfinite(survival_clv)) as most
            from {{batch}}
        )
        select
            infinite,
            worth / nullif(most, 0) as of_the_most,
            infinite || ' values are not finite, the others are ' || round(worth)
            || ' of at most ' || round(most) as said
        from judged
    """
    has_survival = "survival_clv" in subject.columns
    curve = "look at the survival curve in tenure_survival"
    return suite(
        subject,
        volume(subject, "did any account ever pay?"),
        measured(
            "finite formula_clv",
            formula,
            "infinite",
            fail=(None, 0),
            unit="others",
            advice="look for a division by zero in the model",
        ),
        measured(
            "payers with formula_clv",
            formula,
            "unknown",
            warn=(None, 0.5),
            unit="% without",
            advice="is there a churn rate of the last 12 months in monthly_churn?",
        ),
        measured(
            "months in formula_clv",
            formula,
            "months",
            warn=(3, 240),
            unit="months",
            advice="is churn complete? See churn_rate in monthly_churn",
        ),
        measured(
            "finite survival_clv",
            survival,
            "infinite",
            fail=(None, 0),
            unit="others",
            advice=curve,
        )
        if has_survival
        else [],
        measured(
            "sum of survival_clv",
            survival,
            "of_the_most",
            fail=(0, 1.001),
            unit="% of what it would be if nobody ever left",
            advice=curve,
        )
        if has_survival
        else [],
    )


# -- engagement -----------------------------------------------------------------------


def active_users(subject: Subject) -> ExpectationSuite:
    """Who is active, by day."""
    days = f"""
        with expected as (
            select unnest(generate_series(
                min(date_day), {subject.as_of}, interval 1 day)) as day
            from {{batch}}
        ),
        missing as (
            select cast(expected.day as date) as date_day from expected
            anti join (select date_day from {{batch}}) as published
                on expected.day = published.date_day
        )
        select
            count(*) as days,
            coalesce(count(*) || ' missing, the first is ' || min(date_day),
                'none missing') as said
        from missing
    """
    change = f"""
        with ends as (
            select
                max(mau) filter (where date_day = {subject.as_of}) as mau,
                max(mau) filter (where date_day = {subject.as_of} - 30) as before
            from {{batch}}
        )
        select
            case when before >= 100 then mau / before end as kept,
            mau || ' users active in the month, ' || before || ' 30 days ago' as said
        from ends
    """
    return suite(
        subject,
        volume(subject, "did anybody log in?"),
        measured(
            "no day missing",
            days,
            "days",
            fail=(None, 0),
            unit="days missing",
            advice=REBUILD,
        ),
        measured(
            "monthly active users",
            change,
            "kept",
            fail=(0.1, None),
            warn=(0.6, 2),
            unit="%",
            advice=f"are logins complete? {COMPARE}",
        ),
    )


def account_activity(subject: Subject) -> ExpectationSuite:
    """How the accounts use the product."""
    change = f"""
        with months as (
            select
                date_month,
                sum(active_users) as active,
                sum(provisioned_users) as provisioned
            from {{batch}}
            where last_day(date_month) <= {subject.as_of}
            group by date_month
        ),
        steps as (
            select
                *,
                lag(active) over (order by date_month) as active_before,
                lag(provisioned) over (order by date_month) as provisioned_before
            from months
            qualify row_number() over (order by date_month desc) = 1
        )
        select
            max(case when active_before >= 100
                then active / active_before end) as active,
            max(case when provisioned_before >= 100
                then provisioned / provisioned_before end) as provisioned,
            max(case when provisioned >= 100 then active / provisioned end) as ratio,
            max(strftime(date_month, '%Y-%m') || ': ' || active || ' active users ('
                || coalesce(active_before, 0) || ' the month before) of '
                || provisioned || ' provisioned (' || coalesce(provisioned_before, 0)
                || ')') as said
        from steps
    """
    return suite(
        subject,
        volume(subject, "is there an account?"),
        no_month_missing(subject),
        measured(
            "active users month on month",
            change,
            "active",
            fail=(0.1, None),
            warn=(0.6, 2),
            unit="%",
            advice=f"are logins complete? {COMPARE}",
        ),
        measured(
            "provisioned users month on month",
            change,
            "provisioned",
            fail=(0.2, None),
            warn=(0.8, 1.5),
            unit="%",
            advice=f"are users complete, and deactivated_at right? {COMPARE}",
        ),
        measured(
            "login ratio of all accounts",
            change,
            "ratio",
            warn=(0.02, 0.98),
            unit="%",
            advice="do logins and users use the same user_id?",
        ),
    )


def product_adoption(subject: Subject) -> ExpectationSuite:
    """Who uses the core of the product."""
    change = """
        with months as (
            select
                *,
                lag(adoption_rate) over (order by date_month) as rate_before,
                median(unmapped_events) over (
                    order by date_month rows between 6 preceding and 1 preceding
                ) as unmapped_before
            from {batch}
            where is_complete_month
        ),
        latest as (
            select * from months
            qualify row_number() over (order by date_month desc) = 1
        )
        select
            max(case when signed_up_users >= 100 and rate_before >= 0.05
                then adoption_rate / rate_before end) as kept,
            max(case when unmapped_events >= 100
                then unmapped_events / greatest(unmapped_before, 1) end) as unmapped,
            max('adoption went from ' || round(100 * rate_before, 1) || ' % to '
                || round(100 * adoption_rate, 1) || ' %, ' || unmapped_events
                || ' events of features that the catalogue does not know') as said
        from latest
    """
    return suite(
        subject,
        volume(subject, "was any feature used?"),
        no_month_missing(subject),
        measured(
            "adoption month on month",
            change,
            "kept",
            fail=(0.1, None),
            warn=(0.6, 1.7),
            unit="%",
            advice="were features renamed? See seeds/reference/feature_catalogue",
        ),
        measured(
            "unmapped events",
            change,
            "unmapped",
            warn=(None, 3),
            unit="times the usual",
            advice="add the new features to seeds/reference/feature_catalogue",
        ),
    )


# -- sentiment ------------------------------------------------------------------------


def nps_segments(subject: Subject) -> ExpectationSuite:
    """Promoters, passives, detractors."""
    mixture = f"""
        with recent as (
            select nps_segment, count(*) as answers from {{batch}}
            where responded_at >= {subject.as_of} - 365 group by nps_segment
        )
        select
            case when sum(answers) >= 100 then max(answers) / sum(answers) end as share,
            max(answers) || ' of the ' || sum(answers) || ' answers of a year are '
            || arg_max(nps_segment, answers) || 's' as said
        from recent
    """
    return suite(
        subject,
        volume(subject, "was an NPS survey answered?"),
        measured(
            "mixture of answers",
            mixture,
            "share",
            fail=(None, 0.99),
            warn=(None, 0.9),
            unit="%",
            advice="is the score the answer to 0 to 10, and delivered for all answers?",
        ),
    )


def nps_monthly(subject: Subject) -> ExpectationSuite:
    """NPS by month and trailing quarter."""
    swing = f"""
        with quarters as (
            select *, lag(nps, 3) over (order by date_month) as nps_before,
                lag(responses, 3) over (order by date_month) as responses_before
            from {{batch}}
            where period_type = 'trailing_90_days' and is_complete_month
            qualify row_number() over (order by date_month desc) = 1
        )
        select
            max(case when least(responses, responses_before) >= {subject.small}
                then abs(nps - nps_before) end) as swing,
            max(case when responses >= 100 then abs(nps) end) as extreme,
            max('NPS of the quarter ' || round(nps, 1) || ' from ' || responses
                || ' answers, of the one before '
                || coalesce(cast(round(nps_before, 1) as varchar), 'unknown')) as said
        from quarters
    """
    return suite(
        subject,
        volume(subject, "was an NPS survey sent?"),
        no_month_missing(subject, per="period_type"),
        measured(
            "NPS quarter on quarter",
            swing,
            "swing",
            fail=(None, 120),
            warn=(None, 40),
            unit="points",
            advice="did the scale or the people asked change?",
        ),
        measured(
            "extreme NPS",
            swing,
            "extreme",
            fail=(None, 99),
            warn=(None, 90),
            unit="points from zero",
            advice="did everybody answer alike? Look at the raw scores",
        ),
    )


def customer_loyalty_index(subject: Subject) -> ExpectationSuite:
    """CLI by month."""
    swing = f"""
        with months as (
            select *, row_number() over (order by date_month desc) as back
            from {{batch}}
            where is_complete_month
        ),
        quarters as (
            select
                sum(responses) filter (where back <= 3) as responses,
                sum(responses) filter (where back > 3) as responses_before,
                sum(cli * responses) filter (where back <= 3)
                    / nullif(sum(responses) filter (where back <= 3), 0) as cli,
                sum(cli * responses) filter (where back > 3)
                    / nullif(sum(responses) filter (where back > 3), 0) as cli_before
            from months
            where back <= 6
        )
        select
            case when least(responses, responses_before) >= {subject.small}
                then abs(cli - cli_before) end as swing,
            case when responses >= 100 then cli end as extreme,
            'CLI of three months ' || round(cli, 1) || ' from ' || responses
            || ' answers, before '
            || coalesce(cast(round(cli_before, 1) as varchar), 'unknown') as said
        from quarters
    """
    return suite(
        subject,
        volume(subject, "was a CLI survey sent?"),
        no_month_missing(subject),
        measured(
            "extreme CLI",
            swing,
            "extreme",
            fail=(12, 99.5),
            warn=(40, 98),
            unit="points",
            advice="did everybody answer alike? Look at the raw scores",
        ),
        measured(
            "CLI quarter on quarter",
            swing,
            "swing",
            fail=(None, 60),
            warn=(None, 15),
            unit="points",
            advice="did the scale change (1 to 10), or the people asked?",
        ),
    )


# -- health, core, company ------------------------------------------------------------


def account_health(subject: Subject) -> ExpectationSuite:
    """Health of the paying accounts, in the last complete month and the one before."""
    scores = f"""
        with months as (
            select
                date_month,
                count(*) as accounts,
                count(health_score) as scored,
                avg(health_score) as mean,
                count_if(health_band = 'red') / nullif(count(health_score), 0) as red,
                avg(score_coverage) as coverage
            from {{batch}}
            where last_day(date_month) <= {subject.as_of}
            group by date_month
        ),
        steps as (
            select
                *,
                lag(mean) over (order by date_month) as mean_before,
                lag(scored) over (order by date_month) as scored_before,
                lag(coverage) over (order by date_month) as coverage_before
            from months
            qualify row_number() over (order by date_month desc) = 1
        )
        select
            max(case when scored >= {subject.small} then mean end) as mean,
            max(case when scored >= {subject.small} then red end) as red,
            max(case when least(scored, scored_before) >= {subject.small}
                then abs(mean - mean_before) end) as change,
            max(case when least(scored, scored_before) >= {subject.small}
                then coverage_before - coverage end) as coverage_lost,
            max(case when accounts >= {subject.small}
                then (accounts - scored) / accounts end) as unscored,
            max(strftime(date_month, '%Y-%m') || ': mean score ' || round(mean, 1)
                || ' (' || coalesce(cast(round(mean_before, 1) as varchar), 'unknown')
                || ' before), ' || round(100 * coalesce(red, 0), 1) || ' % red, '
                || scored || ' of ' || accounts || ' accounts scored') as said
        from steps
    """
    feeds = (
        "which component moved? Compare usage, billing, support, nps with last month"
    )
    return suite(
        subject,
        volume(subject, "is there a paying account?"),
        measured(
            "mean score",
            scores,
            "mean",
            fail=(10, 140),
            warn=(35, 110),
            unit="points",
            advice=feeds,
        ),
        measured(
            "red accounts",
            scores,
            "red",
            fail=(None, 0.95),
            warn=(None, 0.4),
            unit="%",
            advice=feeds,
        ),
        measured(
            "mean score month on month",
            scores,
            "change",
            fail=(None, 50),
            warn=(None, 15),
            unit="points",
            advice=feeds,
        ),
        measured(
            "score coverage month on month",
            scores,
            "coverage_lost",
            warn=(None, 0.25),
            unit="% lost",
            advice="has a feed stopped (invoices, support_tickets, surveys)?",
        ),
        measured(
            "accounts without a score",
            scores,
            "unscored",
            warn=(None, 0.5),
            unit="%",
            advice="are users and logins delivered for these accounts?",
        ),
    )


def dim_accounts(subject: Subject) -> ExpectationSuite:
    """The accounts as of today."""
    mixture = f"""
        select
            case when count(first_paid_on) >= {subject.small}
                then count_if(current_mrr > 0) / count(first_paid_on) end as paying,
            case when count(account_name) >= {subject.small}
                then count(distinct account_name) / count(account_name) end as names,
            case when count(*) >= {subject.small} and count(signed_up_on) > 0
                then count(signed_up_on) / count(*) end as dated,
            count(*) || ' accounts of ' || count(distinct account_name) || ' names, '
            || count(signed_up_on) || ' with a sign-up date, ' || count(first_paid_on)
            || ' ever paid, ' || count_if(current_mrr > 0) || ' pay now' as said
        from {{batch}}
    """
    return suite(
        subject,
        volume(subject, "is there an account in the raw data?"),
        measured(
            "paying accounts",
            mixture,
            "paying",
            warn=(0.1, None),
            unit="% of those that ever paid",
            advice="are subscriptions complete?",
        ),
        measured(
            "account names",
            mixture,
            "names",
            warn=(0.5, None),
            unit="% distinct",
            advice="is one customer delivered under many ids?",
        ),
        measured(
            "sign-up dates",
            mixture,
            "dated",
            warn=(0.5, None),
            unit="%",
            advice="accounts with usage only are not in the accounts export: complete?",
        ),
    )


def data_quality_summary(subject: Subject) -> ExpectationSuite:
    """What came of the delivered rows."""
    freshness = subject.config.get("freshness") or {}
    limits = ", ".join(
        f"('{table}', {int(days['fail_days'])})"
        for table, days in sorted(freshness.items())
        if days.get("fail_days") is not None
    )
    accepted = f"""
        with limits (source_table, fail_days) as (
            values {limits or "('none', 0)"}
        ),
        judged as (
            select
                summary.*,
                rows_in >= {subject.small} and accepted = 0 as is_lost,
                coalesce({subject.as_of} - cast(latest_row_at as date)
                    > limits.fail_days, false) as is_stale
            from (select * from {{batch}}) as summary
            left join limits using (source_table)
        )
        select
            count_if(is_lost) as lost,
            count_if(is_stale) as stale,
            sum(rejected) / nullif(sum(rows_in), 0) as rejected,
            sum(rejected) || ' of ' || sum(rows_in) || ' rows rejected'
            || coalesce('; all of ' || string_agg(source_table, ', '
                order by source_table) filter (where is_lost), '')
            || coalesce('; stale: ' || string_agg(source_table, ', '
                order by source_table) filter (where is_stale), '') as said
        from judged
    """
    tables = sorted(RAW_SUITES)
    every_table: list[Expectation] = [
        ExpectColumnDistinctValuesToContainSet(
            column="source_table",
            value_set=tables,
            severity=FailureSeverity.CRITICAL,
            description="every raw table: a row for each",
            meta={
                "check": "every raw table",
                "expected": f"a row for each of {', '.join(tables)}",
                "advice": "complete the model data_quality_summary",
            },
        )
    ]
    advice = "read marts.rejections_by_reason for why, marts.rejected_rows for which"
    return suite(
        subject,
        every_table,
        measured(
            "tables without an accepted row",
            accepted,
            "lost",
            fail=(None, 0),
            unit="tables",
            advice=advice,
        ),
        measured(
            "rejected rows of all",
            accepted,
            "rejected",
            warn=(None, 0.02),
            unit="%",
            advice=advice,
        ),
        measured(
            "newest accepted rows",
            accepted,
            "stale",
            warn=(None, 0),
            unit="stale tables",
            advice="is the newest data rejected, or not delivered? See var freshness",
        ),
    )


SUITES: Mapping[str, Callable[[Subject], ExpectationSuite]] = {
    "monthly_churn": monthly_churn,
    "churn_by_segment": churn_by_segment,
    "mrr_movements": mrr_movements,
    "customer_lifetime_value": customer_lifetime_value,
    "active_users": active_users,
    "account_activity": account_activity,
    "product_adoption": product_adoption,
    "nps_segments": nps_segments,
    "nps_monthly": nps_monthly,
    "customer_loyalty_index": customer_loyalty_index,
    "account_health": account_health,
    "dim_accounts": dim_accounts,
    "data_quality_summary": data_quality_summary,
}
