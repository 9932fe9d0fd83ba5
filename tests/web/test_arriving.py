"""How people come in: one-time URLs and signed links, spent by a click, bound to one browser."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest

from tests.web.browser import FROM_ELSEWHERE, HERE, Browser, arrived
from tests.web.site import MakeSite, Site

KEY = bytes(range(64))
OTHER = bytes(range(1, 65))
ENCODED = base64.b64encode(KEY).decode()
RETURN = "https://platform.example/settings/calendar"
CONNECT = f"""
keys = ["k1:{ENCODED}"]
return_urls = ["https://platform.example/settings"]
"""
COOKIE = "calsync"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """On SQLite alone, for what no database decides."""
    light = Site(tmp_path, f"sqlite:///{tmp_path / 'store.db'}", connect=CONNECT)
    with light.served() as site:
        yield site


@pytest.fixture
def kept(make_site: MakeSite) -> Site:
    """On both databases."""
    return make_site(connect=CONNECT)


def offered(site: Site, **body: str) -> str:
    answer = site.caller().call(
        "POST", "/api/connect-sessions", json={"email": "Maya@Example.org", **body}
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["url"])


def claims(site: Site, **changes: Any) -> dict[str, Any]:
    with site.open.context.store.read() as db:
        now = int(db.now.timestamp())
    made = {
        "iss": "platform",
        "aud": site.url,
        "sub": "maya@example.org",
        "tenant": "default",
        "iat": now,
        "exp": now + 600,
        "jti": "j-1",
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


def link(
    site: Site, *, kid: str = "k1", key: bytes | None = KEY, alg: str = "HS256", **changes: Any
) -> str:
    token = jwt.encode(claims(site, **changes), key, alg, headers={"kid": kid})
    return f"/connect/arrive?ticket={token}"


def test_a_one_time_url_lets_a_person_in_after_continue(kept: Site) -> None:
    browser = Browser(kept.url)
    url = offered(kept, name="Maya Chen", return_url=RETURN)
    assert url.startswith(f"{kept.url}/connect/arrive?ticket=")

    page = browser.open(url)
    assert "Maya Chen (maya@example.org)" in page.text
    home = browser.send(page.form("/connect/arrive"))

    assert (home.status, home.answer.url) == (200, f"{kept.url}/connect")
    assert home.links["Back to the platform"] == RETURN


def test_opening_the_url_spends_nothing_however_often(site: Site) -> None:
    url = offered(site)
    for _ in range(5):
        scanner = Browser(site.url)
        page = scanner.open(url)
        assert page.status == 200
        assert page.answer.headers["Cache-Control"] == "no-store"
        assert page.answer.headers["Referrer-Policy"] == "no-referrer"
        assert COOKIE not in scanner.session.cookies
    assert arrived(Browser(site.url), url).status == 200


@pytest.mark.parametrize("make", [offered, link])
def test_a_way_in_is_good_for_once(kept: Site, make: Callable[[Site], str]) -> None:
    url = make(kept)
    first, second = Browser(kept.url), Browser(kept.url)
    late = second.open(url)
    assert arrived(first, url).status == 200

    again = second.send(late.form("/connect/arrive"))
    assert (again.status, COOKIE in second.session.cookies) == (410, False)
    assert "already been used" in again.text
    assert Browser(kept.url).open(url).status == 410


@pytest.mark.parametrize("make", [offered, link])
def test_a_way_in_expires(kept: Site, make: Callable[[Site], str]) -> None:
    url = make(kept)
    waiting = Browser(kept.url)
    page = waiting.open(url)
    kept.shift = timedelta(minutes=16)

    late = waiting.send(page.form("/connect/arrive"))
    assert (late.status, "expired" in late.text) == (410, True)
    assert Browser(kept.url).open(url).status == 410


@pytest.mark.parametrize(
    "ticket", ["", "nothing", "a.b.c", "x" * 5000, "%00", "e30.e30.e30", "ä" * 43]
)
def test_what_nobody_offered_lets_nobody_in(site: Site, ticket: str) -> None:
    page = Browser(site.url).open(f"/connect/arrive?ticket={ticket}")
    assert (page.status, "doesn't work" in page.text) == (403, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "somebody"},
        {"iss": None},
        {"aud": "https://other.example"},
        {"aud": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "no address"},
        {"sub": 7},
        {"tenant": "nobody"},
        {"tenant": None},
        {"tenant": ["default"]},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"exp": None},
        {"iat": None},
        {"iat": 2_000_000_000, "exp": 2_000_000_300},
        {"exp": 2_000_000_000},
        {"name": 7},
        {"kid": "k2"},
        {"key": OTHER},
        {"alg": "HS512"},
        {"key": None, "alg": "none"},
    ],
)
def test_a_link_that_the_platform_did_not_sign_like_this_lets_nobody_in(
    site: Site, changes: dict[str, Any]
) -> None:
    browser = Browser(site.url)
    assert browser.open(link(site)).status == 200
    page = browser.open(link(site, **changes))
    assert (page.status, "doesn't work" in page.text) == (403, True)


def test_a_link_is_checked_by_the_ledgers_clock(site: Site) -> None:
    url = link(site, iat=claims(site)["iat"] - 1000, exp=claims(site)["iat"] - 400)
    assert Browser(site.url).open(url).status == 410
    site.shift = timedelta(minutes=-10)
    assert Browser(site.url).open(url).status == 200


def test_a_tenant_without_keys_takes_no_links(make_site: MakeSite) -> None:
    site = make_site()
    assert Browser(site.url).open(link(site)).status == 403


def test_a_tenants_own_key_signs_for_no_other_tenant(make_site: MakeSite) -> None:
    own = base64.b64encode(OTHER).decode()
    site = make_site(connect=CONNECT, more=f'[tenants.acme.connect]\nkeys = ["k1:{own}"]\n')
    browser = Browser(site.url)
    assert browser.open(link(site, tenant="acme", key=OTHER)).status == 200
    assert browser.open(link(site, tenant="acme")).status == 403
    assert browser.open(link(site, key=OTHER)).status == 403


def test_the_command_signs_what_the_page_takes(site: Site) -> None:
    from calsync.core.visit import Visitor

    made = site.open.web.arrivals.sign(Visitor("default", "maya@example.org", locale="de"))
    token = parse_qs(urlsplit(made.url).query)["ticket"][0]
    assert jwt.decode(token, KEY, ["HS256"], audience=site.url)["sub"] == "maya@example.org"
    assert "Sie sind angemeldet als" in Browser(site.url, language="de").open(made.url).text
    assert arrived(Browser(site.url), made.url).answer.text.count('<html lang="de"') == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://platform.example.evil.example/settings",
        "https://platform.example/settings-of-others",
        "https://platform.example/settings/../admin",
        "https://platform.example/settings/%2e%2E/admin",
        "https://platform.example@evil.example/settings",
        "https://maya@platform.example/settings",
        "http://platform.example/settings",
        "https://platform.example:444/settings",
        "//platform.example/settings",
        "javascript:alert(1)//platform.example/settings",
        "https://platform.example\\@evil.example/settings",
        "https://platform.example/settings\n",
        "https://[platform.example/settings",
    ],
)
def test_nobody_is_led_back_to_elsewhere(site: Site, url: str) -> None:
    answer = site.caller().call(
        "POST", "/api/connect-sessions", json={"email": "maya@example.org", "return_url": url}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "return_url"
    assert url not in answer.text

    page = Browser(site.url).open(link(site, return_url=url))
    assert (page.status, url in page.answer.text) == (403, False)


def test_a_connect_session_is_refused_with_every_field_that_is_wrong(site: Site) -> None:
    body = {"email": "maya at example.org", "return_url": "https://evil.example/"}
    answer = site.caller().call("POST", "/api/connect-sessions", json=body)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == ["email", "return_url"]
    assert all(one["reason"] for one in answer.json()["errors"])


def test_what_the_form_and_the_tenant_refuse_is_told_together(site: Site) -> None:
    body = {"return_url": "https://evil.example/", "name": "n" * 201, "locale": 5, "role": "x"}
    answer = site.caller().call("POST", "/api/connect-sessions", json=body)
    told = [one["field"] for one in answer.json()["errors"]]
    assert sorted(told) == ["email", "locale", "name", "return_url", "role"]


def test_a_connect_session_needs_its_scope_and_an_address(site: Site) -> None:
    body = {"email": "maya@example.org"}
    refused = site.caller("default", "sessions:write").call(
        "POST", "/api/connect-sessions", json=body
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    wrong = site.caller().call("POST", "/api/connect-sessions", json={"email": "maya"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "email")
    assert site.rows("SELECT * FROM arrival") == []


# --- browsers ------------------------------------------------------------------------------------


def test_another_site_cannot_let_a_browser_in(site: Site) -> None:
    browser = Browser(site.url)
    form = browser.open(offered(site)).form("/connect/arrive")

    assert browser.send(form, headers=FROM_ELSEWHERE).status == 403
    assert browser.send(form, headers={"Origin": "https://evil.example"}).status == 403
    stranger = Browser(site.url)  # has the form, and not the cookie that came with it
    assert stranger.send(form).status == 403
    assert browser.send(form, {"csrf": "0" * 64}).status == 403
    assert (COOKIE in browser.session.cookies, COOKIE in stranger.session.cookies) == (False, False)
    assert browser.send(form).status == 200


@pytest.mark.parametrize("path", ["/connect/leave", "/connect/language"])
def test_a_form_that_is_not_ours_does_nothing(site: Site, path: str) -> None:
    browser = Browser(site.url)
    form = arrived(browser, offered(site)).form(path)

    for headers, changes in (
        (FROM_ELSEWHERE, {}),
        ({"Sec-Fetch-Site": "same-site"}, {}),
        ({"Origin": "https://evil.example"}, {}),
        (HERE, {"csrf": ""}),
        (HERE, {"csrf": "é"}),
    ):
        page = browser.send(form, {"lang": "de", **changes}, headers=headers)
        assert (page.status, "didn't come from this page" in page.text) == (403, True)
    home = browser.open("/connect")
    assert (home.status, '<html lang="en"' in home.answer.text) == (200, True)


def test_an_old_browser_that_tells_no_origin_gets_by_with_the_proof(site: Site) -> None:
    browser = Browser(site.url)
    form = browser.open(offered(site)).form("/connect/arrive")
    assert browser.send(form, headers={"Origin": "null"}).status == 200


def test_a_visit_ends_by_leaving_and_by_itself(kept: Site) -> None:
    browser = Browser(kept.url)
    home = arrived(browser, offered(kept))
    cookies = dict(browser.session.cookies)
    left = browser.send(home.form("/connect/leave"))
    assert (left.status, COOKIE in browser.session.cookies) == (200, False)
    browser.session.cookies.update(cookies)
    assert browser.open("/connect").status == 403

    other = Browser(kept.url)
    arrived(other, offered(kept))
    kept.shift = timedelta(hours=2, minutes=1)
    page = other.open("/connect")
    assert (page.status, "no longer signed in" in page.text) == (403, True)


def test_the_cookie_is_out_of_reach(make_site: MakeSite) -> None:
    site = make_site(public="https://calsync.example")
    answer = site.caller().call(
        "POST",
        "/api/connect-sessions",
        json={"email": "maya@example.org"},
        headers={"Host": "calsync.example"},
    )
    url = answer.json()["url"].replace("https://calsync.example", site.url)
    browser = Browser(site.url)
    browser.session.headers["Host"] = "calsync.example"
    page = browser.open(url)
    door = page.answer.headers["Set-Cookie"].partition(";")[0]
    form = page.form("/connect/arrive")
    answer = browser.session.post(
        site.url + form.action,
        data=form.fields,
        headers={**HERE, "Cookie": door},
        allow_redirects=False,
        timeout=30,
    )
    kept = answer.raw.headers.getlist("Set-Cookie")[0]
    assert kept.startswith("__Host-calsync=")
    for word in ("Secure", "HttpOnly", "Path=/", "SameSite=lax"):
        assert word in kept
    assert "Domain" not in kept


def test_a_person_reads_their_language(site: Site) -> None:
    browser = Browser(site.url, language="nl;q=0.9, de-AT;q=0.8, en;q=0.7")
    home = arrived(browser, offered(site))
    assert '<html lang="de"' in home.answer.text
    english = browser.send(home.form("/connect/language"), {"lang": "en"})
    assert '<html lang="en"' in english.answer.text
    odd = browser.send(english.form("/connect/language"), {"lang": "xx"})
    assert '<html lang="en"' in odd.answer.text


def test_no_ticket_cookie_or_address_is_logged_or_stored_plain(kept: Site) -> None:
    browser = Browser(kept.url)
    url = offered(kept)
    arrived(browser, url)
    secrets = [url.partition("ticket=")[2], browser.session.cookies[COOKIE]]
    stored = repr(kept.rows("SELECT * FROM arrival") + kept.rows("SELECT * FROM visit"))
    for text in (repr(kept.told), stored):
        assert not any(secret in text for secret in secrets)
    assert "maya" not in repr(kept.told)


def test_what_is_no_page_is_answered_by_a_page(site: Site) -> None:
    browser = Browser(site.url)
    missing = browser.open("/connect/nothing")
    assert (missing.status, "no such page" in missing.text) == (404, True)
    assert browser.session.delete(site.url + "/connect", timeout=30).status_code == 405
    assert browser.session.get(site.url + "/nothing", timeout=30).json()["code"] == "not_found"


def test_a_failure_of_ours_is_a_page_that_tells_its_number(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site.open.web.arrivals, "peek", lambda _: 1 / 0)
    page = Browser(site.url).open("/connect/arrive?ticket=SECRET")
    assert (page.status, page.answer.headers["X-Request-ID"] in page.text) == (500, True)
    assert "SECRET" not in repr(site.told) + page.answer.text
    assert [event for event, _ in site.told if event == "request_failed"] == ["request_failed"]


def test_who_comes_in_again_leaves_the_earlier_visit(site: Site) -> None:
    browser, other = Browser(site.url), Browser(site.url)
    arrived(browser, offered(site))
    other.session.cookies.update(browser.session.cookies)
    arrived(browser, offered(site))
    assert browser.open("/connect").status == 200
    assert other.open("/connect").status == 403
