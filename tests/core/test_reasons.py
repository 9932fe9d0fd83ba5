"""What keeps a decided call in the queue, and how each reason for nothing is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from calsync.core.ledger import Do
from calsync.core.reconcile.actions import Nothing, Send, as_queued
from calsync.core.reconcile.reasons import Obstacle, Reason, paused
from tests.core.decisions import later

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
CALL = Send(Do.CREATE, 1, "google", "acc-1")


def test_a_call_that_nothing_keeps_waiting_is_made() -> None:
    assert as_queued(CALL, []) == CALL


def test_a_call_whose_channel_is_paused_is_nothing_for_now() -> None:
    obstacle = paused("google", "ops", "paused by ops", None)
    waits = as_queued(CALL, [obstacle])
    assert waits == Nothing(None, Reason.PAUSED, "google is paused by an operator", CALL)


def test_what_is_nothing_anyway_says_why_and_not_that_it_is_paused() -> None:
    done = Nothing(None, Reason.DONE)
    assert as_queued(done, [paused("google", "ops", "", None)]) == done


def test_a_pause_is_told_before_cooling_and_the_longest_before_the_others() -> None:
    cools = [Obstacle(Reason.COOLING, later(minutes=m)) for m in (1, 9, 5)]
    assert as_queued(CALL, cools) == Nothing(later(minutes=9), Reason.COOLING, "", CALL)
    short = paused("google", "provider", "429", later(seconds=20))
    endless = paused("*", "ops", "paused by ops", None)
    assert (
        str(as_queued(CALL, [*cools, short])) == "google is paused because it asked us to wait: 429"
    )
    assert str(as_queued(CALL, [*cools, endless, short])) == "everything is paused by an operator"


@pytest.mark.parametrize(
    ("by", "told"),
    [
        ("ops", "mail is paused by an operator: why"),
        ("setup", "mail is paused because its configuration does not work: why"),
        ("provider", "mail is paused because it asked us to wait: why"),
        ("incident", "mail is paused because of an incident: why"),
        ("baseline", "mail is paused while a baseline is being recorded"),
        ("a later version", "mail is paused by a later version: why"),
    ],
)
def test_a_pause_says_who_made_it(by: str, told: str) -> None:
    assert paused("mail", by, "why", None).told == told


def test_the_glossary_tells_of_every_reason_and_of_no_other() -> None:
    text = GLOSSARY.read_text(encoding="utf-8")
    section = text.partition("## Why nothing happens now")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| ([^|]+?) \|", section, re.MULTILINE)[1:]
    assert listed == [reason.value for reason in Reason]
