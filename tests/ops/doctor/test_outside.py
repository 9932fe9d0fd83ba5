"""What answers of others mean: sources, certificates, clocks, and calsync's own address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from calsync.core.calls import Probed
from calsync.errors import ChannelError, Setup, TryLater
from calsync.ops.doctor import outside
from calsync.ops.doctor.outside import SourceSample
from calsync.ops.doctor.registry import Check
from calsync.ports import HttpAnswer

NOW = datetime(2026, 12, 3, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def told(check: Check) -> list[tuple[str, str, str]]:
    return [(str(one.verdict), one.checked or check.checked, one.text) for one in check.run()]


@pytest.mark.parametrize(
    ("sample", "verdict", "text"),
    [
        (SourceSample(3, [], [], None), "ok", "3 records tried, none would be refused"),
        (SourceSample(0, [], [], None), "warning", "it has no records"),
        (SourceSample(2, ["ses-1: title is empty"], [], None), "warning", "1 of 2 records would"),
        (SourceSample(1, [], ["notes are dropped"], None), "warning", "notes are dropped"),
        (SourceSample(0, [], [], "no such file"), "error", "cannot be read: no such file"),
    ],
)
def test_a_sources_first_records_tell_what_would_be_refused(
    sample: SourceSample, verdict: str, text: str
) -> None:
    ((got, _, said),) = told(outside.source_check("platform", lambda: sample))
    assert (got, text in said) == (verdict, True)


@pytest.mark.parametrize(
    ("end", "verdict"), [(NOW, "error"), (NOW + 29 * DAY, "warning"), (NOW + 31 * DAY, "ok")]
)
def test_what_ends_within_30_days_is_told_and_what_has_ended_is_an_error(
    end: datetime, verdict: str
) -> None:
    assert outside.of_end(end, NOW, "secret").verdict == verdict


@pytest.mark.parametrize(("off", "verdict"), [(0, "ok"), (45, "warning"), (600, "error")])
def test_another_clock_tells_whether_ours_is_wrong(off: int, verdict: str) -> None:
    their = NOW - timedelta(seconds=off)
    got = outside.of_clock(their, NOW, NOW, "Google Calendar")
    assert (got.verdict, got.checked) == (verdict, "clock of Google Calendar")


@dataclass
class SaidProber:
    says: Probed | ChannelError

    def probe(self, until: float) -> Probed:
        if isinstance(self.says, ChannelError):
            raise self.says
        return self.says


def probed(says: Probed | ChannelError, ends: date | None = None) -> list[tuple[str, str, str]]:
    return told(outside.probe_check("default", "outlook", SaidProber(says), ends))


def test_a_client_that_its_provider_does_not_know_is_an_error() -> None:
    ((verdict, checked, text),) = probed(Setup("token 401 invalid_client"))
    assert (verdict, checked, text) == ("error", "client of Outlook", "token 401 invalid_client")
    assert probed(TryLater("not reached"))[0][0] == "error"


def test_a_client_is_told_with_the_end_of_its_secret_its_certificate_and_its_servers_clock() -> (
    None
):
    said = Probed("knows this application", datetime.now(UTC), datetime.now(UTC) + 9 * DAY)
    assert [(verdict, checked) for verdict, checked, _ in probed(said, date(2020, 1, 1))] == [
        ("error", "outlook.client_secret"),
        ("ok", "client of Outlook"),
        ("warning", "certificate for Outlook"),
        ("ok", "clock of Outlook"),
    ]


@dataclass
class SaidAnswer:
    status: int = 200
    body: bytes = b'{"info": {"title": "calsync"}}'
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class SaidHttp:
    says: HttpAnswer | ChannelError

    def call(self, method: str, url: str, **_: Any) -> HttpAnswer:
        assert (method, url) == ("GET", "https://calsync.example/api/openapi.json")
        if isinstance(self.says, ChannelError):
            raise self.says
        return self.says


def own_address(
    says: HttpAnswer | ChannelError,
    certificate: Callable[[str, int, float], datetime | None] = lambda *_: None,
) -> list[tuple[str, str, str]]:
    return told(outside.public_url_check("https://calsync.example", SaidHttp(says), certificate))


def test_the_public_address_is_reached_or_it_is_said_why_not() -> None:
    assert own_address(SaidAnswer()) == [("ok", "web.public_url", "calsync answers there")]
    ((verdict, _, text),) = own_address(TryLater("calsync.example: not reached"))
    assert (verdict, "not reached from this machine" in text) == ("warning", True)
    assert own_address(Setup("certificate not trusted"))[0][0] == "error"
    unset = outside.public_url_check("", SaidHttp(SaidAnswer()), lambda *_: None)
    assert told(unset)[0][0] == "not checked"


@pytest.mark.parametrize(
    "answer", [SaidAnswer(404), SaidAnswer(body=b"<html>"), SaidAnswer(body=b"[]")]
)
def test_something_else_at_the_public_address_is_an_error(answer: SaidAnswer) -> None:
    ((verdict, _, text),) = own_address(answer)
    assert (verdict, "something else answers" in text) == ("error", True)


def test_the_public_address_tells_its_clock_and_its_certificate() -> None:
    late = SaidAnswer(headers={"date": "Tue, 01 Jan 2030 00:00:00 GMT"})
    soon = datetime.now(UTC) + 3 * DAY
    asked: list[tuple[str, int]] = []

    def certificate(host: str, port: int, _: float) -> datetime:
        asked.append((host, port))
        return soon

    verdicts = [(verdict, checked) for verdict, checked, _ in own_address(late, certificate)]
    assert verdicts[1:] == [
        ("error", "clock of web.public_url"),
        ("warning", "certificate of web.public_url"),
    ]
    assert asked == [("calsync.example", 443)]


def test_redirects_are_named_exactly_because_only_the_provider_knows_what_is_registered() -> None:
    uris = ["https://calsync.example/connect/google/callback", "http://calsync.example/x"]
    found = told(outside.redirects_check(uris))
    assert [(verdict, checked) for verdict, checked, _ in found] == [
        ("not checked", uris[0]),
        ("error", uris[1]),
    ]


def test_a_configuration_that_serves_nobody_is_told() -> None:
    check = outside.configuration_check(
        sources=0, writes=[], dry_run=True, only_to=["acme"], exposed="/etc/calsync.toml"
    )
    texts = [text for verdict, _, text in told(check) if verdict == "warning"]
    assert [text.split()[0:3] for text in texts] == [
        ["no", "source", "is"],
        ["no", "mail", "server"],
        ["deliver.dry_run", "is", "set:"],
        ["tenant", "acme", "serves"],
        ["every", "user", "of"],
    ]
