"""The page's section on mail."""

from __future__ import annotations

from tests.bench import against
from tests.bench.figures import Figures, table
from tests.bench.ground import WORKERS
from tests.bench.pieces import SESSIONS, Bench
from tests.bench.section import Aim, Section

CPU_AIM = 3.0
ROWS = (("calsync, first invitations", "mail"), ("smtplib, one connection", "bare mail"))


def write(figures: Figures) -> list[str]:
    return [
        f"{2 * SESSIONS:,} mails from file to server, {WORKERS // 4} connections; beside it one of "
        "the same mails sent again and again. The server is a process of its own that takes every "
        f"mail at once. {figures['mail poll cpu'].median:.2f} ms of each are the poll.",
        "",
        *table("", "Mails a second", "CPU ms each"),
        *(
            f"| {what} | {figures[f'{name} rate'].text()} | {figures[f'{name} cpu'].text(2)} |"
            for what, name in ROWS
        ),
        *against.rows(figures, against.MAIL),
    ]


SECTION = Section(
    name="mail",
    title="Mail",
    measure=Bench.mail,
    write=write,
    aims=(
        Aim(
            demand=f"below {CPU_AIM:.0f} ms CPU for a mail, composed and sent to a fast sink",
            measured=lambda figures: figures["mail cpu"].median,
            limit=CPU_AIM,
            shown="{:.2f} ms",
            missed="the figure holds the poll and the ledger too. By the clocks of the threads, "
            "without the poll, a sixth is composing and a quarter the threads that speak SMTP; the "
            "rest decides, claims, and stores outcomes and sealed bytes. Outcomes are stored "
            "without waiting for others (a crash in between would repeat a mail), so that half of "
            "the transactions hold one or two. Next: fewer switches between threads, of which a "
            "mail costs 15, and a page of a mail that no template makes, which would save 3 % of "
            "a mail.",
        ),
    ),
)
