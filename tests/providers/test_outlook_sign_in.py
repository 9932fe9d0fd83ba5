"""Tokens from the sandbox's sign-in service, and the calendars they open."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from calsync.errors import AccessLost, ChannelError, Setup
from calsync.sandbox import Sandbox
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from providers.outlook.auth import OutlookAuth
from providers.outlook.settings import OutlookSettings
from providers.outlook.signin import Discovery

MAYA = "maya@contoso.example"


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        sandbox.add_person(MAYA, outlook=True)
        yield sandbox


@pytest.fixture
def sandbox(shared: Sandbox) -> Iterator[Sandbox]:
    usual = shared.switches()
    yield shared
    for name, value in usual.items():
        shared.switch(name, value)
    shared.grant_outlook(MAYA)


def auth(sandbox: Sandbox, **changes: Any) -> OutlookAuth:
    settings = OutlookSettings(
        client_id=sandbox.outlook_client_id,
        client_secret=sandbox.outlook_client_secret,
        authority=sandbox.url,
        graph_base=sandbox.url,
    )
    return OutlookAuth(replace(settings, **changes), Transport(Watchdog()), Discovery())


def soon() -> float:
    return time.monotonic() + 30


def told(run: Any) -> tuple[type[ChannelError], str, str]:
    with pytest.raises(ChannelError) as caught:
        run()
    return type(caught.value), caught.value.happened, caught.value.scope


@pytest.mark.parametrize("old", ["valid", "ended"])
def test_a_consent_is_redeemed_and_refreshed_again_and_again(sandbox: Sandbox, old: str) -> None:
    sandbox.switch("old_refresh_tokens", old)
    by = auth(sandbox)
    got = by.redeem(sandbox.grant_outlook(MAYA), soon())
    oid = sandbox.sign_in.people[MAYA][0]
    assert (got.identity, got.address, got.writes) == (
        f"{oid}.{sandbox.outlook_tenant}",
        MAYA,
        True,
    )
    secret = got.secret
    for _ in range(3):
        fresh = by.refresh(secret, soon())
        access = sandbox.sign_in.opened_by(fresh.token)
        assert access is not None
        assert access.person == MAYA
        secret = fresh.secret or {}


def test_a_consent_without_the_writing_scope_is_for_reading(sandbox: Sandbox) -> None:
    token = sandbox.grant_outlook(MAYA, ["Calendars.Read"])
    assert not auth(sandbox).redeem(token, soon()).writes


def test_a_withdrawn_consent_is_access_lost_and_a_new_one_works_at_once(sandbox: Sandbox) -> None:
    by = auth(sandbox)
    secret = by.redeem(sandbox.grant_outlook(MAYA), soon()).secret
    sandbox.revoke(MAYA, "outlook")
    lost = (AccessLost, "no", "account")
    assert told(lambda: by.refresh(secret, soon())) == lost
    assert told(lambda: by.redeem("1.Aunknown", soon())) == lost
    sandbox.grant_outlook(MAYA)
    assert by.refresh(secret, soon()).token


@pytest.mark.parametrize(
    "wrong", [{"client_secret": "wrong"}, {"client_id": "wrong"}, {"tenant": "nowhere"}]
)
def test_a_wrong_registration_is_the_operators_fault(
    sandbox: Sandbox, wrong: dict[str, str]
) -> None:
    token = sandbox.grant_outlook(MAYA)
    assert told(lambda: auth(sandbox, **wrong).redeem(token, soon())) == (Setup, "no", "tenant")


def test_an_application_signs_in_by_secret_or_certificate(sandbox: Sandbox, tmp_path: Path) -> None:
    tenant = sandbox.outlook_tenant
    file = tmp_path / "outlook.pem"
    file.write_text("\n".join(sandbox.make_certificate().values()))
    for changes in ({}, {"client_secret": "", "certificate_file": str(file)}):
        fresh = auth(sandbox, tenant=tenant, **changes).as_application(soon())
        access = sandbox.sign_in.opened_by(fresh.token)
        assert access is not None
        assert access.person == ""


def test_a_certificate_nobody_registered_is_the_operators_fault(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    with Sandbox() as another:
        file = tmp_path / "outlook.pem"
        file.write_text("\n".join(another.make_certificate().values()))
    by = auth(sandbox, tenant=sandbox.outlook_tenant, client_secret="", certificate_file=str(file))
    assert told(lambda: by.as_application(soon())) == (Setup, "no", "tenant")
