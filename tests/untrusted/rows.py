"""What each reader of strangers' values is given: one hostile value, where that would stand."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from calsync.core.calls import PreparedRequest
from calsync.core.content import icalendar
from calsync.core.ledger import Do, Marker
from calsync.errors import Missing, RecordError, Refused, SourceError, TryLater
from calsync.platform_api.inbound import proves
from calsync.selfservice import signed_links
from calsync.sources import feed
from calsync.sources.mapping import functions
from calsync.sources.mapping.source import outline
from calsync.sources.records import faults, record
from calsync.untrusted import json_text, values
from providers import oauth
from providers.caldav import mapping as caldav_mapping
from providers.caldav import multistatus
from providers.caldav.client import CalendarObject
from providers.google import auth, client, errors, identity
from providers.google import channel as google
from providers.google.mapping import MARKERS, patch_body
from providers.google.mapping import listed as google_listed
from providers.http import json_body, transport
from providers.http.transport import Answer
from providers.outlook import channel as outlook
from providers.outlook import client as graph
from providers.outlook import errors as graph_errors
from providers.outlook import mapping as graph_mapping
from tests.harness.records import a_record
from tests.make import an_event

WANTED = an_event()
WRONG = RecordError("r-1", "id", "is missing")
NOW = datetime(2026, 12, 3, 12, tzinfo=UTC)
ASKED = "https://cal.example/maya/"
FIELDS = [
    "access_token",
    "expires_in",
    "refresh_token",
    "id_token",
    "scope",
    "error",
    "error_description",
    "id",
    "etag",
    "status",
    "items",
    "value",
    "sessions",
    "next",
    "more",
    "count",
    "code",
    "headers",
]


@dataclass(frozen=True)
class Row:
    """`read` hands a value to the reader; it may raise these errors and no others."""

    read: Callable[[Any], object]
    raises: tuple[type[Exception], ...] = ()


def text_of(value: object) -> str:
    """As it would stand in a header or a line."""
    return value if isinstance(value, str) else json.dumps(value)


def told(value: object) -> bytes:
    """JSON in which every field that is read somewhere has this value."""
    return json.dumps(dict.fromkeys(FIELDS, value)).encode()


def given(value: object, status: int = 200) -> Answer:
    return Answer(status, {"retry-after": text_of(value)}, told(value))


def google_event(value: object) -> dict[str, object]:
    moment = {"dateTime": value, "date": value, "timeZone": value}
    names = ("etag", "iCalUID", "summary", "location", "description", "attendees")
    marks = dict.fromkeys(MARKERS, "1.0123456789abcdef0123")
    return {
        **dict.fromkeys(names, value),
        "id": "x",
        "start": moment,
        "end": moment,
        "extendedProperties": {"private": marks},
    }


def graph_event(value: object) -> dict[str, object]:
    moment = {"dateTime": value, "timeZone": "UTC"}
    names = ("@odata.etag", "iCalUId", "subject", "attendees", "type")
    shown = {"id": graph_mapping.SHOWN, "value": "uid 1.a 1.b c d"}
    return {
        **dict.fromkeys(names, value),
        "type": "singleInstance",
        "id": "x",
        "start": moment,
        "end": moment,
        "singleValueExtendedProperties": [shown],
    }


def object_with(value: object) -> bytes:
    """A calendar object with this value as start, end, duration and SEQUENCE, one after another."""
    text = text_of(value).replace("-", "").replace(":", "")
    lines = [f"DTSTART:{text}", f"DTEND:{text}", f"SEQUENCE:{text}", f"DURATION:PT{text}H"]
    event = ["BEGIN:VEVENT", "UID:u", "SUMMARY:x", *lines, "END:VEVENT"]
    return "\r\n".join(["BEGIN:VCALENDAR", *event, "END:VCALENDAR", ""]).encode("utf-8", "replace")


def sequence_of(value: object) -> bytes:
    """An object that can be read, with this SEQUENCE."""
    event = ["BEGIN:VEVENT", "UID:u", "DTSTART:20261203T150000Z", f"SEQUENCE:{text_of(value)}"]
    lines = ["BEGIN:VCALENDAR", *event, "END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(lines).encode("utf-8", "replace")


def xml_of(value: object) -> bytes:
    text = text_of(value).replace("<", "").replace("&", "")
    status = f"<D:propstat><D:status>HTTP/1.1 {text}</D:status><D:prop/></D:propstat>"
    inner = f"<D:response><D:href>{text}</D:href>{status}</D:response>"
    return f'<D:multistatus xmlns:D="DAV:">{inner}</D:multistatus>'.encode("utf-8", "replace")


def jwt_of(value: object) -> str:
    def part(claims: object) -> str:
        raw = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    claims = {"sub": "s", "aud": "id", "iss": identity.ISSUERS[0], "exp": value, "iat": value}
    return f"{part({'alg': 'HS256', 'kid': 'k', 'typ': value})}.{part(claims)}.{part(b'x')}"


def page_with(value: object) -> bytes:
    return json.dumps({"sessions": [value], "next": "n", "more": True, "count": value}).encode()


def shown_by(data: bytes) -> CalendarObject:
    return CalendarObject(f"{ASKED}x.ics", None, data)


def records(value: object) -> Iterator[object]:
    """Records with this value in one field, in every field in turn, and instead of the record."""
    yield value
    person = {"id": "u-1", "name": "Maya", "email": "maya@example.org", "time_zone": "UTC"}
    more = {"updated_at": "2026-11-20T09:30:00Z", "agenda": {"text": "x"}, "url": ASKED}
    whole = a_record("ses-1", [person], start=NOW, **more)
    for name, known in whole.items():
        yield whole | {name: value}
        if isinstance(known, dict):
            yield from (whole | {name: known | {inner: value}} for inner in known)
    yield from (whole | {"participants": [person | {name: value}]} for name in person)


def parsed(given: object) -> object:
    """What is made of it can be stored."""
    with suppress(RecordError):
        session, warnings = record.parse(given, tenant="default", now=NOW)
        for told in (repr(session), *map(str, warnings)):
            assert "\\ud800" not in told
            told.encode()
        return session
    return None


KIND = "application/json"
SENT = PreparedRequest(Do.CHANGE, "id", json_body.json_bytes(patch_body(an_event())), "m", "q")
ROWS: dict[Callable[..., Any], Row] = {
    json_text.parse_json: Row(lambda v: json_text.parse_json(told(v)), (json_text.JsonError,)),
    values.number: Row(values.number),
    values.http_date: Row(lambda v: values.http_date(text_of(v))),
    values.iso_instant: Row(values.iso_instant, (ValueError,)),
    values.epoch_instant: Row(values.epoch_instant, (ValueError,)),
    values.opaque: Row(values.opaque),
    functions._instant: Row(functions._instant),
    functions._later: Row(lambda v: functions._later(text_of(v), 30)),
    functions._part: Row(lambda v: functions._part(["a", "b"], v if isinstance(v, float) else 0)),
    outline: Row(outline),
    proves: Row(lambda v: proves("hmac-sha256-timestamp", "s", f"t={told(v)!r},v1=x", b"", 0.0)),
    transport.retry_after: Row(lambda v: transport.retry_after(given(v).headers, NOW)),
    json_body.json_object: Row(lambda v: json_body.json_object(told(v))),
    oauth.lasting: Row(oauth.lasting),
    oauth.error_words: Row(lambda v: oauth.error_words(told(v))),
    auth.token_answer: Row(lambda v: auth.token_answer(given(v), NOW).expires_at, (TryLater,)),
    identity.identity_of: Row(lambda v: identity.identity_of(jwt_of(v), "id", NOW), (Refused,)),
    google._seen: Row(lambda v: google._seen(google_event(v)), (TryLater,)),
    google._receipt: Row(
        lambda v: google._receipt(json_body.Reply(google_event(v)), SENT), (TryLater, Missing)
    ),
    client.resource_of: Row(lambda v: client.resource_of(given(v)), (TryLater,)),
    client.entries: Row(lambda v: client.entries({"items": v})),
    client.calendars_in: Row(lambda v: client.calendars_in({"items": [{"id": v, "primary": v}]})),
    errors.reason_word: Row(lambda v: errors.reason_word(told({"errors": v, "status": v}))),
    outlook._sighting: Row(lambda v: outlook._sighting(graph_event(v)), (TryLater,)),
    graph._part: Row(lambda v: graph._part({"status": v, "headers": v, "body": {"value": v}})),
    graph._resource: Row(lambda v: graph._resource(given(v)), (TryLater,)),
    graph_errors.error_of: Row(lambda v: graph_errors.error_of(given(v, 429)).after),
    graph_mapping.window: Row(lambda v: graph_mapping.window(graph_event(v))),
    graph_mapping.made_before: Row(
        lambda v: graph_mapping.made_before({"createdDateTime": v}, NOW)
    ),
    google_listed: Row(lambda v: google_listed(google_event(v))),
    graph_mapping.listed: Row(lambda v: graph_mapping.listed(graph_event(v), ())),
    caldav_mapping.read_object: Row(
        lambda v: caldav_mapping.read_object(shown_by(object_with(v))), (TryLater,)
    ),
    caldav_mapping.adopted: Row(
        lambda v: caldav_mapping.adopted(sequence_of(v), WANTED, Marker("i", "x")), (ValueError,)
    ),
    caldav_mapping.merged: Row(
        lambda v: caldav_mapping.merged(sequence_of(v), sequence_of(1)), (ValueError,)
    ),
    icalendar.read_calendar_object: Row(
        lambda v: icalendar.read_calendar_object(object_with(v)), (ValueError,)
    ),
    multistatus.read_multistatus: Row(
        lambda v: multistatus.read_multistatus(xml_of(v), ASKED), (ValueError,)
    ),
    multistatus.precondition: Row(lambda v: multistatus.precondition(xml_of(v))),
    feed.read_page: Row(lambda v: feed.read_page(page_with(v), KIND), (SourceError,)),
    feed.clock_of: Row(lambda v: feed.clock_of(text_of(v), NOW)),
    record.parse: Row(lambda v: [parsed(one) for one in records(v)]),
    faults.faults_of: Row(lambda v: [faults.faults_of(one, WRONG) for one in records(v)]),
    record.identify: Row(lambda v: [record.identify(one) for one in (v, {"id": v})]),
    record.stamp_of: Row(lambda v: [record.stamp_of(one) for one in (v, {"updated_at": v})]),
    signed_links.read: Row(
        lambda v: signed_links.read({}, "a", jwt_of(v), NOW), (signed_links.ArrivalError,)
    ),
}
