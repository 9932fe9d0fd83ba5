"""What a person's page tells: their calendars, and where each upcoming session is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from calsync.core.account import Account, AccountState, Grant
from calsync.core.content.event import DesiredEvent
from calsync.core.content.visibility import WAITING, Visibility, VisibilityState
from calsync.core.routing import choose
from calsync.runtime.context import Context
from calsync.store.connect import accounts
from calsync.store.connect.accounts import StoredAccount
from calsync.store.ledger import people

MOST = 200  # sessions on the page, the nearest first


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar of the person. `since` is when it was connected, or when it got into its state;
    `used`: sessions go there now."""

    account: Account
    since: datetime | None
    used: bool
    last_title: str = ""
    last_at: datetime | None = None

    @property
    def leaving(self) -> bool:
        """Disconnected, and still being cleared."""
        return self.account.chosen_at is None and self.account.state is AccountState.ACTIVE

    @property
    def managed(self) -> bool:
        """Connected by the organisation, for its whole mail domain."""
        return self.account.grant is Grant.DOMAIN

    @property
    def health(self) -> str:
        """leaving, or the state: active, free_busy_only, reconnect, unusable."""
        return "leaving" if self.leaving else self.account.state.value


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A session ahead of the person, as it should be seen, and where it is."""

    event: DesiredEvent
    visibility: Visibility


@dataclass(frozen=True, slots=True)
class Progress:
    """How many upcoming sessions there are, and of those: shown, on their way, in trouble."""

    total: int
    shown: int
    waiting: int
    trouble: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The page's content; `sessions` are the nearest, `progress` counts them all."""

    calendars: Sequence[Calendar]
    sessions: Sequence[Upcoming]
    progress: Progress
    locale: str = ""

    def to_leave(self, account: str) -> Calendar | None:
        """One of the person's own calendars that they may leave, None for any other."""
        mine = (one for one in self.calendars if one.account.id == account)
        return next((one for one in mine if not one.managed and not one.leaving), None)

    def in_calendar(self, one: Calendar) -> int:
        """How many of the sessions on the page stand in this calendar or are on their way there."""
        place = (one.account.provider, one.account.address)
        places = [
            (session.visibility.channel, session.visibility.address) for session in self.sessions
        ]
        return places.count(place)

    @property
    def used(self) -> Calendar | None:
        """The calendar that sessions go to; None: they go by mail."""
        return next((one for one in self.calendars if one.used), None)


def overview(context: Context, tenant: str, email: str) -> Overview:
    """Everything about a person of a tenant, by the key of the platform address."""
    with context.store.read() as db:
        found = people.ahead(db, tenant, email)
        visible = people.visible(db, found)
        known = accounts.of_person(db, tenant, email)
        last = {one.account.id: people.last_written(db, one.account.id) for one in known}
    # Without content it was forgotten, or is past its retention.
    sessions = [Upcoming(one.content, visible[one.key]) for one in found if one.content is not None]
    return Overview(
        _calendars(email, known, last), sessions[:MOST], _progress(sessions), _locale(sessions)
    )


def _calendars(
    email: str,
    known: Sequence[StoredAccount],
    last: Mapping[str, tuple[DesiredEvent, datetime] | None],
) -> list[Calendar]:
    """The used one first, then the newest."""
    route = choose(email, (one.account for one in known))
    made = []
    for one in known:
        account, written = one.account, last[one.account.id]
        is_active = account.state is AccountState.ACTIVE
        made.append(
            Calendar(
                account=account,
                since=account.chosen_at if is_active else one.state_at,
                used=route is not None and route.account == account.id,
                last_title=written[0].title if written else "",
                last_at=written[1] if written else None,
            )
        )
    return sorted(made, key=lambda one: (not one.used, one.leaving, one.account.id))


def _progress(sessions: Sequence[Upcoming]) -> Progress:
    waiting = sum(one.visibility.state in WAITING for one in sessions)
    trouble = sum(one.visibility.state is VisibilityState.TROUBLE for one in sessions)
    total = len(sessions)
    return Progress(total, total - waiting - trouble, waiting, trouble)


def _locale(sessions: Sequence[Upcoming]) -> str:
    """The language the platform says this person reads, "" when it did not."""
    return next((one.event.locale for one in sessions if one.event.locale), "")
