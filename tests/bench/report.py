"""docs/performance.md from the figures."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime

from tests.bench import against, micro
from tests.bench.ground import WARM, WORKERS
from tests.bench.pieces import ACCOUNTS, FEW, LATENCY, LOOK_BATCH, POLLS, SESSIONS, Figures
from tests.bench.questions import QUESTIONS, SIZES, name_of, sizes

CPU_AIM, SHARE_AIM, PEAK_AIM, IDLE_AIM = 2.0, 0.92, 200.0, 1.2


def report(figures: Figures, runs: int, load: float) -> str:
    """The whole page."""
    return "\n".join(
        [
            *_head(runs, load),
            *_aims(figures),
            *_google(figures),
            *_requests(figures),
            *_outlook(figures),
            *_idle(figures),
            *_questions(figures),
            *_mail(figures),
            *against.section(figures),
            *_memory(figures),
            *micro.section(figures),
            "",
        ]
    )


def _head(runs: int, load: float) -> list[str]:
    return [
        "# Performance",
        "",
        "Written by `make bench`, which writes it anew: edit `tests/bench/`, not this page.",
        "",
        f"- {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({platform.machine()}), "
        f"Python {platform.python_version()}, SQLite with synchronous=FULL",
        f"- load average when it began {load:.1f}: what others do on the machine slows what is "
        "measured",
        f"- each figure is the median of {runs} runs, with the lowest and the highest",
        "- sandbox (Google, Graph and SMTP) in a process of its own on the same machine, so both "
        "share its cores; calsync in another, and only calsync's own time is counted, without its "
        "start",
        f"- a process makes {2 * WARM} deliveries before those that are counted, as a daemon has: "
        "what it builds and opens only once is not counted again for every 500",
        f"- {WORKERS} workers; `per_minute = 0` and `per_account = 0`, so that no limit hides the "
        "machine",
    ]


def _aims(figures: Figures) -> list[str]:
    cpu, share = figures["create cpu"].median, figures["late sent"].median / _ceiling()
    ratio = figures["idle 100000 cpu"].median / figures["idle 1000 cpu"].median
    peak = max(max(one.runs) for name, one in figures.items() if _counts_for_peak(name))
    return [
        "",
        "## Aims",
        "",
        *_table("Aim", "Measured", ""),
        f"| {CPU_AIM:.0f} ms CPU per delivery, end to end | {cpu:.1f} ms | "
        f"{_met(cpu <= CPU_AIM)} |",
        f"| at {LATENCY * 1000:.0f} ms latency {SHARE_AIM:.0%} of min(workers / latency, limits) = "
        f"{_ceiling():.0f} a second, once it is read what to send | {share:.0%} | "
        f"{_met(share >= SHARE_AIM)} |",
        f"| an idle poll costs the same at 1,000 and at 100,000 stored sessions (within "
        f"{IDLE_AIM - 1:.0%}) | {ratio:.2f} times | {_met(ratio <= IDLE_AIM)} |",
        *against.aim(figures),
        f"| peak memory under {PEAK_AIM:.0f} MB | {peak:.0f} MB | {_met(peak < PEAK_AIM)} |",
    ]


def _google(figures: Figures) -> list[str]:
    rows = (
        ("calsync, new events", "0", "create"),
        ("calsync, changed events", "0", "change"),
        ("bare client, inserts", "0", "bare"),
        ("calsync, new events", f"{LATENCY * 1000:.0f} ms", "late"),
        ("bare client, inserts", f"{LATENCY * 1000:.0f} ms", "late bare"),
    )
    first = figures["google first cpu"]
    return [
        "",
        f"## Google, {ACCOUNTS} accounts",
        "",
        f"From a file with {SESSIONS} new or changed sessions of two people to "
        f"{2 * SESSIONS:,} events: reading, deciding, storing and sending. The bare client is "
        "google-api-python-client in a loop over the same transport and as many threads, with "
        "tokens at hand and nothing stored.",
        "",
        *_table("", "Latency", "Deliveries a second", "CPU ms each"),
        *(
            f"| {what} | {latency} | {figures[f'{name} rate'].text()} | "
            f"{figures[f'{name} cpu'].text(2)} |"
            for what, latency, name in rows
        ),
        "",
        f"Of calsync's {figures['create cpu'].median:.1f} ms, "
        f"{figures['create poll cpu'].median:.2f} ms are the poll. The very first delivery of an "
        "account fetches its token too, and a mail tells its person that the calendar is "
        f"connected: {first.median:.1f} ms each (one run).",
    ]


def _requests(figures: Figures) -> list[str]:
    rows = (("create", "create"), ("change", "change"), ("no change, file written anew", "same"))
    return [
        "",
        "## Requests to Google",
        "",
        *_table("Per delivery", "Requests"),
        *(f"| {what} | {figures[f'{name} requests'].text(3)} |" for what, name in rows),
    ]


def _outlook(figures: Figures) -> list[str]:
    late = f"{LATENCY * 1000:.0f} ms"
    rows = (
        ("calsync, new events", "0", WORKERS, "outlook create"),
        ("calsync, changed events", "0", WORKERS, "outlook change"),
        ("calsync, new events", late, WORKERS, "outlook late"),
        ("calsync, changed events", late, WORKERS, "outlook late change"),
        ("bare client, creates", late, WORKERS, "outlook late bare"),
        ("calsync, new events", late, FEW, "outlook few"),
        (f"calsync, looks, {LOOK_BATCH} copies each", "0", 1, "look"),
        (f"calsync, looks, {LOOK_BATCH} copies each", late, 1, "late look"),
    )
    return [
        "",
        f"## Outlook, {ACCOUNTS} accounts",
        "",
        f"As for Google, with {2 * SESSIONS:,} events a run. The bound is what no program can "
        "exceed: calls in flight / latency / requests for each. A change reads the event before "
        "it writes it, because an event that somebody was invited to must not be written. "
        f"{FEW} in flight, calsync's default, is Graph's limit if it counts an application's calls "
        "and not those to one mailbox; the sandbox enforces it in that row. "
        "Looks are made by one thread, "
        f"{LOOK_BATCH} copies of one account at a time, {LOOK_BATCH} questions to a request.",
        "",
        *_table(
            "", "Latency", "In flight", "Requests each", "Bound a second", "A second", "CPU ms"
        ),
        *(_outlook_row(figures, *row) for row in rows),
    ]


def _outlook_row(figures: Figures, what: str, latency: str, in_flight: int, name: str) -> str:
    asked = figures[f"{name} requests"].median if f"{name} requests" in figures else 1.0
    bound = "" if latency == "0" else f"{in_flight / LATENCY / asked:,.0f}"
    rate, cpu = figures[f"{name} rate"].text(), figures[f"{name} cpu"].text(2)
    return f"| {what} | {latency} | {in_flight} | {asked:.2f} | {bound} | {rate} | {cpu} |"


def _idle(figures: Figures) -> list[str]:
    return [
        "",
        "## Polls with nothing new",
        "",
        f"Means over {POLLS} polls of a file source whose file was not written since. The first "
        "1,000 sessions came through the poller; the others are copies of their rows in the "
        "database, made in SQL, because the poller would need minutes for them; the file keeps "
        "its 1,000. A file that was written is read whole, and a sweep reads everything: neither "
        "is an idle poll.",
        "",
        *_table("Stored sessions", "ms", "CPU ms"),
        *(
            f"| {size:,} | {figures[f'idle {size} wall'].text(2)} | "
            f"{figures[f'idle {size} cpu'].text(2)} |"
            for size in (1_000, 100_000)
        ),
    ]


def _questions(figures: Figures) -> list[str]:
    asked = [one for one in QUESTIONS if name_of(one, SIZES[0]) in figures]
    stored = [one for one in sizes(million=True) if name_of(asked[0], one) in figures]
    return [
        "",
        "## Questions, by stored sessions",
        "",
        "CPU ms on SQLite, each asked once before. Rows are made in SQL: half of the sessions are "
        "over, each is shown to one person, who has 50; nothing is due. A million takes "
        '`make bench ARGS="--million"`.',
        "",
        *_table("", *(f"{count:,}" for count in stored)),
        *(
            f"| {one} | " + " | ".join(figures[name_of(one, n)].text(2) for n in stored) + " |"
            for one in asked
        ),
    ]


def _mail(figures: Figures) -> list[str]:
    rows = (("calsync, first invitations", "mail"), ("smtplib, one connection", "bare mail"))
    return [
        "",
        "## Mail",
        "",
        f"{2 * SESSIONS:,} mails from file to server, {WORKERS // 4} connections; beside it one of "
        "the same mails sent again and again to the same server.",
        "",
        *_table("", "Mails a second", "CPU ms each"),
        *(
            f"| {what} | {figures[f'{name} rate'].text()} | {figures[f'{name} cpu'].text(2)} |"
            for what, name in rows
        ),
    ]


def _memory(figures: Figures) -> list[str]:
    rows = (
        ("Google, new events", "create"),
        (f"Google, {LATENCY * 1000:.0f} ms latency", "late"),
        ("Outlook, new events", "outlook create"),
        ("looks", "look"),
        ("mail", "mail"),
        ("idle polls, 100,000 stored", "idle 100000"),
        ("the bare Google client", "bare"),
    )
    return [
        "",
        "## Peak memory of the measured process",
        "",
        *_table("", "MB"),
        *(f"| {what} | {figures[f'{name} peak'].text(0)} |" for what, name in rows),
    ]


def _table(*names: str) -> list[str]:
    return [f"| {' | '.join(names)} |", "|---" * len(names) + "|"]


def _ceiling() -> float:
    return WORKERS / LATENCY


def _counts_for_peak(name: str) -> bool:
    return name.endswith(" peak") and "bare" not in name


def _met(met: bool) -> str:
    return "met" if met else "**missed**"
