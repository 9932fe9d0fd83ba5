"""Situations in which every point is passed: what was before, what is done, what must hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from calsync.ops import commands
from calsync.ops.questions.explain import explain
from calsync.store.ledger.rows import table
from calsync.store.queue import pauses
from calsync.store.sealing import reseal as sealing
from calsync.store.vault import new_key
from tests.crash.stage import LENA, MAYA, SAM, Stage


def nothing(_: Stage) -> None:
    """Nothing has to be mended before the restart."""


@dataclass(frozen=True)
class Scenario:
    """names     the transactions and calls before and after which the process is killed
    prepare   returns the argument of the act
    act       what the process does, again after the restart, unless it was done: `verb` is the
              transaction in which ops' command is carried out; after that a pass must do
    mend      what ops or the platform put right before the restart
    judge     nothing lost, nothing doubled"""

    names: tuple[str, ...]
    prepare: Callable[[Stage], str | None]
    judge: Callable[[Stage], None]
    act: str = "sync"
    verb: str = ""
    mend: Callable[[Stage], None] = nothing

    def play(self, stage: Stage, point: str) -> None:
        argument = self.prepare(stage) or ""
        stage.killed(point, self.act, argument)
        self.mend(stage)
        if point == f"{self.verb}.after":
            stage.done()
        else:
            stage.done(self.act, argument)
        self.judge(stage)


# --- polling -------------------------------------------------------------------------------------


def booked(stage: Stage) -> None:
    stage.book()


def delivered(stage: Stage) -> None:
    stage.book()
    stage.sync()


def moved(stage: Stage) -> None:
    delivered(stage)
    stage.move()


def invited_once(stage: Stage) -> None:
    stage.once()
    assert stage.mailed(SAM) == ["REQUEST"]


def updated_once(stage: Stage) -> None:
    stage.once()
    assert stage.mailed(SAM) == ["REQUEST", "REQUEST"]


def source_gone(stage: Stage) -> None:
    moved(stage)
    stage.source.unlink()


def vanished(stage: Stage) -> None:
    """Missing in one complete sweep; the next one is due."""
    stage.book("ses-1")
    stage.book("ses-2", days=6)
    stage.sync()
    stage.lose("ses-2")
    stage.put({"id": "ses-3", "status": "booked"})  # cannot be used
    stage.later(hours=7)
    stage.sync()
    stage.lose("ses-3")
    stage.later(hours=7)


def one_is_left(stage: Stage) -> None:
    stage.once()
    assert stage.mailed(SAM) == ["REQUEST", "REQUEST", "CANCEL"]
    assert stage.set_aside() == []


def half_delivered(stage: Stage) -> None:
    """A worker died between a call and its outcome."""
    stage.book()
    stage.killed("send.after")


def left_out(stage: Stage) -> None:
    """Sam was outside `only_to`, and is inside now."""
    stage.configure(deliver='only_to = ["*@gmail.example"]')
    delivered(stage)
    assert stage.shown(SAM) == []
    stage.configure()


def connected_since_a_restore(stage: Stage) -> None:
    """The ledger was put back once; Maya's calendar was not listed since, and ses-1 has moved."""
    delivered(stage)
    stage.done("restore")
    with stage.in_process() as made, made.context.store.write() as db:
        db.run(sa.update(table("account")).values(listed_at=None))
    stage.move()


# --- looks and notices ---------------------------------------------------------------------------


def deleted_by_maya(stage: Stage) -> None:
    delivered(stage)
    (event,) = stage.sandbox.shown(MAYA)
    stage.sandbox.user_deletes(MAYA, event.id)
    stage.later(days=4, minutes=1)  # the look of 24 hours before is due


def stays_deleted(stage: Stage) -> None:
    stage.once(SAM)
    assert stage.shown(MAYA) == []
    assert states(stage, MAYA) == ["dismissed"]


def unreachable(stage: Stage) -> None:
    """Google asked for a break, and a session of Maya's starts soon."""
    with stage.in_process() as made, made.context.store.write() as db:
        pauses.stop(db, "default", "google", "provider", "429")
    stage.book(minutes=100)
    stage.sync()
    stage.later(minutes=10)


def told_once(stage: Stage) -> None:
    assert stage.mailed(MAYA) == [""]
    stage.once(SAM)
    stage.done("resume")
    invited_once(stage)
    assert stage.mailed(MAYA) == [""]


