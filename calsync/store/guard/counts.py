"""What a batch's row keeps of its changes, as JSON: counts by kind, and a few of their sessions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from calsync.core.guard import ChangeKind, Tally

REMEMBERED = 20  # sessions of one kind, at least; more where the limits ask for more

Tallies = Mapping[ChangeKind, Tally]


@dataclass(frozen=True, slots=True)
class OpenCounts:
    """What pages have put into an open batch so far.

    plain     nothing but first events and first mails of sessions that nobody knew before
    tallies   by kind, while it is plain
    released  of them, those that went as soon as their page was stored
    """

    plain: bool = True
    tallies: Tallies = field(default_factory=dict)
    released: Tally = field(default_factory=Tally)


def added(one: Tallies, other: Tallies) -> dict[ChangeKind, Tally]:
    """Both together."""
    return {kind: one.get(kind, Tally()) + other.get(kind, Tally()) for kind in {*one, *other}}


def limited(tallies: Tallies, sessions: int) -> dict[ChangeKind, Tally]:
    """The same, with the ids of at most so many sessions of each kind."""
    return {kind: tally.keeping(sessions) for kind, tally in tallies.items()}


def decided(held: Mapping[str, int], passed: Tallies, sessions: int) -> str:
    """The counts of a batch that was closed: of what is held, and of what passed the guard."""
    most = max(REMEMBERED, sessions)
    return json.dumps({"held": held, **_written("passed", "sessions", limited(passed, most))})


def passed(counts: str) -> dict[ChangeKind, Tally]:
    """What passed the guard, of a row written by `decided`, or by a version that kept no sessions:
    each change counts as a session of its own there."""
    return _read(json.loads(counts), "passed", "sessions")


def still_open(counts: OpenCounts, sessions: int) -> str:
    """The counts of a batch that pages are being put into."""
    kept = limited(counts.tallies, max(REMEMBERED, sessions))
    known: dict[str, Any] = {"plain": counts.plain, "released": counts.released.deliveries}
    known |= {"of": sorted(counts.released.sessions)[:sessions]}
    return json.dumps({"open": known | _written("counts", "sessions", kept)})


def of_open(counts: str) -> OpenCounts:
    """What `still_open` wrote. Nothing is known of a row that an older calsync wrote: that one
    is not plain."""
    known = json.loads(counts).get("open")
    if known is None:
        return OpenCounts(plain=False)
    released = Tally(known["released"], frozenset(known["of"]))
    return OpenCounts(known["plain"], _read(known, "counts", "sessions"), released)


def _written(numbers: str, sessions: str, tallies: Tallies) -> dict[str, Any]:
    return {
        numbers: {kind.value: tally.deliveries for kind, tally in tallies.items()},
        sessions: {kind.value: sorted(tally.sessions) for kind, tally in tallies.items()},
    }


def _read(known: Mapping[str, Any], numbers: str, sessions: str) -> dict[ChangeKind, Tally]:
    ids = known.get(sessions, {})
    return {
        ChangeKind(kind): Tally(
            count, frozenset(ids.get(kind, [f"#{n}" for n in range(min(count, REMEMBERED))]))
        )
        for kind, count in known.get(numbers, {}).items()
    }
