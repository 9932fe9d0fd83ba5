"""What the verdict says of deliveries that are not tried again by themselves."""

from __future__ import annotations

from dataclasses import replace

from calsync.ops.results.finding import Severity
from calsync.ops.verdict import findings
from tests.ops.test_verdict import CALM, WELL, only, parked

REFUSED = "{} deliveries are parked: a provider has refused them, first ses-1: 550 no"


def test_parked_deliveries_are_counted_by_the_reason() -> None:
    status = replace(
        CALM,
        parked=[parked("refused"), parked("refused", 2), parked("only_to"), parked("rejected")],
    )
    told = [(one.severity, one.text, one.whom) for one in findings(status, WELL)]
    assert told == [
        (Severity.WARNING, REFUSED.format("2"), "2 people"),
        (Severity.NOTICE, "1 delivery is parked: deliver.only_to leaves it out", "p1@x.org"),
        (Severity.NOTICE, "1 delivery is parked: its batch was rejected", "p1@x.org"),
    ]
    assert [one.command for one in findings(status, WELL)] == [
        "calsync resync ses-1 ses-2",
        "calsync explain ses-1 --person p1@x.org",
        "calsync explain ses-1 --person p1@x.org",
    ]


def test_one_refused_delivery_comes_with_its_answer_and_the_command_that_tries_it_again() -> None:
    found = only(replace(CALM, parked=[parked("refused")]))
    assert found.text == "1 delivery is parked: a provider has refused it: 550 no"
    assert found.command == "calsync resync ses-1 --person p1@x.org"


def test_of_a_forgotten_person_nothing_is_told() -> None:
    assert findings(replace(CALM, parked=[parked("forgotten")]), WELL) == []


def test_many_parked_deliveries_are_at_least_as_many_as_are_listed() -> None:
    status = replace(CALM, parked=[parked("refused", n) for n in range(20)])
    found = only(status)
    assert found.text == REFUSED.format("at least 20").replace("ses-1", "ses-0")
    assert found.command == "calsync resync", "a command names a few"
