"""Every event of the log has its level and its row in docs/logs.md, and there is no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from calsync.core.calls import Receipt
from calsync.core.ledger import CopyState
from calsync.core.reconcile.actions import Find
from calsync.core.reconcile.claimed import Finished
from calsync.core.reconcile.finish import after_call, look_up_failed
from calsync.core.reconcile.outcome import MAYBES
from calsync.errors import Refused, TryLater
from calsync.log import LEVELS
from tests.core.decisions import TO_MAIL, by_mail, in_a, mailed
from tests.core.test_finish import made

ROOT = Path(__file__).parents[1]
ROW = re.compile(r"^\| `(\w+)` \| ([a-z, ]+) \| (.*?) \|", re.MULTILINE)
CALLS = {"log", "_log", "log_committed", "_failed"}


def written() -> Iterator[str]:
    """Names of events that code writes by name: the first text among the arguments of a call."""
    for file in (ROOT / "calsync").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) in CALLS:
                texts = [one.value for one in node.args[:2] if isinstance(one, ast.Constant)]
                yield from (text for text in texts if isinstance(text, str) and " " not in text)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def of_answers() -> Iterator[str]:
    """Names of events that come of answers to calls, and are written as the decision says them."""
    for answer in (Receipt("g1", "1"), TryLater("later"), Refused("never", happened="no")):
        attempt = mailed(maybes=MAYBES - 1)
        one = made(by_mail(CopyState.UNSURE, attempt=attempt), route=TO_MAIL)
        yield from (line.what for line in after_call(one, 1, attempt, answer).log)
    look = Find(1, "google", "acc-1", "unsure")
    failed = look_up_failed(made(in_a(CopyState.UNSURE)), look, TryLater("later"))
    assert isinstance(failed, Finished)
    yield from (line.what for line in failed.log)


def rows() -> dict[str, str]:
    page = (ROOT / "docs" / "logs.md").read_text(encoding="utf-8")
    return {event: level for event, level, _ in ROW.findall(page)}


def test_every_event_that_is_written_has_a_level() -> None:
    events = {*written(), *of_answers(), "consent", "consent_setup_fault", "library"}
    assert {"started", "delivered", "delivery_failed", "refused", "alert"} <= events
    assert events == set(LEVELS), "give it a level in calsync/log.py and a row in docs/logs.md"


def test_every_event_is_documented_with_its_level() -> None:
    found = rows()
    assert set(found) == set(LEVELS)
    wrong = {event: level for event, level in found.items() if not level.startswith(LEVELS[event])}
    assert wrong == {}
    assert set(LEVELS.values()) == {"error", "warning", "info"}
