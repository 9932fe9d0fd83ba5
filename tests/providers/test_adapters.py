"""What each provider offers a tenant, as its settings have it."""

from __future__ import annotations

import pytest

from calsync.ports import Provider
from providers.caldav import adapter as caldav
from providers.caldav.settings import CaldavSettings
from providers.google import adapter as google
from providers.google.settings import GoogleSettings
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from providers.mail import adapter as mail
from providers.mail.settings import MailSettings
from providers.outlook import adapter as outlook
from providers.outlook.settings import OutlookSettings
from providers.outlook.signin import Discovery

PORTS = ("channel", "connector", "refresher", "revoker", "consenter", "sender")
HTTP = Transport(Watchdog())


def ports(offered: Provider) -> set[str]:
    return {name for name in PORTS if getattr(offered, name) is not None}


def of_google(**settings: object) -> Provider:
    return google.provider(GoogleSettings(**settings), HTTP)


def of_outlook(**settings: object) -> Provider:
    return outlook.provider(OutlookSettings(**settings), HTTP, Discovery())


@pytest.mark.parametrize("make", [of_google, of_outlook])
def test_without_settings_an_account_is_refused_by_name_and_nothing_is_offered(make) -> None:
    offered = make()
    assert ports(offered) == {"connector"}
    assert (offered.self_service, tuple(offered.domains)) == (False, ())


def test_google_with_a_client_asks_people_and_can_end_what_they_gave() -> None:
    offered = of_google(client_id="app")
    assert ports(offered) == {"channel", "connector", "refresher", "revoker", "consenter"}
    assert offered.self_service
    assert offered.revoker is not None
    assert offered.revoker.client == "app"


def test_google_with_a_service_account_alone_asks_nobody() -> None:
    offered = of_google(service_account_file="key.json", domains=("corp.example",))
    assert ports(offered) == {"channel", "connector", "refresher"}
    assert (offered.self_service, tuple(offered.domains)) == (False, ("corp.example",))


def test_outlook_asks_people_and_cannot_end_what_they_gave() -> None:
    offered = of_outlook(client_id="app", domains=("firm.example",))
    assert ports(offered) == {"channel", "connector", "refresher", "consenter"}
    assert (offered.self_service, tuple(offered.domains)) == (True, ("firm.example",))


def test_caldav_is_there_for_everybody_and_opened_by_password() -> None:
    offered = caldav.provider(CaldavSettings(), HTTP)
    assert ports(offered) == {"channel", "connector"}
    assert offered.self_service


def test_mail_sends_notices_and_has_no_accounts() -> None:
    settings = MailSettings("localhost", "a@example.org", "a@example.org", security="none")
    assert ports(mail.provider(settings, Watchdog(), lambda _: True)) == {"channel", "sender"}
    assert ports(mail.provider(None, Watchdog(), lambda _: True)) == set()


@pytest.mark.parametrize(
    "offered",
    [of_google(client_id="a"), of_outlook(client_id="a"), caldav.provider(CaldavSettings(), HTTP)],
)
def test_a_provider_bears_the_name_of_its_channel(offered: Provider) -> None:
    assert offered.channel is not None
    assert offered.name == offered.channel.kind
