"""Where a delivery goes, and who sees a session through somebody else's copy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from calsync.core.account import Account, Grant
from calsync.core.address import Address, AddressError, address_key
from calsync.core.ledger import MAIL, Route, mail_destination


@dataclass(frozen=True, slots=True)
class Member:
    """A participant who wants to see the session. Equal, non-empty `person` is one human."""

    participant: str
    route: Route | None
    person: str = ""

    @property
    def connected(self) -> bool:
        return self.route is not None and self.route.channel != MAIL


def choose(email: str, accounts: Iterable[Account]) -> Route | None:
    """The calendar this address chose last, else its mailbox; None when there is neither.

    Own consent goes before an admin's grant for the whole domain. An account that is not active,
    or not chosen (`chosen_at` None: the person disconnected it), is not used.
    """
    wanted = address_key(email)
    usable = [
        (a.grant is Grant.OWN, a.chosen_at, a.id, a)
        for a in accounts
        if address_key(a.email) == wanted and not a.lost and a.chosen_at is not None
    ]
    if wanted and usable:
        account = max(usable, key=lambda row: row[:3])[3]
        return Route(account.provider, account.id, account.address, account.destination)
    try:
        mailbox = Address.read(email)
    except AddressError:
        return None
    return Route(MAIL, None, str(mailbox), mail_destination(mailbox.key))


def cover(members: Iterable[Member]) -> dict[str, str]:
    """Participant -> the participant through whose copy they see the session.

    The connected come first, then the lowest id; a covered one never covers.
    """
    delivering: list[Member] = []
    covered: dict[str, str] = {}
    for member in sorted(members, key=lambda m: (m.route is None, not m.connected, m.participant)):
        by = next((d for d in delivering if _sees_through(member, d)), None)
        if by is not None:
            covered[member.participant] = by.participant
        elif member.route is not None:
            delivering.append(member)
    return covered


def _sees_through(member: Member, other: Member) -> bool:
    """One human, one place, or a mailbox that belongs to the other's calendar account."""
    if member.person and member.person == other.person:
        return True
    if member.route is None or other.route is None:
        return False
    return member.route.destination in (
        other.route.destination,
        mail_destination(other.route.address),
    )
