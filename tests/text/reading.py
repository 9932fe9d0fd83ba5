"""An independent reading of HTML: it knows nothing of calsync's own parser."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

ALLOWED = {"a", "b", "i", "u", "br", "ul", "ol", "li", "p"}


@dataclass
class Page:
    """What stands in the HTML, and what is wrong with it."""

    text: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)  # (href, label)
    wrong: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if tag not in ALLOWED or names != (["href"] if tag == "a" else []):
            self.page.wrong.append(f"<{tag} {attrs}>")
        parent = self.open[-1] if self.open else ""
        if (tag == "li") != (parent in ("ul", "ol")) or (tag == "p" and parent):
            self.page.wrong.append(f"<{tag}> in <{parent}>")
        if tag == "a":
            self.page.links.append((attrs[0][1] or "" if attrs else "", ""))
        if tag != "br":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.wrong.append(f"<{tag}/>")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.page.wrong.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.page.text += data
        if "a" in self.open:
            href, label = self.page.links[-1]
            self.page.links[-1] = (href, label + data)

    def handle_comment(self, data: str) -> None:
        self.page.wrong.append("a comment")

    def handle_decl(self, decl: str) -> None:
        self.page.wrong.append("a declaration")


def read(html: str) -> Page:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    if reader.open:
        reader.page.wrong.append(f"left open: {reader.open}")
    return reader.page
