"""Long texts take little room on SQLite, and whatever version wrote them can be read."""

from __future__ import annotations

import json
import zlib
from hashlib import sha256

import pytest
import sqlalchemy as sa

from calsync.core.calls import PreparedRequest
from calsync.core.ledger import DeliveryKey, Do
from calsync.store.engine.packed import COMMON, pack, pack_bytes, unpack, unpack_bytes
from calsync.store.ledger import deliveries
from calsync.store.ledger.rows import Sealer, delivery_of
from calsync.store.vault import Vault, new_key
from tests.harness.platform import Platform

SESSION = ("default", "ses-1")
# Made by the first version that packed.
PACKED = "01239491d0720428b5a2046d2d00"
DICTIONARY = "70ff1c6fae4983e3"
KEY = DeliveryKey("default", "ses-1", "u-1")
TEXTS = ["", "a", '{"title": "Übung äöü 日本語 🎉", "text": "' + "word \\n" * 20_000 + '"}']


@pytest.mark.parametrize("text", TEXTS, ids=["empty", "short", "long"])
def test_what_was_packed_is_what_is_read(text: str) -> None:
    assert unpack(pack(text)) == text
    assert unpack_bytes(pack_bytes(text.encode())) == text.encode()
    assert len(pack(text) or "") <= len(text.encode())


def test_nothing_stays_nothing() -> None:
    assert pack(None) is None
    assert unpack(None) is None


def test_what_a_newer_version_packed_is_not_taken_for_ours() -> None:
    with pytest.raises(zlib.error, match="newer version"):
        unpack(b"\2" + pack_bytes(b"x")[1:])


def test_what_ledgers_were_packed_with_stays_as_it_is() -> None:
    """Another dictionary could read nothing of what is stored."""
    known = bytes.fromhex(PACKED)
    assert unpack(known) == '{"details": {"agenda": [0, 0], "kind": "online"}, "locale": "en"}'
    assert sha256(COMMON).hexdigest()[:16] == DICTIONARY


def test_sqlite_keeps_long_texts_packed_and_postgresql_as_earlier_versions_read_them(
    platform: Platform,
) -> None:
    platform.book(platform.a_session())
    for table, column in (("delivery", "content"), ("booked_session", "record")):
        with platform.store.read() as db:
            query = f"SELECT {column} FROM {table}"
            raw = db.conn.exec_driver_sql(query).scalars().first()
        if platform.store.sqlite:
            assert isinstance(raw, bytes)
            assert len(raw) < len(unpack(raw) or "") / 2
        else:
            assert json.loads(raw)["title"]


def test_a_row_of_an_earlier_version_is_read_as_it_is(platform: Platform) -> None:
    platform.book(platform.a_session())
    with platform.store.write() as db:
        (row,) = [one for one in deliveries.of_session(db, *SESSION) if one["participant"] == "u-1"]
        plain = {"text": row["content"], "who": "u-1"}
        update = "UPDATE delivery SET content = :text WHERE participant = :who"
        db.run(sa.text(update), plain)
        (same,) = [
            one for one in deliveries.of_session(db, *SESSION) if one["participant"] == "u-1"
        ]
    assert same["content"] == row["content"]
    assert delivery_of(same).content == delivery_of(row).content


@pytest.mark.parametrize("body", [b"", b"{}", b"From: a\0b\r\n\xff" * 2_000])
@pytest.mark.parametrize("packs", [True, False])
def test_a_sealed_call_is_opened_in_either_form(body: bytes, packs: bool) -> None:
    vault = Vault([new_key()])
    call = PreparedRequest(Do.CREATE, "key", body, "2.a", "2.b")
    sealed = Sealer(vault, packs).prepared(KEY, 1, call, None)
    assert Sealer(vault, not packs).open_prepared(KEY, 1, sealed) == (call, None)


def test_what_is_sealed_takes_a_third_of_the_room(platform: Platform) -> None:
    platform.book(platform.a_session())
    event = delivery_of(platform.delivery()).content
    body = json.dumps({"summary": "x", "description": event.html if event else ""}).encode()
    call = PreparedRequest(Do.CREATE, "key", body, "2.a", "2.b")
    sizes = [
        len(sealer.prepared(KEY, 1, call, event)) + len(sealer.content(KEY, 1, event) or b"")
        for sealer in (Sealer(platform.vault, packs=True), Sealer(platform.vault))
    ]
    assert sizes[0] < sizes[1] / 2.5
    assert platform.context.sealer.packs is platform.store.sqlite
