"""What an operator asks when somebody says that they see nothing."""

from __future__ import annotations

from collections.abc import Sequence

from calsync.core.account import Account
from calsync.core.content.visibility import Visibility
from calsync.core.ledger import MAIL, Delivery
from calsync.core.routing import choose
from calsync.errors import InputError
from calsync.ops import lookup
from calsync.ops.questions.answers import meaning
from calsync.ops.questions.upcoming import wants_mails
from calsync.ops.questions.words import CALENDARS, local, where
from calsync.ops.results.people import PersonAccount, PersonOverview, PersonSession
from calsync.runtime.context import Context
from calsync.store.connect import accounts
from calsync.store.database import Db
from calsync.store.ledger import deliveries, people

MOST = 50  # sessions of a person that are listed


def person(context: Context, who: str, tenant: str | None) -> list[PersonOverview]:
    """Everything about one person, by address or participant id: one entry for each tenant and
    address. Raises InputError for somebody of whom nothing is known."""
    if tenant:
        lookup.check_tenant(context, tenant)
    with context.store.read() as db:
        known = people.named(db, who, tenant)
        if not known:
            raise InputError(
                f"nothing is known of {who}: no session and no calendar; is the address the one "
                "that the platform has?"
            )
        return [
            _overview(context, db, tenant, email, ids) for (tenant, email), ids in known.items()
        ]


def _overview(
    context: Context, db: Db, tenant: str, email: str, ids: Sequence[str]
) -> PersonOverview:
    ahead = people.ahead(db, tenant, email)
    visible = people.visible(db, ahead[:MOST])
    stored = accounts.of_person(db, tenant, email)
    return PersonOverview(
        tenant=tenant,
        email=email,
        participants=ids,
        calendar=_calendar(email, [one.account for one in stored]),
        accounts=[
            PersonAccount(
                id=one.account.id,
                provider=one.account.provider,
                address=one.account.address,
                state=one.account.state.value,
                since=one.state_at,
                reason=one.reason,
            )
            for one in stored
        ],
        session_count=len(ahead),
        sessions=[_session(db, one, visible[one.key]) for one in ahead[:MOST]],
        upcoming_mails=wants_mails(context, db, tenant, email),
    )


def _calendar(email: str, known: Sequence[Account]) -> str:
    """Where sessions of this person go now, in words."""
    route = choose(email, known)
    if route is None or route.channel == MAIL:
        return f"by mail to {email}"
    return f"{CALENDARS.get(route.channel, route.channel)} ({route.address})"


def _session(db: Db, one: Delivery, visible: Visibility) -> PersonSession:
    row = deliveries.get(db, one.key)
    answer = row["last_error"] if row else None
    content = one.content
    return PersonSession(
        session=one.key.session,
        title=content.title if content else "",
        starts_at=one.starts_at,
        local=local(one.starts_at, content.time_zone if content else "UTC"),
        state=visible.state.value,
        where=where(visible),
        since=visible.since,
        waits_for=visible.wait.reason if visible.wait else None,
        waits_until=visible.wait.until if visible.wait else None,
        last_answer=answer,
        meaning=meaning(answer) or None,
    )
