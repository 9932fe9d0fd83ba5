"""The servers that `--caldav` names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from tests.caldav_servers.cyrus import running_cyrus
from tests.caldav_servers.davical import running_davical
from tests.caldav_servers.sabre import running_sabre
from tests.caldav_servers.server import CalendarServer
from tests.caldav_servers.sogo import running_sogo

SERVERS: Mapping[str, Callable[[Path], AbstractContextManager[CalendarServer]]] = {
    "cyrus": running_cyrus,
    "davical": running_davical,
    "sabre": running_sabre,
    "sogo": running_sogo,
}
