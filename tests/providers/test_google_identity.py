"""Whose account it is: what of an id_token is believed."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from calsync.errors import Refused
from providers.google.identity import Identity, identity_of
from tests.make import NOW

CLAIMS: dict[str, Any] = {
    "iss": "https://accounts.google.com",
    "aud": "id",
    "sub": "110169484474386276334",
    "email": "Maya@Example.org",
    "email_verified": True,
    "exp": int(NOW.timestamp()) + 3600,
}


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def read(now: datetime = NOW, **changes: Any) -> Identity:
    claims = {name: value for name, value in {**CLAIMS, **changes}.items() if value is not None}
    return identity_of(f"{part({'alg': 'RS256'})}.{part(claims)}.c2ln", "id", now)


@pytest.mark.parametrize("issuer", ["https://accounts.google.com", "accounts.google.com"])
def test_the_subject_and_the_verified_address_are_taken(issuer: str) -> None:
    assert read(iss=issuer) == Identity("110169484474386276334", "maya@example.org")


def test_an_address_beyond_ascii_has_the_spelling_that_people_are_looked_up_by() -> None:
    assert read(email="Maya@Bücher.example").address == "maya@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "changes", [{"email_verified": False}, {"email_verified": None}, {"email": None}, {"email": 7}]
)
def test_an_address_that_is_not_verified_is_none(changes: dict[str, Any]) -> None:
    assert read(**changes) == Identity("110169484474386276334", "")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"aud": "another"}, "google.client_id"),
        ({"aud": ["id", "another"]}, "google.client_id"),
        ({"iss": "https://accounts.google.com.evil.example"}, "by Google"),
        ({"exp": int(NOW.timestamp())}, "expired"),
        ({"exp": "soon"}, "read"),
        ({"exp": 10**30}, "read"),
        ({"sub": None}, "read"),
        ({"sub": ""}, "no account"),
    ],
)
def test_what_was_not_made_for_us_now_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match=said):
        read(**changes)


@pytest.mark.parametrize(
    "text", ["", "a.b", "a.b.c.d", "e30.W10.x", f"e30.{part(7)}.x", "e30.\u00e9.x"]
)
def test_what_is_no_token_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(Refused, match="cannot be read") as caught:
        identity_of(text, "id", datetime.now(UTC) + timedelta())
    assert text == "" or text not in str(caught.value)
