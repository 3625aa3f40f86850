"""Accounts, users and facts in scope, as of one day (rules 2, 7, 10, 15, 74).

    accepted = accept(read_csv_folder(folder), config)
    ctx = context(accepted, as_of=date(2024, 2, 29), timezone="UTC", config=config)

`Context` holds what every metric is made of; the facts are frozen dataclasses whose
fields are the contract's columns, plus these:

- `date_day` (logins, feature events), `created_on`, `deactivated_on` (users),
  `sent_on`, `responded_on` (surveys), `opened_on`, `closed_on`, `first_response_on`
  (tickets): the day of the moment in the reporting time zone. The moments themselves
  stay naive UTC.
- `Subscription.mrr`, `Invoice.amount_base`, `Cost.amount_base`, `ReportedMrr.mrr_base`:
  Decimal, base currency.

Facts dated after as_of are not here. Second dates after as_of are None (a survey
answered later has neither score nor responded_at), with two exceptions: `ended_on` is
published as it is, and `paid_on` stays, since "paid without a date" means something
else. No comparison with a day up to as_of sees a difference.

`accounts` and `users` are dicts by id, in scope: internal ones are not in them, nor are
their facts. Where the tables are absent, or do not know an id that is used, they are
derived (attributes None). `has_source(table)`: whether the table is a source at all.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from .arithmetic import add_months, month_of, months_between
from .rows import RAW_CONFIG, Accepted, Row

UTC = ZoneInfo("UTC")

# The vars of dbt_project.yml that definitions name, with their defaults.
CONFIG: dict[str, Any] = {
    **RAW_CONFIG,
    "freshness": {
        "subscriptions": {"warn_days": 45, "fail_days": 90},
        "logins": {"warn_days": 3, "fail_days": 14},
        "surveys": {"warn_days": 45, "fail_days": 120},
        "accounts": {"warn_days": 90, "fail_days": 365},
        "users": {"warn_days": 45, "fail_days": 120},
        "feature_events": {"warn_days": 3, "fail_days": 14},
        "support_tickets": {"warn_days": 14, "fail_days": 45},
        "invoices": {"warn_days": 45, "fail_days": 90},
        "referrals": {"warn_days": 180, "fail_days": 365},
        "costs": {"warn_days": 62, "fail_days": 120},
        "mrr_reported": {"warn_days": 62, "fail_days": 120},
        "exchange_rates": {"warn_days": 45, "fail_days": 120},
    },
    "gross_margin": 0.80,
    "annual_discount_rate": 0.10,
    "clv_horizon_months": 36,
    "mau_window_days": 30,
    "adoption_min_days": 4,
    "onboarding_days": 90,
    "trial_conversion_window_days": 30,
    "small_sample_size": 30,
    "low_ratio_threshold": 3,
    "publish_comments": False,
    "health_window_days": 30,
    "health_weights": {"usage": 40, "billing": 30, "support": 20, "nps": 10},
    "usage_target_per_user": 20,
    "usage_score_cap": 150,
    "ticket_penalties": {"urgent": 25, "high": 15, "normal": 5, "low": 2},
    "billing_scores": [
        {"max_days_overdue": 0, "score": 100},
        {"max_days_overdue": 15, "score": 60},
        {"max_days_overdue": 30, "score": 30},
    ],
    "health_bands": [
        {"band": "red", "max_score": 40},
        {"band": "yellow", "max_score": 70},
        {"band": "green", "max_score": 100},
        {"band": "thriving", "max_score": None},
    ],
    "nps_health_window_days": 180,
    "alert_thresholds": {
        "score_drop": 15,
        "usage_drop_share": 0.5,
        "usage_drop_min_user_days": 10,
        "usage_drop_window_days": 28,
        "inactive_days": 14,
        "stalled_from_day": 30,
        "event_months": 12,
        "detractor_open_days": 30,
    },
    "renewal_window_days": 90,
    "min_score_coverage": 0.4,
    "future_end_is_cancellation": True,
    "feature_retention_days": [7, 14, 30, 60, 90],
}


@dataclass(frozen=True)
class Account:
    """An account in scope."""

    account_id: str
    account_name: str | None = None
    industry: str | None = None
    country: str | None = None
    employees: int | None = None
    acquisition_channel: str | None = None
    csm_owner: str | None = None
    signed_up_on: date | None = None
    segments: Mapping[str, str] = field(default_factory=dict)  # of var segments
    is_inferred: bool = False


@dataclass(frozen=True)
class User:
    """A user in scope, with its own account."""

    user_id: str
    account_id: str
    email: str | None
    role: str | None
    created_at: datetime
    created_on: date
    deactivated_at: datetime | None
    deactivated_on: date | None
    is_inferred: bool = False


@dataclass(frozen=True)
class Subscription:
    """A subscription item's period with unchanged terms."""

    subscription_id: str
    subscription_item_id: str  # '' where there is none
    account_id: str
    plan: str
    billing_interval: str
    seats: int | None
    amount: Decimal
    list_amount: Decimal | None
    currency: str
    is_trial: bool
    started_on: date
    ended_on: date | None
    is_end_delivered: bool  # not filled in by rule 6
    cancel_reason: str
    has_cancel_reason: bool
    term_months: int | None
    mrr: Decimal


