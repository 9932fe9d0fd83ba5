"""Daemons that work off what a platform books and moves, and what people see afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg

from calsync.accounts import connect
from tests.bench.ground import UNLIMITED
from tests.harness.small_calsync import SmallCalsync
from tests.scaling.bookings import CHANGES_OF_A_SESSION, Bookings
from tests.scaling.daemons import Daemons, running
from tests.scaling.judge import Tally, judged
from tests.settings import outlook_settings

WORKERS = 4
LEASE_SECONDS = 30  # the shortest that may be configured: what a killed daemon held is free by then
TICK_SECONDS = 1.0
MOST_SECONDS = 3600.0
BETWEEN = 10  # a session is moved when so many ticks have passed since it was booked
LEFT = """
SELECT (SELECT count(*) FROM delivery WHERE due_at IS NOT NULL OR lease_token IS NOT NULL),
       (SELECT coalesce(sum(extract(epoch FROM starts_at))::bigint, 0) FROM booked_session)
"""

Act = Callable[[Daemons, float], None]


@dataclass(frozen=True, kw_only=True)
class Size:
    """sessions  each is booked and moved: twice as many changes for each of its two people
    people    of ten, seven use Google, one and a half Outlook, the others mail; `mail` False: all
              use Google
    a_tick    how many sessions are booked each second, and as many moved
    """

    sessions: int
    people: int
    a_tick: int
    mail: bool = True

    @property
    def changes(self) -> int:
        return self.sessions * CHANGES_OF_A_SESSION


@dataclass(frozen=True)
class Run:
    """How it went: `seconds` from the first booking until nothing was left to do."""

    size: Size
    daemons: int
    killed: int
    seconds: float
    tally: Tally


@dataclass
class Crowd(SmallCalsync):
    """An installation with many people. `database` is what `tests.settings.settings` takes."""

    database: dict[str, Any] = field(kw_only=True)
    size: Size = field(kw_only=True)

    def __post_init__(self) -> None:
        people = [f"u{n}@crowd.example" for n in range(self.size.people)]
        self.bookings = Bookings(self.folder / "platform.db", people)
        unlimited = UNLIMITED["deliver"] + (
            "limits.outlook = { per_minute = 0, per_account = 0, in_flight = 0 }\n"
            f"workers = {WORKERS}\nlease_seconds = {LEASE_SECONDS}"
        )
        self.write_config(
            **self.database,
            platform=self.bookings.settings,
            guard=UNLIMITED["guard"],
            deliver=unlimited,
            outlook=outlook_settings(self.sandbox),
        )

    def connect(self) -> None:
        """Everybody who has a calendar connects it."""
        with self.opened() as made:
            for n, person in enumerate(self.bookings.people):
                used = self._provider(n)
                self.sandbox.add_person(person, google=used == "google", outlook=used == "outlook")
                if used != "mail":
                    grants = self.sandbox.grant, self.sandbox.grant_outlook
                    token = {"refresh_token": grants[used == "outlook"](person)}
                    connect.add(made.context, "default", used, person, token)

    def _provider(self, n: int) -> str:
        if not self.size.mail:
            return "google"
        # 7 of 10 Google, 3 of 20 Outlook, 3 of 20 mail, and each with each
        place = n * 7 % 20
        return "google" if place < 14 else "outlook" if place < 17 else "mail"

    def work(self, count: int, act: Act = lambda _, __: None) -> Run:
        """So many daemons work off all changes. `act` is called every second with how much of the
        bookings is done, until nothing is left to do."""
        began = time.monotonic()
        with running(self.config, count) as daemons:
            for share in self._ticks(began):
                act(daemons, share)
            seconds = time.monotonic() - began
            codes = daemons.end()
        assert codes == {0}, f"a daemon did not end well: {codes}"
        tally = judged(self.sandbox, self.bookings)
        return Run(self.size, count, daemons.killed, seconds, tally)

    def _ticks(self, began: float) -> Iterator[float]:
        """Book and move, then wait until everything is done: once a second, the share of bookings
        that are out."""
        ticks = -(-self.size.sessions // self.size.a_tick)
        tick = 0
        while tick < ticks + BETWEEN or not self._idle():
            self._book(tick)
            tick += 1
            assert time.monotonic() < began + MOST_SECONDS, "the daemons come to no end"
            time.sleep(max(0.0, began + tick * TICK_SECONDS - time.monotonic()))
            yield min(1.0, tick / (ticks + BETWEEN))

    def _book(self, tick: int) -> None:
        for done, at in ((self.bookings.book, tick), (self.bookings.move, tick - BETWEEN)):
            first = at * self.size.a_tick
            numbers = range(max(0, first), min(first + self.size.a_tick, self.size.sessions))
            if numbers:
                done(numbers)

    def _idle(self) -> bool:
        """Everything booked is read as it is now, and no delivery waits for anything."""
        url = self.database.get("listen_url") or self.database["database"]
        address = url.replace("+psycopg", "")
        with (
            suppress(psycopg.OperationalError),  # a server that is just ending
            psycopg.connect(address, connect_timeout=5) as db,
        ):
            return db.execute(LEFT).fetchone() == (0, self.bookings.starts)
        return False


class Killing:
    """One is killed every so many seconds, as long as they begin so fast."""

    def __init__(self, seconds: int = 1) -> None:
        self.seconds, self._calls = seconds, 0

    def __str__(self) -> str:
        return "every second" if self.seconds == 1 else f"every {self.seconds} seconds"

    def __call__(self, daemons: Daemons, _: float) -> None:
        self._calls += 1
        if self._calls % self.seconds == 0:
            daemons.kill_one()
