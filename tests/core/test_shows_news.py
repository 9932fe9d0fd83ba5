"""Whether an answer means that somebody sees something new: what the time from a booking to its
event is measured by."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from calsync.core.calls import Receipt
from calsync.core.ledger import Attempt, CopyState, Delivery, Do, Outcome
from calsync.core.reconcile.answers.noted import news_since
from calsync.core.reconcile.claimed import Claim, Reread
from calsync.core.reconcile.finish import Made, after_call
from calsync.errors import Refused
from tests.core.decisions import an_attempt, in_a, later, snapshot
from tests.make import NOW

DELIVERY = replace(
    snapshot().delivery, version=3, material_version=3, wanted_since=later(minutes=-7)
)
SENT = an_attempt(outcome=Outcome.YES, material_fp=DELIVERY.material_fp)


def waited_since(
    attempt: Attempt = SENT, delivery: Delivery = DELIVERY, **copy: Any
) -> datetime | None:
    """Before it the copy showed `content`."""
    return news_since(delivery, in_a(CopyState.UNSURE, **copy), attempt)


def test_a_first_event_shows_news() -> None:
    assert waited_since(content=None) == DELIVERY.wanted_since
    assert news_since(DELIVERY, None, SENT) == DELIVERY.wanted_since


def test_another_time_shows_news() -> None:
    assert DELIVERY.content is not None
    before = replace(DELIVERY.content, material_fp="another")
    changed = replace(SENT, do=Do.CHANGE)
    assert waited_since(changed, content=before) == DELIVERY.wanted_since


def test_what_is_put_back_as_it_was_shows_none() -> None:
    assert DELIVERY.content is not None
    before = replace(DELIVERY.content, material_fp=DELIVERY.material_fp)
    assert waited_since(replace(SENT, do=Do.CHANGE), content=before) is None


@pytest.mark.parametrize("outcome", [Outcome.NO, Outcome.MAYBE])
def test_what_was_not_accepted_shows_none(outcome: Outcome) -> None:
    assert waited_since(replace(SENT, outcome=outcome), content=None) is None


def test_what_is_taken_away_shows_none() -> None:
    assert waited_since(replace(SENT, do=Do.WITHDRAW), content=None) is None


def test_what_an_older_version_showed_is_none() -> None:
    assert waited_since(replace(SENT, material_fp="another"), content=None) is None


@pytest.mark.parametrize(
    "changes", [{"version": 4, "material_version": 3}, {"mail_from": NOW}], ids=str
)
def test_another_route_and_a_day_that_was_announced_show_none(changes: dict[str, Any]) -> None:
    assert waited_since(SENT, replace(DELIVERY, **changes), content=None) is None


@pytest.mark.parametrize("waits", [True, False])
def test_an_answer_tells_it_also_when_the_copy_waits_for_another_one(waits: bool) -> None:
    """That a repeat of the call is under way by now does not make its person wait any longer."""
    first = in_a(CopyState.UNSURE, attempt=SENT, before=CopyState.PLANNED, content=None)
    copy = first if waits else replace(first, attempt=replace(SENT, id=8))
    known, reread = snapshot(), Reread(3, [copy])
    claim = Claim("token", "account:acc-1", 0, DELIVERY)
    made = Made(claim, known, None, reread, NOW, lambda *_: NOW)
    assert after_call(made, 1, SENT, Receipt("g1", "1")).news_since == DELIVERY.wanted_since
    refused = after_call(made, 1, SENT, Refused("no", happened="no"))
    assert refused.news_since is None
