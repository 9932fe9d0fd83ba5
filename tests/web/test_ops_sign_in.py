"""The public ops page: the organization's sign-in lets in whom the configuration names, for what it
names them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import pytest
import requests

from calsync.sandbox import Sandbox
from tests.web.browser import FROM_ELSEWHERE, HERE, Page, read_page
from tests.web.site import ALL_SCOPES, Site

LENA, OLA, KIM, PAT = (
    "lena@corp.example",
    "ola@corp.example",
    "kim@corp.example",
    "pat@corp.example",
)
STRANGER = "stranger@corp.example"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        for address in (LENA, OLA, PAT, STRANGER):
            sandbox.add_staff(address)
        sandbox.add_staff(KIM, groups=["everyone", "calendar-ops"])
        yield sandbox


@pytest.fixture
def site(tmp_path: Path, sandbox: Sandbox) -> Iterator[Site]:
    more = f"""
[ops]
issuer = "{sandbox.staff.issuer}"
client_id = "{sandbox.staff.client_id}"
client_secret = "{sandbox.staff.client_secret}"
allowed = ["Lena@Corp.example"]
allowed_read_only = ["group:calendar-ops"]
[tenants.acme.ops]
allowed = ["{OLA}", "{PAT}"]
[tenants.unpushed.ops]
allowed = ["{PAT}"]
"""
    site = Site(tmp_path, f"sqlite:///{tmp_path / 'store.db'}", more=more)
    with site.served() as served:
        yield served


class Staff:
    """A browser of somebody at work."""

    def __init__(self, site: Site, sandbox: Sandbox) -> None:
        self.site, self.sandbox, self.http = site, sandbox, requests.Session()

    def get(self, path: str) -> requests.Response:
        return self.http.get(urljoin(self.site.url, path), timeout=30)

    def to_service(self, tenant: str = "") -> str:
        """Where the service sends the browser once the person was chosen and let in."""
        answer = self.http.get(
            f"{self.site.url}/ops/sign-in?{urlencode({'tenant': tenant})}",
            timeout=30,
            allow_redirects=False,
        )
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def decided(self, address: str, person: str, decision: str = "allow") -> str:
        page = read_page(self.http.get(address, timeout=30))
        (form,) = page.forms
        answer = self.http.post(
            urljoin(self.sandbox.url, form.action),
            data=form.fields | {"person": person, "decision": decision},
            timeout=30,
            allow_redirects=False,
        )
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def sign_in(self, person: str, tenant: str = "") -> Page:
        return read_page(self.get(self.decided(self.to_service(tenant), person)))

    def act(self, name: str, *, headers: dict[str, str] = HERE, **fields: str) -> requests.Response:
        proof = self.get("/ops").text.partition('name="csrf" value="')[2].partition('"')[0]
        data = {"csrf": proof, **fields}
        return self.http.post(f"{self.site.url}/ops/{name}", data=data, headers=headers, timeout=60)


@pytest.fixture
def staff(site: Site, sandbox: Sandbox) -> Staff:
    return Staff(site, sandbox)


def test_the_public_page_shows_nobody_anything_before_they_sign_in(
    site: Site, staff: Staff
) -> None:
    for path in ("/ops", "/ops/find?q=ses-1"):
        closed = staff.get(path)
        assert closed.status_code == 403
        assert "/ops/sign-in" in closed.text
    token = site.caller("acme", *ALL_SCOPES, "ops").token
    shown = {"Authorization": f"Bearer {token}"}
    assert requests.get(f"{site.url}/ops", headers=shown, timeout=30).status_code == 403
    assert staff.get("/ops/enter?ticket=x").status_code == 404, "links are for this machine"


def test_who_is_allowed_signs_in_acts_and_signs_out(site: Site, staff: Staff) -> None:
    page = staff.sign_in(LENA)
    assert page.answer.url == f"{site.url}/ops"
    assert page.status == 200
    assert "Do people see their sessions?" in page.text
    assert LENA in page.text
    assert staff.act("pause", reason="the relay moves").status_code == 200
    (detail,) = site.rows("SELECT detail FROM journal WHERE what = 'operator_acted'")
    assert LENA in detail[0]
    assert "Sign in" in staff.act("leave").text
    assert staff.get("/ops").status_code == 403


def test_a_group_lets_in_to_look_and_not_to_act(staff: Staff) -> None:
    page = staff.sign_in(KIM)
    assert "all tenants, looking only" in page.text
    refused = staff.act("pause", reason="no")
    assert refused.status_code == 409
    assert "you may look here, and change nothing" in refused.text


def test_an_operator_of_one_tenant_sees_that_tenant_alone(staff: Staff) -> None:
    assert "tenant acme" in staff.sign_in(OLA).text
    refused = staff.act("pause", tenant="unpushed")
    assert refused.status_code == 409
    assert "you look after acme" in refused.text


def test_who_looks_after_several_tenants_chooses_one(staff: Staff) -> None:
    page = staff.sign_in(PAT)
    assert {"acme", "unpushed"} < set(page.links)
    assert staff.get("/ops").status_code == 403, "nobody is in before they chose"
    assert "tenant unpushed" in staff.sign_in(PAT, tenant="unpushed").text


def test_whom_nothing_names_is_not_let_in(site: Site, staff: Staff) -> None:
    page = staff.sign_in(STRANGER)
    assert page.status == 403
    assert "You are signed in, but may not open this page" in page.text
    assert staff.get("/ops").status_code == 403
    assert site.rows("SELECT count(*) FROM operator_visit") == [(0,)]
    assert "You are signed in, but may not" in staff.sign_in(OLA, tenant="unpushed").text


def test_an_address_that_the_service_never_verified_lets_nobody_in(
    sandbox: Sandbox, staff: Staff
) -> None:
    sandbox.add_staff(LENA, claims={"email_verified": False})
    assert "may not open this page" in staff.sign_in(LENA).text


def test_a_way_back_is_good_for_its_own_browser_once(
    site: Site, sandbox: Sandbox, staff: Staff
) -> None:
    back = staff.decided(staff.to_service(), LENA)
    other = Staff(site, sandbox)
    stolen = read_page(other.get(back))
    assert stolen.status == 403
    assert "begun in another browser" in stolen.text
    other.to_service()
    assert "begun in another browser" in read_page(other.get(back)).text
    assert staff.get(back).url == f"{site.url}/ops"
    assert "begun in another browser" in read_page(staff.get(back)).text, "spent"


def test_who_cancels_at_the_service_is_told_so(staff: Staff) -> None:
    back = staff.decided(staff.to_service(), LENA, "cancel")
    page = read_page(staff.get(back))
    assert "The sign-in service did not let you in." in page.text
    assert "Sign in" in page.links


def test_a_service_that_fails_costs_one_visitor_and_not_the_page(
    sandbox: Sandbox, staff: Staff
) -> None:
    sandbox.fail({"path_contains": "/staff/token"}, status=503, times=1)
    assert "does not answer" in staff.sign_in(LENA).text
    sandbox.fail({"path_contains": "/staff/token"}, status=400, times=1)
    assert "did not confirm who you are" in staff.sign_in(LENA).text
    assert staff.sign_in(LENA).status == 200


def test_a_form_of_another_site_does_nothing(site: Site, staff: Staff) -> None:
    staff.sign_in(LENA)
    assert staff.act("pause", headers=FROM_ELSEWHERE, reason="x").status_code == 403
    assert staff.act("leave", headers=FROM_ELSEWHERE).status_code == 403
    assert staff.get("/ops").status_code == 200
    assert site.rows("SELECT count(*) FROM journal WHERE what = 'operator_acted'") == [(0,)]


def test_what_the_browser_keeps_is_bound_to_the_pages_and_asks_with_pkce(site: Site) -> None:
    answer = requests.get(f"{site.url}/ops/sign-in", timeout=30, allow_redirects=False)
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "Path=/ops" in cookie
    assert "SameSite=lax" in cookie
    asked = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{site.url}/ops/signed-in"]
    assert len({asked["state"][0], asked["nonce"][0], asked["code_challenge"][0]}) == 3
