"""What receivers may dislike in a mail is found in its bytes."""

from __future__ import annotations

import pytest

from calsync.ops.doctor.mail.sample import lint
from calsync.ops.doctor.registry import CheckAnswer, ok

HEADERS = (
    "From: a@x.example\r\nTo: b@x.example\r\nSubject: s\r\nDate: Thu, 3 Dec 2026 12:00:00 +0000\r\n"
    "Message-ID: <1@x.example>\r\nReply-To: a@x.example\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/alternative; boundary="="\r\n\r\n'
)
PARTS = "".join(
    f"--=\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n{text}\r\n"
    for kind, text in (("plain", "hi"), ("html", "<p>hi</p>"), ("calendar", "BEGIN"))
)
WHOLE = f"{HEADERS}{PARTS}--=--\r\n"


def told(body: str | bytes) -> list[tuple[str, str]]:
    given = body.encode() if isinstance(body, str) else body
    return [(str(one.verdict), one.text) for one in lint(given, lambda _: None)]


def test_a_mail_that_is_as_it_should_be_is_told_so_with_its_signature() -> None:
    ((verdict, text),) = told(WHOLE)
    assert (verdict, "are as they should be" in text) == ("ok", True)
    good: CheckAnswer = ok("signed")
    assert list(lint(WHOLE.encode(), lambda _: good))[-1] is good


@pytest.mark.parametrize(
    ("body", "verdict", "said"),
    [
        (b"", "error", "no mail can be written"),
        (WHOLE.replace("Subject: s\r\n", ""), "error", "it has 0 headers Subject, not one"),
        (WHOLE.replace("hi", "hé", 1), "error", "it is not 7-bit"),
        (WHOLE.replace("hi", "x" * 999, 1), "error", "a line is longer than 998"),
        (WHOLE.replace("text/calendar", "text/ics"), "error", "its parts are text/plain"),
        (WHOLE.replace("<p>hi", '<p><img src="http://x/l.png">'), "warning", "not loaded by https"),
        (WHOLE.replace("<p>hi", "<p>" + "hello \r\n" * 13_000), "warning", "Gmail shows a part"),
    ],
)
def test_what_is_wrong_with_it_is_named(body: str | bytes, verdict: str, said: str) -> None:
    assert any(one == verdict and said in text for one, text in told(body)), told(body)
