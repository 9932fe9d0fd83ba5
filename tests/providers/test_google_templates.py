"""google-api-python-client is the oracle of what is sent in its place."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calsync.ports import Access
from providers.google.mapping import FIELDS
from providers.google.templates import ROOT, once, payer, resource, template

IDS = st.text(min_size=1, max_size=40) | st.sampled_from(
    ["primary", "maya@example.org", "a/b?c=d&e#f%41", "%40", "~'()*!", "é\u0301", "calsync-event"]
)
PARAMETERS: dict[str, dict[str, Any]] = {
    "insert": {"sendUpdates": "none", "fields": FIELDS, "body": {"id": "x"}},
    "patch": {"sendUpdates": "none", "fields": FIELDS, "body": {"summary": "x"}},
    "delete": {"sendUpdates": "none"},
    "get": {"fields": FIELDS},
}


def access(calendar: str) -> Access:
    return Access("u-1/google", "secret", calendar=calendar)


@pytest.mark.parametrize("method", PARAMETERS)
@given(calendar=IDS, event=IDS)
def test_a_filled_template_is_what_the_library_builds(
    method: str, calendar: str, event: str
) -> None:
    given_ids = {"calendarId": calendar, "quotaUser": payer(access(calendar))}
    if method != "insert":
        given_ids["eventId"] = event
    built = getattr(resource("events"), method)(**given_ids, **PARAMETERS[method])

    made = template(method).filled(access(calendar), event)

    assert made.method == built.method
    assert ROOT + made.path == built.uri
    assert made.headers == built.headers


def test_a_library_request_is_built_once_for_all_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    first = template("patch")
    monkeypatch.setattr("providers.google.templates.library", None)
    assert template("patch") is first
    assert first.filled(access("a"), "b") != first.filled(access("a"), "c")


@pytest.mark.parametrize("name", ["events", "calendarList"])
def test_the_librarys_methods_are_made_once(name: str) -> None:
    assert resource(name) is resource(name)


def test_what_all_workers_ask_for_at_the_same_time_is_made_by_one_of_them() -> None:
    together = Barrier(8)

    @once
    def made(_name: str) -> object:
        for _ in range(200):  # long enough for the others to come
            os.sched_yield()
        return object()

    def ask(_: int) -> object:
        together.wait(60)
        return made("events")

    with ThreadPoolExecutor(8) as workers:
        assert len(set(workers.map(ask, range(8)))) == 1
