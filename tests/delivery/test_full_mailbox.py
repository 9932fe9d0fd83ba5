"""A mailbox that is full for days gets its invitation once there is room, and only once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.harness.installation import MAYA, Installation, installed


@pytest.fixture
def calsync(tmp_path: Path) -> Iterator[Installation]:
    with installed(tmp_path) as made:
        yield made


def hours_later(calsync: Installation, hours: int) -> None:
    calsync.shift += timedelta(hours=hours, seconds=1)
    calsync.sync()


@pytest.mark.parametrize("status", [552, 452])
def test_a_full_mailbox_is_tried_again_until_there_is_room(
    calsync: Installation, status: int
) -> None:
    said = f"{status // 100}.2.2 The recipient's inbox is out of storage space"
    calsync.sandbox.fail_smtp(code=status, message=said, person=MAYA, times=None)
    calsync.book()
    calsync.sync()
    for _ in range(3):
        hours_later(calsync, 24)
    assert calsync.mails() == []
    assert calsync.copies() == [("mail", "planned")]

    calsync.sandbox.clear_faults()
    hours_later(calsync, 24)
    assert calsync.mails() == ["REQUEST"]
    hours_later(calsync, 24)
    assert calsync.mails() == ["REQUEST"]
    assert calsync.copies() == [("mail", "live")]
