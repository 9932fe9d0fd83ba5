"""API tokens: what is stored of them, who is let in, and what ends that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from calsync.errors import InputError
from calsync.store.api import tokens
from calsync.store.api.tokens import Caller, Scope
from calsync.store.database import Store, open_engine


class Clock:
    ahead = timedelta()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(ledger_url: str, clock: Clock) -> Iterator[Store]:
    made = Store(open_engine(ledger_url), lambda: clock.ahead)
    yield made
    made.close()


def a_token(store: Store, tenant: str = "acme", *scopes: Scope) -> tuple[str, str]:
    with store.write() as db:
        return tokens.create(db, tenant, "platform", scopes or [Scope.CHANGES_READ])


def verified(store: Store, token: str) -> tuple[Caller, bool] | None:
    with store.read() as db:
        return tokens.verify(db, token)


def test_a_token_lets_in_its_tenant_with_its_scopes(store: Store) -> None:
    ident, token = a_token(store, "acme", Scope.SESSIONS_WRITE, Scope.CHANGES_READ)
    a_token(store, "other")

    found = verified(store, token)
    assert found is not None
    assert found[0] == Caller(ident, "acme", frozenset({"sessions:write", "changes:read"}))


def test_neither_the_token_nor_its_secret_part_is_stored(store: Store) -> None:
    ident, token = a_token(store)
    with store.read() as db:
        stored = repr(db.all(tokens._by_id(), {"of_id": ident}))
        shown = repr(tokens.listed(db, None))

    assert token.split("_")[2] not in stored
    assert "hash" not in shown
    assert len(token.split("_")[2]) == 64, "256 bits, in hexadecimal"


@pytest.mark.parametrize("wrong", ["other secret", "other id", "longer", "empty", "words", "odd"])
def test_what_is_not_exactly_the_token_lets_nobody_in(store: Store, wrong: str) -> None:
    ident, token = a_token(store)
    _, other = a_token(store)
    shown = {
        "other secret": f"calsync_{ident}_{other.split('_')[2]}",
        "other id": f"calsync_{other.split('_')[1]}_{token.split('_')[2]}",
        "longer": token + "0",
        "empty": "",
        "words": "calsync__",
        "odd": "calsync_\ud800_ä",
    }[wrong]

    assert verified(store, shown) is None


def test_a_revoked_token_is_worthless_and_stays_listed(store: Store) -> None:
    ident, token = a_token(store)
    with store.write() as db:
        tokens.revoke(db, ident)

    assert verified(store, token) is None
    with store.read() as db:
        (row,) = tokens.listed(db, "acme")
    assert row["revoked"] is not None


def test_a_revoked_token_keeps_the_time_of_its_first_revocation(store: Store, clock: Clock) -> None:
    ident, _ = a_token(store)
    with store.write() as db:
        tokens.revoke(db, ident)
        (before,) = tokens.listed(db, None)
    clock.ahead = timedelta(hours=1)
    with store.write() as db:
        tokens.revoke(db, ident)
        (after,) = tokens.listed(db, None)

    assert before["revoked"] == after["revoked"]


def test_revoking_what_is_not_there_tells_where_to_look(store: Store) -> None:
    with store.write() as db, pytest.raises(InputError, match="tokens list"):
        tokens.revoke(db, "nothing")


def test_last_use_is_noted_once_a_minute(store: Store, clock: Clock) -> None:
    ident, token = a_token(store)
    first = verified(store, token)
    with store.write() as db:
        tokens.used(db, ident)
    again = verified(store, token)
    clock.ahead = timedelta(minutes=2)
    later = verified(store, token)

    assert [found and found[1] for found in (first, again, later)] == [True, False, True]
