"""What an answer does to everything around it: the copy and its attempt, the account, the slot and
the schedule. Pure: the store writes the `Finished` that come out of here, many at once.

The outcome of an attempt is a fact and is stored always, on the copy only while that waits for this
very attempt. Only who still has the lease schedules (docs/architecture.md, "What makes a repeat
harmless").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from calsync.core.account import AccountState
from calsync.core.calls import Receipt, Sighting
from calsync.core.ledger import MAIL, Attempt, Copy, CopyState, Snapshot
from calsync.core.reconcile.actions import Decision, Find, FindUid
from calsync.core.reconcile.answers.noted import (
    alert_lines,
    answered_line,
    counts_mail,
    delivered_line,
    foreign_zone,
    missing_lines,
    news_since,
    word,
)
from calsync.core.reconcile.claimed import (
    Claim,
    Finished,
    LostAccount,
    Note,
    Reread,
    Schedule,
    provider_stop,
    setup_stop,
    with_outlook,
)
from calsync.core.reconcile.decide import due_after, next_due
from calsync.core.reconcile.looks.find import Found, Replay, after_find, after_find_uid
from calsync.core.reconcile.outcome import (
    After,
    Moment,
    after_error,
    after_receipt,
    outcome_of,
    refused_again,
)
from calsync.core.reconcile.prepare import copy_number, with_copy
from calsync.core.reconcile.refused_sender import (
    STOPPED,
    RefusedMail,
    in_a_row,
    refused_mail,
    speak_of_the_sender,
)
from calsync.core.reconcile.telling import to_tell
from calsync.core.schedule import ONE_BY_ONE, no_later
from calsync.errors import (
    AccessLost,
    Changed,
    ChannelError,
    Missing,
    Refused,
    Setup,
    TimedOut,
    TryLater,
    UnknownZone,
    Unusable,
)
from calsync.values import replaced

INSPECT_BEFORE = (timedelta(hours=24), timedelta(hours=2), timedelta(minutes=15))
PATIENCE = 3  # Changed or Missing this often in a row, then it waits like any other failure

Via = tuple[str, str | None]  # channel and account of a call


@dataclass(frozen=True, slots=True)
class Made:
    """A call that was made, and what its answer is judged by.

    snapshot  what it was decided on
    decision  None: somebody asked for this call, or a look-up led to it
    reread    what the ledger says of it now
    now       the database's clock
    retry_at  when to try again after so many failures and the seconds that the provider asked for
    """

    claim: Claim
    snapshot: Snapshot
    decision: Decision | None
    reread: Reread
    now: datetime
    retry_at: Callable[[int, float | None], datetime]

    @property
    def mine(self) -> bool:
        return self.reread.version is not None

    @property
    def moment(self) -> Moment:
        return Moment(self.now, self.claim.delivery.version)


def next_inspection(starts_at: datetime, now: datetime) -> datetime | None:
    """When a live copy is inspected next: 24 h, 2 h and 15 min before its start."""
    return next((at for at in (starts_at - ahead for ahead in INSPECT_BEFORE) if at > now), None)


# --- after a call that changes something ---------------------------------------------------------


def after_call(made: Made, n: int, attempt: Attempt, answer: Receipt | ChannelError) -> Finished:
    """The answer to this attempt on copy `n`."""
    mail, answer = _of_the_sender(made, n, attempt, answer)
    finished = _with_outlook(made, _after_call(made, n, attempt, answer))
    if attempt.channel != MAIL:
        return _one_by_one(made, finished, answer)
    return replaced(finished, sender_refused=mail, sender_accepted=isinstance(answer, Receipt))


def _of_the_sender(
    made: Made, n: int, attempt: Attempt, answer: Receipt | ChannelError
) -> tuple[RefusedMail | None, Receipt | ChannelError]:
    """A refusal of a mail that may be about its sender, to be remembered; and the answer, which is
    the operator's to mend where others in a row were refused so as well."""
    copy = _reread(made, n)
    if copy is None or attempt.channel != MAIL:
        return None, answer
    if not isinstance(answer, Refused) or not answer.of_sender:
        return None, answer
    mail = refused_mail(made.claim.delivery.key, copy.address)
    if speak_of_the_sender([*in_a_row(made.reread.refused_sender), mail]):
        return mail, Setup(STOPPED, happened="no", scope="tenant")
    return mail, answer


def _one_by_one(made: Made, finished: Finished, answer: Receipt | ChannelError) -> Finished:
    """A server that did not answer in time may have been asked too much at once."""
    late = isinstance(answer, TimedOut)
    return replaced(finished, one_by_one_until=made.now + ONE_BY_ONE) if late else finished


