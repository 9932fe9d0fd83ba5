"""`calsync connect-link`: a way in, or what to write in the configuration first."""

from __future__ import annotations

from tests.cli.rig import Rig


def test_without_a_public_address_or_keys_it_says_what_to_write(rig: Rig) -> None:
    told = rig.run("connect-link", "--email", "maya@example.org", code=2).err
    assert "web.public_url" in told
    rig.configure(web='public_url = "https://calsync.example"')
    told = rig.run("connect-link", "--email", "maya@example.org", code=2).err
    assert "connect.keys" in told


def test_it_prints_a_link_for_one_person(rig: Rig) -> None:
    rig.configure(
        web='public_url = "https://calsync.example"', connect=f'keys = ["k1:{"A" * 43}="]'
    )
    done = rig.run("connect-link", "--email", "maya@example.org")
    assert done.out.startswith("https://calsync.example/connect/arrive?ticket=ey")
    assert "once" in done.err
    assert rig.json("connect-link", "--email", "maya@example.org")["url"] != done.out.strip()
    assert "not an address" in rig.run("connect-link", "--email", "maya", code=2).err
    told = rig.run("connect-link", "--email", "m@x.org", "--tenant", "nobody", code=2).err
    assert "default" in told
