"""Where a person gets a session as a calendar file, for mails that bring none."""

from __future__ import annotations

from calsync.core.ledger import DeliveryKey
from calsync.notices.upcoming_case import readable_secret
from calsync.runtime.context import Context
from calsync.store.database import Db
from calsync.store.sealing.event_links import token_of
from calsync.store.upcoming import unsubscribed


def event_link(context: Context, db: Db, key: DeliveryKey) -> str:
    """The address of the file; "" where calsync cannot be reached. Writes the installation's
    secret when there is none yet."""
    url = context.settings.public_url
    if not url:
        return ""
    unsubscribed.make_secret(db, context.vault)
    secret = readable_secret(context, db)
    return "" if secret is None else f"{url}/event/{token_of(secret, key)}.ics"
