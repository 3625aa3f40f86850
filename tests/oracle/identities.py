"""Whose ids a source's ids are, from docs/sources/README.md and decision 9 alone.

How a source names its companies, and which of its rows do, is given
(`Naming`); which account each is, and what is behind those without one, is not.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from .arithmetic import REFERENCE, Row, remembered
from .core_revenue import NOTHING, paying_days
from .entities import Context, Identity, Mention, Naming

EVENTS = {"logins": "logged_in_at", "feature_events": "occurred_at"}


@dataclass(frozen=True)
class Matching:
    """What the rules are about: the companies, and the accounts by what they carry."""

    accounts: Mapping[str, str]  # account by its id, or by one that was merged into it
    identities: Sequence[Identity]
    of_accounts: frozenset[str]  # the sources that accounts come from

    def carrying(self, **wanted: str | None) -> set[str]:
        """The accounts whose own source says this of them."""
        ((name, value),) = wanted.items()
        return {
            one.alias_id
            for one in self.identities
            if value
            and one.source in self.of_accounts
            and self.accounts.get(one.alias_id) == one.alias_id
            and getattr(one, name) == value
        }

    def by_own_rules(self, of_company: Sequence[Identity]) -> str | None:
        """The account by an id that either side or both carry, or by the domain."""
        free = free_domains()
        rules: list[Callable[[Identity], set[str]]] = [
            lambda one: {self.accounts[i] for i in given(one) if i in self.accounts},
            lambda one: self.carrying(external_id=one.alias_id),
            lambda one: self.carrying(external_id=one.external_id),
            lambda one: self.carrying(
                domain=None if one.domain in free else one.domain
            ),
        ]
        for rule in rules:
            found: set[str] = set().union(*(rule(one) for one in of_company))
            if len(found) == 1:
                return found.pop()
        return None

    def account_of(self, company: tuple[str, str]) -> str | None:
        """The account by every rule; None where none leads to one."""
        companies = by_company(self.identities)
        own = self.by_own_rules(companies[company])
        if own is not None:
            return own
        shared = set()
        for one in companies[company]:
            for source, alias_id in companies:
                if source != company[0] and alias_id in given(one):
                    shared.add(self.of_another(source, alias_id))
        if len(shared) == 1:
            return shared.pop()
        carried = set().union(*(given(one) for one in companies[company]))
        if not self.accounts and len(carried) == 1:
            return str(carried.pop())
        return None

    def of_another(self, source: str, alias_id: str) -> str:
        """The account of another source's company; its id there, where it has none."""
        if source in self.of_accounts or alias_id in self.accounts:
            return alias_id
        companies = by_company(self.identities)
        return self.by_own_rules(companies[source, alias_id]) or alias_id


def given(one: Identity) -> set[str]:
    """The id of another system that a company carries, if it does."""
    return {one.external_id} if one.external_id else set()


def by_company(
    identities: Iterable[Identity],
) -> dict[tuple[str, str], list[Identity]]:
    """Identities by company: its source and its id there."""
    found: dict[tuple[str, str], list[Identity]] = defaultdict(list)
    for one in identities:
        found[one.source, one.alias_id].append(one)
    return found


def free_domains() -> set[str]:
    """Where anybody can have an address."""
    with (REFERENCE / "free_email_domains.csv").open(encoding="utf-8") as opened:
        return {row["domain"] for row in csv.DictReader(opened)}


def aliases(
    naming: Naming,
    account_ids: Iterable[str],
    delivered: Sequence[Mapping[str, str | None]],
) -> list[dict[str, str | None]]:
    """The rows of account_aliases: those delivered, and those that the rules find."""
    merged = dict(naming.merged)
    own = {account_id for account_id in account_ids if account_id not in merged}
    matching = Matching(
        {account_id: account_id for account_id in own} | merged,
        naming.identities,
        frozenset(naming.sources_of("accounts")),
    )
    taken = {(row.get("source") or "", row.get("alias_id")) for row in delivered}
    rows = [dict(row) for row in delivered]
    for source, alias_id in by_company(naming.identities):
        if source in matching.of_accounts or alias_id in matching.accounts:
            continue
        if {(source, alias_id), ("", alias_id)} & taken:
            continue
        account_id = matching.account_of((source, alias_id))
        if account_id is not None:
            rows.append(
                {"source": source, "alias_id": alias_id, "account_id": account_id}
            )
    rows += [
        {"source": "", "alias_id": alias_id, "account_id": account_id}
        for alias_id, account_id in merged.items()
        if alias_id not in {alias for _, alias in taken}
    ]
    return rows


