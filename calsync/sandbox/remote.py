"""A sandbox in another process, called over HTTP."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

from calsync.sandbox.control import ACTING, LOOKING
from calsync.sandbox.records import Mail, Record, Request, ShownEvent
from calsync.sandbox.sandbox import Sandbox

RECORDS: tuple[tuple[str, type[Record]], ...] = (
    ("shown", ShownEvent),
    ("mails", Mail),
    ("requests", Request),
)


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
