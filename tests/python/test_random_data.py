"""What has to hold whatever the data: the models' own SQL on random tables."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.project import project_vars
from tests.python.compiled import Compiled, Warehouse, compile_expressions
from tests.python.conftest import COMPILED, COMPILED_AS_OF

pytestmark = pytest.mark.xdist_group(COMPILED)

AS_OF = COMPILED_AS_OF
FIRST_MONTH = date(2022, 11, 1)
DAY = timedelta(days=1)
DAYS = (AS_OF - FIRST_MONTH).days
MONTHS = f"""
    select date_month, least(last_day(date_month), date '{AS_OF}') as ends_on,
        last_day(date_month) <= date '{AS_OF}' as is_complete_month
    from (
        select cast(unnest(generate_series(
            timestamp '{FIRST_MONTH}', timestamp '{AS_OF}', interval 1 month
        )) as date) as date_month
    )
"""

EXAMPLES = pytest.mark.parametrize(
    "examples", [40, pytest.param(1500, marks=pytest.mark.long)]
)


def holds_for(
    examples: int, strategy: st.SearchStrategy[Any], check: Callable[[Any], None]
) -> None:
    """The same few examples each time; of many, other ones each time."""
    run = settings(
        max_examples=examples,
        derandomize=examples < 100,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )(given(strategy)(check))
    run()


@pytest.fixture(scope="module")
def warehouse(compiled: Compiled) -> Warehouse:
    warehouse = Warehouse(compiled)
    warehouse.give("int_months", MONTHS)
    return warehouse


def drawn_from(make: Callable[[random.Random], Any]) -> st.SearchStrategy[Any]:
    """Data that is random from the first example on: Hypothesis' own starts small."""
    return st.integers(0, 1_000_000).map(lambda seed: make(random.Random(seed)))


def some_day(dice: random.Random, back: int) -> date:
    return AS_OF - dice.randint(0, back) * DAY


def months() -> Iterator[tuple[date, date]]:
    """Each month's first day and its end, of the last one as_of."""
    month = FIRST_MONTH
    while month <= AS_OF:
        following = (month + 31 * DAY).replace(day=1)
        yield month, min(following - DAY, AS_OF)
        month = following


# ---- active users --------------------------------------------------------------------

WINDOW = project_vars()["mau_window_days"]
# Gaps around those that make a difference.
GAPS = st.sampled_from([0, 1, 1, 2, 5, 6, 7, 8, 9, 28, 29, 30, 31, 32, 60])


UserDays = dict[tuple[str, str, date], bool]


@st.composite
def user_days(draw: st.DrawFn) -> UserDays:
    """By account, user and day: whether there was a login."""
    found = {}
    for number in range(draw(st.integers(0, 5))):
        day = AS_OF - draw(GAPS) * DAY
        for gap in draw(st.lists(GAPS, max_size=12)):
            account = draw(st.sampled_from(["a", "b"]))
            found[account, f"u{number}", day] = draw(st.integers(0, 5)) > 0
            day -= gap * DAY
    return found


@EXAMPLES
def test_active_users_are_the_distinct_users_of_each_window(
    warehouse: Warehouse, examples: int
) -> None:
    def check(given_days: UserDays) -> None:
        warehouse.give_rows(
            "int_user_days",
            {"account_id": "text", "user_id": "text", "date_day": "date"}
            | {"is_active": "boolean"},
            [(*key, is_active) for key, is_active in given_days.items()],
        )
        logins = {(u, day) for (_, u, day), active in given_days.items() if active}

        def active(day: date, window: int) -> int:
            since = day - (window - 1) * DAY
            return len({user for user, of_day in logins if since <= of_day <= day})

        expected: list[tuple[Any, ...]] = []
        day = min((day for _, day in logins), default=AS_OF + DAY)
        while day <= AS_OF:
            dau, wau, mau = (active(day, window) for window in (1, 7, WINDOW))
            stickiness = dau / mau if mau else None
            last_week = [*(row[1] for row in expected[-6:]), dau]
            mean = sum(last_week) / 7 if len(last_week) == 7 else None
            expected.append((day, dau, wau, mau, stickiness, mean))
            day += DAY
        found = sorted(tuple(row.values()) for row in warehouse.rows("active_users"))
        assert found == expected
        assert all(dau <= wau <= mau for _, dau, wau, mau, *_ in found)

    holds_for(examples, user_days(), check)


# ---- adoption ------------------------------------------------------------------------

