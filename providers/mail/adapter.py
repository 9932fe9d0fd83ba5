"""Mail behind calsync's ports: invitations and notices, for people of every address."""

from __future__ import annotations

from collections.abc import Callable

from calsync.core.calls import PreparedRequest
from calsync.ports import Provider
from providers.http.watchdog import Watchdog
from providers.mail.channel import MailChannel
from providers.mail.settings import MailSettings

NAME = MailChannel.kind


def provider(
    settings: MailSettings | None,
    watchdog: Watchdog,
    still_ours: Callable[[PreparedRequest], bool],
) -> Provider:
    """What one tenant's mail server offers; nothing without one. `still_ours` as in MailChannel."""
    if settings is None:
        return Provider(NAME)
    channel = MailChannel(settings, watchdog, still_ours=still_ours)
    return Provider(NAME, channel=channel, sender=channel, prober=channel)
