"""Who is told by a plain mail that something of a session stands wrong: of what, and when.

A calendar that shows something is not one that shows the right thing. What stands wrong is
corrected by the decision's rows; where that does not succeed in time, its person is told once for
each material version, whatever keeps the correction back: a refusal, a cooling account, a stopped
channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from calsync.core.address import address_key
from calsync.core.ledger import (
    MAIL,
    Attempt,
    Copy,
    CopyState,
    Delivery,
    Do,
    Outcome,
    RefusalKind,
    Snapshot,
    Want,
)
from calsync.core.reconcile.actions import Send
from calsync.core.reconcile.decide import next_step
from calsync.core.reconcile.predicates import (
    STANDING,
    dismissed_here,
    is_lost,
    on_route,
    over_at,
    shown_elsewhere,
    untold_move,
)

S = CopyState

# Kinds of plain mail. UNREACHABLE: it is shown nowhere. COULD_NOT_UPDATE, COULD_NOT_REMOVE: an
# entry is not what the session is now. ENTRY_REMAINS: such an entry stands where we do not write.
UNREACHABLE, ENTRY_REMAINS = "unreachable", "entry_may_remain"
COULD_NOT_UPDATE, COULD_NOT_REMOVE = "could_not_update", "could_not_remove"
KINDS = (UNREACHABLE, COULD_NOT_UPDATE, COULD_NOT_REMOVE, ENTRY_REMAINS)

WRONG_FOR = timedelta(minutes=10)  # a first pass that succeeds tells nobody anything
TWICE = 2  # so many refusals by name in one version are believed
SILENT = ("only_to", "forgotten", "rejected", "content_purged")  # why a delivery is parked


@dataclass(frozen=True, slots=True)
class Telling:
    """A kind of plain mail, and from when on it is due unless what it tells of is corrected."""

    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the end of a claim stores for those who look at deliveries beside the queue.

    tell_at       when to ask again whether the person is to be told; None: nothing stands wrong
    stands_until  the latest end that anything shows, where that is later than the wanted one
    right         nothing stands wrong, so whatever was told of is corrected
    """

    tell_at: datetime | None
    stands_until: datetime | None
    right: bool


def outlook(snapshot: Snapshot) -> Outlook:
    """What this snapshot leaves for later."""
    right, last = _kind(snapshot, wrong_copies(snapshot)) is None, over_at(snapshot)
    telling = None if right else to_tell(snapshot)
    return Outlook(
        tell_at=telling.at if telling is not None else None,
        stands_until=last if last > snapshot.delivery.ends_at else None,
        right=right,
    )


def to_tell(snapshot: Snapshot) -> Telling | None:
    """What the person is to be told; None: nothing, or they know of this version."""
    delivery = snapshot.delivery
    if delivery.told_version == delivery.material_version:
        return None
    kind = stands_wrong(snapshot)
    return None if kind is None else Telling(kind, _at(snapshot, wrong_copies(snapshot)))


def stands_wrong(snapshot: Snapshot) -> str | None:
    """The kind of plain mail that would tell what stands wrong now; None: nothing does, a mail of
    the channel says it, or nobody may be told."""
    if _is_silent(snapshot):
        return None
    kind = _kind(snapshot, wrong_copies(snapshot))
    if kind is None or _mailed(snapshot) or has_no_mailbox(snapshot):
        return None
    return None if _mail_follows(snapshot) else kind


def is_still_due(snapshot: Snapshot, kind: str) -> bool:
    """Whether a plain mail of this kind, wanted in this version, is to be sent after all."""
    if stands_wrong(snapshot) is not None:
        return True
    if kind != COULD_NOT_REMOVE or snapshot.delivery.want is Want.PRESENT:
        return False
    return not (_is_silent(snapshot) or _mailed(snapshot) or _was_removed(snapshot))


