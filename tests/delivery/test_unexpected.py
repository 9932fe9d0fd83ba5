"""An exception that nobody foresaw concerns one call: it ends no pass, keeps no lease, and is
told."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from calsync.core.calls import Receipt
from calsync.daemon import single_pass
from calsync.delivery import deliver
from calsync.delivery.call import CallMaker
from calsync.delivery.groups import Groups
from calsync.ops import retention, verdict
from calsync.ops.results.finding import Severity
from calsync.ops.results.status import UnexpectedFailure
from calsync.store.ledger import journal
from calsync.store.ledger.rows import table
from tests.harness.platform import MAYA, SAM, Platform
from tests.harness.surprises import SECRET, failures, once, raising


def overflowing(*_: object, **__: object) -> Any:
    return float(10**400)


def with_event(platform: Platform) -> str:
    """Maya's calendar shows her session; returns her account."""
    maya = platform.connect("maya@example.org")
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.deliver()
    return maya


def attempts(platform: Platform, session: str = "ses-1") -> list[tuple[str, str]]:
    attempt = table("attempt")
    query = sa.select(attempt.c.outcome, attempt.c.answer).where(attempt.c.session == session)
    with platform.store.read() as db:
        return [(row["outcome"], row["answer"]) for row in db.all(query.order_by(attempt.c.id))]


def told(platform: Platform) -> list[UnexpectedFailure]:
    return failures(platform.context)


def leases(platform: Platform) -> list[object]:
    held = []
    with platform.store.read() as db:
        for name in ("delivery", "lane"):
            token = table(name).c.lease_token
            held += [row["lease_token"] for row in db.all(sa.select(token)) if row["lease_token"]]
    return held


