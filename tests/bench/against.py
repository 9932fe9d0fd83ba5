"""What an earlier tree took for the same, in turn with this one and in the same run: the machine is
not as quiet at all times, so that only such figures can be compared."""

from __future__ import annotations

from collections.abc import Sequence

from tests.bench.figures import Figures, table
from tests.bench.pieces import LATENCY, REFERENCE
from tests.bench.section import Aim

AIM = 0.4
LATE = f"new events, {LATENCY * 1000:.0f} ms latency"
GOOGLE = (
    ("first delivery of an account", "google first"),
    ("new events", "create"),
    ("changed events", "change"),
    (LATE, "late"),
)
OUTLOOK = (
    ("first delivery of an account", "outlook first"),
    ("new events", "outlook create"),
    ("changed events", "outlook change"),
    (LATE, "outlook late"),
)
MAIL = (("first invitations", "mail"),)


def ratio(figures: Figures, name: str) -> float:
    """Our processor time as a share of what the earlier tree took."""
    return figures[f"{name} cpu"].median / figures[f"{REFERENCE}{name} cpu"].median


def aim(what: str, name: str) -> Aim:
    """At most so much of what the earlier tree took for it."""
    return Aim(
        demand=f"at most {AIM} of the CPU per {what} delivery of an earlier version",
        measured=lambda figures: ratio(figures, name),
        limit=AIM,
        needs="--reference FOLDER",
        shown="{:.2f}",
        missed="what is left beside the call itself is shared by both: SQLite's own work for the "
        "rows of a delivery, and the HTTP client. Next: a leaner HTTP client, then fewer rows.",
    )


def rows(figures: Figures, of: Sequence[tuple[str, str]]) -> list[str]:
    """Its table, where an earlier tree ran."""
    if any(f"{REFERENCE}{name} cpu" not in figures for _, name in of):
        return []
    return [
        "",
        "### Beside an earlier version",
        "",
        "The two take turns, each with an installation and a ledger of its own. CPU ms of a "
        "delivery, and deliveries a second.",
        "",
        *table("", "CPU ms", "earlier", "ratio", "a second", "earlier"),
        *(_row(figures, *row) for row in of),
    ]


def _row(figures: Figures, what: str, name: str) -> str:
    earlier = f"{REFERENCE}{name}"
    cpu, rate = (
        (figures[f"{name} {kind}"].text(digits), figures[f"{earlier} {kind}"].text(digits))
        for kind, digits in (("cpu", 2), ("rate", 1))
    )
    return f"| {what} | {cpu[0]} | {cpu[1]} | {ratio(figures, name):.2f} | {rate[0]} | {rate[1]} |"
