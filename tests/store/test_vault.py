"""Sealing: bound to its place and purpose, rotated without loss, silent about its keys."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calsync.errors import ConfigError, SealError
from calsync.store.vault import NONCE_BYTES, Vault, new_key

PLACE = "account:acc-1:secret"
DATA = b'{"refresh_token": "1//0abc"}'
RAW = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture
def vault() -> Vault:
    return Vault([new_key()])


@given(st.binary(max_size=2000), st.text(max_size=40), st.text(max_size=40))
def test_what_was_sealed_opens_in_its_place(data: bytes, purpose: str, place: str) -> None:
    vault = Vault(["k1:" + RAW])
    assert vault.open(purpose, place, vault.seal(purpose, place, data)) == data


@pytest.mark.parametrize(
    ("purpose", "place"),
    [
        ("account", "account:acc-2:secret"),
        ("account", "account:acc-1:token"),
        ("content", PLACE),
        ("account\0account", "acc-1:secret"),
        ("", "account" + PLACE),
    ],
)
def test_sealed_bytes_open_nowhere_else(vault: Vault, purpose: str, place: str) -> None:
    sealed = vault.seal("account", PLACE, DATA)
    with pytest.raises(SealError, match="another place"):
        vault.open(purpose, place, sealed)


def test_every_changed_bit_is_noticed(vault: Vault) -> None:
    sealed = vault.seal("account", PLACE, DATA)
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealError):
            vault.open("account", PLACE, bytes(changed))


def test_every_cut_is_noticed(vault: Vault) -> None:
    sealed = vault.seal("account", PLACE, DATA)
    for length in range(len(sealed)):
        with pytest.raises(SealError):
            vault.open("account", PLACE, sealed[:length])


@pytest.mark.parametrize("junk", [b"", b"\x01", b"\x01\x02k1", DATA, b"\x01\xff" + DATA * 9])
def test_bytes_that_were_never_sealed_are_told_apart_from_an_old_key(
    vault: Vault, junk: bytes
) -> None:
    with pytest.raises(SealError, match="not a sealed value"):
        vault.open("account", PLACE, junk)


def test_the_same_data_never_seals_to_the_same_bytes(vault: Vault) -> None:
    sealed = [vault.seal("account", PLACE, DATA) for _ in range(50)]
    end = 2 + sealed[0][1]
    assert len({one[end : end + NONCE_BYTES] for one in sealed}) == 50
    assert all(DATA not in one and b"refresh" not in one for one in sealed)


def test_purposes_have_keys_of_their_own(vault: Vault) -> None:
    vault.seal("account", PLACE, DATA)
    vault.seal("wire", PLACE, DATA)
    vault.keyed_hash("account", "u-1")
    derived = list(vault._derived.values())
    assert len(set(derived)) == len(derived) == 3
    assert not set(derived) & set(vault._keys.values())


def test_a_new_key_in_front_keeps_old_values_open_and_seals_new_ones() -> None:
    old, new = new_key(), new_key()
    sealed = Vault([old]).seal("account", PLACE, DATA)
    rotated = Vault([new, old])
    assert rotated.open("account", PLACE, sealed) == DATA
    again = rotated.seal("account", PLACE, DATA)
    assert Vault([new]).open("account", PLACE, again) == DATA


def test_a_key_that_was_taken_away_is_named() -> None:
    sealed = Vault(["old-1:" + RAW]).seal("account", PLACE, DATA)
    with pytest.raises(SealError, match=r"'old-1'.*security\.keys"):
        Vault([new_key()]).open("account", PLACE, sealed)


def test_the_same_id_with_another_key_is_refused() -> None:
    sealed = Vault(["k1:" + RAW]).seal("account", PLACE, DATA)
    other = "k1:" + base64.b64encode(bytes(32)).decode()
    with pytest.raises(SealError, match="restore the key"):
        Vault([other]).open("account", PLACE, sealed)


def test_a_keyed_hash_is_stable_and_depends_on_key_purpose_and_text() -> None:
    key, other = new_key(), new_key()
    alias = Vault([key]).keyed_hash("forget", "maya@example.org")
    assert len(alias) == 64
    assert alias == Vault([key, other]).keyed_hash("forget", "maya@example.org")
    assert alias not in (
        Vault([other]).keyed_hash("forget", "maya@example.org"),
        Vault([key]).keyed_hash("notice", "maya@example.org"),
        Vault([key]).keyed_hash("forget", "sam@example.org"),
    )


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("", "does not start with an id"),
        (RAW, "does not start with an id"),
        (":" + RAW, "does not start with an id"),
        ("two words:" + RAW, "does not start with an id"),
        ("k1:%%%", "not base64"),
        ("k1:" + RAW[:-4], "has 30 bytes and must have 32"),
        ("k1:", "has 0 bytes"),
    ],
)
def test_a_bad_key_says_how_to_make_one_and_is_not_repeated(key: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why) as caught:
        Vault([key])
    assert "openssl rand -base64 32" in str(caught.value)
    assert len(key) < 4 or key not in str(caught.value)
    assert RAW[:10] not in str(caught.value)


def test_all_bad_keys_are_told_together() -> None:
    with pytest.raises(ConfigError) as caught:
        Vault(["k1:" + RAW, "k1:" + RAW, "nothing", "k2:x"])
    assert [problem.split(":")[1].strip() for problem in caught.value.problems] == [
        "key 2",
        "key 3",
        "key 4",
    ]


def test_no_key_at_all_says_how_to_make_one() -> None:
    with pytest.raises(ConfigError, match="openssl rand"):
        Vault([])


def test_neither_repr_nor_str_shows_a_key() -> None:
    vault = Vault(["k1:" + RAW])
    vault.keyed_hash("forget", "u-1")
    assert repr(vault) == str(vault) == "Vault(...)"
