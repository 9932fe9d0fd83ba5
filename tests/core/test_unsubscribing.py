"""Tokens of unsubscribe links: short, always the same, and made by nobody else."""

from __future__ import annotations

import pytest

from calsync.core.upcoming.rules import UPCOMING
from calsync.core.upcoming.unsubscribing import read_token, reader_of, token_of

SECRET, OTHER = b"s" * 32, b"o" * 32
MAYA = reader_of(SECRET, UPCOMING, "default", "maya@example.org")
TOKEN = token_of(SECRET, UPCOMING, MAYA)


def test_a_token_fits_into_a_link_and_says_nothing_of_its_person() -> None:
    assert len(TOKEN) == 24
    assert TOKEN.replace("-", "").replace("_", "").isalnum()
    assert token_of(SECRET, UPCOMING, MAYA) == TOKEN


def test_a_token_is_read_by_whoever_has_the_secret() -> None:
    assert read_token(SECRET, UPCOMING, TOKEN) == MAYA


def test_an_address_is_the_same_reader_however_it_is_spelt() -> None:
    assert reader_of(SECRET, UPCOMING, "default", "Maya@Example.org") == MAYA


@pytest.mark.parametrize(
    ("category", "tenant", "email"),
    [
        (UPCOMING, "corp", "maya@example.org"),
        (UPCOMING, "default", "sam@example.org"),
        ("digest", "default", "maya@example.org"),
    ],
)
def test_another_tenant_person_or_category_is_another_reader(
    category: str, tenant: str, email: str
) -> None:
    assert reader_of(SECRET, category, tenant, email) != MAYA


@pytest.mark.parametrize(
    "token",
    ["", TOKEN[:-1], TOKEN + "A", f"x{TOKEN[1:]}", f"{TOKEN[:-1]}!", "é" * 24, "=" * 24, MAYA],
)
def test_what_was_changed_or_made_up_is_nobodys(token: str) -> None:
    assert read_token(SECRET, UPCOMING, token) is None


def test_a_token_is_nobodys_with_another_secret_or_for_another_category() -> None:
    assert read_token(OTHER, UPCOMING, TOKEN) is None
    assert read_token(SECRET, "digest", TOKEN) is None
