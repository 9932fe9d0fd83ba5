"""A sign-in service for unit tests: its discovery, token answers, and what it was asked."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest
import responses

from calsync.errors import ChannelError
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from providers.outlook.auth import Consent, OutlookAuth
from providers.outlook.settings import OutlookSettings
from providers.outlook.signin import Discovery

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LOGIN = "https://login.microsoftonline.com"
SETTINGS = OutlookSettings(client_id="app-1", client_secret="hush")
ONE = replace(SETTINGS, tenant="tenant-1")
SCOPE = "https://graph.microsoft.com/Calendars.ReadWrite"


def discovery_of(login: str, tenant: str) -> tuple[str, dict[str, str]]:
    base = f"{login}/{tenant}"
    return f"{base}/v2.0/.well-known/openid-configuration", {
        "issuer": f"{base}/v2.0",
        "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
        "token_endpoint": f"{base}/oauth2/v2.0/token",
    }


def tokens(tenant: str = "organizations") -> str:
    return f"{LOGIN}/{tenant}/oauth2/v2.0/token"


@contextmanager
def signing_in() -> Iterator[responses.RequestsMock]:
    """Discovery of two directories answers; token answers are the test's."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        for tenant in ("organizations", "tenant-1"):
            url, document = discovery_of(LOGIN, tenant)
            mocked.get(url, json=document)
        yield mocked


def part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def granted(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A token answer for Maya, as Entra gives it."""
    claims = {
        "aud": "app-1",
        "iss": f"{LOGIN}/tenant-1/v2.0",
        "exp": int(time.time()) + 3600,
        "sub": "pairwise",
        "oid": "oid-maya",
        "tid": "tenant-1",
        "preferred_username": "maya@contoso.example",
    }
    answer = {
        "token_type": "Bearer",
        "access_token": f"token-{number}",
        "expires_in": 3599,
        "scope": SCOPE,
        "refresh_token": f"refresh-{number}",
        "id_token": f"{part({'alg': 'none'})}.{part(claims)}.",
        "client_info": part({"uid": "uid-maya", "utid": "utid-1"}),
        **changes,
    }
    return {name: value for name, value in answer.items() if value is not None}


def auth(
    settings: OutlookSettings = SETTINGS,
    discovery: Discovery | None = None,
    clock: Any = lambda: NOW,
) -> OutlookAuth:
    return OutlookAuth(settings, Transport(Watchdog()), discovery or Discovery(), clock)


def soon() -> float:
    return time.monotonic() + 30


def consent(
    mocked: responses.RequestsMock, by: OutlookAuth | None = None, **changes: Any
) -> Consent:
    mocked.post(tokens(), json=granted(**changes))
    return (by or auth()).redeem("from-elsewhere", soon())


def forms(mocked: responses.RequestsMock) -> list[dict[str, str]]:
    """What was asked of the token endpoint."""
    bodies = [str(one.request.body, "ascii") for one in mocked.calls if one.request.body]
    return [{name: value[0] for name, value in parse_qs(body).items()} for body in bodies]


def told(error: ChannelError) -> tuple[type[ChannelError], str, str]:
    return type(error), error.happened, error.scope


def refused(run: Any) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        run()
    return caught.value
