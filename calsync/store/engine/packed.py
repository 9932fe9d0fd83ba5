"""Long texts of the ledger, which SQLite keeps packed: a third of the room, in ten microseconds.

PostgreSQL keeps them as they are. A daemon of an earlier version may work beside this one there
(docs/upgrade.md), and reads plain text alone; SQLite has one daemon, which ends before another
version begins. Plain text is read everywhere: rows are packed when they are next written.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

# What such texts have in common (zlib.net/manual.html, deflateSetDictionary). Never change it:
# what is stored can be read with it alone. Another one would be another first byte.
FIRST, COMMON = (
    b"\1",
    (
        b'","digest":"","program":{"id":"","name":"","kind":"group","kind":"individual",'
        b'"discreet":false},"place":{"url":"https://","label":"Zoom","phone":"","passcode":""},'
        b'"agenda":{"html":"<ol><li>","url":"https://"},"url":"https://","participants":[{"id":"",'
        b'"name":"","email":"@","role":"mentee","time_zone":"America/New_York","locale":"en",'
        b'"person":""},{"id":"","role":"mentor","time_zone":"Europe/Berlin","locale":"de",'
        b'"person":""}],"set_aside":[],"wall":["2026-{"id":"","tenant":"default","updated_at":"2026-'
        b'","status":"booked","title":"'
        b'<p><a href=\\"https://\\">Beitreten (Zoom)</a></p><p><b>Agenda:</b></p><p><b>Mit:</b> '
        b'<p><a href=\\"https://\\">Rejoindre (Zoom)</a></p><p><b>Ordre du jour :</b></p>'
        b'<p><a href=\\"https://\\">Unirse (Zoom)</a></p><p><b>Con:</b> '
        b'{"details": {"agenda": [0, 0], "agenda_html": [0, 0], "how": "", "kind": "in_person", '
        b'"kind": "online", "label": "Zoom", "links": [], "name": "", "others": 0, "passcode": "", '
        b'"people": [""], "phone": ""}, "ends_at": "2026-T00:00:00+00:00", "html": "<p>'
        b'<a href=\\"https://\\">Join (Zoom)</a></p><p><a href=\\"https://\\">View &amp; Edit</a>'
        b"</p><p><b>Agenda:</b></p><ol><li></li><li></li></ol><ul><li></li></ul><p><b>With:</b> "
        b"</p><p><i>Kept up to date by the platform; please make changes there, not in this entry."
        b'</i></p>", "join_url": "https://", "locale": "en", "location": "https://", '
        b'"material_fp": "2.", "private": false, "quiet_fp": "2.", "starts_at": '
        b'"2026-T00:00:00+00:00", "text": "Join (Zoom): https://\\n\\nView & Edit: https://'
        b'\\n\\nAgenda:\\n1. \\n2. \\n3. \\n\\nWith: \\n\\n", "time_zone": "Europe/London", '
        b'"title": " with ", "url": "https://'
    ),
)
WINDOW = -15  # of deflate alone, without a header


class Packed(TypeDecorator[str]):
    """A text, or None."""

    impl = sa.Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], Any] | None:
        return pack if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        return unpack if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def pack(text: str | None) -> str | bytes | None:
    """The text as SQLite keeps it: as it is where packing does not make it shorter."""
    if text is None:
        return None
    plain = text.encode()
    packed = pack_bytes(plain)
    return packed if len(packed) < len(plain) else text


def unpack(kept: str | bytes | None) -> str | None:
    """What `pack` was given. Raises zlib.error for bytes that it did not make."""
    return unpack_bytes(kept).decode() if isinstance(kept, bytes) else kept


def pack_bytes(plain: bytes) -> bytes:
    """Packed, with what was packed with: `is_packed`."""
    packer = zlib.compressobj(1, zlib.DEFLATED, WINDOW, 8, zlib.Z_DEFAULT_STRATEGY, COMMON)
    return FIRST + packer.compress(plain) + packer.flush()


def unpack_bytes(packed: bytes) -> bytes:
    """What `pack_bytes` was given. Raises zlib.error for bytes that it did not make."""
    if not is_packed(packed):
        raise zlib.error("these bytes were packed by a newer version")
    opener = zlib.decompressobj(WINDOW, COMMON)
    return opener.decompress(packed[1:]) + opener.flush()


def is_packed(kept: bytes) -> bool:
    """No JSON begins so."""
    return kept[:1] == FIRST
