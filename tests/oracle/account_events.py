"""account_events: tickets, late invoices and notes of each account, one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from .arithmetic import Row
from .entities import Context
from .health import is_overdue

NOTHING: Row = {
    "priority": None,
    "amount": None,
    "days_after": None,
    "note_author": None,
    "csm_pulse": None,
    "risk_reason": None,
    "next_step": None,
}


def account_events(ctx: Context) -> list[Row]:
    """One row per event, of which no other mart has the single ones."""
    return [
        {**NOTHING, **row}
        for events in (_tickets(ctx), _invoices(ctx), _notes(ctx))
        for row in events
    ]


def _tickets(ctx: Context) -> Iterator[Row]:
    for ticket in ctx.tickets:
        about = {
            "account_id": ticket.account_id,
            "record_id": ticket.ticket_id,
            "priority": ticket.priority,
        }
        yield {**about, "event_type": "ticket_opened", "event_on": ticket.opened_on}
        if ticket.closed_on is not None and ticket.closed_on <= ctx.as_of:
            days = (ticket.closed_on - ticket.opened_on).days
            yield {
                **about,
                "event_type": "ticket_closed",
                "event_on": ticket.closed_on,
                "days_after": days if days >= 0 else None,
            }


def _invoices(ctx: Context) -> Iterator[Row]:
    """Late is an invoice that was overdue on some day (61)."""
    for invoice in ctx.invoices:
        first = invoice.due_on + timedelta(days=1)
        if first > ctx.as_of or not is_overdue(invoice, first):
            continue
        about = {
            "account_id": invoice.account_id,
            "record_id": invoice.invoice_id,
            "amount": invoice.amount_base,
        }
        yield {**about, "event_type": "invoice_overdue", "event_on": first}
        if invoice.paid_on is not None and invoice.paid_on <= ctx.as_of:
            yield {
                **about,
                "event_type": "invoice_paid_late",
                "event_on": invoice.paid_on,
                "days_after": (invoice.paid_on - invoice.due_on).days,
            }


def _notes(ctx: Context) -> Iterator[Row]:
    for note in ctx.account_notes:
        yield {
            "account_id": note.account_id,
            "record_id": note.note_id,
            "event_type": "note",
            "event_on": note.noted_on,
            "note_author": note.author,
            "csm_pulse": note.csm_pulse,
            "risk_reason": note.risk_reason,
            "next_step": note.next_step,
        }


MARTS: dict[str, tuple[Callable[[Context], list[Row]], list[str]]] = {
    "account_events": (account_events, ["event_type", "record_id"]),
}
