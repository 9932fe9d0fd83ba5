"""Plain text: no invisible controls, composed letters, folded white space, whole signs at a cut."""

from __future__ import annotations

import re
import unicodedata

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")

# Controls, the overrides and isolates that reorder what follows them, the byte order mark, and what
# has no form in UTF-8 or XML. The marks of right-to-left scripts (U+200E, U+200F) may stay.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff]"
)


def clean(text: str, limit: int | None = None) -> str:
    """One line of at most `limit` characters; "…" at its end says that it was cut."""
    folded = text if _is_clean(text) else " ".join(_composed(" ".join(text.split())).split())
    if limit is None or len(folded) <= limit:
        return folded
    return cut(folded, limit - 1).rstrip() + "…" if limit > 0 else ""


def _is_clean(text: str) -> bool:
    """Plain words with one blank between two of them, as most texts are."""
    plain = text.isascii() and text.isprintable()
    return plain and "  " not in text and text == text.strip(" ")


def clean_lines(text: str) -> str:
    """Lines as in `clean`, with at most one empty line between two others."""
    lines = [clean(line) for line in _LINE_ENDS.sub("\n", text).split("\n")]
    kept = [line for line, before in zip(lines, ["", *lines[:-1]], strict=True) if line or before]
    return "\n".join(kept).strip("\n")


def without_controls(text: str) -> str:
    """The text with its white space as it is; every line end is a newline."""
    return _UNWANTED.sub("", _LINE_ENDS.sub("\n", text))


def visible(text: str) -> str:
    """The text with what no terminal should be given written as JSON has it: `\\u009b`."""
    return _UNWANTED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def has_unwanted(text: str) -> bool:
    """The text holds something that `clean` takes away, or another invisible sign."""
    if _UNWANTED.search(text):
        return True
    return not text.isascii() and any(unicodedata.category(sign) == "Cf" for sign in text)


def cut(text: str, limit: int) -> str:
    """The first `limit` characters or a few less: an emoji or accented letter is never halved."""
    if limit <= 0:
        return ""
    at = min(limit, len(text))
    lowest = max(0, at - 64)  # longer than any sign people write
    while at > lowest and at < len(text) and _joined(text, at):
        at -= 1
    return text[:at]


def _joined(text: str, at: int) -> bool:
    """The characters before and after `at` are one sign to the reader."""
    before, after = text[at - 1], text[at]
    if _flag(before) and _flag(after):
        start = at
        while start > 0 and _flag(text[start - 1]):
            start -= 1
        return (at - start) % 2 == 1
    return "\u200d" in (before, after) or _extends(after)


def _extends(sign: str) -> bool:
    """Marks, variation selectors, skin tones and the tags of regional flags."""
    return (
        unicodedata.category(sign) in ("Mn", "Me", "Mc")
        or "\U0001f3fb" <= sign <= "\U0001f3ff"
        or "\U000e0020" <= sign <= "\U000e007f"
    )


def _flag(sign: str) -> bool:
    return "\U0001f1e6" <= sign <= "\U0001f1ff"


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", _UNWANTED.sub("", text))
