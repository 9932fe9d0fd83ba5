"""The sentences of the pages: escaped, and in the language that browsers ask for."""

from __future__ import annotations

import pytest

from calsync.web.pages.texts import choose, say


def test_what_is_filled_in_is_escaped() -> None:
    said = say("en", "arrive_person", {"person": "<b>&{x}"})
    assert said.endswith("&lt;b&gt;&amp;{x}.")


def test_the_number_decides_the_form() -> None:
    assert "1" not in say("en", "connect_effect_now", {"count": 1})
    assert "17" in say("en", "connect_effect_now", {"count": 17})


@pytest.mark.parametrize(
    ("wished", "header", "language"),
    [
        ("", "", "en"),
        ("", "*", "en"),
        ("", "de", "de"),
        ("", "de-AT,en;q=0.5", "de"),
        ("", "en;q=0.5,de;q=0.7", "de"),
        ("", "de;q=0,tlh", "en"),
        ("", "de;q=much,tlh", "en"),
        ("de_CH", "en", "de"),
        ("tlh", "de", "de"),
        ("xx", "yy", "en"),
    ],
)
def test_the_language_is_the_wished_one_else_the_browsers_best(
    wished: str, header: str, language: str
) -> None:
    assert choose(wished, header) == language
