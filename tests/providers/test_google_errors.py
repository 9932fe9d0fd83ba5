"""Every refusal of Google's, as it comes over the wire, is the error that says what to do next."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
import responses

from calsync.core.calls import PreparedRequest
from calsync.core.ledger import Do
from calsync.errors import ChannelError, UnknownZone
from calsync.ports import Access
from providers.google.channel import GoogleChannel
from providers.google.client import GoogleClient
from providers.google.errors import TABLE, reason_word
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from tests.make import NOW, a_copy, an_event

EVENTS = "https://www.googleapis.com/calendar/v3/calendars/primary/events"
ACCESS = Access(account="maya@example.org", secret="ya29.secret")
HOUR = 3600.0


def google_error(status: int, reason: str, message: str = "Words of Google's") -> str:
    """The shape in https://developers.google.com/workspace/calendar/api/guides/errors"""
    detail = {"domain": "global", "reason": reason, "message": message}
    return json.dumps({"error": {"errors": [detail], "code": status, "message": message}})


@pytest.fixture(scope="module")
def channel() -> GoogleChannel:
    return GoogleChannel(GoogleClient(Transport(Watchdog())))


def refused(
    channel: GoogleChannel, do: Do = Do.CREATE, zone: str = "America/Toronto"
) -> ChannelError:
    copy = a_copy()
    prepared: PreparedRequest = channel.prepare(do, copy, an_event(time_zone=zone), NOW)
    with pytest.raises(ChannelError) as caught:
        channel.send(prepared, copy, ACCESS, time.monotonic() + 30)
    return caught.value


def told(error: ChannelError) -> tuple[str, str, str, float | None, str]:
    return error.kind, error.happened, error.scope, error.after, error.reason


SIX_HOURS = 6 * HOUR
CASES: list[tuple[int, str, str, str, str, float | None]] = [
    # status, reason, kind, happened, scope, after
    (400, "timeRangeEmpty", "refused", "no", "copy", None),
    (400, "required", "refused", "no", "copy", None),
    (400, "invalid", "refused", "no", "copy", None),
    (400, "participantIsNeitherOrganizerNorAttendee", "refused", "no", "copy", None),
    (401, "authError", "access_lost", "no", "account", None),
    (403, "userRateLimitExceeded", "try_later", "no", "account", None),
    (403, "rateLimitExceeded", "try_later", "no", "account", None),
    (403, "dailyLimitExceeded", "try_later", "no", "account", HOUR),
    (403, "quotaExceeded", "try_later", "no", "account", SIX_HOURS),
    (403, "insufficientPermissions", "access_lost", "no", "account", None),
    (403, "requiredAccessLevel", "unusable", "no", "account", None),
    (403, "notACalendarUser", "unusable", "no", "account", None),
    (403, "accessNotConfigured", "setup", "no", "tenant", None),
    (403, "forbiddenForServiceAccounts", "setup", "no", "tenant", None),
    (403, "forbiddenForNonOrganizer", "refused", "no", "copy", None),
    (403, "forbidden", "refused", "no", "copy", None),
    (403, "somethingNew", "refused", "maybe", "copy", None),
    (409, "conflict", "try_later", "no", "copy", None),
    (409, "duplicate", "changed", "maybe", "copy", None),
    (412, "conditionNotMet", "changed", "no", "copy", None),
    (418, "somethingNew", "refused", "maybe", "copy", None),
    (429, "rateLimitExceeded", "try_later", "no", "account", None),
    (500, "backendError", "try_later", "maybe", "copy", None),
    (503, "backendError", "try_later", "maybe", "copy", None),
]


@responses.activate
@pytest.mark.parametrize(("status", "reason", "kind", "happened", "scope", "after"), CASES)
def test_a_refused_insert_says_what_to_do_next(
    channel: GoogleChannel,
    status: int,
    reason: str,
    kind: str,
    happened: str,
    scope: str,
    after: float | None,
) -> None:
    responses.post(EVENTS, body=google_error(status, reason), status=status)
    assert told(refused(channel)) == (kind, happened, scope, after, f"{status} {reason}")


