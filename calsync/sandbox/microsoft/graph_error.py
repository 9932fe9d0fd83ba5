"""Microsoft Graph's errors in its JSON. A caller may branch on status and code only:
https://learn.microsoft.com/graph/errors"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

# Texts as they were seen in public reports; another code is its own text.
MESSAGES = MappingProxyType(
    {
        "ApplicationThrottled": "Application is over its MailboxConcurrency limit.",
        "ErrorAccessDenied": "Access is denied. Check credentials and try again.",
        "ErrorAccountSuspend": "Account suspended. Follow the instructions in your Inbox to "
        "verify your account.",
        "ErrorDuplicateTransactionId": "Your request can't be completed. The TransactionId "
        "specified in the request has already been used to create a different event.",
        "ErrorIrresolvableConflict": "The send or update operation could not be performed because "
        "the change key passed in the request does not match the current change key for the item.",
        "ErrorItemNotFound": "The specified object was not found in the store.",
        "ErrorInvalidIdMalformed": "Id is malformed.",
        "ErrorPropertyValidationFailure": "At least one property failed validation.",
        "InvalidAuthenticationToken": "Access token has expired or is not yet valid.",
        "MailboxNotEnabledForRESTAPI": "The mailbox is either inactive, soft-deleted, or is hosted "
        "on-premise.",
        "TooManyRequests": "Too many requests",
        "UnableToDeserializePostBody": "were unable to deserialize ",
        "UnknownError": "",
    }
)


class GraphError(Exception):
    """One refused call. `extra` are annotations beside code and message."""

    headers: Mapping[str, str] = MappingProxyType({})

    def __init__(
        self, status: int, code: str, message: str | None = None, **extra: str | int
    ) -> None:
        self.message = MESSAGES.get(code, code) if message is None else message
        super().__init__(f"{status} {code}: {self.message}")
        self.status = status
        self.code = code
        self.extra = extra

    def to_json(self, request_id: str = "", client_request_id: str = "") -> dict[str, Any]:
        """The body of the answer."""
        request_id = request_id or str(uuid.uuid4())
        inner = {
            "date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}",
            "request-id": request_id,
            "client-request-id": client_request_id or request_id,
        }
        extra = {f"@event.{name}": value for name, value in self.extra.items()}
        error = {"code": self.code, "message": self.message, **extra, "innerError": inner}
        return {"error": error}


class CallerError(GraphError):
    """A refusal that tells of a mistake in its caller's code: it is recorded as a violation."""
