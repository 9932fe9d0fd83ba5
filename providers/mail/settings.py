"""What the mail channel of one tenant is told by the configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from calsync.core.address import Address, AddressError
from calsync.core.content.icalendar import bare_name
from calsync.errors import ConfigError
from calsync.text.hosts import is_loopback
from providers.mail.brand import Brand

PARTNER, BRAND = "{partner}", "{brand}"

Security = Literal["tls", "starttls", "none"]


@dataclass(frozen=True, slots=True)
class Dkim:
    """Under which name mails are signed: the public key is in DNS at
    `selector._domainkey.domain`. `key` is the private one, in PEM."""

    selector: str
    domain: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class MailSettings:
    """One mail server and the platform's mailbox. Raises ConfigError with every problem.

    security         "none" is for a server on this machine only
    ca_file          certificates to trust instead of the system's, "" for the system's
    timeout_seconds  the longest one mail may take, connecting included
    sender           envelope and From address
    sender_name      shown beside it; `{partner}` and `{brand}` in it are filled in
    dkim             how mails are signed; None: they are not, or by the server
    organizer        mailbox that receives answers: Reply-To, and ORGANIZER of new copies
    """

    host: str
    sender: str
    organizer: str
    port: int = 465
    security: Security = "tls"
    ca_file: str = ""
    timeout_seconds: float = 30.0
    username: str = ""
    password: str = field(default="", repr=False)
    sender_name: str = ""
    brand: Brand = field(default_factory=Brand)
    dkim: Dkim | None = None

    def __post_init__(self) -> None:
        problems = []
        if self.security == "none" and not is_loopback(self.host):
            problems.append(
                'mail.security: "none" is for a server on this machine; write "tls" or "starttls"'
            )
        for name, address in (("sender", self.sender), ("organizer", self.organizer)):
            if not _is_written_out(address):
                problems.append(f"mail.{name}: write one plain address, like sessions@example.org")
        if problems:
            raise ConfigError(problems)

    @property
    def own_name(self) -> str:
        """The sender's name for whatever is not from one partner."""
        return self.shown_name("")

    def shown_name(self, partner: str) -> str:
        """What stands beside the sender's address. Where the name needs a partner and there is
        none, it is the brand's alone."""
        if PARTNER in self.sender_name and not partner:
            return self.brand.name
        return self.sender_name.replace(PARTNER, partner).replace(BRAND, self.brand.name)

    @property
    def organizer_text(self) -> str:
        """The ORGANIZER of new copies with the name it has today, for the store to keep."""
        name = bare_name(self.own_name).replace("\\", "")
        return f'"{name}" <{self.organizer}>' if name else self.organizer


def _is_written_out(address: str) -> bool:
    """Whether this is an address in the form in which servers are given it."""
    try:
        return str(Address.read(address)) == address
    except AddressError:
        return False
