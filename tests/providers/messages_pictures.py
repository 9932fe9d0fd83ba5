"""What was seen on the pictures of mails, and the pages that show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from calsync.messages.catalogue import languages
from calsync.messages.language import language
from tests.providers.golden_mails import ACCOUNTS, NOT_READ, NOTICES, OF_SESSION, C, mails
from tests.providers.written_mails import parse

FOLDER = Path(__file__).parents[2] / "docs/messages"
SOURCE = "en"
SHOWN = (*OF_SESSION, NOT_READ, *NOTICES, "upcoming", *ACCOUNTS, "digest")
# What was seen on a picture when it was looked at, and changed.
SEEN: Mapping[str, str] = {
    C.BOOKED: "Both buttons were as wide as the longest link below; now as wide as their words.",
    C.BOOKED_AGAIN: "The note on the removed entry stays below the agenda; nobody needs it first.",
    C.MOVED: "Old and new time are told apart by a line through the old; nothing to change.",
    C.LINK: "The new link is cut after 48 signs and does not widen a phone; nothing to change.",
    C.VENUE: "The map's link was shown with percent signs; now the venue itself is the link.",
    C.PEOPLE: "Who is new stands above who is not; nothing to change.",
    C.UPDATED: "Without what was different, the button follows the sentence; nothing to change.",
    C.CANCELLED: "The title is struck out, and no button is left; nothing to change.",
    C.REMOVED: "The title is not struck out, as the session may take place; nothing to change.",
    C.REPLACED: "What a mail program may say follows what happened; nothing to change.",
    C.IN_CALENDAR: "It ends after two short paragraphs, without a button; nothing to change.",
    C.OLD_ADDRESS: "As the one before, without a button; nothing to change.",
    C.NEW_ADDRESS: "The sentence takes four lines of a phone, and both buttons fit below it.",
    C.BY_MAIL: "The note on an older entry stands below the agenda, before the offer to connect.",
    C.RESENT: "Nothing is marked as different; nothing to change.",
    NOT_READ: "Where to answer stands below the agenda and names the button by its words.",
    C.UNSHOWN: "Reason and advice stood below the agenda; they follow the first sentence now.",
    C.OUTDATED: "The longest of all: its text fills a phone before the button; nothing left out.",
    C.STILL_THERE: "The title is struck out, with View & Edit as the only button.",
    C.STILL_THERE_REMOVED: "The title is not struck out; View & Edit is the only button.",
    "upcoming": "The link to unsubscribe is small, and underlined in both schemes.",
    "account_connected": "The hour stands in its sentence, once; nothing to change.",
    "account_disconnected": "Google's address could not be followed; it is a link now.",
    "account_lost": "What to do is the button; where to look closer is in the small print.",
    "digest": "The hour of the mail stood in the headline; it is in the subject alone now.",
}
OF_LANGUAGE: Mapping[str, str] = {
    "de": "German words are the longest: no button and no line leaves a phone of 360 px.",
    "fr": "Colons stood right after their words; French has a space before them.",
    "es": "Dates take a third line on a phone; nothing to change.",
}
LIGHT = "Every light picture was looked at by itself; the dark ones were not."
LOOKED_AT: Mapping[str, str] = {"fr": LIGHT, "es": LIGHT}
NOT_EACH = "Not every one of these pictures was looked at by itself."


def picture(name: str, code: str, scheme: str) -> str:
    """The file of a mail's picture, in docs/messages."""
    return f"{name}{'' if code == SOURCE else f'.{code}'}-{scheme}.jpg"


def pictures(code: str, folder: str) -> Iterator[str]:
    """Every mail in both schemes, each with what was seen on it."""
    found = dict(mails(code))
    for name in SHOWN:
        light, dark = (
            f"![{name}, {one}]({folder}{picture(name, code, one)})" for one in ("light", "dark")
        )
        subject = "" if code == SOURCE else f"{parse(found[name])['Subject']}\n\n"
        yield f"\n### {name}\n\n{subject}{SEEN[name]}\n\n"
        yield f"| light | dark |\n|---|---|\n| {light} | {dark} |\n"


def pages() -> Mapping[Path, str]:
    """The pages of the other languages, by file."""
    return {FOLDER / f"{code}.md": "".join(_page(code)) for code in _others()}


def links() -> str:
    """Where the pictures of other languages are."""
    return ", ".join(
        f"[{language(code).text('language')}](messages/{code}.md)" for code in _others()
    )


def _others() -> list[str]:
    return [code for code in languages() if code != SOURCE]


def _page(code: str) -> Iterator[str]:
    yield f"# {language(code).text('language')}: what people read\n\n"
    yield (
        "The mails of [what people read](../messages.md) in this language, each on a phone\n"
        "(360 px) and on a desk (800 px), with its subject. Written by `make pictures`.\n"
        "What is said of a mail was seen on its English picture; what this language showed\n"
        f"besides comes first. {LOOKED_AT.get(code, NOT_EACH)}\n"
    )
    yield f"\n{OF_LANGUAGE[code]}\n"
    yield from pictures(code, "")
