"""How long the way of a delivery is for who reads it: modules it passes, and how often one
package returns to another (docs/walkthrough.md has the figures, and those of before)."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from inspect import CO_GENERATOR
from pathlib import Path
from types import FrameType
from typing import Any

from providers.google.channel import GoogleChannel
from providers.google.client import GoogleClient
from providers.http.transport import Answer, Transport
from providers.http.watchdog import Watchdog
from tests.harness.platform import MAYA, Platform

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "walkthrough.md"
OURS = tuple(f"{ROOT / name}/" for name in ("calsync", "providers"))
LOOP = f"{ROOT / 'calsync' / 'daemon'}/"


class Echo(Transport):
    """A Google that stores what it is sent."""

    def call(self, method: str, url: str, *, body: bytes | None, **_: Any) -> Answer:
        event = json.loads(body or b"{}")
        return Answer(200, {}, json.dumps({**event, "etag": '"1"', "status": "confirmed"}).encode())


@dataclass
class Way:
    """What was passed.

    modules  in any depth
    entered  those of them that another package calls
    returns  from one package of ours to another
    """

    modules: set[str] = field(default_factory=set)
    entered: set[str] = field(default_factory=set)
    returns: int = 0

    def profile(self, frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event != "return" or code.co_flags & CO_GENERATOR or code.co_name.startswith("<"):
            return
        module = _module(frame)
        if module is None:
            return
        self.modules.add(module)
        back = frame.f_back
        while back is not None and (found := _module(back)) is None:
            back = back.f_back
        if back is not None and found is not None and _package(found) != _package(module):
            self.entered.add(module)
            self.returns += 1


def _module(frame: FrameType) -> str | None:
    """The file of ours that this runs in; None for others, and for the loop around everything."""
    name = frame.f_code.co_filename
    return name if name.startswith(OURS) and not name.startswith(LOOP) else None


def _package(module: str) -> str:
    """calsync/store, providers/google."""
    return "/".join(module.removeprefix(f"{ROOT}/").split("/")[:2])


@contextmanager
def watched() -> Iterator[Way]:
    way = Way()
    threading.setprofile(way.profile)
    sys.setprofile(way.profile)
    try:
        yield way
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def walked(platform: Platform) -> Way:
    """What a create at Google passes, from the claim to its stored outcome, once everything that is
    made only once is there."""
    channel = GoogleChannel(GoogleClient(Echo(Watchdog())))
    platform.context.channels["default", "google"] = channel  # type: ignore[index]
    platform.connect(MAYA.email)
    for ident in ("ses-1", "ses-2"):
        platform.book(platform.a_session(ident, participants=(MAYA,)))
        with watched() as way:
            platform.deliver()
        assert platform.states(ident) == ["google live"]
    return replace(way, modules={one.removeprefix(f"{ROOT}/") for one in way.modules})


def test_the_way_is_as_long_as_the_walkthrough_says(platform: Platform) -> None:
    """Within a tenth: another database passes a module more or less. Where it became longer, see
    why before the page is changed."""
    way = walked(platform)
    (row,) = re.findall(r"\| now \| (\d+) \| (\d+) \| (\d+) \|", PAGE.read_text("utf-8"))
    counted = [len(way.modules), len(way.entered), way.returns]
    pairs = list(zip(counted, map(int, row), strict=True))
    assert all(0.9 * told <= one <= 1.1 * told for one, told in pairs), pairs
