"""Sessions of the lost time of which a restored ledger knows only that they are cancelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from calsync.ops.restore import unseen
from calsync.runtime.context import Context
from calsync.store.database import Db
from calsync.store.ledger import recovery
from tests.harness.installation import MAYA, Installation
from tests.ops.restoring import Restoring

SESSIONS = [f"ses-{n}" for n in range(1, 6)]


@pytest.fixture
def lost(restoring: Restoring) -> Restoring:
    """Maya saw five sessions of which the ledger that was put back knows nothing but that they are
    cancelled; she has two accounts."""
    restoring.made.connect("outlook")
    restoring.made.connect("google")
    restoring.back_up()
    book(restoring.made, "booked")
    restoring.made.sync()
    assert len(restoring.made.shown()) == len(SESSIONS)
    book(restoring.made, "cancelled")
    restoring.put_back()
    return restoring


def book(made: Installation, status: str) -> None:
    for n, ident in enumerate(SESSIONS):
        made.book(ident, days=9 + n, status=status)


def test_they_are_read_once_for_all_accounts_in_ranges_and_never_while_something_is_written(
    lost: Restoring, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []
    writing: list[str] = []
    read, transact = recovery.cancelled_unseen, Context.transact

    def counted(db: Db, tenant: str, after: str, limit: int) -> list[dict[str, Any]]:
        assert not writing
        found = read(db, tenant, after, limit)
        reads.append(len(found))
        return found

    def noted(self: Context, name: str, work: Callable[[Db], Any], **how: Any) -> Any:
        writing.append(name)
        try:
            return transact(self, name, work, **how)
        finally:
            writing.pop()

    monkeypatch.setattr(recovery, "cancelled_unseen", counted)
    monkeypatch.setattr(Context, "transact", noted)
    monkeypatch.setattr(unseen, "RANGE", 2)
    assert lost.repair().orphans == len(SESSIONS)
    assert reads == [2, 2, 1]
    assert lost.made.shown() == []


def test_what_is_booked_anew_between_the_listing_and_its_taking_in_is_not_cancelled_by_it(
    lost: Restoring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a record that the platform pushes meanwhile."""
    check = recovery.is_cancelled_unseen

    def booked_meanwhile(db: Db, tenant: str, session: str) -> bool:
        assert check(db, tenant, session)
        return session != "ses-1"

    monkeypatch.setattr(recovery, "is_cancelled_unseen", booked_meanwhile)
    lost.repair()
    assert lost.made.shown() == [("google", "Title of ses-1")]


def test_an_event_that_was_made_for_somebody_else_at_this_address_is_known_by_its_marker(
    restoring: Restoring,
) -> None:
    """In the lost time Sam had the address that Maya has, and saw the session in her calendar."""
    made = restoring.made
    made.connect("google")
    for address in ("other@mail.example", "sam@mail.example"):
        made.sandbox.add_person(address)
    maya = {"id": "u-1", "name": "Maya Chen", "email": MAYA}
    sam = {"id": "u-2", "name": "Sam Okafor", "email": MAYA}
    other = {"email": "other@mail.example"}
    made.book(participants=[maya | other, sam | {"email": "sam@mail.example"}])
    made.sync()
    restoring.back_up()
    made.book(participants=[maya | other, sam])
    made.sync()
    assert made.shown() == [("google", "Title of ses-1 with Maya Chen")]
    made.book(days=11, participants=[maya, sam | {"email": "sam@mail.example"}])
    restoring.put_back()
    assert restoring.repair().orphans == 1
    assert made.shown() == [("google", "Title of ses-1 with Sam Okafor")]
    assert restoring.verify().differences == 0
