"""Questions about one person, about sessions and about sources."""

from __future__ import annotations

import re

import pytest

from tests.cli.rig import AGENDA, LENA, MAYA, NOTE, SAM, Rig
from tests.cli.test_questions import assert_fits


def test_of_a_person_all_is_told_that_explains_what_they_see(synced: Rig) -> None:
    (found,) = synced.json("person", MAYA)
    assert (found["email"], found["participants"]) == (MAYA, ["u-1"])
    assert found["calendar"] == f"Google Calendar ({MAYA})"
    assert [one["state"] for one in found["accounts"]] == ["active"]
    assert found["session_count"] == 2
    assert [one["session"] for one in found["sessions"]] == ["ses-1", "ses-2"]
    assert all(one["where"] == f"in Google Calendar ({MAYA})" for one in found["sessions"])

    text = synced.run("person", MAYA.upper()).out
    assert f"sessions go into Google Calendar ({MAYA})" in " ".join(text.split())
    assert found["sessions"][0]["local"] in text
    assert AGENDA not in text
    assert NOTE not in text
    assert_fits(text)


def test_somebody_is_found_by_the_platforms_id_and_without_any_session(rig: Rig) -> None:
    rig.connect()
    (found,) = rig.json("person", MAYA)
    assert (found["session_count"], found["participants"]) == (0, [])
    rig.book("ses-1", MAYA, SAM)
    rig.run("sync")
    assert [one["email"] for one in rig.json("person", "u-2")] == [SAM]


def test_a_refusal_is_told_with_what_it_means_and_what_to_do(rig: Rig) -> None:
    rig.book("ses-1", SAM)
    rig.sandbox.fail_smtp("rcpt", code=550, message="5.1.1 nobody here", person=SAM)
    rig.run("sync", code=1)
    text = " ".join(rig.run("person", SAM).out.split())
    assert "not shown" in text
    assert (
        "rcpt: answered 550 5.1.1: their mail server has no such mailbox; correct the address "
        "in the platform, then resync"
    ) in text
    told = " ".join(rig.run("explain", "ses-1").out.split())
    assert "that means: their mail server has no such mailbox" in told


def test_sessions_are_listed_with_how_many_people_see_them(rig: Rig) -> None:
    rig.book("ses-1", MAYA, SAM)
    rig.book("ses-2", SAM, LENA)
    rig.sandbox.fail_smtp("rcpt", code=550, message="5.1.1 nobody here", person=LENA)
    rig.run("sync", code=1)
    found = {one["session"]: one for one in rig.json("sessions")}
    counts = {name: (one["people"], one["shown"]) for name, one in found.items()}
    assert counts == {"ses-1": (2, 2), "ses-2": (2, 1)}
    program = found["ses-2"]["program"]
    assert [one["session"] for one in rig.json("sessions", "--program", program)] == ["ses-2"]
    assert len(rig.json("sessions", "--limit", "1")) == 1
    assert rig.json("sessions", "--to", "2020-01-01") == []
    assert "1 session; --limit shows more than 1" in rig.run("sessions", "--limit", "1").out
    assert_fits(rig.run("sessions").out)


def test_sources_are_listed_before_and_after_they_were_read(rig: Rig) -> None:
    (source,) = rig.json("sources")
    assert (source["source"], source["kind"], source["last_ok"]) == ("platform", "file", None)
    rig.book("ses-1", MAYA, SAM)
    rig.book("ses-2", SAM, time_zone="Mars/Olympus")
    rig.run("sync")
    (source,) = rig.json("sources")
    assert (source["ahead"], source["refused"], source["error"]) == (1, 1, None)
    text = rig.run("sources").out
    headings = re.search(r"\bsessions\b.*\bahead\b", text, re.DOTALL)
    assert headings, "a heading may have two lines"
    assert_fits(text)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("person", "nobody@x.example"), "is the address the one that the platform has?"),
        (("person", MAYA, "--tenant", "nobody"), "there is no tenant nobody; choose one of"),
        (("sessions", "--tenant", "nobody"), "there is no tenant nobody; choose one of"),
        (("sessions", "--program", "prog-9"), "no session of a program prog-9"),
        (("sessions", "--from", "soon"), "2026-12-03"),
    ],
)
def test_a_name_that_nothing_bears_is_refused(
    synced: Rig, arguments: tuple[str, ...], said: str
) -> None:
    assert said in synced.run(*arguments, code=2).err
