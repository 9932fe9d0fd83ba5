"""An administrator's approval at Microsoft: a link to hand on, and what comes back from it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from calsync.accounts import connect
from calsync.core.consent import ConsentError, SignInProblem
from calsync.selfservice.oauth import Consents
from tests.harness.installation import Installation, installed


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as made:
        yield made


def consents(place: Installation) -> Consents:
    return place.open().web.consents


def test_an_approval_is_told_and_changes_nothing(place: Installation) -> None:
    link = consents(place).admin_link("default", "outlook")
    assert "/organizations/v2.0/adminconsent?" in link
    asked = parse_qs(urlsplit(link).query)
    assert asked["redirect_uri"] == ["http://127.0.0.1:9/connect/outlook/admin"]
    (state,) = asked["state"]
    consents(place).approved("outlook", {"state": state, "admin_consent": "True", "tenant": "t"})
    assert connect.listed(place.open().context, "default") == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"state": ""}, SignInProblem.FOREIGN),
        ({"state": "default.9999999999.proof"}, SignInProblem.FOREIGN),
        ({"state": "default.99\u0665.proof"}, SignInProblem.FOREIGN),
        ({"state": "a.\u00b2"}, SignInProblem.FOREIGN),
        ({"state": "default.\u00b2.proof"}, SignInProblem.FOREIGN),
        ({"error": "access_denied"}, SignInProblem.DENIED),
        ({"error": "server_error"}, SignInProblem.BUSY),
        ({"admin_consent": "False"}, SignInProblem.DENIED),
    ],
)
def test_what_is_no_approval_is_told_apart(
    place: Installation, changes: dict[str, str], problem: SignInProblem
) -> None:
    link = consents(place).admin_link("default", "outlook")
    (state,) = parse_qs(urlsplit(link).query)["state"]
    with pytest.raises(ConsentError) as caught:
        consents(place).approved("outlook", {"state": state, "admin_consent": "True", **changes})
    assert caught.value.problem is problem


def test_a_link_for_an_administrator_lasts_a_week(place: Installation) -> None:
    link = consents(place).admin_link("default", "outlook")
    (state,) = parse_qs(urlsplit(link).query)["state"]
    place.shift += timedelta(days=8)
    with pytest.raises(ConsentError) as caught:
        consents(place).approved("outlook", {"state": state, "admin_consent": "True"})
    assert caught.value.problem is SignInProblem.EXPIRED


def test_google_has_no_such_link(place: Installation) -> None:
    assert consents(place).admin_link("default", "google") == ""