FEATURES = {"core 1": True, "core 2": True, "plain": False, "unknown": False}
MIN_DAYS = project_vars()["adoption_min_days"]
Use = tuple[str, str, str, date]


@dataclass(frozen=True)
class Product:
    """Who signed up when, and who used what."""

    accounts: dict[str, date]
    users: dict[str, date]
    uses: set[Use]

    def adopted(self, what: int, first: date, end: date) -> int:
        """Accounts (0) or users (1) that had signed up and adopted by a month's end."""
        signed_up = (self.accounts, self.users)[what]
        core_days: dict[tuple[str, ...], set[date]] = {}
        for account, user, feature, day in self.uses:
            if FEATURES[feature] and first <= day <= end:
                key = (account, user) if what == 0 else ("", user)
                core_days.setdefault(key, set()).add(day)
        adopted = {
            key[what] for key, days in core_days.items() if len(days) >= MIN_DAYS
        }
        return len([name for name in adopted if signed_up[name] <= end])


def some_use(dice: random.Random) -> Product:
    """Days in a row, of which about as many as make an adoption are in one month."""
    accounts, users = "abc", [f"u{number}" for number in range(dice.randint(1, 6))]
    uses = set()
    for _ in range(dice.randint(0, 15)):
        what = dice.choice(accounts), dice.choice(users), dice.choice([*FEATURES])
        first = some_day(dice, 80)
        for number in range(dice.randint(1, MIN_DAYS + 1)):
            uses.add((*what, min(first + number * dice.randint(1, 2) * DAY, AS_OF)))
    return Product(
        accounts={account: some_day(dice, 90) for account in accounts},
        users={user: some_day(dice, 90) for user in users},
        uses=uses,
    )


@EXAMPLES
def test_adoption_is_between_none_and_all(warehouse: Warehouse, examples: int) -> None:
    warehouse.give_rows(
        "feature_catalogue",
        {"feature_key": "text", "is_core": "boolean"},
        [row for row in FEATURES.items() if row[0] != "unknown"],
    )

    def check(product: Product) -> None:
        who = {"account_id": "text", "user_id": "text"}
        warehouse.give_rows(
            "int_feature_days",
            who
            | {"feature_key": "text", "date_day": "date", "events": "bigint"}
            | {"is_core": "boolean", "is_in_catalogue": "boolean"},
            [(*use, 2, FEATURES[use[2]], use[2] != "unknown") for use in product.uses],
        )
        warehouse.give_rows(
            "int_user_days",
            who | {"date_day": "date", "is_active": "boolean"},
            {
                (account, user, day, user != "u0")
                for account, user, _, day in product.uses
            },
        )
        warehouse.give_rows(
            "int_users",
            {"user_id": "text", "created_on": "date"},
            product.users.items(),
        )
        warehouse.give_rows(
            "int_accounts",
            {"account_id": "text", "first_day_on": "date"},
            product.accounts.items(),
        )
        warehouse.make("int_adopting_accounts")
        found = {row["date_month"]: row for row in warehouse.rows("product_adoption")}
        first_use = min((use[3] for use in product.uses), default=AS_OF + 31 * DAY)
        ends = {first: end for first, end in months() if first_use <= end}
        assert found.keys() == ends.keys()
        for first, row in found.items():
            for what, (name, rate) in enumerate(
                [("accounts", "account_adoption_rate"), ("users", "adoption_rate")]
            ):
                adopted, signed_up = row[f"adopted_{name}"], row[f"signed_up_{name}"]
                assert adopted == product.adopted(what, first, ends[first])
                assert 0 <= adopted <= signed_up
                assert row[rate] == (adopted / signed_up if signed_up else None)
            breadth = row["adoption_breadth"]
            assert breadth is None or 0 <= breadth <= 1
            rate, bounds = (
                row["adoption_rate"],
                (
                    row["adoption_rate_lower"],
                    row["adoption_rate_upper"],
                ),
            )
            if rate is None:
                assert bounds == (None, None)
            else:
                assert 0 <= bounds[0] <= rate <= bounds[1] <= 1

    holds_for(examples, drawn_from(some_use), check)


# ---- surveys -------------------------------------------------------------------------

QUESTIONS = ["product_quality", "customer_service", "overall_experience"]


@dataclass(frozen=True)
class Answer:
    """A row of int_survey_answers; without a score it is not answered."""

    response_id: str
    question: str
    user_id: str | None
    sent_on: date
    responded_at: datetime | None
    score: int | None

    def is_between(self, first: date, last: date) -> bool:
        return self.responded_at is not None and (
            first <= self.responded_at.date() <= last
        )


