"""PUT and DELETE of a session: what is taken in, refused, held, ignored, and for whom."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from calsync.ops import commands, queries
from tests.web.site import Caller, MakeSite, Site, a_record

WANTED = "SELECT tenant, session, participant FROM delivery WHERE want = 'present' ORDER BY 1, 2, 3"


def test_a_session_is_taken_in_and_the_workers_are_woken(site: Site, platform: Caller) -> None:
    answer = platform.put("ses-1", a_record())

    assert answer.status_code == 200
    assert answer.json() == {"id": "ses-1", "outcome": "accepted", "batch": None, "warnings": []}
    assert site.rows(WANTED) == [("default", "ses-1", "u-1"), ("default", "ses-1", "u-2")]
    assert site.rows("SELECT batch FROM delivery WHERE due_at IS NULL OR batch IS NOT NULL") == []
    assert site.woken == 1


def test_the_same_record_again_changes_nothing(site: Site, platform: Caller) -> None:
    record = a_record()
    platform.put("ses-1", record)
    before = site.rows("SELECT version, due_at FROM delivery ORDER BY participant")
    again = platform.put("ses-1", record)

    assert (again.status_code, again.json()["outcome"]) == (200, "unchanged")
    assert site.rows("SELECT version, due_at FROM delivery ORDER BY participant") == before
    assert site.woken == 1


def test_an_older_version_changes_nothing_and_says_so(site: Site, platform: Caller) -> None:
    platform.put("ses-1", a_record(days=9))
    older = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    before = site.rows("SELECT version, starts_at FROM delivery ORDER BY participant")
    answer = platform.put("ses-1", a_record(days=10, updated_at=older))

    assert (answer.status_code, answer.json()["outcome"]) == (200, "older")
    assert site.rows("SELECT version, starts_at FROM delivery ORDER BY participant") == before


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is missing"),
        (b"[]", "is not a JSON object; send one"),
        (b"null", "is not a JSON object; send one"),
        (b"{", "is not JSON; send an object in UTF-8"),
        (b"\xff\xfe", "is not JSON; send an object in UTF-8"),
    ],
)
def test_a_body_that_is_no_record_is_told_in_words_of_json(
    platform: Caller, body: bytes, reason: str
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = platform.call("PUT", "/api/sessions/ses-1", data=body, headers=headers)

    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "body", "reason": reason}]


def test_every_field_that_refuses_the_record_is_told_together(site: Site, platform: Caller) -> None:
    broken = a_record(time_zone="Mars/Olympus", starts_at="soon", participants="u-1")
    broken["agenda"]["text"] = "PLANTED-SECRET"
    answer = platform.put("ses-1", broken)

    told = answer.json()
    assert (answer.status_code, told["code"]) == (422, "record_refused")
    assert {one["field"] for one in told["errors"]} == {"starts_at", "time_zone", "participants"}
    assert all("write" in one["reason"] for one in told["errors"])
    assert "PLANTED" not in answer.text
    assert site.rows(WANTED) == []
    assert site.rows("SELECT * FROM quarantine") == []


def test_a_fault_in_one_person_sets_only_that_person_aside(site: Site, platform: Caller) -> None:
    record = a_record()
    record["participants"][1]["email"] = "no address"
    answer = platform.put("ses-1", record)

    assert answer.json()["outcome"] == "accepted"
    assert any("u-2" in one or "participants[1]" in one for one in answer.json()["warnings"])
    assert site.rows(WANTED) == [("default", "ses-1", "u-1")]


def test_notes_are_dropped_and_reported(site: Site, platform: Caller) -> None:
    answer = platform.put("ses-1", a_record(personal_notes="PLANTED-NOTE"))

    assert any("personal_notes" in one for one in answer.json()["warnings"])
    assert "PLANTED-NOTE" not in repr(site.rows("SELECT record FROM booked_session"))


def test_an_update_that_would_lose_a_person_is_refused_and_marks_the_session(
    site: Site, platform: Caller
) -> None:
    platform.put("ses-1", a_record())
    record = a_record()
    record["participants"][1]["email"] = "no address"
    answer = platform.put("ses-1", record)

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == ["participants"]
    assert len(site.rows(WANTED)) == 2
    assert site.rows("SELECT 1 FROM booked_session WHERE stale IS NOT NULL") == [(1,)]
    assert platform.put("ses-1", a_record()).json()["outcome"] == "accepted"
    assert site.rows("SELECT 1 FROM booked_session WHERE stale IS NOT NULL") == []


def test_a_refused_update_of_a_known_session_marks_it_until_a_good_one(
    site: Site, platform: Caller
) -> None:
    platform.put("ses-1", a_record())
    assert platform.put("ses-1", a_record(starts_at="soon")).status_code == 422
    assert site.rows("SELECT record FROM quarantine") == [("ses-1",)]
    platform.put("ses-1", a_record())
    assert site.rows("SELECT record FROM quarantine") == []


@pytest.mark.parametrize(
    ("changes", "field"), [({"id": "ses-2"}, "id"), ({"tenant": "acme"}, "tenant")]
)
def test_a_record_may_repeat_but_not_contradict_address_and_token(
    site: Site, platform: Caller, changes: dict[str, str], field: str
) -> None:
    same = a_record(id="ses-1", tenant="default")
    answer = platform.put("ses-1", a_record(**changes))

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]
    assert platform.put("ses-1", same).json()["outcome"] == "accepted"


def test_a_token_reaches_its_own_tenant_alone(site: Site, platform: Caller) -> None:
    acme = site.caller("acme")
    platform.put("ses-1", a_record())
    assert acme.put("ses-1", a_record()).json()["outcome"] == "accepted"
    assert acme.delete("ses-1").json()["outcome"] == "accepted"
    assert site.rows(WANTED) == [("default", "ses-1", "u-1"), ("default", "ses-1", "u-2")]


def test_a_cancelled_session_is_withdrawn_and_an_older_record_does_not_bring_it_back(
    site: Site, platform: Caller
) -> None:
    record = a_record()
    platform.put("ses-1", record)
    answer = platform.delete("ses-1")

    assert (answer.status_code, answer.json()["outcome"]) == (200, "accepted")
    assert site.rows(WANTED) == []
    assert platform.put("ses-1", record).json()["outcome"] == "older"
    assert platform.delete("ses-1").json()["outcome"] == "unchanged"
    assert platform.put("ses-1", a_record()).json()["outcome"] == "accepted"
    assert len(site.rows(WANTED)) == 2


def test_what_was_never_sent_can_be_cancelled_before_it_arrives(
    site: Site, platform: Caller
) -> None:
    record = a_record()
    assert platform.delete("ses-1").json()["outcome"] == "accepted"
    assert platform.put("ses-1", record).json()["outcome"] == "older"
    assert site.rows(WANTED) == []


def test_a_late_cancellation_older_than_the_record_is_ignored(site: Site, platform: Caller) -> None:
    before = datetime.now(UTC) - timedelta(hours=1)
    platform.put("ses-1", a_record())
    answer = platform.delete("ses-1", params={"updated_at": before.isoformat()})

    assert answer.json()["outcome"] == "older"
    assert len(site.rows(WANTED)) == 2


@pytest.mark.parametrize("stamp", ["2026-11-20T09:30:00", "0001-01-01T00:00:00+14:00"])
def test_a_time_of_cancellation_that_is_no_instant_is_refused(platform: Caller, stamp: str) -> None:
    answer = platform.delete("ses-1", params={"updated_at": stamp})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "updated_at"


def test_a_mass_change_is_held_and_answered_with_its_batch(make_site: MakeSite) -> None:
    site = make_site(guard="max_changes = 1000\nmax_first_mails = 3\nfree_sessions = 0")
    platform = site.caller()
    outcomes = [platform.put(f"ses-{n}", a_record()) for n in range(3)]

    assert [one.status_code for one in outcomes] == [200, 202, 202]
    held = outcomes[1].json()
    assert held["outcome"] == "held"
    (row,) = site.rows("SELECT id FROM batch WHERE state = 'held' AND id = " + str(held["batch"]))
    assert row == (held["batch"],)
    other = a_record(title="Other")
    assert platform.put("ses-1", other).status_code == 202
    assert platform.put("ses-1", other).status_code == 202, "the same again waits as well"
    assert site.woken == 1
    context = site.open.context
    shown = {one.batch: one.digest for one in queries.status(context).held}
    commands.approve(context, held["batch"], shown[held["batch"]], reject=False)
    assert platform.put("ses-1", other).json()["outcome"] == "unchanged"


def test_pushes_at_once_are_each_taken_in_and_counted_by_the_guard(make_site: MakeSite) -> None:
    site = make_site(guard="max_changes = 1000\nmax_first_mails = 20\nfree_sessions = 0")
    platform = site.caller()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: platform.put(f"ses-{n}", a_record()), range(16)))

    assert sorted(one.status_code for one in answers) == [200] * 10 + [202] * 6
    assert len(site.rows(WANTED)) == 32


def test_what_the_guard_need_not_count_leaves_no_batch(site: Site, platform: Caller) -> None:
    platform.put("ses-1", a_record(participants=[]))
    assert site.rows("SELECT * FROM batch") == []
    platform.put("ses-2", a_record())
    assert len(site.rows("SELECT * FROM batch")) == 1


def test_a_sweep_of_another_source_withdraws_its_own_sessions_and_no_pushed_one(
    make_site: MakeSite, tmp_path: Path
) -> None:
    file = tmp_path / "sessions.json"
    file.write_text(json.dumps([a_record(id="filed"), a_record(id="stays")]), encoding="utf-8")
    site = make_site(more=f"[[source]]\nname = 'files'\nkind = 'file'\npath = '{file}'")
    site.caller().put("pushed", a_record())
    (files,) = [one for one in site.open.pollers if one.source.name == "files"]
    files.run_once()
    file.write_text(json.dumps([a_record(id="stays")]), encoding="utf-8")
    for _ in range(3):
        assert files.sweep().error is None
        site.shift += timedelta(hours=7)

    assert {row[1] for row in site.rows(WANTED)} == {"pushed", "stays"}
    assert [one.source.name for one in site.open.pollers] == ["other", "files"]


def test_ids_may_hold_what_addresses_quote(site: Site, platform: Caller) -> None:
    assert platform.put("a%2Fb%20%C3%A4", a_record()).json()["id"] == "a/b ä"
    assert [row[1] for row in site.rows(WANTED)] == ["a/b ä", "a/b ä"]
    assert platform.delete("a%2Fb%20%C3%A4").json()["outcome"] == "accepted"


def test_an_id_that_cannot_be_one_is_refused(platform: Caller) -> None:
    for ident in ("%20x", "x" * 300, "a%00b", "a%0Ab"):
        assert platform.put(ident, a_record()).status_code in (404, 422), ident
        assert platform.delete(ident).status_code in (404, 422), ident


def test_a_tenant_without_a_push_source_is_told_what_is_missing(site: Site) -> None:
    answer = site.caller("unpushed").put("ses-1", a_record())

    assert (answer.status_code, answer.json()["code"]) == (409, "push_not_configured")
