"""What is wrong with the text of a source's query, found before a database is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator

from calsync.config.checks import Problem

PARAMETER = "session_ids"
READS = re.compile(r"(select|with|table)\b|\(", re.IGNORECASE)
SELECT = "write a SELECT, or the name of a view"
# A colon and a name where a value belongs; elsewhere it is a cast or part of an array.
_VALUE = re.compile(r"(?:[=(,]|\bin\b)\s*:([a-z_]\w*)", re.IGNORECASE)
_IN = re.compile(rf"\bin\s*(\(\s*)?:{PARAMETER}\b", re.IGNORECASE)


def query_problems(url: str, query: str, people: str) -> Iterator[Problem]:
    """Of an SQL source's `query`, and of its `participants_query` when it has one."""
    from calsync.text.sql import code_of  # noqa: PLC0415 - what is beside it imports slowly

    backend = re.split(r"\W", url, maxsplit=1)[0]
    code = code_of(query, backend)
    if problem := _problem(query, code) or _parameters_of(code):
        yield "query", problem
    if people:
        code = code_of(people, backend)
        if problem := _problem(people, code) or _parameters_of_people(code):
            yield "participants_query", problem


def _problem(query: str, code: str) -> str:
    """What is wrong with one statement, or ""."""
    from calsync.text.sql import is_name  # noqa: PLC0415 - what is beside it imports slowly

    if re.search(r"['\"`]|/\*", code):
        return "a quote or comment in it does not end; close it"
    if is_name(query.strip()):
        return ""
    if not code.strip(" \t\r\n;"):
        return f"is empty; {SELECT}"
    if not _balanced(code):
        return "its parentheses do not match; correct them"
    if re.search(r";\s*[^\s;]", code):
        return "holds several statements; write one SELECT"
    return "" if READS.match(code.lstrip()) else SELECT


def _balanced(code: str) -> bool:
    depth = 0
    for sign in re.findall(r"[()]", code):
        depth += 1 if sign == "(" else -1
        if depth < 0:
            return False
    return depth == 0


def _parameters_of(code: str) -> str:
    found = _VALUE.search(code)
    return f"takes no parameters; leave out :{found[1]}" if found else ""


def _parameters_of_people(code: str) -> str:
    other = next((name for name in _VALUE.findall(code) if name != PARAMETER), None)
    if other:
        return f"the parameter is called :{PARAMETER}, not :{other}"
    wrong = re.search(rf":{PARAMETER}\b", _IN.sub("", code))
    return f"write IN :{PARAMETER}" if wrong else ""