@dataclass(frozen=True)
class Login:
    """A login."""

    login_id: str
    user_id: str
    account_id: str
    logged_in_at: datetime
    session_minutes: Decimal | None
    date_day: date


@dataclass(frozen=True)
class FeatureEvent:
    """The use of a feature."""

    event_id: str
    user_id: str
    account_id: str
    feature_key: str
    occurred_at: datetime
    date_day: date


@dataclass(frozen=True)
class Survey:
    """A question of a survey, answered or not."""

    response_id: str
    survey_type: str
    question: str
    account_id: str
    user_id: str | None
    score: int | None
    comment: str | None
    sent_at: datetime
    sent_on: date
    responded_at: datetime | None
    responded_on: date | None


@dataclass(frozen=True)
class SupportTicket:
    """A support ticket."""

    ticket_id: str
    account_id: str
    user_id: str | None
    priority: str
    opened_at: datetime
    opened_on: date
    first_response_at: datetime | None
    first_response_on: date | None
    closed_at: datetime | None
    closed_on: date | None


@dataclass(frozen=True)
class Invoice:
    """An invoice."""

    invoice_id: str
    account_id: str
    amount: Decimal
    currency: str
    issued_on: date
    due_on: date
    paid_on: date | None
    status: str
    amount_base: Decimal


@dataclass(frozen=True)
class Referral:
    """A referral, to an account or to somebody unknown."""

    referral_id: str
    referrer_account_id: str
    referred_account_id: str | None
    referred_on: date


@dataclass(frozen=True)
class Cost:
    """What a month's acquisition or retention cost."""

    date_month: date
    cost_type: str
    channel: str  # '' where there is none
    amount: Decimal
    currency: str
    amount_base: Decimal


@dataclass(frozen=True)
class ReportedMrr:
    """The MRR of an account at a month's end, as the billing system reports it."""

    account_id: str
    date_month: date
    mrr: Decimal
    currency: str
    mrr_base: Decimal


@dataclass(frozen=True)
class Note:
    """What somebody wrote about an account."""

    note_id: str
    account_id: str
    noted_on: date
    author: str | None
    csm_pulse: int | None
    risk_reason: str | None
    next_step: str | None


@dataclass(frozen=True)
class History:
    """What snapshots kept (rules 12, 82).

    `accounts`: versions of accounts, with `account_id`, `valid_from` and attributes.
    `starts`: the first snapshot with rows of a table.
    """

    accounts: tuple[Row, ...] = ()
    starts: Mapping[str, date] = field(default_factory=dict)

    def version(self, account_id: str, day: date) -> Row | None:
        """The attributes of an account at the end of a day; None if not known."""
        known = [
            row
            for row in self.accounts
            if row["account_id"] == account_id and row["valid_from"] <= day
        ]
        return max(known, key=lambda row: row["valid_from"], default=None)


@dataclass(frozen=True)
class RenewalModel:
    """A fitted model of renewals: `intercept`, `band=red`, `plan=team` and so on."""

    trained_until: date  # on terms that were decided before this day
    coefficients: Mapping[str, float]
    covariances: Mapping[tuple[str, str], float]  # of each pair in both orders


@dataclass(frozen=True)
class Identity:
    """What a source says of a company: its id there, in another system, its domain."""

    source: str
    alias_id: str
    external_id: str | None = None
    domain: str | None = None