# --- accounts ------------------------------------------------------------------------------------


def lena_is_mailed(stage: Stage) -> str:
    stage.book("ses-1", LENA, SAM)
    stage.sync()
    return f"{LENA} {stage.sandbox.grant(LENA)}"


def lena_is_connected(stage: Stage) -> None:
    stage.once(LENA, SAM)
    assert stage.ours(LENA) == [True]
    assert states(stage, LENA)[-1] == "live"


def delivered_account(stage: Stage) -> str:
    delivered(stage)
    return stage.account


def maya_is_mailed(stage: Stage) -> None:
    stage.once()
    assert stage.ours(MAYA) == [False]
    account = table("account")
    with stage.in_process() as made, made.context.store.read() as db:
        (row,) = db.all(sa.select(account.c.state, account.c.secret, account.c.token))
    assert row == {"state": "disconnected", "secret": None, "token": None}


def access_is_taken_back(stage: Stage) -> None:
    """Whatever answer was lost: in the end Google knows the token no longer, nor do we."""
    maya_is_mailed(stage)
    told = [one.status for one in stage.sandbox.requests() if one.path == "/revoke"]
    assert told in ([200], [200, 400])


def states(stage: Stage, person: str) -> list[str]:
    with stage.in_process() as made:
        told = explain(made.context, "ses-1", person, "default")
    return [one.state for one in told.people[0].copies]


# --- ops -----------------------------------------------------------------------------------------


def nothing_yet(stage: Stage) -> None:
    assert (stage.shown(MAYA), stage.shown(SAM)) == ([], [])
    stage.done("resume")
    invited_once(stage)


def paused(stage: Stage) -> None:
    with stage.in_process() as made:
        commands.pause(made.context, "*", "*")
    delivered(stage)


def held(stage: Stage) -> None:
    stage.configure(guard="max_first_mails = 0\nfree_sessions = 0")
    delivered(stage)
    assert stage.shown(SAM) == []


def refused(stage: Stage) -> None:
    """Google refused Maya's event for good; nothing but ops makes calsync try again."""
    stage.sandbox.fail({"method": "POST", "path_contains": "/events"}, status=400, reason="invalid")
    delivered(stage)
    stage.sync()
    assert stage.shown(MAYA) == []


def resent(stage: Stage) -> None:
    """An answer that was lost is asked for again with the same bytes."""
    stage.done()
    stage.once()
    mails = stage.sandbox.mails(SAM)
    assert stage.mailed(SAM) == ["REQUEST", "REQUEST"]
    assert len({(mail.uid, mail.sequence) for mail in mails}) == 1


def sams_address(stage: Stage) -> str:
    delivered(stage)
    return SAM


def forgotten(stage: Stage) -> None:
    stage.once()
    delivery, copy = table("delivery").c, table("copy").c
    with stage.in_process() as made, made.context.store.read() as db:
        assert [row["email"] for row in db.all(sa.select(delivery.email))].count(SAM) == 0
        left = sa.select(copy.participant).where(copy.content.is_not(None))
        assert [row["participant"] for row in db.all(left)] == ["u-1"]


def rekeyed(stage: Stage) -> None:
    delivered(stage)
    stage.configure(NEW, old_key(stage))


def resealed(stage: Stage) -> None:
    """The old key is not needed any more."""
    stage.configure(NEW)
    stage.move()
    stage.done()
    updated_once(stage)


def resealed_in_part(stage: Stage) -> None:
    """The next process finds that the new key opens what is sealed under its id."""
    rekeyed(stage)
    with stage.in_process() as made:
        sealing.run(made.context.store, made.context.vault)
    stage.move()


def one_key_lost(stage: Stage) -> str:
    rekeyed(stage)
    return "lost"


def key_lost(stage: Stage) -> None:
    """In a ledger that remembers no keys, as one of before the canaries."""
    moved(stage)
    with stage.in_process() as made, made.context.store.write() as db:
        db.run(sa.delete(table("key_canary")))
    stage.configure(NEW)


def key_found(stage: Stage) -> None:
    stage.configure(NEW, old_key(stage))
    stage.later(hours=1)
    stage.done()
    updated_once(stage)


def old_key(stage: Stage) -> str:
    return (stage.folder / "keys").read_text(encoding="utf-8")


