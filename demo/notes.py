"""What customer-success managers write about their accounts, about once a quarter.

A manager sees the fit of an account, and a cooling before the numbers do; some are too
kind. Chance is of its own, so that the rest of the story does not change with it.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

from demo.dice import between, chance, noise, pick

if TYPE_CHECKING:
    from demo.generate import Account, Row, Value

RISKS = (
    "Our champion left the company",
    "Compares us with a cheaper product",
    "Rollout to the second team is delayed",
    "Invoices are questioned every month",
    "Only two people still use it",
)
NEXT_STEPS = (
    "Call with the sponsor",
    "Send the training plan",
    "Review of the last quarter",
    "Offer a price for two years",
    "",
)


def write_notes(account: Account, owner: Value) -> list[Row]:
    """Notes of the account's manager, from the first days with a paid plan on."""
    dice = Random(f"notes {account.account_id}")
    notes: list[Row] = []
    due = None
    for day, _ in account.busy_days():
        is_paying = any(p.started_on <= day for p in account.paid_periods)
        if account.is_internal or not is_paying:
            continue
        due = due or day + timedelta(between(dice, 10, 60))
        if day >= due and day.weekday() < 5:
            notes.append(_note(account, day, owner, dice))
            due = day + timedelta(between(dice, 60, 120))
    return notes


def _note(account: Account, day: date, owner: Value, dice: Random) -> Row:
    soon = day + timedelta(20)
    feeling = 1.6 + 3.4 * account.fit + 0.9 * noise(dice)
    feeling -= 1.8 if account.is_cooling(day) or account.is_cooling(soon) else 0
    pulse = min(max(round(feeling), 1), 5)
    risk = pick(dice, RISKS) if pulse <= 2 else ""
    is_pulse_given = chance(dice, 0.9)
    return [
        *("", account.account_id, day, owner),
        *(pulse if is_pulse_given else None, risk, pick(dice, NEXT_STEPS)),
    ]
