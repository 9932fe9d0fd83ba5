from __future__ import annotations

import re

import pytest

from calsync.text import safe_url, urls
from calsync.text.urls import safe_link


@pytest.mark.parametrize(
    "url",
    [
        "https://zoom.us/j/123456789?pwd=abc",
        "http://localhost:8080/x",
        "HTTPS://Meet.Example/x",
        "https://[2001:db8::1]/x",
        "https://app.example.org/sessions/1?next=a@b#top",
        "https://bücher.example/straße",
        "https://teams.microsoft.com/l/meetup-join/19%3ameeting_x%40thread.v2/0",
    ],
)
def test_links_people_use_are_accepted_unchanged(url: str) -> None:
    assert safe_url(url) == url
    assert safe_url(f" {url}\n") == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "app.example.org/x",
        "//app.example.org/x",
        "/sessions/1",
        "javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,x",
        "ftp://example.org/x",
        "file:///etc/passwd",
        "https://",
        "https:///x",
        "https://./x",
        "https://user:secret@example.org/",
        "https://zoom.us@bad.example/",
        "https://zoom.us\\@bad.example/",
        "https://bad.example\\.zoom.us/",
        "https://example.org/a b",
        "https://example.org/a\nb",
        "https://example.org/\x00",
        "https://example.org/\u202egpj.exe",
        "https://zoom\u200b.us/",
        'https://example.org/"onmouseover="x',
        "https://example.org/<script>",
        "https://example.org:port/",
        "https://[bad/",
        "mailto:sam@example.org",
        "https://example.org/" + "x" * 2000,
    ],
)
def test_links_nobody_should_follow_are_refused(url: str) -> None:
    assert safe_url(url) is None


def test_a_mail_link_is_reduced_to_its_address() -> None:
    assert safe_link("MAILTO:sam@example.org?bcc=spy@example.org") == "mailto:sam@example.org"
    assert safe_link("mailto:?to=x@y") is None
    assert safe_link("mailto:a b@example.org") is None
    assert safe_link("https://example.org/") == "https://example.org/"


@pytest.mark.parametrize(
    "url", ["https://a..b/", "http://1.2.3.4", "https://a-.example/%zz", "https://a", "http://a."]
)
def test_a_plain_link_is_judged_as_any_other(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = safe_url.__wrapped__(url)
    assert at_once == url
    monkeypatch.setattr(urls, "_PLAIN", re.compile(r"(?!)"))
    assert safe_url.__wrapped__(url) == at_once
