"""A notice that fails in a way nobody foresaw keeps no other one back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from calsync.notices.sender import GIVE_UP
from calsync.store.ledger.rows import table
from tests.harness.platform import Platform
from tests.harness.surprises import SECRET, failures, once, raising
from tests.notices.test_notices import FakeSender, notify, want


@pytest.fixture
def sender() -> FakeSender:
    return FakeSender()


def states(platform: Platform) -> dict[str, str]:
    notice = table("notice").c
    with platform.store.read() as db:
        rows = db.all(sa.select(notice.subject_key, notice.state, notice.lease_token))
    assert all(row["lease_token"] is None for row in rows)
    return {row["subject_key"]: row["state"] for row in rows}


def test_one_that_cannot_be_written_lets_the_others_pass_and_is_tried_again(
    platform: Platform, sender: FakeSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("first", "second"):
        want(platform, key=key)
        platform.later(seconds=1)
    prepare = once(RecursionError(SECRET), sender.prepare_account_notice)
    monkeypatch.setattr(sender, "prepare_account_notice", prepare)
    assert notify(platform, sender) == 2
    assert states(platform) == {"first": "due", "second": "sent"}
    (found,) = failures(platform.context)
    assert (found.area, found.error, found.session) == ("notice", "RecursionError", "first")

    platform.later(minutes=61)
    notify(platform, sender)
    assert states(platform) == {"first": "sent", "second": "sent"}
    assert len(sender.sent) == 2


def test_one_that_can_never_be_written_is_given_up_in_the_end(
    platform: Platform, sender: FakeSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    want(platform)
    monkeypatch.setattr(sender, "prepare_account_notice", raising(ValueError()))
    notify(platform, sender)
    assert states(platform) == {"acc": "due"}
    platform.ahead += GIVE_UP
    notify(platform, sender)
    assert states(platform) == {"acc": "refused"}


def test_a_send_of_which_nobody_knows_what_became_is_repeated_three_times_and_no_more(
    platform: Platform, sender: FakeSender, monkeypatch: pytest.MonkeyPatch
) -> None:
    want(platform)
    send, broken = sender.send_notice, raising(UnicodeError(SECRET))

    def sent(body: bytes, to: str, until: float) -> None:
        send(body, to, until)
        broken()

    monkeypatch.setattr(sender, "send_notice", sent)
    for _ in range(8):
        notify(platform, sender)
        platform.later(hours=2)
    assert states(platform) == {"acc": "refused"}
    assert len(sender.sent) == 4
    assert len({body for _, body in sender.sent}) == 1
    (found,) = failures(platform.context)
    assert (found.area, found.count) == ("notice", 4)
