"""google.domains in the configuration, through the real command line."""

from __future__ import annotations

import json

from tests.cli.rig import MAYA, Rig


def test_a_domain_is_served_from_the_next_pass_on_and_until_it_is_removed(rig: Rig) -> None:
    key_file = rig.folder / "service-account.json"
    key_file.write_text(json.dumps(rig.sandbox.make_service_account()), encoding="utf-8")
    service = f"service_account_file = {json.dumps(str(key_file))}\n"
    rig.configure(google=service)
    rig.book("ses-1", MAYA)
    rig.run("sync")
    assert [one.ours for one in rig.sandbox.shown(MAYA)] == [False]
    rig.configure(google=service + 'domains = ["gmail.example"]')
    rig.run("sync")
    assert [one.ours for one in rig.sandbox.shown(MAYA)] == [True]
    rig.configure(google=service)
    rig.run("sync")
    assert [one.ours for one in rig.sandbox.shown(MAYA)] == [False]
    (account,) = rig.json("accounts", "list")
    assert (account["grant"], account["state"]) == ("domain", "disconnected")
    assert account["reason"] == "google.domains does not list it any more"
