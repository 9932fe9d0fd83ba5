"""The page's sections on what is done again and again, by how much is stored."""

from __future__ import annotations

from contextlib import closing
from functools import partial

from calsync.bootstrap import assembly
from calsync.config import load
from calsync.daemon import single_pass
from calsync.store.database import Store, open_engine
from tests.bench.figures import Figures, table
from tests.bench.ground import Ground, child
from tests.bench.grown import as_database, multiply
from tests.bench.pieces import POLLS, STORED, Bench
from tests.bench.questions import ASKED, LARGEST, QUESTIONS, SIZES, ask_one, name_of
from tests.bench.section import Aim, Section

FEW, MANY = STORED
RATIO_AIM, MS_AIM = 1.1, 5.0
CLAIM = "claim, nothing due"
OF_MILLION = "{} of a million"


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
    database first, and then the file of the first thousand."""
    ground = Ground(
        bench.folder / "million", bench.sandbox, [f"m{n}@example.org" for n in range(50)]
    )
    of_file, url = ground.config.read_text(encoding="utf-8"), f"sqlite:///{ground.database}"
    source = as_database(ground, bench.of(FEW), url)
    with closing(assembly.build(load(ground.config, {}))) as made:
        for _ in range(2):  # what is done once for the zones of these, not of a million
            single_pass.poll_all(made.context, made.pollers)
    times = LARGEST // FEW
    for where, name, ident, more in (
        (source, "s", "id", times),
        (url, "booked_session", "id", times),
        (url, "delivery", "session", times // 2),  # each has two, and there are as many of both
    ):
        bench.say(f"a million rows of {name}")
        multiply(where, name, ident, more)
    _poll_idly(bench, ground, "database")
    with closing(Store(open_engine(url))) as store:
        for taken in ask_one(store, CLAIM, bench.rounds):
            bench.figures.add(OF_MILLION.format("claim"), taken)
    ground.config.write_text(of_file, encoding="utf-8")
    ground.publish()
    _poll_idly(bench, ground, "file")


def _poll_idly(bench: Bench, ground: Ground, kind: str) -> None:
    times = bench.of(POLLS)
    for run in range(1, bench.rounds + 1):
        bench.say(f"polls of a {kind} at {LARGEST:,}, run {run}")
        found = child("idle_polls", config=ground.config, times=times)
        if found["changed"]:
            raise RuntimeError("a poll with nothing new changed something")
        bench.figures.add(OF_MILLION.format(kind), 1000 * found["poll"]["cpu"] / times)


def write_of_million(figures: Figures) -> list[str]:
    return [
        f"CPU ms on SQLite with {LARGEST:,} stored sessions and as many deliveries, whose rows are "
        f"made in SQL; {POLLS} polls a round. The database is asked for 500 sessions ahead at each "
        f"poll, in case their rows were deleted; the file keeps its {FEW:,}.",
        "",
        *table("", "CPU ms"),
        *(
            f"| {what} | {figures[OF_MILLION.format(name)].text(2)} |"
            for what, name in (
                ("poll of a file", "file"),
                ("poll of a database", "database"),
                (CLAIM, "claim"),
            )
        ),
    ]


def _of_million(figures: Figures, kind: str) -> float:
    """CPU ms of an idle poll and an empty claim."""
    return sum(figures[OF_MILLION.format(one)].median for one in (kind, "claim"))


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
            missed="most of it is the statements around the source, which are the same at every "
            "size. Next: count them, and ask once what two of them ask.",
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
            measured=lambda figures: _of_million(figures, "file") / _idle(figures, FEW),
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
                measured=partial(_of_million, kind=kind),
                limit=MS_AIM,
                shown="{:.1f} ms",
                missed="most of it is the statements around the source, which are the same at "
                "every size. Next: count them, and ask once what two of them ask.",
            )
            for kind in ("file", "database")
        ),
    ),
)
