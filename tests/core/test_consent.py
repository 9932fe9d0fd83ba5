"""What a sign-in's words mean to the person who came back from it."""

from __future__ import annotations

import pytest

from calsync.core.consent import (
    WORDS,
    ConsentError,
    Rights,
    SignInProblem,
    known_word,
    lacking,
    meaning,
    trouble,
)
from calsync.errors import ChannelError, Setup, TryLater


@pytest.mark.parametrize(
    ("writes", "lasts", "problem"),
    [
        (True, True, None),
        (False, True, SignInProblem.UNTICKED),
        (False, False, SignInProblem.UNTICKED),
        (True, False, SignInProblem.NO_RETURN),
    ],
)
def test_what_is_lacking_is_asked_for_again(
    writes: bool, lasts: bool, problem: SignInProblem | None
) -> None:
    assert lacking(Rights(writes, lasts)) is problem


def test_a_server_that_fails_is_tried_again_whatever_it_says() -> None:
    for status in (408, 429, 500, 503):
        assert {meaning(word, status) for word in WORDS} == {SignInProblem.BUSY}


def test_a_word_that_nobody_knows_costs_another_try_and_reaches_no_log() -> None:
    assert meaning("<b>new</b>") is SignInProblem.BUSY
    assert known_word("<b>new</b>") == known_word(None) == "unknown"
    assert known_word("access_denied") == "access_denied"


@pytest.mark.parametrize("kind", ChannelError.__subclasses__())
def test_a_failed_call_is_the_services_the_operators_or_the_accounts_trouble(
    kind: type[ChannelError],
) -> None:
    wanted = {TryLater: SignInProblem.BUSY, Setup: SignInProblem.OURS}.get(
        kind, SignInProblem.UNUSABLE
    )
    error = trouble(kind("403 word"))
    assert (type(error), error.problem) == (ConsentError, wanted)
    assert error.reason.endswith("403 word")
