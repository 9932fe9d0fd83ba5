"""The documentation keeps its promises: links resolve, names exist, the glossary stays short."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from calsync.core.upcoming.decide import ROWS, UpcomingReason

ROOT = Path(__file__).parent.parent
MOST_ENTRIES = 25
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
PAGE = re.compile(r"(?<![\w/.-])(?:docs/)?([a-z0-9-]+(?:/[a-z0-9-]+)*\.md)\b")
FILE = re.compile(r"`((?:[a-z_]+/)+[a-z_]+\.py)`")


def pages() -> list[Path]:
    return [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def read(*parts: str) -> str:
    return ROOT.joinpath(*parts).read_text(encoding="utf-8")


def broken(page: Path) -> Iterator[str]:
    """The links of a page that lead to no file, each with the page's name."""
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists():
            yield f"{page.relative_to(ROOT)}: {target}"


def functions(*files: Path) -> set[str]:
    found: set[str] = set()
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        found |= {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}
    return found


def code() -> list[Path]:
    return [*(ROOT / "calsync").rglob("*.py"), *(ROOT / "providers").rglob("*.py")]


def test_every_link_between_pages_leads_somewhere() -> None:
    assert len(pages()) > 15
    assert [one for page in pages() for one in broken(page)] == []


def test_the_index_names_every_page() -> None:
    index = ROOT / "docs" / "index.md"
    named = {(index.parent / one).resolve() for one in LINK.findall(index.read_text("utf-8"))}
    assert {*pages()} - {*named, index} == set()


def test_the_index_names_every_file_that_an_installation_takes() -> None:
    index = read("docs", "index.md") + read("docs", "install.md") + read("docs", "metrics.md")
    files = [
        one for one in (ROOT / "deploy").rglob("*") if one.is_file() and ".test." not in one.name
    ]
    assert len(files) > 6
    named = [str(one.relative_to(ROOT)) for one in files]
    assert [one for one in named if one not in index] == []


def test_the_glossary_explains_each_word_once_and_stays_short() -> None:
    words = re.findall(r"^\*\*([^*]+)\.\*\*", read("docs", "glossary.md"), flags=re.MULTILINE)
    assert 10 < len(words) <= MOST_ENTRIES
    assert words == sorted(words, key=str.casefold)
    assert len(set(words)) == len(words)


def test_every_file_that_the_walkthrough_names_exists() -> None:
    named = FILE.findall(read("docs", "walkthrough.md"))
    assert len(named) > 30
    missing = [
        one for one in named if not (ROOT / "calsync" / one).exists() and not (ROOT / one).exists()
    ]
    assert missing == []


def test_every_function_that_the_walkthrough_names_exists() -> None:
    known = functions(*code())
    text = re.sub(r"`[^`]*[/.][^`]*`", " - ", read("docs", "walkthrough.md"))
    named = set(re.findall(r"`_?([a-z][a-z_]+)`", text))
    words = {"unsure", "dismissed", "time_zone", "send", "prepare"}
    assert {one for one in named - words if one not in known and f"_{one}" not in known} == set()


def rows() -> list[list[str]]:
    """The cells of the decision table."""
    lines = read("docs", "decision-table.md").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [one for one in cells if len(one) == 5 and one[3].startswith("`")]


def test_every_row_of_the_decision_table_names_a_function_and_a_test_that_exist() -> None:
    decided = functions(*(ROOT / "calsync" / "core" / "reconcile").rglob("*.py"))
    tested = functions(*(ROOT / "tests" / "core").glob("*.py"))
    assert len(rows()) > 12
    for row in rows():
        assert row[3].strip("`") in decided
        assert row[4].strip("`") in tested


def test_every_row_of_the_code_is_in_the_decision_table() -> None:
    decided = functions(*(ROOT / "calsync" / "core" / "reconcile").rglob("*.py"))
    in_code = {name for name in decided if re.search(r"_row_\d", name) and name[0] != "_"}
    assert in_code - {row[3].strip("`") for row in rows()} == set()


