"""What the CalDAV channel is told by the configuration."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CaldavSettings:
    """People name their own servers, so the configuration says where calsync may connect.

    allow_private  also servers in private networks and on this machine
    ca_file        certificates to trust instead of the bundled ones
    """

    allow_private: bool = False
    ca_file: str | None = None
