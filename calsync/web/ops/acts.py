"""What an operator does on the ops page: each act is checked, noted in the journal, then done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from calsync.errors import CalsyncError, InputError
from calsync.ops import commands
from calsync.ops.page.desk import held_of
from calsync.store.connect.operators import EVERY, Operator
from calsync.store.ledger.selection import Selection
from calsync.web.ops.page import NoOperatorError, Ops, find_path

Fields = Mapping[str, str]
Act = Callable[[Ops, Operator, Fields], str]  # returns where to look then


def act_routes(ops: Ops) -> list[Route]:
    return [
        Route(f"/ops/{name}", _doing(ops, name, act), methods=["POST"])
        for name, act in ACTS.items()
    ]


def _doing(ops: Ops, name: str, act: Act) -> Callable[[Request], object]:
    async def do(request: Request) -> Response:
        try:
            operator = await run_in_threadpool(ops.operator, request)
        except NoOperatorError:
            return ops.closed(request)
        fields = await ops.fields(request)
        if fields is None:
            text = "This form came from another page; open the ops page again and repeat it."
            return ops.refuse(request, text, HTTPStatus.FORBIDDEN)
        try:
            path = await run_in_threadpool(_done, ops, operator, name, act, fields)
        except CalsyncError as error:
            status = (
                HTTPStatus.CONFLICT if isinstance(error, InputError) else HTTPStatus.BAD_GATEWAY
            )
            return ops.refuse(request, str(error), status)
        return RedirectResponse(path, HTTPStatus.SEE_OTHER)

    return do


def _done(ops: Ops, operator: Operator, name: str, act: Act, fields: Fields) -> str:
    about = {key: value[:200] for key, value in fields.items() if key in NOTED}
    ops.operators.audit(operator, name, about)
    return act(ops, operator, fields)


NOTED = ("batch", "digest", "tenant", "channel", "reason", "session", "person")


def _tenant(operator: Operator, fields: Fields) -> str:
    """The tenant that an act concerns: an operator of one tenant acts on no other."""
    asked = fields.get("tenant", "") or operator.tenant
    if operator.tenant not in (EVERY, asked):
        raise InputError(f"you look after {operator.tenant}; nothing of {asked} was changed")
    return asked


def _one_tenant(operator: Operator, fields: Fields) -> str | None:
    tenant = _tenant(operator, fields)
    return None if tenant == EVERY else tenant


def _decide(ops: Ops, operator: Operator, fields: Fields, *, reject: bool) -> str:
    number = fields.get("batch", "")
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise InputError("name the batch by its number")
    if not held_of(ops.context, int(number), operator.tenant):
        raise InputError(f"batch {number} is not of {operator.tenant}")
    commands.approve(ops.context, int(number), fields.get("digest", ""), reject=reject)
    return f"/ops?done={'reject' if reject else 'approve'}"


def _approve(ops: Ops, operator: Operator, fields: Fields) -> str:
    return _decide(ops, operator, fields, reject=False)


def _reject(ops: Ops, operator: Operator, fields: Fields) -> str:
    return _decide(ops, operator, fields, reject=True)


def _pause(ops: Ops, operator: Operator, fields: Fields) -> str:
    channel, reason = fields.get("channel", "*"), fields.get("reason", "")
    commands.pause(ops.context, _tenant(operator, fields), channel, reason)
    return "/ops?done=pause"


def _resume(ops: Ops, operator: Operator, fields: Fields) -> str:
    commands.resume(ops.context, _tenant(operator, fields), fields.get("channel", "*"))
    return "/ops?done=resume"


def _resync(ops: Ops, operator: Operator, fields: Fields) -> str:
    session, person = fields.get("session", ""), fields.get("person") or None
    if not session:
        raise InputError("name the session")
    chosen = Selection((session,), person, tenant=_one_tenant(operator, fields))
    commands.resync(ops.context, chosen)
    return find_path(session, "resync")


def _resend(ops: Ops, operator: Operator, fields: Fields) -> str:
    session, person = fields.get("session", ""), fields.get("person", "")
    answer = commands.resend(ops.context, session, person, _one_tenant(operator, fields))
    if answer != "sent":
        raise InputError(f"the invitation was not mailed: {answer}")
    return find_path(session, "resend")


ACTS: Mapping[str, Act] = {
    "approve": _approve,
    "reject": _reject,
    "pause": _pause,
    "resume": _resume,
    "resync": _resync,
    "resend": _resend,
}