def some_answers(
    dice: random.Random, questions: list[str], lowest: int
) -> list[Answer]:
    """Few respondents, so that some answer again, even within the hour."""
    found = []
    for number in range(dice.randint(0, 40)):
        sent_on = some_day(dice, 200)
        answered_on = sent_on + dice.randint(0, 40) * DAY
        is_answered = dice.random() < 0.8 and answered_on <= AS_OF
        moment = datetime(answered_on.year, answered_on.month, answered_on.day)
        found.append(
            Answer(
                response_id=f"r{number:02}",
                question=dice.choice(questions),
                user_id=dice.choice([None, "u1", "u2", "u3"]),
                sent_on=sent_on,
                responded_at=moment + timedelta(hours=dice.randint(0, 2))
                if is_answered
                else None,
                score=dice.randint(lowest, 10) if is_answered else None,
            )
        )
    return found


def give_answers(warehouse: Warehouse, survey_type: str, given: list[Answer]) -> None:
    warehouse.give_rows(
        "int_survey_answers",
        {"survey_type": "text", "response_id": "text", "question": "text"}
        | {"respondent_key": "text", "is_anonymous": "boolean", "sent_on": "date"}
        | {"responded_on": "date", "responded_at": "timestamp"}
        | {"is_answered": "boolean", "score": "bigint"},
        [
            (
                *(survey_type, answer.response_id, answer.question),
                *(answer.user_id or answer.response_id, answer.user_id is None),
                *(answer.sent_on, answer.responded_at and answer.responded_at.date()),
                *(answer.responded_at, answer.score is not None, answer.score),
            )
            for answer in given
        ],
    )


def nps_of(given: list[Answer], first: date, last: date) -> float | None:
    """Of each respondent's latest answer."""
    latest = {
        answer.user_id or answer.response_id: answer.score or 0
        for answer in sorted(
            given, key=lambda one: (str(one.responded_at), one.response_id)
        )
        if answer.is_between(first, last)
    }
    points = [(score >= 9) - (score <= 6) for score in latest.values()]
    return 100 * sum(points) / len(points) if points else None


@EXAMPLES
def test_nps_is_within_100_points_of_zero(warehouse: Warehouse, examples: int) -> None:
    def check(given: list[Answer]) -> None:
        give_answers(warehouse, "nps", given)
        found = warehouse.rows("nps_monthly")
        ends = dict(months())
        assert bool(found) == bool(given)
        for row in found:
            first, end = row["date_month"], ends[row["date_month"]]
            if row["period_type"] == "trailing_90_days":
                first = end - 89 * DAY
            nps, bounds = row["nps"], (row["nps_lower"], row["nps_upper"])
            assert nps == nps_of(given, first, end)
            parts = row["promoters"] + row["passives"] + row["detractors"]
            assert parts == row["responses"]
            if nps is None:
                assert (parts, bounds) == (0, (None, None))
            else:
                assert -100 <= nps <= 100
                assert -100 <= bounds[0] < bounds[1] <= 100

    holds_for(
        examples, drawn_from(lambda dice: some_answers(dice, ["recommend"], 0)), check
    )


def cli_of(given: list[Answer], first: date, last: date) -> float | None:
    """The mean of the questions' means, times ten."""
    scores: dict[str, list[int]] = {}
    for answer in given:
        if answer.is_between(first, last):
            scores.setdefault(answer.question, []).append(answer.score or 0)
    means = [sum(of_question) / len(of_question) for of_question in scores.values()]
    return 10 * sum(means) / len(means) if means else None


@EXAMPLES
def test_cli_is_between_10_and_100(warehouse: Warehouse, examples: int) -> None:
    def check(given: list[Answer]) -> None:
        give_answers(warehouse, "cli", given)
        found = {
            row["date_month"]: row for row in warehouse.rows("customer_loyalty_index")
        }
        assert bool(found) == bool(given)
        before = None
        for first, end in months():
            if first not in found:
                continue
            cli, expected = found[first]["cli"], cli_of(given, first, end)
            assert (cli is None) == (expected is None)
            if cli is not None:
                assert 10 <= cli <= 100
                assert math.isclose(cli, expected or 0)
            is_change = cli is not None and before is not None
            assert found[first]["cli_change"] == (cli - before if is_change else None)
            before = cli

    holds_for(
        examples, drawn_from(lambda dice: some_answers(dice, QUESTIONS, 1)), check
    )


