"""The page's sections on what is done again and again, by how much is stored."""

from __future__ import annotations

from contextlib import closing
from functools import partial

import sqlalchemy as sa

from calsync.bootstrap import assembly
from calsync.config import load
from calsync.daemon import single_pass
from calsync.store.database import Store, open_engine
from calsync.store.ledger import rows
from tests.bench.figures import Figures, table
from tests.bench.ground import Ground, child
from tests.bench.grown import as_database, multiply
from tests.bench.pieces import POLLS, STORED, Bench
from tests.bench.questions import ASKED, LARGEST, QUESTIONS, SIZES, ask_one, name_of
from tests.bench.section import Aim, Section

FEW, MANY = STORED
RATIO_AIM, MS_AIM = 1.1, 5.0
CLAIM = "claim, nothing due"
SIZES_OF = OF_THOUSAND, OF_MILLION = "{} of a thousand", "{} of a million"


def write_polls(figures: Figures) -> list[str]:
    return [
        f"Means over {POLLS} polls of a file source whose file was not written since. The first "
        f"{FEW:,} sessions came through the poller; the others are copies of their rows in the "
        "database, made in SQL, because the poller would need minutes for them; the file keeps "
        f"its {FEW:,}. A file that was written is read whole, and a sweep reads everything: "
        "neither is an idle poll.",
        "",
        *table("Stored sessions", "ms", "CPU ms"),
        *(
            f"| {size:,} | {figures[f'idle {size} wall'].text(2)} | "
            f"{figures[f'idle {size} cpu'].text(2)} |"
            for size in STORED
        ),
    ]


