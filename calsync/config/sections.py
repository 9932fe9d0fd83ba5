"""The sections of the configuration: names, types, ranges and defaults.

Every secret is a SecretStr, so that neither repr nor a log line can show it. `check` yields what
one key alone cannot tell, as (key, what to write instead).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr, model_validator

from calsync.config.checks import (
    Problem,
    address_problems,
    endpoint_problems,
    file_problems,
    has_host,
    is_address,
    pair_problems,
    plain,
    rest_of,
)
from calsync.config.dkim import dkim_problems
from calsync.config.mail_texts import text_problems
from calsync.config.section import NO_SECRET, Section
from calsync.core.address import Address, ascii_domain, pattern_key
from calsync.text.hosts import is_loopback

USUAL_PORT = {"tls": 465, "starttls": 587, "none": 25}
SEVERAL_DIRECTORIES = ("organizations", "common", "consumers")

Count = Annotated[int, Field(ge=0, le=10_000_000)]
Share = Annotated[float, Field(ge=0, le=1)]
Port = Annotated[int, Field(ge=1, le=65535)]
UpcomingHours = Annotated[int, Field(ge=1, le=168)]
Days = Annotated[int, Field(ge=1, le=36500)]

# What nobody is sent depends on: it has no part in the hash of the configuration.
OF_NOTHING_SENT: Any = Field(None, repr=False)


def _spelt(text: str) -> str:
    """An address as servers are given it; what is none stays as it is, and `check` tells."""
    return str(Address.read(text)) if is_address(text) else text


MailAddress = Annotated[str, AfterValidator(_spelt)]
MailDomain = Annotated[str, AfterValidator(lambda text: ascii_domain(text) or text)]
AddressPattern = Annotated[str, AfterValidator(pattern_key)]


class DatabaseSection(Section):
    """`pooled`: a pooler between calsync and PostgreSQL gives each transaction another connection;
    `listen_url` is the server's own address. Neither goes with a file."""

    url: SecretStr = SecretStr("sqlite:///calsync.db")
    pooled: bool = False
    listen_url: SecretStr = NO_SECRET

    def check(self) -> Iterator[Problem]:
        url = self.url.get_secret_value()
        kind, _, rest = url.partition(":///" if url.startswith("sqlite") else "://")
        if kind not in ("sqlite", "postgresql", "postgresql+psycopg") or rest in ("", ":memory:"):
            yield (
                "url",
                "cannot be used; write sqlite:///calsync.db (a file) or "
                "postgresql+psycopg://user:password@host/name",
            )
        if self.pooled and kind == "sqlite":
            yield "pooled", "is for PostgreSQL behind a pooler; remove it, or correct database.url"
        direct = self.listen_url.get_secret_value()
        if direct and kind == "sqlite":
            yield "listen_url", "is for PostgreSQL; remove it, or correct database.url"
        elif direct and not re.match(r"postgresql(\+psycopg)?://.", direct):
            yield (
                "listen_url",
                "cannot be used; write the server's own address, like "
                "postgresql+psycopg://user:password@host/name",
            )


class GoogleSection(Section):
    client_id: str = ""
    client_secret: SecretStr = NO_SECRET
    service_account_file: str = ""
    domains: tuple[MailDomain, ...] = ()
    api_base: str = "https://www.googleapis.com"
    auth_uri: str = "https://accounts.google.com/o/oauth2/v2/auth"
    token_uri: str = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address
    revoke_uri: str = "https://oauth2.googleapis.com/revoke"

    def check(self) -> Iterator[Problem]:
        yield from pair_problems(self, "client_id", "client_secret")
        yield from file_problems(self, "service_account_file")
        if self.domains and not self.service_account_file:
            yield "service_account_file", "is needed for google.domains; name the key's file"
        yield from _domain_problems(self.domains)
        yield from endpoint_problems(self, "api_base", "auth_uri", "token_uri", "revoke_uri")


def _domain_problems(domains: Iterable[str]) -> Iterator[Problem]:
    if any(not ascii_domain(domain) for domain in domains):
        yield "domains", 'write mail domains without @, like ["corp.example"]'


