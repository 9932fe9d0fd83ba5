"""Before and after every transaction and call the real process is killed, and goes on."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crash.adopting import ADOPTED
from tests.crash.announcing import ANNOUNCED
from tests.crash.arriving import ARRIVING
from tests.crash.consenting import CONSENTING
from tests.crash.losing import LOST
from tests.crash.platform import PLATFORM
from tests.crash.proving import PROVEN
from tests.crash.scenarios import DELIVERING, SCENARIOS, SQLITE_ONLY, Scenario
from tests.crash.stage import a_stage
from tests.crash.zones import UPDATED

CALSYNC = Path(__file__).parents[2] / "calsync"
ROOMS = "notices accounts ingest delivery selfservice ops daemon platform_api".split()  # noqa: SIM905
NAMING = ("transact", "call", "_named")  # context.transact("purge"), points.call(at, "refresh")
EDGES = ("before", "after")
ALL = (
    *SCENARIOS,
    *PLATFORM,
    *ARRIVING,
    *CONSENTING,
    *ADOPTED,
    *UPDATED,
    *ANNOUNCED,
    *LOST,
    *PROVEN,
)


def names_in(source: str) -> Iterator[str]:
    """Names of the transactions and calls in a module; for one without a name, its own words."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        words = [one.value for one in node.args if isinstance(one, ast.Constant)]
        given = [one.attr for one in (node.func, *node.args) if isinstance(one, ast.Attribute)]
        if ast.unparse(node.func).endswith((".at", "store.write", "store.transact")):
            word = str(words[0]) if words else ast.unparse(node)
            if not word.endswith(".after"):
                yield word.removesuffix(".before")
        elif words and given and given[0] in NAMING:
            yield str(words[0])


def killings(*, sqlite: bool) -> Iterator[Any]:
    for scenario in ALL:
        for name in scenario.names:
            if not sqlite and name in SQLITE_ONLY:
                continue
            for edge in EDGES:
                marks = () if sqlite else pytest.mark.full
                yield pytest.param(scenario, f"{name}.{edge}", id=f"{name}.{edge}", marks=marks)


@pytest.mark.parametrize(("scenario", "point"), [*killings(sqlite=True)])
def test_killed_there_nothing_is_lost_or_doubled(
    tmp_path: Path, scenario: Scenario, point: str
) -> None:
    with a_stage(tmp_path, f"sqlite:///{tmp_path / 'calsync.db'}") as stage:
        scenario.play(stage, point)


@pytest.mark.parametrize(("scenario", "point"), [*killings(sqlite=False)])
def test_killed_there_on_postgres_nothing_is_lost_or_doubled(
    tmp_path: Path, postgres_ledger_url: str, scenario: Scenario, point: str
) -> None:
    with a_stage(tmp_path, postgres_ledger_url) as stage:
        scenario.play(stage, point)


def test_every_point_of_the_code_has_its_test_and_a_name_of_its_own() -> None:
    tested = Counter(
        [
            *DELIVERING,
            *(name for one in ALL for name in one.names),
        ]
    )
    files = [one for room in ROOMS for one in CALSYNC.glob(f"{room}/**/*.py")]
    files.append(CALSYNC / "runtime" / "unexpected.py")
    modules = [file.read_text("utf-8") for file in files]
    named = Counter(name for source in modules for name in names_in(source))
    assert named == tested
    assert set(named.values()) == {1}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("with points.call(self.at, 'refresh'): pass", ["refresh"]),
        ("self.context.transact('claim', work)", ["claim"]),
        ("run(store, partial(context.transact, 'reseal'))", ["reseal"]),
        ("self.context.at('call.before'); self.context.at('call.after')", ["call"]),
        ("with context.store.write() as db: pass", ["context.store.write()"]),
        ("self.store.transact(work)", ["self.store.transact(work)"]),
        ("with store.write() as db: pass", ["store.write()"]),
        ("with context.store.read() as db: pass", []),
    ],
)
def test_a_transaction_is_found_with_its_name_or_without(source: str, found: list[str]) -> None:
    assert list(names_in(source)) == found
