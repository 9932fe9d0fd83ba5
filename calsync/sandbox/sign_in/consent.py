"""The browser's side of signing in: who is it, what is allowed, and back to the application.

Both providers' pages are alike here; what they ask for, and how they refuse, is their own.
"""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

from jinja2 import Environment, PackageLoader

from calsync.sandbox.reply import Reply
from calsync.sandbox.sign_in.codes import Asked, Codes

LOOPBACK = ("127.0.0.1", "localhost", "::1")
Fields = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Choice:
    """A scope as the page shows it; `fixed` ones cannot be left out."""

    scope: str
    text: str
    fixed: bool


class PageRefusal(Exception):  # noqa: N818  it is a page, not an error
    """The request ends with the provider's own page; the browser goes nowhere."""

    def __init__(self, title: str, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.title, self.text, self.status = title, text, status


class Consent(ABC):
    """One provider's pages. Callers hold the sandbox's lock.

    redirects  where the application may send browsers back to; any address of this machine while
               there are none
    approval   people who need an administrator's consent first
    """

    provider: ClassVar[str]
    name: ClassVar[str]

    def __init__(self, codes: Codes, people: Callable[[], Mapping[str, str]]) -> None:
        self.codes, self._people = codes, people
        self.redirects: list[str] = []
        self.approval: set[str] = set()
        self._open: dict[str, Asked] = {}
        self._templates = Environment(loader=PackageLoader("calsync.sandbox"), autoescape=True)

    # --- what providers do differently -----------------------------------------------------------

    @abstractmethod
    def asked(self, query: Fields) -> Asked:
        """What an authorize request asks for. Raises PageRefusal."""

    @abstractmethod
    def choices(self, asked: Asked) -> list[Choice]:
        """What the person may allow."""

    @abstractmethod
    def refused(self, asked: Asked) -> dict[str, str]:
        """The parameters after Cancel."""

    @abstractmethod
    def allowed(self, asked: Asked, person: str, scopes: frozenset[str]) -> dict[str, str]:
        """The parameters after Allow."""

    @abstractmethod
    def unapproved(self, asked: Asked) -> Reply:
        """What a person sees whose administrator must consent first."""

    # --- the pages -------------------------------------------------------------------------------

    def open(self, query: str) -> Reply:
        """GET of the authorize endpoint."""
        try:
            asked = self.asked(parse_qs(query, keep_blank_values=True))
        except PageRefusal as refusal:
            return self.page("refusal", refusal.status, title=refusal.title, text=refusal.text)
        transaction = secrets.token_urlsafe(16)
        self._open[transaction] = asked
        people = self._people()
        first = [asked.hint] if asked.hint in people else []
        ordered = first + [one for one in people if one not in first]
        shown = [(one, people[one]) for one in ordered]
        return self.page("choose", transaction=transaction, people=shown)

    def decide(self, body: bytes) -> Reply:
        """POST of a page: a person was chosen, or has allowed or cancelled."""
        form = parse_qs(body.decode("utf-8", "replace"))
        transaction = first_of(form, "transaction")
        asked, person = self._open.get(transaction), first_of(form, "person")
        if asked is None or person not in self._people():
            return self.page("refusal", 400, title="Session expired", text="Begin again.")
        decision = first_of(form, "decision")
        if decision == "cancel":
            return self.back(transaction, self.refused(asked))
        if person in self.approval:
            del self._open[transaction]
            return self.unapproved(asked)
        if decision != "allow":
            choices = self.choices(asked)
            return self.page("allow", transaction=transaction, person=person, choices=choices)
        fixed = {one.scope for one in self.choices(asked) if one.fixed}
        ticked = set(form.get("scope", [])) & {one.scope for one in self.choices(asked)}
        return self.back(transaction, self.allowed(asked, person, frozenset(fixed | ticked)))

    def back(self, transaction: str, parameters: Mapping[str, str]) -> Reply:
        """To the application; the transaction is over."""
        asked = self._open.pop(transaction)
        return redirected(asked, parameters)

    def page(self, step: str, status: int = 200, **values: Any) -> Reply:
        template = self._templates.get_template("consent.html")
        return Reply(
            status, template.render(step=step, provider=self.provider, name=self.name, **values)
        )

    def may_return(self, uri: str) -> bool:
        """Whether the application is registered with this address."""
        if self.redirects:
            return uri in self.redirects
        try:
            return urlsplit(uri).hostname in LOOPBACK
        except ValueError:
            return False


def redirected(asked: Asked, parameters: Mapping[str, str]) -> Reply:
    """302 to where the request came from, with its state."""
    state = {"state": asked.state} if asked.state else {}
    sign = "&" if "?" in asked.redirect_uri else "?"
    return Reply(
        302, "", {"Location": f"{asked.redirect_uri}{sign}{urlencode({**parameters, **state})}"}
    )


def first_of(fields: Fields, name: str) -> str:
    return next(iter(fields.get(name, ())), "")
