"""The demo data: reproducible, within its limits, clean but for what was planted."""

import csv
from collections import Counter, defaultdict
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from demo import generate as demo

pytestmark = pytest.mark.xdist_group("demo data")  # generated and read once

Rows = list[dict[str, str]]
ROOT = Path(__file__).parents[2]
RAW = ROOT / "demo" / "data"
REFERENCE = ROOT / "seeds" / "reference"

# The contract, written down a second time on purpose.
CONTRACT = {
    "subscriptions": (
        "subscription_id,account_id,plan,billing_interval,seats,amount,currency,"
        "is_trial,started_on,ended_on,cancel_reason"
    ),
    "logins": "login_id,user_id,account_id,logged_in_at,session_minutes",
    "surveys": (
        "response_id,survey_type,question,account_id,user_id,score,comment,sent_at,"
        "responded_at"
    ),
    "accounts": (
        "account_id,account_name,industry,country,employees,acquisition_channel,"
        "csm_owner,signed_up_on,is_internal,updated_at"
    ),
    "users": "user_id,account_id,email,role,created_at,deactivated_at",
    "feature_events": "event_id,user_id,account_id,feature_key,occurred_at",
    "support_tickets": (
        "ticket_id,account_id,user_id,priority,opened_at,first_response_at,closed_at"
    ),
    "invoices": (
        "invoice_id,account_id,amount,currency,issued_on,due_on,paid_on,status"
    ),
    "referrals": "referral_id,referrer_account_id,referred_account_id,referred_on",
    "costs": "date_month,cost_type,channel,amount,currency",
    "account_notes": (
        "note_id,account_id,noted_on,author,csm_pulse,risk_reason,next_step"
    ),
    "exchange_rates": "currency,rate_date,rate_to_base",
}
# table: fewest and most rows
SIZES = {
    "subscriptions": (400, 1_000),
    "logins": (60_000, 80_000),
    "surveys": (2_000, 6_000),
    "accounts": (260, 301),
    "users": (1_700, 2_000),
    "feature_events": (55_000, 80_000),
    "support_tickets": (800, 3_000),
    "invoices": (1_500, 5_000),
    "referrals": (40, 200),
    "costs": (232, 232),
    "account_notes": (700, 1_000),
    "exchange_rates": (69, 69),
}
PLANTED = {
    ("subscriptions", "ends_before_start"): 1,
    ("subscriptions", "unknown_currency"): 1,
    ("subscriptions", "unknown_account"): 1,
    ("subscriptions", "invalid_amount"): 1,
    ("subscriptions", "missing_amount"): 1,
    ("subscriptions", "unparseable_started_on"): 1,
    ("subscriptions", "overlapping_period"): 1,
    ("logins", "duplicate_key"): 2,
    ("logins", "unknown_user"): 1,
    ("logins", "unparseable_logged_in_at"): 1,
    ("surveys", "invalid_score"): 2,
    ("surveys", "missing_responded_at"): 1,
    ("surveys", "invalid_question"): 1,
    ("accounts", "duplicate_key"): 1,
    ("users", "unknown_account"): 1,
    ("feature_events", "duplicate_key"): 1,
    ("feature_events", "unknown_user"): 1,
    ("support_tickets", "invalid_priority"): 1,
    ("invoices", "unparseable_due_on"): 1,
    ("invoices", "unknown_currency"): 1,
    ("costs", "invalid_date_month"): 1,
    ("exchange_rates", "invalid_rate_to_base"): 1,
}
BAD_ROWS = Counter(
    table for table, reason in PLANTED for _ in range(PLANTED[table, reason])
)


class Generated(NamedTuple):
    """What came of telling the story once more: it takes seconds, so only once."""

    folder: Path
    rows: dict[str, int]
    planted: list[tuple[str, str]]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    folder, planted = tmp_path_factory.mktemp("raw"), []
    plant = demo.plant_bad_rows
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "plant_bad_rows", lambda t: planted.extend(plant(t)))
        rows = demo.generate(folder)
    return Generated(folder, rows, planted)


@pytest.fixture(scope="module")
def everything() -> dict[str, Rows]:
    """All committed rows, the bad ones at each table's end included."""
    return {table: read(RAW / f"{table}.csv") for table in CONTRACT}


