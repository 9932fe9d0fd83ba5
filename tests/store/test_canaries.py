"""Another key under the same id is noticed before it seals anything, and so is a missing one."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
import sqlalchemy as sa

from calsync.errors import ConfigError, InputError
from calsync.ops import commands, startup
from calsync.store.database import Db
from calsync.store.ledger.rows import table
from calsync.store.sealing import canaries
from calsync.store.sealing import reseal as sealing
from calsync.store.vault import Vault, new_key
from tests.harness.platform import Platform


@pytest.fixture
def platform(ledger_url: str) -> Iterator[Platform]:
    made = Platform(ledger_url)
    yield made
    made.close()


def deliver(platform: Platform) -> None:
    """Something is sealed."""
    platform.connect("maya@example.org")
    platform.book(platform.a_session())
    platform.deliver()


def check(platform: Platform, *keys: str) -> None:
    """What every command does first, with these keys."""
    startup.check_keys(replace(platform.context, vault=Vault(keys)))


def reseal(platform: Platform, *keys: str, lost: str | None = None) -> int:
    """How many values are left with another key."""
    context = replace(platform.context, vault=Vault(keys))
    return sum(one.left for one in commands.reseal(context, lost=lost))


def known(platform: Platform) -> list[str]:
    """Ids that have a canary, the newest last."""
    with platform.store.read() as db:
        rows = db.all(sa.select(table("key_canary")).order_by(table("key_canary").c.number))
    return [row["kid"] for row in rows]


def keys(*ids: str) -> list[str]:
    return [f"{kid}:{new_key().partition(':')[2]}" for kid in ids]


def test_a_new_ledger_remembers_its_keys_at_once(platform: Platform) -> None:
    old, new = keys("k1", "k2")
    check(platform, new, old)
    assert known(platform) == ["k1", "k2"]


def test_other_bytes_under_the_same_id_are_refused_and_the_former_ones_are_not(
    platform: Platform,
) -> None:
    was, other = keys("k1", "k1")
    check(platform, was)
    with pytest.raises(ConfigError, match=r"security\.keys: the key 'k1' is not the one"):
        check(platform, other)
    with pytest.raises(ConfigError, match="'k1' is not the one"):
        check(platform, *keys("k2"), other)
    with pytest.raises(ConfigError, match="'k1' is not the one"):
        reseal(platform, other)
    check(platform, was)
    assert known(platform) == ["k1"]


def test_a_ledger_of_before_is_asked_whether_the_key_opens_what_it_holds(
    platform: Platform,
) -> None:
    deliver(platform)
    kid = platform.vault.key_ids[0]
    (other,) = keys(kid)
    with pytest.raises(ConfigError, match=f"{kid!r} is not the one"):
        check(platform, other)
    assert known(platform) == []
    check(platform, platform.key)
    assert known(platform) == [kid]


def test_one_damaged_value_speaks_against_no_key(platform: Platform) -> None:
    deliver(platform)
    with platform.store.write() as db:
        secret = db.scalar(sa.select(table("account").c.secret))
        db.run(sa.update(table("account")).values(secret=secret + b"!"))
    check(platform, platform.key)
    assert known(platform) == list(platform.vault.key_ids)


def test_a_key_that_has_sealed_nothing_yet_is_believed_only_once_it_has(
    platform: Platform,
) -> None:
    deliver(platform)
    first = platform.vault.key_ids[0]
    check(platform, platform.key)
    (new,) = keys("k2")
    check(platform, new, platform.key)
    assert known(platform) == [first]
    sealing.run(platform.store, Vault([new, platform.key]))  # as a daemon does, value by value
    check(platform, new, platform.key)
    assert known(platform) == [first, "k2"]


def test_a_machine_without_the_newest_key_is_told_in_which_order_keys_change(
    platform: Platform,
) -> None:
    old, new = keys("k1", "k2")
    check(platform, new, old)
    with pytest.raises(ConfigError) as caught:
        check(platform, old)
    (problem,) = caught.value.problems
    assert re.search(r"with the key 'k2' since \d{4}-\d\d-\d\d \d\d:\d\d UTC", problem)
    steps = ("behind the current one", "then put first", "`calsync db reseal`", "is removed")
    assert sorted(steps, key=problem.index) == list(steps)
    check(platform, old, new)


def test_after_reseal_no_older_key_is_asked_for(platform: Platform) -> None:
    deliver(platform)
    check(platform, platform.key)
    (new,) = keys("k2")
    assert reseal(platform, new, platform.key) == 0
    assert known(platform) == ["k2"]
    check(platform, new)
    with pytest.raises(ConfigError, match="with the key 'k2' since"):
        check(platform, platform.key)


def test_a_key_that_still_seals_values_is_asked_for_until_it_is_given_up(
    platform: Platform,
) -> None:
    deliver(platform)
    check(platform, platform.key)
    lost = platform.vault.key_ids[0]
    (new,) = keys("k2")
    assert reseal(platform, new) > 0
    with pytest.raises(ConfigError, match=f"`calsync db reseal --lost {lost}`"):
        check(platform, new)
    with pytest.raises(InputError, match=r"is listed in security\.keys"):
        reseal(platform, new, platform.key, lost=lost)
    assert reseal(platform, new, lost=lost) > 0
    check(platform, new)


def test_of_two_machines_with_different_new_keys_the_second_is_refused(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both found no canary; the row of the first one stays."""
    mine, other = keys("k1", "k1")
    add = canaries.add

    def slow(db: Db, vault: Vault, ids: Sequence[str]) -> None:
        add(db, Vault([other]), ids)
        add(db, vault, ids)

    monkeypatch.setattr(canaries, "add", slow)
    with pytest.raises(ConfigError, match="'k1' is not the one"):
        check(platform, mine)
    monkeypatch.undo()
    check(platform, other)


def test_a_canary_tells_nothing_of_its_key(platform: Platform) -> None:
    check(platform, platform.key)
    with platform.store.read() as db:
        (row,) = db.all(sa.select(table("key_canary")))
    encoded = platform.key.partition(":")[2]
    assert encoded not in str(row)
    assert base64.b64decode(encoded).hex() not in str(row)