# ---- bands and intervals -------------------------------------------------------------


@pytest.fixture(scope="module")
def expressions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Calls of macros on columns a, b and n."""
    calls = {"health_band": "{{ health_band('n') }}"}
    for bound in ("lower", "upper"):
        calls[f"wilson {bound}"] = f"{{{{ wilson_bound('a', 'n', '{bound}') }}}}"
        calls[f"nps {bound}"] = f"{{{{ nps_bound('a', 'b', 'n', '{bound}') }}}}"
    return compile_expressions(tmp_path_factory.mktemp("macros"), calls)


def test_health_bands_divide_the_whole_numbers(
    warehouse: Warehouse, expressions: dict[str, str]
) -> None:
    found = warehouse.connection.execute(
        f"select n, {expressions['health_band']} from range(-5, 201) as numbers (n)"
        " order by n"
    ).fetchall()
    names = [band["band"] for band in project_vars()["health_bands"]]
    runs = [
        first
        for before, first in pairwise([(None, None), *found])
        if before[1] != first[1]
    ]
    assert runs == [(-5, names[0]), (41, names[1]), (71, names[2]), (101, names[3])]
    unknown = warehouse.connection.execute(
        f"select {expressions['health_band']} from (select cast(null as integer) as n)"
    ).fetchall()
    assert unknown == [(None,)]


Z = 1.959963984540054


def test_wilson_bounds(warehouse: Warehouse, expressions: dict[str, str]) -> None:
    """They hold the rate, and are the shares from which it is just z errors away."""
    found = warehouse.connection.execute(
        f"select a, n, {expressions['wilson lower']}, {expressions['wilson upper']}"
        " from range(61) as totals (n), range(61) as parts (a) where a <= n"
    ).fetchall()
    assert len(found) == 61 * 62 // 2
    for a, n, lower, upper in found:
        if n == 0:
            assert (lower, upper) == (None, None)
            continue
        assert 0 <= lower <= a / n <= upper <= 1
        assert (lower == 0) == (a == 0)
        assert (upper == 1) == (a == n)
        for bound in (lower, upper):
            if 0 < bound < 1:
                error = math.sqrt(bound * (1 - bound) / n)
                assert math.isclose(abs(a / n - bound), Z * error, rel_tol=1e-9)


def test_nps_bounds(warehouse: Warehouse, expressions: dict[str, str]) -> None:
    """Rule 14; they hold the score but for a single answer, and mirror each other."""
    found = warehouse.connection.execute(
        f"select a, b, n, {expressions['nps lower']}, {expressions['nps upper']}"
        " from range(31) as totals (n), range(31) as promoters (a),"
        " range(31) as detractors (b) where a + b <= n"
    ).fetchall()
    bounds = {(a, b, n): (lower, upper) for a, b, n, lower, upper in found}
    assert bounds.pop((0, 0, 0)) == (None, None)
    for (a, b, n), (lower, upper) in bounds.items():
        p, d = (a + 0.75) / (n + 3), (b + 0.75) / (n + 3)
        spread = Z * math.sqrt((p + d - (p - d) ** 2) / (n + 3))
        assert math.isclose(lower, max(-100, 100 * (p - d - spread)), abs_tol=1e-9)
        assert math.isclose(upper, min(100, 100 * (p - d + spread)), abs_tol=1e-9)
        assert -100 <= lower < upper <= 100
        assert n == 1 or lower <= 100 * (a - b) / n <= upper
        mirrored = bounds[b, a, n]
        assert math.isclose(lower, -mirrored[1], abs_tol=1e-9)


# ---- movements -----------------------------------------------------------------------

# Days on which a month, quarter or year begins or ends, and as_of.
EDGES = [
    *(end + days * DAY for _, end in months() for days in (-1, 0, 1)),
    FIRST_MONTH,
]
Period = tuple[str, date, "date | None", Decimal]


def some_periods(dice: random.Random) -> list[Period]:
    """Account, start, end and MRR of periods, of which several may run at once."""
    found = []
    for number in range(dice.randint(0, 12)):
        for _ in range(dice.randint(1, 5)):
            ends = [some_day(dice, DAYS), some_day(dice, DAYS), *dice.sample(EDGES, 3)]
            started_on, ended_on = sorted(dice.sample(ends, 2))
            if started_on == ended_on or started_on > AS_OF:
                started_on, ended_on = AS_OF, AS_OF + 40 * DAY
            mrr = Decimal(dice.choice(["0", "10", "20", "33.3333"]))
            is_open = dice.random() < 0.15
            found.append((f"a{number}", started_on, None if is_open else ended_on, mrr))
    return found


def daily_mrr(periods: list[Period]) -> dict[str, list[Decimal]]:
    """By account, its MRR on each day from the one before the first month to as_of."""
    found = {account: [Decimal(0)] * (DAYS + 2) for account, *_ in periods}
    for account, started_on, ended_on, mrr in periods:
        first = (started_on - FIRST_MONTH).days + 1
        last = (min(ended_on or AS_OF + DAY, AS_OF + DAY) - FIRST_MONTH).days + 1
        for day in range(first, last):
            found[account][day] += mrr
    return found


def start_of(grain: str, day: date) -> date:
    size = {"month": 1, "quarter": 3, "year": 12}[grain]
    return day.replace(month=(day.month - 1) // size * size + 1, day=1)


COUNTS = {
    *("customers_at_start", "new_customers", "reactivated_customers"),
    *("churned_customers", "customers_at_end", "new_and_lost_customers"),
}
SUMS = {
    *("mrr_at_start", "new_mrr", "reactivation_mrr", "expansion_mrr"),
    *("contraction_mrr", "churned_mrr", "mrr_at_end"),
}


def expected_period(
    daily: dict[str, list[Decimal]], first: date, end: date
) -> dict[str, Any]:
    """The content of a period's rows, by account and day."""
    found: dict[str, Any] = dict.fromkeys(COUNTS | SUMS, 0)
    since = max((first - FIRST_MONTH).days + 1, 1)
    until = (end - FIRST_MONTH).days + 1
    for days in daily.values():
        before, after = days[since - 1], days[until]
        found["customers_at_start"] += before > 0
        found["customers_at_end"] += after > 0
        found["mrr_at_start"] += before
        found["mrr_at_end"] += after
        if before == 0 and after > 0:
            paid_before = any(days[:since])
            found["reactivated_customers" if paid_before else "new_customers"] += 1
            found["reactivation_mrr" if paid_before else "new_mrr"] += after
        elif before > 0 and after == 0:
            found["churned_customers"] += 1
            found["churned_mrr"] += before
        elif before == 0:
            found["new_and_lost_customers"] += any(days[since : until + 1])
        elif after > before:
            found["expansion_mrr"] += after - before
        else:
            found["contraction_mrr"] += before - after
    return found


