"""What mail clients make of invitations: RFC 5546 with each client's habits."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from calsync.sandbox import Sandbox, ShownEvent
from tests.sandbox.caller import MAYA, PLATFORM, Caller, a_mail, deliver

SAM = "sam@home.example"
LATER = "20261124T110000Z"
CLIENTS = ["gmail", "exchange", "apple"]


def shown(sandbox: Sandbox, person: str = SAM) -> list[tuple[str, int]]:
    return [(one.title, one.starts_at.hour) for one in sandbox.shown(person)]


@pytest.fixture(params=CLIENTS)
def sam(sandbox: Sandbox, request: pytest.FixtureRequest) -> Sandbox:
    sandbox.add_person(SAM, client=request.param)
    sandbox.switch("exchange_waits", "none")
    return sandbox


def test_an_invitation_appears_with_its_mail(sam: Sandbox) -> None:
    deliver(sam, a_mail(to=SAM))
    (event,) = sam.shown(SAM)
    assert (event.title, event.location) == ("Session 1", "https://zoom.example/j/1")
    assert event.starts_at == datetime(2026, 12, 3, 20, tzinfo=UTC)
    assert event.ends_at == datetime(2026, 12, 3, 20, 45, tzinfo=UTC)
    assert (event.where, event.uid, event.ours) == ("mail", "uid-1", False)
    (mail,) = sam.mails(SAM)
    assert (mail.sender, mail.recipient, mail.subject) == (PLATFORM, SAM, "Invitation: Session 1")
    assert (mail.method, mail.uid, mail.sequence) == ("REQUEST", "uid-1", 0)
    assert (mail.text.strip(), mail.html.strip()) == ("Plain words", "<p>Rich <b>words</b></p>")


def test_the_same_mail_twice_is_one_event(sam: Sandbox) -> None:
    deliver(sam, a_mail(to=SAM), a_mail(to=SAM))
    assert shown(sam) == [("Session 1", 20)]
    assert len(sam.mails(SAM)) == 2


@pytest.mark.parametrize(
    ("sequence", "stamp", "hour"),
    [(2, LATER, 21), (1, LATER, 21), (1, "20261124T100000Z", 20), (0, LATER, 20)],
)
def test_the_newer_version_wins_by_sequence_then_stamp(
    sam: Sandbox, sequence: int, stamp: str, hour: int
) -> None:
    moved = a_mail(to=SAM, sequence=sequence, stamp=stamp, start="20261203T210000Z")
    deliver(sam, a_mail(to=SAM, sequence=1), moved)
    assert shown(sam) == [("Session 1", hour)]


def test_a_cancellation_removes_its_event_and_stays(sam: Sandbox) -> None:
    deliver(sam, a_mail(to=SAM), a_mail("CANCEL", to=SAM, sequence=1, stamp=LATER))
    assert shown(sam) == []
    deliver(sam, a_mail(to=SAM))
    assert shown(sam) == []


@pytest.mark.parametrize(
    "cancel",
    [
        a_mail("CANCEL", to=SAM, sequence=1, parameter=""),
        a_mail("CANCEL", to=SAM, sequence=1, parameter="REQUEST"),
        a_mail("CANCEL", to=SAM, sequence=1, organizer="mailto:somebody@else.example"),
        a_mail("CANCEL", to=SAM, sequence=1, uid="uid-2"),
        a_mail("CANCEL", to=SAM, sequence=0),
    ],
    ids=["no parameter", "wrong parameter", "other organizer", "other uid", "not newer"],
)
def test_a_cancellation_that_does_not_fit_removes_nothing(sam: Sandbox, cancel: object) -> None:
    deliver(sam, a_mail(to=SAM), cancel)  # type: ignore[arg-type]
    assert shown(sam) == [("Session 1", 20)]


def test_an_update_by_another_organizer_is_ignored(sam: Sandbox) -> None:
    other = a_mail(to=SAM, sequence=3, organizer="mailto:else@else.example", title="Stolen")
    deliver(sam, a_mail(to=SAM), other)
    assert shown(sam) == [("Session 1", 20)]


def test_who_is_no_attendee_or_the_organizer_gets_no_event(sam: Sandbox) -> None:
    deliver(sam, a_mail(to=SAM, attendee="else@home.example"))
    deliver(sam, a_mail(to=SAM, uid="uid-2", organizer=f"mailto:{SAM}"))
    assert shown(sam) == []


def test_mails_without_a_usable_invitation_are_only_mails(sam: Sandbox) -> None:
    broken = a_mail(to=SAM)
    broken.get_payload()[-1].set_payload(b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\n")
    deliver(sam, broken, a_mail(to=SAM, start="99999999T990000Z"))
    assert shown(sam) == []
    assert [one.method for one in sam.mails(SAM)] == ["", ""]


def test_a_person_can_remove_a_mailed_event(sam: Sandbox) -> None:
    deliver(sam, a_mail(to=SAM))
    sam.user_deletes(SAM, "uid-1")
    deliver(sam, a_mail(to=SAM))
    assert shown(sam) == []
    with pytest.raises(KeyError):
        sam.user_deletes(SAM, "uid-1")


def test_declining_removes_and_maybe_keeps_tentatively(sam: Sandbox) -> None:
    deliver(sam, a_mail(to=SAM))
    sam.user_responds(SAM, "uid-1", "tentative")
    assert sam.shown(SAM)[0].status == "tentative"
    sam.user_responds(SAM, "uid-1", "declined")
    assert sam.shown(SAM) == []
    with pytest.raises(ValueError, match="accepted"):
        sam.user_responds(SAM, "uid-1", "perhaps")


# Exchange


def outlook(sandbox: Sandbox, waits: str) -> Sandbox:
    sandbox.add_person(SAM, client="exchange")
    sandbox.switch("exchange_waits", waits)
    return sandbox


def test_exchange_enters_an_invitation_tentatively(sandbox: Sandbox) -> None:
    deliver(outlook(sandbox, "cancel"), a_mail(to=SAM))
    assert sandbox.shown(SAM)[0].status == "tentative"


def test_exchange_keeps_a_cancelled_event_until_the_mail_is_opened(sandbox: Sandbox) -> None:
    outlook(sandbox, "cancel")
    deliver(sandbox, a_mail(to=SAM), a_mail("CANCEL", to=SAM, sequence=1, stamp=LATER))
    assert shown(sandbox) == [("Session 1", 20)]
    sandbox.user_opens_mails(SAM)
    assert shown(sandbox) == []


def test_exchange_acts_at_once_on_mails_from_inside(sandbox: Sandbox) -> None:
    inside = "sam@platform.example"
    sandbox.add_person(inside, client="exchange")
    deliver(sandbox, a_mail(to=inside), a_mail("CANCEL", to=inside, sequence=1, stamp=LATER))
    assert sandbox.shown(inside) == []


def test_exchange_may_leave_every_mail_from_outside_to_its_reader(sandbox: Sandbox) -> None:
    outlook(sandbox, "all")
    deliver(sandbox, a_mail(to=SAM))
    assert shown(sandbox) == []
    sandbox.user_opens_mails(SAM)
    assert shown(sandbox) == [("Session 1", 20)]


@pytest.mark.parametrize(("client", "left"), [("exchange", 1), ("gmail", 0), ("apple", 0)])
def test_a_cancellation_that_overtakes_its_invitation_is_held_but_by_exchange(
    sandbox: Sandbox, client: str, left: int
) -> None:
    outlook(sandbox, "none").add_person(SAM, client=client)
    deliver(sandbox, a_mail("CANCEL", to=SAM, sequence=1, stamp=LATER), a_mail(to=SAM))
    assert len(shown(sandbox)) == left


# Apple


@pytest.mark.parametrize(("client", "count"), [("apple", 0), ("gmail", 1)])
def test_apple_wants_the_very_address(sandbox: Sandbox, client: str, count: int) -> None:
    sandbox.add_person(SAM, client=client)
    deliver(sandbox, a_mail(to=SAM, attendee="Sam@home.example"))
    assert len(shown(sandbox)) == count


# Gmail and Google Calendar: one account


def google_events(sandbox: Sandbox) -> list[ShownEvent]:
    events = sandbox.shown(MAYA)
    assert all(one.where == "google" for one in events)
    return events


def test_gmail_puts_an_invitation_into_the_google_calendar(maya: Caller, sandbox: Sandbox) -> None:
    deliver(sandbox, a_mail())
    (event,) = google_events(sandbox)
    assert not event.ours
    (found,) = maya.list(iCalUID="uid-1").body["items"]
    assert found["organizer"] == {"email": PLATFORM}
    assert found["id"].startswith("_")
    assert found["attendees"] == [{"email": MAYA, "self": True, "responseStatus": "needsAction"}]
    deliver(sandbox, a_mail(sequence=1, stamp=LATER, start="20261203T210000Z"))
    assert [one.starts_at.hour for one in google_events(sandbox)] == [21]
    deliver(sandbox, a_mail("CANCEL", sequence=2, stamp=LATER))
    assert google_events(sandbox) == []
    assert maya.get(found["id"]).body["status"] == "cancelled"


def test_an_update_reaches_an_event_that_its_person_had_moved(sandbox: Sandbox) -> None:
    deliver(sandbox, a_mail())
    moved = datetime(2026, 12, 4, 9, tzinfo=UTC)
    for _ in range(3):
        moved = moved.replace(hour=moved.hour + 1)
        sandbox.user_moves(MAYA, google_events(sandbox)[0].id, moved)
    deliver(sandbox, a_mail(sequence=1, stamp=LATER, start="20261203T210000Z"))
    assert [one.starts_at.hour for one in google_events(sandbox)] == [21]


def test_a_mail_never_touches_an_event_of_the_api(maya: Caller, sandbox: Sandbox) -> None:
    maya.insert()
    deliver(sandbox, a_mail(uid="abc123@google.com", title="Stolen", sequence=9))
    assert shown(sandbox, MAYA) == [("Session 1", 20)]
    deliver(sandbox, a_mail("CANCEL", uid="abc123@google.com", sequence=10, stamp=LATER))
    assert shown(sandbox, MAYA) == [("Session 1", 20)]
    assert sandbox.shown(MAYA)[0].ours


def test_an_api_event_and_a_mailed_one_are_two(maya: Caller, sandbox: Sandbox) -> None:
    maya.insert()
    deliver(sandbox, a_mail())
    assert sorted(one.ours for one in google_events(sandbox)) == [False, True]


@pytest.mark.parametrize("google", [True, False])
@pytest.mark.parametrize(
    ("invitations", "contacts", "count"),
    [
        ("everyone", (), 1),
        ("known", (), 0),
        ("known", (PLATFORM,), 1),
        ("respond", (PLATFORM,), 0),
    ],
)
def test_gmails_setting_decides_what_appears_unasked(
    sandbox: Sandbox, google: bool, invitations: str, contacts: tuple[str, ...], count: int
) -> None:
    sandbox.add_person(SAM, google=google, invitations=invitations, contacts=contacts)
    deliver(sandbox, a_mail(to=SAM), a_mail(to=SAM, sequence=1, stamp=LATER, title="Moved"))
    assert shown(sandbox) == [("Moved", 20)] * count
    sandbox.user_responds(SAM, "uid-1")
    assert shown(sandbox) == [("Moved", 20)]
    deliver(sandbox, a_mail(to=SAM, uid="uid-2", title="Next"))
    assert (len(shown(sandbox)) == 2) == (invitations != "respond")


def test_a_cancelled_invitation_that_was_never_shown_stays_hidden(sandbox: Sandbox) -> None:
    sandbox.add_person(SAM, invitations="respond")
    deliver(sandbox, a_mail(to=SAM), a_mail("CANCEL", to=SAM, sequence=1, stamp=LATER))
    assert shown(sandbox) == []


def test_a_sandbox_may_close_at_once() -> None:
    before = threading.active_count()
    for _ in range(20):
        with Sandbox():
            pass
    assert threading.active_count() == before
