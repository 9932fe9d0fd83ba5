"""Errors of Microsoft's sign-in service in its JSON. Apps may read `error` and `suberror` only:
https://learn.microsoft.com/entra/identity-platform/reference-error-codes"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

# number: (OAuth's error, suberror, status, text)
KNOWN = MappingProxyType(
    {
        50011: ("invalid_request", "", 400, "The redirect URI does not match the one of the code."),
        54005: ("invalid_grant", "", 400, "OAuth2 Authorization code was already redeemed."),
        70008: ("invalid_grant", "", 400, "The provided authorization code has expired."),
        501481: ("invalid_grant", "", 400, "The Code_Verifier does not match the code_challenge."),
        50057: ("invalid_grant", "", 400, "The user account is disabled."),
        50076: (
            "interaction_required",
            "basic_action",
            400,
            "Due to a configuration change made by your administrator, or because you moved to a "
            "new location, you must use multi-factor authentication to access the resource.",
        ),
        50173: (
            "invalid_grant",
            "bad_token",
            400,
            "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
        ),
        53003: (
            "interaction_required",
            "message_only",
            400,
            "Access has been blocked by Conditional Access policies.",
        ),
        65001: (
            "invalid_grant",
            "consent_required",
            400,
            "The user or administrator has not consented to use the application.",
        ),
        70000: ("invalid_grant", "bad_token", 400, "The provided grant is invalid or malformed."),
        70003: ("unsupported_grant_type", "", 400, "The app returned an unsupported grant type."),
        70011: (
            "invalid_scope",
            "",
            400,
            "The provided value for the input parameter 'scope' is not valid.",
        ),
        700016: (
            "unauthorized_client",
            "",
            400,
            "Application with identifier was not found in the directory.",
        ),
        700027: (
            "invalid_client",
            "",
            401,
            "The certificate with identifier used to sign the client assertion is not registered "
            "on application.",
        ),
        700082: (
            "invalid_grant",
            "bad_token",
            400,
            "The refresh token has expired due to inactivity.",
        ),
        1002012: (
            "invalid_scope",
            "",
            400,
            "The provided value for scope is not valid. Client credential flows must have a scope "
            "value with /.default suffixed to the resource identifier (application ID URI).",
        ),
        7000215: ("invalid_client", "", 401, "Invalid client secret provided."),
        7000218: (
            "invalid_client",
            "",
            401,
            "The request body must contain the following parameter: 'client_assertion' or "
            "'client_secret'.",
        ),
        7000222: ("invalid_client", "", 401, "The provided client secret keys are expired."),
        900144: ("invalid_request", "", 400, "The request body must contain a parameter."),
        90002: ("invalid_tenant", "", 400, "Tenant not found."),
        90033: (
            "temporarily_unavailable",
            "",
            503,
            "A transient error has occurred. Please try again.",
        ),
    }
)
# Which number stands for an error that is asked for by OAuth's word alone.
USUAL = MappingProxyType(
    {
        "invalid_grant": 50173,
        "interaction_required": 50076,
        "consent_required": 65001,
        "invalid_client": 7000215,
        "unauthorized_client": 700016,
        "invalid_scope": 70011,
        "invalid_tenant": 90002,
        "temporarily_unavailable": 90033,
    }
)


class SignInError(Exception):
    """One refused request to the sign-in service, by its AADSTS number."""

    def __init__(self, number: int, detail: str = "") -> None:
        self.number = number
        self.error, self.suberror, self.status, text = KNOWN[number]
        self.text = f"{text} {detail}".strip()
        super().__init__(f"AADSTS{number}: {self.text}")

    def to_json(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> dict[str, Any]:
        """The body of the answer."""
        return error_body(self.error, self.suberror, self.number, self.text, now())


def asked_error(reason: str, message: str, now: datetime) -> dict[str, Any]:
    """The body for `reason`: OAuth's word, or AADSTS with a number that is listed above."""
    number = USUAL.get(reason, 90033)
    if reason.startswith("AADSTS"):
        number = int(reason.removeprefix("AADSTS"))
        if number not in KNOWN:
            raise ValueError(f"no text for {reason}; there are {', '.join(map(str, KNOWN))}")
    error, suberror, _, text = KNOWN[number]
    word = error if reason.startswith("AADSTS") or not reason else reason
    return error_body(word, suberror if word == error else "", number, message or text, now)


def error_body(error: str, suberror: str, number: int, text: str, now: datetime) -> dict[str, Any]:
    """Errors as the service words them; trace and correlation are new each time."""
    trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
    when = f"{now.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"
    return {
        "error": error,
        "error_description": f"AADSTS{number}: {text} Trace ID: {trace} Correlation ID: "
        f"{correlation} Timestamp: {when}",
        "error_codes": [number],
        "timestamp": when,
        "trace_id": trace,
        "correlation_id": correlation,
        "error_uri": f"https://login.microsoftonline.com/error?code={number}",
        **({"suberror": suberror} if suberror else {}),
    }
