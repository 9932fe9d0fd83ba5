from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.installation import installed
from tests.harness.platform_fixtures import (  # noqa: F401 - fixtures of this folder
    make_platform,
    no_call_inside_a_transaction,
    platform,
)
from tests.ops.restoring import Restoring


@pytest.fixture
def restoring(tmp_path: Path) -> Iterator[Restoring]:
    with installed(tmp_path) as made:
        yield Restoring(made)
