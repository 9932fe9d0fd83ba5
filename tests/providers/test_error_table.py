"""Looking up a refusal: which row of a provider's table is meant, and what the error says."""

from __future__ import annotations

import pytest

from calsync.errors import Changed, Missing, Refused, Setup, TryLater
from providers.http.errors import (
    ANY,
    SERVER,
    UNAUTHORIZED,
    UNMAPPED,
    ErrorTable,
    Meaning,
    safe_word,
)
from providers.http.transport import Answer

GONE, BUSY = Meaning(Missing, "no", "copy"), Meaning(TryLater, "no", "account", 60)
TWICE, OTHER = Meaning(Changed, "maybe", "copy"), Meaning(Setup, "no", "tenant")
SILENT = Meaning(TryLater, "no", "provider")
TABLE = ErrorTable(
    {
        (ANY, "duplicate"): TWICE,
        (403, "busy"): BUSY,
        (403, "*"): OTHER,
        (404, "*"): GONE,
        (429, ""): SILENT,
        (507, "*"): OTHER,
    }
)


@pytest.mark.parametrize(
    ("status", "word", "meaning"),
    [
        (403, "busy", BUSY),
        (403, "new", OTHER),
        (403, "duplicate", TWICE),
        (500, "duplicate", TWICE),
        (404, "new", GONE),
        (404, "", UNMAPPED),
        (429, "", SILENT),
        (429, "new", UNMAPPED),
        (401, "", UNAUTHORIZED),
        (401, "new", UNAUTHORIZED),
        (408, "new", SERVER),
        (503, "", SERVER),
        (507, "new", OTHER),
        (507, "", SERVER),
        (418, "new", UNMAPPED),
    ],
)
def test_the_most_particular_row_is_meant(status: int, word: str, meaning: Meaning) -> None:
    assert TABLE.meaning(status, word) == meaning


@pytest.mark.parametrize(
    ("meaning", "headers", "after"),
    [
        (BUSY, {}, 60),
        (BUSY, {"retry-after": "5"}, 60),
        (BUSY, {"retry-after": "90"}, 90),
        (SILENT, {}, None),
        (Meaning(Refused, "no", "copy"), {"retry-after": "90"}, None),
    ],
)
def test_the_longer_wait_is_kept_where_waiting_helps(
    meaning: Meaning, headers: dict[str, str], after: float | None
) -> None:
    error = meaning.error(Answer(403, headers, b""), "word", "id-1")
    assert (type(error), error.after) == (meaning.kind, after)
    assert (error.happened, error.scope) == (meaning.happened, meaning.scope)
    assert (error.reason, error.request_id) == ("403 word", "id-1")


@pytest.mark.parametrize("word", [None, 7, "", "a b", "ä", "x" * 61, "token=secret"])
def test_what_does_not_look_like_a_word_is_none(word: object) -> None:
    assert safe_word(word) == ""
