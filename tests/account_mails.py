"""Mails that tell of an account, apart from those that tell of sessions."""

from __future__ import annotations

import re
from collections.abc import Iterable

from calsync.messages.catalogue import languages
from calsync.messages.language import language
from calsync.sandbox import Mail


def tells(what: str, subject: str, code: str = "en") -> bool:
    """Whether a notice `account_connected` and the like has this subject."""
    template = re.escape(language(code).template(f"notice.account_{what}_subject"))
    said = re.sub(r"\\\{\w+\\\}", ".+", template)
    return re.fullmatch(rf"{said} \(.+\)", subject) is not None


def is_of_account(subject: str) -> bool:
    """The subject of a notice that a calendar was connected or disconnected."""
    return any(
        tells(what, subject, code) for code in languages() for what in ("connected", "disconnected")
    )


def of_accounts(mails: Iterable[Mail]) -> list[str]:
    """What the notices tell that a calendar was connected or disconnected, in their order."""
    return [
        what
        for mail in mails
        for what in ("connected", "disconnected")
        if any(tells(what, mail.subject, code) for code in languages())
    ]


def of_sessions(mails: Iterable[Mail]) -> list[Mail]:
    """Everything else."""
    return [mail for mail in mails if not is_of_account(mail.subject)]
