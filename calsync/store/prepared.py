"""Statements that run with every delivery, built once.

To build a statement costs SQLAlchemy several times what running it does, so each of these is a
function under `built_once`, and its values are bound when it runs. In an UPDATE, values that bear
a column's name are what it sets.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import sqlalchemy as sa

from calsync.core.ledger import DeliveryKey
from calsync.store.database import Utc
from calsync.store.engine.texts import remember

P = ParamSpec("P")
S = TypeVar("S", bound=sa.Executable)


def built_once(build: Callable[P, S]) -> Callable[P, S]:
    """The function that builds a statement, which it does once for the same arguments; what it
    built is run as text on the driver's connection (`store.engine.texts`)."""

    known: dict[Any, S] = {}

    @wraps(build)
    def built(*given: P.args, **named: P.kwargs) -> S:
        key = (given, tuple(named.items()))
        if key not in known:
            known[key] = build(*given, **named)
            remember(known[key])
        return known[key]

    return built


NOW: sa.BindParameter[Any] = sa.bindparam("now", type_=Utc())  # the value is always `Db.now`


def instant(name: str) -> sa.BindParameter[Any]:
    """A parameter for an aware instant, or None."""
    return sa.bindparam(name, type_=Utc())


def of_bound(columns: Any) -> sa.ColumnElement[bool]:
    """`columns` (delivery, copy or attempt) belong to the delivery that `bound` names."""
    return sa.and_(
        columns.tenant == sa.bindparam("of_tenant"),
        columns.session == sa.bindparam("of_session"),
        columns.participant == sa.bindparam("of_participant"),
    )


def bound(key: DeliveryKey) -> dict[str, Any]:
    """The values of `of_bound`."""
    return {
        "of_tenant": key.tenant,
        "of_session": key.session,
        "of_participant": key.participant,
    }
