"""Situations of the platform API: what was before, what is done, what must hold."""

from __future__ import annotations

import json
from datetime import timedelta

from calsync.ops import queries
from calsync.platform_api import feed, tokens, webhook
from calsync.store.api import webhooks
from calsync.store.ledger import sessions
from calsync.store.vault import new_key
from tests.crash.scenarios import Scenario, invited_once
from tests.crash.stage import SAM, Stage

HOOK = f"""
url = "http://127.0.0.1:1/hook"
keys = ["{new_key()}"]
"""
PUSH = """
[[source]]
name = "pushed"
kind = "push"
"""


TOLD = """
[[source]]
name = "told"
kind = "http"
url = "http://127.0.0.1:1/bookings"
inbound_secret = "a secret of sixteen characters"
[source.map]
list = "@"
inbound = "@"
[source.map.record]
id = "id"
updated_at = "updated_at"
status = "status"
title = "title"
starts_at = "starts_at"
ends_at = "ends_at"
time_zone = "time_zone"
url = "url"
participants = "participants"
"""


def pushed(stage: Stage) -> str:
    """What the platform sends is in no file."""
    stage.configure(retention=PUSH)
    stage.book()
    record = json.dumps(stage.records["ses-1"])
    stage.source.write_text("", encoding="utf-8")
    return record


def told(stage: Stage) -> str:
    """By a webhook, for a source that was read before."""
    stage.configure(retention=TOLD)
    stage.book()
    record = json.dumps(stage.records["ses-1"])
    stage.source.write_text("", encoding="utf-8")
    with stage.in_process() as made, made.context.store.write() as db:
        sessions.set_cursor(db, "told", last_ok=db.now)
    return record


def spoilt(stage: Stage) -> str:
    """Delivered, and then sent with a time that is none."""
    record = pushed(stage)
    stage.done("push", record)
    return json.dumps({**json.loads(record), "starts_at": "soon"})


def refused_and_shown(stage: Stage) -> None:
    stage.once()
    assert stage.mailed(SAM) == ["REQUEST"]
    with stage.in_process() as made:
        assert [one.record for one in queries.status(made.context).set_aside] == ["ses-1"]


def a_token(stage: Stage) -> str:
    with stage.in_process() as made:
        return tokens.create(made.context, "default", "old", ["changes:read"]).token


def one_token(stage: Stage) -> None:
    with stage.in_process() as made:
        assert [one.name for one in tokens.listed(made.context, None)] == ["new"]


def noted(stage: Stage) -> None:
    with stage.in_process() as made:
        (token,) = tokens.listed(made.context, None)
        assert token.last_used is not None


def worthless(stage: Stage) -> None:
    with stage.in_process() as made:
        (token,) = tokens.listed(made.context, None)
        assert token.revoked is not None


def delivered(stage: Stage) -> None:
    stage.book()
    stage.sync()


def told_once_in_order(stage: Stage) -> None:
    with stage.in_process() as made:
        found = feed.changes(made.context, "default", 0, 100).facts
    assert [one["cursor"] for one in found] == [str(n) for n in range(1, len(found) + 1)]
    assert sorted(one["kind"] for one in found) == ["account_connected", *["delivered"] * 2]
    assert len({one["id"] for one in found}) == len(found)


def hooked(stage: Stage) -> str:
    """Delivered, and a webhook to nobody yet: the act has its own receiver."""
    stage.configure(webhook=HOOK)
    stage.done("begin_webhook")
    return delivered(stage) or ""


def nothing_waits(stage: Stage) -> None:
    with stage.in_process() as made:
        (known,) = webhook.listed(made.context).webhooks
    assert (known.waiting, known.attempts) == (0, 0)


def begun_at_what_was(stage: Stage) -> None:
    """The account was connected before, and is not told."""
    nothing_waits(stage)
    delivered(stage)
    with stage.in_process() as made:
        (known,) = webhook.listed(made.context).webhooks
    assert known.waiting == 2


def buried(stage: Stage) -> str:
    hooked(stage)
    with stage.in_process() as made:
        feed.changes(made.context, "default", 0, 100)
        with made.context.store.write() as db:
            part = webhooks.claim(db, "default", timedelta(seconds=1), 100)
            assert part is not None
            webhooks.bury(db, part, "status 500")
    return ""


def none_is_dead(stage: Stage) -> None:
    with stage.in_process() as made:
        assert webhook.listed(made.context).dead == []


def with_webhook(stage: Stage) -> str:
    stage.configure(webhook=HOOK)
    return ""


TELLING = ("webhook_claim", "webhook_call", "webhook_finish")
REPLAYING = ("webhook_replay", "webhook_replayed")

PLATFORM = (
    Scenario(("webhook_begin",), with_webhook, begun_at_what_was, "begin_webhook"),
    Scenario(TELLING, hooked, nothing_waits, "tell"),
    Scenario(REPLAYING, buried, none_is_dead, "replay"),
    Scenario(("feed_number",), delivered, told_once_in_order, "read"),
    Scenario(("push",), pushed, invited_once, "push"),
    Scenario(("inbound",), told, invited_once, "send_in"),
    Scenario(("push_refused",), spoilt, refused_and_shown, "push"),
    Scenario(("token_create",), lambda _: None, one_token, "create_token", "token_create"),
    Scenario(("token_used",), a_token, noted, "use_token"),
    Scenario(("token_revoke",), a_token, worthless, "revoke_token", "token_revoke"),
)