@dataclass(frozen=True)
class Mention:
    """A row of a source that names a company; invoices, tickets, surveys have a day."""

    source: str
    company_id: str
    is_activity: bool = False
    seen_at: datetime | date | None = None


@dataclass(frozen=True)
class Naming:
    """How sources (var `sources`) name companies; nothing where no source is named."""

    sources: Mapping[str, str | list[str]] = field(default_factory=dict)
    identities: tuple[Identity, ...] = ()
    mentions: tuple[Mention, ...] = ()
    merged: Mapping[str, str] = field(default_factory=dict)  # by their own source

    def sources_of(self, table: str) -> list[str]:
        """The sources that a raw table comes from."""
        named = self.sources.get(table, [])
        return [named] if isinstance(named, str) else list(named)

    @property
    def every_source(self) -> list[str]:
        """Each one that is named, once."""
        return sorted(
            {name for table in self.sources for name in self.sources_of(table)}
        )


@dataclass
class Context:
    """Everything in scope, as of a day, in a reporting time zone."""

    as_of: date
    timezone: ZoneInfo
    config: dict[str, Any]
    accepted: Accepted
    accounts: dict[str, Account] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    subscriptions: list[Subscription] = field(default_factory=list)
    logins: list[Login] = field(default_factory=list)
    feature_events: list[FeatureEvent] = field(default_factory=list)
    surveys: list[Survey] = field(default_factory=list)
    tickets: list[SupportTicket] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    referrals: list[Referral] = field(default_factory=list)
    costs: list[Cost] = field(default_factory=list)
    mrr_reported: list[ReportedMrr] = field(default_factory=list)
    account_notes: list[Note] = field(default_factory=list)
    next_paid_start: dict[str, date] = field(default_factory=dict)  # after as_of
    history: History = field(default_factory=History)
    renewal_models: tuple[RenewalModel, ...] = ()  # given, not computed
    naming: Naming = field(default_factory=Naming)

    def has_source(self, table: str) -> bool:
        """A table that is missing or has no accepted row is an absent source."""
        return self.accepted.is_given(table)

    def day_of(self, moment: datetime) -> date:
        """The day of a moment in the reporting time zone (rule 5)."""
        return moment.replace(tzinfo=UTC).astimezone(self.timezone).date()

    def months_from(self, first: date) -> list[date]:
        """Every month from the one of `first` to the one of as_of."""
        return months_between(first, self.as_of)

    @property
    def support_tickets(self) -> list[SupportTicket]:
        """The tickets, under the raw table's name."""
        return self.tickets


def context(
    accepted: Accepted,
    as_of: date,
    timezone: str = "UTC",
    config: Mapping[str, Any] | None = None,
    history: History | None = None,
) -> Context:
    """What is in scope as of a day: the facts first, then whose they are."""
    ctx = Context(
        as_of=as_of,
        timezone=ZoneInfo(timezone),
        config={**copy.deepcopy(CONFIG), **(config or {})},
        accepted=accepted,
        history=history or History(),
    )
    _take_facts(ctx)
    given, seen = _given_users(ctx), _seen_users(ctx)
    if not ctx.has_source("users"):
        ctx.users = seen
    else:
        ctx.users = {**_inferred_users(ctx, seen), **given}
    internal = _internal_accounts(ctx)
    _drop_internal(ctx, internal, {**seen, **given})
    ctx.accounts = _accounts(ctx, internal)
    return ctx


def _infers(ctx: Context, table: str) -> bool:
    """Whether ids that a table does not know become members (rule 74)."""
    return bool(ctx.config["unknown_ids"] == "infer") and ctx.has_source(table)


def _internal_accounts(ctx: Context) -> set[str]:
    """Rule 10; rows dated after as_of or deleted at the source count too."""
    accepted = ctx.accepted
    internal = {
        row["account_id"] for row in accepted.tables["accounts"] if row["is_internal"]
    }
    if _infers(ctx, "accounts"):
        internal |= accepted.hidden["accounts"]
        internal |= {
            account_id
            for account_id, row in accepted.deleted["accounts"].items()
            if row["is_internal"]
        }
    return internal


ATTRIBUTES = (
    "account_name",
    "industry",
    "country",
    "employees",
    "acquisition_channel",
    "csm_owner",
    "signed_up_on",
    "segments",
)


