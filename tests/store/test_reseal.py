"""Sealing again: afterwards the new key alone opens everything, whoever works meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from calsync.core.ledger import DeliveryKey
from calsync.core.visit import Visit, Visitor
from calsync.errors import SealError
from calsync.store.connect import accounts, consents
from calsync.store.ledger import copies, notices
from calsync.store.ledger.rows import Sealer, table
from calsync.store.queue import claims
from calsync.store.sealing import reseal
from calsync.store.upcoming import unsubscribed
from calsync.store.vault import Vault, new_key
from tests.harness.platform import SAM, Platform


@pytest.fixture
def platform(ledger_url: str) -> Iterator[Platform]:
    """Something sealed in every column there is."""
    made = Platform(ledger_url)
    ident = made.connect("maya@example.org")
    made.book(made.a_session(), made.a_session("ses-2", participants=(SAM,)))
    made.deliver()
    made.mail.failures = ["lost"]
    made.book(made.a_session("ses-3", participants=(SAM,)))
    made.deliver()
    with made.store.write() as db:
        unsubscribed.make_secret(db, made.vault)
        held = accounts.credentials(db, made.vault, ident)
        assert held is not None
        assert accounts.store_token(db, made.vault, held, "ya29", made.clock(), None)
        notices.want(db, "default", "account_lost", "maya@example.org", "x")
        notice = notices.claim(db, made.context.lease)
        assert notice is not None
        visit = Visit("v", Visitor("default", "maya@example.org"), made.clock())
        consents.ask(db, made.vault, "c", visit, "google", {"state": "s"}, made.context.lease)
        notices.start(db, notice, made.vault.seal("notice", notice.place, b"bytes"))
    yield made
    made.close()


def rotated(platform: Platform) -> tuple[Vault, Vault]:
    """The vault with a new key before the old one, and with the new key alone."""
    key = new_key()
    return Vault([key, platform.key]), Vault([key])


def opened(platform: Platform, vault: Vault) -> int:
    """How many values this vault opens. Raises SealError for one that it does not."""
    count = 0
    with platform.store.read() as db:
        for one in reseal.SEALED:
            for row in db.all(sa.select(table(one.table))):
                if row[one.column] is not None:
                    vault.open(one.purpose, one.place(row), row[one.column])
                    count += 1
    return count


def test_every_sealed_column_is_known(platform: Platform) -> None:
    sealed = {
        (name, column.name)
        for name in (
            "account",
            "copy",
            "attempt",
            "notice",
            "delivery",
            "booked_session",
            "consent",
            "instance",
        )
        for column in table(name).columns
        if isinstance(column.type, sa.LargeBinary)
    }
    assert sealed == {(one.table, one.column) for one in reseal.SEALED}


def test_afterwards_the_new_key_alone_opens_everything(platform: Platform) -> None:
    both, alone = rotated(platform)
    with pytest.raises(SealError):
        opened(platform, alone)
    seen: list[int] = []
    done = reseal.run(platform.store, both, seen.append)

    assert {one.kind: (one.resealed, one.left) for one in done} == {
        "credentials": (1, 0),
        "access tokens": (1, 0),
        "shown content": (3, 0),
        "stored calls": (1, 0),
        "consents": (1, 0),
        "stored notices": (1, 0),
        "the secret of unsubscribe links": (1, 0),
    }
    assert seen[-1] == opened(platform, alone) == 9
    key = DeliveryKey("default", "ses-3", "u-2")
    with platform.store.read() as db:
        (copy,) = claims.copies(db, Sealer(alone), key)
        assert copy.attempt is not None
        assert copies.stored_request(db, Sealer(alone), key, 1, copy.attempt) is not None


def test_a_second_run_finds_nothing_to_do(platform: Platform) -> None:
    both, _ = rotated(platform)
    reseal.run(platform.store, both)
    again = reseal.run(platform.store, both)

    assert [(one.resealed, one.left) for one in again] == [(0, 0)] * len(reseal.SEALED)


def test_it_goes_on_where_it_was_stopped(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reseal, "PAGE", 2)
    both, alone = rotated(platform)

    def stop(done: int) -> None:
        if done >= 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reseal.run(platform.store, both, stop)
    done = reseal.run(platform.store, both)

    assert sum(one.resealed for one in done) == 5
    assert opened(platform, alone) == 9


def test_a_value_written_meanwhile_is_not_overwritten(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, alone = rotated(platform)
    seal, written = both.seal, list[bytes]()

    def race(purpose: str, place: str, data: bytes) -> bytes:
        """A daemon that stores a new refresh token between our reading and our writing."""
        if place.endswith(":secret") and not written:
            written.append(seal(purpose, place, b'{"refresh_token": "newer"}'))
            with platform.store.write() as db:
                db.run(sa.update(table("account")).values(secret=written[0]))
        return seal(purpose, place, data)

    monkeypatch.setattr(both, "seal", race)
    done = reseal.run(platform.store, both)
    with platform.store.read() as db:
        assert db.scalar(sa.select(table("account").c.secret)) == written[0]

    assert (done[0].resealed, done[0].left) == (0, 0)
    assert opened(platform, alone) == 9


def test_what_no_listed_key_opens_is_left_and_counted(platform: Platform) -> None:
    _, alone = rotated(platform)
    before = opened(platform, platform.vault)
    done = reseal.run(platform.store, alone)

    assert sum(one.left for one in done) == before
    assert sum(one.resealed for one in done) == 0
    assert opened(platform, platform.vault) == before
