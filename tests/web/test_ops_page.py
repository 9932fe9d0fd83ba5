"""The ops page: who is let in, what a tenant's operator sees, and what each act does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from calsync.ops import queries
from calsync.ops.page.access import Operators
from calsync.store.connect.operators import EVERY
from calsync.store.ledger import sessions
from tests.web.browser import FROM_ELSEWHERE, HERE
from tests.web.site import PEOPLE, Site, a_record


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with Site(tmp_path, f"sqlite:///{tmp_path / 'store.db'}").served() as site:
        yield site


class Browser:
    """An operator's browser, let in by a link."""

    def __init__(self, site: Site, tenant: str = EVERY, *, acts: bool = True) -> None:
        self.base = f"http://127.0.0.1:{site.ops_port}"
        self.link = Operators(site.open.context).offer(self.base, tenant, acts=acts).url
        self.ticket = self.link.partition("ticket=")[2]
        self.http = requests.Session()

    def enter(self) -> requests.Response:
        return self.http.post(f"{self.base}/ops/enter", data={"ticket": self.ticket}, timeout=30)

    def get(self, path: str = "/ops", **params: str) -> requests.Response:
        return self.http.get(self.base + path, params=params, timeout=30)

    def act(self, name: str, headers: Any = HERE, **fields: str) -> requests.Response:
        proof = self.get().text.partition('name="csrf" value="')[2].partition('"')[0]
        data = {"csrf": proof, **fields}
        return self.http.post(f"{self.base}/ops/{name}", data=data, headers=headers, timeout=60)


def entered(site: Site, tenant: str = EVERY, *, acts: bool = True) -> Browser:
    browser = Browser(site, tenant, acts=acts)
    assert browser.enter().status_code == 200
    return browser


def journal(site: Site) -> list[dict[str, Any]]:
    rows = site.rows("SELECT detail FROM journal WHERE what = 'operator_acted' ORDER BY id")
    return [json.loads(detail) for (detail,) in rows]


def book(site: Site, tenant: str, ident: str, **changes: Any) -> None:
    answer = site.caller(tenant).put(ident, a_record(**changes))
    assert answer.status_code == 200, answer.text


def test_nobody_is_let_in_without_a_link_or_a_token(site: Site) -> None:
    base = f"http://127.0.0.1:{site.ops_port}"
    for path in ("/ops", "/ops/find?q=ses-1"):
        closed = requests.get(base + path, timeout=30)
        assert closed.status_code == 403
        assert "calsync ops-link" in closed.text
    assert requests.post(f"{base}/ops/pause", data={}, timeout=30).status_code == 403
    assert requests.get(f"{site.url}/ops", timeout=30).status_code == 404, "not on the public one"


def test_a_link_lets_one_browser_in_once(site: Site) -> None:
    browser = Browser(site)
    assert browser.http.get(browser.link, timeout=30).status_code == 200, "looking spends nothing"
    page = browser.enter()
    assert "Do people see their sessions?" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    again = requests.post(f"{browser.base}/ops/enter", data={"ticket": browser.ticket}, timeout=30)
    assert again.status_code == 403
    assert browser.get().status_code == 200


def test_a_link_ends_after_a_quarter_of_an_hour_and_a_visit_after_eight_hours(site: Site) -> None:
    late, browser = Browser(site), entered(site)
    site.shift = timedelta(minutes=15)
    assert late.enter().status_code == 403
    assert browser.get().status_code == 200
    site.shift = timedelta(hours=8)
    assert browser.get().status_code == 403


