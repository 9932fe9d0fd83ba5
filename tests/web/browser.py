"""A person's browser without scripts: keeps cookies, follows links and sends forms as one does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

HERE = {"Sec-Fetch-Site": "same-origin"}
FROM_ELSEWHERE = {"Sec-Fetch-Site": "cross-site"}


@dataclass
class Form:
    """A form of a page, as it would be sent untouched."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[tuple[str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self.text: list[str] = []
        self.refresh = ""
        self._link: str | None = None
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        elif tag == "input" and given.get("type") == "checkbox" and self.forms:
            self.forms[-1].boxes.append((given["name"], given.get("value", "")))
        elif tag == "input" and self.forms and given.get("name"):
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "button" and self.forms and given.get("name"):
            self.forms[-1].buttons.append((given["name"], given.get("value", "")))
        elif tag == "a":
            self._link = given.get("href", "")
        elif tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            self.refresh = given["content"].partition("url=")[2]
        elif tag in ("style", "script", "title"):
            self._hidden += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._link = None
        elif tag in ("style", "script", "title"):
            self._hidden -= 1

    def handle_data(self, data: str) -> None:
        if self._hidden or not data.strip():
            return
        self.text.append(data.strip())
        if self._link is not None:
            self.links[data.strip()] = self._link


@dataclass
class Page:
    """What the browser shows."""

    answer: requests.Response
    forms: list[Form]
    links: dict[str, str]
    text: str
    refresh: str

    @property
    def status(self) -> int:
        return self.answer.status_code

    def form(self, action: str) -> Form:
        """The form that is sent to this path."""
        (found,) = [one for one in self.forms if one.action.partition("?")[0] == action]
        return found


def read_page(answer: requests.Response) -> Page:
    """What an answer shows to a person."""
    reader = _Reader()
    if "html" in answer.headers.get("Content-Type", ""):
        reader.feed(answer.text)
    text = " ".join(reader.text)
    return Page(answer, reader.forms, reader.links, text, reader.refresh)


class Browser:
    """One browser profile. `language` is what it tells servers."""

    def __init__(self, url: str, *, language: str = "en") -> None:
        self.url, self.session = url, requests.Session()
        self.session.headers["Accept-Language"] = language

    def open(self, path: str) -> Page:
        """Follow a link to one of our pages, or to anywhere."""
        return read_page(self.session.get(urljoin(self.url, path), timeout=30))

    def send(
        self,
        form: Form,
        values: Mapping[str, str] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        """Press the form's button; `values` are typed in before."""
        answer = self.session.post(
            urljoin(self.url, form.action),
            data={**form.fields, **(values or {})},
            headers=HERE if headers is None else headers,
            timeout=30,
        )
        return read_page(answer)


def arrived(browser: Browser, url: str) -> Page:
    """Open a way in and press Continue."""
    page = browser.open(url)
    assert page.status == 200, page.text
    return browser.send(page.form("/connect/arrive"))
