"""The measurements: each returns its figures, every one from several runs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from calsync.bootstrap import assembly
from calsync.config import load
from calsync.daemon import single_pass
from calsync.ops import preview
from calsync.sandbox import RemoteSandbox
from tests.bench import questions
from tests.bench.ground import WORKERS, Ground, child

ACCOUNTS, SESSIONS, POLLS = 500, 250, 100
LATENCY = 0.1
REFERENCE = "reference "
# Outlook: how many at a time Graph serves if its limit counts an application's calls, and how many
# copies one look asks for.
FEW, LOOK_BATCH = 4, 20
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
    """All measurements over one sandbox. `say` is told what goes on. `reference`: the folder of an
    earlier tree, which does the same in turn with ours wherever a delivery is measured; what it
    finds has `REFERENCE` before its name."""

    def __init__(
        self,
        folder: Path,
        sandbox: RemoteSandbox,
        runs: int,
        say: Say,
        reference: Path | None = None,
    ) -> None:
        self.folder, self.sandbox, self.runs, self.say = folder, sandbox, runs, say
        self.trees = [("", None)] + [(REFERENCE, reference)] * (reference is not None)
        self.figures, self._turn = Figures(), False

    def google(self) -> None:
        """Creates and changes over 500 accounts, with and without latency, beside bare inserts."""
        grounds = self._connected("google")
        bare = self._bare_arguments(grounds[""], "google")
        for run in range(1, self.runs + 1):
            self.say(f"google, run {run} of {self.runs}: no latency")
            self._rounds(grounds, "create", Ground.book)
            self._bare("google", bare, "bare")
            self._rounds(grounds, "change", Ground.retitle)
            self._no_change(grounds[""])
            self.say(f"google, run {run} of {self.runs}: {LATENCY * 1000:.0f} ms latency")
            self.sandbox.latency(LATENCY)
            self._rounds(grounds, "late", Ground.book)
            self._bare("google", bare, "late bare")
            self.sandbox.latency(0)

    def outlook(self) -> None:
        """Creates and changes over 500 accounts, with and without latency, and with latency and as
        few workers as Graph serves at a time if its limit counts an application's calls."""
        grounds = self._connected("outlook")
        ours = grounds[""]
        bare = self._bare_arguments(ours, "outlook")
        for run in range(1, self.runs + 1):
            self.say(f"outlook, run {run} of {self.runs}")
            self._rounds(grounds, "outlook create", Ground.book)
            self._rounds(grounds, "outlook change", Ground.retitle)
            self.sandbox.latency(LATENCY)
            self._rounds(grounds, "outlook late", Ground.book)
            self._rounds({"": ours}, "outlook late change", Ground.retitle)
            self._bare("outlook", bare, "outlook late bare")
            ours.configure(outlook_in_flight=FEW)
            self.sandbox.switch("concurrency", "app")
            self._rounds({"": ours}, "outlook few", Ground.book)
            self.sandbox.switch("concurrency", "mailbox")
            ours.configure()
            self.sandbox.latency(0)

    def looks(self) -> None:
        """Looks at Outlook copies, 20 of one account at a time."""
        accounts = max(2, 2 * SESSIONS // LOOK_BATCH)
        ground = Ground(self.folder / "looks", self.sandbox, self._people("looked", accounts))
        ground.connect("outlook")
        ground.book(accounts * LOOK_BATCH // 2)
        self._pass(ground, "looks made")
        for run in range(1, self.runs + 1):
            self.say(f"looks, run {run} of {self.runs}")
            self._look(ground, "look", accounts * LOOK_BATCH)
            self.sandbox.latency(LATENCY)
            self._look(ground, "late look", accounts * LOOK_BATCH)
            self.sandbox.latency(0)

    def mail(self) -> None:
        """Mailed first invitations, beside smtplib in a loop."""
        people = self._people("mail")
        grounds = self._grounds("mail", people)
        for run in range(1, self.runs + 1):
            self.say(f"mail, run {run} of {self.runs}")
            self._rounds(grounds, "mail", Ground.book)
            raw = self.sandbox.mails(people[0])[-1].raw
            to = people * (2 * SESSIONS // len(people))
            host, port = self.sandbox.smtp_host, self.sandbox.smtp_port
            bare = child("bare_mail", host=host, port=port, people=to, message=raw)
            self._spent("bare mail", bare, len(to))

    def idle(self) -> None:
        """Polls with nothing new, at two sizes."""
        ground = Ground(self.folder / "idle", self.sandbox, self._people("mail"))
        ground.book(1_000)
        made = assembly.build(load(ground.config, {}))
        with closing(made):
            single_pass.poll_all(made.context, made.pollers)
        for stored in (1_000, 100_000):
            if stored > 1_000 and ground.multiply(stored // 1_000) != stored:
                raise RuntimeError(f"there should be {stored} stored sessions")
            for run in range(1, self.runs + 1):
                self.say(f"idle polls at {stored:,} stored sessions, run {run} of {self.runs}")
                found = child("idle_polls", config=ground.config, times=POLLS)
                self._spent(f"idle {stored}", found, POLLS)

    def micro(self) -> None:
        """Pieces of a delivery beside what they replaced."""
        self.say("pieces of a delivery")
        for name, runs in micro_figures().items():
            self.figures[name] = Figure(runs)

    def questions(self, *, million: bool) -> None:
        """What questions of the ledger cost, at several sizes."""
        for stored in questions.sizes(million=million):
            self.say(f"questions at {stored:,} stored sessions")
            for question, runs in questions.ask(self.folder, stored, self.runs).items():
                for taken in runs:
                    self.figures.add(questions.name_of(question, stored), taken)

    def _people(self, kind: str, count: int = 0) -> list[str]:
        """People with the calendar that their kind names."""
        people = [f"{kind}{n}@example.org" for n in range(count or ACCOUNTS)]
        google, outlook = kind == "google", kind in ("outlook", "looked")
        for one in people:
            self.sandbox.add_person(one, google=google, outlook=outlook)
        return people

    def _grounds(self, name: str, people: list[str]) -> dict[str, Ground]:
        """Of each tree, an installation for these people; each process of it is warm before it is
        measured, from the second pass on."""
        grounds = {}
        for tree, reference in self.trees:
            folder = self.folder / f"{tree}{name}".replace(" ", "-")
            grounds[tree] = Ground(folder, self.sandbox, people, reference)
        return grounds

    def _connected(self, provider: str) -> dict[str, Ground]:
        """Of each tree, an installation in which everybody has a token."""
        grounds = self._grounds(provider, self._people(provider))
        for tree, ground in grounds.items():
            self.say(f"connecting {ACCOUNTS} {tree}{provider} accounts, first delivery of each")
            ground.connect(provider)
            ground.book(ACCOUNTS // 2)
            self._pass(ground, f"{tree}{provider} first")
        return grounds

    def _rounds(
        self, grounds: Mapping[str, Ground], name: str, change: Callable[[Ground, int], None]
    ) -> None:
        """The same change in each tree, in turn; another one begins each time."""
        self._turn = not self._turn
        for tree, ground in sorted(grounds.items(), reverse=self._turn):
            ground.after_warming(partial(change, ground), SESSIONS)
            self.sandbox.forget_requests()
            self._asked(f"{tree}{name}", self._pass(ground, f"{tree}{name}"))

    def _look(self, ground: Ground, name: str, copies: int) -> None:
        ground.look_at_all()
        self.sandbox.forget_requests()
        found = child("look_once", config=ground.config)
        if found["looked"] != copies:
            raise RuntimeError(f"{copies} copies were to be looked at, {found['looked']} were")
        self._spent(name, found, copies)
        self._asked(name, copies)

    def _asked(self, name: str, done: int) -> None:
        """Requests for each; raises when one of them was wrong."""
        wrong = self.sandbox.violations() + self.sandbox.outbox()
        if wrong:
            raise RuntimeError(f"the sandbox complains: {wrong[0]}")
        self.figures.add(f"{name} requests", len(self.sandbox.requests()) / done)

    def _no_change(self, ground: Ground) -> None:
        ground.touch()
        self.sandbox.forget_requests()
        ground.pass_once()
        self.figures.add("same requests", len(self.sandbox.requests()) / (2 * SESSIONS))

    def _pass(self, ground: Ground, name: str) -> int:
        """Poll and deliver in a process of its own; returns how many deliveries were made, those
        that warmed it included."""
        found = ground.pass_once()
        done: int = found["yes"]
        if done != found["changed"]:
            raise RuntimeError(f"{found['changed']} were to be delivered, {done} were")
        whole = {kind: found["poll"][kind] + found["deliver"][kind] for kind in ("wall", "cpu")}
        self._spent(name, found | {"deliver": whole}, done)
        self.figures.add(f"{name} poll cpu", 1000 * found["poll"]["cpu"] / done)
        self.figures.add(f"{name} sent", done / found["deliver"]["wall"])
        return done + int(found["warmed"])

    def _spent(self, name: str, found: dict[str, Any], count: int) -> None:
        spent = found.get("deliver") or found.get("look") or found["poll"]
        self.figures.add(f"{name} rate", count / spent["wall"])
        self.figures.add(f"{name} wall", 1000 * spent["wall"] / count)
        self.figures.add(f"{name} cpu", 1000 * spent["cpu"] / count)
        self.figures.add(f"{name} peak", found["peak_mb"])

    def _bare_arguments(self, ground: Ground, provider: str) -> dict[str, Any]:
        """Creates of a body like the ones calsync sends, with tokens at hand."""
        made = assembly.build(load(ground.config, {}))
        with closing(made):
            shown = preview.preview(
                made.context, preview.PreviewRequest("ses-0", ground.people[0], provider)
            )
        token = {"google": self.sandbox.access_token, "outlook": self.sandbox.outlook_token}
        return {
            "url": self.sandbox.url,
            "tokens": {one: token[provider](one) for one in ground.people},
            "body": json.loads(shown.body),
            "calls": 2 * SESSIONS,
            "workers": WORKERS,
        }

    def _bare(self, provider: str, arguments: dict[str, Any], name: str) -> None:
        self._spent(name, child(f"bare_{provider}", **arguments), arguments["calls"])


def micro_figures() -> dict[str, list[float]]:
    """What `tests.bench.micro` found in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.micro"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=400, check=True)
    found: dict[str, list[float]] = json.loads(done.stdout)
    return found