class OutlookSection(Section):
    client_id: str = ""
    client_secret: SecretStr = NO_SECRET
    client_valid_until: date | None = OF_NOTHING_SENT
    certificate_file: str = ""
    domains: tuple[MailDomain, ...] = ()
    tenant: str = Field("organizations", min_length=1)
    authority: str = "https://login.microsoftonline.com"
    graph_base: str = "https://graph.microsoft.com"
    conditional_patch: bool = False

    def check(self) -> Iterator[Problem]:
        secret = bool(plain(self.client_secret))
        if secret and self.certificate_file:
            yield "certificate_file", "is set together with outlook.client_secret; remove one"
        if self.client_id and not secret and not self.certificate_file:
            yield (
                "client_secret",
                "is needed for outlook.client_id; set it, or outlook.certificate_file",
            )
        if not self.client_id and (secret or self.certificate_file):
            yield "client_id", "is needed together with outlook's secret or certificate; set it"
        if self.domains and not self.client_id:
            yield "client_id", "is needed for outlook.domains; set it"
        if not re.fullmatch(r"[A-Za-z0-9.-]+", self.tenant):
            yield "tenant", "write organizations, common, or one directory's id"
        elif self.domains and self.tenant.lower() in SEVERAL_DIRECTORIES:
            yield "tenant", "write the directory's id: outlook.domains are of one directory"
        yield from _domain_problems(self.domains)
        yield from file_problems(self, "certificate_file")
        yield from endpoint_problems(self, "authority", "graph_base")


class MailSection(Section):
    """No host: no mail is sent. Without a port the usual one of `security`; without an organizer
    the sender."""

    host: str = ""
    port: Port = USUAL_PORT["tls"]
    security: Literal["tls", "starttls", "none"] = "tls"
    ca_file: str = ""
    timeout_seconds: float = Field(30, ge=1, le=600)
    username: str = ""
    password: SecretStr = NO_SECRET
    sender: MailAddress = ""
    sender_name: str = ""
    organizer: MailAddress = ""
    brand_name: str = ""
    brand_color: str = "#1a56c4"
    logo_url: str = ""
    support: str = ""
    texts_file: str = ""
    connect_line: bool = True
    answers_read: bool = True
    upcoming_to: Literal["off", "all", "mailed"] = "off"
    upcoming_hours: UpcomingHours = 24
    dkim_selector: str = ""
    dkim_domain: str = ""
    dkim_key: SecretStr = NO_SECRET

    @model_validator(mode="before")
    @classmethod
    def _usual(cls, values: Any) -> Any:
        security = values.get("security", "tls")
        sender = values.get("sender", "")
        return {
            "port": USUAL_PORT.get(str(security), USUAL_PORT["tls"]),
            "organizer": sender if isinstance(sender, str) else "",
            **values,
        }

    def check(self) -> Iterator[Problem]:
        yield from pair_problems(self, "host", "sender")
        yield from pair_problems(self, "username", "password")
        if not re.fullmatch(r"[A-Za-z0-9.:_-]*", self.host):
            yield "host", "write the server's name or IP address only, like smtp.example.org"
        elif self.security == "none" and self.host and not is_loopback(self.host):
            yield "security", '"none" is for a server on this machine; write "tls" or "starttls"'
        if self.sender and not is_address(self.sender):
            yield "sender", "write one plain address, like sessions@example.org"
        if self.organizer != self.sender and not is_address(self.organizer):
            yield "organizer", "write one plain address, like sessions@example.org"
        if not self.sender_name.isprintable():
            yield "sender_name", "write a name on one line"
        yield from self._check_brand()
        key = self.dkim_key.get_secret_value()
        yield from dkim_problems(self.dkim_selector, self.dkim_domain, key, self.sender)
        yield from file_problems(self, "ca_file")

    def _check_brand(self) -> Iterator[Problem]:
        for key in ("brand_name", "support"):
            if not getattr(self, key).isprintable():
                yield key, "write it on one line"
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", self.brand_color):
            yield "brand_color", "write it as # and six hexadecimal digits, like #1a56c4"
        if self.logo_url and not has_host(self.logo_url, "https"):
            yield "logo_url", "write an address that begins with https://"
        if "{brand}" in self.sender_name and not self.brand_name:
            yield "brand_name", "is needed: sender_name names the brand"
        yield from text_problems("texts_file", self.texts_file)


class CaldavSection(Section):
    allow_private: bool = False
    ca_file: str = ""

    def check(self) -> Iterator[Problem]:
        yield from file_problems(self, "ca_file")


class LimitSection(Section):
    """Calls per minute over all accounts of a tenant, or of all tenants with one client, and for
    one account; 0: no limit."""

    per_minute: Count = 10_000
    per_account: Count = 600

    @property
    def at_once(self) -> int:
        """How many calls at once one process may make; 0: no limit."""
        return 0

    @property
    def of_account(self) -> int:
        """How many calls of one account are made at once, by all processes; 0: one, always."""
        return 0


class OutlookLimitSection(LimitSection):
    """And calls at once, of one process; 0: no limit."""

    per_account: Count = 300
    in_flight: Count = 4

    @property
    def at_once(self) -> int:
        return self.in_flight


class CaldavLimitSection(LimitSection):
    """And calls at once for one account, of all processes."""

    per_minute: Count = 1_200
    per_account: Count = 120
    account_in_flight: int = Field(default=4, ge=1, le=64)

    @property
    def of_account(self) -> int:
        return self.account_in_flight


class MailLimitSection(LimitSection):
    per_minute: Count = 600
    per_account: Count = 0


