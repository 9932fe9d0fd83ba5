"""What is made of an event that another system put into a person's calendar."""

from __future__ import annotations

from datetime import timedelta

import pytest

from calsync.core.account import Account
from calsync.core.calls import Seen, Sighting
from calsync.core.ledger import Copy, CopyState, Marker, Want
from calsync.core.reconcile.looks.adoption import (
    LEFT_OUT,
    adoptable,
    after_adoption,
    is_to_adopt,
    refused,
    why_not,
)
from calsync.errors import Missing, TryLater
from tests.core.decisions import LOST_A, TO_MAIL, A, a_delivery
from tests.make import NOW, an_event

S = CopyState


def a_former_event() -> Copy:
    return adoptable(a_delivery(), A, "g1", Marker("here", "item"))


def test_an_event_that_was_marked_is_a_live_copy() -> None:
    seen = Sighting("g1", Seen.LIVE, "7", "former@google.com", "m1", "q1")
    copy = after_adoption(a_former_event(), seen)
    assert copy is not None
    assert (copy.n, copy.uid, copy.generation) == (1, "former@google.com", 0)
    assert (copy.state, copy.occupies, copy.revision) == (S.LIVE, True, "7")
    assert (copy.material_fp, copy.quiet_fp, copy.content) == ("m1", "q1", an_event())
    assert (copy.channel, copy.account, copy.destination) == ("google", A.id, A.destination)


def test_an_event_without_a_uid_is_known_by_its_id() -> None:
    copy = after_adoption(a_former_event(), Sighting("g1", Seen.LIVE))
    assert copy is not None
    assert copy.uid == "g1"


def test_an_event_with_guests_stays_its_persons() -> None:
    event = an_event()
    known = [(event.starts_at, event.ends_at), (event.starts_at, event.starts_at), None]
    for span, shown in zip(known, [event.material_fp, None, None], strict=True):
        seen = Sighting("g1", Seen.NOT_OURS, has_guests=True, span=span)
        copy = after_adoption(a_former_event(), seen)
        assert copy is not None
        assert (copy.state, copy.occupies, copy.material_fp) == (S.TAKEN, False, shown)


def test_what_is_not_one_sessions_event_is_none() -> None:
    assert after_adoption(a_former_event(), Sighting("g1", Seen.NOT_OURS)) is None


def test_only_what_is_wanted_and_ahead_and_not_made_yet_is_taken_over() -> None:
    assert is_to_adopt(a_delivery(), 0, NOW)
    assert not is_to_adopt(a_delivery(), 1, NOW)
    assert not is_to_adopt(a_delivery(want=Want.ABSENT), 0, NOW)
    assert not is_to_adopt(a_delivery(), 0, NOW + timedelta(days=9))


@pytest.mark.parametrize(
    ("account", "provider", "excluded", "reason"),
    [
        (A, "google", False, None),
        (A, "google", True, LEFT_OUT),
        (A, "outlook", False, "the person has no outlook calendar connected"),
        (None, "google", False, "the person has no google calendar connected"),
        (
            LOST_A,
            "google",
            False,
            "calsync has no access to the google calendar; have the person connect it again",
        ),
    ],
)
def test_where_nothing_can_be_written_nothing_is_taken_over(
    account: Account | None, provider: str, excluded: bool, reason: str | None
) -> None:
    assert why_not(a_delivery(), account, provider, excluded=excluded) == reason


def test_nor_for_whom_the_platform_invites_by_mail() -> None:
    told = why_not(a_delivery(route=TO_MAIL), None, "google", excluded=False)
    assert told == "the person has no google calendar connected"


def test_a_failed_call_is_told_in_words() -> None:
    assert refused(Missing("404")) == "there is no such event in the calendar"
    told = refused(TryLater("503", happened="no"))
    assert told == "the calendar did not let calsync read or mark it (try_later: 503)"