NEW = new_key()


def stands_elsewhere(stage: Stage) -> None:
    """Nothing was sent, and the next change is, once."""
    assert (stage.shown(MAYA), stage.shown(SAM)) == ([], [])
    stage.move()
    stage.done()
    invited_once(stage)


def long_over(stage: Stage) -> None:
    stage.book("ses-2", days=1)
    stage.sync()
    stage.book("ses-1", days=60)
    stage.sync()
    stage.later(days=35)


def blanked(stage: Stage) -> None:
    copy = table("copy").c
    with stage.in_process() as made, made.context.store.read() as db:
        left = sa.select(copy.session).where(copy.content.is_not(None)).distinct()
        assert [row["session"] for row in db.all(left)] == ["ses-1"]
    for person in (MAYA, SAM):
        assert [title for title, _ in stage.shown(person)] == ["Title of ses-2", "Title of ses-1"]
    assert stage.mailed(SAM) == ["REQUEST", "REQUEST"]


DELIVERING = ("group", "call", "send")  # killed in each of three changes: test_crash.py
SQLITE_ONLY = ("take_over", "step_down")  # PostgreSQL takes several daemons
POLLING = ("lease_take", "poll_page", "poll_close", "lease_end")
RELEASING = ("guard_decide", "guard_release", "guard_end")  # of a large batch
SWEEPING = ("sweep_compare", "sweep_mended", "sweep_close", "sweep_tried")
TOKEN = ("token_lock", "refresh", "token_store", "token_unlock")
LOOKING = ("look_claim", "look_call", "look_finish")
NOTICING = ("tell", "notice_claim", "notice_send", "notice_finish")
REVOKING = ("revoke_claim", "revoke_call", "revoke_finish")
RESTORING = ("recover_begin", "recover", "verify_pace", "list_call", "verify", "recovered")
BASELINE = ("baseline_begin", "baseline_record", "baseline_end")

SCENARIOS = (
    Scenario((*POLLING, *TOKEN), booked, invited_once),
    Scenario(("hurry",), moved, updated_once),
    Scenario(RELEASING, moved, updated_once, "sync_by_ranges"),
    Scenario(("poll_failed",), source_gone, updated_once, mend=Stage.publish),
    Scenario(SWEEPING, vanished, one_is_left),
    Scenario(("begin",), left_out, invited_once),
    Scenario(("reap", "finish"), half_delivered, invited_once),
    Scenario(("set_back",), key_lost, key_found),
    Scenario(LOOKING, deleted_by_maya, stays_deleted),
    Scenario(NOTICING, unreachable, told_once),
    Scenario(("connect_call", "connect"), lena_is_mailed, lena_is_connected, "connect", "connect"),
    Scenario(("disconnect",), delivered_account, maya_is_mailed, "disconnect", "disconnect"),
    Scenario(("disconnects",), delivered_account, maya_is_mailed, "disconnect"),
    Scenario(("leave",), delivered_account, access_is_taken_back, "part", "leave"),
    Scenario(REVOKING, delivered_account, access_is_taken_back, "part"),
    Scenario(("take_over", "beat", "reap_again", "step_down"), booked, invited_once, "run"),
    Scenario(("failure",), booked, invited_once, "run_with_a_broken_job"),
    Scenario(("pause",), booked, nothing_yet, "pause", "pause"),
    Scenario(("resume",), paused, invited_once, "resume", "resume"),
    Scenario(("status", "approve"), held, invited_once, "approve", "approve"),
    Scenario(("resend",), delivered, resent, "resend", "resend"),
    Scenario(("resync",), refused, invited_once, "resync", "resync"),
    Scenario(("forget",), sams_address, forgotten, "forget", "forget"),
    Scenario(("reseal", "canary_renewed"), rekeyed, resealed, "reseal", "canary_renewed"),
    Scenario(("canary",), resealed_in_part, updated_once),
    Scenario(("key_lost",), one_key_lost, resealed, "reseal"),
    Scenario(BASELINE, booked, stands_elsewhere, "baseline", "baseline_end"),
    Scenario(RESTORING, moved, updated_once, "restore"),
    Scenario(("listed",), connected_since_a_restore, updated_once),
    Scenario(("purge", "purge_more"), long_over, blanked, "clean", "purge"),
)
