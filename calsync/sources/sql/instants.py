"""Which starts and ends are instants although their values have no zone: MySQL's TIMESTAMP.

The server gives a TIMESTAMP in the connection's zone, which is UTC (`engines`). A DATETIME is what
a clock shows, and its values look the same.
"""

from __future__ import annotations

from datetime import datetime

from calsync.sources.sql.query import QueryError, Types
from calsync.text.sql import MYSQL

# enum_field_types of mysql_com.h, which the drivers hand on.
TIMESTAMP = (7, 17)
DATETIME = (12, 18)
TYPES = (*range(19), *range(242, 256))


def instants_of(backend: str, driver: str, types: Types) -> frozenset[str]:
    """Those of the columns in `types` whose values without a zone are instants in UTC.

    Raises QueryError when the driver does not say which they are, and for a start and an end of two
    kinds: a DATETIME that is computed from a TIMESTAMP is in UTC, and no wall time.
    """
    if backend not in MYSQL:
        return frozenset()
    for name, code in types.items():
        if code not in TYPES and (code is datetime or not isinstance(code, type)):
            raise QueryError(
                f"the driver {driver} does not say whether {name} is a TIMESTAMP, which is an "
                'instant, or a DATETIME; use mysql+pymysql, or times = "utc" where both are UTC'
            )
    instants = [name for name, code in types.items() if code in TIMESTAMP]
    walls = [name for name, code in types.items() if code in DATETIME]
    if instants and walls:
        raise QueryError(
            f"{instants[0]} is a TIMESTAMP, which is an instant, and {walls[0]} a DATETIME, which "
            'is wall time; write both as one of them, or times = "utc" where both are UTC'
        )
    return frozenset(instants)
