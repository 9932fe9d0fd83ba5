"""Checks are run side by side: none ends the others, and none is waited for without end."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from calsync.errors import InputError
from calsync.ops.doctor.registry import Check, CheckAnswer, error, examine, not_checked, ok, warning
from calsync.ops.results.diagnosis import CheckVerdict


def a_check(name: str, *answers: CheckAnswer) -> Check:
    return Check("area", name, lambda: answers)


def test_results_keep_the_order_of_the_checks_and_the_worst_one_is_the_verdict() -> None:
    found = examine(
        [
            a_check("first", ok("well"), warning("slow", "look", "part")),
            a_check("second", not_checked("nobody is there")),
        ]
    )
    assert [(one.checked, one.verdict) for one in found.checks] == [
        ("first", "ok"),
        ("part", "warning"),
        ("second", "not checked"),
    ]
    assert found.verdict is CheckVerdict.WARNING
    assert examine([a_check("first", error("bad", "mend"))]).verdict is CheckVerdict.ERROR


def test_what_is_not_checked_makes_nothing_worse() -> None:
    assert examine([a_check("first", not_checked("off"))]).verdict is CheckVerdict.OK


def test_a_check_that_raises_is_a_result_and_keeps_what_it_said_before() -> None:
    def breaks() -> Iterator[CheckAnswer]:
        yield ok("so far")
        raise ZeroDivisionError("PLANTED content")

    def refuses() -> Iterator[CheckAnswer]:
        raise InputError("sqlite://u:PLANTED@host is no file")
        yield

    found = examine(
        [Check("a", "breaks", breaks), Check("b", "refuses", refuses), a_check("last", ok("well"))]
    ).checks
    assert [one.verdict for one in found] == ["ok", "not checked", "error", "ok"]
    assert "unexpected ZeroDivisionError in " in found[1].text
    assert "PLANTED" not in "".join(one.text for one in found)


def test_a_check_that_does_not_end_is_a_result_and_the_others_are_told() -> None:
    ended = threading.Event()

    def hangs() -> Iterator[CheckAnswer]:
        yield ok("asked")
        ended.wait()

    told: list[int] = []
    found = examine(
        [Check("a", "hangs", hangs), a_check("b", ok("well"))], told.append, longest=0.2
    )
    ended.set()
    assert [(one.checked, one.verdict) for one in found.checks] == [
        ("hangs", "ok"),
        ("hangs", "not checked"),
        ("b", "ok"),
    ]
    assert told == [1, 2]
