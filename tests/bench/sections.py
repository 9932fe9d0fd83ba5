"""The sections of docs/performance.md, in the order of the page; `tests/bench/__init__.py` says how
one is made."""

from __future__ import annotations

from tests.bench import (
    caldav,
    google,
    held,
    idle,
    imports,
    mail,
    micro,
    outlook,
    postgres,
    rivals,
    stored,
    visible,
    whole,
)
from tests.bench.section import Section

SECTIONS: tuple[Section, ...] = (
    google.SECTION,
    outlook.SECTION,
    rivals.SECTION,
    visible.SECTION,
    held.SECTION,
    caldav.SECTION,
    mail.SECTION,
    postgres.SECTION,
    idle.POLLING,
    idle.QUESTIONING,
    idle.MILLION,
    idle.POLLING_MILLION,
    stored.ASKING,
    stored.WAITING,
    stored.STORAGE,
    imports.IMPORT,
    imports.IMPORT_MILLION,
    whole.PROCESSES,
    whole.MEMORY,
    micro.SECTION,
)