def _with_outlook(made: Made, finished: Finished) -> Finished:
    """With what stands wrong from here on, for who schedules."""
    schedule = finished.schedule
    if schedule is None:
        return finished
    ended = with_outlook(schedule, made.snapshot, finished.copy, made.now)
    return replaced(finished, schedule=ended)


def _after_call(made: Made, n: int, attempt: Attempt, answer: Receipt | ChannelError) -> Finished:
    now = next((one for one in made.reread.copies if one.n == n), None)
    current = now.attempt if now is not None else None
    if (
        now is None
        or current is None
        or current.id != attempt.id
        or now.state is not CopyState.UNSURE
    ):
        late = replaced(attempt, outcome=outcome_of(answer))
        return Finished(
            made.claim,
            Schedule(made.now) if made.mine else None,
            attempt=late,
            answer=word(answer),
            wake=True,
            called=True,
            news_since=news_since(made.claim.delivery, None, late),
        )
    if isinstance(answer, ChannelError):
        after = after_error(now, current, answer, made.moment, mine=made.mine)
    else:
        after = after_receipt(now, current, answer, made.reread.copies)
    answered = after.copy.attempt or attempt
    told = Finished(
        made.claim,
        None,
        was=now,
        copy=after.copy,
        unread=made.reread.unread,
        attempt=answered,
        answer=word(answer),
        request_id=answer.request_id,
        called=True,
        news_since=news_since(made.claim.delivery, now, answered),
        counts_mail=counts_mail(attempt, answer),
        foreign_zone=foreign_zone(attempt, answer),
        lines=(
            *alert_lines(after),
            answered_line(attempt, n, answer),
            *missing_lines(after, answer),
        ),
        log=(*alert_lines(after), delivered_line(attempt, n, answer)),
    )
    return (
        _scheduled(made, told, after, answer, (attempt.channel, attempt.account))
        if made.mine
        else told
    )


NOT_SENT = TryLater("not sent", happened="no")


def not_sent(made: Made, n: int, attempt: Attempt | None) -> Finished:
    """The end of a claim whose call was certainly not made: everything is as before it, which is
    no failure, and the delivery is due at once. `attempt`: on copy `n`; None for a look-up."""
    ended = Schedule(made.now) if made.mine else None
    if attempt is None:
        return Finished(made.claim, ended)
    told = replaced(_after_call(made, n, attempt, NOT_SENT), schedule=ended, answer=NOT_SENT.reason)
    return _with_outlook(made, replaced(told, called=False, lines=(), log=()))


# --- after a look-up -----------------------------------------------------------------------------


def after_look_up(
    made: Made,
    step: Find | FindUid,
    sightings: Sequence[Sighting],
    lines: tuple[Note, ...] = (),
) -> Finished | Replay | Found:
    """What the sightings mean: the end of the claim, or a second call under the same lease. `lines`
    go into the journal before."""
    result = _after_look_up(made, step, sightings, lines)
    return _with_outlook(made, result) if isinstance(result, Finished) else result


def _after_look_up(
    made: Made, step: Find | FindUid, sightings: Sequence[Sighting], lines: tuple[Note, ...]
) -> Finished | Replay | Found:
    version = made.reread.version
    if version is None:
        return Finished(made.claim, None, called=True)
    was, now = copy_number(made.snapshot, step.n), _reread(made, step.n)
    if version != made.claim.delivery.version or now is None or _moved_on(was, now):
        return Finished(made.claim, Schedule(made.now), called=True)
    result: After | Replay | Found
    if isinstance(step, Find):
        result = after_find(made.snapshot, step, sightings)
    else:
        result = after_find_uid(made.snapshot, step, sightings)
    if not isinstance(result, After):
        return result
    why = step.why if isinstance(step, Find) else "handover"
    facts: dict[str, object] = {
        "channel": step.channel,
        "why": why,
        "state": result.copy.state.value,
    }
    if result.copy.may_remain:
        facts["may_remain"] = True
    found = (*lines, Note("copy_found", facts, step.n))
    told = Finished(made.claim, None, was=now, copy=result.copy, called=True, lines=found)
    return _scheduled(made, told, result, None, (step.channel, step.account))


def _reread(made: Made, n: int) -> Copy | None:
    return next((one for one in made.reread.copies if one.n == n), None)


def _moved_on(was: Copy | None, now: Copy) -> bool:
    return was is None or (was.state, _attempt_id(was)) != (now.state, _attempt_id(now))


def _attempt_id(copy: Copy) -> int | None:
    return copy.attempt.id if copy.attempt else None