def _accounts(ctx: Context, internal: set[str]) -> dict[str, Account]:
    """Every account that signed up, or has a used fact, by as_of (rules 15, 74)."""
    rows = {row["account_id"]: row for row in ctx.accepted.tables["accounts"]}
    referred = {referral.referred_account_id for referral in ctx.referrals}
    seen = _ids_seen(ctx) | {account for account in referred if account in rows}
    if not ctx.has_source("accounts"):
        seen |= {account for account in referred if account}
    found = {}
    for account_id in {*seen, *rows} - internal:
        row = rows.get(account_id)
        is_inferred = row is None and _infers(ctx, "accounts")
        if is_inferred:
            row = ctx.accepted.deleted["accounts"].get(account_id)
        if row is not None and row["signed_up_on"] and row["signed_up_on"] > ctx.as_of:
            row = None  # nothing else of it is used (rule 2)
        if row is None and account_id not in seen:
            continue
        attributes = {name: row[name] for name in ATTRIBUTES} if row else {}
        found[account_id] = Account(account_id, is_inferred=is_inferred, **attributes)
    return found


def _take_facts(ctx: Context) -> None:
    """The facts dated by as_of (rule 2)."""
    tables, as_of = ctx.accepted.tables, ctx.as_of
    ctx.subscriptions = [
        Subscription(**row)
        for row in tables["subscriptions"]
        if row["started_on"] <= as_of
    ]
    for row in tables["subscriptions"]:
        if row["started_on"] > as_of and row["mrr"] > 0:  # for rule 77 alone
            account_id, start = row["account_id"], row["started_on"]
            earliest = min(start, ctx.next_paid_start.get(account_id, start))
            ctx.next_paid_start[account_id] = earliest
    for row in tables["logins"]:
        day = ctx.day_of(row["logged_in_at"])
        if day <= as_of:
            ctx.logins.append(Login(**row, date_day=day))
    for row in tables["feature_events"]:
        day = ctx.day_of(row["occurred_at"])
        if day <= as_of:
            ctx.feature_events.append(FeatureEvent(**row, date_day=day))
    for row in tables["surveys"]:
        sent_on = ctx.day_of(row["sent_at"])
        if sent_on <= as_of:
            days = _second_moments(ctx, row, "responded_at")
            answered = days["responded_on"] is not None
            days["score"] = row["score"] if answered else None
            days["comment"] = row["comment"] if answered else None
            ctx.surveys.append(Survey(**{**row, **days}, sent_on=sent_on))
    for row in tables["support_tickets"]:
        opened_on = ctx.day_of(row["opened_at"])
        if opened_on <= as_of:
            days = _second_moments(ctx, row, "first_response_at", "closed_at")
            ctx.tickets.append(SupportTicket(**{**row, **days}, opened_on=opened_on))
    ctx.invoices = [
        Invoice(**row) for row in tables["invoices"] if row["issued_on"] <= as_of
    ]
    ctx.referrals = [
        Referral(**row) for row in tables["referrals"] if row["referred_on"] <= as_of
    ]
    ctx.costs = [Cost(**row) for row in tables["costs"] if row["date_month"] <= as_of]
    ctx.mrr_reported = [
        ReportedMrr(**row)
        for row in tables["mrr_reported"]
        if row["date_month"] <= as_of
    ]
    ctx.account_notes = [
        Note(**row)
        for row in tables.get("account_notes", [])
        if row["noted_on"] <= as_of
    ]


def _second_moments(ctx: Context, row: Row, *names: str) -> Row:
    """Later moments of a row and their days; None where they lie after as_of."""
    found: Row = {}
    for name in names:
        day = None if row[name] is None else ctx.day_of(row[name])
        is_past = day is not None and day <= ctx.as_of
        found[name] = row[name] if is_past else None
        found[name.replace("_at", "_on")] = day if is_past else None
    return found


def _given_users(ctx: Context) -> dict[str, User]:
    """Those of `users` created by as_of; of a later row nothing is used (rule 2)."""
    users: dict[str, User] = {}
    for row in ctx.accepted.tables["users"]:
        created_on = ctx.day_of(row["created_at"])
        if created_on <= ctx.as_of:
            days = _second_moments(ctx, row, "deactivated_at")
            users[row["user_id"]] = User(**{**row, **days}, created_on=created_on)
    return users