def measure_of_million(bench: Bench) -> None:
    """Polls with nothing new and empty claims of one ledger of a million sessions: the source is a
    database first, and then the file of the first thousand. Beside it, in turns, those of a ledger
    that holds this thousand alone."""
    small = _a_ground(bench, "thousand")
    small.book(bench.of(FEW))
    _taken_in(small)
    ground = _a_ground(bench, "million")
    of_file, url = ground.config.read_text(encoding="utf-8"), f"sqlite:///{ground.database}"
    source = as_database(ground, bench.of(FEW), url)
    _taken_in(ground)
    times = LARGEST // FEW
    for where, name, ident, more in (
        (source, "s", "id", times),
        (url, "booked_session", "id", times),
        (url, "delivery", "session", times // 2),  # each has two, and there are as many of both
    ):
        bench.say(f"a million rows of {name}")
        multiply(where, name, ident, more)
    for run in range(1, bench.rounds + 1):
        bench.say(f"polls of a database at {LARGEST:,}, run {run}")
        _poll_idly(bench, ground, OF_MILLION.format("database"))
    ground.config.write_text(of_file, encoding="utf-8")
    ground.publish()
    both = ((small, OF_THOUSAND), (ground, OF_MILLION))
    for run in range(1, bench.rounds + 1):
        bench.say(f"polls of a file at {FEW:,} and at {LARGEST:,}, run {run}")
        for one, name in both:
            _poll_idly(bench, one, name.format("file"))
    for one, name in both:
        with closing(Store(open_engine(f"sqlite:///{one.database}"))) as store:
            for taken in ask_one(store, CLAIM, bench.rounds):
                bench.figures.add(name.format("claim"), taken)


def _a_ground(bench: Bench, name: str) -> Ground:
    return Ground(bench.folder / name, bench.sandbox, [f"m{n}@example.org" for n in range(50)])


def _taken_in(ground: Ground) -> None:
    """Its source is read, and nothing of what came of it is due: a claim that finds something costs
    many times as much."""
    with closing(assembly.build(load(ground.config, {}))) as made:
        for _ in range(2):  # what is done once for the zones of these, not of a million
            single_pass.poll_all(made.context, made.pollers)
        with made.context.store.write() as db:
            db.run(sa.update(rows.table("delivery")).values(due_at=None))
            db.run(sa.update(rows.table("slot")).values(next_due=None))


def _poll_idly(bench: Bench, ground: Ground, figure: str) -> None:
    times = bench.of(POLLS)
    found = child("idle_polls", config=ground.config, times=times)
    if found["changed"]:
        raise RuntimeError("a poll with nothing new changed something")
    bench.figures.add(figure, 1000 * found["poll"]["cpu"] / times)


def write_of_million(figures: Figures) -> list[str]:
    return [
        f"CPU ms on SQLite with {LARGEST:,} stored sessions and as many deliveries, whose rows are "
        f"made in SQL, and of a ledger of {FEW:,} in turns; {POLLS} polls a round. The database is "
        "asked for 500 sessions ahead at each poll, in case their rows were deleted; the file "
        f"keeps its {FEW:,}.",
        "",
        *table("", f"{FEW:,}", f"{LARGEST:,}"),
        *(
            f"| {what} | " + " | ".join(_shown(figures, one, name) for one in SIZES_OF) + " |"
            for what, name in (
                ("poll of a file", "file"),
                ("poll of a database", "database"),
                (CLAIM, "claim"),
            )
        ),
    ]


def _shown(figures: Figures, size: str, name: str) -> str:
    figure = size.format(name)
    return figures[figure].text(2) if figure in figures else ""


def _both(figures: Figures, size: str, kind: str) -> float:
    """CPU ms of an idle poll and an empty claim."""
    return sum(figures[size.format(one)].median for one in (kind, "claim"))


def _many_times(figures: Figures) -> float:
    """How many times as much they cost at a million stored sessions as at a thousand."""
    return _both(figures, OF_MILLION, "file") / _both(figures, OF_THOUSAND, "file")


def write_questions(figures: Figures) -> list[str]:
    return _asked(figures, SIZES)


def write_million(figures: Figures) -> list[str]:
    return _asked(figures, (LARGEST,))


def _asked(figures: Figures, stored: tuple[int, ...]) -> list[str]:
    return [
        "CPU ms on SQLite, each asked once before. Rows are made in SQL: half of the sessions are "
        "over, each is shown to one person, who has 50; nothing is due.",
        "",
        *table("", *(f"{count:,}" for count in stored)),
        *(
            f"| {one} | " + " | ".join(figures[name_of(one, n)].text(2) for n in stored) + " |"
            for one in (*QUESTIONS, *ASKED)
            if name_of(one, stored[0]) in figures
        ),
    ]


def _idle(figures: Figures, stored: int) -> float:
    """CPU ms of an idle poll and an empty claim."""
    return figures[f"idle {stored} cpu"].median + figures[name_of(CLAIM, stored)].median


POLLING = Section(
    name="idle",
    title="Polls with nothing new",
    measure=Bench.idle,
    write=write_polls,
    aims=(
        Aim(
            demand=f"an idle poll and an empty claim cost the same at {FEW:,} and at {MANY:,} "
            f"stored sessions (within {RATIO_AIM - 1:.0%})",
            measured=lambda figures: _idle(figures, MANY) / _idle(figures, FEW),
            limit=RATIO_AIM,
            shown="{:.2f} times",
            missed="a question of the poll is not answered from an index. Next: `EXPLAIN QUERY "
            "PLAN` of its statements at both sizes.",
        ),
        Aim(
            demand=f"an idle poll and an empty claim at {MANY:,} stored sessions: below "
            f"{MS_AIM:.0f} ms CPU",
            measured=lambda figures: _idle(figures, MANY),
            limit=MS_AIM,
            shown="{:.1f} ms",
            missed="seven statements in two transactions, and a thread that would renew the lease. "
            "Next: begin that thread only once a poll takes longer.",
        ),
    ),
)
QUESTIONING = Section(
    name="questions",
    title="Questions, by stored sessions",
    measure=Bench.questions,
    write=write_questions,
)
MILLION = Section(
    name="million",
    title="Questions, a million stored sessions",
    measure=Bench.million,
    write=write_million,
    asked=True,
    aims=(
        Aim(
            demand=f"each question at {LARGEST:,} stored sessions: below 0.5 s CPU",
            measured=lambda figures: max(
                figures[name_of(one, LARGEST)].median for one in (*QUESTIONS, *ASKED)
            ),
            limit=500,
            shown="{:.0f} ms at most",
            missed="the slowest row counts or sorts what no index holds in order. Next: keep that "
            "count beside the rows as they are written.",
        ),
    ),
)
POLLING_MILLION = Section(
    name="idle-million",
    title="Polls with nothing new, a million stored sessions",
    measure=measure_of_million,
    write=write_of_million,
    asked=True,
    aims=(
        Aim(
            demand=f"an idle poll of a file and an empty claim cost the same at {FEW:,} and at "
            f"{LARGEST:,} stored sessions (within {RATIO_AIM - 1:.0%})",
            measured=_many_times,
            limit=RATIO_AIM,
            shown="{:.2f} times",
            missed="none of its statements reads a growing table from end to end "
            "(tests/ops/test_no_scans.py). Next: count the pages that are read at both sizes, and "
            "those of them that are not at hand.",
        ),
        *(
            Aim(
                demand=f"an idle poll of a {kind} and an empty claim at {LARGEST:,} stored "
                f"sessions: below {MS_AIM:.0f} ms CPU",
                measured=partial(_both, size=OF_MILLION, kind=kind),
                limit=MS_AIM,
                shown="{:.1f} ms",
                missed="a database is connected to twice, and the ids of 500 sessions are looked "
                "for. Next: ask for the ids over the connection that read the changes.",
            )
            for kind in ("file", "database")
        ),
    ),
)
