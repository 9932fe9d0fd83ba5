"""What operators name: tenants, channels, people and sessions. Raises InputError, with what there
is, for a name that nothing here bears."""

from __future__ import annotations

from collections.abc import Sequence

from calsync.core.ledger import DeliveryKey
from calsync.errors import InputError
from calsync.ops.results.command import to_type
from calsync.runtime.context import Context
from calsync.store.database import Db, Row
from calsync.store.ledger import selection, sessions
from calsync.store.ledger.selection import Selection
from calsync.store.queue import channels, pauses

MOST = 20  # programs that are named


def tenants(context: Context) -> list[str]:
    """Tenants of the configuration, and any other that has a slot in the ledger."""
    with context.store.read() as db:
        return sorted({*context.settings.tenants, *channels.tenants(db)})


def check_tenant(context: Context, name: str) -> None:
    """A tenant there is, or all of them."""
    known = tenants(context)
    if name not in (pauses.ALL, *known):
        raise InputError(f"there is no tenant {name}; choose one of {', '.join(known)}")


def check_program(db: Db, program: str, tenants: Sequence[str]) -> None:
    """A program that some session is of, past ones too."""
    if sessions.knows_program(db, program):
        return
    known = sessions.programs(db, tenants, MOST + 1)
    more = " and others" if len(known) > MOST else ""
    there_are = (
        f"; choose one of {', '.join(known[:MOST])}{more}" if known else ", nor of any other"
    )
    raise InputError(f"the ledger has no session of a program {program}{there_are}")


def check_channel(context: Context, name: str) -> None:
    """A channel that some tenant has."""
    known = sorted({kind for _, kind in context.channels})
    if name not in known:
        raise InputError(f"channel {name} is not configured; choose one of {', '.join(known)}")


def deliveries(db: Db, chosen: Selection) -> list[Row]:
    """Upcoming deliveries that the selection means."""
    unknown = selection.unknown_sessions(db, chosen.sessions)
    if unknown:
        raise InputError(
            f"the ledger has no session {', '.join(unknown)}; `calsync sync` polls the sources"
        )
    if chosen.person and not selection.keys(db, Selection(person=chosen.person)):
        raise InputError(
            f"the ledger has no participant {chosen.person}; give an address or participant id "
            "that `calsync explain SESSION` shows"
        )
    if chosen.program:
        names = [chosen.tenant] if chosen.tenant else channels.tenants(db)
        check_program(db, chosen.program, names)
    return selection.ahead(db, chosen)


def delivery(db: Db, session: str, person: str, tenant: str | None = None) -> DeliveryKey:
    """The delivery of a session to a person, named by address or participant id; of one tenant
    alone."""
    found = selection.keys(db, Selection(sessions=(session,), person=person, tenant=tenant))
    if not found:
        raise InputError(
            f"{session} has no participant {person}; `{to_type('explain', session)}` lists them"
        )
    if len({one.tenant for one in found}) > 1:
        raise InputError(f"{session} exists in several tenants; add --tenant")
    return found[0]
