"""Log lines: one per action, safe whatever a caller or a library puts into them."""

from __future__ import annotations

import base64
import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from calsync.log import HIDDEN, configure

SECRET = "ya29.a0AfB_hunter2-hunter2"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def one(**fields: Any) -> dict[str, Any]:
    stream = io.StringIO()
    configure(stream)("delivered", **fields)
    (line,) = lines(stream)
    return line


def test_a_line_is_one_json_object_with_event_utc_time_and_fields() -> None:
    before = datetime.now(UTC)
    line = one(channel="google", session="ses-1", took=0.25, retry=None)
    at = datetime.fromisoformat(line.pop("at"))
    assert at.utcoffset().total_seconds() == 0
    assert before <= at <= datetime.now(UTC)
    assert line == {
        "event": "delivered",
        "level": "info",
        "channel": "google",
        "session": "ses-1",
        "took": 0.25,
        "retry": None,
    }


def test_a_terminal_gets_a_readable_line() -> None:
    stream = Terminal()
    configure(stream)("delivered", channel="google")
    (line,) = stream.getvalue().splitlines()
    assert "delivered" in line
    assert "google" in line
    assert not line.startswith("{")


@pytest.mark.parametrize(("stream", "as_json"), [(Terminal(), True), (io.StringIO(), False)])
def test_the_choice_can_be_forced(stream: io.StringIO, as_json: bool) -> None:
    configure(stream, json=as_json)("delivered", channel="google")
    assert stream.getvalue().startswith("{") == as_json


def test_lines_for_people_without_a_terminal_have_no_colours() -> None:
    stream = io.StringIO()
    configure(stream, json=False)("delivered", channel="google")
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize(
    "name",
    [
        "token",
        "refresh_token",
        "accessToken",
        "password",
        "authorization",
        "Authorization",
        "client_secret",
        "body",
        "agenda",
        "agenda_html",
        "description",
        "notes",
        "personalNotes",
        "content",
        "wire",
    ],
)
@pytest.mark.parametrize("as_json", [True, False])
def test_fields_named_like_secrets_or_content_are_masked(name: str, as_json: bool) -> None:
    stream = io.StringIO()
    log = configure(stream, json=as_json)
    log("delivered", **{name: SECRET})
    log("delivered", answer={"items": [{name: SECRET}]})
    assert SECRET not in stream.getvalue()
    assert stream.getvalue().count(HIDDEN) == 2


@pytest.mark.parametrize(
    "name", ["session", "participant", "channel", "key", "kind", "reason", "status", "notice"]
)
def test_fields_that_explain_are_kept(name: str) -> None:
    assert one(**{name: "value"})[name] == "value"


@pytest.mark.parametrize(
    "text",
    [
        f"GET /events Authorization: Bearer {SECRET}",
        f"https://h/cb?code=4/{SECRET}&state=1",
        f'{{"refresh_token": "{SECRET}"}}',
        f"{{'client_secret': '{SECRET}'}}",
        f"cannot connect to postgresql://calsync:{SECRET}@db/platform",
        f"password={SECRET} user=calsync",
        f"https://zoom.us/j/123?pwd={SECRET}",
        f"password: {SECRET}",
        f"Authorization: Basic {base64.b64encode(SECRET.encode()).decode()}",
    ],
)
def test_texts_lose_what_looks_like_a_credential(text: str) -> None:
    for value in (text, [text], {"reason": text}, ValueError(text)):
        assert "hunter2" not in json.dumps(one(reason=value))


@pytest.mark.parametrize(
    ("begins", "secret"),
    [
        ("passcode=", "482913"),
        ("passcode: ", "482913"),
        ("the access code: ", "482913"),
        ("password: ", "hunter"),
        ("password: ", "Letmein"),
        ("password: ", "invalid!"),
        ("PASSWD=", "letmein"),
        ("token: ", "SECRETTOKEN"),
        ("secret: ", "abcdefghijkl"),
        ("Bearer ", "platform-feed-token"),
        ("Bearer ", "expired-abcdef"),
        ("Bearer ", "ABCDEFGHIJKLMNOP"),
        ("Authorization: Bearer ", "abcdefghijklmnop"),
        ("Authorization: Bearer ", "expired"),
        ("user_code=", "ABCD-EFGH"),
        ("userCode: ", "ABCD-EFGH"),
        ("code=", "a" * 80),
    ],
)
def test_a_secret_without_digits_or_of_few_is_masked_as_well(begins: str, secret: str) -> None:
    assert one(reason=f"{begins}{secret} on")["reason"] == f"{begins}{HIDDEN} on"


@pytest.mark.parametrize(
    "text",
    [
        "403 forbiddenForServiceAccounts",
        "status code: 503",
        "the code: 404",
        "mailbox maya@example.org is full: 552 5.2.2",
        "place google:maya@example.org/primary is held",
        "basic authentication is switched off, and bearer tokens are not taken",
        "mail.password: cannot be read; check the token: expired",
        "error code: 28P01, code=accessNotConfigured",
        "password: expired",
        "token: invalid",
        "token: Missing",
        "the secret: required, password: wrong.",
        "(the token: revoked)",
    ],
)
def test_ordinary_texts_stay_as_they_are(text: str) -> None:
    assert one(reason=text)["reason"] == text