def _is_silent(snapshot: Snapshot) -> bool:
    delivery = snapshot.delivery
    over = over_at(snapshot) <= snapshot.now
    return over or snapshot.excluded or delivery.batch is not None or delivery.parked in SILENT


# --- what stands wrong ----------------------------------------------------------------------------


def wrong_copies(snapshot: Snapshot) -> list[Copy]:
    """Copies that show, or may show, something else than is wanted; or anything of a session that
    is not. Who is merely covered may see the same twice."""
    return [copy for copy in snapshot.copies if _is_wrong(snapshot, copy)]


def _is_wrong(snapshot: Snapshot, copy: Copy) -> bool:
    if copy.may_remain and snapshot.delivery.want is Want.ABSENT:
        return copy == untold_move(snapshot)
    if copy.state not in STANDING:
        return False
    if snapshot.delivery.want is Want.ABSENT:
        return True
    return not _may_not_exist(copy) and not _shows_right(snapshot, copy)


def _may_not_exist(copy: Copy) -> bool:
    """Its first call may not have happened: what it would show is shown nowhere, or right."""
    return copy.state is S.UNSURE and copy.before is S.PLANNED


def _shows_right(snapshot: Snapshot, copy: Copy) -> bool:
    wanted = snapshot.delivery.material_fp
    if copy.material_fp != wanted:
        return False
    sent = copy.attempt if copy.state is S.UNSURE else None
    return sent is None or (sent.do is not Do.WITHDRAW and sent.material_fp == wanted)


def _is_unshown(snapshot: Snapshot) -> bool:
    """Wanted, and nothing shows it rightly. What its person removed, or what stands rightly in a
    calendar that is lost, is not missing."""
    if not snapshot.delivery.wanted or snapshot.destination_taken:
        return False
    standing = [copy for copy in snapshot.copies if copy.state in STANDING]
    if any(_counts(snapshot, copy) for copy in standing):
        return False
    return not dismissed_here(snapshot) and not shown_elsewhere(snapshot)


def _counts(snapshot: Snapshot, copy: Copy) -> bool:
    if _may_not_exist(copy) or not _shows_right(snapshot, copy):
        return False
    return copy.state is not S.STRANDED or on_route(snapshot, copy)


def _kind(snapshot: Snapshot, wrong: Sequence[Copy]) -> str | None:
    ours = [c for c in wrong if _is_written(snapshot, c)]
    if snapshot.delivery.want is Want.ABSENT:
        if not wrong:
            return COULD_NOT_REMOVE if _only_told_it_takes_place(snapshot) else None
        return COULD_NOT_REMOVE if ours else ENTRY_REMAINS
    if not wrong:
        return UNREACHABLE if _is_unshown(snapshot) else None
    on_the_route = any(on_route(snapshot, copy) for copy in wrong)
    return COULD_NOT_UPDATE if ours or on_the_route else ENTRY_REMAINS


def _is_written(snapshot: Snapshot, copy: Copy) -> bool:
    """We know where it is, and write there."""
    return not (copy.state is S.TAKEN or copy.may_remain or is_lost(snapshot, copy))


def _only_told_it_takes_place(snapshot: Snapshot) -> bool:
    """A plain mail had to do in the place of an entry: only another one can take it back."""
    delivery = snapshot.delivery
    told_before = delivery.told_version != delivery.material_version
    told = told_before and delivery.told in (UNREACHABLE, COULD_NOT_UPDATE)
    return told and not _was_removed(snapshot)


def _was_removed(snapshot: Snapshot) -> bool:
    """Something was taken away in this version: its person saw it go."""
    version = snapshot.delivery.material_version
    return any(
        copy.state is S.GONE and copy.attempt is not None and copy.attempt.version >= version
        for copy in snapshot.copies
    )


# --- what the person knows already ---------------------------------------------------------------


def _mailed(snapshot: Snapshot) -> bool:
    """An invitation, update or cancellation of this version was sent."""
    return any(
        copy.attempt is not None and _says_it(snapshot, copy, copy.attempt)
        for copy in snapshot.copies
    )


