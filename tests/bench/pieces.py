"""The measurements: each returns its figures, every one from several runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from calsync.bootstrap import assembly
from calsync.config import load
from calsync.daemon import single_pass
from calsync.ops import preview
from calsync.sandbox import RemoteSandbox
from tests.bench import questions
from tests.bench.figures import Figures
from tests.bench.ground import WORKERS, Ground, child, mails_taken
from tests.postgres import Cluster
from tests.scaling.servers import durable, empty_database

ACCOUNTS, SESSIONS, POLLS = 500, 250, 100
STORED = (1_000, 100_000)  # sessions, when polls with nothing new are measured
LATENCY = 0.1
SMALL = 25  # so many times less of everything, to try a measurement
REFERENCE, IN_A_FILE = "reference ", "file "  # before the name of a figure
# Outlook: how many at a time Graph serves if its limit counts an application's calls, and how many
# copies one look asks for.
FEW, LOOK_BATCH = 4, 20
Say = Callable[[str], None]


class Bench:
    """The measurements of a section, over a sandbox of its own.

    figures    what they found; `add` takes one run's value
    say        is told what goes on
    reference  the folder of an earlier tree, which does the same in turn with ours wherever a
               delivery is measured; what it finds has `REFERENCE` before its name
    small      little of everything: whether it works, not how fast
    """

    def __init__(
        self,
        folder: Path,
        sandbox: RemoteSandbox,
        rounds: int,
        say: Say,
        *,
        reference: Path | None = None,
        small: bool = False,
    ) -> None:
        self.folder, self.sandbox, self.rounds, self.say = folder, sandbox, rounds, say
        self.trees = [("", None)] + [(REFERENCE, reference)] * (reference is not None)
        self.figures, self.small, self._turn = Figures(), small, False
        self.accounts, self.sessions = self.of(ACCOUNTS), self.of(SESSIONS)

    def of(self, count: int) -> int:
        """So many of something, or a few."""
        return max(2, count // SMALL) if self.small else count

    def google(self) -> None:
        """Creates and changes over 500 accounts, with and without latency, beside bare inserts."""
        grounds = self._connected("google")
        bare = self._bare_arguments(grounds[""], "google")
        for run in range(1, self.rounds + 1):
            self.say(f"google, run {run} of {self.rounds}: no latency")
            self._rounds(grounds, "create", Ground.book)
            self._bare("google", bare, "bare")
            self._rounds(grounds, "change", Ground.retitle)
            self._no_change(grounds[""])
            self.say(f"google, run {run} of {self.rounds}: {LATENCY * 1000:.0f} ms latency")
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
        for run in range(1, self.rounds + 1):
            self.say(f"outlook, run {run} of {self.rounds}")
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
        accounts = max(2, 2 * self.sessions // LOOK_BATCH)
        ground = Ground(self.folder / "looks", self.sandbox, self._people("looked", accounts))
        ground.connect("outlook")
        ground.book(accounts * LOOK_BATCH // 2)
        self._pass(ground, "looks made")
        for run in range(1, self.rounds + 1):
            self.say(f"looks, run {run} of {self.rounds}")
            self._look(ground, "look", accounts * LOOK_BATCH)
            self.sandbox.latency(LATENCY)
            self._look(ground, "late look", accounts * LOOK_BATCH)
            self.sandbox.latency(0)

    def mail(self) -> None:
        """Mailed first invitations, beside smtplib in a loop."""
        people, last = (
            [f"mail{n}@example.org" for n in range(self.accounts)],
            self.folder / "last.eml",
        )
        grounds = self._grounds("mail", people)
        with mails_taken(last) as port:
            for ground in grounds.values():
                ground.mail_to(port)
            for run in range(1, self.rounds + 1):
                self.say(f"mail, run {run} of {self.rounds}")
                self._rounds(grounds, "mail", Ground.book)
                to = people * (2 * self.sessions // len(people))
                raw = last.read_text(encoding="utf-8")
                bare = child("bare_mail", host="127.0.0.1", port=port, people=to, message=raw)
                self._spent("bare mail", bare, len(to))

    def postgres(self) -> None:
        """New events and first invitations with a ledger on PostgreSQL, which waits for its disk,
        in turn with one in a SQLite file."""
        with durable() as cluster:
            events = self._on_both("google", cluster)
            for tree, ground in events.items():
                self.say(f"connecting {self.accounts} accounts, {tree}PostgreSQL")
                ground.connect()
                ground.book(self.accounts // 2)
                self._pass(ground, f"{tree}postgres first")
            mails = self._on_both("mail", cluster)
            with mails_taken(self.folder / "last of both.eml") as port:
                for ground in mails.values():
                    ground.mail_to(port)
                for run in range(1, self.rounds + 1):
                    self.say(f"PostgreSQL, run {run} of {self.rounds}")
                    self._rounds(events, "postgres create", Ground.book)
                    self._rounds(mails, "postgres mail", Ground.book)

    def _on_both(self, kind: str, cluster: Cluster) -> dict[str, Ground]:
        """Of each tree, an installation with its ledger on this server; and one of ours with a
        file."""
        people = self._people(kind)
        grounds = {IN_A_FILE: Ground(self.folder / f"{kind}-file", self.sandbox, people)}
        for tree, reference in self.trees:
            folder = self.folder / f"{tree}{kind}-server".replace(" ", "-")
            server = empty_database(cluster)
            grounds[tree] = Ground(folder, self.sandbox, people, reference, server)
        return grounds

    def idle(self) -> None:
        """Polls with nothing new, at two sizes."""
        ground = Ground(self.folder / "idle", self.sandbox, self._people("mail"))
        first, times = self.of(STORED[0]), self.of(POLLS)
        ground.book(first)
        made = assembly.build(load(ground.config, {}))
        with closing(made):
            single_pass.poll_all(made.context, made.pollers)
        for stored in STORED:
            wanted = first * stored // STORED[0]
            if wanted > first and ground.multiply(wanted // first) != wanted:
                raise RuntimeError(f"there should be {wanted} stored sessions")
            for run in range(1, self.rounds + 1):
                self.say(f"idle polls at {wanted:,} stored sessions, run {run} of {self.rounds}")
                found = child("idle_polls", config=ground.config, times=times)
                self._spent(f"idle {stored}", found, times)

    def questions(self) -> None:
        """What questions of the ledger cost, at several sizes."""
        self._ask(questions.SIZES)

    def million(self) -> None:
        """The same questions of a large ledger."""
        self._ask((questions.LARGEST,))

    def _ask(self, sizes: Sequence[int]) -> None:
        for stored in sizes:
            self.say(f"questions at {self.of(stored):,} stored sessions")
            asked = questions.ask(self.folder, self.of(stored), self.rounds)
            for question, runs in asked.items():
                for taken in runs:
                    self.figures.add(questions.name_of(question, stored), taken)

    def _people(self, kind: str, count: int = 0) -> list[str]:
        """People with the calendar that their kind names."""
        people = [f"{kind}{n}@example.org" for n in range(count or self.accounts)]
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
            self.say(
                f"connecting {self.accounts} {tree}{provider} accounts, first delivery of each"
            )
            ground.connect(provider)
            ground.book(self.accounts // 2)
            self._pass(ground, f"{tree}{provider} first")
        return grounds

    def _rounds(
        self, grounds: Mapping[str, Ground], name: str, change: Callable[[Ground, int], None]
    ) -> None:
        """The same change in each tree, in turn; another one begins each time."""
        self._turn = not self._turn
        for tree, ground in sorted(grounds.items(), reverse=self._turn):
            ground.after_warming(partial(change, ground), self.sessions)
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
        self.figures.add("same requests", len(self.sandbox.requests()) / (2 * self.sessions))

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
            "calls": 2 * self.sessions,
            "workers": WORKERS,
        }

    def _bare(self, provider: str, arguments: dict[str, Any], name: str) -> None:
        self._spent(name, child(f"bare_{provider}", **arguments), arguments["calls"])
