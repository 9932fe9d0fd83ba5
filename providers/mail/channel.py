"""The mail channel: invitations for people whose calendar we cannot write."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import ClassVar

from calsync.core.address import AddressError
from calsync.core.calls import PreparedRequest, Probed, Receipt, Sighting
from calsync.core.content.event import DesiredEvent
from calsync.core.content.notices import AccountNews, OwnerNews
from calsync.core.ledger import Copy, Do
from calsync.errors import ChannelError, Refused
from calsync.ports import Abilities, Access
from providers.http.watchdog import Watchdog
from providers.mail.client import SmtpClient
from providers.mail.mapping import MailWriter, message_id, written_address
from providers.mail.settings import MailSettings

NOT_READ = "a mailbox of somebody else cannot be read; ask `able` before the call"


class MailChannel:
    """Mails one tenant's invitations. A mail that was taken cannot be seen again, taken back or
    found, so a copy is known by what the server answered only.

    still_ours   asked right before a message is written; False ends the call as TryLater (no)
    """

    kind: ClassVar[str] = "mail"
    able: ClassVar[Abilities] = Abilities(can_inspect=False, inspect_batch=0)

    def __init__(
        self,
        settings: MailSettings,
        watchdog: Watchdog,
        *,
        still_ours: Callable[[PreparedRequest], bool] = lambda _: True,
    ) -> None:
        self._settings, self._still_ours = settings, still_ours
        self._writer = MailWriter(settings)
        self._client = SmtpClient(settings, watchdog)

    def prepare(self, do: Do, copy: Copy, event: DesiredEvent, now: datetime) -> PreparedRequest:
        """The mail, ready to be sent; its key is the Message-ID. The body is empty when an address
        cannot be written: `send` refuses it then."""
        key = message_id(self._settings, copy, now)
        try:
            body = self._writer.write(do, copy, event, now)
        except ValueError:
            body = b""
        return PreparedRequest(do, key, body, event.material_fp, event.quiet_fp)

    def send(self, prepared: PreparedRequest, copy: Copy, access: Access, until: float) -> Receipt:
        """Hand the mail to the server. The login is the tenant's: `access` has no part in it."""
        if not prepared.body:
            raise _no_address()
        queued = self._deliver(
            copy.address, prepared.body, until, lambda: self._still_ours(prepared)
        )
        return Receipt(remote_id=prepared.key, request_id=queued)

    def prepare_notice(
        self, kind: str, to: str, key: str, event: DesiredEvent, now: datetime
    ) -> bytes:
        """A plain notice (see `providers.mail.body.notice_body`), empty when the address cannot be
        written: `send_notice` refuses it then. One `key`, one Message-ID."""
        try:
            return self._writer.notice(kind, to, key, event, now)
        except ValueError:
            return b""

    def prepare_account_notice(
        self, kind: str, to: str, key: str, news: AccountNews, link: str
    ) -> bytes:
        """A plain notice about an account, otherwise like `prepare_notice`."""
        try:
            return self._writer.account(kind, to, key, news, link)
        except ValueError:
            return b""

    def prepare_owner_notice(self, to: str, key: str, news: OwnerNews) -> bytes:
        """A plain notice to the integration's owner, otherwise like `prepare_notice`."""
        try:
            return self._writer.owner(to, key, news)
        except ValueError:
            return b""

    def prepare_digest(
        self, to: str, key: str, events: Sequence[DesiredEvent], now: datetime
    ) -> bytes:
        """A plain notice about several sessions, otherwise like `prepare_notice`."""
        try:
            return self._writer.digest(to, key, events, now)
        except ValueError:
            return b""

    def prepare_upcoming(
        self, to: str, key: str, event: DesiredEvent, now: datetime, unsubscribe: str
    ) -> bytes:
        """The Upcoming Session mail, with headers for one-click unsubscribing (RFC 8058) where
        `unsubscribe` is an address; otherwise like `prepare_notice`."""
        try:
            return self._writer.upcoming(to, key, event, now, unsubscribe)
        except ValueError:
            return b""

    def send_notice(self, body: bytes, to: str, until: float) -> None:
        """Hand over a plain notice. Raises as `send` does."""
        if not body:
            raise _no_address()
        self._deliver(to, body, until, lambda: True)

    def probe(self, until: float) -> Probed:
        """Whether the mail server takes this sign-in; no mail is sent."""
        end = self._client.sign_in(until)
        signed_in = "takes this sign-in" if self._settings.username else "answers"
        return Probed(signed_in, certificate_end=end)

    def find(self, copy: Copy, access: Access, until: float) -> Sequence[Sighting]:
        raise NotImplementedError(NOT_READ)

    def find_uid(self, uid: str, access: Access, until: float) -> Sequence[Sighting]:
        raise NotImplementedError(NOT_READ)

    def inspect(
        self, copies: Sequence[Copy], access: Access, until: float
    ) -> Iterator[tuple[Copy, Sighting | ChannelError]]:
        raise NotImplementedError(NOT_READ)

    def listed(
        self, instance: str, uids: Collection[str], since: datetime, access: Access, until: float
    ) -> Iterator[Sighting]:
        raise NotImplementedError(NOT_READ)

    def adopt(self, copy: Copy, event: DesiredEvent, access: Access, until: float) -> Sighting:
        raise NotImplementedError(NOT_READ)

    def close(self) -> None:
        """End idle connections; the channel can go on being used."""
        self._client.close()

    def _deliver(
        self, to: str, body: bytes, until: float, still_ours: Callable[[], bool]
    ) -> str | None:
        try:
            recipient = written_address(to)
        except AddressError:
            raise _no_address() from None
        return self._client.deliver(recipient, body, until, still_ours)


def _no_address() -> Refused:
    reason = (
        "recipient or organizer is not an address that mail servers know; correct it at its source"
    )
    return Refused(reason, happened="no", scope="copy")
