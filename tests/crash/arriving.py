"""Situations of people who come in: what was before, what is done, what must hold."""

from __future__ import annotations

import sqlalchemy as sa

from calsync.core.visit import Visitor
from calsync.ops.page.access import Operators
from calsync.store.connect.operators import EVERY
from calsync.store.ledger import journal
from calsync.store.ledger.rows import table
from tests.crash.scenarios import Scenario
from tests.crash.stage import MAYA, Stage

# The stage's configuration has no public address: the part after it is what counts here.


def expected(stage: Stage) -> str:
    """Maya has a ticket."""
    with stage.in_process() as made:
        url = made.web.arrivals.offer(Visitor("default", MAYA)).url
    return url.partition("ticket=")[2]


def inside(stage: Stage) -> str:
    """Maya's browser is in."""
    ticket = expected(stage)
    with stage.in_process() as made:
        return made.web.arrivals.enter(ticket)[0]


def somebody_may_come(stage: Stage) -> None:
    assert count(stage, "arrival") >= 1


def in_once(stage: Stage) -> None:
    assert count(stage, "visit") == 1


def speaks_german(stage: Stage) -> None:
    with stage.in_process() as made, made.context.store.read() as db:
        (row,) = db.all(sa.select(table("visit").c.locale))
    assert row["locale"] == "de"


def nobody_is_in(stage: Stage) -> None:
    assert count(stage, "visit") == 0


def count(stage: Stage, name: str) -> int:
    with stage.in_process() as made, made.context.store.read() as db:
        return int(db.scalar(sa.select(sa.func.count()).select_from(table(name))) or 0)


def an_operator_expected(stage: Stage) -> str:
    """An operator has a ticket."""
    with stage.in_process() as made:
        url = Operators(made.context).offer("http://127.0.0.1", EVERY, acts=True).url
    return url.partition("ticket=")[2]


def an_operator_may_come(stage: Stage) -> None:
    assert count(stage, "operator_visit") >= 1


def one_operator_is_in(stage: Stage) -> None:
    assert visits(stage) == 1


def an_operator_inside(stage: Stage) -> str:
    """An operator's browser is in."""
    with stage.in_process() as made:
        operators = Operators(made.context)
        url = operators.offer("http://127.0.0.1", EVERY, acts=True).url
        return operators.enter(url.partition("ticket=")[2]) or ""


def visits(stage: Stage) -> int:
    with stage.in_process() as made, made.context.store.read() as db:
        found = db.all(sa.select(table("operator_visit").c.kind))
    return [one["kind"] for one in found].count("visit")


def an_operator_is_in(stage: Stage) -> None:
    assert visits(stage) >= 1


def no_operator_is_in(stage: Stage) -> None:
    assert visits(stage) == 0


def the_act_is_noted(stage: Stage) -> None:
    with stage.in_process() as made, made.context.store.read() as db:
        assert journal.recent(db, ("operator_acted",))


ARRIVING = (
    Scenario(("offer_arrival",), lambda _: None, somebody_may_come, "offer"),
    Scenario(("enter",), expected, in_once, "enter"),
    Scenario(("speak",), inside, speaks_german, "speak"),
    Scenario(("leave_page",), inside, nobody_is_in, "leave"),
    Scenario(("ops_link",), lambda _: None, an_operator_may_come, "offer_ops"),
    Scenario(("ops_enter",), an_operator_expected, one_operator_is_in, "enter_ops"),
    Scenario(
        ("ops_sign_in_begin", "ops_sign_in_redeem", "ops_signed_in"),
        lambda _: None,
        an_operator_is_in,
        "sign_in_ops",
    ),
    Scenario(("ops_leave",), an_operator_inside, no_operator_is_in, "leave_ops"),
    Scenario(("operator_acts",), lambda _: None, the_act_is_noted, "audit"),
)
