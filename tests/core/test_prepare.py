"""What is stored before a call and what the call is to show."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from calsync.core.content.words import words
from calsync.core.ledger import MAIL, CopyState, Do, copy_uid, marker_of
from calsync.core.reconcile.actions import Send
from calsync.core.reconcile.prepare import attempt_copy, event_for
from tests.core.decisions import LOST_A, TO_MAIL, by_mail, in_a, snapshot
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
    assert event.note == words("en").older_entry
    again = event_for(snapshot(left, route=TO_MAIL), a_mail(Do.CREATE, 2))
    assert again is not None
    assert again.note == "", "a calendar that works is cleaned up instead"


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
