"""The measured process: does one thing and prints what that took, without its start.

Called as `python -P tests/bench/measured.py WHAT` with the arguments as JSON on standard input, by
the interpreter of this tree or of an earlier one: it uses only what both have.
"""

from __future__ import annotations

import json
import resource
import smtplib
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from calsync.accounts import connect
from calsync.bootstrap import assembly
from calsync.bootstrap.components import Components
from calsync.config import load
from calsync.daemon import single_pass
from calsync.delivery.inspect import Inspector
from calsync.ports import Access
from calsync.store.database import Store
from providers.google.client import GoogleClient
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from providers.outlook.client import GraphClient

Found = dict[str, Any]


@contextmanager
def timed(found: Found, name: str) -> Iterator[None]:
    """Seconds on the wall and on the processor that the body took, all threads."""
    wall, cpu = time.perf_counter(), _cpu()
    yield
    found[name] = {"wall": time.perf_counter() - wall, "cpu": _cpu() - cpu}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_mb() -> float:
    """The process's largest resident set. getrusage would count that of the process it was forked
    from, too."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines = status.read_text(encoding="ascii").splitlines()
    return next(int(one.split()[1]) for one in lines if one.startswith("VmHWM")) / 1024


def make_ledger(config: str, **_: Any) -> Found:
    """The ledger that the configuration names, upgraded."""
    command = [sys.executable, "-m", "calsync", "db", "upgrade", "--config", config]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return {}


def connect_all(config: str, provider: str, tokens: dict[str, str], **_: Any) -> Found:
    """An account for everybody."""
    with closing(_service(config)) as made:
        for address, token in tokens.items():
            connect.add(made.context, "default", provider, address, {"refresh_token": token})
    return {}


def pass_once(config: str, then: tuple[str, str] | None = None, **_: Any) -> Found:
    """One poll, and everything that is due delivered. With `then`, two file names, a first pass is
    not counted: after it the one file becomes the other, and the second pass is."""
    found: Found = {"warmed": 0}
    with closing(_service(config)) as made:
        if then is not None:
            single_pass.poll_all(made.context, made.pollers)
            found["warmed"] = single_pass.deliver_all(made.context, made.senders).yes
            Path(then[0]).replace(then[1])
        with timed(found, "poll"):
            polled = single_pass.poll_all(made.context, made.pollers)
        with timed(found, "deliver"):
            delivered = single_pass.deliver_all(made.context, made.senders)
    found["changed"] = sum(one.changed for one in polled)
    found["calls"], found["yes"] = delivered.calls, delivered.yes
    return found


def idle_polls(config: str, times: int, **_: Any) -> Found:
    """Polls of a source with nothing new, as a daemon makes them: what is done once at its start
    is not counted again with each."""
    found: Found = {}
    with closing(_service(config)) as made:
        single_pass.poll_all(made.context, made.pollers)
        with timed(found, "poll"):
            for _again in range(times):
                polled = [poller.run_due() for poller in made.pollers]
    found["changed"] = sum(one.changed for one in polled)
    return found


def import_all(config: str, database: str, *, reread: bool, **_: Any) -> Found:
    """The first poll of a source, while what may go at once is delivered; then a sweep of what is
    known by then, and with `reread` one that has to read every record, as each did before.
    `longest`: see `LongestWrites`."""
    found: Found = {}
    watch = LongestWrites()
    with closing(assembly.build(load(Path(config), {}), at=watch.at, stays=True)) as made:
        (poller,) = made.pollers
        watch.watch(made.context.store)
        with ThreadPoolExecutor(1) as polling:
            began = time.perf_counter()
            with timed(found, "poll"):
                poll = polling.submit(poller.run_once)
                while not single_pass.deliver_all(made.context, made.senders).yes:
                    time.sleep(0.2)
                    assert not poll.done(), "nothing was delivered while the poll lasted"
                found["first"] = time.perf_counter() - began
                polled = poll.result()
        found |= {"seen": polled.seen, "news": polled.news, "error": polled.error}
        found["longest"] = watch.longest()
        with timed(found, "sweep"):
            assert poller.sweep().news == 0
        found["sweep_peak"] = peak_mb()
        if reread:
            _forget_hashes(database)
            with timed(found, "reread"):
                assert poller.sweep().news == 0
    return found


@dataclass
class LongestWrites:
    """The longest write transaction of each kind, in seconds, from when it may write until it is
    committed: on the wall, and of that what this process was at work. The rest is the database at
    work, and all that was waited for: a disk, a row that another transaction has, a processor.

    One is of the kind of the point that its thread passed last; those without a point are renewals
    of leases.
    """

    by_kind: dict[str, tuple[float, float]] = field(default_factory=dict)
    _thread: threading.local = field(default_factory=threading.local)

    def at(self, point: str) -> None:
        name, _, when = point.rpartition(".")
        self._thread.name = name if when == "before" else ""

    def watch(self, store: Store) -> None:
        """Notes what is written to this store. SQLite has one writer, and this is its turn."""
        turn = store._only_writer

        @contextmanager
        def timed_turn() -> Iterator[None]:
            with turn():
                wall, cpu = time.perf_counter(), time.thread_time()
                yield
            took = time.perf_counter() - wall, time.thread_time() - cpu
            kind = self._kind()
            self.by_kind[kind] = max(self.by_kind.get(kind, (0.0, 0.0)), took)

        store._only_writer = timed_turn  # type: ignore[method-assign]  # of this one store

    def longest(self) -> dict[str, tuple[float, float]]:
        """By kind; `any`: of all of them."""
        return {**self.by_kind, "any": max(self.by_kind.values())}

    def _kind(self) -> str:
        name = getattr(self._thread, "name", "")
        if name == "poll_page":
            return "page"
        return "guard" if name.startswith("guard_") else "other" if name else "lease"


def _forget_hashes(database: str) -> None:
    engine = sa.create_engine(database)
    with engine.begin() as db:
        db.execute(sa.text("UPDATE booked_session SET record_hash = NULL"))
    engine.dispose()


def look_once(config: str, **_: Any) -> Found:
    """Looks at everything that is due to be looked at."""
    found: Found = {"looked": 0}
    with closing(_service(config)) as made:
        inspector = Inspector(made.context, share=1.0)
        with timed(found, "look"):
            while looked := inspector.run_once():
                found["looked"] += looked
    return found


def bare_google(
    url: str, tokens: dict[str, str], body: dict[str, Any], calls: int, workers: int, **_: Any
) -> Found:
    """Inserts through google-api-python-client over our transport, and nothing around them."""
    client = GoogleClient(Transport(Watchdog()), url)

    def insert(person: str) -> None:
        access = Access(account=person, secret=tokens[person], calendar=person)
        prepared = json.dumps(body | {"id": uuid.uuid4().hex}).encode()
        client.insert(prepared, access, time.monotonic() + 30)

    return _bare(insert, list(tokens), calls, workers)


def bare_outlook(
    url: str, tokens: dict[str, str], body: dict[str, Any], calls: int, workers: int, **_: Any
) -> Found:
    """Creates of events by Graph over our transport, and nothing around them."""
    client = GraphClient(Transport(Watchdog()), url)

    def create(person: str) -> None:
        access = Access(account=person, secret=tokens[person], calendar="primary")
        prepared = json.dumps(body | {"transactionId": str(uuid.uuid4())}).encode()
        client.create(prepared, access, time.monotonic() + 30)

    return _bare(create, list(tokens), calls, workers)


def _bare(make: Callable[[str], None], people: list[str], calls: int, workers: int) -> Found:
    """That many calls, for everybody in turn."""
    found: Found = {}
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(make, people[:workers]))  # opens the connections
        with timed(found, "deliver"):
            list(pool.map(make, (people[n % len(people)] for n in range(calls))))
    return found


def bare_mail(host: str, port: int, people: list[str], message: str, **_: Any) -> Found:
    """smtplib in a loop, one connection for all."""
    found: Found = {}
    with smtplib.SMTP(host, port) as server, timed(found, "deliver"):
        for one in people:
            server.sendmail("sessions@platform.example", one, message.encode())
    return found


def _service(config: str) -> Components:
    return assembly.build(load(Path(config), {}))


WORK: dict[str, Callable[..., Found]] = {
    one.__name__: one
    for one in (
        make_ledger,
        connect_all,
        pass_once,
        idle_polls,
        import_all,
        look_once,
        bare_google,
        bare_outlook,
        bare_mail,
    )
}


def main() -> None:
    arguments = json.loads(sys.stdin.read())
    found = WORK[sys.argv[1]](**arguments)
    sys.stdout.write(json.dumps(found | {"peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
