"""docs/performance.md: what was aimed at, what was measured, and when."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench import kept
from tests.bench.__main__ import Run, chosen, main, options
from tests.bench.figures import Figure, Figures, table
from tests.bench.kept import Kept
from tests.bench.pieces import Bench
from tests.bench.report import report
from tests.bench.section import Aim, Section
from tests.bench.sections import SECTIONS
from tests.bench.visible import nearly_all

AIM = Aim(
    demand="below 3 ms a walk",
    measured=lambda figures: figures["walk"].median,
    limit=3.0,
    shown="{:.1f} ms",
    missed="Shoes. Next: others.",
)


def write(figures: Figures) -> list[str]:
    return [*table("", "ms"), f"| walk | {figures['walk'].text()} |"]


def measure(bench: Bench) -> None:
    bench.figures.add("walk", bench.of(50))


WALK = Section(name="walk", title="Walks", measure=measure, write=write, aims=(AIM,))
FOUND = Kept("commit abc", "2026-01-02", "8 cores, Python 3.11", 3, 1.5, {"walk": [2, 1, 9]})


def test_a_demand_that_is_met_has_no_reason() -> None:
    page = report([WALK], {"walk": FOUND})
    assert "| below 3 ms a walk | 2.0 ms | met |" in page
    assert "| walk | 2.0 (1.0 to 9.0) |" in page
    assert "Shoes" not in page


def test_what_is_missed_is_said_with_the_reason_and_what_comes_next() -> None:
    page = report([WALK], {"walk": replace(FOUND, figures={"walk": [4]})})
    assert "| below 3 ms a walk | 4.0 ms | **missed** |" in page
    assert "### What was missed\n\n- **below 3 ms a walk**: Shoes. Next: others.\n" in page


def test_a_demand_of_at_least_something_is_missed_below_it() -> None:
    least = replace(WALK, aims=(replace(AIM, at_least=True),))
    assert "| 2.0 ms | **missed** |" in report([least], {"walk": FOUND})


def test_each_section_says_when_and_at_which_commit_it_was_measured() -> None:
    page = report([WALK], {"walk": FOUND})
    assert "## Walks\n\n2026-01-02, commit abc, 8 cores, Python 3.11, rounds: 3, load" in page


def test_what_was_never_measured_is_said_with_the_command_that_does_it() -> None:
    page = report([WALK], {})
    assert '| below 3 ms a walk | not measured: `make bench ARGS="--only walk"` |' in page
    assert '## Walks\n\nNot measured yet: `make bench ARGS="--only walk"`.\n' in page


def test_a_section_whose_figures_have_other_names_by_now_does_not_stop_the_page() -> None:
    page = report([WALK], {"walk": replace(FOUND, figures={"stroll": [1]})})
    assert "of an earlier kind, without 'walk'" in page


def test_what_is_kept_is_read_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "page.json"
    assert kept.load(file) == {}
    kept.save(file, {"walk": FOUND, "run": replace(FOUND, figures={})})
    assert kept.load(file) == {"run": replace(FOUND, figures={}), "walk": FOUND}


def test_one_section_is_renewed_and_the_others_stay(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(rounds=1, reference=None, small=True, page=tmp_path / "page.md")
    kept.save(run.data, {"run": FOUND, "walk": FOUND})
    assert run.measure(WALK)
    found = kept.load(run.data)
    assert found["run"] == FOUND
    assert found["walk"].figures == {"walk": [2.0]}
    assert found["walk"].rounds == 1


def test_a_section_that_fails_leaves_what_was_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(bench: Bench) -> None:
        measure(bench)
        raise RuntimeError("no shoes")

    run = Run(rounds=1, reference=None, small=True, page=tmp_path / "page.md")
    kept.save(run.data, {"walk": FOUND})
    assert not run.measure(replace(WALK, measure=fails))
    assert kept.load(run.data) == {"walk": FOUND}
    assert "no shoes" in capsys.readouterr().err


def test_what_takes_long_is_measured_only_when_it_is_named() -> None:
    usual = {one.name for one in chosen(None, [])}
    assert "google" in usual
    assert "million" not in usual
    assert {one.name for one in chosen(None, ["million"])} == usual | {"million"}
    assert [one.name for one in chosen(["million"], [])] == ["million"]
    assert chosen([], []) == []


def test_a_section_that_there_is_not_is_refused_with_those_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        options(["--only", "googel"])
    assert "there is no section googel; there are: google, outlook" in capsys.readouterr().err


def test_sections_have_names_of_their_own_and_a_reason_for_every_miss() -> None:
    names = [one.name for one in SECTIONS]
    assert len(names) == len(set(names))
    aims = [aim for one in SECTIONS for aim in one.aims]
    assert all("Next:" in aim.missed for aim in aims)
    assert len({aim.demand for aim in aims}) == len(aims)


def test_the_page_is_written_from_what_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    monkeypatch.setattr("sys.argv", ["bench", "--only", "--output", str(page)])
    main()
    assert page.read_text(encoding="utf-8") == report(SECTIONS, {})


def test_of_a_hundred_samples_one_may_be_longer() -> None:
    samples = [float(n) for n in range(1, 101)]
    assert nearly_all(Figure(samples[::-1])) == 99.0
    assert nearly_all(Figure(samples * 2)) == 99.0
    assert nearly_all(Figure([7.0, 5.0])) == 7.0
