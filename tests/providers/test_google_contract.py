"""The Google channel keeps the channel contract, whichever way Google's open questions turn out."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator, Mapping, Sequence
from itertools import count

import pytest

from calsync.core.content.event import DesiredEvent
from calsync.core.ledger import Copy, DeliveryKey, Do
from calsync.errors import (
    AccessLost,
    Changed,
    ChannelError,
    Missing,
    Refused,
    Setup,
    TryLater,
    Unusable,
)
from calsync.ports import Access
from calsync.sandbox import Sandbox
from providers.google.channel import GoogleChannel
from providers.google.client import GoogleClient
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from tests.channel_contract import ChannelContract, Fault, Shown
from tests.make import a_copy
from tests.providers.invitations import invitation
from tests.providers.sandbox_place import show_html, switched
from tests.providers.shown_html import Lines

RIVALS = [
    {},
    {"tombstone_details": "bare"},
    {"patch_tombstone": "forbidden"},
    {"patch_tombstone": "gone"},
    {"patch_tombstone": "revived"},
    {"description": "reformatted"},
    {"short_pages": True},
    {"uid_list_tombstones": False},
]
NUMBERS = count(1)


class GooglePlace:
    """One person's primary calendar in the sandbox."""

    def __init__(self, sandbox: Sandbox, client: GoogleClient) -> None:
        self.sandbox = sandbox
        self.person = f"p{next(NUMBERS)}@example.org"
        sandbox.add_person(self.person, time_zone="America/Toronto", google=True)
        self.channel = GoogleChannel(client)

    def a_copy(self, n: int = 1) -> Copy:
        return a_copy(n, key=DeliveryKey("default", "ses-1", self.person), address=self.person)

    def access(self, token: str | None = None, calendar: str = "primary") -> Access:
        secret = token or self.sandbox.access_token(self.person)
        return Access(account=self.person, secret=secret, calendar=calendar)

    def shown(self) -> Sequence[Shown]:
        found = []
        for one in self.sandbox.shown(self.person):
            lines = Lines()
            lines.feed(one.description)
            lines.close()
            found.append(
                Shown(one.id, one.title, one.starts_at, one.ends_at, one.location, lines.text)
            )
        return found

    def lose_next_answer(self) -> None:
        self.sandbox.commit_then_drop({"person": self.person})

    def apply_invitation(self, uid: str, event: DesiredEvent) -> None:
        mail = invitation(uid, event, self.person)
        with smtplib.SMTP(self.sandbox.smtp_host, self.sandbox.smtp_port) as smtp:
            smtp.send_message(mail)
        self.sandbox.wait_for(lambda: self.sandbox.shown(self.person))

    def faults(self) -> Mapping[type[ChannelError], Sequence[Fault]]:
        mine = {"person": self.person}

        def refuse(name: str, status: int, happened: str, scope: str, do: Do = Do.CREATE) -> Fault:
            reason = name.partition(" ")[2]

            def arrange() -> None:
                self.sandbox.fail(mine, status=status, reason=reason)

            return Fault(name, arrange, happened, scope, do)

        def drop() -> None:
            self.sandbox.drop(mine)

        def half_done() -> None:
            self.sandbox.commit_then_504(mine)

        def nothing() -> None:
            pass

        def deletes() -> None:
            for one in self.sandbox.shown(self.person):
                self.sandbox.user_deletes(self.person, one.id)

        def moves() -> None:
            for one in self.sandbox.shown(self.person):
                self.sandbox.user_moves(self.person, one.id, one.ends_at)

        nobody = self.access("stale-token")
        poor = self.access(self.sandbox.access_token(self.person, scopes=["openid", "email"]))
        return {
            TryLater: [
                Fault("dropped", drop, "maybe", "copy"),
                Fault("done, then 504", half_done, "maybe", "copy"),
                refuse("403 rateLimitExceeded", 403, "no", "account"),
                refuse("403 quotaExceeded", 403, "no", "account"),
                refuse("429 rateLimitExceeded", 429, "no", "account"),
                refuse("503 backendError", 503, "maybe", "copy"),
            ],
            AccessLost: [
                Fault("401", nothing, "no", "account", access=nobody),
                Fault("403 insufficientPermissions", nothing, "no", "account", access=poor),
            ],
            Unusable: [
                refuse("403 notACalendarUser", 403, "no", "account"),
                Fault(
                    "404 calendar", nothing, "no", "account", access=self.access(calendar="x@y.z")
                ),
                Fault(
                    "404 calendar",
                    nothing,
                    "no",
                    "account",
                    Do.CHANGE,
                    access=self.access(calendar="x@y.z"),
                ),
            ],
            Refused: [
                refuse("400 invalid", 400, "no", "copy"),
                refuse("403 forbiddenForNonOrganizer", 403, "no", "copy", Do.CHANGE),
                refuse("418 teapot", 418, "maybe", "copy"),
            ],
            Missing: [
                Fault("withdrawn, deleted", deletes, "no", "copy", Do.WITHDRAW),
                refuse("404 notFound", 404, "no", "copy", Do.CHANGE),
            ],
            Changed: [
                refuse("409 duplicate", 409, "maybe", "copy"),
                Fault("moved by hand", moves, "no", "copy", Do.CHANGE),
            ],
            Setup: [refuse("403 accessNotConfigured", 403, "no", "tenant")],
        }

    def impossible(self) -> Mapping[type[ChannelError], str]:
        return {}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def client(sandbox: Sandbox) -> GoogleClient:
    return GoogleClient(Transport(Watchdog()), sandbox.url)


@pytest.fixture(params=RIVALS, ids=lambda rival: ", ".join(f"{k} {v}" for k, v in rival.items()))
def place(
    request: pytest.FixtureRequest, sandbox: Sandbox, client: GoogleClient
) -> Iterator[GooglePlace]:
    """An empty calendar. In the end nobody was mailed and no rule of Google's was broken."""
    with switched(sandbox, request.param):
        yield GooglePlace(sandbox, client)


@pytest.fixture(autouse=True)
def html_says_what_the_text_says(monkeypatch: pytest.MonkeyPatch) -> None:
    show_html(monkeypatch)


class TestGoogle(ChannelContract):
    """See tests/channel_contract.py."""
