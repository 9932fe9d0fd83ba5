"""A version that reads agendas better takes no unchanged record for news: an upgrade alone changes
nothing that was delivered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from calsync.core.booked import Agenda, BookedSession
from calsync.core.content.fingerprints import WORDING
from calsync.ops import commands
from calsync.store.ledger import sessions
from calsync.store.ledger.rows import table
from calsync.store.ledger.selection import Selection
from calsync.store.records import older_versions
from calsync.text import agenda_html, former_agenda_html
from tests.harness.platform import MAYA, Platform


def rows(platform: Platform, ident: str) -> list[tuple[str, str]]:
    with platform.store.read() as db:
        return [(row["digest"], row["record"]) for row in sessions.named(db, ident, None)]


URL = "https://app.example.org/agenda"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("| a |\n|---|\n| b |", URL),
        ("![plan](x.png) b", ""),
        ("![plan](x.png)", URL),
        ("![p](x)", ""),
    ],
)
def test_a_record_that_a_former_version_read_is_no_news_until_it_changes(
    platform: Platform, text: str, url: str
) -> None:
    former, now = former_agenda_html(text, "markdown"), agenda_html(text, "markdown")
    assert former is not None
    before = Agenda(former, url) if former or url else None
    session = platform.a_session(agenda=before)
    platform.book(session)
    platform.deliver()
    (before_row,) = rows(platform, session.id)

    read_again = replace(session, agenda=Agenda(now, url, former))
    platform.book(read_again)
    assert platform.deliver() == 0
    assert rows(platform, session.id) == [before_row]
    assert "former" not in sessions.to_json(read_again)

    platform.change(read_again, title="Another title")
    (row,) = rows(platform, session.id)
    kept = sessions.from_json(row[1]).agenda
    assert kept is not None
    assert kept.html == now


def test_other_words_for_the_same_facts_come_by_rewriting_and_by_no_poll(
    platform: Platform,
) -> None:
    platform.connect(MAYA.email)
    session = platform.a_session(participants=(MAYA,))
    platform.book(session)
    platform.deliver()
    with platform.store.write() as db:
        for name in ("delivery", "copy"):
            target = table(name)
            former = sa.func.replace(target.c.quiet_fp, f"{WORDING}.", "0.")
            db.run(sa.update(target).values(quiet_fp=former))

    platform.book(replace(session, updated_at=session.updated_at + timedelta(minutes=1)))
    assert platform.deliver() == 0
    commands.resync(platform.context, Selection(), rewrite=True)
    assert platform.deliver() == 1


def test_an_older_version_that_was_noted_by_a_former_version_is_the_same_one(
    platform: Platform,
) -> None:
    text = "| a |\n|---|\n| b |"
    former, now = former_agenda_html(text, "markdown"), agenda_html(text, "markdown")
    older = platform.a_session(agenda=Agenda(former or "", URL))

    def note(one: BookedSession) -> None:
        platform.context.transact("note", lambda db: older_versions.note(db, "platform", [one]))

    def noted() -> tuple[str, str]:
        with platform.store.read() as db:
            row = older_versions.of_session(db, older.tenant, older.id)
        assert row is not None
        return row["digest"], row["record"]

    note(older)
    before = noted()
    note(replace(older, agenda=Agenda(now, URL, former)))
    assert noted() == before
