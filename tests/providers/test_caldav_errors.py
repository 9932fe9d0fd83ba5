"""One answer, one kind of error: every row with bodies as servers write them."""

from __future__ import annotations

import pytest

from calsync.errors import TimedOut
from providers.caldav.errors import TABLE, error_of
from providers.http.transport import Answer

UID_CONFLICT = (
    b"<?xml version='1.0' encoding='utf-8'?>\n"
    b'<error xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><C:no-uid-conflict /></error>'
)
UID_ELSEWHERE = (  # Cyrus
    b'<D:error xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
    b"<C:unique-scheduling-object-resource><D:href>/c/a.ics</D:href>"
    b"</C:unique-scheduling-object-resource></D:error>"
)
SABRE = (
    b'<?xml version="1.0" encoding="utf-8"?>\n<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org'
    b'/ns">\n  <s:exception>Sabre\\DAV\\Exception\\%s</s:exception>\n  <s:message>About Maya'
    b"</s:message>\n</d:error>"
)
QUOTA = b'<D:error xmlns:D="DAV:"><D:quota-not-exceeded/></D:error>'
TOO_LARGE = (
    b'<D:error xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><C:max-resource-size/>'
    b"</D:error>"
)
PRIVILEGES = (
    b'<D:error xmlns:D="DAV:"><D:need-privileges><D:resource><D:href>/c/</D:href><D:privilege>'
    b"<D:bind/></D:privilege></D:resource></D:need-privileges></D:error>"
)
PAGE = b"<html><body>Sign in as maya@example.org</body></html>"

ROWS = [
    (400, "new", SABRE % b"BadRequest", "refused", "no", "copy"),
    (401, "object", SABRE % b"NotAuthenticated", "access_lost", "no", "account"),
    (401, "calendar", b"Access to the requested resource", "access_lost", "no", "account"),
    (403, "new", PRIVILEGES, "unusable", "no", "account"),
    (403, "calendar", SABRE % b"Forbidden", "unusable", "no", "account"),
    (403, "new", UID_CONFLICT, "changed", "maybe", "copy"),
    (403, "new", UID_ELSEWHERE, "changed", "maybe", "copy"),
    (403, "object", TOO_LARGE, "refused", "no", "copy"),
    (404, "object", b"The requested resource could not be found.", "missing", "no", "copy"),
    (404, "new", SABRE % b"NotFound", "unusable", "no", "account"),
    (404, "calendar", b"", "unusable", "no", "account"),
    (405, "new", b"", "changed", "maybe", "copy"),
    (405, "object", b"", "refused", "no", "copy"),
    (406, "new", b"", "refused", "maybe", "copy"),
    (408, "new", b"", "try_later", "maybe", "copy"),
    (409, "new", UID_CONFLICT, "changed", "maybe", "copy"),
    (409, "new", SABRE % b"Conflict", "changed", "maybe", "copy"),
    (409, "new", TOO_LARGE, "refused", "no", "copy"),
    (412, "new", TOO_LARGE, "refused", "no", "copy"),
    (410, "object", b"", "missing", "no", "copy"),
    (410, "new", b"", "unusable", "no", "account"),
    (410, "calendar", b"", "unusable", "no", "account"),
    (412, "new", SABRE % b"PreconditionFailed", "changed", "maybe", "copy"),
    (412, "object", b"Precondition failed.", "changed", "no", "copy"),
    (413, "new", PAGE, "refused", "no", "copy"),
    (415, "new", SABRE % b"UnsupportedMediaType", "refused", "no", "copy"),
    (418, "object", PAGE, "refused", "maybe", "copy"),
    (423, "object", SABRE % b"Locked", "try_later", "no", "copy"),
    (429, "new", PAGE, "try_later", "no", "account"),
    (500, "new", SABRE % b"InternalServerError", "try_later", "maybe", "copy"),
    (502, "object", PAGE, "try_later", "maybe", "copy"),
    (503, "calendar", PAGE, "try_later", "maybe", "copy"),
    (504, "object", PAGE, "try_later", "maybe", "copy"),
    (507, "new", QUOTA, "unusable", "no", "account"),
    (200, "calendar", PAGE, "refused", "maybe", "copy"),
    (302, "new", b"", "refused", "maybe", "copy"),
]


@pytest.mark.parametrize(("status", "target", "body", "kind", "happened", "scope"), ROWS)
def test_an_answer_has_one_meaning(status, target, body, kind, happened, scope) -> None:
    error = error_of(Answer(status, {}, body), target)
    assert (error.kind, error.happened, error.scope) == (kind, happened, scope)
    assert error.reason.startswith(str(status))
    assert "aya" not in error.reason


def test_every_row_of_the_table_is_shown_above() -> None:
    shown = {(status, target) for status, target, *_ in ROWS}
    rows = {(status, target) for target, status, _ in TABLE}
    assert {status for status, _ in rows} <= {status for status, _ in shown}
    assert {row for row in rows if row[1] != "*"} <= shown


def test_a_refusal_names_its_condition() -> None:
    assert error_of(Answer(409, {}, UID_CONFLICT), "new").reason == "409 no-uid-conflict"
    assert error_of(Answer(507, {}, QUOTA), "new").reason == "507 quota-not-exceeded"


@pytest.mark.parametrize(("status", "late"), [(408, True), (504, True), (503, False)])
def test_a_server_that_answers_that_it_was_too_slow_is_a_time_out(status: int, late: bool) -> None:
    error = error_of(Answer(status, {"retry-after": "90"}, b""), "object")
    assert isinstance(error, TimedOut) is late
    assert error.after == 90.0


@pytest.mark.parametrize("status", [423, 429, 503])
def test_the_time_a_server_asks_for_is_kept(status: int) -> None:
    assert error_of(Answer(status, {"retry-after": "90"}, b""), "new").after == 90.0


@pytest.mark.parametrize(
    ("offered", "advice"), [("Digest realm=x", "Basic"), ('Basic realm="x"', "app password")]
)
def test_a_refused_login_says_what_to_do(offered: str, advice: str) -> None:
    assert advice in error_of(Answer(401, {"www-authenticate": offered}, b""), "object").reason


@pytest.mark.parametrize("status", [423, 429, 503])
@pytest.mark.parametrize("asked", [str(10**14), "7200", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_server_of_the_persons_own_is_waited_for_an_hour_at_most(status: int, asked: str) -> None:
    error = error_of(Answer(status, {"retry-after": asked}, b""), "object")
    assert error.after == 3600


def test_a_wait_without_end_is_none() -> None:
    assert error_of(Answer(503, {"retry-after": "9" * 400}, b""), "object").after is None
