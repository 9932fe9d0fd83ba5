"""The measurements: each returns its figures, every one from several runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from calsync import wiring
from calsync.config import load
from calsync.sandbox.control import RemoteSandbox
from tests.bench.ground import WORKERS, Ground, child

ACCOUNTS, SESSIONS, POLLS = 500, 250, 100
LATENCY = 0.1
Say = Callable[[str], None]


@dataclass
class Figure:
    """One figure of several runs: its median, and how far the runs lie apart."""

    runs: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return median(self.runs)

    def text(self, digits: int = 1) -> str:
        low, high = min(self.runs), max(self.runs)
        return f"{self.median:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


class Figures(dict[str, Figure]):
    """Figures by name; `add` takes one run's value."""

    def add(self, name: str, value: float) -> None:
        self.setdefault(name, Figure()).runs.append(value)


class Bench:
    """All measurements over one sandbox. `say` is told what goes on."""

    def __init__(self, folder: Path, sandbox: RemoteSandbox, runs: int, say: Say) -> None:
        self.folder, self.sandbox, self.runs, self.say = folder, sandbox, runs, say
        self.figures = Figures()

    def google(self) -> None:
        """Creates and changes over 500 accounts, with and without latency, beside bare inserts."""
        people = self._people("google", google=True)
        ground = Ground(self.folder / "google", self.sandbox, people)
        self.say(f"connecting {ACCOUNTS} accounts")
        ground.connect()
        self.say("first delivery of every account: fetches its token")
        ground.book(ACCOUNTS // 2)
        self._pass(ground, "first")
        bare = self._bare_arguments(ground)
        for run in range(1, self.runs + 1):
            self.say(f"google, run {run} of {self.runs}: no latency")
            self._round(ground, "create", lambda: ground.book(SESSIONS))
            self._bare(bare, "bare")
            self._round(ground, "change", lambda: ground.retitle(SESSIONS))
            self._no_change(ground)
            self.say(f"google, run {run} of {self.runs}: {LATENCY * 1000:.0f} ms latency")
            self.sandbox.latency(LATENCY)
            self._round(ground, "late", lambda: ground.book(SESSIONS))
            self._bare(bare, "late bare")
            self.sandbox.latency(0)

    def mail(self) -> None:
        """Mailed first invitations, beside smtplib in a loop."""
        people = self._people("mail", google=False)
        ground = Ground(self.folder / "mail", self.sandbox, people)
        for run in range(1, self.runs + 1):
            self.say(f"mail, run {run} of {self.runs}")
            ground.book(SESSIONS)
            self._pass(ground, "mail")
            raw = self.sandbox.mails(people[0])[-1].raw
            to = people * (2 * SESSIONS // len(people))
            host, port = self.sandbox.smtp_host, self.sandbox.smtp_port
            bare = child("bare_mail", host=host, port=port, people=to, message=raw)
            self._spent("bare mail", bare, len(to))

    def idle(self) -> None:
        """Polls with nothing new, at two sizes."""
        ground = Ground(self.folder / "idle", self.sandbox, self._people("mail", google=False))
        ground.book(1_000)
        service = wiring.build(load(ground.config, {}))
        with closing(service):
            service.poll_all()
        for stored in (1_000, 100_000):
            if stored > 1_000 and ground.multiply(stored // 1_000) != stored:
                raise RuntimeError(f"there should be {stored} stored sessions")
            for run in range(1, self.runs + 1):
                self.say(f"idle polls at {stored:,} stored sessions, run {run} of {self.runs}")
                found = child("idle_polls", config=ground.config, times=POLLS)
                self._spent(f"idle {stored}", found, POLLS)

    def _people(self, kind: str, *, google: bool) -> list[str]:
        people = [f"{kind}{n}@example.org" for n in range(ACCOUNTS)]
        for one in people:
            self.sandbox.add_person(one, google=google)
        return people

    def _round(self, ground: Ground, name: str, write: Callable[[], None]) -> None:
        write()
        self.sandbox.forget_requests()
        done = self._pass(ground, name)
        wrong = self.sandbox.violations() + self.sandbox.outbox()
        if wrong:
            raise RuntimeError(f"the sandbox complains: {wrong[0]}")
        self.figures.add(f"{name} requests", len(self.sandbox.requests()) / done)

    def _no_change(self, ground: Ground) -> None:
        ground.touch()
        self.sandbox.forget_requests()
        child("pass_once", config=ground.config)
        self.figures.add("same requests", len(self.sandbox.requests()) / (2 * SESSIONS))

    def _pass(self, ground: Ground, name: str) -> int:
        """Poll and deliver in a process of its own; returns how many deliveries were made."""
        found = child("pass_once", config=ground.config)
        done: int = found["yes"]
        if done != found["changed"]:
            raise RuntimeError(f"{found['changed']} were to be delivered, {done} were")
        whole = {kind: found["poll"][kind] + found["deliver"][kind] for kind in ("wall", "cpu")}
        self._spent(name, found | {"deliver": whole}, done)
        self.figures.add(f"{name} poll cpu", 1000 * found["poll"]["cpu"] / done)
        self.figures.add(f"{name} alone rate", done / found["deliver"]["wall"])
        return done

    def _spent(self, name: str, found: dict[str, Any], count: int) -> None:
        spent = found.get("deliver") or found["poll"]
        self.figures.add(f"{name} rate", count / spent["wall"])
        self.figures.add(f"{name} wall", 1000 * spent["wall"] / count)
        self.figures.add(f"{name} cpu", 1000 * spent["cpu"] / count)
        self.figures.add(f"{name} peak", found["peak_mb"])

    def _bare_arguments(self, ground: Ground) -> dict[str, Any]:
        """Inserts of a body like the ones calsync sends, with tokens at hand."""
        service = wiring.build(load(ground.config, {}))
        with closing(service):
            shown = service.preview("ses-0", ground.people[0], "google", None)
        return {
            "url": self.sandbox.url,
            "tokens": {one: self.sandbox.access_token(one) for one in ground.people},
            "body": json.loads(shown["body"]),
            "calls": 2 * SESSIONS,
            "workers": WORKERS,
        }

    def _bare(self, arguments: dict[str, Any], name: str) -> None:
        self._spent(name, child("bare_google", **arguments), arguments["calls"])
