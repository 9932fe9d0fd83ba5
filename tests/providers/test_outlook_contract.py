"""The Outlook channel keeps the channel contract, whichever way Microsoft's open questions turn
out."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator, Mapping, Sequence
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from calsync.core.calls import Seen
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
from calsync.sandbox.switches import MICROSOFT
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from providers.outlook.channel import OutlookChannel
from providers.outlook.client import GraphClient
from tests.channel_contract import ChannelContract, Fault, Shown, soon
from tests.make import a_copy, an_event
from tests.providers.invitations import invitation
from tests.providers.sandbox_place import show_html, switched
from tests.providers.shown_html import Lines

RIVALS = [
    {},
    {"transaction_after_delete": "answered"},
    {"transaction_after_delete": "conflict"},
    {"transaction_after_delete": "conflict", "existing_event_annotation": True},
    {"existing_event_annotation": True},
    {"transaction_conflict": "409"},
    {"api_delete": "purged"},
    {"deleted_by_id": "missing"},
    {"property_filter_deleted": True},
    {"if_match": "ignored"},
    {"mixed_ids": "refused"},
    {"copied_property": False},
    {"short_pages": True},
    {"batch_same_mailbox": "throttled"},
    {"concurrency": "app"},
    {"unknown_user": "ErrorInvalidUser"},
    {"unknown_user": "ResourceNotFound"},
    {"zone_names": "any"},
    {"uid_filter": False},
    {"mailed_uid": "plain"},
    {"decline_mail": True},
    {"exchange_waits": "all"},
    {"exchange_waits": "none"},
]
# What one channel's calls cannot show alone, and where it is run instead.
HERE = Path(__file__).parents[1]
ELSEWHERE = {
    "exchange_cancel": HERE / "delivery" / "test_outlook_rivals.py",
    "transaction_memory": HERE / "delivery" / "test_outlook_rivals.py",
    "revoked_access_tokens": HERE / "delivery" / "test_outlook_rivals.py",
    "old_refresh_tokens": HERE / "providers" / "test_outlook_sign_in.py",
}
PLATFORM = "sessions@platform.example"
NUMBERS = count(1)


class OutlookPlace:
    """One person's default calendar in the sandbox."""

    def __init__(self, sandbox: Sandbox, client: GraphClient) -> None:
        self.sandbox = sandbox
        self.person = f"o{next(NUMBERS)}@contoso.example"
        sandbox.add_person(self.person, time_zone="America/Toronto", outlook=True)
        self.channel = OutlookChannel(client)

    def a_copy(self, n: int = 1) -> Copy:
        key = DeliveryKey("default", "ses-1", self.person)
        return a_copy(n, key=key, channel="outlook", address=self.person)

    def access(self, token: str | None = None, calendar: str = "primary") -> Access:
        secret = token or self.sandbox.outlook_token(self.person)
        return Access(account=self.person, secret=secret, calendar=calendar)

    def shown(self) -> Sequence[Shown]:
        found = []
        for one in self.sandbox.outlook_events(self.person):
            if one["folder"] == "deleted" or one["isCancelled"]:
                continue
            lines = Lines()
            lines.feed(one["content"])
            lines.close()
            (seen,) = [two for two in self.sandbox.shown(self.person) if two.id == one["id"]]
            place = one["location"]["displayName"]
            found.append(
                Shown(one["id"], seen.title, seen.starts_at, seen.ends_at, place, lines.text)
            )
        return found

    def lose_next_answer(self) -> None:
        self.sandbox.commit_then_drop({"person": self.person})

    def apply_invitation(self, uid: str, event: DesiredEvent) -> None:
        mail: EmailMessage = invitation(uid, event, self.person)
        with smtplib.SMTP(self.sandbox.smtp_host, self.sandbox.smtp_port) as smtp:
            smtp.send_message(mail)
        self.sandbox.wait_for(lambda: self.sandbox.mails(self.person))
        self.sandbox.user_opens_mails(self.person)
        self.sandbox.wait_for(lambda: self.sandbox.shown(self.person))

    def faults(self) -> Mapping[type[ChannelError], Sequence[Fault]]:
        mine = {"person": self.person}

        def refuse(
            name: str, happened: str, scope: str, do: Do = Do.CREATE, method: str = "POST"
        ) -> Fault:
            status, _, reason = name.partition(" ")

            def arrange() -> None:
                self.sandbox.fail({**mine, "method": method}, status=int(status), reason=reason)

            return Fault(name, arrange, happened, scope, do)

        def drop() -> None:
            self.sandbox.drop(mine)

        def half_done() -> None:
            self.sandbox.commit_then_504(mine)

        def suspended() -> None:
            self.sandbox.commit_then_fail(mine, status=403, reason="ErrorAccountSuspend")

        def nothing() -> None:
            pass

        def each(act: Any) -> Any:
            return lambda: [act(one) for one in self.sandbox.shown(self.person)] and None

        deletes = each(lambda one: self.sandbox.user_deletes(self.person, one.id))
        invites = each(lambda one: self.sandbox.user_adds_guest(self.person, one.id, "x@y.z"))
        nobody = Access(self.person, self.sandbox.outlook_token(), username="nobody@y.z")
        reads = self.sandbox.outlook_token(self.person, scopes=["Calendars.Read"])
        elsewhere = self.access(calendar="AQMkNowhere")
        return {
            TryLater: [
                Fault("dropped", drop, "maybe", "copy"),
                Fault("done, then 504", half_done, "maybe", "copy"),
                Fault("done, then suspended", suspended, "maybe", "account"),
                refuse("429 ApplicationThrottled", "no", "account"),
                refuse("429 ", "no", "provider"),
                refuse("503 ConcurrentItemSave", "maybe", "copy"),
                refuse("502 ", "maybe", "copy", Do.CHANGE, "PATCH"),
                refuse("503 ConcurrentItemSave", "no", "copy", Do.CHANGE, "GET"),
            ],
            AccessLost: [
                Fault("401", nothing, "no", "account", access=self.access("stale-token")),
                Fault("401", nothing, "no", "account", Do.CHANGE, self.access("stale-token")),
                refuse("403 insufficient_claims", "no", "account"),
            ],
            Unusable: [
                Fault("403 reads only", nothing, "no", "account", access=self.access(reads)),
                refuse("404 MailboxNotEnabledForRESTAPI", "no", "account"),
                refuse("404 MailboxNotEnabledForRESTAPI", "no", "account", Do.CHANGE, "GET"),
                Fault("404 user", nothing, "no", "account", access=nobody),
                Fault("404 calendar", nothing, "no", "account", access=elsewhere),
                Fault("404 calendar", nothing, "no", "account", Do.CHANGE, access=elsewhere),
            ],
            Refused: [
                refuse("400 ErrorInvalidRequest", "no", "copy"),
                refuse("400 ErrorInvalidRequest", "no", "copy", Do.WITHDRAW, "DELETE"),
                refuse("418 teapot", "maybe", "copy"),
            ],
            Missing: [
                Fault("changed, deleted", deletes, "no", "copy", Do.CHANGE),
                Fault("withdrawn, deleted", deletes, "no", "copy", Do.WITHDRAW),
                refuse("404 ErrorItemNotFound", "no", "copy", Do.CHANGE, "PATCH"),
            ],
            Changed: [
                refuse("400 ErrorDuplicateTransactionId", "maybe", "copy"),
                refuse("412 ErrorIrresolvableConflict", "no", "copy", Do.CHANGE, "PATCH"),
                Fault("guests", invites, "no", "copy", Do.CHANGE),
                Fault("guests", invites, "no", "copy", Do.WITHDRAW),
            ],
        }

    def impossible(self) -> Mapping[type[ChannelError], str]:
        return {Setup: "what the operator has wrong, the sign-in tells and Graph does not"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def client(sandbox: Sandbox) -> GraphClient:
    return GraphClient(Transport(Watchdog()), sandbox.url)


@pytest.fixture(params=RIVALS, ids=lambda rival: ", ".join(f"{k} {v}" for k, v in rival.items()))
def place(
    request: pytest.FixtureRequest, sandbox: Sandbox, client: GraphClient
) -> Iterator[OutlookPlace]:
    """An empty calendar. In the end no rule of Graph's was broken and nobody was mailed, but for
    the decline that Exchange may send to a deleted invitation's organizer."""

    def declined(mail: dict[str, Any]) -> bool:
        decline = (mail["kind"], mail["to"]) == ("decline", [PLATFORM])
        return decline and "decline_mail" in request.param

    with switched(sandbox, request.param, allowed=declined):
        yield OutlookPlace(sandbox, client)


@pytest.fixture(autouse=True)
def html_says_what_the_text_says(monkeypatch: pytest.MonkeyPatch) -> None:
    show_html(monkeypatch)


class TestOutlook(ChannelContract):
    """See tests/channel_contract.py."""

    def test_an_event_moved_to_another_calendar_is_still_there(self, place: OutlookPlace) -> None:
        copy = self.create(place, an_event())
        place.sandbox.user_moves_to_other_calendar(place.person, str(copy.remote_id))
        ((_, seen),) = place.channel.inspect([copy], place.access(), soon())
        self.assert_seen(seen, an_event())  # type: ignore[arg-type]

    def test_an_event_that_its_person_deleted_is_gone(self, place: OutlookPlace) -> None:
        copy = self.create(place, an_event())
        place.sandbox.user_deletes(place.person, str(copy.remote_id))
        (found,) = place.channel.find(copy, place.access(), soon())
        assert found.state is Seen.GONE
        ((_, seen),) = place.channel.inspect([copy], place.access(), soon())
        assert not isinstance(seen, ChannelError)
        assert seen.state is Seen.GONE

    def test_a_copy_that_its_person_made_is_never_taken_for_ours(self, place: OutlookPlace) -> None:
        copy = self.create(place, an_event())
        place.sandbox.user_copies(place.person, str(copy.remote_id))
        unknown = place.a_copy()
        for asked in (copy, unknown):
            (found,) = place.channel.find(asked, place.access(), soon())
            assert found.remote_id == copy.remote_id

    def test_what_a_mail_client_made_is_found_by_its_uid(self, place: OutlookPlace) -> None:
        if place.sandbox.switches()["uid_filter"]:
            super().test_what_a_mail_client_made_is_found_by_its_uid(place)
            return
        uid = "6b0c1f6e-0000-4000-8000-00000000abce"
        place.apply_invitation(uid, an_event())
        assert place.channel.find_uid(uid, place.access(), soon()) == []

    def test_an_application_opens_the_mailbox_it_names(self, place: OutlookPlace) -> None:
        access = Access(place.person, place.sandbox.outlook_token(), username=place.person)
        copy = place.a_copy()
        prepared = place.channel.prepare(Do.CREATE, copy, an_event(), an_event().starts_at)
        assert place.channel.send(prepared, copy, access, soon()).applied
        assert len(place.shown()) == 1


def test_every_open_question_about_microsoft_is_run_both_ways() -> None:
    run = {(name, value) for one in RIVALS for name, value in one.items()}
    rivals = {
        (name, value)
        for name, values in MICROSOFT.items()
        for value in values[1:]
        if name not in ELSEWHERE
    }
    assert rivals <= run
    for name, file in ELSEWHERE.items():
        assert all(f'"{value}"' in file.read_text("utf-8") for value in (name, *MICROSOFT[name]))
