"""The sentences of the pages: whole in every language, and chosen as browsers ask."""

from __future__ import annotations

import re

import pytest

from calsync.web.pages.texts import LANGUAGES, Texts, choose, read


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything_with_the_same_values(language: str) -> None:
    def holes(text: str) -> list[str]:
        return sorted(re.findall(r"\{\w+\}", text))

    english, other = read("en"), read(language)
    assert set(other) == set(english)
    assert [key for key in english if holes(english[key]) != holes(other[key])] == []


def test_what_is_filled_in_is_escaped() -> None:
    said = Texts().say("en", "arrive_person", {"person": "<b>&{x}"})
    assert said == "You come as &lt;b&gt;&amp;{x}."


@pytest.mark.parametrize(
    ("wished", "header", "language"),
    [
        ("", "", "en"),
        ("", "*", "en"),
        ("", "de", "de"),
        ("", "de-AT,en;q=0.5", "de"),
        ("", "en;q=0.5,de;q=0.7", "de"),
        ("", "de;q=0,fr", "en"),
        ("", "de;q=much,fr", "en"),
        ("de_CH", "en", "de"),
        ("fr", "de", "de"),
        ("xx", "yy", "en"),
    ],
)
def test_the_language_is_the_wished_one_else_the_browsers_best(
    wished: str, header: str, language: str
) -> None:
    assert choose(wished, header) == language