def look_up_failed(
    made: Made, step: Find | FindUid, error: ChannelError
) -> Finished | Replay | Found:
    """The look-up itself failed; the copy stays as it is. One that is refused says that nobody
    knows: a mailed copy is taken for not found, and any other is looked up again later."""
    if not made.mine:
        return Finished(made.claim, None, called=True)
    line = Note("look_up_failed", {"channel": step.channel, "answer": word(error)}, step.n)
    told = Finished(made.claim, None, called=True, lines=(line,), log=(line,))
    via = step.channel, step.account
    now = _reread(made, step.n)
    if not isinstance(error, Refused) or now is None:
        return _one_by_one(made, _with_outlook(made, _failed(made, told, error, via)), error)
    if isinstance(step, FindUid) and now.state is not CopyState.UNSURE:
        return after_look_up(made, step, (), told.lines)
    copy = refused_again(now, error, made.moment)
    told = replaced(told, was=now, copy=copy)
    return _with_outlook(made, _scheduled(made, told, After(copy), error, via))


# --- the schedule --------------------------------------------------------------------------------


def _scheduled(
    made: Made, told: Finished, after: After, answer: Receipt | ChannelError | None, via: Via
) -> Finished:
    """`told` with the end of the lease; only for who still has it."""
    if after.refused is not None:
        line = Note("refused", {"channel": via[0], "reason": after.refused})
        ended = Schedule(None, parked="refused", last_error=after.refused)
        return replaced(told, schedule=ended, log=(*told.log, line))
    if isinstance(answer, UnknownZone):
        return replaced(told, schedule=Schedule(made.now, last_error=word(answer)))
    if isinstance(answer, ChannelError):
        shown = replaced(made, snapshot=with_copy(made.snapshot, after.copy))
        if isinstance(answer, Refused):
            return replaced(told, schedule=_refused_schedule(shown, answer))
        return _failed(shown, told, answer, via)
    due_at = due_after(made.snapshot, made.decision, after.copy, made.now)
    attempts = _attempts(made, answer, due_at)
    if via[1] is None:
        return replaced(told, schedule=Schedule(due_at, attempts=attempts, last_error=None))
    inspect_at = next_inspection(made.snapshot.delivery.starts_at, made.now)
    ended = Schedule(due_at, attempts=attempts, last_error=None, inspect_at=inspect_at)
    return replaced(told, schedule=ended, warm=made.claim.failures > 0)


def _attempts(made: Made, answer: Receipt | None, due_at: datetime | None) -> int:
    """Failures in a row: a look-up that leads to the call once more is no success, or an event that
    is told to have changed each time would be written and looked up for ever."""
    goes_on = answer is None and due_at is not None and due_at <= made.now
    return made.snapshot.delivery.attempts if goes_on else 0


def _refused_schedule(shown: Made, answer: Refused) -> Schedule:
    """When a refused call is made again stands with its copy: everything else goes on."""
    attempts = shown.snapshot.delivery.attempts + 1
    due_at = next_due(replaced(shown.snapshot, now=shown.now))
    return Schedule(due_at, attempts=attempts, last_error=word(answer))


def _failed(made: Made, told: Finished, error: ChannelError, via: Via) -> Finished:
    channel, account = via
    attempts = made.snapshot.delivery.attempts + 1
    ended = Schedule(made.now, attempts=attempts, last_error=word(error))
    told = replaced(told, schedule=ended)
    if isinstance(error, AccessLost | Unusable) and account is not None:
        lost = isinstance(error, AccessLost)
        state = AccountState.RECONNECT if lost else AccountState.UNUSABLE
        return replaced(told, lost=LostAccount(account, state, error.reason))
    if isinstance(error, Setup):
        stop = setup_stop(made.claim.delivery.key.tenant, channel, error, made.now)
        return replaced(told, stop=stop)
    if isinstance(error, Changed | Missing) and attempts <= PATIENCE:
        return told
    later = replaced(ended, due_at=_again_at(made, error, attempts))
    return _waiting(made, replaced(told, schedule=later), error, channel)


def _again_at(made: Made, error: ChannelError, attempts: int) -> datetime:
    """A session that nobody sees is tried once more when its person would be told so."""
    telling = to_tell(replaced(made.snapshot, now=made.now))
    told_at = telling.at if telling is not None else None
    return no_later(made.retry_at(attempts, error.after), told_at, made.now)


def _waiting(made: Made, told: Finished, error: ChannelError, channel: str) -> Finished:
    """An answer that concerns more than this copy keeps others from the same answer."""
    if not isinstance(error, TryLater) or error.scope == "copy":
        return told
    if error.scope == "account":
        until = made.retry_at(made.claim.failures + 1, error.after)
        return replaced(told, failed=True, cools_until=until)
    return replaced(
        told, stop=provider_stop(made.claim.delivery.key.tenant, channel, error, made.now)
    )
