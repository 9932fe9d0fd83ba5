"""The second move of a delivery: one call, over by its deadline, and no transaction around it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial

from calsync.core.calls import PreparedRequest, Receipt, Sighting
from calsync.core.ledger import MAIL, Do
from calsync.core.reconcile.actions import FindUid
from calsync.core.reconcile.claimed import Claim
from calsync.delivery.attempts import Call
from calsync.errors import AccessLost, ChannelError, TryLater
from calsync.ports import Access
from calsync.runtime import unexpected
from calsync.runtime.context import Context
from calsync.runtime.meter import MAILS

Answer = Receipt | Sequence[Sighting] | ChannelError
MAIL_OF = {Do.CREATE: "invitation", Do.CHANGE: "update", Do.WITHDRAW: "cancellation"}


class CallMaker:
    """Makes the calls of one process, each in the thread of whoever asks."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def answer(self, call: Call) -> Answer:
        """One call; what nobody foresaw is an answer as well."""
        self.context.at("call.before")
        try:
            answer = self._counted(call)
        finally:
            self.context.at("call.after")
        return answer

    def _counted(self, call: Call) -> Answer:
        channel, meter, mail = call.via[0], self.context.meter, _mail(call)
        what = "look_up" if call.prepared is None else "delivery"
        answer = unexpected.measured(meter, channel, what, partial(self._answered, call))
        if mail is not None:
            meter.count(MAILS, mail, unexpected.word(answer))
        return answer

    def _answered(self, call: Call) -> Receipt | Sequence[Sighting]:
        """A token that is refused is refreshed once; then the account is lost."""
        try:
            return self._with_access(call, fresh=False)
        except AccessLost as error:
            if call.via[1] is None or error.reason == "not connected":
                raise
        return self._with_access(call, fresh=True)

    def _with_access(self, call: Call, *, fresh: bool) -> Receipt | Sequence[Sighting]:
        channel_name, account = call.via
        channel = self.context.channel(call.claim.delivery.key.tenant, channel_name)
        if call.until - time.monotonic() < 1.0:
            raise TryLater("no time left for a call", happened="no", scope="copy")
        access = Access(account="", secret="")
        if account is not None:
            access = self._opened(call, account, fresh=fresh)
        if isinstance(call.step, FindUid) and call.prepared is None:
            return channel.find_uid(call.copy.uid, access, call.until)
        if call.prepared is None:
            return channel.find(call.copy, access, call.until)
        with self.context.call("send"), self._leased(call.prepared, call.claim):
            return channel.send(call.prepared, call.copy, access, call.until)

    def _opened(self, call: Call, account: str, *, fresh: bool) -> Access:
        seen, known = call.snapshot.accounts.get(account), call.credentials
        version = seen.version if seen is not None else None
        return self.context.authorizer.open(
            account, call.until, fresh=fresh, version=version, known=known
        )

    def _leased(self, prepared: PreparedRequest, claim: Claim) -> AbstractContextManager[None]:
        leases = self.context.leases
        return leases.sending(prepared, claim) if leases is not None else nullcontext()


def _mail(call: Call) -> str | None:
    """Which mail this call sends; None for a call to a calendar."""
    if call.attempt is None or call.via[0] != MAIL:
        return None
    return MAIL_OF[call.attempt.do]