class LimitsSection(Section):
    google: LimitSection = LimitSection()
    outlook: OutlookLimitSection = OutlookLimitSection()
    caldav: CaldavLimitSection = CaldavLimitSection()
    mail: MailLimitSection = MailLimitSection()

    def by_channel(self) -> dict[str, LimitSection]:
        return dict(self)


class DeliverSection(Section):
    workers: int = Field(16, ge=1, le=256)
    lease_seconds: int = Field(90, ge=30, le=3600)
    look_share: Share = 0.1
    only_to: tuple[AddressPattern, ...] = ()
    dry_run: bool = False
    limits: LimitsSection = LimitsSection()

    def check(self) -> Iterator[Problem]:
        if any("@" not in pattern and "*" not in pattern for pattern in self.only_to):
            yield "only_to", 'write address patterns, like ["*@corp.example", "maya@example.org"]'


class GuardSection(Section):
    max_changes: Count = 50
    max_share: Share = 0.2
    max_inferred: Count = 10
    max_first_mails: Count = 200
    max_withdrawn: Count = 10
    max_withdrawn_share: Share = 0.5
    free_sessions: Count = 3


class PolicySection(Section):
    drift: Literal["report", "restore"] = "report"
    handover_cancel: bool = True
    unreachable_mail_minutes: int = Field(120, ge=0, le=10080)


class RetentionSection(Section):
    content_days: Days = 30
    journal_days: Days = 400


class WebSection(Section):
    """Served only with a public_url. The ops surfaces listen on this machine alone, where there is
    a public_url or the port is written; what machines ask of it may have an address of its own, for
    others to reach. Port 0: none of them."""

    host: str = "127.0.0.1"
    port: Port = 8080
    ops_port: int = Field(8081, ge=0, le=65535)
    metrics_host: str = "127.0.0.1"
    metrics_port: int = Field(0, ge=0, le=65535)
    public_url: str = ""
    reconnect_url: str = ""
    calls_per_minute: int = Field(1200, ge=1, le=1_000_000)

    @property
    def ops_listens(self) -> int:
        """The port of the ops surfaces, 0 where they are not served."""
        return self.ops_port if self.public_url or "ops_port" in self.model_fields_set else 0

    def check(self) -> Iterator[Problem]:
        yield from endpoint_problems(self, "public_url", "reconnect_url", empty=True)
        if rest_of(self.public_url) not in ("", "/"):
            yield "public_url", "write it without a path, like https://calsync.platform.example"
        for name, host in (("host", self.host), ("metrics_host", self.metrics_host)):
            if not re.fullmatch(r"[A-Za-z0-9.:_-]+", host):
                yield name, "write one name or address to listen on, like 127.0.0.1"
        if self.ops_port == self.port:
            yield "ops_port", "is the same as web.port; choose another one, or 0 for none"
        for other, port in (("web.port", self.port), ("web.ops_port", self.ops_port)):
            if self.metrics_port and self.metrics_port == port:
                yield "metrics_port", f"is the same as {other}; choose another one, or 0 for none"


class ConnectSection(Section):
    """How people arrive at their page. `keys` sign the platform's links, newest first; a person is
    sent back to `return_urls` only; `owner` is told when accounts are lost."""

    keys: tuple[SecretStr, ...] = ()
    issuer: str = Field("platform", min_length=1)
    return_urls: tuple[str, ...] = ()
    owner: MailAddress = ""

    def check(self) -> Iterator[Problem]:
        from calsync.store.vault import read_keys  # noqa: PLC0415 - cryptography is slow to import

        if self.keys:
            given = [key.get_secret_value() for key in self.keys]
            for problem in read_keys(given, longer=True)[1]:
                yield "keys", problem
        for url in self.return_urls:
            yield from address_problems("return_urls", url)
        if self.owner and not is_address(self.owner):
            yield "owner", "write one plain address, like integrations@example.org"


class WebhookSection(Section):
    """Facts are told to `url`, signed with the newest key."""

    url: str = ""
    keys: tuple[SecretStr, ...] = ()
    retry_hours: int = Field(24, ge=1, le=720)

    def check(self) -> Iterator[Problem]:
        from calsync.store.vault import read_keys  # noqa: PLC0415 - cryptography is slow to import

        yield from endpoint_problems(self, "url", empty=True)
        if self.url or self.keys:
            for problem in read_keys([key.get_secret_value() for key in self.keys])[1]:
                yield "keys", problem
        if self.keys and not self.url:
            yield "url", "is needed together with keys; set it, or remove keys"


class SecuritySection(Section):
    keys: tuple[SecretStr, ...] = ()

    def check(self) -> Iterator[Problem]:
        from calsync.store.vault import read_keys  # noqa: PLC0415 - cryptography is slow to import

        for problem in read_keys([key.get_secret_value() for key in self.keys])[1]:
            yield "keys", problem
