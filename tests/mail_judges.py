"""Judges of mails that are programs of the system: libical's restrictions, and SpamAssassin."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.harness import servers

SYSTEM_PYTHON = "/usr/bin/python3"
# RFC 5546's tables by method: https://libical.github.io/libical/apidocs/icalrestriction_8h.html
RESTRICTIONS = """
import gi, json, sys
gi.require_version("ICalGLib", "3.0")
from gi.repository import ICalGLib
found = {}
for name, text in json.load(sys.stdin).items():
    component = ICalGLib.Component.new_from_string(text)
    kept = component is not None and component.check_restrictions()
    errors = -1 if component is None else component.count_errors()
    if not kept or errors:
        found[name] = [bool(kept), errors]
print(json.dumps(found))
"""


def broken_restrictions(objects: Mapping[str, bytes]) -> dict[str, list[int]]:
    """Calendar objects that libical finds at fault: whether they keep the restrictions of their
    method, and the number of errors."""
    servers.library("gir1.2-ical-3.0", "libical-glib.so.3")
    python = servers.program("python3-gi", SYSTEM_PYTHON)
    texts = json.dumps({name: data.decode() for name, data in objects.items()})
    told = subprocess.run(
        [python, "-c", RESTRICTIONS], input=texts, capture_output=True, text=True, check=True
    )
    found: dict[str, list[int]] = json.loads(told.stdout)
    return found


def spam_scores(mails: Mapping[str, bytes], folder: Path) -> dict[str, float]:
    """SpamAssassin's score of each mail, by its local rules alone."""
    judge = servers.program("spamassassin")
    box = folder / "mails.mbox"
    box.write_bytes(
        b"".join(
            b"From sessions@mail.platform.example Tue Nov 24 12:00:00 2026\n"
            + re.sub(rb"(?m)^From ", b">From ", data.replace(b"\r\n", b"\n"))
            + b"\n"
            for data in mails.values()
        )
    )
    home = {"HOME": str(folder), "PATH": "/usr/bin:/bin:/usr/sbin"}
    told = subprocess.run(
        [judge, "--local", "--mbox", str(box)], capture_output=True, check=True, env=home
    ).stdout.decode(errors="replace")
    scores = re.findall(r"(?m)^X-Spam-Status: \w+,\s+score=(-?[\d.]+)", told)
    assert len(scores) == len(mails), "not every mail was judged"
    return dict(zip(mails, map(float, scores), strict=True))
