"""What a platform asks: where a session is for each person, which there are, what a person sees."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from calsync.daemon import single_pass
from calsync.platform_api.questions import UNNAMED
from tests.harness.records import now
from tests.web.site import PLANTED, Caller, Site, a_record

DOCUMENT = Path(__file__).parents[2] / "docs" / "api.md"


def ask(platform: Caller, path: str, status: int = 200, **query: Any) -> Any:
    answer = platform.call("GET", f"/api{path}", params=query)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_session_is_told_for_each_participant(site: Site, platform: Caller) -> None:
    platform.put("ses/1", a_record(days=9))
    found = ask(platform, "/sessions/ses/1")
    assert (found["id"], found["status"], found["stale"]) == ("ses/1", "booked", False)
    assert found["title"] == PLANTED["title"]
    first, second = found["participants"]
    assert [first["participant"], second["participant"]] == ["u-1", "u-2"]
    shown = first["shown"]
    assert (shown["state"], shown["channel"]) == ("coming", "mail")
    assert shown["where"] == "on its way to their mailbox"
    assert (shown["since"], shown["problem"]) == (None, None)
    assert "maya@example.org" not in json.dumps(found)
    platform.delete("ses/1")
    found = ask(platform, "/sessions/ses/1")
    assert (found["status"], found["participants"]) == ("cancelled", [])


def test_the_last_problem_is_told_without_the_text_of_a_provider(
    light_site: Site,
) -> None:
    platform = light_site.caller()
    platform.put("ses-1", a_record(days=9))
    made = light_site.open
    single_pass.deliver_all(made.context, made.senders, now=True)
    problems = {one["shown"]["problem"] for one in ask(platform, "/sessions/ses-1")["participants"]}
    assert problems == {"nothing answers there; is the server running?", None}
    with made.context.store.write() as db:
        import sqlalchemy as sa

        db.run(
            sa.text("UPDATE delivery SET last_error = 'refused: 987 PLANTED', parked = 'refused'")
        )
    for one in ask(platform, "/sessions/ses-1")["participants"]:
        assert one["shown"]["state"] == "trouble"
        assert one["shown"]["waits_for"] == "parked"
        assert one["shown"]["problem"] == UNNAMED


def test_sessions_come_by_their_start_in_pages(site: Site, platform: Caller) -> None:
    for number in range(5):
        platform.put(f"ses-{number}", a_record(days=9 - number % 3))
    platform.put("ses-4", a_record(days=8, status="cancelled"))
    told, after = list[str](), None
    while True:
        page = ask(platform, "/sessions", limit=2, **({"after": after} if after else {}))
        told += [one["id"] for one in page["sessions"]]
        after = page["next"]
        if after is None:
            break
    assert told == ["ses-2", "ses-1", "ses-4", "ses-0", "ses-3"]
    one, *_ = ask(platform, "/sessions")["sessions"]
    assert (one["people"], one["shown"], one["waiting"], one["trouble"]) == (2, 0, 2, 0)


def test_sessions_are_limited_by_program_and_start(site: Site, platform: Caller) -> None:
    for number, program in enumerate(("prog-1", "prog-2", "prog-1")):
        record = a_record(days=3 + number) | {"program": {"id": program, "name": "P"}}
        platform.put(f"ses-{number}", record)
    found = ask(platform, "/sessions", program="prog-1")["sessions"]
    assert [one["id"] for one in found] == ["ses-0", "ses-2"]
    middle = {"from": (now() + timedelta(days=3.5)).isoformat(),
              "to": (now() + timedelta(days=4.5)).isoformat()}  # fmt: skip
    assert [one["id"] for one in ask(platform, "/sessions", **middle)["sessions"]] == ["ses-1"]


def test_a_person_is_found_however_the_address_is_spelt(site: Site, platform: Caller) -> None:
    platform.put("ses-1", a_record(days=9))
    found = ask(platform, "/people/MAYA@example.org")
    assert (found["channel"], found["accounts"], found["session_count"]) == ("mail", [], 1)
    (one,) = found["sessions"]
    assert (one["session"], one["participant"], one["shown"]["state"]) == ("ses-1", "u-1", "coming")


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/sessions/none", 404, "session_unknown"),
        ("/sessions/a%00b", 404, "session_unknown"),
        ("/people/nobody@example.org", 404, "person_unknown"),
        ("/people/nobody", 422, "request_invalid"),
        ("/sessions?after=x", 422, "request_invalid"),
        ("/sessions?after=W10=", 422, "request_invalid"),
        ("/sessions?limit=101", 422, "request_invalid"),
        ("/sessions?from=0001-01-01T00:00:00%2B14:00", 422, "request_invalid"),
    ],
)
def test_what_cannot_be_answered_says_why(
    light_site: Site, path: str, status: int, code: str
) -> None:
    assert ask(light_site.caller(), path, status)["code"] == code


def test_every_parameter_that_is_wrong_is_told_at_once(light_site: Site) -> None:
    wrong = {"from": "0001-01-01T00:00:00+14:00", "to": "soon", "after": "x", "limit": "101"}
    told = ask(light_site.caller(), "/sessions", 422, **wrong)["errors"]
    assert sorted(one["field"] for one in told) == ["after", "from", "limit", "to"]
    reasons = {one["field"]: one["reason"] for one in told}
    assert reasons["from"] == "write a date between the years 1970 and 2200"
    assert reasons["after"] == "write `next` of the page before as it came"


def test_another_tenant_and_another_scope_see_nothing(site: Site, platform: Caller) -> None:
    platform.put("ses-1", a_record(days=9))
    other = site.caller("acme")
    assert ask(other, "/sessions/ses-1", 404)["code"] == "session_unknown"
    assert ask(other, "/sessions")["sessions"] == []
    assert ask(other, "/people/maya@example.org", 404)["code"] == "person_unknown"
    writer = site.caller("default", "sessions:write")
    for path in ("/sessions/ses-1", "/sessions", "/people/maya@example.org"):
        assert ask(writer, path, 403)["code"] == "scope_missing"


def test_the_examples_of_the_document_are_what_the_description_has(light_site: Site) -> None:
    described = light_site.caller().call("GET", "/api/openapi.json").json()
    text = DOCUMENT.read_text(encoding="utf-8")
    part = text[text.index("## Asking where a session is") : text.index("## Letting a person in")]
    paths = {re.sub(r"\{[^}]*\}", "{}", one): what for one, what in described["paths"].items()}
    for path in re.findall(r"`GET /api(/[^`?]*)", part):
        assert "get" in paths["/api" + re.sub(r"\{[^}]*\}", "{}", path)]
    listed = {one["name"]: one for one in paths["/api/sessions"]["get"]["parameters"]}
    for name in ("program", "from", "to", "after"):
        assert name in listed
        assert f'"{name}"' in part, "the example in Python"
    (example,) = re.findall(r"```json\n(.*?)```", part, re.DOTALL)
    schemas = {"components": described["components"]}
    jsonschema.validate(json.loads(example), {"$ref": "#/components/schemas/OneSession"} | schemas)
    assert set(json.loads(example)) == set(
        schemas["components"]["schemas"]["OneSession"]["properties"]
    )
    person = schemas["components"]["schemas"]["PersonAnswer"]["properties"]
    shown = schemas["components"]["schemas"]["ShownAnswer"]["properties"]
    (types,) = re.findall(r"```typescript\n(type Shown.*?)\n\n", part, re.DOTALL)
    fields = set(re.findall(r"(\w+): ", types))
    assert fields <= {*person, *shown, "session", "starts_at", "shown"}
