"""Operators' sign-in: what is asked of the service, and which of its answers prove nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import responses
from cryptography.hazmat.primitives.asymmetric import rsa

from calsync.core.visit import AskedSignIn, SignedIn
from calsync.errors import ChannelError, Refused, Setup, TryLater
from providers.http.transport import Transport
from providers.http.watchdog import Watchdog
from providers.oidc import OidcSettings, OidcSignIn
from tests.make import NOW

ISSUER = "https://login.corp.example/realm"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SETTINGS = OidcSettings(issuer=ISSUER, client_id="calsync", client_secret="hush: 100%")
ASKED = AskedSignIn("https://calsync.example/ops/signed-in", "state", "nonce", "v" * 64)
DISCOVERY: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize?realm=ops",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
}
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "calsync",
    "sub": "1101",
    "iat": int(NOW.timestamp()),
    "exp": int(NOW.timestamp()) + 300,
    "nonce": "nonce",
    "email": "lena@corp.example",
    "groups": ["ops", "everyone"],
}


def published(key: rsa.RSAPrivateKey = KEY) -> dict[str, Any]:
    public = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {"keys": [public | {"kid": "1", "use": "sig"}]}


def token(claims: dict[str, Any], key: Any = KEY, algorithm: str = "RS256") -> str:
    return jwt.encode(claims, key, algorithm, headers={"kid": "1"})


@pytest.fixture
def mocked() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield mocked


def soon() -> float:
    return time.monotonic() + 30


def service(settings: OidcSettings = SETTINGS) -> OidcSignIn:
    return OidcSignIn(settings, Transport(Watchdog()), lambda: NOW)


def serve(
    mocked: responses.RequestsMock,
    answer: object = None,
    *,
    status: int = 200,
    discovery: dict[str, Any] = DISCOVERY,
    keys: object = None,
) -> None:
    mocked.get(f"{ISSUER}/.well-known/openid-configuration", json=discovery)
    mocked.post(f"{ISSUER}/token", json=answer, status=status)
    mocked.get(f"{ISSUER}/keys", json=keys or published())


def redeemed(
    mocked: responses.RequestsMock, id_token: str, settings: OidcSettings = SETTINGS
) -> SignedIn:
    serve(mocked, {"id_token": id_token})
    return service(settings).redeem(ASKED, "4/0", soon())


def test_a_signed_token_tells_who_it_is_and_their_groups(mocked: responses.RequestsMock) -> None:
    found = redeemed(mocked, token(CLAIMS))
    assert found == SignedIn("lena@corp.example", "1101", frozenset({"ops", "everyone"}))
    (call,) = [one for one in mocked.calls if one.request.method == "POST"]
    assert call.request.headers["Authorization"] == "Basic Y2Fsc3luYzpodXNoJTNBJTIwMTAwJTI1"
    assert "code_verifier=" + "v" * 64 in str(call.request.body)
    assert "hush" not in repr(SETTINGS)


def test_other_claims_are_read_where_the_configuration_says_so(
    mocked: responses.RequestsMock,
) -> None:
    settings = OidcSettings(
        issuer=ISSUER,
        client_id="calsync",
        client_secret="x",
        address_claim="preferred_username",
        groups_claim="roles",
    )
    claims = CLAIMS | {"preferred_username": "lk@corp.example", "roles": "ops"}
    found = redeemed(mocked, token(claims), settings)
    assert (found.address, found.groups) == ("lk@corp.example", frozenset({"ops"}))


@pytest.mark.parametrize("said", [False, "false", None, 0])
def test_an_address_that_was_not_verified_is_nobodys(
    mocked: responses.RequestsMock, said: object
) -> None:
    assert redeemed(mocked, token(CLAIMS | {"email_verified": said})).address == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://login.evil.example"},
        {"aud": "another-application"},
        {"aud": "another-application", "azp": "calsync"},
        {"aud": ["calsync", "another"]},
        {"azp": "another-application"},
        {"exp": int(NOW.timestamp()) - 3600},
        {"exp": "soon"},
        {"nbf": int(NOW.timestamp()) + 3600},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"sub": None},
    ],
    ids=lambda wrong: f"{next(iter(wrong))}",
)
def test_a_token_that_was_made_for_another_purpose_is_refused(
    mocked: responses.RequestsMock, wrong: dict[str, Any]
) -> None:
    claims = {name: value for name, value in (CLAIMS | wrong).items() if value is not None}
    try:
        made = token(claims)
    except TypeError:  # the encoder is stricter than a stranger
        made = token(claims | {"exp": 0})
    with pytest.raises(Refused):
        redeemed(mocked, made)


@pytest.mark.parametrize(
    "forged",
    [
        token(CLAIMS, OTHER),
        jwt.encode(CLAIMS, None, "none"),
        token(CLAIMS, "hush: 100%" * 4, "HS256"),
        token(CLAIMS)[:-4] + "AAAA",
        "a.b.c",
        "",
        "[" * 10_000,
    ],
    ids=["another key", "no signature", "our secret", "cut", "noise", "nothing", "depth"],
)
def test_a_token_that_the_service_did_not_sign_is_refused(
    mocked: responses.RequestsMock, forged: str
) -> None:
    with pytest.raises(Refused):
        redeemed(mocked, forged)


@pytest.mark.parametrize(
    "keys", [{"keys": []}, {"keys": "x"}, {"keys": [{"kty": "oct", "k": "aGVsbG8"}]}, {"a": 1}]
)
def test_keys_that_are_none_prove_nothing(mocked: responses.RequestsMock, keys: object) -> None:
    serve(mocked, {"id_token": token(CLAIMS)}, keys=keys)
    with pytest.raises(Refused):
        service().redeem(ASKED, "4/0", soon())


@pytest.mark.parametrize(
    ("status", "answer", "error"),
    [
        (503, {}, TryLater),
        (429, {}, TryLater),
        (401, {"error": "invalid_client"}, Setup),
        (400, {"error": "invalid_grant"}, Refused),
        (200, {}, Refused),
        (200, {"id_token": 17}, Refused),
        (200, ["x"], Refused),
    ],
)
def test_what_a_refused_code_means(
    mocked: responses.RequestsMock, status: int, answer: object, error: type[ChannelError]
) -> None:
    serve(mocked, answer, status=status)
    with pytest.raises(error):
        service().redeem(ASKED, "4/0", soon())


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"issuer": "https://login.evil.example"}, "ops.issuer"),
        ({"issuer": f"{ISSUER}/"}, "ops.issuer"),  # its tokens would name another than ours
        ({"token_endpoint": "http://login.corp.example/token"}, "token_endpoint"),
        ({"jwks_uri": "file:///etc/keys"}, "jwks_uri"),
        ({"authorization_endpoint": None}, "authorization_endpoint"),
    ],
)
def test_a_service_that_describes_itself_wrongly_is_the_operators_to_mend(
    mocked: responses.RequestsMock, wrong: dict[str, Any], named: str
) -> None:
    serve(mocked, discovery=DISCOVERY | wrong)
    with pytest.raises(Setup, match=named):
        service().address(ASKED, soon())


@pytest.mark.parametrize(("status", "error"), [(500, TryLater), (404, Setup), (200, Setup)])
def test_a_service_that_does_not_describe_itself_is_told(
    mocked: responses.RequestsMock, status: int, error: type[ChannelError]
) -> None:
    mocked.get(f"{ISSUER}/.well-known/openid-configuration", body="<html>", status=status)
    with pytest.raises(error):
        service().address(ASKED, soon())


def test_the_description_is_asked_for_once(mocked: responses.RequestsMock) -> None:
    serve(mocked, discovery=DISCOVERY)
    signing = service()
    first, again = signing.address(ASKED, soon()), signing.address(ASKED, soon())
    assert first == again
    assert first.startswith(f"{ISSUER}/authorize?realm=ops&response_type=code&client_id=calsync")
    assert len(mocked.calls) == 1
