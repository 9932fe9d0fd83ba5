"""The page's section on Outlook."""

from __future__ import annotations

from tests.bench import against
from tests.bench.figures import Figures, table
from tests.bench.ground import WORKERS
from tests.bench.pieces import ACCOUNTS, FEW, LATENCY, LOOK_BATCH, SESSIONS, Bench
from tests.bench.section import Section

LATE = f"{LATENCY * 1000:.0f} ms"
ROWS = (
    ("calsync, new events", "0", WORKERS, "outlook create"),
    ("calsync, changed events", "0", WORKERS, "outlook change"),
    ("calsync, new events", LATE, WORKERS, "outlook late"),
    ("calsync, changed events", LATE, WORKERS, "outlook late change"),
    ("bare client, creates", LATE, WORKERS, "outlook late bare"),
    ("calsync, new events", LATE, FEW, "outlook few"),
    (f"calsync, looks, {LOOK_BATCH} copies each", "0", 1, "look"),
    (f"calsync, looks, {LOOK_BATCH} copies each", LATE, 1, "late look"),
)


def measure(bench: Bench) -> None:
    bench.outlook()
    bench.looks()


def write(figures: Figures) -> list[str]:
    return [
        f"{ACCOUNTS} accounts, {2 * SESSIONS:,} events a run. The bound is what no program can "
        "exceed: calls in flight / latency / requests for each. A change reads the event before "
        "it writes it, because an event that somebody was invited to must not be written. "
        f"{FEW} in flight, calsync's default, is Graph's limit if it counts an application's calls "
        "and not those to one mailbox; the sandbox enforces it in that row. "
        "Looks are made by one thread, "
        f"{LOOK_BATCH} copies of one account at a time, {LOOK_BATCH} questions to a request.",
        "",
        *table("", "Latency", "In flight", "Requests each", "Bound a second", "A second", "CPU ms"),
        *(_row(figures, *row) for row in ROWS),
        *against.rows(figures, against.OUTLOOK),
    ]


def _row(figures: Figures, what: str, latency: str, in_flight: int, name: str) -> str:
    asked = figures[f"{name} requests"].median if f"{name} requests" in figures else 1.0
    bound = "" if latency == "0" else f"{in_flight / LATENCY / asked:,.0f}"
    rate, cpu = figures[f"{name} rate"].text(), figures[f"{name} cpu"].text(2)
    return f"| {what} | {latency} | {in_flight} | {asked:.2f} | {bound} | {rate} | {cpu} |"


SECTION = Section(
    name="outlook",
    title="Outlook",
    measure=measure,
    write=write,
    aims=(against.aim("Outlook", "outlook create"),),
)