@pytest.mark.parametrize("row", [pytest.param(row, id=row[3].strip("`")) for row in rows()])
def test_a_function_bears_the_number_of_its_row(row: list[str]) -> None:
    number = re.search(r"_row_(\w+)$", row[3].strip("`"))
    assert row[0] == (number[1] if number else "hand-over")


def test_the_rows_of_the_upcoming_mail_are_those_of_the_code_in_their_order() -> None:
    text = read("docs", "decision-table.md").partition("## The Upcoming Session mail")[2]
    told = re.findall(r"^\| (\w+) \|", text.partition("\n## ")[0], re.MULTILINE)
    assert told == ["reason", *(row.reason.value for row in ROWS), UpcomingReason.DUE.value]


def test_every_page_that_the_code_names_exists() -> None:
    missing = [
        f"{file.relative_to(ROOT)}: {page}"
        for file in code()
        for page in PAGE.findall(file.read_text(encoding="utf-8"))
        if not (ROOT / "docs" / page).exists() and not (ROOT / page).exists()
    ]
    assert missing == []


def cells_of(count: int) -> list[list[str]]:
    """Rows of the decision table's page that have so many cells, those of its headings left out."""
    lines = read("docs", "decision-table.md").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [one for one in cells if len(one) == count and one[-1].startswith("`test_")]


def test_every_answer_names_a_function_and_a_test_and_every_hand_over_a_test() -> None:
    decided = functions(*(ROOT / "calsync" / "core" / "reconcile").rglob("*.py"))
    tested = functions(*(ROOT / "tests" / "core").glob("*.py"))
    answers, hand_overs = cells_of(4), cells_of(3)
    assert len(answers) > 12
    assert len(hand_overs) > 10
    assert {one[2].strip("`") for one in answers} - decided == set()
    assert {one[-1].strip("`") for one in answers + hand_overs} - tested == set()
    assert {
        "after_receipt",
        "after_error",
        "after_unjudged",
        "after_find",
        "after_find_uid",
        "look_up_failed",
        "after_call",
    } == {one[2].strip("`") for one in answers}


# --- what code and pages refer to -----------------------------------------------------------------

A_ROW = re.compile(r"\brows? \d+[a-z]?(?:(?:, | and | or | to )\d+[a-z]?)*\b")
A_SECTION = re.compile(r"\bsection\s+\d", re.IGNORECASE)
# A section is one of a public document, which is named shortly before it.
STANDARD = re.compile(r"RFC \d+|NIST SP [\w-]+|OpenID Connect Core|[a-z]+\.org/")


def flowing() -> Iterator[tuple[str, str]]:
    """Code and pages by their names, line breaks and comment marks taken for spaces."""
    for file in [*code(), *pages()]:
        text = re.sub(r"\s*\n[\s#>]*", " ", file.read_text(encoding="utf-8"))
        yield str(file.relative_to(ROOT)), text


def test_every_row_that_is_referred_to_is_in_the_decision_table() -> None:
    known = {row[0] for row in rows()}
    unknown = [
        (name, number)
        for name, text in flowing()
        for match in A_ROW.finditer(text)
        for number in re.findall(r"\d+[a-z]?", match.group())
        if number not in known
    ]
    assert unknown == []


def test_every_section_that_is_referred_to_is_one_of_a_public_standard() -> None:
    unknown = [
        (name, text[max(0, match.start() - 60) : match.end()])
        for name, text in flowing()
        for match in A_SECTION.finditer(text)
        if not STANDARD.search(text[max(0, match.start() - 60) : match.start()])
    ]
    assert unknown == []


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (A_ROW, "as rows 2 to 5 say", ["rows 2 to 5"]),
        (A_ROW, "see row 1a.", ["row 1a"]),
        (A_ROW, "three rows in 12 tables", []),
        (A_SECTION, "(ledger.md section 3)", ["section 3"]),
    ],
)
def test_a_reference_is_found(pattern: re.Pattern[str], text: str, found: list[str]) -> None:
    assert [match.group() for match in pattern.finditer(text)] == found
