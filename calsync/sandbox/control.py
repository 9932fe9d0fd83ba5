"""The sandbox's methods over HTTP, and a caller for them in another process."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

from calsync.sandbox.records import Mail, Record, Request, ShownEvent

if TYPE_CHECKING:
    from calsync.sandbox.sandbox import Sandbox

LOOKING = frozenset(
    (
        "info",
        "people",
        "shown",
        "mails",
        "events",
        "outlook_events",
        "outbox",
        "violations",
        "requests",
        "counts",
        "switches",
        "subscriptions",
    )
)
ACTING = frozenset(
    (
        "add_person",
        "grant",
        "access_token",
        "grant_outlook",
        "outlook_token",
        "make_certificate",
        "expire_tokens",
        "expire_delta_links",
        "subscription_lifecycle",
        "notification_patience",
        "revoke",
        "register_redirect",
        "need_approval",
        "expire_codes",
        "take_calendar",
        "make_service_account",
        "forget_requests",
        "switch",
        "register_view",
        "latency",
        "clear_faults",
        "fail",
        "drop",
        "commit_then_drop",
        "commit_then_504",
        "commit_then_fail",
        "slow",
        "drip",
        "fail_smtp",
        "user_deletes",
        "user_moves",
        "user_edits",
        "user_adds_guest",
        "user_moves_to_other_calendar",
        "user_copies",
        "user_responds",
        "user_opens_mails",
        "purge_tombstones",
    )
)
INSTANTS = ("starts_at", "ends_at")
RECORDS: tuple[tuple[str, type[Record]], ...] = (
    ("shown", ShownEvent),
    ("mails", Mail),
    ("requests", Request),
)


def answer_control(
    sandbox: Sandbox, method: str, name: str, query: str, body: bytes
) -> tuple[int, dict[str, Any]]:
    """Status and JSON of one control request."""
    if name not in LOOKING and not (name in ACTING and method == "POST"):
        return 404, {"error": f"no {method} of {name}; see the package's docstring"}
    try:
        arguments: dict[str, Any] = json.loads(body) if body else dict(parse_qsl(query))
        for key in INSTANTS:
            if arguments.get(key) is not None:
                arguments[key] = datetime.fromisoformat(arguments[key])
        work = getattr(sandbox, name)
        inspect.signature(work).bind(**arguments)
        return 200, {"result": plain(work(**arguments))}
    except KeyError as error:
        return 404, {"error": f"there is no {error}"}
    except (ValueError, TypeError, OSError) as error:
        return 400, {"error": str(error)}


def plain(value: Any) -> Any:
    """A result as JSON can carry it."""
    if isinstance(value, Record):
        return value.to_json()
    return [plain(one) for one in value] if isinstance(value, list) else value


class RemoteSandbox:
    """A sandbox in another process: the same methods with the same arguments and results.

    `now`, callables and `wait_for` do not travel. A refusal is a ValueError, a person or event
    that is not there a KeyError, as at home.
    """

    def __init__(self, url: str) -> None:
        self._control = f"{url.rstrip('/')}/control/"
        info = self._call("info", {})
        self.url: str = info["url"]
        self.smtp_host: str = info["smtp_host"]
        self.smtp_port: int = info["smtp_port"]
        self.token_uri: str = info["token_uri"]
        self.auth_uri: str = info["auth_uri"]
        self.revoke_uri: str = info["revoke_uri"]
        self.client_id: str = info["client_id"]
        self.client_secret: str = info["client_secret"]
        self.outlook_tenant: str = info["outlook_tenant"]
        self.outlook_client_id: str = info["outlook_client_id"]
        self.outlook_client_secret: str = info["outlook_client_secret"]

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name not in LOOKING | ACTING:
            raise AttributeError(name)

        def call(*args: Any, **named: Any) -> Any:
            from calsync.sandbox.sandbox import Sandbox  # noqa: PLC0415  it imports us

            signature = inspect.signature(getattr(Sandbox, name))
            bound = signature.bind(None, *args, **named).arguments
            del bound["self"]
            return self._call(name, bound | bound.pop("fields", {}))

        return call

    def _call(self, name: str, arguments: dict[str, Any]) -> Any:
        body = json.dumps(arguments, default=as_text).encode()
        request = HttpRequest(self._control + name, body, method="POST")  # noqa: S310
        try:
            with urlopen(request, timeout=30) as answer:  # noqa: S310
                result = json.load(answer)["result"]
        except HTTPError as error:
            message = json.load(error)["error"]
            raise (KeyError if error.code == 404 else ValueError)(message) from None
        record = dict(RECORDS).get(name)
        return [record.from_json(one) for one in result] if record else result


def as_text(value: Any) -> Any:
    """Times as ISO 8601, any other collection as a list."""
    return value.isoformat() if isinstance(value, datetime) else list(value)
