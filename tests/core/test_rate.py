"""Whose calls one limit counts."""

from __future__ import annotations

from calsync.core.ledger import Rate


def test_a_limit_counts_a_client_or_where_there_is_none_a_tenant() -> None:
    shared = Rate(600, None, "123-abc.apps.example")
    assert shared.counted_for("acme") == shared.counted_for("globex")
    assert Rate(600).counted_for("acme") == "acme"
    assert Rate(600, None, "acme").counted_for("globex") != Rate(600).counted_for("acme")
