"""The recipes for APIs, over stand-ins that answer as their documentation says."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from calsync.core.booked import InPerson, Online, Status
from calsync.sources.recipes.catalogue import recipe
from tests.sources.mapping.standin import Call, StandIn, refusals, standing_in
from tests.sources.recipes.playing import Play, days, roles

START = days(3)


def instant(minutes: int = 0) -> str:
    return START.replace(minute=minutes).isoformat().replace("+00:00", ".000Z")


@pytest.fixture
def api() -> Iterator[StandIn]:
    with standing_in(lambda _: (404, {})) as made:
        yield made


def play(stand_in: StandIn, name: str, /, **values: str) -> Play:
    found = recipe(name)
    filled = found.filled(found.source, {"token": "KEY", **values})
    (table,) = tomllib.loads(filled)["source"]
    return Play(stand_in.source(**table))


def calcom_booking(uid: str, **changes: Any) -> dict[str, Any]:
    """As GET /v2/bookings shows one (cal-api-version 2024-08-13)."""
    return {
        "id": 1, "uid": uid, "icsUid": f"{uid}@Cal.com", "title": "Ada and Guest",
        "description": "PRIVATE", "status": "accepted", "start": instant(), "end": instant(30),
        "duration": 30, "eventTypeId": 7, "eventType": {"id": 7, "slug": "coaching"},
        "meetingUrl": "https://video.example/1", "location": "integrations:daily",
        "createdAt": "2026-11-20T09:00:00.000Z", "updatedAt": "2026-11-20T09:00:00.000Z",
        "hosts": [{"id": 1, "name": "Ada", "email": "ada@x.example",
                   "timeZone": "America/Toronto"}],
        "attendees": [{"name": "Guest", "email": "Guest@x.example", "timeZone": "Europe/Berlin",
                       "language": "de", "absent": False}],
        "metadata": {}, "bookingFieldsResponses": {"notes": "PRIVATE"},
    } | changes  # fmt: skip


def test_calcom_is_read_page_by_page_and_a_rescheduled_booking_moves(api: StandIn) -> None:
    bookings = [calcom_booking(f"u{n}") for n in range(150)]

    def answer(call: Call) -> Any:
        assert call.headers["authorization"] == "Bearer KEY"
        assert call.headers["cal-api-version"] == "2024-08-13"
        since = call.query.get("afterUpdatedAt", "")
        found = [one for one in bookings if one["updatedAt"] >= since]
        skip, take = int(call.query["skip"]), int(call.query["take"])
        return {"status": "success", "data": found[skip : skip + take],
                "pagination": {"hasNextPage": skip + take < len(found)}}  # fmt: skip

    api.answer = answer
    reading = play(api, "calcom-api", api=api.url, link="https://cal.example")
    found = reading.poll()
    assert len(found) == 150
    one = found["u1@Cal.com"]
    assert roles(one) == {"ada@x.example": "host", "Guest@x.example": "guest"}
    assert (one.starts_at, one.place) == (START, Online("https://video.example/1"))
    assert one.url == "https://cal.example/booking/u1"
    assert "PRIVATE" not in repr(one)
    later = {"updatedAt": "2026-11-21T09:00:00.000Z"}
    bookings[1] |= {"status": "cancelled", "rescheduledToUid": "new", **later}
    bookings[2] |= {"status": "cancelled", **later}
    bookings[3] |= {"meetingUrl": None, "location": "Room 4", **later}
    bookings.append(calcom_booking("new", icsUid="u1@Cal.com", rescheduledFromUid="u1",
                                   start=instant(15), end=instant(45), **later))  # fmt: skip
    again = {key: one for key, one in reading.poll().items() if one.updated_at.day == 21}
    assert set(again) == {"u1@Cal.com", "u2@Cal.com", "u3@Cal.com"}
    moved = again["u1@Cal.com"]
    assert (moved.starts_at, moved.status) == (START.replace(minute=15), Status.BOOKED)
    assert {one.id for one in moved.participants} == {one.id for one in one.participants}
    assert again["u2@Cal.com"].status is Status.CANCELLED
    assert again["u3@Cal.com"].place == InPerson("Room 4")


def test_a_status_that_calcom_has_not_yet_is_told_by_its_name(api: StandIn) -> None:
    booking = calcom_booking("u1", status="no_show")
    api.answer = lambda _: {"data": [booking], "pagination": {"hasNextPage": False}}
    reading = play(api, "calcom-api", api=api.url)
    told = refusals(list(reading.source.changes(None)))["u1@Cal.com"]
    assert told.startswith("status: map.lookup.status does not name 'no_show'; add it")


def easy_person(ident: int, name: str, **changes: Any) -> dict[str, Any]:
    return {"id": ident, "firstName": name, "lastName": "Lovelace", "email": f"{name}@x.example",
            "timezone": "Europe/Berlin", "language": "german",
            "notes": "PRIVATE"} | changes  # fmt: skip


def test_easyappointments_is_read_with_both_people(api: StandIn) -> None:
    wall = START.replace(tzinfo=None).isoformat(sep=" ")
    later = START.replace(tzinfo=None, minute=45).isoformat(sep=" ")
    appointments = [
        {"id": n, "book": "2026-11-20 09:00:00", "start": wall, "end": later, "hash": f"h{n}",
         "status": "Booked", "location": "Room 4", "notes": "PRIVATE", "serviceId": 7,
         "service": {"id": 7, "name": "Coaching", "description": "What we do"},
         "provider": easy_person(1, "ada"), "customer": easy_person(2, "bo", language="english")}
        for n in range(120)
    ]  # fmt: skip

    def answer(call: Call) -> Any:
        assert call.path == "/index.php/api/v1/appointments"
        assert "aggregates" in call.query
        start = (int(call.query["page"]) - 1) * int(call.query["length"])
        return appointments[start : start + int(call.query["length"])]

    api.answer = answer
    reading = play(api, "easyappointments-api", link=api.url, zone="Europe/Berlin")
    found = reading.poll()
    assert len(found) == 120
    one = found["1"]
    assert roles(one) == {"ada@x.example": "provider", "bo@x.example": "customer"}
    assert [person.locale for person in one.participants] == ["de", "en"]
    assert (one.title, one.place, one.time_zone) == (
        "Coaching",
        InPerson("Room 4"),
        "Europe/Berlin",
    )
    assert "PRIVATE" not in repr(found)
    appointments[1] |= {"status": "Cancelled"}
    appointments[2] |= {"location": "https://meet.example/1"}
    appointments[4] |= {"start": wall.replace("15:", "13:")}
    appointments[5] |= {"customer": easy_person(2, "new")}
    appointments.append(appointments[5] | {"id": 900})
    del appointments[3]
    again = reading.poll()
    assert again["4"].starts_at == found["4"].starts_at - timedelta(hours=2)  # type: ignore[operator]
    assert set(roles(again["5"])) == set(roles(again["900"])) == {"ada@x.example", "new@x.example"}
    assert again["1"].status is Status.CANCELLED
    assert again["2"].place == Online("https://meet.example/1")
    assert "3" not in reading.all()


def calendly_event(uuid: str, **changes: Any) -> dict[str, Any]:
    return {
        "uri": f"https://api.calendly.com/scheduled_events/{uuid}", "name": "Coaching",
        "status": "active", "start_time": instant(), "end_time": instant(30),
        "event_type": "https://api.calendly.com/event_types/T",
        "location": {"type": "zoom", "join_url": "https://zoom.example/1"},
        "event_memberships": [{"user": "https://api.calendly.com/users/H", "user_email":
                               "ada@x.example", "user_name": "Ada"}],
        "event_guests": [], "created_at": "2026-11-20T09:00:00.000000Z",
        "updated_at": "2026-11-20T09:00:00.000000Z",
    } | changes  # fmt: skip


def test_calendly_is_read_with_the_invitees_who_still_come(api: StandIn) -> None:
    events = [calendly_event(f"E{n}") for n in range(3)]
    for one in events:
        one["uri"] = one["uri"].replace("https://api.calendly.com", api.url)

    def answer(call: Call) -> Any:
        if call.path.endswith("/invitees"):
            invitees = [("bo", "active"), ("cy", "canceled")]
            return {"collection": [
                {"email": f"{name}@x.example", "name": name, "status": status, "timezone": "UTC"}
                for name, status in invitees
            ]}  # fmt: skip
        assert call.query["organization"].endswith("/O")
        second = call.query.get("page_token") == "2"
        query = "organization=x/O&page_token=2"
        link = None if second else f"{api.url}/scheduled_events?{query}"
        return {
            "collection": events[2:] if second else events[:2],
            "pagination": {"next_page": link},
        }

    api.answer = answer
    reading = play(
        api, "calendly", api=api.url, organization="https://api.calendly.com/organizations/O"
    )
    found = reading.poll()
    assert set(found) == {"E0", "E1", "E2"}
    assert roles(found["E0"]) == {"ada@x.example": "host", "bo@x.example": "invitee"}
    assert (found["E0"].starts_at, found["E0"].place) == (START, Online("https://zoom.example/1"))
    events[0] |= {"status": "canceled", "updated_at": "2026-11-21T09:00:00.000000Z"}
    asked = len(api.calls)
    assert reading.poll()["E0"].status is Status.CANCELLED
    assert len(api.calls) - asked == 3, "two pages, and the invitees of the one that changed"
    events[1] |= {"start_time": instant(15), "updated_at": "2026-11-22T09:00:00.000000Z"}
    events.append(events[2] | {"uri": f"{api.url}/scheduled_events/E9"})
    del events[0]
    again = reading.poll()
    assert again["E1"].starts_at == START + timedelta(minutes=15)
    assert set(again) == {"E1", "E2", "E9"}
    assert set(roles(again["E9"])) == {"ada@x.example", "bo@x.example"}
