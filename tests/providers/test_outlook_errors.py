"""Every refusal of Graph's, as it comes over the wire, is the error that says what to do next."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
import responses

from calsync.core.ledger import Do
from calsync.errors import ChannelError
from providers.http.errors import ANY
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from providers.outlook.channel import OutlookChannel
from providers.outlook.client import GraphClient
from providers.outlook.errors import TABLE, code
from tests.make import NOW, a_copy, an_event
from tests.providers.graph_calls import ACCESS, ROOT, Graph, graph_error, live

HOUR = 3600.0
CASES: list[tuple[int, str, str, str, str, float | None]] = [
    # status, code, kind, happened, scope, after
    (400, "ErrorInvalidRequest", "refused", "no", "copy", None),
    (400, "ErrorPropertyValidationFailure", "refused", "no", "copy", None),
    (400, "TimeZoneNotSupportedException", "refused", "no", "copy", None),
    (400, "ErrorInvalidIdMalformed", "refused", "no", "copy", None),
    (400, "ErrorDuplicateTransactionId", "changed", "maybe", "copy", None),
    (409, "ErrorDuplicateTransactionId", "changed", "maybe", "copy", None),
    (401, "InvalidAuthenticationToken", "access_lost", "no", "account", None),
    (403, "ErrorAccessDenied", "unusable", "no", "account", None),
    (403, "Authorization_RequestDenied", "unusable", "no", "account", None),
    (403, "ErrorAccountSuspend", "try_later", "maybe", "account", HOUR),
    (403, "insufficient_claims", "access_lost", "no", "account", None),
    (403, "ErrorQuotaExceeded", "unusable", "no", "account", None),
    (403, "somethingNew", "refused", "maybe", "copy", None),
    (404, "MailboxNotEnabledForRESTAPI", "unusable", "no", "account", None),
    (404, "ErrorInvalidUser", "unusable", "no", "account", None),
    (404, "Request_ResourceNotFound", "unusable", "no", "account", None),
    (404, "ResourceNotFound", "unusable", "no", "account", None),
    (408, "somethingNew", "try_later", "maybe", "copy", None),
    (409, "somethingNew", "try_later", "no", "copy", None),
    (412, "ErrorIrresolvableConflict", "changed", "no", "copy", None),
    (418, "somethingNew", "refused", "maybe", "copy", None),
    (423, "somethingNew", "try_later", "no", "copy", None),
    (429, "ApplicationThrottled", "try_later", "no", "account", None),
    (429, "TooManyRequests", "try_later", "no", "account", None),
    (429, "activityLimitReached", "try_later", "no", "account", None),
    (500, "ErrorInternalServerError", "try_later", "maybe", "copy", None),
    (502, "UnknownError", "try_later", "maybe", "copy", None),
    (503, "ConcurrentItemSave", "try_later", "maybe", "copy", None),
    (503, "ServiceUnavailable", "try_later", "maybe", "copy", None),
    (504, "UnknownError", "try_later", "maybe", "copy", None),
    (507, "ErrorQuotaExceeded", "unusable", "no", "account", None),
    (509, "somethingNew", "try_later", "maybe", "copy", None),
    (507, "somethingNew", "unusable", "no", "account", None),
]


@pytest.fixture(scope="module")
def channel() -> OutlookChannel:
    return OutlookChannel(GraphClient(Transport(Watchdog())))


def refused(channel: OutlookChannel, copy: Any = None, do: Do = Do.CREATE) -> ChannelError:
    copy = copy or a_copy()
    prepared = channel.prepare(do, copy, an_event(), NOW)
    with pytest.raises(ChannelError) as caught:
        channel.send(prepared, copy, ACCESS, time.monotonic() + 30)
    return caught.value


def told(error: ChannelError) -> tuple[str, str, str, float | None, str]:
    return error.kind, error.happened, error.scope, error.after, error.reason


@responses.activate
@pytest.mark.parametrize(("status", "word", "kind", "happened", "scope", "after"), CASES)
def test_a_refused_create_says_what_to_do_next(
    channel: OutlookChannel,
    status: int,
    word: str,
    kind: str,
    happened: str,
    scope: str,
    after: float | None,
) -> None:
    Graph().serve()
    responses.post(f"{ROOT}/me/events", json=graph_error(word), status=status)
    assert told(refused(channel)) == (kind, happened, scope, after, f"{status} {word}")


def test_every_row_of_the_table_and_every_kind_has_its_case() -> None:
    """Missing comes of 404 and 410, which say something about an event and not about a create; no
    answer to a write means Setup: what the operator has wrong, the sign-in tells."""
    known = {(status, word) for status, word, *_ in CASES}
    words, statuses = {word for _, word in known}, {status for status, _ in known}
    rows = {(s, w) for s, w in TABLE.rows if w not in {"*", ""} and w != "ErrorItemNotFound"}
    assert {(s, w) for s, w in rows if s != ANY} <= known
    assert {w for s, w in rows if s == ANY} <= words
    assert {s for s, _ in TABLE.rows} - {ANY, 410} <= statuses
    kinds = {kind for _, _, kind, *_ in CASES} | {"missing", "setup"}
    assert kinds == {error.kind for error in ChannelError.__subclasses__()}


@responses.activate
@pytest.mark.parametrize(("do", "method"), [(Do.CHANGE, "PATCH"), (Do.WITHDRAW, "DELETE")])
@pytest.mark.parametrize(
    ("status", "word"), [(404, "ErrorItemNotFound"), (404, "somethingNew"), (410, "somethingNew")]
)
def test_an_event_that_goes_while_it_is_written_is_missing(
    channel: OutlookChannel, do: Do, method: str, status: int, word: str
) -> None:
    graph = Graph().serve()
    copy = live(graph, channel.prepare(Do.CREATE, a_copy(), an_event(), NOW))
    graph.write(method, "/me/events/AAMk-1_", status, graph_error(word))
    error = refused(channel, copy, do)
    assert told(error) == ("missing", "no", "copy", None, f"{status} {word}")


@responses.activate
@pytest.mark.parametrize(("do", "method"), [(Do.CHANGE, "PATCH"), (Do.WITHDRAW, "DELETE")])
@pytest.mark.parametrize(("status", "word", "kind", "happened", "scope", "after"), CASES)
def test_a_refused_change_or_removal_says_the_same(
    channel: OutlookChannel,
    do: Do,
    method: str,
    status: int,
    word: str,
    kind: str,
    happened: str,
    scope: str,
    after: float | None,
) -> None:
    graph = Graph().serve()
    copy = live(graph, channel.prepare(Do.CREATE, a_copy(), an_event(), NOW))
    graph.write(method, "/me/events/AAMk-1_", status, graph_error(word))
    error = refused(channel, copy, do)
    assert told(error) == (kind, happened, scope, after, f"{status} {word}")


@responses.activate
@pytest.mark.parametrize("do", [Do.CHANGE, Do.WITHDRAW])
@pytest.mark.parametrize(("status", "word", "kind", "happened", "scope", "after"), CASES)
def test_a_refusal_of_what_is_read_before_a_write_leaves_nothing_open(
    channel: OutlookChannel,
    do: Do,
    status: int,
    word: str,
    kind: str,
    happened: str,
    scope: str,
    after: float | None,
) -> None:
    """It comes in a part of a batch that was answered 200."""
    del happened
    graph = Graph().serve()
    copy = live(graph, channel.prepare(Do.CREATE, a_copy(), an_event(), NOW))
    graph.failing = {"calendarView": (status, {}, graph_error(word))}
    error = refused(channel, copy, do)
    assert told(error) == (kind, "no", scope, after, f"{status} {word}")


@responses.activate
@pytest.mark.parametrize("word", ["MailboxNotEnabledForRESTAPI", "ErrorInvalidUser"])
def test_a_mailbox_that_is_gone_is_unusable_in_every_part_of_a_batch(
    channel: OutlookChannel, word: str
) -> None:
    graph = Graph().serve()
    copy = live(graph, channel.prepare(Do.CREATE, a_copy(), an_event(), NOW))
    graph.failing = {name: (404, {}, graph_error(word)) for name in ("AAMk-1_", "calendarView")}
    with pytest.raises(ChannelError) as caught:
        list(channel.inspect([copy], ACCESS, time.monotonic() + 30))
    assert told(caught.value) == ("unusable", "no", "account", None, f"404 {word}")


@responses.activate
@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 412])
@pytest.mark.parametrize("body", ["<html>Not Found</html>", '{"error": {"code": ""}}', ""])
def test_a_refusal_that_is_not_graphs_is_unmapped(
    channel: OutlookChannel, status: int, body: str
) -> None:
    """A proxy's page, or a wrong outlook.graph_base, must not look like a deleted event."""
    responses.post(f"{ROOT}/me/events", body=body, status=status)
    assert told(refused(channel)) == ("refused", "maybe", "copy", None, str(status))


