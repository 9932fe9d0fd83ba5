"""What is written of a copy that an answer changed leaves the row as if all of it were written."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from calsync.core.ledger import Copy, CopyState, RefusalKind
from calsync.store.ledger.rows import Sealer, changed_fields, copy_fields
from calsync.store.vault import Vault, new_key
from tests.make import KEY, a_copy, an_event

SEALER = Sealer(Vault([new_key()]))
OTHERS: dict[str, Any] = {
    "state": CopyState.LIVE,
    "before": CopyState.LIVE,
    "refusal": RefusalKind.NAMED,
    "content": an_event(title="Another title"),
    "look_at": datetime(2026, 12, 1, tzinfo=UTC),
    "again_at": datetime(2026, 12, 1, tzinfo=UTC),
}
NOT_STORED = ("n", "attempt", "marker")  # the key; by its id, below; made anew for each call
NAMES = [one.name for one in fields(Copy) if one.name not in NOT_STORED]


def another(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    return 7 if isinstance(value, int) else "another"


def opened(row: dict[str, Any]) -> dict[str, Any]:
    """With the content itself: what seals it differs each time."""
    return row | {"content": SEALER.open_content(KEY, 1, row["content"])}


@pytest.mark.parametrize("name", NAMES)
def test_one_field_that_changed_is_written(name: str) -> None:
    was = a_copy(content=an_event())
    copy = replace(was, **{name: OTHERS.get(name, another(getattr(was, name)))})
    stored = copy_fields(KEY, was, SEALER)
    changed = changed_fields(KEY, copy, was, SEALER)
    assert opened(stored | changed) == opened(copy_fields(KEY, copy, SEALER))
    assert len(changed) <= 2, "and whether it was marked private, which is always written"


def test_that_a_copy_was_marked_private_is_written_although_it_was_so_before() -> None:
    """The row may not have it, and have told by its content, which is replaced."""
    was = a_copy(content=replace(an_event(), private=True), marked_private=True)
    changed = changed_fields(KEY, replace(was, content=an_event()), was, SEALER)
    assert changed["marked_private"] is True
