"""SQL as people write it, as far as it can be judged without a database."""

from __future__ import annotations

import re

MYSQL = ("mysql", "mariadb")  # as SQLAlchemy names them

_DOUBLED = r""" "(?:[^"]|"")*" | `(?:[^`]|``)*` """
_COMMENTS = r" --[^\n]* | /\*.*?\*/ "
_LITERALS = re.compile(
    rf"""
    \b[eE]'(?:[^'\\]|''|\\.)*'      # PostgreSQL's E'...'
    | '(?:[^']|'')*' | {_DOUBLED}
    | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$  # PostgreSQL's $$...$$
    | {_COMMENTS}
    """,
    re.DOTALL | re.VERBOSE,
)
_MYSQL_LITERALS = re.compile(
    rf"""
    '(?:[^'\\]|''|\\.)*' | "(?:[^"\\]|""|\\.)*" | {_DOUBLED} | {_COMMENTS} | \#[^\n]*
    """,
    re.DOTALL | re.VERBOSE,
)
_PART = r"""([^\W\d][\w$]*|"([^"]|"")+"|`([^`]|``)+`|\[[^\]]+\])"""
_NAME = re.compile(rf"{_PART}(\.{_PART})*")


def code_of(statement: str, backend: str = "") -> str:
    """The statement with its literals, quoted names and comments blanked; what is left keeps its
    place. A quote or comment that does not end stays.

    backend  the database, as SQLAlchemy names it: those of MYSQL have escapes in literals, and
             comments of their own
    """
    literals = _MYSQL_LITERALS if backend in MYSQL else _LITERALS
    return literals.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), statement)


def is_name(text: str) -> bool:
    """Whether this is the name of a table or view, not a statement."""
    return _NAME.fullmatch(text) is not None
