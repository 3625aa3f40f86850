"""Send open alerts to where people are: chat, mail or a webhook, each alert once.

The alerts are those of the published file. Apprise delivers them: one URL per place, in
NOTIFY_URLS (https://github.com/caronc/apprise/wiki). URLs hold passwords and are never
printed.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console

from pipeline.console import display_path, print_line, print_step
from pipeline.exit_codes import INPUTS_FAILED, LOCKED, NOTIFY_FAILED
from pipeline.project import InputError, project_vars
from pipeline.publish import alerts_sent
from pipeline.publish.lock import LockedError, publisher_lock
from pipeline.publish.paths import PublishPaths
from pipeline.reader import Published
from pipeline.settings import read_settings

SEVERITIES = ("medium", "high")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NOBODY = "no owner"
OPEN_ALERTS = """
    select
        alert.alert_id,
        coalesce(account.csm_owner, ?) as owner,
        alert.account_id,
        account.account_name,
        alert.alert_type,
        alert.severity,
        alert.detail,
        alert.recommended_action,
        cast(alert.due_at as date) as due_on,
        alert.mrr_at_risk
    from marts.account_alerts as alert
    inner join marts.customer_360 as account on alert.account_id = account.account_id
    where alert.is_open
    order by owner, alert.account_id, alert.severity, alert.raised_on, alert.alert_type
