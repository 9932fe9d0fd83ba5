"""The section of operators who sign in at the organization's own service."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import Field, SecretStr

from calsync.config.checks import Problem, endpoint_problems, is_address, pair_problems
from calsync.config.section import NO_SECRET, Section

GROUP = "group:"


class OpsSection(Section):
    """Operators reach /ops at `web.public_url` by signing in at `issuer` (OpenID Connect). Without
    an issuer the page is on this machine alone.

    allowed            addresses, and groups as group:NAME, who may look and act
    allowed_read_only  the same, who may look
    """

    issuer: str = ""
    client_id: str = ""
    client_secret: SecretStr = NO_SECRET
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    address_claim: str = Field("email", min_length=1)
    groups_claim: str = Field("groups", min_length=1)
    allowed: tuple[str, ...] = ()
    allowed_read_only: tuple[str, ...] = ()

    def check(self) -> Iterator[Problem]:
        yield from endpoint_problems(self, "issuer", empty=True)
        yield from pair_problems(self, "client_id", "client_secret")
        if self.issuer and not self.client_id:
            yield "client_id", "is needed for ops.issuer; set it as the sign-in service gave it"
        if self.client_id and not self.issuer:
            yield "issuer", "is needed for ops.client_id; set it, or remove the client"
        if self.issuer and "openid" not in self.scopes:
            yield "scopes", 'must name "openid", or nobody is told who signed in'
        for key in ("allowed", "allowed_read_only"):
            if any(not _is_one(one) for one in getattr(self, key)):
                yield key, 'write addresses, or groups like "group:calendar-ops"'


def _is_one(entry: str) -> bool:
    if entry.startswith(GROUP):
        return bool(re.fullmatch(r"\S.*", entry.removeprefix(GROUP)))
    return is_address(entry)
