"""What is noted of an answer to a call: its word, the lines of the journal and of the log, and what
is counted or learned."""

from __future__ import annotations

from datetime import datetime

from calsync.core.calls import Receipt
from calsync.core.ledger import Attempt, Copy, CopyState, Delivery, Do, Outcome
from calsync.core.reconcile.claimed import ForeignZone, Note
from calsync.core.reconcile.outcome import After
from calsync.errors import ChannelError, Missing, UnknownZone


def word(answer: Receipt | ChannelError) -> str:
    """The answer in one line, without content."""
    if isinstance(answer, ChannelError):
        return f"{answer.kind} ({answer.happened}, {answer.scope}): {answer.reason}"
    return "yes" if answer.applied else "yes, but not as sent"


def counts_mail(attempt: Attempt, answer: Receipt | ChannelError) -> bool:
    """A mail left, or may have left, that counts for the day."""
    reached = isinstance(answer, Receipt) or answer.happened == "maybe"
    return attempt.account is None and attempt.do is not Do.WITHDRAW and reached


def foreign_zone(attempt: Attempt, answer: Receipt | ChannelError) -> ForeignZone | None:
    """A zone that the answer says the provider does not know."""
    if not isinstance(answer, UnknownZone):
        return None
    return ForeignZone(attempt.channel, answer.zone)


def alert_lines(after: After) -> tuple[Note, ...]:
    """What ops are to hear of."""
    return (Note("alert", {"reason": after.alert}, after.copy.n),) if after.alert else ()


def answered_line(attempt: Attempt, n: int, answer: Receipt | ChannelError) -> Note:
    """The answer, for the journal."""
    facts = {"channel": attempt.channel, "answer": word(answer), "request": answer.request_id}
    return Note(f"{attempt.do.value}_answered", facts, n)


def missing_lines(after: After, answer: Receipt | ChannelError) -> tuple[Note, ...]:
    """What is not there is told of once nothing is left to look for."""
    copy = after.copy
    if not isinstance(answer, Missing) or copy.state is CopyState.UNSURE:
        return ()
    facts = {"channel": copy.channel, "why": "missing", "state": copy.state.value}
    return (Note("copy_found", facts, copy.n),)


def delivered_line(attempt: Attempt, n: int, answer: Receipt | ChannelError) -> Note:
    """What became of the call, for the log."""
    facts = {"do": attempt.do.value, "channel": attempt.channel, "copy": n, "answer": word(answer)}
    return Note("delivered" if isinstance(answer, Receipt) else "delivery_failed", facts)


def news_since(delivery: Delivery, was: Copy | None, attempt: Attempt) -> datetime | None:
    """Since when a booking or a material change was wanted that is shown from now on and was not
    before: how long its person waited. None: nothing new is shown. Not new is what was shown on
    another route, what was put back as it was, and what a digest has announced for a later day."""
    before = was.content if was is not None else None
    is_news = (
        attempt.outcome is Outcome.YES
        and attempt.do is not Do.WITHDRAW
        and attempt.material_fp == delivery.material_fp
        and delivery.version == delivery.material_version
        and delivery.mail_from is None
        and (before is None or before.material_fp != delivery.material_fp)
    )
    return delivery.wanted_since if is_news else None
