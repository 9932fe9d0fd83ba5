"""Out to a provider's sign-in and back: once, for this browser, connected when all is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa

from calsync.accounts import connect
from calsync.core.consent import ConsentError, Given, Rights, SignInProblem
from calsync.core.visit import Visit, Visitor
from calsync.errors import InputError
from calsync.ports import Consenter
from calsync.selfservice.oauth import Consents
from calsync.store.ledger.rows import table
from tests.consent_browser import consent, returned
from tests.harness.installation import HERE, MAYA, Installation, installed

OTHER = "maya.private@contoso.example"
EVENTS = "https://www.googleapis.com/auth/calendar.events.owned"
PROVIDERS = pytest.mark.parametrize("provider", ["google", "outlook"])


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as made:
        made.sandbox.add_person(OTHER, google=True, outlook=True)
        yield made


def consents(place: Installation) -> Consents:
    return place.open().web.consents


def visit(place: Installation, email: str = MAYA) -> Visit:
    arrivals = place.open().web.arrivals
    offered = arrivals.offer(Visitor("default", email))
    (ticket,) = parse_qs(urlsplit(offered.url).query)["ticket"]
    return arrivals.enter(ticket)[1]


def signed_in(
    place: Installation, browser: Visit, provider: str, person: str = MAYA, **how: Any
) -> dict[str, str]:
    """What a browser brings back after its person has consented."""
    return returned(consent(consents(place).begin(browser, provider), person, **how))


def refused(
    place: Installation, browser: Visit, provider: str, params: dict[str, str]
) -> SignInProblem:
    """Why nothing was connected."""
    before = accounts(place)
    with pytest.raises(ConsentError) as caught:
        consents(place).finish(browser, provider, params)
    assert accounts(place) == before
    return caught.value.problem


def accounts(place: Installation) -> list[tuple[str, str, str, str]]:
    return [
        (one.email, one.provider, one.address, one.state)
        for one in connect.listed(place.open().context, "default")
    ]


def stored(place: Installation) -> list[dict[str, Any]]:
    with place.open().context.store.read() as db:
        return db.all(sa.select(table("consent")))


# --- connected ---


@PROVIDERS
def test_a_consent_connects_the_calendar_and_its_sessions_appear_there(
    place: Installation, provider: str
) -> None:
    place.book()
    browser = visit(place)
    landing = consents(place).finish(browser, provider, signed_in(place, browser, provider))
    assert landing.step == "connected"
    assert accounts(place) == [(MAYA, provider, MAYA, "active")]
    place.sync()
    assert [where for where, _ in place.shown()] == [provider]


@PROVIDERS
def test_a_lost_account_is_the_same_account_after_another_consent(
    place: Installation, provider: str
) -> None:
    place.book()
    ident = place.connect(provider)
    place.sync()
    place.sandbox.revoke(MAYA, provider)
    place.sandbox.expire_tokens(MAYA)
    place.book("ses-2")
    place.sync()
    assert place.state(ident) == "reconnect"

    browser = visit(place)
    consents(place).finish(browser, provider, signed_in(place, browser, provider))
    assert place.state(ident) == "active"
    assert accounts(place) == [(MAYA, provider, MAYA, "active")]
    place.sync()
    assert [title for where, title in place.shown() if where == provider] == [
        "Title of ses-1",
        "Title of ses-2",
    ]


@PROVIDERS
def test_what_is_kept_meanwhile_is_sealed_and_gone_afterwards(
    place: Installation, provider: str
) -> None:
    browser = visit(place)
    params = signed_in(place, browser, provider)
    (row,) = stored(place)
    assert params["state"] not in repr(row)
    consents(place).finish(browser, provider, params)
    (row,) = stored(place)
    assert (row["step"], row["sealed"]) == ("done", None)


def test_a_calendar_that_does_not_answer_just_now_is_connected_all_the_same(
    place: Installation,
) -> None:
    browser = visit(place)
    params = signed_in(place, browser, "google")
    place.sandbox.fail({"path_contains": "/calendar/v3/"}, status=503, reason="backendError")
    assert consents(place).finish(browser, "google", params).step == "connected"


# --- once, for this browser ---


@PROVIDERS
def test_an_answer_that_comes_twice_finds_nothing(place: Installation, provider: str) -> None:
    browser = visit(place)
    params = signed_in(place, browser, provider)
    consents(place).finish(browser, provider, params)
    place.sandbox.forget_requests()
    assert refused(place, browser, provider, params) is SignInProblem.EXPIRED
    assert place.sandbox.requests() == []


@PROVIDERS
def test_an_answer_in_another_browser_is_refused_and_costs_nothing(
    place: Installation, provider: str
) -> None:
    """Somebody has a victim's browser open the end of a consent that they began themselves."""
    attacker, victim = visit(place, "mallory@contoso.example"), visit(place)
    params = signed_in(place, attacker, provider, OTHER)
    place.sandbox.forget_requests()
    assert refused(place, victim, provider, params) is SignInProblem.FOREIGN
    assert place.sandbox.requests() == []


