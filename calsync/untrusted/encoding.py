"""Text in another encoding than UTF-8, named as what it is."""

from __future__ import annotations

from codecs import BOM_UTF16_BE, BOM_UTF16_LE

CONTROLS = frozenset({*range(0x20), 0x7F}) - frozenset(b"\t\n\f\r")


def not_utf8(data: bytes) -> str:
    """What these bytes are that UTF-8 cannot read, as it follows "is ": "latin-1, not UTF-8".

    Every byte is a letter in latin-1, so text without control characters is called that;
    Windows-1252 differs from it in 27 signs, such as the euro's.
    """
    if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "UTF-16, not UTF-8"
    if CONTROLS.isdisjoint(data):
        return "latin-1 (or Windows-1252), not UTF-8"
    return "not text in UTF-8"
