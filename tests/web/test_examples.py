"""The examples of docs/api.md and of the mapping's page, run as they stand against a real server.

Only the address of the installation is another one.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from calsync.platform_api.webhook import sign
from calsync.store.ledger import journal
from tests.harness.servers import program
from tests.sources.mapping.standin import standing_in
from tests.web.site import Site, a_record
from tests.web.test_inbound import SECRET
from tests.web.test_inbound_records import MAP, a_booking

DOCS = Path(__file__).parents[2] / "docs"
API = (DOCS / "api.md").read_text(encoding="utf-8")
HERE = "https://calsync.platform.example"
RUN = """
import { person, send } from "./examples.js";
const [base, token] = process.argv.slice(2);
const session = JSON.parse(process.env.SESSION);
const sent = [await send(base, token, session), await send(base, token, session)];
const refused = await send(base, token, { ...session, starts_at: 7 }).catch((one) => one.message);
const known = await person(base, token, "maya@example.org");
const unknown = await person(base, token, "nobody@example.org");
console.log(JSON.stringify({ sent, refused, known, unknown }));
"""


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def typed(text: str) -> Iterator[tuple[str, str]]:
    """Each command of the console examples, and what is shown below it."""
    for block in blocks(text, "console"):
        for part in block.split("$ ")[1:]:
            lines = part.splitlines(keepends=True)
            last = next(n for n, line in enumerate(lines) if not line.endswith("\\\n"))
            command, shown = "".join(lines[: last + 1]), "".join(lines[last + 1 :])
            yield command, shown


def run(command: str, folder: Path, site: Site, **environ: str) -> str:
    program("curl")
    done = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", command.replace(HERE, site.url)],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environ},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


def python(name: str) -> Any:
    """A function of the examples in Python."""
    (text,) = [one for one in blocks(API, "python") if f"def {name}(" in one]
    found: dict[str, Any] = {}
    exec(compile(text, "api.md", "exec"), found)
    return found[name]


@pytest.fixture
def site(light_site: Site) -> Site:
    return light_site


def test_the_commands_answer_what_the_page_shows(site: Site, tmp_path: Path) -> None:
    (tmp_path / "session.json").write_text(json.dumps(a_record()), encoding="utf-8")
    token = site.caller().token
    curl = [(command, shown) for command, shown in typed(API) if command.startswith("curl")]
    assert len(curl) == 3
    for command, shown in curl[:2]:
        assert json.loads(run(command, tmp_path, site, TOKEN=token)) == json.loads(shown)
    with site.open.context.store.write() as db:
        note = {"channel": "google", "answer": "yes"}
        journal.note(db, "create_answered", tenant="default", session="ses-1001", **note)
    command, shown = curl[2]
    answer = json.loads(run(command.replace("after=1041", "after=0"), tmp_path, site, TOKEN=token))
    assert [set(one) for one in answer["facts"]] == [set(one) for one in json.loads(shown)["facts"]]
    assert set(answer) == set(json.loads(shown))


def test_the_question_about_one_session_is_answered(site: Site, tmp_path: Path) -> None:
    caller = site.caller()
    caller.put("ses-1001", a_record())
    (command,) = [one for one in blocks(API, "bash") if "/api/sessions/ses-1001" in one]
    found = json.loads(run(command, tmp_path, site, TOKEN=caller.token))
    (shown,) = [json.loads(one) for one in blocks(API, "json") if '"ses-1001"' in one]
    assert set(found) == set(shown)
    assert [set(one) for one in found["participants"]] == [
        set(one) for one in shown["participants"]
    ]
    assert set(found["participants"][0]["shown"]) == set(shown["participants"][0]["shown"])


def test_the_python_examples_send_and_ask(site: Site) -> None:
    caller, send = site.caller(), python("send")
    session = a_record(id="ses/1", program={"id": "prog-7", "kind": "individual"})
    assert send(site.url, caller.token, session) == "accepted"
    assert send(site.url, caller.token, session) == "unchanged"
    with pytest.raises(ValueError, match="time_zone is not an IANA zone; write an IANA zone"):
        send(site.url, caller.token, session | {"time_zone": "Mars"})
    found = list(python("in_trouble")(site.url, caller.token, "prog-7"))
    assert all(one["trouble"] for one in found)


def test_the_example_for_the_webhook_takes_what_is_genuine_and_nothing_else() -> None:
    is_genuine, key = python("is_genuine"), b"0123456789abcdef0123456789abcdef"
    keys, body, now = {"w1": base64.b64encode(key).decode()}, b'{"facts": []}', int(time.time())
    shown = sign({"w1": key}, body, now)
    assert is_genuine(shown, body, keys)
    assert not is_genuine(shown, body + b" ", keys)
    assert not is_genuine(sign({"w1": key}, body, now - 3600), body, keys)
    assert not is_genuine(sign({"w1": b"another key"}, body, now), body, keys)
    for odd in ("", "t=1", "nothing", shown.replace("w1", "w2"), shown.replace("v1=", "v1=ü")):
        assert not is_genuine(odd, body, keys)


def test_the_typescript_examples_are_typed_and_send_and_ask(site: Site, tmp_path: Path) -> None:
    compiler, node = program("node-typescript", "tsc"), program("node-typescript", "node")
    (tmp_path / "examples.ts").write_text("".join(blocks(API, "typescript")), encoding="utf-8")
    (tmp_path / "run.mjs").write_text(RUN, encoding="utf-8")
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    options = ("--strict", "--target", "es2020", "--module", "es2020", "--lib", "es2020,dom")
    run(" ".join([compiler, *options, "examples.ts"]), tmp_path, site)
    session = json.dumps(a_record(id="ses/1"))
    token = site.caller().token
    told = json.loads(run(f"{node} run.mjs {HERE} {token}", tmp_path, site, SESSION=session))
    assert [one["outcome"] for one in told["sent"]] == ["accepted", "unchanged"]
    assert "calsync answered 422" in told["refused"]
    assert [one["session"] for one in told["known"]["sessions"]] == ["ses/1"]
    assert told["unknown"] is None


def test_the_example_that_signs_a_body_is_taken_in(tmp_path: Path) -> None:
    (text,) = blocks((DOCS / "http-mapping.md").read_text(encoding="utf-8"), "bash")
    (tmp_path / "body.json").write_text(json.dumps({"booking": a_booking()}), encoding="utf-8")
    with standing_in(lambda _: {"bookings": []}) as api:
        source = f'[[source]]\nname = "booking"\nkind = "http"\nurl = "{api.url}/bookings"\n'
        more = f'{source}inbound_secret = "{SECRET}"\n{MAP}'
        with Site(tmp_path, f"sqlite:///{tmp_path / 'store.db'}", more=more).served() as site:
            for poller in site.open.pollers:
                poller.run_once()
            answer = json.loads(run(text, tmp_path, site, SECRET=SECRET))
    assert [one["outcome"] for one in answer["sessions"]] == ["accepted"]
