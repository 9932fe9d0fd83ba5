"""A command that is printed does what it says when it is typed, whatever ids a platform chose."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from calsync.ops.results.command import to_type
from calsync.ops.results.status import (
    ActivePause,
    FailingChannel,
    LateDelivery,
    OlderRecord,
    ParkedDelivery,
    StaleSession,
    ToldPerson,
    UnexpectedFailure,
    WarnedRecord,
    WebhookTrouble,
)
from tests.ops.test_verdict import CALM, NOW, ago, only

HOSTILE = [
    "a; touch /tmp/pwned",
    "$(touch x)",
    "`x`",
    "it's",
    "-rf",
    "--person=x",
    "a b\nc",
    "~",
    "é",
]
PLACE = ("call", "OverflowError", "calsync.core.schedule.at_least", 17)


def rules(ident: str) -> Mapping[str, tuple[dict[str, Any], list[str]]]:
    """By its name: what is not as it should be, and the words that its command hands on."""
    late = LateDelivery(ident, ident, "mail", "550 no", NOW)
    parked = ParkedDelivery(ident, ident, "refused", "550 no", NOW)
    older = OlderRecord("platform", ident, NOW, NOW, NOW, True, NOW, alert=True)
    warned = WarnedRecord("", ident, ident, True, "email", "is none", NOW)
    failure = UnexpectedFailure(*PLACE, 1, ago(hours=5), NOW, "default", ident, "u-1")
    webhook = WebhookTrouble(ident, ago(hours=1), "503", 0)
    person = f"--person={ident}" if ident.startswith("-") else "--person"
    whom = [person] if ident.startswith("-") else [person, ident]
    tenant = [f"--tenant={ident}"] if ident.startswith("-") else ["--tenant", ident]
    return {
        "stale": ({"stale": [StaleSession(ident, "no zone", NOW, alert=True)]}, [ident]),
        "stale later": ({"stale": [StaleSession(ident, "no zone", NOW, alert=False)]}, [ident]),
        "went back": ({"went_back": [older]}, [ident, "--accept"]),
        "set aside": ({"warnings": [warned]}, [ident, *whom]),
        "left out": ({"warnings": [replace(warned, set_aside=False)]}, [ident]),
        "late": ({"late": [late]}, [ident, *whom]),
        "refused": ({"parked": [parked]}, [ident, *whom]),
        "two refused": ({"parked": [parked, replace(parked, session="b")]}, [ident, "b"]),
        "left": ({"parked": [replace(parked, parked="only_to")]}, [ident, *whom]),
        "told": ({"told": [ToldPerson(ident, ident, "unreachable", NOW)]}, [ident, *whom]),
        "unexpected": ({"unexpected": [failure]}, [ident]),
        "webhook": ({"webhooks": [webhook]}, tenant),
        "dead letter": ({"webhooks": [WebhookTrouble(ident, None, None, 1)]}, tenant),
        "paused": ({"stopped": [ActivePause(ident, "*", "ops", "", NOW, None)]}, tenant),
        "failing": (
            {"failing": [FailingChannel(ident, "mail", 1, True, NOW, "421")]},
            [*tenant, "--channel", "mail"],
        ),
    }


@pytest.mark.parametrize("ident", HOSTILE)
@pytest.mark.parametrize("rule", rules(""))
def test_a_hostile_id_is_one_word_of_the_command_that_a_finding_prints(
    ident: str, rule: str
) -> None:
    changes, words = rules(ident)[rule]
    typed = shlex.split(only(replace(CALM, **changes)).command)
    assert typed[0] == "calsync"
    handed = [one for one in typed if one in words]
    assert sorted(handed) == sorted(words)
    if ident.startswith("-") and ident in words:
        assert "--" in typed[: typed.index(ident)], "it is no option"


def test_what_needs_no_quotes_has_none() -> None:
    assert to_type("resync", "ses-1", "b:2", person="a+b@x.org", accept=True) == (
        "calsync resync ses-1 b:2 --person a+b@x.org --accept"
    )
    assert to_type("explain", "a b", person=None, accept=False) == "calsync explain 'a b'"
    assert to_type("explain", "-x", person="-y") == "calsync explain --person=-y -- -x"