"""


@dataclass(frozen=True)
class Alert:
    """An open alert, as published."""

    alert_id: str
    owner: str
    account_id: str
    account_name: str | None
    alert_type: str
    severity: str
    detail: str
    recommended_action: str | None
    due_on: date
    mrr_at_risk: float


@dataclass(frozen=True)
class Choices:
    """Var `notify`: what is sent, and when."""

    min_severity: str
    quiet_days: frozenset[str]
    account_names: bool

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Choices:
        """The var's values.

        Raises:
            InputError: One of them is not allowed.
        """
        given = config["notify"]
        severity, days = given["min_severity"], given["quiet_days"]
        if severity not in SEVERITIES:
            raise InputError(
                f"notify: min_severity is {severity!r}: expected medium or high."
            )
        if wrong := [day for day in days if day not in DAYS]:
            raise InputError(
                f"notify: quiet_days has {wrong[0]!r}: expected days like saturday."
            )
        return cls(severity, frozenset(days), bool(given["account_names"]))


def notify(
    console: Console, *, dry_run: bool = False, mark_as_sent: bool = False
) -> int:
    """Send the open alerts that were not sent yet, one message per owner.

    Args:
        console: Where it is reported.
        dry_run: Print the messages; send and remember nothing.
        mark_as_sent: Send nothing, but remember all as sent: to start with new ones.

    Returns:
        0; 3 where nothing is published or NOTIFY_URLS is missing or wrong, 6 if a
        publish is running, 10 if a message could not be delivered: the next run sends
        it.
    """
    settings, config = read_settings(), project_vars()
    paths = PublishPaths.of(settings)
    print_step(console, "notify", display_path(paths.published))
    try:
        choices = Choices.of(config)
        places = _places(settings.notify_urls)
        if not (places or dry_run or mark_as_sent):
            raise InputError(
                "NOTIFY_URLS is not set: the URLs to send to, with spaces between, as"
                " in https://github.com/caronc/apprise/wiki. --dry-run needs none."
            )
        today = datetime.now(ZoneInfo(config["reporting_timezone"])).date()
        if DAYS[today.weekday()] in choices.quiet_days and not (
            dry_run or mark_as_sent
        ):
            print_line(console, "A quiet day (var notify): nothing is sent.")
            return 0
        paths.make()
        with publisher_lock(paths.readers, 0):
            return _notify(console, paths, choices, places, dry_run, mark_as_sent)
    except LockedError as error:
        print_line(console, str(error))
        return LOCKED
    except FileNotFoundError:
        print_line(console, "FAILED  Nothing is published: run `make publish` first.")
        return INPUTS_FAILED
    except InputError as error:
        print_line(console, f"FAILED  {error}")
        return INPUTS_FAILED


def _notify(
    console: Console,
    paths: PublishPaths,
    choices: Choices,
    places: Sequence[Any],
    dry_run: bool,
    mark_as_sent: bool,
) -> int:
    alerts, listed_ids = read_alerts(paths.published)
    file = paths.alerts_sent
    sent = alerts_sent.read(file)
    known = {one: at for one, at in sent.items() if one in listed_ids}
    now = datetime.now(timezone.utc).isoformat(timespec="seconds")
    least = SEVERITIES.index(choices.min_severity)
    new = [
        alert
        for alert in alerts
        if alert.alert_id not in sent and SEVERITIES.index(alert.severity) >= least
    ]
    delivered = failed = 0
    for owner, of_owner in groupby(new, key=lambda alert: alert.owner):
        listed = list(of_owner)
        title, text = message(owner, listed, choices)
        if dry_run:
            print_line(console, f"{title}\n{text}\n")
        elif mark_as_sent or _deliver(places, title, text):
            delivered += len(listed)
            # at once: if the next one fails, this one is not sent twice
            known |= dict.fromkeys((alert.alert_id for alert in listed), now)
            alerts_sent.write(file, known)
        else:
            failed += len(listed)
    if dry_run:
        print_line(console, f"Would send {_count(len(new))}.")
        return 0
    verb = "Marked as sent:" if mark_as_sent else "Sent"
    print_line(console, f"{verb} {_count(delivered)}.")
    if failed:
        print_line(
            console,
            f"FAILED  {failed} could not be delivered: is the place in NOTIFY_URLS up,"
            " and the password right? The next run sends them.",
        )
        return NOTIFY_FAILED
    return 0


def read_alerts(published: Path) -> tuple[list[Alert], set[str]]:
    """The open alerts of a published file, by owner and account; and all ids.

    Raises:
        FileNotFoundError: There is no such file.
    """
    with Published(published) as reader:
        found = reader.query(OPEN_ALERTS, [NOBODY]).fetchall()
        ids = reader.query("select alert_id from marts.account_alerts").fetchall()
    return [Alert(*row) for row in found], {one for (one,) in ids}


def message(owner: str, alerts: Sequence[Alert], choices: Choices) -> tuple[str, str]:
    """Title and text for an owner: a heading per account, a line per alert."""
    title = f"{owner}: {_count(len(alerts))}"
    lines = []
    for _, of_account in groupby(alerts, key=lambda alert: alert.account_id):
        listed = list(of_account)
        first = listed[0]
        name = f" {first.account_name}" if choices.account_names else ""
        risk = max(alert.mrr_at_risk for alert in listed)
        lines.append(f"{first.account_id}{name}: MRR at risk {risk:,.0f}")
        for alert in listed:
            parts = (alert.detail, alert.recommended_action, f"Due {alert.due_on}")
            text = " ".join(f"{part.rstrip('.')}." for part in parts if part)
            lines.append(f"- {alert.severity}, {alert.alert_type}: {text}")
    return title, "\n".join(lines)


def _places(urls: str) -> list[Any]:
    """Apprise's notifiers.

    Raises:
        InputError: One of the URLs is not understood; it is not repeated.
    """
    import apprise  # half a second

    found = []
    for number, url in enumerate(urls.split(), start=1):
        place = apprise.Apprise.instantiate(url, suppress_exceptions=True)
        if place is None:
            raise InputError(
                f"URL {number} in NOTIFY_URLS is not understood: see"
                " https://github.com/caronc/apprise/wiki for its service."
            )
        found.append(place)
    return found


def _deliver(places: Sequence[Any], title: str, text: str) -> bool:
    """Whether every place has taken a message. Apprise's own log may hold URLs."""
    log = logging.getLogger("apprise")
    log.disabled = True
    try:
        # all of them, also after one that failed
        taken = [bool(place.notify(title=title, body=text)) for place in places]
        return all(taken)
    finally:
        log.disabled = False


def _count(alerts: int) -> str:
    return f"{alerts:,} alert{'s' * (alerts != 1)}"
