"""The pages of figures: each block has a command that writes it, and the formula is the code's."""

from __future__ import annotations

import re
import shlex
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa

from calsync.bootstrap import assembly
from calsync.config import load
from calsync.web.app import THREADS
from tests.harness.sandboxes import clean_sandbox
from tests.scaling import pages
from tests.settings import settings

ROOT = Path(__file__).parents[2]
PAGES = {"scaling": ("claims", "connections"), "reliability": ("killed", "failover", "pooled")}
OF_THE_POOL = 20
OF_THE_DIRECT = 5


@pytest.mark.parametrize(("page", "names"), PAGES.items())
def test_every_figure_stands_below_the_command_that_made_it(
    page: str, names: tuple[str, ...]
) -> None:
    blocks = pages.blocks(pages.DOCS / f"{page}.md")
    assert tuple(blocks) == names
    for name, block in blocks.items():
        command = block.splitlines()[2].split("`")[1]
        assert f"--only={name}" in command, "it was not written by its command"
        assert re.search(r"\d{4}-\d\d-\d\d: \d+ cores", block)
        assert "\n|---|" in block
        dry = subprocess.run(
            [*shlex.split(command), "-n"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert f"-m tests.scaling {page} --only={name}" in dry.stdout


def test_nothing_of_the_figures_is_lost_doubled_or_wrong() -> None:
    for block in pages.blocks(pages.DOCS / "reliability.md").values():
        (row,) = [line for line in block.splitlines() if line.startswith("| one daemon")]
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert cells[5:10] == ["0"] * 5, row
        assert int(cells[3].replace(",", "")) > 0, "nothing was killed"


@pytest.mark.parametrize("workers", [1, 16])
def test_a_process_never_has_more_connections_than_the_page_says(
    tmp_path: Path, postgres_ledger_url: str, workers: int
) -> None:
    page = (pages.DOCS / "scaling.md").read_text(encoding="utf-8")
    assert f"**`deliver.workers` + {OF_THE_POOL}**, and {OF_THE_DIRECT} more" in page
    assert f"works on {THREADS} requests at once" in page
    with clean_sandbox() as sandbox:
        file = tmp_path / "calsync.toml"
        text = settings(
            tmp_path,
            sandbox,
            database=postgres_ledger_url,
            deliver=f"workers = {workers}",
            pooled=True,
            listen_url=postgres_ledger_url,
        )
        file.write_text(text, encoding="utf-8")
        file.chmod(0o600)
        made = assembly.build(load(file, {}))
        store = made.context.store
        assert store.direct is not None
        most = {store.engine: workers + OF_THE_POOL, store.direct: OF_THE_DIRECT}
        assert store.most_connections == sum(most.values())
        try:
            for engine, count in most.items():
                assert opened(engine, count) == count
        finally:
            made.close()


def opened(engine: sa.Engine, count: int) -> int:
    """How many backends serve so many connections in use, when another one is refused."""
    engine.dispose()  # what it opened before
    with ExitStack() as stack:
        used = [stack.enter_context(engine.connect()) for _ in range(count)]
        engine.pool._timeout = 0.01  # type: ignore[attr-defined] # nobody gives one back here
        with pytest.raises(sa.exc.TimeoutError):
            engine.connect()
        return len({connection.scalar(sa.text("SELECT pg_backend_pid()")) for connection in used})