def test_every_row_of_the_table_and_every_kind_has_its_case() -> None:
    """Missing comes of 404 and 410, which say something about an event and not about an insert:
    the tests below show it."""
    known = {(status, reason) for status, reason, *_ in CASES}
    statuses = {status for status, _ in known}
    rows = {(s, r) for s, r in TABLE.rows if r not in {"*", ""} and s not in {404, 410}}
    assert rows <= known
    assert {s for s, _ in TABLE.rows} - {404, 410} <= statuses
    kinds = {kind for _, _, kind, *_ in CASES} | {"missing"}
    assert kinds == {error.kind for error in ChannelError.__subclasses__()}


@responses.activate
@pytest.mark.parametrize("do", [Do.CHANGE, Do.WITHDRAW])
@pytest.mark.parametrize(("status", "reason"), [(404, "notFound"), (410, "deleted")])
def test_an_event_is_missing_when_the_calendar_itself_answers(
    channel: GoogleChannel, do: Do, status: int, reason: str
) -> None:
    error = google_error(status, reason)
    for method in ("PATCH", "DELETE"):
        responses.add(method, f"{EVENTS}/{a_copy().uid.replace('-', '')}", error, status=status)
    responses.get(EVENTS, json={"etag": '"1"'})
    assert told(refused(channel, do)) == ("missing", "no", "copy", None, f"{status} {reason}")


@responses.activate
@pytest.mark.parametrize("do", [Do.CHANGE, Do.WITHDRAW])
@pytest.mark.parametrize(
    ("status", "reason"), [(404, "notFound"), (403, "notACalendarUser"), (403, "forbidden")]
)
def test_a_calendar_out_of_reach_is_unusable_and_its_events_are_not_missing(
    channel: GoogleChannel, do: Do, status: int, reason: str
) -> None:
    for method in ("PATCH", "DELETE"):
        url = f"{EVENTS}/{a_copy().uid.replace('-', '')}"
        responses.add(method, url, google_error(404, "notFound"), status=404)
    responses.get(EVENTS, body=google_error(status, reason), status=status)
    error = refused(channel, do)
    assert (error.kind, error.happened, error.scope) == ("unusable", "no", "account")


@responses.activate
def test_inserting_into_a_calendar_that_is_not_there_is_unusable(channel: GoogleChannel) -> None:
    responses.post(EVENTS, body=google_error(404, "notFound"), status=404)
    error = refused(channel)
    assert (error.kind, error.happened, error.scope) == ("unusable", "no", "account")


@responses.activate
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"id": "x", "status": "cancelled"}, "missing"),
        ({"id": "x", "status": "confirmed"}, "refused"),
    ],
)
def test_a_forbidden_change_is_missing_only_when_the_event_was_deleted(
    channel: GoogleChannel, body: Any, kind: str
) -> None:
    url = f"{EVENTS}/{a_copy().uid.replace('-', '')}"
    responses.patch(url, body=google_error(403, "forbidden"), status=403)
    responses.get(url, json=body)
    error = refused(channel, Do.CHANGE)
    assert (error.kind, error.happened) == (kind, "no")


@responses.activate
@pytest.mark.parametrize("status", [403, 404, 409, 410, 412])
def test_a_refusal_that_is_not_googles_is_unmapped(channel: GoogleChannel, status: int) -> None:
    """A proxy's page, or a wrong google.api_base, must not look like a deleted event."""
    responses.post(EVENTS, body="<html>Not Found</html>", status=status)
    assert told(refused(channel)) == ("refused", "maybe", "copy", None, str(status))


@responses.activate
def test_429_without_a_reason_stops_the_provider(channel: GoogleChannel) -> None:
    responses.post(EVENTS, body="", status=429, headers={"Retry-After": "30"})
    assert told(refused(channel)) == ("try_later", "no", "provider", 30.0, "429")


@responses.activate
def test_retry_after_is_honoured_but_never_shortens_our_own_pause(channel: GoogleChannel) -> None:
    body = google_error(403, "quotaExceeded")
    responses.post(EVENTS, body=body, status=403, headers={"Retry-After": "60"})
    assert refused(channel).after == SIX_HOURS
    responses.replace(
        "POST", EVENTS, body=body, status=403, headers={"Retry-After": str(int(9 * HOUR))}
    )
    assert refused(channel).after == SIX_HOURS
    body = google_error(403, "rateLimitExceeded")
    responses.replace(
        "POST", EVENTS, body=body, status=403, headers={"Retry-After": str(int(5 * HOUR))}
    )
    assert refused(channel).after == 5 * HOUR
    past = format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)
    responses.replace("POST", EVENTS, body="", status=503, headers={"Retry-After": past})
    assert not refused(channel).after