@pytest.fixture(scope="module")
def clean(everything: dict[str, Rows]) -> dict[str, Rows]:
    """The rows without the planted ones."""
    return {
        table: rows[: len(rows) - BAD_ROWS[table]] for table, rows in everything.items()
    }


def read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def csvs(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.csv"))


def day(text: str) -> date:
    return date.fromisoformat(text[:10])


def last_paid_days(clean: dict[str, Rows]) -> dict[str, date]:
    """The day on which each account stopped paying for good.

    An old term that was left open ends where the next one starts (rule 6).
    """
    ends: dict[str, date] = {}
    latest: dict[str, str] = {}
    for row in clean["subscriptions"]:
        key, start = row["subscription_id"], row["started_on"]
        latest[key] = max(start, latest.get(key, ""))
    for row in clean["subscriptions"]:
        if row["is_trial"] == "false" and float(row["amount"]) > 0:
            if (
                not row["ended_on"]
                and row["started_on"] < latest[row["subscription_id"]]
            ):
                continue
            end = day(row["ended_on"]) if row["ended_on"] else date.max
            ends[row["account_id"]] = max(end, ends.get(row["account_id"], date.min))
    return {account: end for account, end in ends.items() if end <= demo.LAST_DAY}


# -- the files -------------------------------------------------------------------------


def test_the_committed_files_are_what_the_seed_gives(generated: Generated) -> None:
    assert {f"{table}.csv" for table in CONTRACT} == {p.name for p in csvs(RAW)}
    for path in csvs(generated.folder):
        assert path.read_bytes() == (RAW / path.name).read_bytes(), path.name


def test_generate_counts_its_rows(
    generated: Generated, everything: dict[str, Rows]
) -> None:
    assert generated.rows == {table: len(rows) for table, rows in everything.items()}


def test_another_seed_tells_another_story() -> None:
    assert demo.sign_up_days(Random(1)) != demo.sign_up_days(Random(2))


@pytest.mark.parametrize("table", CONTRACT)
def test_header_is_the_contract_s(table: str) -> None:
    content = (RAW / f"{table}.csv").read_bytes()
    assert content.split(b"\n")[0].decode() == CONTRACT[table]
    assert b"\r" not in content and content.endswith(b"\n")


def test_sizes(everything: dict[str, Rows]) -> None:
    for table, (fewest, most) in SIZES.items():
        assert fewest <= len(everything[table]) <= most, table
    assert sum(path.stat().st_size for path in csvs(RAW)) < 11_000_000


# -- the bad rows ----------------------------------------------------------------------


def test_few_rows_are_bad_and_each_for_its_reason(generated: Generated) -> None:
    assert Counter(generated.planted) == PLANTED
    assert max(BAD_ROWS.values()) <= 8 and 15 <= sum(BAD_ROWS.values()) <= 25


def test_planted_rows_are_there(everything: dict[str, Rows]) -> None:
    terms = {row["subscription_id"]: row for row in everything["subscriptions"]}
    assert terms["S9001"]["ended_on"] < terms["S9001"]["started_on"]
    assert terms["S9002"]["currency"] == "XYZ"
    assert terms["S9003"]["account_id"] == "A9999"
    assert terms["S9004"]["amount"] == "-49.00"
    assert terms["S9005"]["amount"] == ""
    assert terms["S9006"]["started_on"] == "2026-7-9"
    scores = {row["response_id"]: row["score"] for row in everything["surveys"]}
    assert (scores["R90001"], scores["R90002"]) == ("11", "8.5")
    logins = [tuple(row.values()) for row in everything["logins"]]
    assert len(logins) - len(set(logins)) == 2


# -- everything else is clean ----------------------------------------------------------


def test_keys_are_unique(clean: dict[str, Rows]) -> None:
    keys = {table: columns.split(",")[:1] for table, columns in CONTRACT.items()}
    keys["subscriptions"].append("started_on")
    keys["surveys"].append("question")
    keys["costs"] += ["cost_type", "channel"]
    keys["exchange_rates"].append("rate_date")
    for table, columns in keys.items():
        found = [tuple(row[column] for column in columns) for row in clean[table]]
        assert len(found) == len(set(found)), table


def test_accounts_and_users_are_known(clean: dict[str, Rows]) -> None:
    accounts = {row["account_id"] for row in clean["accounts"]}
    users = {row["user_id"] for row in clean["users"]}
    for table, rows in clean.items():
        for row in rows:
            assert row.get("account_id", "A0001") in accounts, table
            assert row.get("user_id", "U00001") in users, table
            assert row.get("referrer_account_id", "A0001") in accounts
            assert row.get("referred_account_id", "") in accounts | {""}


def test_periods_of_a_subscription_do_not_overlap(clean: dict[str, Rows]) -> None:
    periods = defaultdict(list)
    for row in clean["subscriptions"]:
        assert not row["ended_on"] or row["started_on"] < row["ended_on"]
        periods[row["subscription_id"]].append((row["started_on"], row["ended_on"]))
    for spans in periods.values():
        spans.sort()
        for (_, end), (next_start, _) in pairwise(spans):
            assert end <= next_start  # '' too: an old term that was left open


def test_values_are_on_their_lists(clean: dict[str, Rows]) -> None:
    allowed = {
        ("subscriptions", "billing_interval"): "week month quarter half_year year",
        ("subscriptions", "cancel_reason"): "competitor freemium business_closure price"
        " missing_features support payment_failure other unknown",
        ("surveys", "survey_type"): "nps cli csat",
        ("support_tickets", "priority"): "low normal high urgent",
        ("invoices", "status"): "open paid void uncollectible",
        ("costs", "cost_type"): "acquisition retention",
    }
    for (table, column), values in allowed.items():
        found = {row[column] for row in clean[table]} - {""}
        assert found <= set(values.split()), column


def test_answers_match_their_question(clean: dict[str, Rows]) -> None:
    scores: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in clean["surveys"]:
        assert bool(row["score"]) == bool(row["responded_at"])
        assert not row["responded_at"] or row["sent_at"] < row["responded_at"]
        scores[row["survey_type"], row["question"]].add(row["score"])
    highest = {("nps", "recommend"): 10, ("csat", "satisfaction"): 5}
    highest |= {("cli", question): 10 for question in demo.CLI_BASE}
    assert scores.keys() == highest.keys()
    for key, values in scores.items():
        lowest = 0 if key[0] == "nps" else 1
        assert values - {""} <= {str(n) for n in range(lowest, highest[key] + 1)}


def test_a_customer_keeps_its_currency(clean: dict[str, Rows]) -> None:
    currencies = defaultdict(set)
    for row in clean["subscriptions"] + clean["invoices"]:
        currencies[row["account_id"]].add(row["currency"])
    assert {len(found) for found in currencies.values()} == {1}
    assert set().union(*currencies.values()) == {"USD", "EUR", "GBP"}


def test_nothing_happens_after_the_last_day(clean: dict[str, Rows]) -> None:
    to_come = {"ended_on", "due_on"}  # of terms and invoices that run
    for table, rows in clean.items():
        columns = [c for c in rows[0] if c.endswith(("_at", "_on", "_date", "_month"))]
        for column in set(columns) - to_come:
            latest = max(row[column][:10] for row in rows)
            assert latest <= demo.LAST_DAY.isoformat(), (table, column)
    assert max(row["logged_in_at"] for row in clean["logins"])[:10] == "2026-09-20"


def test_nobody_real_is_in_it(clean: dict[str, Rows]) -> None:
    for row in clean["users"]:
        name, domain = row["email"].split("@")
        assert name == f"user{row['user_id'][1:]}"
        assert domain in ("example.com", "example.org", "example.net")


# -- the story -------------------------------------------------------------------------


def test_weekends_are_quiet(clean: dict[str, Rows]) -> None:
    logins = Counter(day(row["logged_in_at"]).weekday() for row in clean["logins"])
    busiest_weekend_day = max(logins[5], logins[6])
    assert busiest_weekend_day < 0.25 * min(logins[n] for n in range(5))


def test_the_company_grows(clean: dict[str, Rows]) -> None:
    logins = Counter(row["logged_in_at"][:7] for row in clean["logins"])
    assert logins["2024-08"] < logins["2025-08"] < logins["2026-08"]


def test_accounts_cool_down_before_they_leave(clean: dict[str, Rows]) -> None:
    ends = last_paid_days(clean)
    assert len(ends) >= 40
    days_left = Counter(
        (ends[row["account_id"]] - day(row["logged_in_at"])).days
        for row in clean["logins"]
        if row["account_id"] in ends
    )
    last_month, month_before, quarter_before = (
        sum(days_left[n] for n in range(first, first + 30)) for first in (1, 31, 91)
    )
    assert last_month < 0.8 * month_before
    assert last_month < 0.5 * quarter_before


def test_detractors_leave_more_often(clean: dict[str, Rows]) -> None:
    left, stays = last_paid_days(clean), defaultdict(list)
    worst: dict[str, int] = {}
    for row in clean["surveys"]:
        if row["survey_type"] == "nps" and row["score"]:
            score = min(int(row["score"]), worst.get(row["account_id"], 10))
            worst[row["account_id"]] = score
    for account, score in worst.items():
        stays[score <= 6].append(account not in left)
    assert sum(stays[True]) / len(stays[True]) < sum(stays[False]) / len(stays[False])


def test_accounts_that_leave_pay_late(clean: dict[str, Rows]) -> None:
    ends, late = last_paid_days(clean), defaultdict(list)
    for row in clean["invoices"]:
        due = day(row["due_on"])
        end = ends.get(row["account_id"], date.max)
        is_late = row["status"] != "paid" or row["paid_on"] > row["due_on"]
        if row["status"] != "void" and due <= demo.LAST_DAY:
            late[due <= end < due + timedelta(60)].append(is_late)
    assert sum(late[True]) / len(late[True]) > 3 * sum(late[False]) / len(late[False])


def test_every_kind_of_thing_happens(clean: dict[str, Rows]) -> None:
    terms = clean["subscriptions"]
    last = demo.LAST_DAY.isoformat()
    assert {row["billing_interval"] for row in terms} == set(demo.INTERVALS)
    assert {row["plan"] for row in terms} == {*demo.PLANS, "free", "addon"}
    trials = [row for row in terms if row["is_trial"] == "true"]
    lengths = {(day(row["ended_on"]) - day(row["started_on"])).days for row in trials}
    assert lengths == {14, 30}
    assert any(row["ended_on"] > last for row in trials)
    assert any(
        row["billing_interval"] == "year" and row["ended_on"] > last for row in terms
    )
    assert any(row["cancel_reason"] == "freemium" for row in terms)
    several = Counter(row["subscription_id"] for row in terms)
    assert sum(n > 1 for n in several.values()) > 50  # terms that changed
    assert sum(row["is_internal"] == "true" for row in clean["accounts"]) == 2
    for column in ("industry", "country", "employees"):
        assert any(not row[column] for row in clean["accounts"]), column
    comments = "".join(row["comment"] for row in clean["surveys"])
    assert all(sign in comments for sign in (",", '"', "ö", "🎉"))


# -- reference seeds -------------------------------------------------------------------


def test_feature_catalogue_covers_all_but_one_feature(clean: dict[str, Rows]) -> None:
    catalogue = {r["feature_key"]: r for r in read(REFERENCE / "feature_catalogue.csv")}
    used = Counter(row["feature_key"] for row in clean["feature_events"])
    assert used.keys() - catalogue.keys() == {demo.UNMAPPED}
    assert catalogue.keys() <= used.keys()
    assert 24 <= used[demo.UNMAPPED] <= 100
    steps = {key for key, r in catalogue.items() if int(r["onboarding_points"])}
    assert steps == set(demo.ONBOARDING)
    assert all(0.5 <= float(row["impact_score"]) <= 5 for row in catalogue.values())


def test_playbooks_have_one_row_per_trigger() -> None:
    segments, bands = "detractor passive promoter", "red yellow green thriving"
    alerts = "band_worsened score_drop contraction usage_drop inactive"
    alerts += " onboarding_stalled renewal_at_risk cancellation_scheduled"
    alerts += " invoice_overdue pulse_disagrees"
    triggers = [row["trigger"] for row in read(REFERENCE / "playbooks.csv")]
    assert sorted(triggers) == sorted(f"{segments} {bands} {alerts}".split())


def test_metric_catalogue_uses_its_lists() -> None:
    rows = read(REFERENCE / "metric_catalogue.csv")
    assert len({row["metric"] for row in rows}) == len(rows) == 28
    phases = {"onboarding", "retention", "expansion"}
    assert {row["journey_phase"] for row in rows} == phases
    strategies = {"stability", "product_market_fit", "profitability"}
    assert {row["strategy"] for row in rows} == strategies
    assert {row["direction"] for row in rows} == {"up", "down"}
    assert all(row["formula"] and row["label"] and row["unit"] for row in rows)