# ---- the marts -------------------------------------------------------------------


@dataclass
class Company:
    """A company as a source names it."""

    account_id: str
    is_matched: bool
    seen_on: list[date]  # of each row that has a day
    activity: int = 0

    @property
    def days(self) -> tuple[date | None, date | None]:
        """The first and the last."""
        return min(self.seen_on, default=None), max(self.seen_on, default=None)


@remembered
def companies(ctx: Context) -> dict[tuple[str, str], Company]:
    """Each source's companies, by the ids that it has for them."""
    found: dict[tuple[str, str], Company] = {}
    for one in ctx.naming.identities:
        _add(ctx, found, one.source, one.alias_id)
    for mention in ctx.naming.mentions:
        day = _day(ctx, mention)
        if day is None or day <= ctx.as_of:
            named = _add(ctx, found, mention.source, mention.company_id, day)
            named.activity += mention.is_activity
    _add_events(ctx, found)
    return found


def _add(
    ctx: Context,
    found: dict[tuple[str, str], Company],
    source: str,
    company_id: str,
    day: date | None = None,
) -> Company:
    if (source, company_id) not in found:
        account_id = company_id
        for row in ctx.accepted.tables["account_aliases"]:
            if row["alias_id"] == company_id and row["source"] in (source, ""):
                account_id = row["account_id"]
                if row["source"]:
                    break
        found[source, company_id] = Company(
            account_id, has_account(ctx, account_id), []
        )
    if day is not None:
        found[source, company_id].seen_on.append(day)
    return found[source, company_id]


def has_account(ctx: Context, account_id: str) -> bool:
    """A row of its own; every id is an account where no accounts were delivered."""
    accounts = {row["account_id"] for row in ctx.accepted.tables["accounts"]}
    return account_id in accounts or not ctx.has_source("accounts")


def _add_events(ctx: Context, found: dict[tuple[str, str], Company]) -> None:
    """Events are of accounts; they stand with the first of the source's ids of one."""
    first_ids: dict[tuple[str, str], str] = {}
    for (source, company_id), company in sorted(found.items()):
        first_ids.setdefault((source, company.account_id), company_id)
    for table, moment in EVENTS.items():
        sources = ctx.naming.sources_of(table)
        if len(sources) != 1:  # whose they are is not known
            continue
        for row in ctx.accepted.tables[table]:
            day = ctx.day_of(row[moment])
            account_id: str = row["account_id"]
            if day <= ctx.as_of:
                first_id = first_ids.get((sources[0], account_id), account_id)
                _add(ctx, found, sources[0], first_id, day).activity += 1


def _day(ctx: Context, mention: Mention) -> date | None:
    if isinstance(mention.seen_at, datetime):
        return ctx.day_of(mention.seen_at)
    return mention.seen_at


def mrr_of(ctx: Context, account_id: str) -> Decimal:
    """What an account pays as of today, in scope or not."""
    days = paying_days(ctx).get(account_id)
    return days.on(ctx.as_of) if days else NOTHING


def identity_coverage(ctx: Context) -> list[Row]:
    """One row per source that is named; MRR of an account counts once in each."""
    rows = []
    for source in ctx.naming.every_source:
        of_source = [c for (of, _), c in companies(ctx).items() if of == source]
        unmatched = [company for company in of_source if not company.is_matched]
        rows.append(
            {
                "source": source,
                "ids": len(of_source),
                "matched": len(of_source) - len(unmatched),
                "unmatched": len(unmatched),
                "unmatched_mrr": sum(
                    (mrr_of(ctx, a) for a in {c.account_id for c in unmatched}),
                    NOTHING,
                ),
                "unmatched_activity": sum(c.activity for c in unmatched),
            }
        )
    return rows


def unmatched_ids(ctx: Context) -> list[Row]:
    """One row per company without an account; several of one show the same MRR."""
    return [
        {
            "source": source,
            "id": company_id,
            "mrr": mrr_of(ctx, company.account_id),
            "activity": company.activity,
            "first_seen_on": company.days[0],
            "last_seen_on": company.days[1],
        }
        for (source, company_id), company in companies(ctx).items()
        if not company.is_matched
    ]


MARTS: dict[str, tuple[Callable[[Context], list[Row]], list[str]]] = {
    "identity_coverage": (identity_coverage, ["source"]),
    "unmatched_ids": (unmatched_ids, ["source", "id"]),
}
