"""Graph's calendarView/delta over real HTTP: rounds, pages, removals, lost tokens."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from calsync.sandbox import RemoteSandbox, Sandbox
from tests.sandbox.graph_caller import IMMUTABLE, OLGA, GraphCaller, code_of

VIEW = "/me/calendarView/delta"
WINDOW = {"startDateTime": "2026-12-01T00:00:00Z", "endDateTime": "2027-01-01T00:00:00Z"}
OUTSIDE = {
    "start": {"dateTime": "2027-03-03T20:00:00", "timeZone": "UTC"},
    "end": {"dateTime": "2027-03-03T20:45:00", "timeZone": "UTC"},
}
INSIDE = {name: {**one, "dateTime": "2026-12-04T20:00:00"} for name, one in OUTSIDE.items()}
REMOVED = {"reason": "deleted"}


def begin(caller: GraphCaller, path: str = VIEW, **headers: str) -> requests.Response:
    return caller.call("GET", path, params=WINDOW, headers=headers)


def follow(caller: GraphCaller, link: str, **headers: str) -> requests.Response:
    return caller.http.get(link, headers=headers, timeout=10)


def whole_round(caller: GraphCaller, link: str = "") -> tuple[list[Any], str]:
    """Every entry that a round tells, and the link to the next round."""
    page = (follow(caller, link) if link else begin(caller)).json()
    told = page["value"]
    while "@odata.nextLink" in page:
        page = follow(caller, page["@odata.nextLink"]).json()
        told += page["value"]
    return told, page["@odata.deltaLink"]


def told_ids(told: list[Any]) -> list[tuple[str, bool]]:
    return [(one["id"], "@removed" in one) for one in told]


def several(olga: GraphCaller, count: int) -> list[str]:
    return [olga.create(transactionId=f"t{n}").json()["id"] for n in range(count)]


def test_the_first_round_tells_every_event_of_the_window_whole(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    item = olga.create().json()
    olga.create(transactionId="2", **OUTSIDE)
    answer = begin(olga)
    (told,) = answer.json()["value"]
    assert told == {"@odata.type": "#microsoft.graph.event", **item}
    assert answer.headers["Preference-Applied"] == "odata.track-changes"
    assert sandbox.violations() == []


def test_the_next_round_tells_what_is_new_changed_and_deleted(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    kept, changed, gone = several(olga, 3)
    _, link = whole_round(olga)
    olga.patch(changed, {"subject": "Session 2"})
    olga.delete(gone)
    new = olga.create(transactionId="new").json()["id"]
    told, later = whole_round(olga, link)
    assert told_ids(told) == [(changed, False), (gone, True), (new, False)]
    assert told[0]["subject"] == "Session 2"
    removed = {"@odata.type": "#microsoft.graph.event", "id": gone, "@removed": REMOVED}
    assert told[1] == removed
    assert whole_round(olga, later)[0] == []
    assert kept not in str(told)
    assert sandbox.violations() == []


def test_what_a_person_does_by_hand_is_told_too(olga: GraphCaller, sandbox: Sandbox) -> None:
    moved, gone = several(olga, 2)
    _, link = whole_round(olga)
    sandbox.user_moves(OLGA, moved, datetime(2026, 12, 9, 9, tzinfo=UTC))
    sandbox.user_deletes(OLGA, gone)
    told, _ = whole_round(olga, link)
    assert told_ids(told) == [(moved, False), (gone, True)]
    assert told[0]["start"]["dateTime"] == "2026-12-09T09:00:00.0000000"


def test_an_event_that_ended_for_good_is_told_as_removed(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    sandbox.switch("api_delete", "purged")
    gone, emptied = several(olga, 2)
    _, link = whole_round(olga)
    olga.delete(gone)
    sandbox.user_deletes(OLGA, emptied)
    sandbox.purge_tombstones(OLGA)
    told, later = whole_round(olga, link)
    assert told_ids(told) == [(gone, True), (emptied, True)]
    assert whole_round(olga, later)[0] == []


@pytest.mark.parametrize(
    ("rule", "told"),
    [("removed", {"left", "outside"}), ("left", {"left"}), ("silent", set())],
)
def test_what_happens_outside_the_window_by_switch(
    olga: GraphCaller, sandbox: Sandbox, rule: str, told: set[str]
) -> None:
    sandbox.switch("delta_outside", rule)
    names = {
        olga.create(transactionId="1").json()["id"]: "left",
        olga.create(transactionId="2", **OUTSIDE).json()["id"]: "outside",
    }
    _, link = whole_round(olga)
    for item in names:
        olga.patch(item, {"subject": "Changed", **OUTSIDE})
    entries, later = whole_round(olga, link)
    assert all(one["@removed"] == REMOVED for one in entries)
    assert {names[one["id"]] for one in entries} == told
    left = next(iter(names))
    olga.patch(left, INSIDE)
    assert told_ids(whole_round(olga, later)[0]) == [(left, False)]


def test_each_calendar_has_rounds_of_its_own(olga: GraphCaller, sandbox: Sandbox) -> None:
    item = olga.create().json()["id"]
    sandbox.user_moves_to_other_calendar(OLGA, item)
    other = olga.call("GET", f"/me/events/{item}/calendar").json()["id"]
    here, there = (begin(olga, path).json() for path in (VIEW, f"/me/calendars/{other}{VIEW[3:]}"))
    assert (here["value"], told_ids(there["value"])) == ([], [(item, False)])
    lost = olga.call("GET", VIEW, params=dict(parse_qsl(urlsplit(there["@odata.deltaLink"]).query)))
    assert lost.status_code == 410
    sandbox.user_deletes(OLGA, item)
    assert told_ids(whole_round(olga, there["@odata.deltaLink"])[0]) == [(item, True)]


@pytest.mark.parametrize("form", ["delta()", "microsoft.graph.delta", "microsoft.graph.delta()"])
def test_an_application_reaches_it_below_users_and_by_its_long_name(
    sandbox: Sandbox, olga: GraphCaller, form: str
) -> None:
    item = olga.create().json()["id"]
    with GraphCaller(sandbox, sandbox.outlook_token()) as app:
        answer = begin(app, f"/users/{OLGA}/calendarView/{form}")
        assert told_ids(answer.json()["value"]) == [(item, False)]
        assert "/users/" in answer.json()["@odata.deltaLink"]
        assert follow(app, answer.json()["@odata.deltaLink"]).json()["value"] == []
    assert sandbox.violations() == []


def test_a_page_is_as_long_as_the_preference_asks(olga: GraphCaller, sandbox: Sandbox) -> None:
    ids = several(olga, 5)
    prefer = {"Prefer": f"{IMMUTABLE}, odata.maxpagesize=2"}
    pages = [begin(olga, **prefer).json()]
    while "@odata.nextLink" in pages[-1]:
        assert "$skiptoken=" in pages[-1]["@odata.nextLink"]
        pages.append(follow(olga, pages[-1]["@odata.nextLink"], **prefer).json())
    assert [len(page["value"]) for page in pages] == [2, 2, 1]
    assert [one["id"] for page in pages for one in page["value"]] == ids
    assert "$deltatoken=" in pages[-1]["@odata.deltaLink"]
    assert len(begin(olga, Prefer=IMMUTABLE).json()["value"]) == 5
    assert sandbox.violations() == []


def test_a_change_during_a_round_is_told_in_this_one_or_the_next(
    olga: GraphCaller, sandbox: Sandbox
) -> None:
    first, second = several(olga, 2)
    prefer = {"Prefer": f"{IMMUTABLE}, odata.maxpagesize=1"}
    page = begin(olga, **prefer).json()
    olga.patch(first, {"subject": "Changed"})
    olga.delete(second)
    page = follow(olga, page["@odata.nextLink"], **prefer).json()
    assert told_ids(page["value"]) == [(second, True)]
    told, _ = whole_round(olga, page["@odata.deltaLink"])
    assert told_ids(told) == [(first, False), (second, True)]


def test_the_first_page_may_be_empty(olga: GraphCaller, sandbox: Sandbox) -> None:
    sandbox.switch("short_pages", True)
    ids = several(olga, 3)
    page = begin(olga).json()
    assert (page["value"], "@odata.nextLink" in page) == ([], True)
    assert [one["id"] for one in whole_round(olga)[0]] == ids


def test_an_event_may_come_twice(olga: GraphCaller, sandbox: Sandbox) -> None:
    sandbox.switch("delta_repeats", True)
    first, second = several(olga, 2)
    told, link = whole_round(olga)
    assert [one["id"] for one in told] == [first, second, first]
    olga.delete(first)
    assert told_ids(whole_round(olga, link)[0]) == [(first, True), (first, True)]


@pytest.mark.parametrize("rule", ["ended", "valid"])
def test_an_old_next_link_ends_by_switch(olga: GraphCaller, sandbox: Sandbox, rule: str) -> None:
    sandbox.switch("old_next_links", rule)
    several(olga, 3)
    prefer = {"Prefer": f"{IMMUTABLE}, odata.maxpagesize=1"}
    first = begin(olga, **prefer).json()["@odata.nextLink"]
    page = follow(olga, first, **prefer).json()
    repeated = follow(olga, first, **prefer)  # the answer may have been lost
    assert repeated.json()["value"] == page["value"]
    follow(olga, page["@odata.nextLink"], **prefer)
    assert follow(olga, first, **prefer).status_code == (410 if rule == "ended" else 200)


def test_the_last_delta_link_may_be_followed_again(olga: GraphCaller) -> None:
    _, link = whole_round(olga)
    item = olga.create().json()["id"]
    for _ in range(2):
        assert told_ids(whole_round(olga, link)[0]) == [(item, False)]


@pytest.mark.parametrize(
    ("code", "status"),
    [("SyncStateNotFound", 410), ("resyncRequired", 410), ("syncStateNotFound", 400)],
)
def test_a_lost_token_is_refused_by_switch(
    olga: GraphCaller, sandbox: Sandbox, code: str, status: int
) -> None:
    sandbox.switch("delta_lost", code)
    item = olga.create().json()["id"]
    _, link = whole_round(olga)
    unknown = follow(olga, link[:-1])
    assert (unknown.status_code, code_of(unknown)) == (status, code)
    RemoteSandbox(sandbox.url).expire_delta_links(OLGA)
    lost = follow(olga, link)
    assert (lost.status_code, code_of(lost)) == (status, code)
    assert ("Location" in lost.headers) == (code == "resyncRequired")
    if code == "resyncRequired":
        anew = follow(olga, lost.headers["Location"]).json()
        assert told_ids(anew["value"]) == [(item, False)]
    assert told_ids(whole_round(olga)[0]) == [(item, False)]
    assert sandbox.violations() == []


def test_only_the_persons_own_rounds_expire(olga: GraphCaller, sandbox: Sandbox) -> None:
    sandbox.add_person("sam@corp.example", outlook=True)
    _, link = whole_round(olga)
    sandbox.expire_delta_links("sam@corp.example")
    assert follow(olga, link).status_code == 200
    with pytest.raises(KeyError):
        sandbox.expire_delta_links("nobody@corp.example")


def test_a_token_opens_nothing_in_anothers_mailbox(olga: GraphCaller, sandbox: Sandbox) -> None:
    sandbox.add_person("sam@corp.example", outlook=True)
    _, link = whole_round(olga)
    with GraphCaller(sandbox, sandbox.outlook_token("sam@corp.example")) as sam:
        assert follow(sam, link).status_code == 410


def test_it_asks_for_a_token_that_may_read(sandbox: Sandbox) -> None:
    with GraphCaller(sandbox, sandbox.outlook_token(OLGA, ["Calendars.Read"])) as caller:
        assert begin(caller).status_code == 200
    with GraphCaller(sandbox, sandbox.outlook_token(OLGA, ["User.Read"])) as caller:
        answer = begin(caller)
        assert (answer.status_code, code_of(answer)) == (403, "ErrorAccessDenied")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 400, "ErrorInvalidParameter"),
        ("startDateTime=2026-12-01T00:00:00Z", 400, "ErrorInvalidParameter"),
        ("startDateTime=soon&endDateTime=later", 400, "BadRequest"),
        ("$deltatoken=x&startDateTime=2026-12-01T00:00:00Z", 400, "BadRequest"),
        ("filter=x", 400, "BadRequest"),
        *(
            (f"{name}=x", 400, "ErrorInvalidUrlQuery")
            for name in ("$select", "$filter", "$expand", "$orderby", "$search")
        ),
    ],
)
def test_what_change_tracking_does_not_take_is_refused(
    olga: GraphCaller, sandbox: Sandbox, query: str, status: int, code: str
) -> None:
    answer = olga.call("GET", f"{VIEW}?{query}")
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert len(sandbox.violations()) == 1


def test_a_part_of_a_batch_may_ask_for_changes(olga: GraphCaller, sandbox: Sandbox) -> None:
    item = olga.create().json()["id"]
    url = f"{VIEW}?startdatetime=2026-12-01T00:00:00Z&enddatetime=2027-01-01T00:00:00Z"
    part = {"id": "1", "method": "GET", "url": url, "headers": {"Prefer": IMMUTABLE}}
    (answer,) = olga.batch(part).json()["responses"]
    assert told_ids(answer["body"]["value"]) == [(item, False)]
    assert sandbox.violations() == []
