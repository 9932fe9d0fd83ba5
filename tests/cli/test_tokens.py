"""`calsync tokens`: made once, listed without the secret, revoked."""

from __future__ import annotations

from tests.cli.rig import Rig


def test_a_token_is_shown_once_listed_and_revoked(rig: Rig) -> None:
    done = rig.run("tokens", "create", "--name", "platform", "--scope", "changes:read")
    token = done.out.strip()
    ident = token.split("_")[1]
    assert ident in done.err

    listed = rig.run("tokens", "list").out
    (row,) = rig.json("tokens", "list")
    assert ident in listed
    assert token.split("_")[2] not in listed + repr(row)
    assert (row["tenant"], row["name"], row["scopes"]) == ("default", "platform", ["changes:read"])

    rig.run("tokens", "revoke", ident)
    (row,) = rig.json("tokens", "list")
    assert row["revoked"]


def test_what_cannot_be_made_says_what_there_is(rig: Rig) -> None:
    scope = rig.run("tokens", "create", "--name", "x", "--scope", "sessions:delete", code=2).err
    assert "sessions:write" in scope
    tenant = rig.run(
        *("tokens", "create", "--name", "x", "--scope", "changes:read", "--tenant", "acme"), code=2
    ).err
    assert "default" in tenant
    assert "tokens list" in rig.run("tokens", "revoke", "nothing", code=2).err
    assert rig.json("tokens", "list") == []
