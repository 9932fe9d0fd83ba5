"""CalDAV servers that people know by name. Addresses as the providers' help pages give them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

PRESETS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "fastmail": ("Fastmail", "https://caldav.fastmail.com/"),
        "gmx": ("GMX", "https://caldav.gmx.net/"),
        "icloud": ("iCloud", "https://caldav.icloud.com/"),
        "mailbox": ("mailbox.org", "https://dav.mailbox.org/"),
        "posteo": ("Posteo", "https://posteo.de:8443/"),
        "webde": ("WEB.DE", "https://caldav.web.de/"),
        "yahoo": ("Yahoo", "https://caldav.calendar.yahoo.com/"),
    }
)
OTHER = "other"
