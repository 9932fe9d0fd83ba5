"""What every provider offers each tenant: its settings from the configuration, and one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from calsync.config import Config
from calsync.config.mail_texts import read_texts
from calsync.config.sections import (
    CaldavSection,
    GoogleSection,
    MailSection,
    OutlookSection,
    WebSection,
)
from calsync.core.calls import PreparedRequest
from calsync.ports import Provider
from providers.caldav import adapter as caldav
from providers.caldav.settings import CaldavSettings
from providers.google import adapter as google
from providers.google.settings import GoogleSettings
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from providers.mail import adapter as mail
from providers.mail.brand import Brand
from providers.mail.settings import Dkim, MailSettings
from providers.outlook import adapter as outlook
from providers.outlook.settings import OutlookSettings
from providers.outlook.signin import Discovery

NOTHING_PROVEN: Mapping[tuple[str, str, str], str] = MappingProxyType({})


class Providers:
    """Makes providers. All tenants share their connections, and where sign-in servers are.

    still_ours  asked right before a mail leaves
    proven      by (tenant, provider, question), what was seen in its accounts
    """

    def __init__(
        self,
        config: Config,
        watchdog: Watchdog,
        still_ours: Callable[[PreparedRequest], bool],
        proven: Mapping[tuple[str, str, str], str] = NOTHING_PROVEN,
    ) -> None:
        self._config, self._watchdog, self._still_ours = config, watchdog, still_ours
        self._proven = proven
        self._http, self._discovery = Transport(watchdog), Discovery()
        self._caldav = caldav_settings(config.caldav)
        self._caldav_http = Transport(watchdog, ca_file=self._caldav.ca_file)

    def of(self, tenant: str) -> tuple[Provider, ...]:
        """All of them, in the order in which people see them. A new one is added here."""
        own = self._config.for_tenant(tenant)
        return (
            google.provider(google_settings(own.google), self._http),
            outlook.provider(self._outlook(tenant, own.outlook), self._http, self._discovery),
            caldav.provider(self._caldav, self._caldav_http),
            mail.provider(
                mail_settings(own.mail, self._config.web), self._watchdog, self._still_ours
            ),
        )

    def _outlook(self, tenant: str, section: OutlookSection) -> OutlookSettings:
        """Where the setting is not written, a revision that Graph was seen to compare is enough."""
        settings = outlook_settings(section)
        if "conditional_patch" in section.model_fields_set:
            return settings
        compared = self._proven.get((tenant, outlook.NAME, "if_match")) == "honoured"
        return replace(settings, conditional_patch=compared)


def google_settings(google: GoogleSection) -> GoogleSettings:
    return GoogleSettings(
        client_id=google.client_id,
        client_secret=google.client_secret.get_secret_value(),
        service_account_file=google.service_account_file or None,
        domains=tuple(google.domains),
        api_base=google.api_base,
        auth_uri=google.auth_uri,
        token_uri=google.token_uri,
        revoke_uri=google.revoke_uri,
    )


def outlook_settings(outlook: OutlookSection) -> OutlookSettings:
    return OutlookSettings(
        client_id=outlook.client_id,
        client_secret=outlook.client_secret.get_secret_value(),
        certificate_file=outlook.certificate_file or None,
        domains=tuple(outlook.domains),
        tenant=outlook.tenant,
        authority=outlook.authority,
        graph_base=outlook.graph_base,
        conditional_patch=outlook.conditional_patch,
    )


def caldav_settings(caldav: CaldavSection) -> CaldavSettings:
    return CaldavSettings(allow_private=caldav.allow_private, ca_file=caldav.ca_file or None)


def mail_settings(mail: MailSection, web: WebSection) -> MailSettings | None:
    """None without a server: no mail is sent. Where people can connect a calendar, invitations
    offer it."""
    if not mail.host:
        return None
    return MailSettings(
        host=mail.host,
        port=mail.port,
        security=mail.security,
        ca_file=mail.ca_file,
        timeout_seconds=mail.timeout_seconds,
        username=mail.username,
        password=mail.password.get_secret_value(),
        sender=mail.sender,
        sender_name=mail.sender_name,
        organizer=mail.organizer,
        dkim=_dkim(mail),
        brand=Brand(
            name=mail.brand_name,
            color=mail.brand_color,
            logo_url=mail.logo_url,
            support=mail.support,
            answers_read=mail.answers_read,
            connect_url=web.reconnect_url if mail.connect_line and web.public_url else "",
            texts=read_texts(mail.texts_file),
        ),
    )


def _dkim(mail: MailSection) -> Dkim | None:
    if not mail.dkim_selector:
        return None
    domain = mail.dkim_domain or mail.sender.rpartition("@")[2]
    return Dkim(mail.dkim_selector, domain, mail.dkim_key.get_secret_value())
