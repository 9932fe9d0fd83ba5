"""Builders of booked sessions for tests of what people see."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from calsync.core.booked import Agenda, BookedSession, Online, Participant, Program, Status

MAYA = Participant("u-1", "Maya Chen", "maya@example.org", "mentee", "America/Toronto")
SAM = Participant("u-2", "Sam Okafor", "sam@example.org", "mentor", "Europe/London")
ZOOM = Online("https://zoom.us/j/123456789?pwd=abc&x=1", "Zoom")
EDIT = "https://app.example.org/sessions/1001/agenda"


def a_session(**changes: Any) -> BookedSession:
    """An individual online session of Maya and Sam on 3 December 2026, 15:00 in Toronto."""
    start = datetime(2026, 12, 3, 20, 0, tzinfo=UTC)
    session = BookedSession(
        id="ses-1001",
        tenant="default",
        updated_at=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
        status=Status.BOOKED,
        title="Session 1: Getting to know each other",
        program=Program("prog-7", "Women in Engineering"),
        starts_at=start,
        ends_at=start + timedelta(minutes=45),
        time_zone="America/Toronto",
        place=ZOOM,
        agenda=Agenda("<ol><li>Introductions</li><li>Goals</li></ol>", EDIT),
        url="https://app.example.org/sessions/1001",
        participants=(MAYA, SAM),
    )
    return replace(session, **changes)
