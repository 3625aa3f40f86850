"""The demo data: 33 months of an invented SaaS company, the same bytes everywhere.

The order of the story is the order of this file. An account signs up, tries, pays and
perhaps leaves (`subscribe`); that determines how busy it is on each day (`set_tempo`),
and that in turn its logins, feature use, tickets, surveys and invoices. An account that
will leave cools down first, so that there is something to find.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from demo.dice import between, chance, noise, pick, weighted
from demo.notes import write_notes

FIRST_DAY = date(2024, 1, 1)
LAST_DAY = date(2026, 9, 20)
DAY = timedelta(1)
DAYS = [FIRST_DAY + n * DAY for n in range((LAST_DAY - FIRST_DAY).days + 1)]

Value = str | int | date | datetime | None
Row = list[Value]
Tables = dict[str, list[Row]]

COLUMNS = {
    "subscriptions": "subscription_id account_id plan billing_interval seats amount "
    "currency is_trial started_on ended_on cancel_reason",
    "logins": "login_id user_id account_id logged_in_at session_minutes",
    "surveys": "response_id survey_type question account_id user_id score comment "
    "sent_at responded_at",
    "accounts": "account_id account_name industry country employees "
    "acquisition_channel csm_owner signed_up_on is_internal updated_at",
    "users": "user_id account_id email role created_at deactivated_at",
    "feature_events": "event_id user_id account_id feature_key occurred_at",
    "support_tickets": "ticket_id account_id user_id priority opened_at "
    "first_response_at closed_at",
    "invoices": "invoice_id account_id amount currency issued_on due_on paid_on status",
    "referrals": "referral_id referrer_account_id referred_account_id referred_on",
    "costs": "date_month cost_type channel amount currency",
    "account_notes": "note_id account_id noted_on author csm_pulse risk_reason "
    "next_step",
    "exchange_rates": "currency rate_date rate_to_base",
}
# sort column and ids of a table; the others are generated in order, with ids
NUMBERED = {
    "subscriptions": ("started_on", "S", 4),
    "logins": ("logged_in_at", "L", 6),
    "surveys": ("sent_at", "R", 5),
    "feature_events": ("occurred_at", "E", 6),
    "support_tickets": ("opened_at", "T", 5),
    "invoices": ("issued_on", "I", 5),
    "referrals": ("referred_on", "F", 4),
    "account_notes": ("noted_on", "N", 4),
}

# -- what the company sells, and to whom -----------------------------------------------

# plan: weight, cents a seat and month, fewest and most users, monthly risk of leaving
PLANS = {
    "starter": (30, 2900, 1, 4, 0.042),
    "team": (38, 3900, 3, 9, 0.028),
    "business": (22, 4900, 6, 14, 0.014),
    "enterprise": (10, 6500, 12, 26, 0.006),
}
LADDER = list(PLANS)
LARGE = ("business", "enterprise")
ADDON_CENTS = 9900  # a month
# billing interval: months, percent of the list price
INTERVALS: dict[str, tuple[float, int]] = {
    "week": (12 / 52, 110),
    "month": (1, 100),
    "quarter": (3, 96),
    "half_year": (6, 92),
    "year": (12, 85),
}
INTERVAL_WEIGHTS = {
    "starter": {"week": 14, "month": 74, "quarter": 4, "year": 8},
    "team": {"week": 3, "month": 65, "quarter": 12, "half_year": 4, "year": 16},
    "business": {"month": 45, "quarter": 15, "half_year": 6, "year": 34},
    "enterprise": {"month": 18, "quarter": 16, "half_year": 10, "year": 56},
}
LIST_PRICE = {"USD": 100, "EUR": 92, "GBP": 80}  # percent of the price in USD
FIRST_RATES = {"EUR": 1.0850, "GBP": 1.2650}
CURRENCY_OF = {"GB": "GBP", "DE": "EUR", "FR": "EUR", "NL": "EUR", "ES": "EUR"}
COUNTRIES = {"US": 40, "GB": 15, "DE": 14, "FR": 8, "NL": 7, "CA": 6, "ES": 5, "AU": 5}
INDUSTRIES = "software software retail finance healthcare manufacturing education media"
# percent of the cost of acquisition; the rest is spent on no channel in particular
SPEND = {"paid_search": 34, "outbound": 24, "events": 17, "partner": 6, "referral": 4}
CHANNELS = "organic_search organic_search paid_search outbound referral partner events"
TEAMS = "team-north team-south team-digital"
NAME_STARTS = "Cedar Harbor Lumen Quartz Maple Orbit Pioneer Willow Cobalt Summit"
NAME_ENDS = "Analytics Logistics Health Foods Software Media Works Learning"
INTERNAL = (7, 60)  # internal accounts

CANCEL_REASONS = {
    "price": 24,
    "missing_features": 20,
    "competitor": 16,
    "support": 10,
    "business_closure": 8,
    "payment_failure": 8,
    "other": 6,
    "": 8,
}
PRICE_RISE = (date(2025, 6, 1), date(2025, 9, 1))  # more churn, with a reason

# -- what the product does -------------------------------------------------------------

# how often a busy account uses each feature once it has adopted it
FEATURES = {
    "dashboard": 30,
    "report_builder": 20,
    "automation": 13,
    "report_share": 10,
    "alert_rule": 9,
    "data_import": 7,
    "comment_thread": 3,
    "forecast": 3,
    "data_export": 3,
    "api_access": 2,
    "mobile_view": 2,
}
BASICS = ("dashboard", "report_builder", "data_import")  # at the start and at the end
LARGE_PLANS_ONLY = ("forecast", "api_access")
ONBOARDING = (
    "workspace_setup",
    "data_import",
    "report_share",
    "teammate_invite",
    "integration_connect",
)
UNMAPPED = "ai_summary_beta"  # used, but not in the feature catalogue yet
UNMAPPED_FROM = date(2026, 6, 15)
HABITS = {0.33: 52, 0.12: 25, 0.04: 14, 0.0: 9}  # chance of a login: share of users
WEEKDAY = (1.0, 1.08, 1.05, 1.0, 0.82, 0.10, 0.08)

SCALES = {"nps": (0, 10), "cli": (1, 10), "csat": (1, 5)}
# question: score of an account with the worst product fit
CLI_BASE = {"product_quality": 6.0, "customer_service": 6.4, "overall_experience": 5.8}
PROMOTER_COMMENTS = (
    "Love the dashboards 🎉",
    'Our team calls it "the morning page"',
    "Fast, clear, reliable",
    "Großartig, genau was wir brauchten",
    "Automations save us hours every week",
)
PASSIVE_COMMENTS = (
    "Good, but the export could be faster",
    "Solid; the mobile app needs work",
    "Prima, maar meer integraties graag",
    "Does the job",
)
DETRACTOR_COMMENTS = (
    "Too expensive for what we use",
    'Support said "next week", three times',
    "Hard to set up, nobody uses it 😕",
    "Größere Importe brechen ab",
    "Missing features we were promised",
)


@dataclass(frozen=True)
class Period:
    """One row of `subscriptions`: a period with unchanged terms."""

    subscription_id: str
    plan: str
    interval: str
    seats: int
    started_on: date
    ended_on: date | None = None
    is_trial: bool = False
    cancel_reason: str = ""


@dataclass(frozen=True)
class User:
    """A user of the product, and how often they use it."""

    user_id: str
    created_on: date
    deactivated_on: date
    habit: float  # chance of a login on a busy account's weekday
    mood: float  # offset of this person's scores from the account's


@dataclass
class Account:
    """An account's character, and what happens to it."""

    account_id: str
    signed_up_on: date
    dice: Random
    plan: str
    size: int  # users
    fit: float  # 0..1: product fit; determines nearly everything
    country: str
    channel: str
    discount: int  # percent of the list price it pays
    is_internal: bool
    is_stalled: bool  # never gets started
    periods: list[Period] = field(default_factory=list)
    coolings: list[tuple[date, date]] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    tempo: list[float] = field(default_factory=list)  # by day; 1 is busy, 0 is away

    @property
    def currency(self) -> str:
        """Its billing currency, which never changes."""
        return CURRENCY_OF.get(self.country, "USD")

    @property
    def paid_periods(self) -> list[Period]:
        """Its periods on a paid plan, without trials and add-ons."""
        return [p for p in self.periods if p.plan in PLANS and not p.is_trial]

    def new_subscription(self) -> str:
        """An id for its next subscription, until `number_rows` gives the final ones."""
        return f"{self.account_id}-{len({p.subscription_id for p in self.periods})}"

    def busy_days(self) -> Iterator[tuple[date, float]]:
        """The days on which it is a customer, and how busy."""
        return (
            (day, level) for day, level in zip(DAYS, self.tempo, strict=False) if level
        )

    def is_cooling(self, day: date) -> bool:
        """Whether it is about to leave, or in a bad patch, on that day."""
        return any(start <= day < end for start, end in self.coolings)

    def stretches(self) -> Iterator[tuple[Period, date]]:
        """Each period with the day on which it really ends, at most tomorrow."""
        for number, period in enumerate(self.periods):
            later = (
                other.started_on
                for other in self.periods[number + 1 :]
                if other.subscription_id == period.subscription_id
            )
            end = period.ended_on or next(later, LAST_DAY + DAY)
            yield period, min(end, LAST_DAY + DAY)


