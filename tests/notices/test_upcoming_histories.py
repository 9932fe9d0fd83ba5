"""Random histories of one session: however it moves, is cancelled and held, and whatever the mail
server answers or a process that dies leaves, nobody is told of a start twice, nor of a session that
does not take place."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from calsync.core.booked import BookedSession, Status
from calsync.core.content.event import DesiredEvent
from calsync.core.upcoming.rules import UpcomingRules, UpcomingTo
from calsync.errors import ChannelError, Refused, TryLater
from calsync.notices.upcoming import UpcomingSender
from calsync.ops import commands
from calsync.store.database import Db
from calsync.store.ledger.rows import table
from calsync.store.upcoming import sent
from tests.harness.ledgers import sqlite_ledger
from tests.harness.platform import MAYA, SAM, Platform
from tests.notices.test_notices import FakeSender
from tests.notices.test_upcoming import update

ANSWERS: Sequence[Callable[[], BaseException | None]] = (
    lambda: None,
    lambda: TryLater("451", happened="no"),
    lambda: TryLater("lost", happened="maybe"),
    lambda: Refused("554", happened="no"),
    KeyboardInterrupt,  # the process dies after DATA
)


@dataclass
class Server(FakeSender):
    """A mail server; `taken` are the mails that it has, or may have: to whom, and which start."""

    answer: Callable[[], BaseException | None] = ANSWERS[0]
    taken: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def prepare_upcoming(
        self, to: str, key: str, event: DesiredEvent, now: datetime, unsubscribe: str
    ) -> bytes:
        return event.starts_at.isoformat().encode()

    def send_notice(self, body: bytes, to: str, until: float) -> None:
        answer, self.answer = self.answer(), ANSWERS[0]
        if not (isinstance(answer, ChannelError) and answer.happened == "no"):
            self.taken.append((to, body.decode()))
        if answer is not None:
            raise answer


class History:
    """One session of Maya, who is connected, and Sam, who is mailed."""

    def __init__(self, platform: Platform) -> None:
        self.platform, self.server = platform, Server()
        self.session = self._booked()

    def _booked(self) -> BookedSession:
        self.send()
        self.platform.connect(MAYA.email)
        session = self.platform.a_session(participants=(MAYA, SAM))
        session = self._at(session, 50)
        self.platform.book(session)
        self.platform.deliver()
        return session

    def _at(self, session: BookedSession, hours: float) -> BookedSession:
        start = (self.platform.clock() + timedelta(hours=hours)).replace(microsecond=0)
        return replace(session, starts_at=start, ends_at=start + timedelta(minutes=45))

    def act(self, kind: int, choice: int) -> None:
        hours = (1, 5, 13, 26, 40)[choice]
        match kind:
            case 0 | 1:
                self.platform.later(hours=hours / 4)
            case 2:
                moved = self._at(self.session, hours)
                times = {"starts_at": moved.starts_at, "ends_at": moved.ends_at}
                self.session = self.platform.change(self.session, **times)
            case 3:
                status = Status.CANCELLED if choice % 2 else Status.BOOKED
                self.session = self.platform.change(self.session, status=status)
            case 4:
                update(self.platform, "delivery", batch=7 if choice % 2 else None)
            case 5:
                pause = commands.pause if choice % 2 else commands.resume
                pause(self.platform.context, "default", "mail")
            case _:
                self.server.answer = ANSWERS[choice]
        if kind != 5:
            self.platform.deliver()
        self.send()

    def send(self) -> None:
        """Workers look for mails; one of them may die."""
        before = len(self.server.taken)
        with suppress(KeyboardInterrupt):
            upcoming = UpcomingSender(self.platform.context, {"default": self.server})
            while upcoming.run_once():
                pass
        taken = self.server.taken[before:]
        now = self.platform.clock().isoformat()
        if taken:
            assert self.session.status is Status.BOOKED, "told of a session that was cancelled"
            assert self.session.starts_at is not None
            assert {start for _, start in taken} == {self.session.starts_at.isoformat()}
            assert min(start for _, start in taken) > now, "told of a session that has begun"
        assert len(set(self.server.taken)) == len(self.server.taken), "told twice"


# What a mail server answers is a third of what happens.
ACTS = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 4)), min_size=4, max_size=14)
# The window begins while the next call is to die after DATA; then its lease ends.
KILLED = [(0, 4), (0, 4), (6, 4), (0, 4), (0, 1), (0, 0)]


def play(examples: int) -> None:
    told = 0

    @given(acts=ACTS)
    @example(acts=KILLED)
    @settings(max_examples=examples, deadline=None, derandomize=True)
    def histories(acts: Sequence[tuple[int, int]]) -> None:
        nonlocal told
        with tempfile.TemporaryDirectory() as folder:
            platform = Platform(
                sqlite_ledger(Path(folder) / "calsync.db"),
                upcoming=UpcomingRules(UpcomingTo.ALL),
            )
            try:
                history = History(platform)
                for kind, choice in acts:
                    history.act(kind, choice)
                told += len(history.server.taken)
            finally:
                platform.close()

    histories()
    assert told > 0


def test_nobody_is_told_twice_of_a_start_or_of_a_session_that_was_cancelled() -> None:
    play(6)


def test_a_planted_second_sending_after_a_kill_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def send_again(db: Db) -> int:
        """Of mails whose sender died: as if they certainly were not sent."""
        notice, asked = table("notice"), {"upcoming_at": db.now}
        lost = (notice.c.state == "unsure", notice.c.due_at <= db.now)
        if db.run(sa.update(notice).where(*lost).values(state=sent.DROPPED)).rowcount == 0:
            return 0
        return int(db.run(sa.update(table("delivery")).values(**asked)).rowcount)

    monkeypatch.setattr(sent, "give_up", send_again)
    with pytest.raises(AssertionError, match="told twice"):
        play(1)


@pytest.mark.full
def test_nor_in_many_histories() -> None:
    play(400)
