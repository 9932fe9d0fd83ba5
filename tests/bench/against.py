"""What an earlier tree took for the same, in turn with this one and in the same run: the machine is
not as quiet at all times, so that only such figures can be compared."""

from __future__ import annotations

from tests.bench.pieces import LATENCY, REFERENCE, Figures

AIM = 0.4
ROWS = (
    ("Google, first delivery of an account", "google first"),
    ("Google, new events", "create"),
    ("Google, changed events", "change"),
    (f"Google, new events, {LATENCY * 1000:.0f} ms latency", "late"),
    ("Outlook, first delivery of an account", "outlook first"),
    ("Outlook, new events", "outlook create"),
    ("Outlook, changed events", "outlook change"),
    (f"Outlook, new events, {LATENCY * 1000:.0f} ms latency", "outlook late"),
    ("Mail, first invitations", "mail"),
)


def ratio(figures: Figures, name: str) -> float | None:
    """Our processor time as a share of what the earlier tree took; None where it did not run."""
    if f"{REFERENCE}{name} cpu" not in figures:
        return None
    return figures[f"{name} cpu"].median / figures[f"{REFERENCE}{name} cpu"].median


def aim(figures: Figures) -> list[str]:
    """The line of the table of aims, where an earlier tree ran."""
    share = ratio(figures, "create")
    if share is None:
        return []
    word = "met" if share <= AIM else "**missed**"
    return [
        f"| at most {AIM} of the CPU per Google delivery of an earlier version | {share:.2f} | "
        f"{word} |"
    ]


def section(figures: Figures) -> list[str]:
    """The part of the page, where an earlier tree ran."""
    if ratio(figures, "create") is None:
        return []
    return [
        "",
        "## Beside an earlier version",
        "",
        "The two take turns, each with an installation and a ledger of its own. CPU ms of a "
        "delivery, and deliveries a second.",
        "",
        "| | CPU ms | earlier | ratio | a second | earlier |",
        "|---|---|---|---|---|---|",
        *(_row(figures, *row) for row in ROWS),
    ]


def _row(figures: Figures, what: str, name: str) -> str:
    earlier = f"{REFERENCE}{name}"
    cpu, rate = (
        (figures[f"{name} {kind}"].text(digits), figures[f"{earlier} {kind}"].text(digits))
        for kind, digits in (("cpu", 2), ("rate", 1))
    )
    return f"| {what} | {cpu[0]} | {cpu[1]} | {ratio(figures, name):.2f} | {rate[0]} | {rate[1]} |"
