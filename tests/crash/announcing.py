"""Upcoming Session mails: whoever dies while one is sent, nobody gets a second one."""

from __future__ import annotations

from tests.crash.scenarios import Scenario
from tests.crash.stage import MAYA, SAM, Stage

SENDING = ("upcoming_claim", "upcoming_send", "upcoming_finish")


def near(stage: Stage) -> None:
    """Maya and Sam were shown a session, which starts in less than a day now."""
    stage.configure(mail='upcoming_to = "all"')
    stage.book(days=3)
    stage.sync()
    stage.later(days=2, hours=12)


def announced_at_most_once(stage: Stage) -> None:
    """Whose mail was under way gets none or that one, the other person theirs."""
    stage.once()
    sent = [len(announcements(stage, person)) for person in (MAYA, SAM)]
    assert max(sent) == 1
    stage.later(hours=1)
    stage.done()
    assert [len(announcements(stage, person)) for person in (MAYA, SAM)] == sent


def announcements(stage: Stage, person: str) -> list[str]:
    mails = stage.sandbox.mails(person)
    return [mail.subject for mail in mails if mail.subject.startswith("Coming up")]


def sam_decides(stage: Stage) -> str:
    near(stage)
    return SAM


def sam_gets_none(stage: Stage) -> None:
    stage.done()
    assert [len(announcements(stage, person)) for person in (MAYA, SAM)] == [1, 0]


ANNOUNCED = (
    Scenario(SENDING, near, announced_at_most_once),
    Scenario(("choose_mails",), sam_decides, sam_gets_none, "turn_mails_off"),
)