@PROVIDERS
def test_an_answer_that_nobody_asked_for_is_refused(place: Installation, provider: str) -> None:
    browser = visit(place)
    for state in ("", "made-up"):
        params = {"state": state, "code": "4/code"}
        assert refused(place, browser, provider, params) is SignInProblem.FOREIGN


def test_an_answer_at_the_other_vendors_address_is_refused(place: Installation) -> None:
    place.sandbox.switch("redirect_iss", False)
    browser = visit(place)
    params = signed_in(place, browser, "google")
    assert refused(place, browser, "outlook", params) is SignInProblem.FOREIGN
    assert consents(place).finish(browser, "google", params).step == "connected"


@PROVIDERS
def test_a_consent_lasts_ten_minutes(place: Installation, provider: str) -> None:
    browser = visit(place)
    params = signed_in(place, browser, provider)
    place.shift += timedelta(minutes=10, seconds=1)
    assert refused(place, browser, provider, params) is SignInProblem.EXPIRED


@PROVIDERS
def test_two_consents_of_one_browser_do_not_disturb_each_other(
    place: Installation, provider: str
) -> None:
    browser = visit(place)
    first = signed_in(place, browser, provider)
    second = signed_in(place, browser, provider)
    for params in (first, second):
        assert consents(place).finish(browser, provider, params).step == "connected"
    assert len(accounts(place)) == 1


# --- not connected ---


@PROVIDERS
def test_who_says_no_stays_as_they_were(place: Installation, provider: str) -> None:
    browser = visit(place)
    params = signed_in(place, browser, provider, cancel=True)
    assert refused(place, browser, provider, params) is SignInProblem.DENIED


def test_an_unticked_box_is_told_and_nothing_is_stored(place: Installation) -> None:
    browser = visit(place)
    params = signed_in(place, browser, "google", unticked={EVENTS})
    assert refused(place, browser, "google", params) is SignInProblem.UNTICKED


def test_an_approval_that_is_needed_is_told(place: Installation) -> None:
    place.sandbox.need_approval(MAYA, "outlook")
    browser = visit(place)
    params = signed_in(place, browser, "outlook")
    assert refused(place, browser, "outlook", params) is SignInProblem.ADMIN


@PROVIDERS
def test_a_code_that_is_too_old_is_told(place: Installation, provider: str) -> None:
    browser = visit(place)
    params = signed_in(place, browser, provider)
    place.sandbox.expire_codes()
    assert refused(place, browser, provider, params) is SignInProblem.EXPIRED


@PROVIDERS
@pytest.mark.parametrize(
    ("status", "reason", "problem"),
    [
        (503, "", SignInProblem.BUSY),
        (400, "temporarily_unavailable", SignInProblem.BUSY),
        (401, "invalid_client", SignInProblem.OURS),
    ],
)
def test_a_sign_in_service_that_fails_loses_no_account(
    place: Installation, provider: str, status: int, reason: str, problem: SignInProblem
) -> None:
    ident = place.connect(provider)
    browser = visit(place)
    params = signed_in(place, browser, provider)
    place.sandbox.fail({"path_contains": "token"}, status=status, reason=reason)
    assert refused(place, browser, provider, params) is problem
    assert place.state(ident) == "active"


@PROVIDERS
def test_an_account_without_a_calendar_is_told_and_not_connected(
    place: Installation, provider: str
) -> None:
    place.sandbox.take_calendar(MAYA, provider)
    browser = visit(place)
    params = signed_in(place, browser, provider)
    assert refused(place, browser, provider, params) is SignInProblem.UNUSABLE


def test_the_operators_own_fault_is_an_incident_without_a_secret(place: Installation) -> None:
    told: list[tuple[str, dict[str, Any]]] = []
    made = place.open()
    object.__setattr__(made.context, "log", lambda event, **fields: told.append((event, fields)))
    browser = visit(place)
    params = signed_in(place, browser, "google")
    place.sandbox.fail({"path_contains": "token"}, status=401, reason="invalid_client")
    refused(place, browser, "google", params)
    ((event, fields),) = told
    assert event == "consent_setup_fault"
    assert fields == {
        "tenant": "default",
        "provider": "google",
        "outcome": "ours",
        "reason": "token 401 invalid_client",
    }


