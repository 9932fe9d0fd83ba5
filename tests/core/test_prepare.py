"""What is stored before a call and what the call is to show."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from calsync.core.calls import PreparedRequest
from calsync.core.content.event import Details, MailCause, Told
from calsync.core.ledger import MAIL, Copy, CopyState, Do, copy_uid, marker_of
from calsync.core.reconcile.actions import Send
from calsync.core.reconcile.prepare import attempt_copy, event_for, marked_copy, with_attempt
from calsync.messages.language import language
from tests.core.decisions import LOST_A, TO_MAIL, an_attempt, by_mail, in_a, snapshot
from tests.make import KEY, NAMESPACE, an_event


def a_mail(do: Do = Do.CHANGE, n: int = 1, *, resend: bool = False) -> Send:
    return Send(do, n, MAIL, None, resend=resend)


def test_a_mail_that_is_sent_again_shows_what_its_copy_shows_under_its_own_fingerprints() -> None:
    shown = an_event(title="As it was", material_fp="of the event", quiet_fp="of the event")
    copy = by_mail(content=shown, material_fp="of the copy", quiet_fp="of the copy")
    event = event_for(snapshot(copy, content=an_event(title="New")), a_mail(resend=True))
    assert event is not None
    assert event.title == "As it was"
    assert (event.material_fp, event.quiet_fp) == ("of the copy", "of the copy")


def test_a_copy_without_fingerprints_is_sent_again_under_those_of_its_event() -> None:
    copy = by_mail(content=an_event(), material_fp=None, quiet_fp=None)
    assert event_for(snapshot(copy), a_mail(resend=True)) == an_event()


def test_of_a_copy_that_shows_nothing_known_nothing_is_sent_again() -> None:
    assert event_for(snapshot(by_mail(content=None)), a_mail(resend=True)) is None
    assert event_for(snapshot(), a_mail(n=9, resend=True)) is None


def test_a_mail_warns_of_an_entry_that_a_lost_calendar_may_still_show() -> None:
    left = in_a(CopyState.STRANDED)
    about = snapshot(left, accounts=(LOST_A,), route=TO_MAIL)
    event = event_for(about, a_mail(Do.CREATE, 2))
    assert event is not None
    assert event.told == Told(MailCause.BY_MAIL, older_entry=True)
    again = event_for(snapshot(left, route=TO_MAIL), a_mail(Do.CREATE, 2))
    assert again is not None
    assert again.told == Told(MailCause.BY_MAIL), "a calendar that works is cleaned up instead"


def test_a_copy_needs_a_route_to_be_made_and_to_be_there_to_be_changed() -> None:
    with pytest.raises(ValueError, match="no route"):
        attempt_copy(
            snapshot(route=None), a_mail(Do.CREATE), lambda place, g: f"{place} {g}", "x@y.example"
        )
    with pytest.raises(ValueError, match="no copy 3"):
        attempt_copy(
            snapshot(), a_mail(Do.CHANGE, 3), lambda place, g: f"{place} {g}", "x@y.example"
        )


# --- uids ----------------------------------------------------------------------------------------


def test_a_uid_never_changes_for_the_same_delivery_destination_and_generation() -> None:
    """Events out there bear it: another way to make it would make every one of them twice."""
    place = "google:maya@example.org/primary"
    uid = copy_uid(NAMESPACE, KEY, place, 1)
    assert uid == "705d7282-e322-5d37-9449-d9c1ffa76715"
    others = {copy_uid(NAMESPACE, KEY, place, 2), copy_uid(NAMESPACE, KEY, "mail:m@x", 1)}
    assert len({uid, *others}) == 3


def test_a_marker_tells_installations_deliveries_and_generations_apart() -> None:
    first = marker_of(NAMESPACE, KEY, 1)
    assert first == marker_of(NAMESPACE, KEY, 1)
    others = [marker_of(NAMESPACE, KEY, 2), marker_of(NAMESPACE, replace(KEY, session="x"), 1)]
    assert {one.instance for one in others} == {first.instance}
    elsewhere = marker_of(UUID(int=7), KEY, 1)
    assert len({first.item, elsewhere.item, *(one.item for one in others)}) == 4
    assert elsewhere.instance != first.instance


@pytest.mark.parametrize("step", [a_mail(Do.WITHDRAW), a_mail(resend=True)])
def test_a_mail_about_what_was_open_hides_what_is_discreet_by_now(step: Send) -> None:
    was_open = an_event(title="About Sam", text="with Sam", html="<p>with Sam</p>", location="Here")
    neutral = an_event(title="Mentoring session", text="View", html="View", private=True)
    event = event_for(snapshot(by_mail(content=was_open), content=neutral), step)
    assert event is not None
    assert (event.title, event.text, event.html) == ("Mentoring session", "View", "View")
    assert (event.location, event.private) == ("Here", True)


@pytest.mark.parametrize(
    ("copy", "do", "marked"),
    [
        (in_a(), Do.CREATE, True),
        (in_a(), Do.CHANGE, True),
        (in_a(), Do.WITHDRAW, False),
        (by_mail(), Do.CHANGE, False),
    ],
)
def test_a_calendar_copy_counts_as_hidden_from_the_attempt_on(
    copy: Copy, do: Do, marked: bool
) -> None:
    sent = an_attempt(do), PreparedRequest(do, "key", b"", "m1", "q1")
    hidden = replace(copy, marked_private=True)
    assert with_attempt(copy, *sent, an_event(private=True)).marked_private is marked
    assert not with_attempt(copy, *sent, an_event()).marked_private
    still = with_attempt(hidden, *sent, an_event())
    assert still.marked_private, "until the answer says that it was opened"


def test_the_next_event_says_once_that_an_older_one_may_be_elsewhere() -> None:
    lost = in_a(CopyState.DISMISSED, may_remain=True)
    event = event_for(snapshot(lost), Send(Do.CREATE, 2, "google", "acc-1"))
    assert event is not None
    line = language(event.locale).text("event.older_entry")
    assert event.text.startswith(f"{line}\n\n{an_event().text}")
    assert event.html.startswith(f"<p>{line}</p>")
    assert (event.material_fp, event.quiet_fp) == (an_event().material_fp, an_event().quiet_fp)
    whole = replace(an_event(), details=Details(agenda=(3, 9), agenda_html=(5, 8)))
    shown = event_for(snapshot(lost, content=whole), Send(Do.CREATE, 2, "google", "acc-1"))
    assert shown is not None
    assert shown.details is not None
    (first, last), (start, end) = shown.details.agenda, shown.details.agenda_html
    assert (shown.text[first:last], shown.html[start:end]) == (whole.text[3:9], whole.html[5:8])
    told = snapshot(lost, in_a(n=2))
    for step in (Send(Do.CHANGE, 2, "google", "acc-1"), Send(Do.CREATE, 3, "google", "acc-1")):
        assert event_for(told, step) == an_event()
    assert event_for(
        snapshot(in_a(CopyState.DISMISSED)), Send(Do.CREATE, 2, "google", "acc-1")
    ) == (an_event())


def test_what_is_made_bears_the_uid_and_the_marker_of_this_installation() -> None:
    copy = marked_copy(snapshot(), Send(Do.CREATE, 1, "google", "acc-1"), NAMESPACE, "desk@x")
    assert copy.uid == copy_uid(NAMESPACE, KEY, copy.destination, 1)
    assert copy.marker == marker_of(NAMESPACE, KEY, 1)
    changed = marked_copy(snapshot(copy), Send(Do.CHANGE, 1, "google", "acc-1"), NAMESPACE, "")
    assert (changed.uid, changed.marker) == (copy.uid, copy.marker)
