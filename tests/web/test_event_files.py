"""A session that no calendar shows comes as a file by the link in its mail, to whoever has the link
and to nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from calsync.core.ledger import DeliveryKey
from calsync.ops import retention
from calsync.sandbox import Sandbox
from calsync.store.ledger.rows import table
from calsync.store.queue import pauses
from calsync.store.sealing import reseal
from calsync.store.sealing.event_links import read_token, token_of
from calsync.store.upcoming import unsubscribed
from calsync.store.vault import Vault, new_key
from tests.itip import problems
from tests.second_reader import read
from tests.web.test_page import MAYA, SAM, Place, opened

SOON = 1.7 / 24


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Google asked for a break; a session of Maya's starts soon, and she was told of it by mail."""
    database = f"sqlite:///{tmp_path / 'store.db'}"
    with Sandbox() as sandbox, opened(tmp_path, database, sandbox).served() as site:
        place = Place(site, sandbox)
        place.connect()
        with site.open.context.store.write() as db:
            pauses.stop(db, "default", "google", "provider", "429")
        place.book("ses-1", days=SOON)
        place.deliver()
        site.shift += timedelta(minutes=10)
        place.deliver()
        yield place


def link(place: Place) -> str:
    """Where the mail that told Maya leads."""
    (mail,) = (one for one in place.sandbox.mails(MAYA) if one.subject.startswith("Not in your"))
    found = re.search(r"https?://\S+/event/\S+\.ics", mail.text)
    assert found is not None
    assert f"Add to another calendar (.ics): {found[0]}" in mail.text
    return found[0]


def got(url: str) -> requests.Response:
    return requests.get(url, timeout=30, allow_redirects=False)


def test_the_link_in_the_mail_gives_the_session_as_a_file_of_its_person_alone(
    place: Place,
) -> None:
    url = link(place)
    answer = got(url)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert problems(answer.content, "") == []
    shown = read(answer.content)
    assert (shown.method, shown.organizer, shown.attendees) == ("", "", ())
    assert "PLANTED-TITLE" in shown.summary
    assert "PLANTED-NOTES" not in answer.text
    assert not any(one in answer.text for one in (MAYA, SAM))
    assert not any(one in url for one in ("ses-1", "u-1", "maya"))
    assert url.rpartition("/")[2] not in str(place.site.told)

    place.site.shift += timedelta(minutes=2)
    place.book("ses-1", days=2 * SOON)
    now = read(got(url).content)
    assert now.uid == shown.uid
    assert now.starts_at > shown.starts_at
    assert now.sequence > shown.sequence


def test_a_session_that_is_gone_or_waits_for_an_operator_is_answered_by_a_page(
    place: Place,
) -> None:
    url = link(place)
    assert got(url).status_code == 200
    for gone in ({"status": "cancelled"}, {"participants": []}):
        place.book("ses-1", days=SOON, **gone)
        answer = got(url)
        assert answer.status_code == 410
        assert "This session is no longer there" in answer.text
        assert "PLANTED" not in answer.text
        place.book("ses-1", days=SOON)
        assert got(url).status_code == 200
    with place.site.open.context.store.write() as db:
        db.run(sa.update(table("delivery")).values(batch=7))
    assert got(url).status_code == 410
    retention.forget(place.site.open.context, MAYA)
    assert got(url).status_code == 410


def test_a_link_that_was_changed_leads_to_a_page(place: Place) -> None:
    stem = link(place).removesuffix(".ics")
    others = (f"{stem[:-1]}!", stem[:-9], f"{stem}x", f"{place.site.url}/event/{'A' * 4001}")
    for other in others:
        answer = got(f"{other}.ics")
        assert answer.status_code == 404
        assert "This link doesn" in answer.text


def test_a_link_works_after_the_key_was_changed_and_is_nobody_elses(place: Place) -> None:
    context, token = place.site.open.context, link(place).rpartition("/")[2].removesuffix(".ics")
    key = new_key()
    reseal.run(context.store, Vault([key, place.site.key]))
    with context.store.read() as db:
        secret = unsubscribed.secret(db, Vault([key]))
    assert secret is not None
    mine = read_token(secret, token)
    assert mine == DeliveryKey("default", "ses-1", "u-1")
    assert token_of(secret, mine) == token
    assert read_token(bytes(32), token) is None
