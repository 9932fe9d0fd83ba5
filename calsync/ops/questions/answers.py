"""What the answer to a call means, and what to do about it, for people who know no status codes."""

from __future__ import annotations

import re
from collections.abc import Sequence

# By enhanced status code (RFC 3463, RFC 7505, RFC 7372), the longest beginning that fits first.
MAIL: Sequence[tuple[str, str]] = (
    (
        "5.1.1",
        "their mail server has no such mailbox; correct the address in the platform, then resync",
    ),
    ("5.1.2", "there is no such mail domain; correct the address in the platform, then resync"),
    ("5.1.3", "the address is not well formed; correct it in the platform, then resync"),
    ("5.1.6", "the mailbox has moved; correct the address in the platform, then resync"),
    ("5.1.10", "that domain accepts no mail; correct the address in the platform, then resync"),
    ("5.1.7", "their server does not take mail of our sender; check mail.sender and its domain"),
    ("5.1.8", "their server does not take mail of our sender; check mail.sender and its domain"),
    (
        "5.1",
        "their mail server does not know the address; correct it in the platform, then resync",
    ),
    ("5.2.2", "their mailbox is full; calsync tries again for as long as the session is ahead"),
    ("4.2.2", "their mailbox is full; calsync tries again for as long as the session is ahead"),
    ("5.3.1", "their mail server has no room; calsync tries again"),
    ("5.2.3", "the mail is too large for their mailbox; shorten the agenda, then resync"),
    ("5.3.4", "the mail is too large for their server; shorten the agenda, then resync"),
    ("5.2", "their mailbox is closed or accepts no mail; ask the person for another address"),
    ("5.4", "their mail domain cannot be reached; check the address, then resync"),
    (
        "5.7",
        "a mail server refuses our mail by its policy; check SPF, DKIM and DMARC of the sender's "
        "domain and the rights of mail.username",
    ),
    ("4.7", "a mail server asks us to send more slowly; calsync tries again"),
    ("4.", "a mail server puts the mail off; calsync tries again"),
)
# By the words of providers and of ours, wherever they stand in the answer.
WORDS: Sequence[tuple[str, str]] = (
    ("quotaExceeded", "the provider's daily limit is used up; calsync tries again"),
    ("RateLimit", "the provider asks us to call more slowly; calsync tries again"),
    ("access_lost", "the consent has ended; the person connects the calendar again"),
    ("invalid_grant", "the consent has ended; the person connects the calendar again"),
    ("unusable", "the calendar cannot be written; the person connects it again, or another one"),
    ("setup", "calsync's own access does not work; `calsync status` names the setting"),
    ("ConnectionRefused", "nothing answers there; is the server running?"),
    ("connection refused", "nothing answers there; is the server running?"),
)
CODES: Sequence[tuple[str, str]] = (
    ("530", "the mail server wants a login; check mail.username and mail.password"),
    ("535", "the mail server does not accept the login; check mail.username and mail.password"),
    ("421", "the mail server asks us to come back later; calsync tries again"),
    ("55", "their mail server refuses this recipient; ask the person for another address"),
)

_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_CODE = re.compile(r"answered (\d{3})\b")


def meaning(answer: str | None) -> str:
    """A sentence without a full stop; "" for an answer that says all itself, or says yes."""
    if not answer or answer == "yes":
        return ""
    status, code = _STATUS.search(answer), _CODE.search(answer)
    found = _first(MAIL, status[1]) if status else ""
    if not found and code:
        found = _first(CODES, code[1])
    if found:
        return found
    lower = answer.lower()
    return next((text for word, text in WORDS if word.lower() in lower), "")


def _first(table: Sequence[tuple[str, str]], value: str) -> str:
    """The text of the longest beginning of `value`; whole numbers of a status code fit alone."""
    fits = [(start, text) for start, text in table if _begins(value, start)]
    return max(fits, key=lambda one: len(one[0]), default=("", ""))[1]


def _begins(value: str, start: str) -> bool:
    rest = value.removeprefix(start)
    ends_a_number = start.endswith(".") or "." not in start or not rest[:1].isdecimal()
    return value.startswith(start) and ends_a_number
