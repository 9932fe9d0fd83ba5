"""Builders: a valid value with one call; a test names only what it is about."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from calsync.core.content.event import DesiredEvent
from calsync.core.ledger import Copy, CopyState, DeliveryKey

NAMESPACE = UUID("6f9c6f0e-6a0b-4d8f-9a62-0c4b6f3e2a11")
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
KEY = DeliveryKey("default", "ses-1001", "u-1")


def an_event(**changes: Any) -> DesiredEvent:
    """An online session on 3 December 2026, 15:00 to 15:45 in Toronto."""
    start = datetime(2026, 12, 3, 20, 0, tzinfo=UTC)
    event = DesiredEvent(
        title="Session 1: Getting to know each other",
        starts_at=start,
        ends_at=start + timedelta(minutes=45),
        time_zone="America/Toronto",
        location="https://zoom.us/j/123456789?pwd=abc",
        join_url="https://zoom.us/j/123456789?pwd=abc",
        url="https://app.example.org/sessions/1001",
        text="Join: https://zoom.us/j/123456789?pwd=abc\n\nAgenda:\n- Introductions\n- Goals",
        html=(
            '<a href="https://zoom.us/j/123456789?pwd=abc">Join</a><p>Agenda:</p>'
            "<ul><li>Introductions</li><li>Goals</li></ul>"
        ),
        private=False,
        locale="en",
        material_fp="1.material",
        quiet_fp="1.quiet",
    )
    return replace(event, **changes)


def a_copy(n: int = 1, *, key: DeliveryKey = KEY, **changes: Any) -> Copy:
    """Copy `n` of a delivery, planned for Google; its uid is one of before generations."""
    name = json.dumps([key.tenant, key.session, key.participant, n], separators=(",", ":"))
    copy = Copy(
        n=n,
        uid=str(uuid5(NAMESPACE, name)),
        channel="google",
        account="acc-1",
        address="maya@example.org",
        destination="google:maya@example.org/primary",
        state=CopyState.PLANNED,
        organizer="sessions@platform.example",
    )
    return replace(copy, **changes)
