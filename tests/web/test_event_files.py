"""A session that no calendar shows comes as a file by the link in its mail, to whoever has the link
and to nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from calsync.core.ledger import DeliveryKey
from calsync.ops import retention
from calsync.sandbox import Sandbox
from calsync.store.guard import release
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


def of(place: Place, participant: str) -> str:
    """The link of this participant, whether a mail had it or not."""
    context = place.site.open.context
    with context.store.read() as db:
        secret = unsubscribed.secret(db, context.vault)
    assert secret is not None
    token = token_of(secret, DeliveryKey("default", "ses-1", participant))
    return f"{place.site.url}/event/{token}.ics"


def hold(place: Place, *, reject: bool = False) -> None:
    """What changed last waits for an operator, or was rejected by one."""
    with place.site.open.context.store.write() as db:
        db.run(sa.update(table("delivery")).values(batch=7))
        if reject:
            release.whole(db, 7, reject=True)


def told(url: str) -> str:
    """What the page says that comes instead of a file."""
    answer = got(url)
    assert "PLANTED" not in answer.text
    if answer.status_code == 410:
        assert "This session is no longer there" in answer.text
        return "gone"
    assert answer.status_code == 404
    assert "This session can&#39;t be shown here right now" in answer.text
    assert not any(one in answer.text for one in ("cancelled", "delete", "no longer"))
    return "unavailable"


def test_a_session_that_is_gone_is_answered_by_a_page(place: Place) -> None:
    url = link(place)
    assert got(url).status_code == 200
    for gone in ({"status": "cancelled"}, {"participants": []}):
        place.book("ses-1", days=SOON, **gone)
        assert told(url) == "gone"
        place.book("ses-1", days=SOON)
        assert got(url).status_code == 200


@pytest.mark.parametrize("reject", [False, True])
@pytest.mark.parametrize("change", [{"status": "cancelled"}, {"participants": []}, {"days": 9}])
def test_what_no_operator_has_approved_is_told_to_nobody(
    place: Place, change: dict[str, Any], reject: bool
) -> None:
    mailed = read(got(of(place, "u-2")).content)
    place.book("ses-1", **{"days": SOON, **change})
    hold(place, reject=reject)
    assert told(link(place)) == "unavailable"
    shown = read(got(of(place, "u-2")).content)
    assert (shown.starts_at, shown.uid) == (mailed.starts_at, mailed.uid)


def test_an_entry_that_was_withdrawn_is_nobodys_session_any_more(place: Place) -> None:
    place.book("ses-1", days=SOON, participants=[])
    place.site.shift += timedelta(minutes=20)
    place.deliver()
    assert told(of(place, "u-2")) == "gone"
    place.book("ses-1", days=2 * SOON)
    hold(place)
    assert told(of(place, "u-2")) == "unavailable"


def test_a_session_of_which_nothing_is_kept_is_not_said_to_be_gone(place: Place) -> None:
    url = link(place)
    with place.site.open.context.store.write() as db:
        db.run(sa.update(table("delivery")).values(content=None))
    assert told(url) == "unavailable"
    retention.forget(place.site.open.context, MAYA)
    assert told(url) == "unavailable"


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
