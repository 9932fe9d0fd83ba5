"""The page's section on Google."""

from __future__ import annotations

from tests.bench import against
from tests.bench.figures import Figures, table
from tests.bench.ground import WORKERS
from tests.bench.pieces import ACCOUNTS, LATENCY, SESSIONS, Bench
from tests.bench.section import Aim, Section

LATE = f"{LATENCY * 1000:.0f} ms"
BOUND = WORKERS / LATENCY  # calls a second, whatever the program
CPU_AIM, SHARE_AIM = 2.0, 0.92
ROWS = (
    ("calsync, new events", "0", "create"),
    ("calsync, changed events", "0", "change"),
    ("bare client, inserts", "0", "bare"),
    ("calsync, new events", LATE, "late"),
    ("bare client, inserts", LATE, "late bare"),
)
REQUESTS = (("create", "create"), ("change", "change"), ("no change, file written anew", "same"))


def write(figures: Figures) -> list[str]:
    first = figures["google first cpu"]
    return [
        f"{ACCOUNTS} accounts. From a file with {SESSIONS} new or changed sessions of two people "
        f"to {2 * SESSIONS:,} events: reading, deciding, storing and sending. The bare client is "
        "google-api-python-client in a loop over the same transport and as many threads, with "
        "tokens at hand and nothing stored.",
        "",
        *table("", "Latency", "Deliveries a second", "CPU ms each"),
        *(
            f"| {what} | {latency} | {figures[f'{name} rate'].text()} | "
            f"{figures[f'{name} cpu'].text(2)} |"
            for what, latency, name in ROWS
        ),
        "",
        f"Of calsync's {figures['create cpu'].median:.1f} ms, "
        f"{figures['create poll cpu'].median:.2f} ms are the poll. The very first delivery of an "
        "account fetches its token too, and a mail tells its person that the calendar is "
        f"connected: {first.median:.1f} ms each (one run).",
        "",
        "### Requests to Google",
        "",
        *table("Per delivery", "Requests"),
        *(f"| {what} | {figures[f'{name} requests'].text(3)} |" for what, name in REQUESTS),
        *against.rows(figures, against.GOOGLE),
    ]


SECTION = Section(
    name="google",
    title="Google",
    measure=Bench.google,
    write=write,
    aims=(
        against.aim("Google", "create"),
        Aim(
            demand=f"hoped for: {CPU_AIM:.0f} ms CPU per Google delivery, end to end",
            measured=lambda figures: figures["create cpu"].median,
            limit=CPU_AIM,
            shown="{:.2f} ms",
            missed="the machine's speed is in this figure, unlike in the one before. Of what is "
            "left, the HTTP client takes about 0.3 ms and the poll 0.5 ms; the rest is the ledger, "
            "of which SQLite itself is the larger part. Next: a leaner HTTP client ("
            "`http.client` takes half of it, below), then fewer rows written for each delivery.",
        ),
        Aim(
            demand=f"at {LATE} latency {SHARE_AIM:.0%} of workers / latency = {BOUND:.0f} a "
            "second, first and last wave included, once it is read what to send",
            measured=lambda figures: figures["late sent"].median / BOUND,
            limit=SHARE_AIM,
            shown="{:.1%}",
            at_least=True,
            missed="what is not the calls themselves is the time until four deliveries are "
            "claimed, before which nothing is sent, the last wave, in which not every worker has a "
            "call, and what the server and its client take beside the latency (the row of the bare "
            "client). Next: fewer rows written for each claim.",
        ),
    ),
)