def _says_it(snapshot: Snapshot, copy: Copy, attempt: Attempt) -> bool:
    delivery = snapshot.delivery
    if attempt.channel != MAIL or attempt.version < delivery.material_version:
        return False
    if delivery.want is Want.PRESENT and attempt.do is Do.WITHDRAW:
        return _said_it_before(snapshot, copy)
    taken_as_sent = attempt.outcome is Outcome.MAYBE and copy.state is not S.UNSURE
    if attempt.outcome is not Outcome.YES and not taken_as_sent:
        return False
    if delivery.want is Want.ABSENT:
        return attempt.do is Do.WITHDRAW
    return attempt.material_fp == delivery.material_fp


def _said_it_before(snapshot: Snapshot, copy: Copy) -> bool:
    """An invitation that is handed over to a calendar: what it said counts while it stands, and
    after that unless it was taken back for an entry that is wrong."""
    if copy.material_fp != snapshot.delivery.material_fp:
        return False
    wrong_there = any(on_route(snapshot, one) for one in wrong_copies(snapshot))
    return copy.state is S.LIVE or not wrong_there


def has_no_mailbox(snapshot: Snapshot) -> bool:
    """A mail server refused this person's address itself: a plain mail would fare no better."""
    delivery = snapshot.delivery
    return any(
        copy.refusal is RefusalKind.ADDRESS
        and _in_this_version(delivery, copy)
        and address_key(copy.address) == address_key(delivery.email)
        for copy in snapshot.copies
    )


def _in_this_version(delivery: Delivery, copy: Copy) -> bool:
    return copy.refused_version is not None and copy.refused_version >= delivery.material_version


def _mail_follows(snapshot: Snapshot) -> bool:
    """The session goes by mail, and the next step is that mail: in time, and not refused again and
    again."""
    delivery = snapshot.delivery
    route, due_at = delivery.route, delivery.due_at
    if route is None or route.channel != MAIL or delivery.parked is not None or due_at is None:
        return False
    if due_at >= delivery.starts_at:
        return False  # a mail more than this day may have
    now = replace(delivery, due_at=snapshot.now, debounce_until=None, mail_from=None)
    waiting = [replace(copy, again_at=None) for copy in snapshot.copies]
    step = next_step(replace(snapshot, delivery=now, copies=waiting))
    if not isinstance(step, Send) or step.channel != MAIL:
        return False
    return all(copy.refusals < TWICE for copy in snapshot.copies if copy.n == step.n)


# --- when -----------------------------------------------------------------------------------------


def _at(snapshot: Snapshot, wrong: Sequence[Copy]) -> datetime:
    """In time before the earlier of the start that is shown and the wanted one; at once where
    nothing will correct it."""
    delivery = snapshot.delivery
    if delivery.parked is not None or any(_is_final(delivery, copy) for copy in wrong):
        return snapshot.now
    if delivery.want is Want.ABSENT and not wrong:
        return snapshot.now
    starts = [delivery.starts_at, *(_shown_start(delivery, copy) for copy in wrong)]
    in_time = min(starts) - snapshot.policy.unreachable_mail
    since = delivery.wanted_since
    return in_time if since is None else max(in_time, since + WRONG_FOR)


def _is_final(delivery: Delivery, copy: Copy) -> bool:
    """Its person took it over or moved it away, or it was refused by name, and five minutes later
    again."""
    if copy.state is S.TAKEN or copy.may_remain:
        return True
    twice = copy.refusals >= TWICE and copy.refusal is not RefusalKind.UNKNOWN
    return twice and _in_this_version(delivery, copy)


def _shown_start(delivery: Delivery, copy: Copy) -> datetime:
    shown = [one.starts_at for one in (copy.content, copy.attempt and copy.attempt.content) if one]
    return min(shown, default=delivery.starts_at)