@pytest.mark.parametrize("hostile", ["code=", "code=a:", "token ", "://a:", "password='", "a"])
def test_a_very_long_text_is_a_short_one_without_its_secrets(hostile: str) -> None:
    text = f"password={SECRET} {hostile * (50_000 // len(hostile))}"
    shown = one(reason=text)["reason"]
    assert shown.startswith(f"password={HIDDEN}")
    assert len(shown) <= 503
    assert shown.endswith("...")


@pytest.mark.parametrize("begins", ["token=", "token: ", "Bearer ", "postgresql://me:", "a://m:a,"])
@pytest.mark.parametrize("before", range(0, 40, 10))
def test_no_half_of_a_secret_is_shown_where_a_long_text_is_cut(begins: str, before: int) -> None:
    filled = f"token={'x' * 2000} "
    blank = f"Bearer {'y' * (4000 - len(filled) - 7 - before - len(begins))} "
    secret = "hunter2hunter2hunter2hunter2hunter2hunter2"
    shown = one(reason=f"{filled}{blank}{begins}{secret}@db")["reason"]
    assert "hu" not in shown
    assert shown.startswith(f"token={HIDDEN} Bearer {HIDDEN}")


def test_values_of_any_type_become_one_plain_line() -> None:
    line = one(
        when=datetime(2026, 12, 3, 15, tzinfo=UTC),
        sent=b"BEGIN:VCALENDAR",
        names=("a", "b"),
        reason='first\nsecond\x1b[31m\r\n{"event": "forged"}',
        long="x" * 2000,
    )
    assert line["when"] == "2026-12-03T15:00:00+00:00"
    assert line["sent"] == "(15 bytes)"
    assert line["names"] == ["a", "b"]
    assert line["reason"] == 'first second [31m  {"event": "forged"}'
    assert len(line["long"]) < 600


def test_a_terminal_line_cannot_be_forged_either() -> None:
    stream = Terminal()
    configure(stream)("delivered", reason="first\nsecond\x1b[2J")
    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b[2J" not in stream.getvalue()


def test_libraries_are_heard_from_warning_up_and_scrubbed() -> None:
    stream = io.StringIO()
    configure(stream)
    logger = logging.getLogger("some.library")
    logger.info("not this")
    logger.warning("retry with token=%s", SECRET)
    try:
        raise ConnectionError(f"Bearer {SECRET}")
    except ConnectionError:
        logger.exception("call failed")
    logging.getLogger("broken").error("%d", "not a number")
    first, second, third = lines(stream)
    assert (first["event"], first["level"]) == ("library", "warning")
    assert (first["library"], first["text"]) == ("some.library", f"retry with token={HIDDEN}")
    assert (second["level"], second["error"]) == ("error", f"ConnectionError: Bearer {HIDDEN}")
    assert third["text"] == "%d"


def test_the_scheduler_is_heard_of_errors_only() -> None:
    stream = io.StringIO()
    configure(stream)
    scheduler = logging.getLogger("apscheduler.scheduler")
    scheduler.warning("Execution of job skipped: maximum number of running instances reached (1)")
    scheduler.error("Job raised an exception")
    assert [line["text"] for line in lines(stream)] == ["Job raised an exception"]


def test_a_line_has_the_level_of_its_event_or_of_its_call() -> None:
    stream = io.StringIO()
    log = configure(stream)
    for event in ("delivered", "delivery_failed", "channel_stopped"):
        log(event)
    log("notice", level="warning")
    log("notice", level=None)
    assert [line["level"] for line in lines(stream)] == [
        "info",
        "warning",
        "error",
        "warning",
        "info",
    ]


def test_configuring_again_does_not_double_lines() -> None:
    old, new = io.StringIO(), io.StringIO()
    configure(old)
    configure(new)
    logging.getLogger("some.library").warning("once")
    assert (len(lines(old)), len(lines(new))) == (0, 1)


def test_a_line_that_cannot_be_written_stops_nobody() -> None:
    stream = io.StringIO()
    log = configure(stream)
    stream.close()
    log("delivered")


def test_a_terminal_without_unicode_still_gets_the_line() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    configure(stream, json=False)("delivered", person="Zoë")
    assert b"Zo\\xeb" in raw.getvalue()


def test_threads_write_whole_lines() -> None:
    stream = io.StringIO()
    log = configure(stream)

    def work(number: int) -> None:
        for _ in range(50):
            log("delivered", worker=number, reason="x" * 300)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(lines(stream)) == 400


def test_importing_it_does_not_import_structlog() -> None:
    code = "import sys, calsync.log; sys.exit('structlog' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
