"""The digest: one mail in the place of many first invitations to sessions that are far away.

When an account change sends several sessions to a person's mailbox, the near ones are mailed one
by one. Those further away are told of together, and each has its invitation wait for its day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TypeVar

AHEAD = timedelta(days=14)  # so long before the start an announced invitation goes out
FEWEST = 2  # a digest of one session would be one mail more, not less

K = TypeVar("K")


def announced(first_mails: Mapping[K, datetime], now: datetime) -> dict[K, datetime]:
    """When each invitation goes out that a digest announces instead.

    first_mails   starts of the sessions that one account change would invite one person to
    """
    far = {key: starts_at - AHEAD for key, starts_at in first_mails.items()}
    far = {key: mail_from for key, mail_from in far.items() if mail_from > now}
    return far if len(far) >= FEWEST else {}
