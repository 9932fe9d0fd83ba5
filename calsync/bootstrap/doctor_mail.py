"""What `calsync doctor mail` looks at: one tenant's sender, its mail server, and a sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from calsync.bootstrap.providers import mail_settings
from calsync.bootstrap.tenants import DEFAULT, tenant_names
from calsync.config import Config
from calsync.core.address import Address, AddressError
from calsync.core.ledger import MAIL
from calsync.errors import InputError
from calsync.ops.doctor import outside
from calsync.ops.doctor.mail import sample, sender
from calsync.ops.doctor.mail.sample import SampleMail, now_to_the_second
from calsync.ops.doctor.mail.sender import DkimName
from calsync.ops.doctor.registry import Check, CheckAnswer, error, ok
from providers.http.watchdog import Watchdog
from providers.mail.channel import MailChannel
from providers.mail.lookup import lookup_at
from providers.mail.settings import MailSettings
from providers.mail.signing import public_key, signed, verifies

Lookup = Callable[[str, str], Sequence[str]]


@contextmanager
def mail_examination(
    config: Config, tenant: str | None, to: str | None, server: str | None
) -> Iterator[list[Check]]:
    """Every check of this tenant's mails. `to`: who is sent a sample; `server`: which DNS is asked.
    Raises InputError for those that cannot be used."""
    known = tenant_names(config)
    if tenant is not None and tenant not in known:
        raise InputError(f"there is no tenant {tenant}; choose one of {', '.join(known)}")
    ask = lookup_at(server)
    settings = mail_settings(config.for_tenant(tenant or DEFAULT).mail, config.web)
    if settings is None:
        todo = "set mail.host and mail.sender"
        yield [outside.failed_check(MAIL, "settings", "no mail server is named", todo)]
        return
    channel = MailChannel(settings, Watchdog())
    found = [
        *_of_the_dns(settings, ask),
        outside.probe_check(tenant or DEFAULT, MAIL, channel),
        Check(MAIL, "sample mail", partial(_linted, settings, channel, ask)),
    ]
    if to is not None:
        mail = SampleMail(channel, settings.organizer_text, _recipient(to), now_to_the_second())
        found.append(Check(MAIL, f"mails to {to}", partial(sample.sent, mail, channel)))
    try:
        yield found
    finally:
        channel.close()


def _recipient(to: str) -> str:
    try:
        return str(Address.read(to))
    except AddressError:
        raise InputError(
            f"--to {to!r} is not a mail address; write one, like you@example.org"
        ) from None


def _of_the_dns(settings: MailSettings, ask: Lookup) -> Iterator[Check]:
    domain, signs = sender.domain_of(settings.sender), _signs(settings)
    yield Check("dns", f"SPF of {domain}", partial(sender.spf, domain, settings.host, ask))
    yield Check("dns", "DKIM", lambda: [sender.dkim(signs, ask)])
    yield Check("dns", f"DMARC of {domain}", partial(sender.dmarc, domain, signs, ask))
    for address in dict.fromkeys((settings.sender, settings.organizer)):
        what = "bounces" if address == settings.sender else "answers"
        yield Check("dns", f"MX for {what} to {address}", partial(_takes_mail, address, ask))


def _takes_mail(address: str, ask: Lookup) -> list[CheckAnswer]:
    return [sender.takes_mail(address, ask)]


def _signs(settings: MailSettings) -> DkimName | None:
    ours = settings.dkim
    return DkimName(ours.selector, ours.domain, public_key(ours)) if ours else None


def _linted(settings: MailSettings, channel: MailChannel, ask: Lookup) -> Iterator[CheckAnswer]:
    mail = SampleMail(channel, settings.organizer_text, settings.sender, now_to_the_second())
    prepared, _ = next(mail.steps())
    yield from sample.lint(prepared.body, partial(_signature, settings, ask))


def _signature(settings: MailSettings, ask: Lookup, body: bytes) -> CheckAnswer | None:
    if settings.dkim is None or not body:
        return None
    if verifies(signed(body, settings.dkim), ask):
        return ok("a receiver believes its signature", "signature of the sample")
    return error(
        "a receiver does not believe its signature",
        "compare the published key with mail.dkim_key",
        "signature of the sample",
    )
