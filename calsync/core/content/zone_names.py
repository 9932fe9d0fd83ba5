"""Names of a time zone for a provider whose zone data is older than ours."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType

from calsync.core.content.event import DesiredEvent

UTC_NAME = "UTC"
# What zones were called before they were renamed; the older names go on meaning the same.
# "backward" of https://data.iana.org/time-zones/tz-link.html, and its NEWS since 2008.
OLDER: Mapping[str, str] = MappingProxyType(
    {
        "Africa/Asmara": "Africa/Asmera",
        "America/Atikokan": "America/Coral_Harbour",
        "America/Nuuk": "America/Godthab",
        "Asia/Dhaka": "Asia/Dacca",
        "Asia/Ho_Chi_Minh": "Asia/Saigon",
        "Asia/Kathmandu": "Asia/Katmandu",
        "Asia/Kolkata": "Asia/Calcutta",
        "Asia/Macau": "Asia/Macao",
        "Asia/Makassar": "Asia/Ujung_Pandang",
        "Asia/Thimphu": "Asia/Thimbu",
        "Asia/Ulaanbaatar": "Asia/Ulan_Bator",
        "Asia/Yangon": "Asia/Rangoon",
        "Atlantic/Faroe": "Atlantic/Faeroe",
        "Europe/Kyiv": "Europe/Kiev",
        "Pacific/Chuuk": "Pacific/Truk",
        "Pacific/Kanton": "Pacific/Enderbury",
        "Pacific/Pohnpei": "Pacific/Ponape",
    }
)


def known_name(zone: str, unknown: Collection[str]) -> str:
    """The zone's name, or where a provider does not know that its older one, else UTC. The instants
    of an event do not depend on it: it says in which zone they are displayed."""
    names = (zone, OLDER.get(zone, zone))
    return next((name for name in names if name not in unknown), UTC_NAME)


def in_known_zone(event: DesiredEvent, unknown: Collection[str]) -> DesiredEvent:
    """The event, displayed in a zone that the provider knows."""
    name = known_name(event.time_zone, unknown)
    return event if name == event.time_zone else replace(event, time_zone=name)
