"""The sandbox's methods over HTTP: which there are, and how a request becomes a call."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from calsync.sandbox.records import Record

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
        "google_usage",
        "switches",
        "subscriptions",
    )
)
ACTING = frozenset(
    (
        "add_person",
        "add_staff",
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
        "google_quota",
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


def answer_control(
    methods: Mapping[str, Callable[..., Any]], method: str, name: str, query: str, body: bytes
) -> tuple[int, dict[str, Any]]:
    """Status and JSON of one control request; `methods` are the sandbox's, by name."""
    if name not in LOOKING and not (name in ACTING and method == "POST"):
        return 404, {"error": f"no {method} of {name}; see the package's docstring"}
    try:
        arguments: dict[str, Any] = json.loads(body) if body else dict(parse_qsl(query))
        for key in INSTANTS:
            if arguments.get(key) is not None:
                arguments[key] = datetime.fromisoformat(arguments[key])
        work = methods[name]
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
