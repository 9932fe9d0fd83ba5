# ruff: noqa: RUF001 (true dashes and minus signs are what is tested)

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from calsync.core.content.words import ENGLISH, GERMAN, LANGUAGES, Words, words
from calsync.core.ledger import Do


def sentences(say: Words) -> Iterator[tuple[str, str]]:
    """(where, sentence) of everything a language says."""
    for field in fields(say):
        value = getattr(say, field.name)
        if isinstance(value, str):
            yield field.name, value
        elif isinstance(value, Mapping):
            yield from ((f"{field.name} {key}", one) for key, one in value.items())
        else:
            yield from ((f"{field.name} {n}", one) for n, one in enumerate(value))


def blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("say", LANGUAGES.values(), ids=LANGUAGES.keys())
def test_no_language_lacks_a_word(say: Words) -> None:
    said = dict(sentences(say))
    assert {where: blanks(one) for where, one in said.items()} == {
        where: blanks(one) for where, one in sentences(ENGLISH)
    }
    assert all(one.strip() for one in said.values())
    assert set(say.subject) == set(say.lead) == set(Do)
    assert (len(say.days), len(say.months)) == (7, 12)


def test_every_language_is_found_by_its_code() -> None:
    assert all(words(code) is say and say.language == code for code, say in LANGUAGES.items())


def test_no_sentence_was_left_in_english() -> None:
    english = dict(sentences(ENGLISH))
    same = {where for where, one in sentences(GERMAN) if one == english[where]}
    assert same <= {"online", "agenda", *(f"months {n}" for n in range(12))}


@pytest.mark.parametrize("locale", ["de", "de-AT", "de_CH", "DE", "de-Latn-DE"])
def test_regions_speak_their_language(locale: str) -> None:
    assert words(locale) is GERMAN


@pytest.mark.parametrize("locale", ["", "en", "en-GB", "fr", "den", "x-de", "\x00"])
def test_unknown_languages_are_spoken_to_in_english(locale: str) -> None:
    assert words(locale) is ENGLISH


START = datetime(2026, 12, 3, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("locale", "start", "minutes", "zone", "shown"),
    [
        (
            "en", START, 45, "America/Toronto",
            "Thursday, 3 December 2026, 15:00–15:45 (America/Toronto, UTC−05:00)",
        ),
        (
            "de", START, 45, "Europe/Berlin",
            "Donnerstag, 3. Dezember 2026, 21:00–21:45 (Europe/Berlin, UTC+01:00)",
        ),
        (
            "en", START, 45, "Asia/Kathmandu",
            "Friday, 4 December 2026, 01:45–02:30 (Asia/Kathmandu, UTC+05:45)",
        ),
        ("en", START, 45, "UTC", "Thursday, 3 December 2026, 20:00–20:45 (UTC)"),
        (
            "en", START, 45, "Europe/London",
            "Thursday, 3 December 2026, 20:00–20:45 (Europe/London, UTC)",
        ),
        (
            "en", START, 45, "America/St_Johns",
            "Thursday, 3 December 2026, 16:30–17:15 (America/St_Johns, UTC−03:30)",
        ),
        (
            "en", START, 300, "UTC",
            "Thursday, 3 December 2026, 20:00 – Friday, 4 December 2026, 01:00 (UTC)",
        ),
        (
            "en", datetime(2026, 10, 25, 0, 30, tzinfo=UTC), 60, "Europe/Berlin",
            "Sunday, 25 October 2026, 02:30–02:30 (Europe/Berlin, UTC+02:00, UTC+01:00)",
        ),
    ],
)  # fmt: skip
def test_times_are_said_in_the_persons_zone_which_is_named(
    locale: str, start: datetime, minutes: int, zone: str, shown: str
) -> None:
    assert words(locale).time(start, start + timedelta(minutes=minutes), zone) == shown