@EXAMPLES
def test_movements_keep_the_balances(warehouse: Warehouse, examples: int) -> None:
    """Of months, quarters and years, each from its own start to its own end."""

    def check(periods: list[Period]) -> None:
        warehouse.give_rows(
            "int_subscription_periods",
            {"account_id": "text", "started_on": "date", "ended_on": "date"}
            | {"mrr": "decimal(18, 4)"},
            periods,
        )
        warehouse.make("int_mrr_ledger", "int_mrr_months", "int_mrr_movements")
        rows = {
            (row["period_grain"], row["period_start"]): row
            for row in warehouse.rows("churn_by_period")
        }
        daily = daily_mrr(periods)
        paid_on = [started_on for _, started_on, _, mrr in periods if mrr > 0]
        ends = {
            (grain, start_of(grain, month)): end
            for month, end in months()
            for grain in ("month", "quarter", "year")
            if paid_on and start_of(grain, month) >= start_of(grain, min(paid_on))
        }
        assert rows.keys() == ends.keys()
        last: dict[str, dict[str, Any]] = {}
        for (grain, first), end in sorted(ends.items()):
            row = rows[grain, first]
            expected = expected_period(daily, first, end)
            assert {name: row[name] for name in expected} == expected
            assert (
                row["customers_at_start"]
                + row["new_customers"]
                + row["reactivated_customers"]
                - row["churned_customers"]
                == row["customers_at_end"]
            )
            assert (
                row["mrr_at_start"]
                + row["new_mrr"]
                + row["reactivation_mrr"]
                + row["expansion_mrr"]
                - row["contraction_mrr"]
                - row["churned_mrr"]
                == row["mrr_at_end"]
            )
            for kind in ("customers", "mrr"):
                before = last[grain][f"{kind}_at_end"] if grain in last else 0
                assert row[f"{kind}_at_start"] == before
            last[grain] = row
        for kind in ("customers_at_end", "mrr_at_end"):
            assert len({row[kind] for row in last.values()}) <= 1

    holds_for(examples, drawn_from(some_periods), check)
