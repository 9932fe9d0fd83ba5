"""The sentences of every language: whole, with the same values, and none of them forgotten in code
or catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from calsync.messages.catalogue import (
    SOURCE,
    catalogue,
    languages,
    placeholders,
    source_texts,
)
from calsync.messages.language import language

ROOT = Path(__file__).parents[2]
FILES = {path.stem: path for path in (ROOT / "calsync/messages/locale").glob("*.po")}
OTHERS = [code for code in FILES if code != SOURCE]
ENGLISH_ONLY = "owner."  # what names commands, which are English
# Words that these languages share with English.
SHARED = {
    "de": {"event.agenda", "event.online", "mail.link", "page.visibility_calendar"},
    "es": {"page.error_first"},
}
# A participle alone before a title; behind a noun of its own it agrees with that.
PARTICIPLE = re.compile(r"\w+(ée?s?|ad[oa]s?|id[oa]s?)( [^:{]*)? ?: \{title\}")
PROVIDER_NAMES = re.compile(r"page\.(provider|name)_(google|outlook|caldav)")


def test_every_file_is_a_language_and_english_comes_first() -> None:
    assert set(languages()) == set(FILES)
    assert next(iter(languages().items())) == ("en", "English")


@pytest.mark.parametrize("code", OTHERS)
def test_no_language_lacks_a_message(code: str) -> None:
    missing = [
        key
        for key in source_texts()
        if key not in catalogue(code).texts and not key.startswith(ENGLISH_ONLY)
    ]
    assert missing == [], f"translate these in {FILES[code].name}"
    assert [key for key in catalogue(code).texts if key not in source_texts()] == []


@pytest.mark.parametrize("code", FILES)
def test_no_message_is_empty_or_loses_a_value(code: str) -> None:
    for key, forms in catalogue(code).texts.items():
        wanted = {name for form in source_texts()[key] for name in placeholders(form)}
        for form in forms:
            assert form.strip(), key
            may_lack = {"count"} if len(forms) > 1 else set()
            assert wanted - may_lack <= placeholders(form) <= wanted, (key, form)


@pytest.mark.parametrize("code", OTHERS)
def test_no_message_was_left_in_english(code: str) -> None:
    theirs = catalogue(code).texts
    same = {key for key, said in source_texts().items() if theirs.get(key) == said}
    same = {key for key in same if _has_words(source_texts()[key])}
    same = {key for key in same if not PROVIDER_NAMES.fullmatch(key)}
    assert same <= SHARED.get(code, set())


def _has_words(forms: tuple[str, ...]) -> bool:
    return any(char.isalpha() for char in re.sub(r"\{\w+\}", "", "".join(forms)))


@pytest.mark.parametrize("code", OTHERS)
def test_no_message_has_to_agree_with_what_nobody_knows(code: str) -> None:
    """Whether a person is a man or a woman, and of which gender the title behind a word is."""
    for key, forms in catalogue(code).texts.items():
        for form in forms:
            assert not re.search(r"\((e|a|in|s)\)|[·*/](e|a|in|s)\b", form), (key, form)
            assert not PARTICIPLE.match(form), (key, form)


def test_french_joins_no_word_to_a_name_that_may_begin_with_a_vowel() -> None:
    """As de Google, but d'Outlook."""
    for key, forms in catalogue("fr").texts.items():
        for form in forms:
            assert not re.search(r"\b(de|que|jusque) \{(name|calendar|person)\}", form), (key, form)


@pytest.mark.parametrize("code", FILES)
def test_files_hold_each_message_once_and_nothing_that_is_unsure(code: str) -> None:
    text = FILES[code].read_text("utf-8")
    keys = re.findall(r'^msgid "(.+)"$', text, re.MULTILINE)
    assert len(keys) == len(set(keys))
    assert "fuzzy" not in text
    assert f"Language: {code}\\n" in text


def test_every_message_is_used_and_every_one_that_is_used_exists() -> None:
    used = set(_keys_in_code())
    patterns = [re.compile(re.sub(r"\{[^}]*\}", r"\\w+", key)) for key in used if "{" in key]
    used -= {"page.html", "mail.", "notice."}  # a template, and how keys begin
    known = set(source_texts())
    assert [key for key in used if "{" not in key and key not in known] == []
    unused = [key for key in known if key not in used]
    assert [key for key in unused if not any(one.fullmatch(key) for one in patterns)] == []


def _keys_in_code() -> Iterator[str]:
    """Keys as they are written, with `{...}` in place of what the running program puts in."""
    parts = "|".join(sorted({key.partition(".")[0] for key in source_texts() if "." in key}))
    for folder in ("calsync", "providers"):
        for path in [*(ROOT / folder).rglob("*.py"), *(ROOT / folder).rglob("texts/*.html")]:
            yield from re.findall(rf'["\'](?=(?:{parts})\.)([a-z_.{{}}]+)["\']', path.read_text())
    for path in (ROOT / "calsync/web/pages/templates").glob("*.html"):
        for written in re.findall(r'\bt\(([^(),]+(?:\("[^"]*"[^)]*\))?)', path.read_text()):
            yield f"page.{''.join(_pieces(written))}"
    yield from ("language", "page.{error}_title", "page.{error}_body", "page.progress")


def _pieces(written: str) -> Iterator[str]:
    """What stands in quotes of `"a_" ~ name ~ "_b"`, with braces for what does not."""
    for part in written.split("~"):
        quoted = re.search(r'"([^"]*)"', part)
        yield quoted[1] if quoted else "{name}"


@pytest.mark.parametrize("tag", ["de", "de-AT", "de_CH", "DE", "de-Latn-DE"])
def test_regions_speak_their_language(tag: str) -> None:
    assert language(tag).code == "de"


@pytest.mark.parametrize("tag", ["", "en", "en-GB", "tlh", "den", "x-de", "\x00"])
def test_unknown_languages_are_spoken_to_in_english(tag: str) -> None:
    assert language(tag).code == "en"


def test_what_a_language_lacks_is_said_in_english() -> None:
    assert language("de").text("owner.tenant") == "Tenant"


def test_a_number_decides_the_form() -> None:
    german = language("de")
    assert german.text("event.and_more", count=1) == "und eine weitere Person"
    assert german.text("event.and_more", count=3) == "und 3 weitere"


@pytest.mark.parametrize("key", ["mail.unheard_of", "event.and_more"])
def test_a_message_that_does_not_exist_or_lacks_its_number_is_an_error(key: str) -> None:
    with pytest.raises(KeyError):
        language("en").text(key)
    assert language("en").optional("mail.unheard_of") == ""


@pytest.mark.parametrize("text", ["{0}", "{}", "{a.b}", "{a[0]}", "{a!r}", "{a:>9}", "{", "}"])
def test_braces_hold_a_name_and_nothing_else(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        placeholders(text)
    assert placeholders("{a} {{b}} {a} {c}") == {"a", "c"}
