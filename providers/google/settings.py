"""What the Google channel is told by the configuration."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class GoogleSettings:
    """One tenant's Google project. `domains` are served by the service account."""

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    service_account_file: str | None = None
    domains: tuple[str, ...] = ()
    api_base: str = "https://www.googleapis.com"
    auth_uri: str = "https://accounts.google.com/o/oauth2/v2/auth"
    token_uri: str = "https://oauth2.googleapis.com/token"  # noqa: S105
    revoke_uri: str = "https://oauth2.googleapis.com/revoke"
