"""What the Outlook channel is told by the configuration."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OutlookSettings:
    """One tenant's app registration.

    certificate_file  PEM with certificate and private key, instead of the secret
    domains           mail domains that the application itself serves
    tenant            directory to sign in at: `organizations`, `common`, or one directory's id
    conditional_patch  send a change for the known revision, without a look before it
    authority         the sign-in server's address; http only to this machine
    """

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    certificate_file: str | None = None
    domains: tuple[str, ...] = ()
    tenant: str = "organizations"
    conditional_patch: bool = False
    authority: str = "https://login.microsoftonline.com"
    graph_base: str = "https://graph.microsoft.com"
