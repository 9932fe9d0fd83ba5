"""What an event shows of the fields that calsync owns.

An event carries the fingerprints of what it was made to show, and hashes of the owned fields as
they were sent. A later reader hashes the fields again: what differs was edited.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from calsync.core.calls import Seen, Sighting, Span
from calsync.core.content.icalendar import ContentHashes

FORMER = "former"  # no hash: equal to nothing that an event shows


@dataclass(frozen=True, slots=True)
class Marks:
    """What calsync wrote on an event, and hashes of the owned fields: as they were sent, as they
    are."""

    material_fp: str
    quiet_fp: str
    sent: ContentHashes
    now: ContentHashes


def sighting(
    remote_id: str,
    revision: str | None,
    uid: str | None,
    marks: Marks | None,
    *,
    guests: bool,
    span: Span | None = None,
) -> Sighting:
    """What an event shows. `marks`: None for one that is not ours. An edit is drift of the
    fingerprint whose fields it touches; `span`: the times that it shows."""
    if marks is None:
        return Sighting(remote_id, Seen.NOT_OURS, revision, uid, has_guests=guests, span=span)
    sent, now = marks.sent, marks.now
    moved = now.material != sent.material
    return Sighting(
        remote_id,
        Seen.LIVE,
        revision,
        uid,
        f"drift:{now.material}" if moved else marks.material_fp,
        marks.quiet_fp if now.quiet == sent.quiet else f"drift:{now.quiet}",
        guests,
        span=span if moved else None,
    )


def as_adopted(now: ContentHashes, *, same_times: bool) -> ContentHashes:
    """What is noted as sent of an event that another system made: all of it as it is, but for times
    that are wrong; those are drift, and will be corrected."""
    return now if same_times else ContentHashes(FORMER, now.quiet)


def content_hashes(material: Sequence[str], quiet: Sequence[str]) -> ContentHashes:
    """Hashes of fields, each written as one text that a provider does not change."""
    return ContentHashes(_hash(material), _hash(quiet))


def normal_text(text: str) -> str:
    """One kind of blank, composed letters."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _hash(parts: Sequence[str]) -> str:
    text = json.dumps(list(parts), ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:20]
