"""The independent side itself, on small cases whose right values are known by hand."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.oracle.arithmetic import Row
from tests.oracle.compare import MARTS
from tests.oracle.entities import Context, History, context
from tests.oracle.rows import Table, accept, parse_date, parse_time, without_noise

TERMS = "subscription_id,account_id,plan,billing_interval,amount,currency"
PERIODS = f"{TERMS},started_on,ended_on"
LOGINS = "login_id,user_id,account_id,logged_in_at"
INVOICES = "invoice_id,account_id,amount,currency,issued_on,due_on,paid_on,status"
JUNE = date(2024, 6, 30)

Tables = Mapping[str, str]


def scope(
    tables: Tables, as_of: date = JUNE, config: Mapping[str, Any] | None = None
) -> Context:
    """Tables written as CSV, a row a line, as of a day."""
    raw = {}
    for table, text in tables.items():
        header, *cells = csv.reader(io.StringIO(text))
        rows = [
            {name: cell or None for name, cell in zip(header, row, strict=True)}
            for row in cells
        ]
        raw[table] = Table(rows, header)
    return context(accept(raw, config), as_of, "UTC", config)


def written(header: str, *rows: str) -> str:
    return "\n".join([header, *rows])


def rows_of(ctx: Context, mart: str, **where: object) -> list[Row]:
    function, _ = MARTS[mart]
    return [
        row
        for row in function(ctx)
        if all(str(row[name]) == str(value) for name, value in where.items())
    ]


def values(ctx: Context, mart: str, columns: str, **where: object) -> list[Any]:
    """The cells of some columns; plain where there is one column."""
    names = columns.split()
    return [
        tuple(row[name] for name in names) if len(names) > 1 else row[names[0]]
        for row in rows_of(ctx, mart, **where)
    ]


# ---- rule 4 ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-12-05 08:00:00 UTC", datetime(2024, 12, 5, 8)),
        ("2024-12-05 08:00:00 -0500", datetime(2024, 12, 5, 13)),
        ("2024-12-05T08:00-05", datetime(2024, 12, 5, 13)),
        ("2024-12-05 8:00 +05:30", datetime(2024, 12, 5, 2, 30)),
        ("2024-12-05T24:00:00", datetime(2024, 12, 6)),
        ("2024-12-05 08:00 utc", None),
        ("2024-12-05 UTC", None),
        ("2024-12-05 08:00  UTC", None),
        ("2024-12-05T08:00+24:00", None),
        ("2024-12-05T24:00:01", None),
    ],
)
def test_times(text: str, moment: datetime | None) -> None:
    assert parse_time(text) == moment


def test_a_date_with_an_offset_is_its_date_in_utc() -> None:
    assert parse_date("2024-12-05 23:00:00") == date(2024, 12, 5)
    assert parse_date("2024-12-05 23:00:00 -0500") == date(2024, 12, 6)
    assert parse_date("2024-12-05T24:00") == date(2024, 12, 5)


def test_the_noise_of_doubles() -> None:
    assert without_noise(Decimal("0.30000000000000004"), 4) == Decimal("0.3")
    assert without_noise(Decimal("0.299999999999999989"), 4) == Decimal("0.3")
    assert without_noise(Decimal("0.30001"), 4) == Decimal("0.30001")
    assert without_noise(Decimal("1.123456789"), 8) == Decimal("1.123456789")


# ---- which rows count ------------------------------------------------------------


def test_of_several_terms_on_one_day_the_last_wins() -> None:
    ctx = scope(
        {
            "subscriptions": written(
                PERIODS,
                "S,A,business,month,50,USD,2024-02-01 09:00,",
                "S,A,team,month,80,USD,2024-02-01 17:00,2024-05-01",
            )
        }
    )
    assert values(ctx, "rejections_by_reason", "reason rejected_rows") == [
        ("duplicate_key", 1)
    ]
    assert values(ctx, "monthly_churn", "mrr_at_end", date_month="2024-02-01") == [80]


def test_items_of_a_subscription_run_side_by_side() -> None:
    header = f"{PERIODS},subscription_item_id,term_months"
    base = "S,A,base,month,100,USD,2023-07-10,,base,12"
    addon = "S,A,addon,month,20,USD,2023-07-10,,addon,12"
    ctx = scope({"subscriptions": written(header, base, addon)})
    assert rows_of(ctx, "rejected_rows") == []
    assert values(ctx, "monthly_churn", "mrr_at_end", date_month="2024-06-01") == [120]
    # two items on the calendar, one renewal
    assert values(ctx, "renewal_calendar", "subscription_item_id due_on") == [
        ("base", date(2024, 7, 10)),
        ("addon", date(2024, 7, 10)),
    ]
    assert values(ctx, "renewals", "due open renewed") == [(1, 1, 0)]
    addon = "S,A,addon,month,20,USD,2023-07-10,2024-07-10,addon,12"
    later = scope(
        {"subscriptions": written(header, base, addon)}, as_of=date(2024, 7, 10)
    )
    assert values(later, "renewals", "due renewed mrr_due mrr_renewed") == [
        (1, 1, 120, 100)
    ]


def test_rows_set_aside_have_their_own_reasons() -> None:
    ctx = scope(
        {
            "subscriptions": written(
                f"{PERIODS},status,_fivetran_deleted",
                "S1,A,team,month,100,USD,2024-02-01,,active,false",
                "S2,B,team,month,100,USD,2024-02-01,,active,2024-03-01 10:00",
                "S3,C,team,month,100,USD,2024-02-01,,test,false",
                "S4,D,team,month,x,USD,2024-02-01,,active,",
            )
        },
        config={"raw_filters": {"subscriptions": "status = 'active'"}},
    )
    assert values(ctx, "dim_accounts", "account_id") == ["A"]
    assert values(ctx, "rejected_rows", "row_key reason") == [
        ("S2||2024-02-01", "deleted_at_source"),
        ("S3||2024-02-01", "filtered"),
        ("S4||2024-02-01", "unparseable_amount"),
    ]
    assert values(
        ctx,
        "data_quality_summary",
        "rows_in accepted rejected filtered deleted_at_source rejection_rate",
        source_table="subscriptions",
    ) == [(4, 1, 1, 1, 1, 0.5)]


def test_inclusive_ends() -> None:
    tables = {
        "subscriptions": written(
            PERIODS,
            "S,A,team,month,100,USD,2024-01-01,2024-01-31",
            "S,A,team,month,120,USD,2024-02-01,2024-02-01",
            "S,A,team,month,120,USD,2024-02-02,",
        )
    }
    ctx = scope(tables, config={"ended_on_is_inclusive": True})
    assert rows_of(ctx, "rejected_rows") == []
    assert values(ctx, "monthly_churn", "churned_customers mrr_at_end")[:2] == [
        (0, 100),
        (0, 120),
    ]
    assert values(scope(tables), "monthly_churn", "mrr_at_end")[0] == 0


def test_merged_accounts_and_aliases() -> None:
    ctx = scope(
        {
            "account_aliases": written(
                "source,alias_id,account_id",
                ",crm-1,A",
                ",old-1,crm-1",
                "zendesk,z1,A",
                "invoices,b7,B",
                ",b7,A",
            ),
            "accounts": written(
                "account_id,account_name,signed_up_on",
                "A,Firm,2024-01-01",
                "crm-1,Firm twice,2024-01-01",
                "b7,Another,2024-01-01",
            ),
            "subscriptions": written(PERIODS, "S,crm-1,team,month,10,USD,2024-02-01,"),
            "invoices": written(
                INVOICES, "I,b7,10,USD,2024-02-01,2024-03-01,2024-02-10,paid"
            ),
        }
    )
    assert values(ctx, "rejected_rows", "source_table row_key reason") == [
        ("account_aliases", "|old-1", "invalid_account_id"),
        ("account_aliases", "zendesk|z1", "invalid_source"),
        ("accounts", "crm-1", "merged_account"),
        ("accounts", "b7", "merged_account"),
    ]
    accounts = values(ctx, "dim_accounts", "account_id is_inferred current_mrr")
    assert sorted(accounts) == [("A", False, 10), ("B", True, 0)]


# ---- whose facts they are (rule 74) ----------------------------------------------

PEOPLE = {
    "subscriptions": written(PERIODS, "S,A,team,month,10,USD,2024-02-01,"),
    "accounts": written("account_id,signed_up_on,__deleted", "Z,2024-01-01,"),
    "users": written(
        "user_id,account_id,role,created_at,__deleted,state",
        "kept,A,member,2024-01-01,,x",
        "gone,A,admin,2023-01-01,true,x",
        "robot,A,member,2024-01-01,,test",
    ),
    "logins": written(
        LOGINS,
        "L1,gone,A,2024-03-10 10:00",
        "L2,gone,A,2024-04-20 10:00",
        "L3,robot,A,2024-04-20 10:00",
    ),
}


def test_who_was_deleted_keeps_the_past() -> None:
    ctx = scope(PEOPLE, config={"raw_filters": {"users": "state <> 'test'"}})
    accounts = values(ctx, "dim_accounts", "account_id is_inferred signed_up_on")
    assert sorted(accounts) == [
        ("A", True, None),
        ("Z", False, date(2024, 1, 1)),
    ]
    assert values(ctx, "dim_users", "role created_at is_inferred", user_id="gone") == [
        ("admin", datetime(2024, 3, 10, 10), True)
    ]
    activity = {
        row["date_month"].month: (row["provisioned_users"], row["active_users"])
        for row in rows_of(ctx, "account_activity", account_id="A")
    }
    assert activity == {2: (1, 0), 3: (2, 1), 4: (2, 1), 5: (1, 0), 6: (1, 0)}
    assert values(
        ctx, "data_quality_summary", "inferred_ids", source_table="users"
    ) == [1]


def test_unknown_ids_can_be_rejected() -> None:
    ctx = scope(PEOPLE, config={"unknown_ids": "reject"})
    assert values(ctx, "dim_accounts", "account_id") == ["Z"]
    assert {
        (row["source_table"], row["reason"])
        for row in rows_of(ctx, "rejections_by_reason")
    } == {
        ("users", "deleted_at_source"),
        ("users", "unknown_account"),
        ("subscriptions", "unknown_account"),
        ("logins", "unknown_account"),
    }


# ---- revenue ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "reason"), [("team", ("paused", None)), ("free", ("freemium", True))]
)
def test_a_pause_is_no_downgrade(plan: str, reason: tuple[str, bool | None]) -> None:
    ctx = scope(
        {
            "subscriptions": written(
                f"{PERIODS},cancel_reason",
                "S,A,team,month,100,USD,2024-01-01,2024-05-10,price",
                f"T,A,{plan},month,0,USD,2024-05-10,,",
            )
        }
    )
    found = values(ctx, "churn_reasons", "churn_reason is_voluntary")
    assert found == [reason]


def test_a_former_customer_is_on_no_trial() -> None:
    ctx = scope(
        {
            "subscriptions": written(
                f"{PERIODS},is_trial",
                "S1,A,pro,month,100,USD,2023-09-01,2023-10-01,false",
                "S2,A,pro,month,0,USD,2024-03-10,2024-03-24,true",
            ),
            "feature_events": written(
                "event_id,user_id,account_id,feature_key,occurred_at",
                "E,U,A,report_builder,2023-09-02",
            ),
        },
        as_of=date(2024, 3, 15),
    )
    assert values(ctx, "dim_accounts", "lifecycle_stage") == ["churned"]
    assert len(rows_of(ctx, "account_activity")) == 7
    assert values(ctx, "onboarding_engagement", "days_since_start") == [196]
    assert values(ctx, "time_to_value", "signup_month") == [date(2023, 9, 1)]


def test_a_cancellation_that_is_scheduled() -> None:
    tables = {
        "subscriptions": written(
            PERIODS,
            "S,A,team,year,1200,USD,2023-08-01,2024-08-01",
            "T,B,team,year,1200,USD,2023-08-01,",
            # the end of one more term of the same kind is no cancellation
            "U,C,team,year,1200,USD,2022-08-01,2023-08-01",
            "U,C,team,year,1200,USD,2023-08-01,2024-08-01",
            # and neither is one that something follows
            "V,D,team,year,1200,USD,2023-08-01,2024-08-01",
            "W,D,team,year,1200,USD,2024-08-01,",
        )
    }
    ctx = scope(tables)
    calendar = values(ctx, "renewal_calendar", "account_id due_on is_cancel_scheduled")
    assert sorted(calendar) == [
        ("A", date(2024, 8, 1), True),
        ("B", date(2024, 8, 1), False),
        ("C", date(2024, 8, 1), False),
        ("D", date(2024, 8, 1), False),
    ]
    alerts = values(
        ctx,
        "account_alerts",
        "alert_id severity is_open mrr_at_risk",
        alert_type="cancellation_scheduled",
    )
    assert alerts == [("A|cancellation_scheduled|2024-05-03", "high", True, 100)]
    assert values(ctx, "customer_360", "cancellation_scheduled_on", account_id="A") == [
        date(2024, 8, 1)
    ]
    off = scope(tables, config={"future_end_is_cancellation": False})
    assert set(values(off, "renewal_calendar", "is_cancel_scheduled")) == {False}


@pytest.mark.parametrize(("term", "due"), [("", 1), ("24", 0), ("1", 0)])
def test_a_term_may_be_longer_than_the_billing_interval(term: str, due: int) -> None:
    ctx = scope(
        {
            "subscriptions": written(
                f"{PERIODS},term_months",
                f"S,A,team,year,1200,USD,2023-05-15,,{term}",
            )
        }
    )
    assert sum(values(ctx, "renewals", "due")) == due


ITEM = "subscription_id,account_id,started_on,ended_on,billing_interval,is_trial"
CAUSES = "price seats plan discount currency other"


@pytest.mark.parametrize(
    ("before", "after", "causes"),
    [
        ("team,100,,USD,5", "team,132,,USD,6", (12, 20, 0, 0, 0, 0)),
        ("team,100,,USD,3", "team,133.4,,USD,4", ("0.0667", "33.3333", 0, 0, 0, 0)),
        ("team,100,,USD,", "team,90,,USD,0", (-10, 0, 0, 0, 0, 0)),
        ("team,100,,USD,", "team,250,,USD,2", (50, 100, 0, 0, 0, 0)),
        # 2 seats more at 10; the list price is the same and 2.50 a seat is let off
        ("team,100,100,USD,10", "team,90,120,USD,12", (0, 20, 0, -30, 0, 0)),
        ("team,100,,USD,10", "team,90,120,USD,12", (-30, 20, 0, 0, 0, 0)),
        ("team,100,,EUR,5", "team,132,,EUR,6", ("14.4", 24, 0, 0, 10, 0)),
        ("team,100,,EUR,5", "business,132,,EUR,6", (0, 0, "38.4", 0, 10, 0)),
        ("team,100,,EUR,5", "business,132,,USD,6", (0, 0, 22, 0, 0, 0)),
        ("team,100,,EUR,5", "team,132,,USD,6", (0, 0, 0, 0, 0, 22)),
        ("team,100,,USD,5", "team,0,,USD,5", (-100, 0, 0, 0, 0, 0)),
    ],
)
def test_what_moved_a_customers_mrr(
    before: str, after: str, causes: tuple[object, ...]
) -> None:
    ctx = scope(
        {
            "subscriptions": written(
                f"{ITEM},plan,amount,list_amount,currency,seats",
                f"S,A,2024-01-01,2024-05-10,month,false,{before}",
                f"S,A,2024-05-10,,month,false,{after}",
                "T,A,2024-01-01,,month,false,other,7,,USD,",
            ),
            "exchange_rates": written(
                "currency,rate_date,rate_to_base",
                "EUR,2024-01-01,1.1",
                "EUR,2024-05-10,1.2",
            ),
        }
    )
    columns = " ".join(f"{cause}_change" for cause in CAUSES.split())
    found = values(ctx, "mrr_movements", columns, date_month="2024-05-01")
    assert found == [tuple(None if c is None else Decimal(str(c)) for c in causes)]
    new = values(ctx, "mrr_movements", columns, date_month="2024-01-01")
    assert new == [(None,) * 6]


def test_items_that_come_and_go_are_another_plan() -> None:
    ctx = scope(
        {
            "subscriptions": written(
                f"{ITEM},plan,amount,list_amount,currency",
                "S,A,2024-01-01,,month,false,team,100,,USD",
                "T,A,2024-01-01,2024-05-10,month,false,addon,30,40,USD",
                "U,A,2024-04-20,2024-05-05,month,true,audit,0,,USD",
                "U,A,2024-05-05,,month,false,audit,50,,USD",
            )
        }
    )
    columns = "mrr_change plan_change discount_change other_change"
    found = values(ctx, "mrr_movements", columns, date_month="2024-05-01")
    assert found == [(20, 20, 0, 0)]


# ---- accounts by month -----------------------------------------------------------

ACCOUNTS = "account_id,signed_up_on,csm_owner"


def test_an_account_has_a_row_for_every_month_since_its_first_day() -> None:
    ctx = scope(
        {
            "accounts": written(ACCOUNTS, "A,2024-03-20,ann"),
            "subscriptions": written(
                f"{ITEM},plan,amount,currency,seats",
                "S,A,2024-04-01,2024-06-01,month,false,team,100,USD,5",
                "T,A,2024-04-10,2024-06-01,month,false,addon,20,USD,",
            ),
        }
    )
    columns = "date_month mrr mrr_change plan seats movement_type lifecycle_stage"
    assert [
        (m.month, *rest) for m, *rest in values(ctx, "account_months", columns)
    ] == [
        (3, 0, 0, None, None, None, "prospect"),
        (4, 120, 120, "team", 5, "new", "onboarding"),
        (5, 120, 0, "team", 5, None, "onboarding"),
        (6, 0, -120, None, None, "churn", "churned"),
    ]
    assert values(
        ctx,
        "csm_book",
        "accounts customers mrr churned_customers churned_mrr nrr_12m",
        date_month="2024-06-01",
    ) == [(1, 0, 0, 1, 120, None)]


def test_the_stage_of_a_past_month_is_of_what_was_so_then() -> None:
    ctx = scope(
        {
            "subscriptions": written(
                f"{PERIODS},term_months",
                "S,A,team,month,100,USD,2023-01-01,,",
                "T,B,team,month,100,USD,2023-01-01,2024-03-15,12",
                "U,C,team,month,100,USD,2023-01-01,2023-12-20,12",
            ),
            "surveys": written(
                "response_id,survey_type,question,account_id,sent_at,responded_at,score",
                "R1,nps,recommend,A,2024-05-20,2024-05-31,9",
                "R2,nps,recommend,A,2024-06-20,2024-06-21,6",
            ),
        }
    )
    stages = {
        (account_id, f"{month:%Y-%m}"): stage
        for account_id, month, stage in values(
            ctx, "account_months", "account_id date_month lifecycle_stage"
        )
    }
    assert stages["A", "2023-02"] == "onboarding"
    assert stages["A", "2024-04"] == "retained"
    assert stages["A", "2024-05"] == "loyal"
    assert stages["A", "2024-06"] == "retained"
    assert stages["B", "2023-09"] == "retained"  # due 93 days later
    assert stages["B", "2023-10"] == "renewal"
    assert stages["B", "2023-12"] == "renewal"
    assert stages["B", "2024-01"] == "retained"
    assert stages["B", "2024-03"] == "churned"
    assert stages["C", "2023-11"] == "retained"  # it ended before it was due


def test_each_difference_from_the_report_has_its_likely_cause() -> None:
    month = "2024-05-01"
    ctx = scope(
        {
            "subscriptions": written(
                f"{ITEM},plan,amount,currency",
                *(
                    f"{account},{account},2024-01-01,,month,false,team,100,USD"
                    for account in ("same", "near", "not", "rate", "less", "more")
                ),
                "begins,begins,2024-06-05,,month,false,team,100,USD",
                "later,later,2024-06-25,,month,false,team,50,USD",
                "trial,trial,2024-05-20,2024-06-20,month,true,team,0,USD",
                "free,free,2024-05-20,,month,false,team,0,USD",
            ),
            "exchange_rates": written(
                "currency,rate_date,rate_to_base", "EUR,2024-01-01,1.2"
            ),
            "mrr_reported": written(
                "account_id,date_month,mrr,currency",
                *(f"same,{month},100,USD", f"near,{month},100.05,USD"),
                *(f"begins,{month},100,USD", f"later,{month},60,USD"),
                *(f"trial,{month},20,USD", f"free,{month},20,USD"),
                *(f"rate,{month},100,EUR", f"less,{month},125,USD"),
                *(f"more,{month},70,USD", "same,2024-07-01,1,USD"),
            ),
        }
    )
    found = values(ctx, "mrr_reconciliation", "account_id date_month likely_cause")
    assert {account: cause for account, _, cause in found} == {
        "same": None,
        "near": "rounding",
        "begins": "timing",
        "later": "missing_here",
        "trial": "trial",
        "free": "paused_or_free",
        "not": "missing_in_report",
        "rate": "exchange_rate",
        "less": "discount",
        "more": "other",
    }
    assert {str(day) for _, day, _ in found} == {month}
    (row,) = rows_of(ctx, "mrr_reconciliation_monthly")
    assert (row["mrr"], row["mrr_reported"], row["accounts_that_differ"]) == (
        600,
        Decimal("715.05"),
        8,
    )
    every = Decimal("200.05") + 100 + 60 + 20 + 20 + 100 + 120 + 125 + 100
    assert row["share_that_agrees"] == pytest.approx(float(Decimal("200.05") / every))
    explained = every - 60 - 100 - 100  # later, not, more
    assert row["share_explained"] == pytest.approx(float(explained / every))


# ---- retention by segment --------------------------------------------------------

EVENTS = "event_id,user_id,account_id,feature_key,occurred_at"
ANSWERS = "response_id,survey_type,question,account_id,user_id,sent_at,responded_at"


def twelve_on_team() -> Context:
    """All on `team` before May 2024: then two move to `business`, and three leave."""
    return scope(
        {
            "subscriptions": written(
                PERIODS,
                *(f"S{n},A{n},team,month,100,USD,2023-05-01," for n in range(1, 10)),
                *(
                    f"S{n},A{n},team,month,100,USD,2023-06-01,2024-05-20"
                    for n in range(10, 13)
                ),
                *(f"S{n},A{n},business,month,200,USD,2024-05-10," for n in (1, 2)),
            ),
            "feature_events": written(
                EVENTS,
                *(f"E{n},U,A1,report_share,2024-05-0{n}" for n in (3, 4, 5, 6)),
                *(f"F{n},U,A2,report_share,2024-05-0{n}" for n in (6, 8, 9)),
                "E10,U,A3,report_share,2024-06-01",
            ),
            "surveys": written(
                f"{ANSWERS},score",
                "R1,nps,recommend,A1,U,2024-05-20,2024-05-20,9",
                "R2,nps,recommend,A2,U,2024-05-20,2024-05-21,6",
                "R3,nps,recommend,never_paid,,2024-05-20,2024-05-22,9",
            ),
        }
    )


def metrics(ctx: Context, month: str, segment_type: str) -> dict[str, Any]:
    """Value and base, by segment and metric."""
    rows = rows_of(
        ctx, "retention_by_segment", date_month=month, segment_type=segment_type
    )
    return {
        f"{row['segment_value']} {row['metric']}": (row["value"], row["base"])
        for row in rows
    }


def test_a_months_figures_are_of_who_was_in_the_segment_before_it() -> None:
    ctx = twelve_on_team()
    assert metrics(ctx, "2024-05-01", "plan") == {
        "team churn_rate": (0.25, 12),
        "team gross_mrr_churn_rate": (0.25, 12),
        "team nrr_12m": (pytest.approx(11 / 9), 9),
        "team grr_12m": (1, 9),
        "team retention_12m": (1, 9),
        "team nps": (-100, 1),
        "team customer_adoption_rate": (pytest.approx(1 / 12), 12),
        "team time_to_value_days": (369.5, 2),  # 368 and 371
        "team mrr_per_customer": (100, 12),
        "team ltv": (pytest.approx(960), 12),  # over the mean of 0.25, 0 and 0
    }
    june = metrics(ctx, "2024-06-01", "plan")
    assert june["team churn_rate"] == (0, 7)
    assert june["team retention_12m"] == (0.75, 12)
    assert june["business retention_12m"] == (None, 0)
    assert june["business ltv"] == (None, 2)
    quarters = metrics(ctx, "2024-06-01", "cohort_quarter")
    assert (
        quarters["2023-Q2 churn_rate"]
        == metrics(ctx, "2024-06-01", "all")["all churn_rate"]
    )


def test_segments_are_of_the_day_before_the_month() -> None:
    kept = tuple(
        {
            **dict.fromkeys(("country", "employees", "acquisition_channel")),
            **{"account_id": "A", "valid_from": day, "industry": industry},
            "csm_owner": None,
        }
        for day, industry in ((date(2024, 3, 1), "media"), (date(2024, 4, 1), "press"))
    )
    plain = scope(
        {
            "accounts": written("account_id,signed_up_on,industry", "A,2024-01-01,tv"),
            "subscriptions": written(PERIODS, "S,A,team,month,100,USD,2024-01-01,"),
        }
    )
    ctx = replace(plain, history=History(kept))
    found = values(
        ctx,
        "retention_by_segment",
        "segment_value",
        segment_type="industry",
        metric="mrr_per_customer",
    )
    assert found == ["tv", "tv", "media", "press", "press"]  # from February on
    assert metrics(ctx, "2024-06-01", "csm_owner")["unknown mrr_per_customer"] == (
        100,
        1,
    )
    without_events = metrics(ctx, "2024-06-01", "all")
    assert without_events["all customer_adoption_rate"] == (None, 1)
    assert without_events["all time_to_value_days"] == (None, 0)


# ---- health ----------------------------------------------------------------------


def test_invoices_alone_make_no_score() -> None:
    ctx = scope(
        {
            "subscriptions": written(PERIODS, "S,A,team,month,100,USD,2024-02-01,"),
            "invoices": written(
                INVOICES, "I,A,10,USD,2024-02-01,2024-03-01,2024-02-10,paid"
            ),
        }
    )
    for columns, expected in (
        ("billing_score score_coverage", (100, 0.3)),
        ("health_score health_band", (None, None)),
    ):
        found = values(ctx, "account_health", columns, date_month="2024-06-01")
        assert found == [expected]
    assert values(ctx, "health_monthly", "red_accounts")[0] is None


def test_an_unbroken_run_of_overdue_days_is_one_alert() -> None:
    ctx = scope(
        {
            "subscriptions": written(PERIODS, "S,A,team,month,100,USD,2024-01-01,"),
            "invoices": written(
                INVOICES,
                "I1,A,10,USD,2024-01-01,2024-01-10,2024-01-20,paid",
                "I2,A,10,USD,2024-01-01,2024-01-19,2024-01-25,paid",
                "I3,A,10,USD,2024-02-01,2024-02-10,,uncollectible",
                "I4,A,10,USD,2024-06-01,2024-06-20,,open",
            ),
        }
    )
    alerts = values(
        ctx,
        "account_alerts",
        "raised_on severity is_open",
        alert_type="invoice_overdue",
    )
    assert sorted(alerts) == [
        (date(2024, 1, 11), "medium", False),  # to 24 January
        (date(2024, 2, 11), "medium", False),  # for 90 days, to 10 May
        (date(2024, 6, 21), "high", True),
    ]
    scores = values(ctx, "account_health", "date_month billing_score")
    assert [(month.month, score) for month, score in scores] == [
        (1, 100),
        (2, 30),
        (3, 0),
        (4, 0),
        (5, 100),
        (6, 60),
    ]