def test_a_provider_that_is_not_set_up_asks_nobody(place: Installation) -> None:
    with pytest.raises(InputError):
        consents(place).begin(visit(place), "caldav")


class Fleeting:
    """A provider that hands out no refresh token the first `times`."""

    def __init__(self, provider: Consenter, times: int) -> None:
        self.provider, self.times, self.asked = provider, times, list[bool]()

    def begin(
        self, redirect_uri: str, login_hint: str, until: float, *, other: bool, again: bool
    ) -> tuple[str, Mapping[str, Any]]:
        self.asked.append(again)
        return self.provider.begin(redirect_uri, login_hint, until, other=other, again=again)

    def finish(
        self, kept: Mapping[str, Any], params: Mapping[str, str], until: float, email: str
    ) -> Given:
        given = self.provider.finish(kept, params, until, email)
        self.times -= 1
        return replace(given, rights=Rights(writes=True, lasts=self.times < 0))

    def admin_url(self, redirect_uri: str, state: str) -> str:
        return ""


@PROVIDERS
@pytest.mark.parametrize("times", [1, 2])
def test_without_a_refresh_token_the_person_is_asked_once_more_and_no_more(
    place: Installation, provider: str, times: int
) -> None:
    fleeting = Fleeting(consents(place).consenters["default", provider], times)
    flows = Consents(place.open().context, {("default", provider): fleeting}, HERE)
    browser = visit(place)
    back = returned(consent(flows.begin(browser, provider), MAYA))
    landing = flows.finish(browser, provider, back)
    assert (landing.step, fleeting.asked, accounts(place)) == ("again", [False, True], [])

    back = returned(consent(landing.url, MAYA))
    if times == 1:
        assert flows.finish(browser, provider, back).step == "connected"
        return
    with pytest.raises(ConsentError) as caught:
        flows.finish(browser, provider, back)
    assert caught.value.problem is SignInProblem.NO_RETURN
    assert accounts(place) == []


# --- another address ---


@PROVIDERS
def test_another_address_is_connected_when_its_person_confirms(
    place: Installation, provider: str
) -> None:
    browser = visit(place)
    params = signed_in(place, browser, provider, OTHER)
    assert consents(place).finish(browser, provider, params).step == "confirm"
    assert accounts(place) == []
    waiting = consents(place).waiting(browser)
    assert waiting is not None
    assert (waiting.provider, waiting.address) == (provider, OTHER)

    assert consents(place).confirm(browser, waiting.id)
    assert accounts(place) == [(MAYA, provider, OTHER, "active")]
    assert consents(place).waiting(browser) is None
    assert not consents(place).confirm(browser, waiting.id)
    place.book()
    place.sync()
    assert [one.where for one in place.sandbox.shown(OTHER)] == [provider]


def test_only_the_same_browser_confirms_and_only_for_ten_minutes(place: Installation) -> None:
    browser, other = visit(place), visit(place)
    params = signed_in(place, browser, "google", OTHER)
    consents(place).finish(browser, "google", params)
    waiting = consents(place).waiting(browser)
    assert waiting is not None
    assert consents(place).waiting(other) is None
    assert not consents(place).confirm(other, waiting.id)
    place.shift += timedelta(minutes=11)
    assert consents(place).waiting(browser) is None
    assert not consents(place).confirm(browser, waiting.id)
    assert accounts(place) == []


def test_who_declines_another_address_connects_nothing(place: Installation) -> None:
    browser = visit(place)
    params = signed_in(place, browser, "google", OTHER)
    consents(place).finish(browser, "google", params)
    waiting = consents(place).waiting(browser)
    assert waiting is not None
    consents(place).decline(browser, waiting.id)
    assert not consents(place).confirm(browser, waiting.id)
    assert [(row["step"], row["sealed"]) for row in stored(place)] == [("done", None)]
    assert accounts(place) == []


def test_who_left_the_page_connects_nothing_afterwards(place: Installation) -> None:
    browser = visit(place)
    params = signed_in(place, browser, "google", OTHER)
    place.open().web.arrivals.leave(browser)
    assert refused(place, browser, "google", params) is SignInProblem.FOREIGN
