"""One event, a year ahead, in one account: what its provider does is compared with what its
documentation says, and what that leaves open is found out and remembered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from calsync.core.account import Account
from calsync.core.booked import Agenda, BookedSession, Online, Participant, Status
from calsync.core.calls import PreparedRequest, Proof, Receipt, Seen, Sighting
from calsync.core.content.event import DesiredEvent
from calsync.core.content.render import desired_events
from calsync.core.ledger import Copy, CopyState, Do
from calsync.errors import Changed, ChannelError, InputError, Missing
from calsync.ops.doctor.registry import CheckAnswer, call_ends, error, ok, warning
from calsync.ports import Access, Channel, LiveTrial
from calsync.runtime.context import Context
from calsync.store.connect import accounts
from calsync.store.findings import proofs

TITLE = "Test of calsync, may be deleted"


def account_named(context: Context, provider: str, named: str) -> Account:
    """The account of this id or address. Raises InputError where there is not exactly one of the
    provider."""
    with context.store.read() as db:
        found = list(accounts.by_ids(db, [named]).values())
        if not found:
            for tenant in context.settings.tenants:
                found += accounts.of_emails(db, tenant, [named]).get(named.lower(), [])
    mine = [one for one in found if one.provider == provider and not one.lost]
    if len(mine) != 1:
        raise InputError(
            f"--live {named!r} names {len(mine) or 'no'} working {provider} account; write one id "
            "from `calsync accounts list`"
        )
    return mine[0]


def live(context: Context, account: Account, trial: LiveTrial) -> Iterator[CheckAnswer]:
    """Write, read back, change and withdraw one event in this account."""
    event = LiveEvent(context, account)
    seen: dict[str, str] = {}
    try:
        with context.call("live"):
            found = list(event.proofs(trial))
    except ChannelError as problem:
        yield error(f"the test ended early: {problem.reason}", event.left_over)
        return
    for one in found:
        seen[one.question] = one.answer
        yield of_proof(one)
    context.transact(
        "remember_proofs",
        lambda db: proofs.remember(db, account.tenant, account.provider, seen),
    )


def of_proof(one: Proof) -> CheckAnswer:
    """What an answer means. An open question has no wrong one."""
    if not one.expected:
        return ok(f"{one.text}: {one.answer} (open in the documentation)", one.question)
    if one.answer == one.expected:
        return ok(f"{one.text}: {one.answer}", one.question)
    text = f"{one.text}: {one.answer}, and by the documentation {one.expected}"
    return warning(text, "report it with the date: calsync was made for the other", one.question)


@dataclass
class LiveEvent:
    """The event of one test. `left_over`: what to do about it when the test ends early, "" while
    there is none."""

    context: Context
    account: Account
    left_over: str = ""

    def proofs(self, trial: LiveTrial) -> Iterator[Proof]:
        """Everything that is seen. Raises ChannelError; the event is removed then as well, if it
        can be."""
        channel = self.context.channel(self.account.tenant, self.account.provider)
        access = self.context.authorizer.open(self.account.id, call_ends())
        with self.context.store.read() as db:
            now = db.now
        copy, first = _copy(self.account), _event(self.account, now, hours=0)
        prepared = channel.prepare(Do.CREATE, copy, first, now)
        made = channel.send(prepared, copy, access, call_ends())
        copy = _shown(copy, first, made)
        self.left_over = f"delete the event {TITLE!r} on {first.starts_at:%Y-%m-%d} by hand"
        try:
            yield _applied("shown_as_sent", "what is shown after it was made", made)
            yield from self._while_it_stands(channel, trial, prepared, copy, now)
            yield from trial.removed(prepared, copy, access, call_ends())
        except BaseException:
            with suppress(ChannelError):
                self._withdraw(channel, copy, first, now)
            raise

    def _while_it_stands(
        self,
        channel: Channel,
        trial: LiveTrial,
        prepared: PreparedRequest,
        copy: Copy,
        now: datetime,
    ) -> Iterator[Proof]:
        access = self.context.authorizer.open(self.account.id, call_ends())
        yield _found("found_after_create", channel.find(copy, access, call_ends()), copy)
        yield _repeated(channel, prepared, copy, access)
        second, stale = _event(self.account, now, hours=1), copy.revision or ""
        changed = channel.prepare(Do.CHANGE, copy, second, now)
        receipt = channel.send(changed, copy, access, call_ends())
        copy = _shown(copy, second, receipt)
        yield _applied("shown_as_changed", "what is shown after a change", receipt)
        yield _found("found_after_change", channel.find(copy, access, call_ends()), copy)
        yield from trial.standing(prepared, copy, stale, access, call_ends())
        self._withdraw(channel, copy, second, now)
        gone = all(one.state is Seen.GONE for one in channel.find(copy, access, call_ends()))
        answer = "gone" if gone else "still there"
        yield Proof("found_after_removal", "what is found after its removal", answer, "gone")

    def _withdraw(self, channel: Channel, copy: Copy, event: DesiredEvent, now: datetime) -> None:
        """Whatever revision it has by now."""
        access = self.context.authorizer.open(self.account.id, call_ends())
        for seen in channel.find(copy, access, call_ends()):
            known = replace(copy, revision=seen.revision)
            prepared = channel.prepare(Do.WITHDRAW, known, event, now)
            with suppress(Missing):
                channel.send(prepared, known, access, call_ends())
        self.left_over = ""


def _repeated(channel: Channel, prepared: PreparedRequest, copy: Copy, access: Access) -> Proof:
    try:
        again = channel.send(prepared, copy, access, call_ends()).remote_id
        answer = "the same event" if again == copy.remote_id else "another event"
    except Changed:
        answer = "the same event"  # the provider says that it is there
    return Proof("repeated_create", "making it once more by the same key", answer, "the same event")


def _applied(question: str, text: str, receipt: Receipt) -> Proof:
    return Proof(question, text, "as sent" if receipt.applied else "something else", "as sent")


def _found(question: str, seen: Sequence[Sighting], copy: Copy) -> Proof:
    live = [one for one in seen if one.state is Seen.LIVE and one.material_fp == copy.material_fp]
    answer = "one event as sent" if len(live) == len(seen) == 1 else f"{len(live)} of {len(seen)}"
    return Proof(question, "what is found by its key", answer, "one event as sent")


def _shown(copy: Copy, event: DesiredEvent, receipt: Receipt) -> Copy:
    return replace(
        copy,
        state=CopyState.LIVE,
        remote_id=receipt.remote_id,
        revision=receipt.revision,
        material_fp=event.material_fp,
        quiet_fp=event.quiet_fp,
        content=event,
    )


def _copy(account: Account) -> Copy:
    return Copy(
        n=1,
        uid=str(uuid4()),
        channel=account.provider,
        account=account.id,
        address=account.address,
        destination=account.destination,
        state=CopyState.PLANNED,
        generation=1,
    )


def _event(account: Account, now: datetime, *, hours: int) -> DesiredEvent:
    start = (now + timedelta(days=365, hours=hours)).replace(minute=0, second=0, microsecond=0)
    session = BookedSession(
        id="calsync-doctor",
        tenant=account.tenant,
        updated_at=now,
        status=Status.BOOKED,
        title=TITLE,
        starts_at=start,
        ends_at=start + timedelta(minutes=30),
        place=Online("https://example.org/meeting", "Example"),
        agenda=Agenda("<p>A <b>test</b><br>in two lines</p><ul><li>and a list</li></ul>"),
        url="https://example.org/session",
        participants=(Participant("reader", "", account.email),),
    )
    return desired_events(session)["reader"]
