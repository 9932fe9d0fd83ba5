"""`[ops]`: nobody is let in by default, and nothing is half set up."""

from __future__ import annotations

import json

import pytest

from calsync.config import load
from calsync.errors import ConfigError
from calsync.store.vault import new_key
from tests.conftest import WriteConfig

KEYS = {"CALSYNC_SECURITY__KEYS": json.dumps([new_key()])}
CLIENT = "client_id = 'calsync'\nclient_secret = 'hush'\n"
ISSUER = "issuer = 'https://login.corp.example'\n"
PUBLIC = "[web]\npublic_url = 'https://calsync.corp.example'\n"
NAMED = "allowed = ['lena@corp.example', 'group:calendar ops']\n"


def test_operators_are_named_for_everything_or_for_a_tenant(write_config: WriteConfig) -> None:
    text = (
        f"{PUBLIC}[ops]\n{ISSUER}{CLIENT}{NAMED}[tenants.acme.ops]\nallowed = ['ola@x.example']\n"
    )
    config = load(write_config(text), KEYS)
    assert config.ops.allowed == ("lena@corp.example", "group:calendar ops")
    assert config.for_tenant("acme").ops.allowed == ("ola@x.example",)
    assert config.for_tenant("other").ops.allowed == config.ops.allowed
    assert "hush" not in repr(config)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"{PUBLIC}[ops]\n{ISSUER}{CLIENT}", "ops.allowed"),
        (f"[ops]\n{ISSUER}{CLIENT}{NAMED}", "web.public_url"),
        (f"{PUBLIC}[ops]\n{CLIENT}{NAMED}", "ops.issuer"),
        (f"{PUBLIC}[ops]\n{ISSUER}{NAMED}", "ops.client_id"),
        (f"{PUBLIC}[ops]\n{NAMED}", "ops.issuer"),
        (f"{PUBLIC}[ops]\n{ISSUER}{CLIENT}allowed = ['lena']\n", "ops.allowed"),
        (f"{PUBLIC}[ops]\n{ISSUER}{CLIENT}allowed = ['group: ']\n", "ops.allowed"),
        (f"{PUBLIC}[ops]\n{ISSUER}{CLIENT}{NAMED}scopes = ['email']\n", "ops.scopes"),
        (f"{PUBLIC}[ops]\nissuer = 'http://login.x.example'\n{CLIENT}{NAMED}", "ops.issuer"),
        (
            f"{PUBLIC}[ops]\n{ISSUER}{CLIENT}{NAMED}[tenants.acme.ops]\nissuer = 'https://x.example'\n",
            "tenants.acme.ops.issuer",
        ),
    ],
)
def test_what_is_missing_is_named(write_config: WriteConfig, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write_config(text), KEYS)
    assert any(one.startswith(says) for one in caught.value.problems), caught.value.problems
