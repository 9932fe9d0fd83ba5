"""What people are promised between a backup, its return and its repair."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from calsync.ops import retention
from calsync.store.ledger.rows import table
from tests.harness.installation import MAYA
from tests.ops.restoring import Restoring

OPEN = {"id": "prog-7", "name": "Women in Engineering", "kind": "group"}
DISCREET = OPEN | {"discreet": True}


def hidden(restoring: Restoring, provider: str) -> tuple[str, str]:
    """The title of the one event, and whether others see it."""
    sandbox = restoring.made.sandbox
    if provider == "google":
        (event,) = sandbox.events(MAYA)
        return event["summary"], event.get("visibility", "default")
    (event,) = sandbox.outlook_events(MAYA)
    return event["subject"], event["sensitivity"]


@pytest.mark.parametrize(("provider", "plain"), [("google", "default"), ("outlook", "normal")])
def test_what_was_hidden_in_the_lost_time_is_shown_openly_again(
    restoring: Restoring, provider: str, plain: str
) -> None:
    made = restoring.made
    made.connect(provider)
    made.book(title="About Sam", program=OPEN)
    made.sync()
    restoring.back_up()
    made.book(title="About Sam", program=DISCREET)
    made.sync()
    restoring.put_back()
    restoring.repair()
    assert hidden(restoring, provider) == ("Appointment", "private")
    made.book(title="About Sam", program=OPEN)
    made.sync()
    assert hidden(restoring, provider) == ("About Sam · Women in Engineering", plain)


def test_who_is_forgotten_once_more_after_a_restore_stays_so(restoring: Restoring) -> None:
    """The platform does not name them any more, and the backup does."""
    made = restoring.made
    made.connect("google")
    made.book()
    made.sync()
    restoring.back_up()
    made.records.clear()
    made.publish()
    restoring.put_back()
    assert retention.forget(made.open().context, MAYA).deliveries == 1
    restoring.repair()
    with made.open().context.store.read() as db:
        assert db.all(sa.select(table("account"))) == []
        assert MAYA not in repr(db.all(sa.select(table("delivery"))))
    assert (len(made.shown()), made.mails()) == (1, [])


def test_nobody_is_mailed_about_a_calendar_before_the_repair(restoring: Restoring) -> None:
    made = restoring.made
    made.book()
    made.sync()
    restoring.back_up()
    restoring.put_back()
    before = len(made.sandbox.mails(MAYA))
    made.connect("google")
    made.shift += timedelta(hours=2)
    made.sync()
    assert len(made.sandbox.mails(MAYA)) == before
    restoring.repair()
    subjects = [mail.subject for mail in made.sandbox.mails(MAYA)[before:]]
    assert any("Google Calendar is connected" in one for one in subjects)
