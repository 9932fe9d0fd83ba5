"""Situations of the platform API: what was before, what is done, what must hold."""

from __future__ import annotations

import json

from tests.crash.scenarios import Scenario, invited_once
from tests.crash.stage import SAM, Stage

PUSH = """
[[source]]
name = "pushed"
kind = "push"
"""


def pushed(stage: Stage) -> str:
    """What the platform sends is in no file."""
    stage.configure(retention=PUSH)
    stage.book()
    record = json.dumps(stage.records["ses-1"])
    stage.source.write_text("", encoding="utf-8")
    return record


def spoilt(stage: Stage) -> str:
    """Delivered, and then sent with a time that is none."""
    record = pushed(stage)
    stage.done("push", record)
    return json.dumps({**json.loads(record), "starts_at": "soon"})


def refused_and_shown(stage: Stage) -> None:
    stage.once()
    assert stage.mailed(SAM) == ["REQUEST"]
    with stage.service() as service:
        assert [one["record"] for one in service.status()["set_aside"]] == ["ses-1"]


def a_token(stage: Stage) -> str:
    with stage.service() as service:
        return str(service.platform.create_token("default", "old", ["changes:read"])["token"])


def one_token(stage: Stage) -> None:
    with stage.service() as service:
        assert [one["name"] for one in service.platform.tokens(None)] == ["new"]


def noted(stage: Stage) -> None:
    with stage.service() as service:
        (token,) = service.platform.tokens(None)
        assert token["last_used"] is not None


def worthless(stage: Stage) -> None:
    with stage.service() as service:
        (token,) = service.platform.tokens(None)
        assert token["revoked"] is not None


def delivered(stage: Stage) -> None:
    stage.book()
    stage.sync()


def told_once_in_order(stage: Stage) -> None:
    with stage.service() as service:
        found = service.platform.changes("default", 0, 100).facts
    assert [one["cursor"] for one in found] == [str(n) for n in range(1, len(found) + 1)]
    assert sorted(one["kind"] for one in found) == ["account_connected", *["delivered"] * 2]
    assert len({one["id"] for one in found}) == len(found)


PLATFORM = (
    Scenario(("feed_number",), delivered, told_once_in_order, "read"),
    Scenario(("push",), pushed, invited_once, "push"),
    Scenario(("push_refused",), spoilt, refused_and_shown, "push"),
    Scenario(("token_create",), lambda _: None, one_token, "create_token", "token_create"),
    Scenario(("token_used",), a_token, noted, "use_token"),
    Scenario(("token_revoke",), a_token, worthless, "revoke_token", "token_revoke"),
)
