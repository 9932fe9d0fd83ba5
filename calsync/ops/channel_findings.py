"""Findings about channels: whose calls fail, what waits because of that, and what is paused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from calsync.core.ledger import MAIL
from calsync.core.reconcile.reasons import paused_by
from calsync.ops.results.command import to_type
from calsync.ops.results.finding import EVERYBODY, Finding, Severity
from calsync.ops.results.status import ActivePause, FailingChannel, InstallationStatus
from calsync.store.queue.pauses import ALL, BY_COPY, BY_RECOVERY
from calsync.text.counted import counted
from calsync.text.instants import iso

BRIEFLY = timedelta(hours=1)
SEVERAL = 3  # accounts whose calls fail at a time: rather their provider's fault than theirs
NAMES = {"google": "Google Calendar", "outlook": "Outlook", "caldav": "CalDAV"}


def failing(known: InstallationStatus) -> Iterator[Finding]:
    """Channels whose last calls failed."""
    for one in known.failing:
        at_once = to_type("resume", tenant=one.tenant, channel=one.channel)
        command = at_once if one.everybody else "calsync status"
        whom = f"tenant {one.tenant}"
        yield Finding(_how_bad(known, one), _what_fails(one), one.since, whom, command)


def _how_bad(known: InstallationStatus, one: FailingChannel) -> Severity:
    """Without its mail server a tenant reaches nobody; one account may be its person's matter."""
    if one.everybody or one.slots >= SEVERAL:
        return Severity.ERROR
    lasts = one.since is not None and known.now - one.since > BRIEFLY
    return Severity.WARNING if lasts else Severity.NOTICE


def _what_fails(one: FailingChannel) -> str:
    if one.everybody:
        what = "the mail server has accepted no mail"
    elif one.channel == MAIL:
        what = "the mail server has deferred mails"
    else:
        accounts = counted(one.slots, "account")
        what = f"calls to {NAMES.get(one.channel, one.channel)} have failed for {accounts}"
    since = f" since {iso(one.since)}" if one.since else ""
    answer = f": {one.error}" if one.error else ""
    try_now = ", at once when it is resumed" if one.everybody else ""
    return f"{what}{since}{answer}; calsync tries again by itself{try_now}"


def late(known: InstallationStatus) -> Iterator[Finding]:
    """Sessions that start within a day and are not yet shown as they should be."""
    if not known.late:
        return
    first, people = known.late[0], {one.person for one in known.late}
    one = len(known.late) == 1
    text = (
        f"{counted(len(known.late), 'delivery', 'deliveries')} of sessions that start within 24 "
        f"hours failed and {'is' if one else 'are'} tried again, the first for {first.session} at "
        f"{iso(first.starts_at)}: {first.error}"
    )
    whom = first.person if len(people) == 1 else counted(len(people), "person", "people")
    command = to_type("explain", first.session, person=first.person)
    yield Finding(Severity.WARNING, text, None, whom, command)


FAULTS = ("setup", "incident")  # what stops a channel until a person mends something
ON_PURPOSE = ("ops", "baseline", "provider")  # who pauses on purpose, or for a while


def pauses(known: InstallationStatus) -> Iterator[Finding]:
    """What is paused: by whom, why, and how it ends."""
    for one in known.stopped:
        if one.by == "provider" and one.channel == MAIL:
            continue  # told as a channel that fails
        what = "everything" if one.channel == ALL else one.channel
        text = f"{what} has been paused since {iso(one.since)} {paused_by(one.by, one.reason)}"
        whom = EVERYBODY if one.tenant == ALL else f"tenant {one.tenant}"
        yield Finding(_pause_is(known, one), text, one.since, whom, _resume(one))


def _pause_is(known: InstallationStatus, one: ActivePause) -> Severity:
    """A channel that stopped for a fault waits for somebody; a pause on purpose is forgotten."""
    if one.by in FAULTS:
        return Severity.ERROR
    if one.by not in ON_PURPOSE:
        return Severity.WARNING
    return Severity.WARNING if known.now - one.since > BRIEFLY else Severity.NOTICE


def _resume(one: ActivePause) -> str:
    if one.by in (BY_COPY, BY_RECOVERY):
        return "calsync verify --repair"
    tenant = None if one.tenant == ALL else one.tenant
    return to_type("resume", tenant=tenant, channel=None if one.channel == ALL else one.channel)


def unknown_zones(known: InstallationStatus, _: object = None) -> Iterator[Finding]:
    """Time zones that a provider does not know by their names."""
    for one in known.unknown_zones:
        text = (
            f"{one.channel} does not know the time zone {one.zone}: its events are displayed in "
            f"{one.instead}, at the right times"
        )
        yield Finding(Severity.NOTICE, text, one.since, f"people in {one.zone}", "")
