"""Numbers with what they count."""

from __future__ import annotations

from calsync.text.counted import counted


def test_one_is_singular_and_everything_else_plural() -> None:
    assert [counted(n, "account") for n in (0, 1, 2)] == ["0 accounts", "1 account", "2 accounts"]
    assert counted(1, "delivery is", "deliveries are") == "1 delivery is"
    assert counted(3, "delivery is", "deliveries are") == "3 deliveries are"
