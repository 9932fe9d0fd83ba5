from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from calsync.sandbox import Sandbox
from tests.sandbox.caller import MAYA, Caller
from tests.sandbox.graph_caller import OLGA, GraphCaller
from tests.sandbox.receiver import Receiver


@pytest.fixture
def now() -> Callable[[], datetime] | None:
    """The sandbox's clock; a module may have one of its own."""
    return None


@pytest.fixture
def sandbox(now: Callable[[], datetime] | None) -> Iterator[Sandbox]:
    with Sandbox(now=now) as one:
        one.add_person(MAYA, name="Maya Chen", time_zone="America/Toronto", google=True)
        one.add_person(OLGA, name="Olga Berg", outlook=True)
        yield one


@pytest.fixture
def maya(sandbox: Sandbox) -> Iterator[Caller]:
    with Caller(sandbox, sandbox.access_token(MAYA)) as caller:
        yield caller


@pytest.fixture
def olga(sandbox: Sandbox) -> Iterator[GraphCaller]:
    with GraphCaller(sandbox, sandbox.outlook_token(OLGA, expires_in=30 * 86400)) as caller:
        yield caller


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as one:
        yield one