def _seen_users(ctx: Context) -> dict[str, User]:
    """Everyone who did something: own account by first login (else event; rule 7)."""
    # rank 0 is a login: events decide a user's account only where there is no login
    firsts: dict[str, tuple[int, datetime, str, str]] = {}
    created: dict[str, datetime] = {}
    seen = [
        (login.user_id, (0, login.logged_in_at, login.login_id, login.account_id))
        for login in ctx.logins
    ] + [
        (event.user_id, (1, event.occurred_at, event.event_id, event.account_id))
        for event in ctx.feature_events
    ]
    for user_id, first in seen:
        firsts[user_id] = min(firsts.get(user_id, first), first)
        created[user_id] = min(created.get(user_id, first[1]), first[1])
    return {
        user_id: User(
            user_id=user_id,
            account_id=account_id,
            email=None,
            role=None,
            created_at=created[user_id],
            created_on=ctx.day_of(created[user_id]),
            deactivated_at=None,
            deactivated_on=None,
        )
        for user_id, (_, _, _, account_id) in firsts.items()
    }


def _inferred_users(ctx: Context, seen: Mapping[str, User]) -> dict[str, User]:
    """Who did something and has no accepted row: until the month of the last (74)."""
    if not _infers(ctx, "users"):
        return {}
    known = {row["user_id"] for row in ctx.accepted.tables["users"]}
    last_day: dict[str, date] = {}
    days = [(login.user_id, login.date_day) for login in ctx.logins]
    days += [(event.user_id, event.date_day) for event in ctx.feature_events]
    for user_id, day in days:
        last_day[user_id] = max(last_day.get(user_id, day), day)
    deleted = ctx.accepted.deleted["users"]
    inferred = {}
    for user_id, user in seen.items():
        if user_id not in known:
            gone_on = add_months(month_of(last_day[user_id]), 1)
            inferred[user_id] = replace(
                user,
                role=deleted[user_id]["role"] if user_id in deleted else None,
                deactivated_on=gone_on if gone_on <= ctx.as_of else None,
                is_inferred=True,
            )
    return inferred


def _drop_internal(
    ctx: Context, internal: set[str], everyone: Mapping[str, User]
) -> None:
    """Internal accounts, their users, and what these do anywhere (rule 10).

    Everyone: also who is not in `users` by as_of, with the account of the first login.
    A user whose only rows are filtered is like an internal one (rule 74).
    """
    own = {u.user_id for u in everyone.values() if u.account_id in internal}
    if _infers(ctx, "users"):
        own |= ctx.accepted.hidden["users"]

    def is_ours(account_id: str, user_id: str | None = None) -> bool:
        return account_id in internal or user_id in own

    ctx.users = {key: user for key, user in ctx.users.items() if key not in own}
    ctx.subscriptions = [s for s in ctx.subscriptions if not is_ours(s.account_id)]
    ctx.logins = [r for r in ctx.logins if not is_ours(r.account_id, r.user_id)]
    ctx.feature_events = [
        e for e in ctx.feature_events if not is_ours(e.account_id, e.user_id)
    ]
    ctx.surveys = [s for s in ctx.surveys if not is_ours(s.account_id, s.user_id)]
    ctx.tickets = [t for t in ctx.tickets if not is_ours(t.account_id, t.user_id)]
    ctx.invoices = [i for i in ctx.invoices if not is_ours(i.account_id)]
    ctx.referrals = [r for r in ctx.referrals if not is_ours(r.referrer_account_id)]
    ctx.mrr_reported = [r for r in ctx.mrr_reported if not is_ours(r.account_id)]
    ctx.account_notes = [n for n in ctx.account_notes if not is_ours(n.account_id)]


def _ids_seen(ctx: Context) -> set[str]:
    """Every account with a used fact (rule 15), but those only referred."""
    facts: Iterable[Any] = (
        *ctx.subscriptions,
        *ctx.logins,
        *ctx.feature_events,
        *ctx.surveys,
        *ctx.tickets,
        *ctx.invoices,
        *ctx.account_notes,
        *ctx.users.values(),
    )
    seen = {str(fact.account_id) for fact in facts}
    return seen | {referral.referrer_account_id for referral in ctx.referrals}