@responses.activate
@pytest.mark.parametrize(
    ("status", "word", "scope", "longest"),
    [
        (403, "rateLimitExceeded", "account", SIX_HOURS),
        (429, "", "provider", HOUR),
        (503, "backendError", "copy", SIX_HOURS),
    ],
)
def test_an_absurd_wait_is_cut_and_one_without_end_is_none(
    channel: GoogleChannel, status: int, word: str, scope: str, longest: float
) -> None:
    body = google_error(status, word) if word else ""
    asked = (str(10**14), "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT")
    for one, after in zip(asked, (longest, None, longest), strict=True):
        responses.upsert("POST", EVENTS, body=body, status=status, headers={"Retry-After": one})
        error = refused(channel)
        assert (error.scope, error.after) == (scope, after)


@responses.activate
@pytest.mark.parametrize("status", [200, 403, 503])
def test_an_answer_nested_deeply_is_an_answer_like_any_other(
    channel: GoogleChannel, status: int
) -> None:
    responses.post(EVENTS, body='{"error":' + "[" * 100_000, status=status)
    assert refused(channel).origin is None


@responses.activate
@pytest.mark.parametrize("body", ["", "[]", "null", "{}", "not json", '{"id": 5}'])
def test_a_success_that_is_no_event_must_be_looked_up(channel: GoogleChannel, body: str) -> None:
    responses.post(EVENTS, body=body, status=200)
    error = refused(channel)
    assert (error.kind, error.happened) == ("try_later", "maybe")


@responses.activate
def test_an_error_carries_the_request_id_and_nothing_of_the_content(
    channel: GoogleChannel,
) -> None:
    body = google_error(400, "invalid", "Invalid value for summary: Session 1")
    responses.post(EVENTS, body=body, status=400, headers={"X-Request-Id": "r-42"})
    error = refused(channel)
    assert error.request_id == "r-42"
    assert (str(error), error.__context__) == ("400 invalid", None)


NO_ZONE = "Invalid time zone definition for start time."


@responses.activate
@pytest.mark.parametrize(
    ("message", "zone", "blamed"),
    [
        (NO_ZONE, "Europe/Kyiv", "Europe/Kyiv"),
        ("Invalid timezone: Europe/Kyiv", "Europe/Kyiv", "Europe/Kyiv"),
        (NO_ZONE, "UTC", None),
        ("Invalid start time.", "Europe/Kyiv", None),
    ],
)
def test_a_zone_that_google_does_not_know_is_named_unless_it_is_utc(
    channel: GoogleChannel, message: str, zone: str, blamed: str | None
) -> None:
    responses.post(EVENTS, body=google_error(400, "invalid", message), status=400)
    error = refused(channel, zone=zone)
    assert (error.zone if isinstance(error, UnknownZone) else None) == blamed
    assert error.reason == ("400 invalid" if blamed is None else "400 invalid: unknown time zone")
    assert error.happened == "no"


@responses.activate
def test_a_refusal_without_a_sentence_blames_no_zone(channel: GoogleChannel) -> None:
    body = json.dumps({"error": {"message": None, "errors": [{"reason": "invalid"}]}})
    responses.post(EVENTS, body=body, status=400)
    assert told(refused(channel))[-1] == "400 invalid"


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (google_error(403, "quotaExceeded"), "quotaExceeded"),
        ('{"error": {"errors": [{}], "status": "PERMISSION_DENIED"}}', "PERMISSION_DENIED"),
        (
            '{"error": {"details": [{"reason": "SERVICE_DISABLED"}], "code": 403}}',
            "SERVICE_DISABLED",
        ),
        ('{"error": {"errors": [{"reason": "maya@example.org said no"}]}}', ""),
        ('{"error": {"errors": [{"reason": ["x"]}]}}', ""),
        ('{"error": {"errors": 5}}', ""),
        ('{"error": "invalid_grant"}', ""),
        ("\xff", ""),
        ("", ""),
    ],
)
def test_only_what_looks_like_a_reason_is_taken_for_one(body: str, word: str) -> None:
    assert reason_word(body.encode("latin-1")) == word
