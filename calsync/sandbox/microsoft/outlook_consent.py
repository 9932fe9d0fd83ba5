"""Microsoft's pages: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow, and an
administrator's consent for the whole directory (v2-admin-consent)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs

from calsync.sandbox.reply import Reply
from calsync.sandbox.sign_in.codes import Asked
from calsync.sandbox.sign_in.consent import (
    Choice,
    Consent,
    Fields,
    PageRefusal,
    first_of,
    redirected,
)
from calsync.sandbox.sign_in.sign_in import OPENID, SignIn, short

PATH = re.compile(r"/([^/]+)/(oauth2/v2\.0/authorize|v2\.0/adminconsent)")
TEXTS = {
    "Calendars.ReadWrite": "Have full access to your calendars",
    "User.Read": "Sign you in and read your profile",
}
DECLINED = "AADSTS65004: User declined to consent to access the app."
APPROVAL = (
    "AADSTS90094: An administrator of the directory must grant this permission before it can be "
    "used."
)


class OutlookConsent(Consent):
    """Microsoft's side of a person's, or an administrator's, consent."""

    provider, name = "outlook", "Microsoft"

    def __init__(self, sign_in: SignIn, people: Callable[[], Mapping[str, str]]) -> None:
        super().__init__(sign_in.codes, people)
        self._sign_in = sign_in

    def asked(self, query: Fields) -> Asked:
        uri = self._client_of(query)
        if "code" not in first_of(query, "response_type").split():
            text = "AADSTS900144: The request must contain the parameter 'response_type'."
            raise PageRefusal("Sorry, but we're having trouble signing you in.", text)
        challenge = first_of(query, "code_challenge")
        if challenge and first_of(query, "code_challenge_method") != "S256":
            text = "AADSTS501491: Invalid size or method of the code challenge."
            raise PageRefusal("Sorry, but we're having trouble signing you in.", text)
        return Asked(
            redirect_uri=uri,
            scopes=tuple(first_of(query, "scope").split()),
            state=first_of(query, "state"),
            challenge=challenge,
            nonce=first_of(query, "nonce"),
            hint=first_of(query, "login_hint"),
            offline="offline_access" in first_of(query, "scope").split(),
            prompt=first_of(query, "prompt"),
        )

    def _client_of(self, query: Fields) -> str:
        """The address to go back to. Raises PageRefusal."""
        title = "Sorry, but we're having trouble signing you in."
        if first_of(query, "client_id") != self._sign_in.client_id:
            text = "AADSTS700016: Application with identifier was not found in the directory."
            raise PageRefusal(title, text)
        uri = first_of(query, "redirect_uri")
        if not self.may_return(uri):
            text = "AADSTS50011: The redirect URI specified in the request does not match."
            raise PageRefusal(title, text)
        return uri

    def choices(self, asked: Asked) -> list[Choice]:
        """All or nothing: Microsoft's page has no boxes."""
        wanted = {short(one) for one in asked.scopes} - OPENID
        return [Choice(one, TEXTS.get(one, one), fixed=True) for one in sorted(wanted)]

    def refused(self, asked: Asked) -> dict[str, str]:
        del asked
        return {
            "error": "access_denied",
            "error_subcode": "cancel",
            "error_description": DECLINED,
        }

    def allowed(self, asked: Asked, person: str, scopes: frozenset[str]) -> dict[str, str]:
        code = self.codes.issue(asked, person, scopes)
        return {"code": code, "session_state": "00000000-0000-0000-0000-000000000000"}

    def unapproved(self, asked: Asked) -> Reply:
        """A page with a link back."""
        back = redirected(asked, {"error": "access_denied", "error_description": APPROVAL})
        return self.page("approval", link=back.headers["Location"])

    # --- administrators --------------------------------------------------------------------------

    def open_admin(self, query: str) -> Reply:
        """GET of the admin consent endpoint."""
        fields = parse_qs(query, keep_blank_values=True)
        try:
            uri = self._client_of(fields)
        except PageRefusal as refusal:
            return self.page("refusal", refusal.status, title=refusal.title, text=refusal.text)
        scopes = tuple(first_of(fields, "scope").split())
        asked = Asked(redirect_uri=uri, scopes=scopes, state=first_of(fields, "state"))
        accept = {
            "admin_consent": "True",
            "tenant": self._sign_in.tenant_id,
            "scope": " ".join(scopes),
        }
        return self.page(
            "admin",
            accept=redirected(asked, accept).headers["Location"],
            # As seen in github.com/MicrosoftDocs/azure-docs/issues/114009
            cancel=redirected(asked, {"error": "access_denied", "admin_consent": "True"}).headers[
                "Location"
            ],
        )
