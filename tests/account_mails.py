"""Mails that tell of an account, apart from those that tell of sessions."""

from __future__ import annotations

from collections.abc import Iterable

from calsync.messages.catalogue import languages
from calsync.messages.language import language
from calsync.sandbox import Mail

SUBJECTS = {
    language(code).text(f"notice.account_{what}_subject")
    for code in languages()
    for what in ("connected", "disconnected")
}


def of_accounts(mails: Iterable[Mail]) -> list[str]:
    """The subjects of the notices that a calendar was connected or disconnected."""
    return [mail.subject for mail in mails if mail.subject in SUBJECTS]


def of_sessions(mails: Iterable[Mail]) -> list[Mail]:
    """Everything else."""
    return [mail for mail in mails if mail.subject not in SUBJECTS]
