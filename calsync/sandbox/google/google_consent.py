"""Google's pages: developers.google.com/identity/protocols/oauth2/web-server. Single scopes may be
unticked; openid and email may not (granular permissions)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from calsync.sandbox.reply import Reply
from calsync.sandbox.sign_in.codes import Asked
from calsync.sandbox.sign_in.consent import Choice, Consent, Fields, PageRefusal, first_of
from calsync.sandbox.sign_in.tokens import SCOPE, Tokens
from calsync.sandbox.switches import Switches

PATH = "/o/oauth2/v2/auth"
ISSUER = "https://accounts.google.com"
FIXED = {
    "openid": "openid",
    "email": SCOPE + "userinfo.email",
    "profile": SCOPE + "userinfo.profile",
}
TEXTS = {
    SCOPE + "calendar.events.owned": "See, create, change, and delete events on Google calendars "
    "you own.",
    SCOPE + "calendar.events": "View and edit events on all your calendars.",
    SCOPE + "calendar.freebusy": "View your availability in your calendars.",
    SCOPE + "calendar": "See, edit, share, and permanently delete all the calendars you can access "
    "using Google Calendar.",
}


class GoogleConsent(Consent):
    """Google's side of a person's consent."""

    provider, name = "google", "Google"
    _named: ClassVar[dict[str, str]] = {**FIXED, **{value: value for value in FIXED.values()}}

    def __init__(
        self, tokens: Tokens, switches: Switches, people: Callable[[], Mapping[str, str]]
    ) -> None:
        super().__init__(tokens.codes, people)
        self._tokens, self._switches = tokens, switches

    def asked(self, query: Fields) -> Asked:
        if first_of(query, "client_id") != self._tokens.client_id:
            raise PageRefusal("Error 401: invalid_client", "The OAuth client was not found.", 401)
        uri = first_of(query, "redirect_uri")
        if not self.may_return(uri):
            text = "You can't sign in because this app sent an invalid request."
            raise PageRefusal("Error 400: redirect_uri_mismatch", text)
        if first_of(query, "response_type") != "code":
            raise PageRefusal("Error 400: invalid_request", "Required parameter: response_type")
        scopes = tuple(first_of(query, "scope").split())
        unknown = [one for one in scopes if one not in self._named and one not in TEXTS]
        if unknown or not scopes:
            raise PageRefusal("Error 400: invalid_scope", "Some requested scopes were invalid.")
        challenge = first_of(query, "code_challenge")
        if challenge and first_of(query, "code_challenge_method") != "S256":
            raise PageRefusal("Error 400: invalid_request", "Parameter: code_challenge_method")
        return Asked(
            redirect_uri=uri,
            scopes=scopes,
            state=first_of(query, "state"),
            challenge=challenge,
            nonce=first_of(query, "nonce"),
            hint=first_of(query, "login_hint"),
            offline=first_of(query, "access_type") == "offline",
            prompt=first_of(query, "prompt"),
        )

    def choices(self, asked: Asked) -> list[Choice]:
        known = {self._named.get(one, one): one in self._named for one in asked.scopes}
        return [
            Choice(scope, TEXTS.get(scope, "Who you are"), fixed) for scope, fixed in known.items()
        ]

    def refused(self, asked: Asked) -> dict[str, str]:
        del asked
        return {"error": "access_denied", **self._issuer()}

    def allowed(self, asked: Asked, person: str, scopes: frozenset[str]) -> dict[str, str]:
        code = self.codes.issue(asked, person, scopes)
        return {"code": code, "scope": " ".join(sorted(scopes)), "authuser": "0", **self._issuer()}

    def unapproved(self, asked: Asked) -> Reply:
        """The browser does not come back: support.google.com/a/answer/7281227"""
        del asked
        text = "Your institution's admin needs to review this app."
        return self.page("refusal", 400, title="Access blocked: admin_policy_enforced", text=text)

    def _issuer(self) -> dict[str, str]:
        return {"iss": ISSUER} if self._switches["redirect_iss"] else {}
