"""Access tokens for Graph through MSAL: by a person's own consent, or as an application.

Locking, sealing and storing is the caller's. An own consent is kept as MSAL's serialised cache, one
per account; the application's token, the same for all its people, is remembered here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calsync.core.account import FreshToken
from calsync.core.address import address_key
from calsync.errors import AccessLost, Setup, TryLater
from providers.http.transport import HOUR, Transport
from providers.oauth import lasting, no_token
from providers.outlook.settings import OutlookSettings
from providers.outlook.signin import ERRORS, Discovery, NothingKept, SignInHttp, token_error

if TYPE_CHECKING:
    import msal

SCOPE = "Calendars.ReadWrite"
CACHE = "msal"  # the field of an account's secret that holds MSAL's cache
EARLY = timedelta(minutes=5)
SEVERAL = frozenset({"organizations", "common", "consumers"})


@dataclass(frozen=True, slots=True)
class Consent:
    """What a refresh token opens.

    identity  directory and object id: an address may be given to somebody else, this is not
    address   as which the person signs in, "" when unknown
    writes    whether events may be written
    """

    identity: str
    address: str
    writes: bool
    secret: Mapping[str, str] = field(repr=False)


def token_cache() -> msal.SerializableTokenCache:
    """An empty one of MSAL's, which is imported at the first sign-in."""
    from msal import SerializableTokenCache  # noqa: PLC0415  # every command would import it

    return SerializableTokenCache()