def test_a_token_lets_in_by_its_scope_for_its_tenant(site: Site) -> None:
    base = f"http://127.0.0.1:{site.ops_port}"

    def shown(*scopes: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {site.caller('acme', *scopes).token}"}

    assert (
        requests.get(f"{base}/ops", headers=shown("sessions:write"), timeout=30).status_code == 403
    )
    looks = requests.get(f"{base}/ops", headers=shown("ops:read"), timeout=30)
    assert "tenant acme, looking only" in looks.text
    refused = requests.post(
        f"{base}/ops/pause", headers=shown("ops:read"), data={"channel": "mail"}, timeout=30
    )
    assert refused.status_code == 409
    assert "you may look here" in refused.text
    done = requests.post(
        f"{base}/ops/pause",
        headers=shown("ops"),
        data={"channel": "mail"},
        timeout=30,
        allow_redirects=False,
    )
    assert done.status_code == 303
    assert [one["act"] for one in journal(site)] == ["pause"]


def test_what_another_site_sends_does_nothing(site: Site) -> None:
    browser = entered(site)
    assert browser.act("pause", headers=FROM_ELSEWHERE, channel="mail").status_code == 403
    assert browser.act("pause", csrf="x" * 64, channel="mail").status_code == 403
    assert site.rows("SELECT * FROM pause") == []
    assert journal(site) == []


def test_a_pause_is_told_with_its_reason_and_resumed(site: Site) -> None:
    browser = entered(site)
    page = browser.act("pause", channel="mail", reason="the relay <moves>")
    assert "Paused. Calls in flight finish" in page.text
    assert "the relay &lt;moves&gt;" in page.text
    page = browser.act("resume", channel="mail")
    assert "Resumed." in page.text
    assert site.rows("SELECT * FROM pause") == []
    assert [(one["who"], one["act"]) for one in journal(site)] == [
        ("ops-link", "pause"),
        ("ops-link", "resume"),
    ]


def test_an_unknown_channel_is_refused_in_words(site: Site) -> None:
    page = entered(site).act("pause", channel="pigeon")
    assert page.status_code == 409
    assert "channel pigeon is not configured; choose one of" in page.text


def test_a_tenants_operator_sees_and_touches_that_tenant_only(site: Site) -> None:
    book(site, "default", "ses-1")
    book(site, "acme", "ses-2")
    browser = entered(site, "acme")
    assert "2 deliveries of sessions ahead" in browser.get().text
    assert browser.get("/ops/find", q="ses-2").status_code == 200
    assert browser.get("/ops/find", q="ses-1").status_code == 404
    person = browser.get("/ops/find", q=PEOPLE[0]["email"])
    assert "tenant acme" in person.text
    assert "ses-1" not in person.text
    refused = browser.act("resync", session="ses-1", tenant="default")
    assert refused.status_code == 409
    assert "you look after acme; nothing of default was changed" in refused.text
    assert browser.act("pause", tenant="default", channel="mail").status_code == 409
    assert site.rows("SELECT * FROM pause") == []
    assert "4 deliveries of sessions ahead" in entered(site).get().text


def test_a_session_is_told_with_where_it_is_for_each_person(site: Site) -> None:
    book(site, "default", "ses-1")
    browser = entered(site)
    page = browser.get("/ops/find", q="ses-1")
    assert "PLANTED-TITLE" in page.text
    assert "PLANTED-AGENDA" not in page.text
    assert "on its way to the mailbox of maya@example.org" in page.text
    page = browser.act("resync", session="ses-1", tenant="default")
    assert "It is decided again" in page.text
    answer = browser.act("resend", session="ses-1", person="maya@example.org")
    assert answer.status_code == 409, "there is no invitation yet"
    assert "no current invitation by mail" in answer.text


def test_what_is_searched_for_is_shown_as_text(site: Site) -> None:
    page = entered(site).get("/ops/find", q="<script>alert(1)</script>@x")
    assert page.status_code == 404
    assert "<script>" not in page.text


@pytest.fixture
def holding(tmp_path: Path) -> Iterator[Site]:
    database = f"sqlite:///{tmp_path / 'store.db'}"
    with Site(tmp_path, database, guard="max_first_mails = 1").served() as site:
        platform = site.caller()
        for n in range(6):
            platform.put(f"ses-{n}", a_record())
        yield site


def batches_of(site: Site) -> list[Any]:
    """The held ones; each call of the platform is one."""
    with site.open.context.store.read() as db:
        return queries.held(db)


def test_a_held_batch_is_approved_as_it_was_shown_and_not_otherwise(holding: Site) -> None:
    browser, (batch, *others) = entered(holding), batches_of(holding)
    assert f'value="{batch.digest}"' in browser.get().text
    wrong = browser.act("approve", batch=str(batch.batch), digest="0" * 8)
    assert wrong.status_code == 409
    assert batches_of(holding) == [batch, *others]
    other = entered(holding, "acme").act("approve", batch=str(batch.batch), digest=batch.digest)
    assert other.status_code == 409
    page = browser.act("approve", batch=str(batch.batch), digest=batch.digest)
    assert "The batch is released" in page.text
    assert batches_of(holding) == others


def test_a_rejected_batch_parks_its_changes(holding: Site) -> None:
    batch = batches_of(holding)[0]
    page = entered(holding).act("reject", batch=str(batch.batch), digest=batch.digest)
    assert "The batch is rejected" in page.text
    assert "parked: its batch was rejected" in page.text or "their batch was rejected" in page.text


@pytest.mark.parametrize("batch", ["", "x", "99999999999999", "²"])
def test_a_batch_is_named_by_its_number(site: Site, batch: str) -> None:
    page = entered(site).act("approve", batch=batch, digest="")
    assert page.status_code == 409
    assert "name the batch by its number" in page.text


def test_the_page_draws_how_long_deliveries_have_been_due(site: Site) -> None:
    book(site, "default", "ses-1")
    site.shift = timedelta(minutes=20)
    text = " ".join(entered(site).get().text.split())
    assert "15 minutes to an hour: 2." in text
    assert "under a minute: 0." in text
    assert "deliveries have been overdue since" in text


def test_a_platform_token_is_not_shown_and_notes_leave_nothing_in_the_log(site: Site) -> None:
    browser = entered(site)
    browser.get()
    told = repr(site.told)
    assert browser.ticket not in told
    assert browser.http.cookies.get("calsync-ops", path="/ops") not in told


def test_why_a_source_cannot_be_read_names_it_once(site: Site) -> None:
    with site.open.context.store.write() as db:
        reason = "source crm: there is no database"
        sessions.set_cursor(db, "crm", last_error=reason, failing_since=db.now)
    table = entered(site).get().text.partition('id="sources"')[2]
    assert "there is no database" in table
    assert "source crm:" not in table
