"""What a poll, a sweep or a pushed session did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from calsync.errors import RecordError
from calsync.ports import Page
from calsync.store.ledger.batches import Held

NAMED = 20  # refused records that are kept with their reasons; the ledger has all


@dataclass(frozen=True, slots=True)
class PolledPage:
    """What one page did, or a part of it.

    seen      records, those that cannot be used (`refused`) included
    older     versions of which a newer one is known; they are ignored
    news      versions that were accepted and say something new
    changed   deliveries of which something else is wanted now
    lossy     updates that are refused here: they would lose somebody who is shown the session, or
              nothing can be made of them
    emptied   sessions that had people, and none of them was listed
    warnings  what was left out of records, or cut
    unusable  the first NAMED of the records that cannot be used
    """

    seen: int = 0
    refused: int = 0
    older: int = 0
    news: int = 0
    changed: int = 0
    lossy: tuple[RecordError, ...] = ()
    emptied: int = 0
    warnings: tuple[str, ...] = ()
    unusable: tuple[RecordError, ...] = ()


@dataclass(frozen=True, slots=True)
class Polled(PolledPage):
    """What all pages of a poll or sweep did.

    held       what the guard holds now
    error      why the source could not be read to its end; None: it was
    unchanged  it was read before, and showed nothing new
    """

    source: str = ""
    held: tuple[Held, ...] = ()
    error: str | None = None
    unchanged: bool = False


def read_only(page: Page) -> PolledPage:
    """What a page says of itself, before anything is done with it."""
    refused = len(page.refused)
    seen = len(page.sessions) + refused + len(page.unchanged)
    return PolledPage(
        seen=seen,
        refused=refused,
        warnings=tuple(map(str, page.warnings)),
        unusable=tuple(page.refused[:NAMED]),
    )


def summed(parts: Sequence[PolledPage]) -> PolledPage:
    """What all of these did."""
    return PolledPage(
        seen=sum(one.seen for one in parts),
        refused=sum(one.refused for one in parts),
        older=sum(one.older for one in parts),
        news=sum(one.news for one in parts),
        changed=sum(one.changed for one in parts),
        emptied=sum(one.emptied for one in parts),
        lossy=tuple(chain.from_iterable(one.lossy for one in parts)),
        warnings=tuple(chain.from_iterable(one.warnings for one in parts)),
        unusable=tuple(chain.from_iterable(one.unusable for one in parts))[:NAMED],
    )


def polled(
    source: str,
    pages: Sequence[PolledPage],
    held: Sequence[Held] = (),
    error: str | None = None,
    *,
    before: bool = False,
) -> Polled:
    """What the poll of these pages did. `before`: it went on where an earlier one had ended."""
    total = summed(pages)
    return Polled(
        seen=total.seen,
        refused=total.refused,
        older=total.older,
        news=total.news,
        changed=total.changed,
        emptied=total.emptied,
        lossy=total.lossy,
        warnings=total.warnings,
        unusable=total.unusable,
        source=source,
        held=tuple(held),
        error=error,
        unchanged=before and not error and not total.seen and not total.changed,
    )


def with_sweep(poll: Polled, sweep: Polled) -> Polled:
    """What a poll and the sweep behind it did together. A sweep shows again what the poll has
    shown, so what both tell of a record counts once."""
    both = (poll, sweep)
    held = {one.id: one for each in both for one in each.held}
    return Polled(
        seen=max(one.seen for one in both),
        refused=max(one.refused for one in both),
        older=max(one.older for one in both),
        news=poll.news + sweep.news,
        changed=poll.changed + sweep.changed,
        emptied=max(one.emptied for one in both),
        lossy=_once(poll.lossy, sweep.lossy),
        warnings=tuple(dict.fromkeys(poll.warnings + sweep.warnings)),
        unusable=_once(poll.unusable, sweep.unusable)[:NAMED],
        source=poll.source,
        held=tuple(held.values()),
        error=sweep.error,
        unchanged=poll.unchanged and not sweep.seen,
    )


def _once(*several: tuple[RecordError, ...]) -> tuple[RecordError, ...]:
    """Each of these errors of records, in their order."""
    return tuple({str(one): one for one in chain.from_iterable(several)}.values())
