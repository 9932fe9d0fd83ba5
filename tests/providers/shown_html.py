"""A description in HTML as a person reads it."""

from __future__ import annotations

from html.parser import HTMLParser


class Lines(HTMLParser):
    """Feed it; `text` has a line for each block, with links spelled out."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self._href = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.text += {"li": "\n- ", "br": "\n", "p": "\n"}.get(tag, "")
        self._href = dict(attrs).get("href") or self._href

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self.text += f": {self._href}"

    def handle_data(self, data: str) -> None:
        self.text += data
