"""What people wrote about an account, from decision 12 and rule 87 alone."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from .arithmetic import Row, remembered
from .entities import Context, Note

RECENT = timedelta(days=90)
BAD, GOOD = {1, 2}, {4, 5}  # pulses


@remembered
def notes_of(ctx: Context) -> dict[str, list[Note]]:
    """The notes of each account, the latest last; ties by note_id."""
    found: dict[str, list[Note]] = defaultdict(list)
    for note in sorted(ctx.account_notes, key=lambda n: (n.noted_on, n.note_id)):
        found[note.account_id].append(note)
    return dict(found)


def latest_pulse(ctx: Context, account_id: str) -> Note | None:
    """The latest note that has a pulse."""
    notes = notes_of(ctx).get(account_id, [])
    return next((n for n in reversed(notes) if n.csm_pulse is not None), None)


def note_columns(ctx: Context, account_id: str) -> Row:
    """The columns of customer_360."""
    notes = notes_of(ctx).get(account_id, [])
    latest = notes[-1] if notes else None
    pulse = latest_pulse(ctx, account_id)
    return {
        "last_note_on": latest.noted_on if latest else None,
        "csm_pulse": pulse.csm_pulse if pulse else None,
        "note_author": latest.author if latest else None,
        "risk_reason": latest.risk_reason if latest else None,
        "next_step": latest.next_step if latest else None,
    }


def pulse_disagrees_on(ctx: Context, account_id: str, band: str | None) -> date | None:
    """The day of a recent note whose pulse is not what the band says (rule 87)."""
    note = latest_pulse(ctx, account_id)
    if note is None or note.noted_on <= ctx.as_of - RECENT:
        return None
    is_too_bad = note.csm_pulse in BAD and band in ("green", "thriving")
    is_too_good = note.csm_pulse in GOOD and band == "red"
    return note.noted_on if is_too_bad or is_too_good else None
