"""The measurement beside vdirsyncer: the server that both write to, and what is said of them."""

from __future__ import annotations

import pytest

from tests.bench.caldav import OURS, SECTION, SERVERS, STEPS, THEIRS, times_as_fast, write
from tests.bench.dav import CALENDAR, Calendar
from tests.bench.figures import Figures

EVENT = f"{CALENDAR}a.ics"


def found(*, ours: float = 100, theirs: float = 150) -> Figures:
    """Milliseconds of every step; vdirsyncer's 0: it could not be installed."""
    figures = Figures()
    for program, taken in ((OURS, ours), (THEIRS, theirs)):
        for server, _ in SERVERS if taken else ():
            for step, _ in STEPS:
                figures.add(f"caldav {program} {server} {step}", taken)
    figures.add(f"caldav {OURS} stand-in changed requests", 1.0)
    return figures


def test_the_server_counts_requests_and_refuses_what_a_server_must() -> None:
    calendar = Calendar()

    def put(**conditions: str) -> tuple[int, dict[str, str], bytes]:
        headers = {name.replace("_", "-"): value for name, value in conditions.items()}
        return calendar.answer("PUT", EVENT, headers, b"BEGIN:VCALENDAR")

    status, said, _ = put(if_none_match="*")
    assert (status, put(if_none_match="*")[0]) == (201, 412)
    assert (put(if_match=said["ETag"])[0], put(if_match=said["ETag"])[0]) == (204, 412)
    asked = f"<x><href>{EVENT}</href><href>{CALENDAR}b.ics</href></x>".encode()
    got = calendar.answer("REPORT", CALENDAR, {"depth": "1"}, b"<multiget/>" + asked)[2]
    assert got.count(b"<response>") == 1
    assert b"BEGIN:VCALENDAR" in got
    assert calendar.answer("PROPFIND", CALENDAR, {"depth": "1"}, b"")[2].count(b"<response>") == 2
    assert [calendar.answer("DELETE", EVENT, {}, b"")[0] for _ in range(2)] == [204, 404]
    assert put(if_match=said["ETag"])[0] == 412
    counts = [calendar.answer("GET", "/asked", {}, b"")[2] for _ in range(2)]
    assert counts == [b"9", b"0"]


def test_it_is_said_how_many_times_as_fast_calsync_is() -> None:
    figures = found()
    assert times_as_fast("radicale", figures) == pytest.approx(1.5)
    assert [aim.met(aim.measured(figures)) for aim in SECTION.aims] == [True, True, True]
    slower = found(theirs=90)
    assert [aim.met(aim.measured(slower)) for aim in SECTION.aims] == [True, False, False]
    assert "could not be installed" not in "\n".join(write(figures))


def test_without_vdirsyncer_calsync_is_measured_alone_and_the_page_says_so() -> None:
    figures = found(theirs=0)
    assert "vdirsyncer could not be installed here." in write(figures)
    assert SECTION.aims[0].measured(figures) == 1.0
    with pytest.raises(KeyError):
        SECTION.aims[1].measured(figures)
