"""Whether an answer means that somebody sees something new: what the time from a booking to its
event is measured by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from calsync.core.ledger import CopyState, Delivery, Do, Outcome
from calsync.core.reconcile.answers.noted import shows_news
from calsync.core.reconcile.claimed import Claim, Finished
from tests.core.decisions import an_attempt, in_a, snapshot
from tests.make import NOW

DELIVERY = replace(snapshot().delivery, version=3, material_version=3)
SENT = an_attempt(outcome=Outcome.YES, material_fp=DELIVERY.material_fp)


def ended(delivery: Delivery = DELIVERY, **copy: Any) -> Finished:
    was = in_a(CopyState.UNSURE, **copy)
    return Finished(Claim("token", "account:acc-1", 0, delivery), None, was=was)


def test_a_first_event_shows_news() -> None:
    assert shows_news(ended(content=None), SENT)


def test_another_time_shows_news() -> None:
    assert DELIVERY.content is not None
    before = replace(DELIVERY.content, material_fp="another")
    assert shows_news(ended(content=before), replace(SENT, do=Do.CHANGE))


def test_what_is_put_back_as_it_was_shows_none() -> None:
    assert DELIVERY.content is not None
    before = replace(DELIVERY.content, material_fp=DELIVERY.material_fp)
    assert not shows_news(ended(content=before), replace(SENT, do=Do.CHANGE))


@pytest.mark.parametrize("outcome", [Outcome.NO, Outcome.MAYBE])
def test_what_was_not_accepted_shows_none(outcome: Outcome) -> None:
    assert not shows_news(ended(content=None), replace(SENT, outcome=outcome))


def test_what_is_taken_away_shows_none() -> None:
    assert not shows_news(ended(content=None), replace(SENT, do=Do.WITHDRAW))


def test_what_an_older_version_showed_is_none() -> None:
    assert not shows_news(ended(content=None), replace(SENT, material_fp="another"))


@pytest.mark.parametrize(
    "changes", [{"version": 4, "material_version": 3}, {"mail_from": NOW}], ids=str
)
def test_another_route_and_a_day_that_was_announced_show_none(changes: dict[str, Any]) -> None:
    assert not shows_news(ended(replace(DELIVERY, **changes), content=None), SENT)