# -- dates -----------------------------------------------------------------------------


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = date(year + month // 11, (month + 1) % 12 + 1, 1) - DAY
    return date(year, month + 1, min(day.day, last.day))


def all_months() -> list[date]:
    """The first days of the demo's months."""
    count = (LAST_DAY.year - FIRST_DAY.year) * 12 + LAST_DAY.month
    return [add_months(FIRST_DAY, number) for number in range(count)]


def term_end(start: date, interval: str, terms: int) -> date:
    """The end of the n-th billing term of a period that starts then."""
    if interval == "week":
        return start + timedelta(7 * terms)
    return add_months(start, int(INTERVALS[interval][0]) * terms)


def moment(dice: Random, day: date) -> datetime:
    """A second of that day's working hours."""
    seconds = between(dice, 7 * 3600, 19 * 3600)
    return datetime.combine(day, time()) + timedelta(seconds=seconds)


# -- what accounts subscribe to --------------------------------------------------------


def sign_up_days(dice: Random) -> list[date]:
    """The day on which each account signs up: a launch, then steady growth."""
    days: list[date] = []
    for number, month in enumerate(all_months()):
        last = min(LAST_DAY, add_months(month, 1) - DAY).day
        a_month = 24 if number == 0 else 5 + number // 6 + between(dice, 0, 1)
        for _ in range(a_month * last // 30):
            days.append(month + timedelta(between(dice, 0, last - 1)))
    return sorted(days)


def found_account(number: int, signed_up_on: date, seed: int) -> Account:
    """An account and its character; it has its own random generator."""
    dice = Random(seed * 1000 + number)
    plan = weighted(dice, {plan: terms[0] for plan, terms in PLANS.items()})
    is_internal = number in INTERNAL
    fit = 0.95 if is_internal else (dice.random() + dice.random()) / 2
    return Account(
        account_id=f"A{number:04d}",
        signed_up_on=signed_up_on,
        dice=dice,
        plan=plan,
        size=between(dice, PLANS[plan][2], PLANS[plan][3]),
        fit=fit,
        country=weighted(dice, COUNTRIES),
        channel=pick(dice, CHANNELS.split()),
        discount=100 - 5 * max(0, between(dice, -4, 3)),
        is_internal=is_internal,
        is_stalled=not is_internal and chance(dice, 0.18 - 0.18 * fit),
    )


def subscribe(account: Account) -> None:
    """Fills the account's periods: after a trial or a free plan, or directly paid."""
    dice, start = account.dice, account.signed_up_on
    subscription_id = account.new_subscription()
    first = Period(subscription_id, account.plan, "month", account.size + 1, start)
    route = weighted(dice, {"trial": 58, "paid": 28, "free": 14})
    if account.is_internal or route == "paid":
        pay(account, start, subscription_id)
    elif route == "trial":
        end = start + timedelta(14 if chance(dice, 0.5) else 30)
        account.periods.append(replace(first, ended_on=end, is_trial=True))
        if chance(dice, 0.45 + 0.5 * account.fit):
            wait = 0 if chance(dice, 0.7) else between(dice, 1, 20)
            pay(account, end + timedelta(wait), subscription_id)
    else:
        end = add_months(start, between(dice, 1, 5))
        converts = end <= LAST_DAY and chance(dice, 0.3 + 0.5 * account.fit)
        free = replace(first, plan="free", ended_on=end if converts else None)
        account.periods.append(free)
        if converts:
            pay(account, end, subscription_id)
    add_on(account)
    if chance(dice, 0.14):  # a bad patch: not everybody who cools down leaves
        start += timedelta(between(dice, 60, 500))
        account.coolings.append((start, start + timedelta(between(dice, 25, 50))))


def pay(account: Account, start: date, subscription_id: str) -> None:
    """Consecutive paid terms, until it leaves or the demo ends."""
    if start > LAST_DAY:
        return
    dice = account.dice
    interval = weighted(dice, INTERVAL_WEIGHTS[account.plan])
    seats = account.size + between(dice, 0, 3)
    period = Period(subscription_id, account.plan, interval, seats, start)
    is_fixed = interval == "year" and chance(dice, 0.5)  # each year is a new period
    terms = 1
    while (end := term_end(period.started_on, period.interval, terms)) <= LAST_DAY:
        if chance(dice, risk(account, period, end)):
            return leave(account, period, end)
        terms += 1
        changed = change(account, period)
        if is_fixed or changed != period:
            # Exports leave old terms open; those of another plan would look like a
            # second item of the subscription, and the raw gate warns of these.
            is_left_open = chance(dice, 0.15) and changed.plan == period.plan
            closed = replace(period, ended_on=None if is_left_open else end)
            account.periods.append(closed)
            period, terms = replace(changed, started_on=end), 1
    account.periods.append(replace(period, ended_on=end if is_fixed else None))


def risk(account: Account, period: Period, day: date) -> float:
    """The chance that it leaves at the end of this term."""
    if account.is_internal:
        return 0
    share = PLANS[period.plan][4] * INTERVALS[period.interval][0]
    share *= max(0.15, 2.3 - 2.6 * account.fit) * (2 if account.is_stalled else 1)
    share *= 4 if period.interval == "week" else 1  # no strings attached
    return min(0.6, share * (1.5 if PRICE_RISE[0] <= day < PRICE_RISE[1] else 1))


def change(account: Account, period: Period) -> Period:
    """The terms that follow a term: mostly the same, more often more than less."""
    dice = account.dice
    if account.is_internal or not chance(dice, 0.09 * INTERVALS[period.interval][0]):
        return period
    is_growing = chance(dice, 0.5 + 0.5 * account.fit)
    if chance(dice, 0.75):
        some = between(dice, 1, 2 + period.seats // 6)
        seats = period.seats + some if is_growing else max(1, period.seats - some)
        return replace(period, seats=seats)
    step = LADDER.index(period.plan) + (1 if is_growing else -1)
    return replace(period, plan=LADDER[max(0, min(step, len(LADDER) - 1))])


def leave(account: Account, period: Period, end: date) -> None:
    """Ends the paid terms; some accounts come back, or downgrade to a free plan."""
    dice = account.dice
    is_price_rise = PRICE_RISE[0] <= end < PRICE_RISE[1]
    reason = weighted(dice, CANCEL_REASONS | ({"price": 72} if is_price_rise else {}))
    goes_on_free = chance(dice, 0.12)
    if goes_on_free:
        reason = pick(dice, ("freemium", "price", ""))
    account.periods.append(replace(period, ended_on=end, cancel_reason=reason))
    if reason not in ("business_closure", "payment_failure") and chance(dice, 0.88):
        account.coolings.append((end - timedelta(between(dice, 60, 100)), end))
    if goes_on_free:
        free = replace(period, plan="free", interval="month", started_on=end)
        account.periods.append(free)
    elif chance(dice, 0.15):
        back_on = end + timedelta(between(dice, 40, 170))
        pay(account, back_on, account.new_subscription())


def add_on(account: Account) -> None:
    """A second subscription for some of the large accounts."""
    dice, paid = account.dice, account.paid_periods
    if not paid or account.plan not in LARGE or not chance(dice, 0.35):
        return
    same = [p for p in paid if p.subscription_id == paid[0].subscription_id]
    start, end = add_months(paid[0].started_on, between(dice, 2, 9)), same[-1].ended_on
    if start < min(end or LAST_DAY, LAST_DAY):
        subscription_id = account.new_subscription()
        period = Period(subscription_id, "addon", "month", 1, start, end)
        account.periods.append(period)


def price(account: Account, period: Period) -> int:
    """Cents per billing interval, for all seats; a trial's is what it would cost."""
    if period.plan in ("free", "addon"):
        dollar_cents = ADDON_CENTS if period.plan == "addon" else 0.0
    else:
        months, share = INTERVALS[period.interval]
        dollar_cents = PLANS[period.plan][1] * period.seats * months
        dollar_cents *= share * account.discount / 10_000
    return int(dollar_cents * LIST_PRICE[account.currency] / 100)


def money(cents: int) -> str:
    """Cents as an amount."""
    return f"{cents // 100}.{cents % 100:02d}"


# -- what they do ----------------------------------------------------------------------


def set_tempo(account: Account) -> None:
    """How busy the account is on each day, from its periods and its future."""
    account.tempo = tempo = [0.0] * len(DAYS)
    paying = 1 if account.paid_periods else 0.45
    for period, end in account.stretches():
        for day in range((period.started_on - FIRST_DAY).days, (end - FIRST_DAY).days):
            tempo[day] = 0.4 if period.plan == "free" else paying
    for start, end in account.coolings:
        first, length = (start - FIRST_DAY).days, (end - start).days
        for day in range(max(0, first), min(len(DAYS), first + length)):
            tempo[day] *= max(0.1, 1 - 1.3 * (day - first) / length)
    engagement = (0.55 + 0.75 * account.fit) * (0.3 if account.is_stalled else 1)
    for number, today in enumerate(DAYS):
        ramp = min(1, 0.45 + (today - account.signed_up_on).days / 40)
        is_holiday = today.month == 12 and today.day > 22
        season = 0.45 if is_holiday else 0.93 if today.month == 8 else 1
        tempo[number] *= engagement * ramp * season * WEEKDAY[today.weekday()]


def invite_users(account: Account, tables: Tables) -> None:
    """The account's users: half join immediately, the others over time."""
    dice = account.dice
    days = [day for day, _ in account.busy_days()] or [account.signed_up_on]
    has_left = days[-1] < LAST_DAY - timedelta(3)
    for number in range(
        account.size if account.paid_periods else account.size // 2 + 1
    ):
        reach = 1 if number == 0 else 14 if chance(dice, 0.5) else 500
        created = days[between(dice, 0, min(len(days), reach) - 1)]
        gone = date.max
        if has_left and chance(dice, 0.85):
            gone = days[-1] + timedelta(between(dice, 1, 12))
        elif number and chance(dice, 0.12):  # somebody changes jobs
            gone = created + timedelta(between(dice, 90, 900))
        habit = weighted(dice, HABITS) if number else max(HABITS)
        user_id = f"U{len(tables['users']) + 1:05d}"
        account.users.append(User(user_id, created, gone, habit, noise(dice)))
        email = f"user{user_id[1:]}@example.{pick(dice, ('com', 'org', 'net'))}"
        role = "admin" if number == 0 else pick(dice, ("member", "member", "viewer"))
        created_at = datetime.combine(created, time(6, between(dice, 0, 59)))
        gone_at = moment(dice, gone)
        row: Row = [user_id, account.account_id, email, role, created_at, gone_at]
        tables["users"].append(row)


def present(account: Account, day: date) -> list[User]:
    """The users who have access on that day."""
    return [u for u in account.users if u.created_on <= day < u.deactivated_on]


def own_features(account: Account) -> dict[str, float]:
    """The features that the account uses, weighted: the better the fit, the more."""
    own: dict[str, float] = {}
    for feature, weight in FEATURES.items():
        is_within_plan = account.plan in LARGE or feature not in LARGE_PLANS_ONLY
        is_liked = chance(account.dice, 0.35 + 0.6 * account.fit)
        if feature in BASICS or (
            is_liked and is_within_plan and not account.is_stalled
        ):
            own[feature] = weight
    return own


def use_product(account: Account, tables: Tables) -> None:
    """Logins and feature events, day by day and user by user."""
    dice, own = account.dice, own_features(account)
    basics = {feature: own[feature] for feature in BASICS}
    steps = [step for step in ONBOARDING if chance(dice, 0.6 + 0.4 * account.fit)]
    steps = steps[:1] if account.is_stalled else steps
    for day, level in account.busy_days():
        age = (day - account.signed_up_on).days
        is_limited = account.is_cooling(day) or (len(steps) > 1 and age < 45)
        for user in present(account, day):
            if not chance(dice, user.habit * level):
                continue
            used = [weighted(dice, basics if is_limited else own)]
            if chance(dice, 0.08):
                used.append(weighted(dice, own))
            while steps and age < 60 and chance(dice, 0.2 + 0.6 * account.fit):
                used.append(steps.pop(0))
            if day >= UNMAPPED_FROM and chance(dice, 0.005):
                used.append(UNMAPPED)
            ids = ["", user.user_id, account.account_id]
            now = moment(dice, day)
            for _ in range(2 if chance(dice, 0.05) else 1):
                minutes = between(dice, 2, 40) + between(dice, 0, 30)
                is_reported = chance(dice, 0.96)  # some clients do not report it
                tables["logins"].append([*ids, now, minutes if is_reported else None])
                now += timedelta(minutes=minutes)
            for feature in used:
                now += timedelta(seconds=between(dice, 30, 900))
                tables["feature_events"].append([*ids, feature, now])


def open_tickets(account: Account, tables: Tables) -> None:
    """Support tickets, more of them in bad times, and how content they left people."""
    dice = account.dice
    for day, _ in account.busy_days():
        is_cooling = account.is_cooling(day)
        rate = (0.022 - 0.012 * account.fit) * (4.5 if is_cooling else 1)
        rate *= 0.5 + account.size / 12
        is_closed = day.weekday() > 4  # so is support
        if is_closed or not chance(dice, rate) or not present(account, day):
            continue
        user, opened = pick(dice, present(account, day)), moment(dice, day)
        hurry = 3 if is_cooling else 1
        weights = {"low": 24, "normal": 52, "high": 17 * hurry, "urgent": 6 * hurry}
        answered = opened + timedelta(minutes=between(dice, 5, 600 * hurry))
        closed = answered + timedelta(hours=between(dice, 1, 100 * hurry))
        row: Row = ["", account.account_id, user.user_id, weighted(dice, weights)]
        tables["support_tickets"].append([*row, opened, answered, closed])
        if chance(dice, 0.4) and closed.date() < LAST_DAY:
            score = 3.1 + 2.2 * account.fit + user.mood + noise(dice) - 0.5 * hurry
            asked = closed + timedelta(hours=1)
            ask(account, user, asked, "csat", {"satisfaction": score + 0.5}, tables)


def survey(account: Account, tables: Tables) -> None:
    """NPS about every quarter, to some of the users; CLI every half year, to one."""
    dice = account.dice
    first = (account.signed_up_on - FIRST_DAY).days + between(dice, 25, 80)
    for wave, number in enumerate(range(first, len(DAYS), 88)):
        day = DAYS[number]
        users = [user for user in present(account, day) if user.habit]
        if not account.tempo[number] or not users:
            continue
        warmth = 7.0 * account.fit - (3.6 if account.is_cooling(day) else 0)
        for user in users:
            if chance(dice, 0.3):
                score = 4.8 + warmth + 1.5 * user.mood + 2 * noise(dice)
                scores = {"recommend": score}
                ask(account, user, moment(dice, day), "nps", scores, tables)
        if wave % 2 == 0:
            user = pick(dice, users)
            scores = {
                question: base + 0.6 * warmth + user.mood + 1.6 * noise(dice)
                for question, base in CLI_BASE.items()
            }
            ask(account, user, moment(dice, day), "cli", scores, tables)


def ask(
    account: Account,
    user: User,
    sent: datetime,
    survey_type: str,
    scores: dict[str, float],
    tables: Tables,
) -> None:
    """Sends one survey; fewer answer in bad times. Its questions share one id."""
    dice, (low, high) = account.dice, SCALES[survey_type]
    answered = sent + timedelta(minutes=between(dice, 3, 9000))
    is_answered = chance(dice, 0.36 if account.is_cooling(sent.date()) else 0.46)
    is_answered = is_answered and answered.date() <= LAST_DAY
    survey_id = f"{account.account_id}-{len(tables['surveys'])}"
    for question, exact in scores.items():
        row: Row = [survey_id, survey_type, question, account.account_id, user.user_id]
        score = max(low, min(high, int(exact + 0.5)))
        has_comment = survey_type == "nps" and chance(dice, 0.3)
        comment = pick(dice, comments(score)) if has_comment else None
        answer: Row = [score, comment, sent, answered]
        tables["surveys"].append(
            row + (answer if is_answered else [None, None, sent, None])
        )


def comments(score: int) -> tuple[str, ...]:
    """A comment that matches the NPS score."""
    if score > 8:
        return PROMOTER_COMMENTS
    return PASSIVE_COMMENTS if score > 6 else DETRACTOR_COMMENTS


def invoice(account: Account, tables: Tables) -> None:
    """One invoice per billing term, most of them paid in time."""
    for period, end in account.stretches():
        cents = 0 if period.is_trial else price(account, period)
        due_days = 30 if period.interval == "year" or period.plan in LARGE else 14
        issued, terms = period.started_on, 0
        while cents and issued < end:
            due = issued + timedelta(due_days)
            row: Row = ["", account.account_id, money(cents), account.currency]
            row += [issued, due, *settle(account, issued, due)]
            tables["invoices"].append(row)
            terms += 1
            issued = term_end(period.started_on, period.interval, terms)


def settle(account: Account, issued: date, due: date) -> tuple[date | None, str]:
    """When an invoice is paid, if at all, and its status on the last day."""
    dice, is_cooling = account.dice, account.is_cooling(due)
    if chance(dice, 0.012):
        return None, "void"
    if chance(dice, 0.3 if is_cooling else 0.003):
        return None, "uncollectible" if due + timedelta(90) < LAST_DAY else "open"
    if chance(dice, 0.75 if is_cooling else 0.05):
        paid = due + timedelta(between(dice, 3, 60 if is_cooling else 25))
    else:
        paid = issued + timedelta(between(dice, 0, (due - issued).days))
    return (paid, "paid") if paid <= LAST_DAY else (None, "open")


# -- what the company itself knows -----------------------------------------------------


def describe(account: Account, tables: Tables) -> None:
    """The account's own row, with some gaps, and its subscriptions' rows."""
    dice, account_id = account.dice, account.account_id
    name = f"{pick(dice, NAME_STARTS.split())} {pick(dice, NAME_ENDS.split())}"
    name = "Internal Sandbox" if account.is_internal else name
    industry = pick(dice, INDUSTRIES.split())
    updated = moment(dice, account.signed_up_on + timedelta(between(dice, 0, 60)))
    row: Row = [
        account_id,
        f"{name} {account_id[2:]}",
        industry if chance(dice, 0.94) else None,
        account.country if chance(dice, 0.97) else None,
        account.size * between(dice, 2, 40) if chance(dice, 0.92) else None,
        account.channel,
        pick(dice, TEAMS.split()),
        account.signed_up_on,
        account.is_internal,
        min(updated, datetime.combine(LAST_DAY, time(6))),
    ]
    tables["accounts"].append(row)
    for period in account.periods:
        row = [period.subscription_id, account_id, period.plan, period.interval]
        row += [period.seats, money(price(account, period)), account.currency]
        row += [period.is_trial, period.started_on, period.ended_on]
        tables["subscriptions"].append([*row, period.cancel_reason])


def refer(accounts: list[Account], dice: Random, tables: Tables) -> None:
    """Happy accounts recommend the product; not every friend signs up."""
    friends: list[tuple[date, str | None]] = [
        (account.signed_up_on - timedelta(between(dice, 0, 21)), account.account_id)
        for account in accounts
        if account.channel == "referral"
    ]
    friends += (
        (FIRST_DAY + timedelta(between(dice, 60, len(DAYS) - 1)), None)
        for _ in range(36)
    )
    for day, friend in friends:
        number = (day - FIRST_DAY).days
        happy = [a.account_id for a in accounts if a.fit > 0.55 and a.tempo[number]]
        if number > 0 and happy:
            tables["referrals"].append(["", pick(dice, happy), friend, day])


def spend(accounts: list[Account], dice: Random, tables: Tables) -> None:
    """Each month's cost of acquisition and retention."""
    for month in all_months():
        new = sum(a.signed_up_on.replace(day=1) == month for a in accounts)
        kept = sum(a.tempo[(month - FIRST_DAY).days] > 0 for a in accounts)
        won = 500_000 + 200_000 * new + between(dice, -90_000, 90_000)
        care = 250_000 + 5_500 * kept + between(dice, -30_000, 30_000)
        by_channel = {name: won * percent // 100 for name, percent in SPEND.items()}
        by_channel[""] = won - sum(by_channel.values())
        rows = [("acquisition", *row) for row in by_channel.items()]
        for cost_type, channel, cents in [*rows, ("retention", "", care)]:
            row: Row = [month, cost_type, channel, money(cents), "USD"]
            tables["costs"].append(row)


def quote_rates(dice: Random, tables: Tables) -> None:
    """USD for one unit, monthly: a drift that returns. One before the first day."""
    for currency, first in FIRST_RATES.items():
        rate = first
        for month in [add_months(FIRST_DAY, -1), *all_months()]:
            tables["exchange_rates"].append([currency, month, f"{rate:.4f}"])
            rate += 0.02 * first * noise(dice) + 0.05 * (first * 1.03 - rate)


def plant_bad_rows(tables: Tables) -> list[tuple[str, str]]:
    """Adds what real exports get wrong, a few rows at the end of each table.

    Args:
        tables: The finished tables; the bad rows are appended.

    Returns:
        Table and reason, as `rejected_rows` should have them, of each bad row.
    """
    planted: list[tuple[str, str]] = []

    def plant(table: str, reason: str, model: int, **changes: Value) -> None:
        """Appends a copy of the table's n-th row with these changes."""
        row = dict(zip(COLUMNS[table].split(), tables[table][model], strict=True))
        tables[table].append(list((row | changes).values()))
        planted.append((table, reason))

    # Delivered twice; of an account, an earlier state: the later updated_at stays.
    plant("logins", "duplicate_key", 41_000)
    plant("logins", "duplicate_key", 41_001)
    plant("feature_events", "duplicate_key", 37_000)
    earlier = "2024-01-01T00:00:00Z"
    plant("accounts", "duplicate_key", 30, employees=3, updated_at=earlier)

    # Terms that cannot be, each under a new id: S9001, S9002 ...
    sound: dict[str, Value] = {"plan": "team", "seats": 5, "amount": "195.00"}
    sound |= {"started_on": "2025-03-01", "ended_on": "2025-09-01"}
    wrong: dict[str, dict[str, Value]] = {
        "ends_before_start": {"ended_on": "2025-02-01"},
        "unknown_currency": {"currency": "XYZ"},
        "unknown_account": {"account_id": "A9999"},
        "invalid_amount": {"amount": "-49.00"},
        "missing_amount": {"amount": None},
        "unparseable_started_on": {"started_on": "2026-7-9"},
    }
    for number, (reason, fault) in enumerate(wrong.items(), start=9001):
        changes = {"subscription_id": f"S{number}"} | sound | fault
        plant("subscriptions", reason, 90, **changes)
    # A second set of terms within a period that has an end.
    for model, row in enumerate(tables["subscriptions"]):
        is_trial, start, end = row[7:10]
        if not is_trial and isinstance(start, date) and isinstance(end, date):
            within = start + (end - start) // 2
            plant("subscriptions", "overlapping_period", model, started_on=within)
            break

    # Nobody of that name.
    nobody = {"user_id": "U99999"}
    plant("logins", "unknown_user", 52_000, login_id="L900001", **nobody)
    plant("feature_events", "unknown_user", 48_000, event_id="E900001", **nobody)
    plant("users", "unknown_account", 100, user_id="U90001", account_id="A9999")

    # Dates without their zeros, of another order, or within a month.
    bad = {"login_id": "L900002", "logged_in_at": "2026-7-9"}
    plant("logins", "unparseable_logged_in_at", 52_001, **bad)
    bad = {"invoice_id": "I90001", "due_on": "30/06/2026"}
    plant("invoices", "unparseable_due_on", 900, **bad)
    plant("costs", "invalid_date_month", 10, date_month="2026-05-15")

    # Scores off the scale, an answer without its time, a question of another survey.
    rows = enumerate(tables["surveys"])
    model = next(n for n, row in rows if row[1] == "nps" and row[5] == 7)
    plant("surveys", "invalid_score", model, response_id="R90001", score="11")
    plant("surveys", "invalid_score", model, response_id="R90002", score="8.5")
    bad = {"response_id": "R90003", "responded_at": ""}
    plant("surveys", "missing_responded_at", model, **bad)
    bad = {"response_id": "R90004", "question": "satisfaction"}
    plant("surveys", "invalid_question", model, **bad)

    # Values that are not accepted, and a rate of zero.
    bad = {"ticket_id": "T90001", "priority": "critical"}
    plant("support_tickets", "invalid_priority", 200, **bad)
    plant("invoices", "unknown_currency", 901, invoice_id="I90002", currency="XYZ")
    bad = {"rate_date": "2026-09-15", "rate_to_base": "0"}
    plant("exchange_rates", "invalid_rate_to_base", 5, **bad)
    return planted


# -- all together ----------------------------------------------------------------------


def spell(value: Value) -> str:
    """A value as in the extracts, which do not contain the future yet."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z" if value.date() <= LAST_DAY else ""
    return "" if value is None else str(value)


def number_rows(rows: list[Row], sort_by: int, prefix: str, width: int) -> None:
    """Sorts rows by time and gives them their ids; rows that shared one still do."""
    rows.sort(key=lambda row: spell(row[sort_by]))
    ids: dict[Value, str] = {}
    for row in rows:
        new_id = f"{prefix}{len(ids) + 1:0{width}d}"
        row[0] = ids.setdefault(row[0] or new_id, new_id)


def tell_story(seed: int) -> Tables:
    """All tables, without bad rows."""
    tables: Tables = {table: [] for table in COLUMNS}
    dice = Random(seed)
    accounts = [
        found_account(number, signed_up_on, seed)
        for number, signed_up_on in enumerate(sign_up_days(dice), start=1)
    ]
    for account in accounts:
        subscribe(account)
        set_tempo(account)
        for act in (invite_users, use_product, open_tickets, survey, invoice, describe):
            act(account, tables)
        tables["account_notes"] += write_notes(account, tables["accounts"][-1][6])
    for business in (refer, spend):
        business(accounts, dice, tables)
    quote_rates(dice, tables)
    for table, (sort_by, prefix, width) in NUMBERED.items():
        column = COLUMNS[table].split().index(sort_by)
        number_rows(tables[table], column, prefix, width)
    return tables


def generate(folder: Path, seed: int = 20240101) -> dict[str, int]:
    """Write the demo data: `<table>.csv` for every table of the contract.

    Args:
        folder: Output folder; created if missing.
        seed: Another seed gives other data. The committed data uses the default.

    Returns:
        Rows per table.
    """
    tables = tell_story(seed)
    plant_bad_rows(tables)
    folder.mkdir(parents=True, exist_ok=True)
    for table, rows in tables.items():
        path = folder / f"{table}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS[table].split())
            writer.writerows([spell(value) for value in row] for row in rows)
    return {table: len(rows) for table, rows in tables.items()}


if __name__ == "__main__":
    print(generate(Path(__file__).parent / "data"))