class OutlookAuth:
    """One tenant's way to access tokens. `clock` gives the current time, aware UTC."""

    def __init__(
        self,
        settings: OutlookSettings,
        transport: Transport,
        discovery: Discovery,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings, self._transport, self._clock = settings, transport, clock
        self._discovery = discovery
        self._application: FreshToken | None = None

    @property
    def client_id(self) -> str:
        return self._settings.client_id

    @property
    def tenant(self) -> str:
        """The directory to sign in at, or which kinds of them."""
        return self._settings.tenant

    @property
    def authority(self) -> str:
        return self._settings.authority.rstrip("/")

    @property
    def resource(self) -> str:
        """Whose scopes are asked for."""
        return self._settings.graph_base.rstrip("/")

    def redeem(self, refresh_token: str, until: float) -> Consent:
        """What a refresh token from elsewhere opens, made MSAL's own.

        Raises TryLater (no), AccessLost (no, account), Setup (no, tenant).
        """
        cache = token_cache()
        http = self.http(until)
        app = self.app(http, cache)

        def ask(scope: str) -> Any:
            scopes = [f"{self.resource}/{scope}"]
            return _asked(lambda: app.acquire_token_by_refresh_token(refresh_token, scopes))

        got, reads = ask(SCOPE), False
        if got.get("error") in ERRORS.lost:  # perhaps only for want of that scope
            refused, got, reads = token_error(http.answer), ask(".default"), True
            if "access_token" not in got:
                raise refused
        _token(got, http)
        accounts = app.get_accounts()
        if not accounts:
            raise AccessLost("the sign-in does not name an account", happened="no", scope="account")
        claims = got.get("id_token_claims") or {}
        identity = accounts[0]["home_account_id"]
        if claims.get("oid") and claims.get("tid"):
            identity = f"{claims['oid']}.{claims['tid']}"
        address = claims.get("preferred_username") or accounts[0].get("username") or ""
        granted = str(got.get("scope", SCOPE)).split()
        return Consent(
            identity=str(identity),
            address=address_key(address) if "@" in address else "",
            writes=not reads and any(one.rpartition("/")[2] == SCOPE for one in granted),
            secret={CACHE: cache.serialize()},
        )

    def refresh(self, secret: Mapping[str, str], until: float) -> FreshToken:
        """A new token for an own consent, whatever the cache still holds.

        Raises TryLater (no, provider or account), AccessLost (no, account), Setup (no, tenant).
        """
        cache = token_cache()
        cache.deserialize(secret.get(CACHE))
        http = self.http(until)
        app = self.app(http, cache)
        accounts = app.get_accounts()
        got = _asked(
            lambda: app.acquire_token_silent_with_error(
                [f"{self.resource}/{SCOPE}"],
                account=accounts[0] if accounts else None,
                force_refresh=True,
            )
        )
        if got is None:
            raise AccessLost("no refresh token is stored", happened="no", scope="account")
        return self._fresh(_token(got, http), got, {CACHE: cache.serialize()})

    def probe(self, until: float) -> Mapping[str, str]:
        """The headers of what Microsoft answers to a refresh token that nobody has: a client that
        it does not know, or whose secret or certificate is not good, is refused by another word
        (RFC 6749, 5.2). Not verified against the live service.

        Raises TryLater (no, provider or account), Setup (no, tenant).
        """
        http = self.http(until)
        app = self.app(http, token_cache())
        scopes = [f"{self.resource}/{SCOPE}"]
        _asked(lambda: app.acquire_token_by_refresh_token("calsync-doctor", scopes))
        error = token_error(http.answer)
        if not isinstance(error, AccessLost):
            raise error
        return http.answer.headers

    def as_application(self, until: float, *, stale: str | None = None) -> FreshToken:
        """The application's token, for every mailbox it may open. `stale` is one not to hand out
        again. Raises TryLater (no, provider or account), Setup (no, tenant)."""
        known = self._application
        if known and known.token != stale and known.expires_at - EARLY > self._clock():
            return known
        if self._settings.tenant.lower() in SEVERAL:
            raise _setup("outlook.tenant must be one directory's id for outlook.domains")
        http = self.http(until)
        app = self.app(http, None)
        got = _asked(lambda: app.acquire_token_for_client([f"{self.resource}/.default"]))
        self._application = self._fresh(_token(got, http, application=True), got, None)
        return self._application

    def certificate_end(self) -> datetime | None:
        """Until when the certificate is good that the application signs in with; None: it has
        none. Raises Setup."""
        if self._settings.certificate_file is None:
            return None
        from cryptography import x509  # noqa: PLC0415  # only a probe reads it

        credential = self._credential()
        assert isinstance(credential, dict)
        try:
            found = x509.load_pem_x509_certificate(credential["public_certificate"].encode())
        except ValueError:
            raise _setup(
                "outlook.certificate_file contains no certificate that can be read"
            ) from None
        return found.not_valid_after_utc

    def issuer(self, http: SignInHttp) -> str:
        """Who makes the id_tokens; "{tenantid}" stands for the directory where there are several.
        Raises TryLater, Setup."""
        return str(http.discovered(self._settings.tenant)["issuer"])

    def http(self, until: float) -> SignInHttp:
        return SignInHttp(self._transport, self._discovery, self._settings.authority, until)

    def app(self, http: SignInHttp, cache: msal.TokenCache | None) -> Any:
        """Made for each sign-in, because it keeps its cache and its HTTP; it takes 0.3 ms."""
        from msal import ConfidentialClientApplication  # noqa: PLC0415  # as `token_cache`

        try:
            return ConfidentialClientApplication(
                self._settings.client_id,
                client_credential=self._credential(),
                authority=f"{http.authority}/{self._settings.tenant}",
                token_cache=cache,
                http_client=http,
                http_cache=NothingKept(),
                instance_discovery=False,
            )
        except (ValueError, TypeError, KeyError):
            # `from None`: the library's text may hold what it was given.
            raise _setup("outlook's settings are not accepted by MSAL") from None

    def _credential(self) -> str | dict[str, str]:
        """Read each time, so that a renewed certificate is picked up."""
        name = self._settings.certificate_file
        if name is None:
            return self._settings.client_secret
        try:
            pem = Path(name).read_text(encoding="ascii")
        except OSError:
            raise _setup("outlook.certificate_file cannot be read") from None
        except ValueError:
            pem = ""
        if "-----BEGIN CERTIFICATE-----" not in pem or "PRIVATE KEY-----" not in pem:
            raise _setup(
                "outlook.certificate_file is not a PEM file with certificate and private key"
            )
        return {"private_key": pem, "public_certificate": pem}

    def _fresh(
        self, token: str, got: Mapping[str, Any], secret: Mapping[str, str] | None
    ) -> FreshToken:
        return FreshToken(token, self._clock() + lasting(got.get("expires_in")), secret)


def _asked(ask: Callable[[], Any]) -> Any:
    """MSAL's answer. What it cannot make sense of is tried again later: only a plain OAuth refusal
    may cost a person the connection."""
    try:
        return ask()
    except (ValueError, TypeError, LookupError, AttributeError, RuntimeError, ArithmeticError):
        raise TryLater(
            "token answer cannot be used", happened="no", scope="account", after=HOUR
        ) from None


def _token(got: Mapping[str, Any], http: SignInHttp, *, application: bool = False) -> str:
    token = got.get("access_token")
    if isinstance(token, str) and token:
        return token
    if http.answer.status == 200 and "error" not in got:
        raise no_token()
    raise token_error(http.answer, application=application)


def _setup(what: str) -> Setup:
    return Setup(what, happened="no", scope="tenant")
