"""A plain caller of Graph and of Microsoft's sign-in service, so that the sandbox is judged without
calsync."""

from __future__ import annotations

from typing import Any, Self

import requests

from calsync.sandbox import Sandbox

OLGA = "olga@corp.example"
KEY = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name calsyncKey"
IMMUTABLE = 'IdType="ImmutableId"'
GRAPH_SCOPE = "https://graph.microsoft.com/Calendars.ReadWrite"


class GraphCaller:
    """One HTTP session with one token; `root` is /me or /users/{id}."""

    def __init__(self, sandbox: Sandbox, token: str, root: str = "/me") -> None:
        self.url = f"{sandbox.url}/v1.0"
        self.root = root
        self.http = requests.Session()
        self.http.trust_env = False
        self.http.headers["Authorization"] = f"Bearer {token}"
        self.http.headers["Prefer"] = f'{IMMUTABLE}, outlook.timezone="UTC"'

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.http.close()

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.http.request(method, self.url + path, timeout=10, **options)

    def create(self, headers: dict[str, str] | None = None, **changes: Any) -> requests.Response:
        body = an_event(**changes)
        return self.call("POST", f"{self.root}/events", json=body, headers=headers)

    def get(self, item: str, **options: Any) -> requests.Response:
        return self.call("GET", f"{self.root}/events/{item}", **options)

    def patch(self, item: str, body: Any, **options: Any) -> requests.Response:
        return self.call("PATCH", f"{self.root}/events/{item}", json=body, **options)

    def delete(self, item: str, **options: Any) -> requests.Response:
        return self.call("DELETE", f"{self.root}/events/{item}", **options)

    def list(self, **query: str) -> requests.Response:
        params = {f"${name}": value for name, value in query.items()}
        return self.call("GET", f"{self.root}/events", params=params)

    def view(self, start: str, end: str, **query: str) -> requests.Response:
        params = {"startDateTime": start, "endDateTime": end, **query}
        return self.call("GET", f"{self.root}/calendarView", params=params)

    def batch(self, *parts: dict[str, Any]) -> requests.Response:
        return self.call("POST", "/$batch", json={"requests": list(parts)})


def an_event(**changes: Any) -> dict[str, Any]:
    """A body for create; a change to None leaves the field out."""
    body = {
        "subject": "Session 1",
        "body": {"contentType": "HTML", "content": "<p>1. Introductions</p>"},
        "start": {"dateTime": "2026-12-03T20:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-12-03T20:45:00", "timeZone": "UTC"},
        "location": {"displayName": "https://zoom.example/j/1"},
        "attendees": [],
        "showAs": "busy",
        "isReminderOn": True,
        "reminderMinutesBeforeStart": 15,
        "transactionId": "7d1c9c0e-0000-5000-8000-000000000001",
        "singleValueExtendedProperties": [{"id": KEY, "value": "ses-1:u-1:1"}],
    } | changes
    return {name: value for name, value in body.items() if value is not None}


def by_key(value: str, name: str = KEY) -> str:
    """A $filter by our extended property."""
    return f"singleValueExtendedProperties/Any(ep: ep/id eq '{name}' and ep/value eq '{value}')"


def code_of(answer: requests.Response) -> str:
    return str(answer.json()["error"]["code"])


def ask_token(sandbox: Sandbox, tenant: str = "organizations", **form: str) -> requests.Response:
    """A token request; the client's id and secret are right unless the form says otherwise."""
    given = {
        "client_id": sandbox.outlook_client_id,
        "client_secret": sandbox.outlook_client_secret,
    } | form
    body = {name: value for name, value in given.items() if value}
    return requests.post(f"{sandbox.url}/{tenant}/oauth2/v2.0/token", data=body, timeout=10)


def refresh(sandbox: Sandbox, token: str, **changes: str) -> requests.Response:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": token,
        "scope": f"{GRAPH_SCOPE} openid profile offline_access",
        "client_info": "1",
    } | changes
    return ask_token(sandbox, **form)
