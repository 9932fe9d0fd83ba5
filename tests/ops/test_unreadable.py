"""An event that its server cannot show, after a restore: the others are compared all the same, and
nothing is made in its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from calsync.accounts import connect
from calsync.ops.questions.explain import explain
from calsync.ops.restore import listing
from calsync.store.ledger.rows import table
from tests.caldav_servers.proxy import FaultyProxy
from tests.caldav_servers.server import USERS, CalendarServer
from tests.harness.installation import MAYA, Installation, installed
from tests.ops.restoring import Restoring
from tests.radicale_server import caldav_server, proxy

__all__ = ["caldav_server", "proxy"]  # fixtures


class Place(Restoring):
    """Maya's one calendar, in which ses-1 stood when the backup was made, and ses-2 does since."""

    def __init__(self, made: Installation, server: CalendarServer, proxy: FaultyProxy) -> None:
        super().__init__(made)
        self.server, self.proxy, self.calendar = server, proxy, server.new_calendar("alice")
        url = self.calendar.replace(server.root, proxy.root)
        given = {"url": url, "username": "alice", "password": USERS["alice"]}
        connect.add(made.open().context, "default", "caldav", MAYA, given)
        made.book("ses-1")
        made.sync()
        self.back_up()
        made.book("ses-2", days=10)
        made.sync()

    def uid(self, ident: str) -> str:
        """Of the object that shows this session."""
        texts = self.server.objects(self.calendar).items()
        (name,) = (url.rpartition("/")[2] for url, text in texts if f"Title of {ident}" in text)
        return name.removesuffix(".ics")

    def titles(self) -> list[str]:
        texts = self.server.objects(self.calendar).values()
        lines = (line for text in texts for line in text.splitlines())
        return sorted(line for line in lines if line.startswith("SUMMARY"))


@pytest.fixture
def place(tmp_path: Path, caldav_server: CalendarServer, proxy: FaultyProxy) -> Iterator[Place]:
    with installed(tmp_path) as made:
        yield Place(made, caldav_server, proxy)


@pytest.mark.parametrize("unshown", ["ses-1", "ses-2"], ids=["known", "of the lost time"])
def test_it_is_counted_and_waits_while_the_others_are_put_right(place: Place, unshown: str) -> None:
    before = place.titles()
    place.proxy.unshown = {place.uid(unshown)}
    place.put_back()
    told = place.verify()
    assert (told.calendars, told.events, told.unreadable, told.missing) == (1, 2, 1, 0)
    assert [one.session for one in told.found if one.kind == "unreadable"] == [unshown]
    assert "cannot be read counts as still there" in place.made.run("verify", code=1).err
    done = place.repair()
    assert (done.unreadable, done.unread) == (1, [])
    assert place.titles() == before, "nothing was made in its place"
    assert place.verify().differences == 0
    assert "cannot be read counts as still there" in place.made.run("verify", code=1).err
    assert place.made.copies("ses-1") == [("caldav", "live")]
    if unshown == "ses-2":
        assert place.made.copies("ses-2") == [("caldav", "stranded")]
        assert "not a readable calendar object" in explained(place, unshown)

    place.proxy.unshown = set()
    place.made.shift += timedelta(hours=1)
    place.made.book("ses-1", title="Title of ses-1, changed")
    place.made.book("ses-2", days=11)
    place.made.sync()
    assert len(place.titles()) == 2
    assert place.verify().differences == 0


def explained(place: Place, ident: str) -> str:
    told = explain(place.made.open().context, ident, MAYA, "default")
    return repr(told)


def test_the_daemon_tells_of_it_and_goes_on(place: Place) -> None:
    place.put_back()
    place.repair()
    place.proxy.unshown = {place.uid("ses-2")}
    context, logged = place.made.open().context, list[tuple[str, object]]()
    with context.store.write() as db:  # its person has connected it anew
        db.run(table("account").update().values(listed_at=None))
    told = replace(context, log=lambda event, **of: logged.append((event, of.get("count"))))
    assert (listing.list_waiting(told), logged) == (1, [("listing_unreadable", 1)])
