"""MIME messages, written by hand: 7-bit, CRLF, the same bytes for the same arguments.

`email.message.EmailMessage` writes none of it: seen on Python 3.11, it makes an encoded word of a
long Message-ID in References, and its folding differs from one Python to the next.
"""

from __future__ import annotations

import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.header import Header

from calsync.core.content.icalendar import bare_name, clean, one_line

LINE = 76  # signs of a header's line, and of one in base64 (RFC 2045, section 6.8)


@dataclass(frozen=True, slots=True)
class MimePart:
    """One body part: its header lines, and its content as it is transmitted."""

    headers: tuple[tuple[str, str], ...]
    content: bytes = field(repr=False)

    def __bytes__(self) -> bytes:
        lines = "".join(f"{name}: {value}\r\n" for name, value in self.headers)
        return lines.encode("ascii") + b"\r\n" + self.content


def text_part(subtype: str, text: str) -> MimePart:
    """A readable part, in quoted-printable."""
    lines = clean(text).removesuffix("\n") + "\n"
    encoded = binascii.b2a_qp(lines.encode(), istext=True)  # its lines end as those it was given
    headers = (
        ("Content-Type", f'text/{subtype}; charset="utf-8"'),
        ("Content-Transfer-Encoding", "quoted-printable"),
    )
    return MimePart(headers, encoded.replace(b"\n", b"\r\n"))


def base64_part(content_type: str, encoded: bytes, *extra: tuple[str, str]) -> MimePart:
    """A part whose bytes must arrive as they are; `encoded` is what `in_base64` made of them."""
    headers = (("Content-Type", content_type), ("Content-Transfer-Encoding", "base64"), *extra)
    return MimePart(headers, encoded)


def in_base64(data: bytes) -> bytes:
    """The content of a part, as `base64.encodebytes` makes it at three times the cost."""
    signs = binascii.b2a_base64(data, newline=False)
    lines = [signs[start : start + LINE] for start in range(0, len(signs), LINE)]
    return b"\r\n".join([*lines, b""])


def multipart(subtype: str, boundary: str, parts: Sequence[MimePart]) -> MimePart:
    """`boundary` holds "=_", which quoted-printable and base64 never do."""
    mark = b"--" + boundary.encode("ascii")
    content = b"".join(mark + b"\r\n" + bytes(part) + b"\r\n" for part in parts)
    headers = (("Content-Type", f'multipart/{subtype}; boundary="{boundary}"'),)
    return MimePart(headers, content + mark + b"--\r\n")


def message(headers: Sequence[tuple[str, str]], body: MimePart) -> bytes:
    """The whole message; `headers` are written values, see `words` and `mailbox`."""
    return bytes(MimePart((*headers, ("MIME-Version", "1.0"), *body.headers), body.content))


def words(name: str, text: str) -> str:
    """Text as the value of the header `name`, folded; in encoded words unless it is short ASCII
    words that nobody could take for one."""
    line, begins = one_line(text), len(name) + len(": ")
    longest = max(map(len, line.split()), default=0)
    plain = line.isascii() and "=?" not in line and longest < 60
    if plain and begins + longest <= LINE:
        return line if begins + len(line) <= LINE else _folded(line, begins)
    charset = None if plain else "utf-8"
    return Header(line, charset, header_name=name, maxlinelen=LINE).encode(linesep="\r\n")


def _folded(line: str, begins: int) -> str:
    """Words in lines of a header whose first one begins after so many signs, as the library folds
    them, which takes ten times as long: after a semicolon, else a comma, else before the word that
    is too much. None of the words is too long for a line."""
    lines, current, size = list[str](), list[str](), begins - 1
    for word in line.split(" "):
        current.append(word)
        size += len(word) + 1
        if size > LINE:
            end = _best_end(current)
            lines.append(" ".join(current[:end]))
            current = current[end:]
            size = sum(len(one) + 1 for one in current)
    return "\r\n ".join([*lines, " ".join(current)])


def _best_end(line: list[str]) -> int:
    """Before which word the line, with one word too much, is divided."""
    for mark in ";,":
        for place in range(len(line) - 1, 0, -1):
            if line[place - 1].endswith(mark):
                return place
    return len(line) - 1


def mailbox(name: str, address: str, display_name: str = "") -> str:
    """An address as the value of the header `name`, with a display name or without."""
    shown = bare_name(display_name)
    if not shown:
        return address
    written = words(name, shown)
    if written == shown:
        escaped = shown.replace("\\", "\\\\")
        written = f'"{escaped}"'
    return f"{written} <{address}>"
