"""A process that stays has loaded what it needs before anybody waits for it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import closing

import pytest

from calsync.bootstrap import assembly
from calsync.config import load
from providers.mail.texts import body
from tests.cli.rig import Rig


@pytest.fixture(autouse=True)
def nothing_is_ready() -> Iterator[None]:
    body.template.cache_clear()
    gc.unfreeze()
    yield
    gc.unfreeze()


def test_a_process_that_stays_loads_first_what_is_loaded_once(rig: Rig) -> None:
    with closing(assembly.build(load(rig.config, {}), stays=True)):
        assert body.template.cache_info().currsize == 1
        assert gc.get_freeze_count() > 10 * len(gc.get_objects())  # of those it still looks at


def test_a_command_loads_what_it_needs(rig: Rig) -> None:
    with closing(assembly.build(load(rig.config, {}))):
        assert body.template.cache_info().currsize == 0
        assert gc.get_freeze_count() == 0