def test_an_exception_from_a_call_is_an_answer_and_the_others_get_theirs(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.connect("maya@example.org")
    platform.book(platform.a_session())
    monkeypatch.setattr(platform.calendar, "send", overflowing)
    platform.deliver()

    ((outcome, answer),) = [one for one in attempts(platform) if one[0] != "yes"]
    assert outcome == "maybe"
    assert answer.startswith("refused (maybe, copy): unexpected OverflowError in ")
    assert platform.states() == ["google unsure"]
    assert len(platform.mail.sent) == 1
    assert leases(platform) == []


def test_what_is_told_names_the_place_and_never_what_the_exception_says(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[dict[str, object]] = []
    object.__setattr__(
        platform.context, "log", lambda what, **facts: lines.append({"what": what, **facts})
    )
    platform.connect("maya@example.org")
    platform.book(platform.a_session(participants=(MAYA,)))
    monkeypatch.setattr(platform.calendar, "send", raising(KeyError(SECRET)))
    platform.deliver()

    (found,) = told(platform)
    assert (found.area, found.error, found.count) == ("call", "KeyError", 1)
    assert found.function == "calsync.delivery.call.CallMaker._with_access"
    assert found.line > 0
    assert (found.tenant, found.session, found.participant) == ("default", "ses-1", "u-1")
    (logged,) = [one for one in lines if one["what"] == "unexpected_error"]
    assert logged == {
        "what": "unexpected_error",
        "area": "call",
        "tenant": "default",
        "session": "ses-1",
        "participant": "u-1",
        "error": "KeyError",
        "function": found.function,
        "line": found.line,
    }
    with platform.store.read() as db:
        (line,) = journal.recent(db, ("unexpected_error",))
        written = journal.lines(db, "default", "ses-1")
    assert (line["session"], line["participant"]) == ("ses-1", "u-1")
    assert SECRET not in json.dumps([lines, written], default=str)
    assert SECRET not in str(platform.delivery())


def test_an_operator_is_told_once_for_each_place_with_the_newest_session(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.connect("maya@example.org")
    platform.book(*(platform.a_session(f"ses-{n}", participants=(MAYA,)) for n in (1, 2, 3)))
    monkeypatch.setattr(platform.calendar, "send", raising(KeyError()))
    platform.deliver()

    (found,) = [one for one in verdict.verdict(platform.context) if "unexpected" in one.text]
    assert found.severity is Severity.WARNING
    assert found.text.startswith(
        "3 unexpected failures were caught (call): KeyError in "
        "calsync.delivery.call.CallMaker._with_access, line "
    )
    assert found.whom in {"session ses-1", "session ses-2", "session ses-3"}
    assert found.command == f"calsync explain {found.whom.removeprefix('session ')}"

    platform.later(hours=25)
    assert told(platform) == []
    platform.later(days=500)
    retention.run_once(platform.context)
    with platform.store.read() as db:
        assert db.all(sa.select(table("unexpected_failure"))) == []


def test_an_exception_while_an_answer_is_judged_is_stored_as_that_answer(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event was made, and is found by its key later."""
    platform.connect("maya@example.org")
    platform.book(platform.a_session(participants=(MAYA,)))
    judge = deliver.after_call

    def judged(made: Any, n: int, attempt: Any, answer: Any) -> Any:
        return judge(made, n, attempt, answer) if isinstance(answer, Exception) else overflowing()

    with monkeypatch.context() as broken:
        broken.setattr(deliver, "after_call", judged)
        platform.deliver()
    ((outcome, answer),) = attempts(platform)
    assert (outcome, answer[:22]) == ("maybe", "refused (maybe, copy):")
    assert [one.area for one in told(platform)] == ["outcome"]
    assert leases(platform) == []
    assert len(platform.calendar.live("maya@example.org")) <= 1


def test_a_look_up_that_fails_unexpectedly_is_made_again_later(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    maya = platform.connect("maya@example.org")
    platform.calendar.failures = ["lost"]
    platform.book(platform.a_session(participants=(MAYA,)))
    platform.deliver()
    with monkeypatch.context() as broken:
        broken.setattr(platform.calendar, "find", raising(RecursionError()))
        platform.later(minutes=10)
        platform.deliver()
    assert platform.states() == ["google unsure"]
    assert [one.error for one in told(platform)] == ["RecursionError"]
    assert platform.delivery()["parked"] is None

    platform.later(hours=2)
    platform.deliver()
    assert platform.states() == ["google live"]
    assert len(platform.calendar.live(maya)) == 1


@pytest.mark.parametrize("character", ["\ud800", "\0"])
def test_a_value_that_the_database_refuses_is_one_deliverys_trouble(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, character: str
) -> None:
    platform.connect("maya@example.org")
    platform.book(platform.a_session())
    strange = Receipt(f"id{character}", "etag")
    monkeypatch.setattr(platform.calendar, "send", lambda *_: strange)
    platform.deliver()

    stored = character == "\0" and platform.store.sqlite  # PostgreSQL's texts hold no NUL
    assert platform.states() == ["google live" if stored else "google unsure"]
    assert [one.area for one in told(platform)] == ([] if stored else ["outcome"])
    assert len(platform.mail.sent) == 1
    assert leases(platform) == []


def test_a_decision_that_fails_is_told_with_its_place_as_well(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.book(platform.a_session(participants=(SAM,)))
    monkeypatch.setattr(platform.mail, "prepare", raising(ValueError(SECRET)))
    platform.deliver()

    (found,) = told(platform)
    assert (found.area, found.error) == ("decision", "ValueError")
    assert found.function == "calsync.delivery.attempts.Attempts.draft"
    assert leases(platform) == []


# --- inspections -----------------------------------------------------------------------------


def inspected(platform: Platform) -> list[dict[str, Any]]:
    with platform.store.read() as db:
        return journal.recent(db, ("look_failed",))


def test_an_inspection_that_fails_unexpectedly_withdraws_nothing_and_is_made_again(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    maya = with_event(platform)
    platform.later(days=9, hours=1)
    with monkeypatch.context() as broken:
        broken.setattr(platform.calendar, "inspect", raising(RecursionError(SECRET)))
        assert platform.inspector.run_once() == 1
        assert platform.inspector.run_once() == 0, "it waits, and keeps nobody else waiting"
    (line,) = inspected(platform)
    assert line["detail"]["answer"].startswith("refused: unexpected RecursionError in calsync.")
    (found,) = told(platform)
    assert (found.area, found.session, found.participant) == ("inspection", "ses-1", "u-1")
    assert leases(platform) == []
    assert platform.states() == ["google live"]

    platform.later(minutes=11)
    assert platform.inspector.run_once() == 1
    assert len(inspected(platform)) == 1
    assert len(platform.calendar.live(maya)) == 1


def test_a_sighting_that_cannot_be_judged_ends_its_inspection(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_event(platform)
    platform.later(days=9, hours=1)
    with monkeypatch.context() as broken:
        broken.setattr(platform.inspector, "_compare", raising(OverflowError()))
        assert platform.inspector.run_once() == 1
    assert [one.error for one in told(platform)] == ["OverflowError"]
    assert leases(platform) == []
    assert platform.states() == ["google live"]


# --- a pass ----------------------------------------------------------------------------------


def test_a_pass_goes_on_with_the_others_and_ends_as_failed(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_event(platform)
    platform.later(days=9, hours=1)
    monkeypatch.setattr(platform.calendar, "inspect", raising(RecursionError()))
    done = single_pass.deliver_all(platform.context, {})
    assert (done.unexpected, done.failed) == (1, True)

    again = single_pass.deliver_all(platform.context, {})
    assert (again.unexpected, again.failed) == (0, False)


def test_a_worker_that_fails_outside_of_every_net_costs_one_claim_and_no_pass(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.book(*(platform.a_session(f"ses-{n}", participants=(SAM,)) for n in (1, 2, 3)))
    monkeypatch.setattr(CallMaker, "answer", once(KeyError(SECRET), CallMaker.answer))
    done = single_pass.deliver_all(platform.context, {})
    assert (done.yes, done.unexpected, done.failed) == (2, 1, True)
    (found,) = told(platform)
    assert (found.area, found.error) == ("worker", "KeyError")

    platform.later(minutes=3)
    single_pass.deliver_all(platform.context, {})
    assert len(platform.mail.sent) == 3, "its lease has ended, and it is sent"


def test_workers_that_always_fail_end_a_pass(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.book(platform.a_session(participants=(SAM,)))
    monkeypatch.setattr(Groups, "run", raising(KeyError()))
    done = single_pass.deliver_all(platform.context, {})
    assert (done.calls, done.failed) == (0, True)


@pytest.mark.parametrize(
    "part",
    [
        "calsync.daemon.maintenance.once",
        "calsync.daemon.maintenance.disconnects",
        "calsync.delivery.tell.run",
        "calsync.delivery.inspect.Inspector.run_once",
        "calsync.notices.sender.Notifier.run_once",
    ],
)
def test_no_part_of_a_pass_keeps_the_others_from_being_done(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    platform.book(platform.a_session(participants=(SAM,)))
    monkeypatch.setattr(part, raising(KeyError(SECRET)))
    done = single_pass.deliver_all(platform.context, {})
    assert (done.yes, done.unexpected, done.failed) == (1, 1, True)
