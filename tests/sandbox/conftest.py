from __future__ import annotations

from collections.abc import Iterator

import pytest

from calsync.sandbox import Sandbox
from tests.sandbox.caller import MAYA, Caller
from tests.sandbox.graph_caller import OLGA, GraphCaller


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as one:
        one.add_person(MAYA, name="Maya Chen", time_zone="America/Toronto", google=True)
        one.add_person(OLGA, name="Olga Berg", outlook=True)
        yield one


@pytest.fixture
def maya(sandbox: Sandbox) -> Iterator[Caller]:
    with Caller(sandbox, sandbox.access_token(MAYA)) as caller:
        yield caller


@pytest.fixture
def olga(sandbox: Sandbox) -> Iterator[GraphCaller]:
    with GraphCaller(sandbox, sandbox.outlook_token(OLGA)) as caller:
        yield caller