@responses.activate
@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 509, 599])
@pytest.mark.parametrize("body", ["<html>Bad Gateway</html>", '{"error": {"code": ""}}', ""])
def test_a_gateway_that_gives_up_leaves_open_what_was_done(
    channel: OutlookChannel, status: int, body: str
) -> None:
    responses.post(f"{ROOT}/me/events", body=body, status=status)
    assert told(refused(channel)) == ("try_later", "maybe", "copy", None, str(status))


@responses.activate
def test_429_without_a_code_stops_the_provider(channel: OutlookChannel) -> None:
    responses.post(f"{ROOT}/me/events", body="", status=429, headers={"Retry-After": "30"})
    assert told(refused(channel)) == ("try_later", "no", "provider", 30.0, "429")


@responses.activate
def test_retry_after_is_honoured_but_never_shortens_our_own_pause(channel: OutlookChannel) -> None:
    body = json.dumps(graph_error("ErrorAccountSuspend"))
    url = f"{ROOT}/me/events"
    responses.post(url, body=body, status=403, headers={"Retry-After": "60"})
    assert refused(channel).after == HOUR
    responses.replace("POST", url, body=body, status=403, headers={"Retry-After": "7200"})
    assert refused(channel).after == 2 * HOUR
    past = format_datetime(datetime(2020, 1, 1, tzinfo=UTC), usegmt=True)
    responses.replace("POST", url, body="", status=503, headers={"Retry-After": past})
    assert not refused(channel).after


@responses.activate
def test_an_error_carries_the_request_id_and_nothing_of_the_content(
    channel: OutlookChannel,
) -> None:
    body = json.dumps(graph_error("ErrorInvalidRequest", "Invalid subject: Session 1"))
    headers = {"request-id": "r-42"}
    responses.post(f"{ROOT}/me/events", body=body, status=400, headers=headers)
    error = refused(channel)
    assert error.request_id == "r-42"
    assert "Session 1" not in f"{error} {error!r}"


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (json.dumps(graph_error("ErrorItemNotFound")), "ErrorItemNotFound"),
        ('{"error": {"code": "maya@example.org said no"}}', ""),
        ('{"error": {"code": ["x"]}}', ""),
        ('{"error": 5}', ""),
        ("[]", ""),
        ("\xff", ""),
        ("", ""),
    ],
)
def test_only_what_looks_like_a_code_is_taken_for_one(body: str, word: str) -> None:
    assert code(body.encode("latin-1")) == word
