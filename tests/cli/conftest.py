"""Installations for the commands: a fresh one for each test that changes something."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.rig import LENA, MAYA, SAM, Rig, a_rig
from tests.harness.transactions import no_call_inside_a_transaction  # noqa: F401 - watches all


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """Nobody is connected, nothing is booked."""
    with a_rig(tmp_path) as made:
        yield made


@pytest.fixture
def synced(rig: Rig) -> Rig:
    """Maya is connected; ses-1 and ses-2 were delivered to everybody."""
    deliver(rig)
    return rig


@pytest.fixture(scope="module")
def booked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """The same, shared by tests that ask for what is refused."""
    with a_rig(tmp_path_factory.mktemp("booked")) as made:
        deliver(made)
        yield made


def deliver(rig: Rig) -> None:
    rig.connect()
    rig.book("ses-1", MAYA, SAM)
    rig.book("ses-2", MAYA, LENA)
    rig.run("sync")
