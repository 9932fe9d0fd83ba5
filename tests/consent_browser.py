"""A person at a provider's sign-in pages: from an authorize URL to the URL that leads back."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests

from tests.web.browser import Form, read_page


def consent(url: str, person: str, *, unticked: Collection[str] = (), cancel: bool = False) -> str:
    """Choose the account, take the ticks off these scopes, and allow (or cancel). Returns where the
    browser is sent; "" when a page of the provider's is the end of it."""
    page = read_page(requests.get(url, timeout=30))
    if page.status != 200:
        return ""
    page = read_page(_sent(url, page.forms[0], {"person": person}))
    if "Return to the application without granting consent" in page.links:
        return page.links["Return to the application without granting consent"]
    if not page.forms:
        return ""
    form = page.forms[0]
    ticked = [value for name, value in form.boxes if name == "scope" and value not in unticked]
    given = {"decision": "cancel" if cancel else "allow", "scope": ticked}
    answer = _sent(url, form, given)
    return answer.headers["Location"]


def returned(url: str) -> dict[str, str]:
    """The parameters with which a browser comes back."""
    return dict(parse_qsl(urlsplit(url).query))


def _sent(url: str, form: Form, given: dict[str, str | list[str]]) -> requests.Response:
    fields: dict[str, str | list[str]] = {**form.fields, **given}
    return requests.post(urljoin(url, form.action), data=fields, allow_redirects=False, timeout=30)
