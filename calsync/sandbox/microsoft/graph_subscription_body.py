"""Reading what a caller wants to subscribe to, by the properties of Graph's subscription."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from calsync.sandbox.microsoft.graph_error import CallerError, GraphError

REQUIRED = ("changeType", "notificationUrl", "resource", "expirationDateTime")
OPTIONAL = ("clientState", "lifecycleNotificationUrl", "latestSupportedTlsVersion")
# Notifications with encrypted data, and what other resources have: there, but not modelled.
UNMODELLED = frozenset(
    {
        "encryptionCertificate",
        "encryptionCertificateId",
        "includeResourceData",
        "notificationQueryOptions",
        "notificationUrlAppId",
    }
)
CHANGES = ("created", "updated", "deleted")
EVENTS = re.compile(r"/?((?:me|users/[^/?]+)/events)")
OTHERS = re.compile(
    r"/?(me|users/[^/?]+)/(messages|contacts|mailFolders|calendars?|events).*", re.I
)
TLS = ("v1_0", "v1_1", "v1_2", "v1_3")
LONGEST_STATE = 128


@dataclass(frozen=True, slots=True)
class Wanted:
    """A checked wish: `resource` as it was sent, `mailbox` as a path below /v1.0/."""

    resource: str
    mailbox: str
    changes: tuple[str, ...]
    url: str
    lifecycle_url: str | None
    state: str | None
    expires: datetime
    tls: str


def read_wanted(body: object) -> Wanted:
    """Raises CallerError 400, GraphError 501 for what is not modelled."""
    fields = read_fields(body)
    for name in REQUIRED:
        if not fields.get(name):
            raise wrong(f"{name} is a required property for subscription creation.")
    changes = tuple(one.strip() for one in fields["changeType"].split(","))
    if not set(changes) <= set(CHANGES):
        raise wrong(f"changeType is made of {', '.join(CHANGES)}.")
    state = fields.get("clientState")
    if state is not None and len(state) > LONGEST_STATE:
        raise wrong(f"clientState has at most {LONGEST_STATE} characters.")
    tls = fields.get("latestSupportedTlsVersion") or "v1_2"
    if tls not in TLS:
        raise wrong(f"latestSupportedTlsVersion is one of {', '.join(TLS)}.")
    life = fields.get("lifecycleNotificationUrl")
    return Wanted(
        resource=fields["resource"],
        mailbox=read_resource(fields["resource"]),
        changes=changes,
        url=read_url("NotificationUrl", fields["notificationUrl"]),
        lifecycle_url=read_url("LifecycleNotificationUrl", life) if life else None,
        state=state,
        expires=read_instant(fields["expirationDateTime"]),
        tls=tls,
    )


def read_expiration(body: object) -> datetime:
    """The one thing that a renewal changes. Raises CallerError 400, GraphError 501."""
    fields = read_fields(body)
    if "notificationUrl" in fields:
        raise GraphError(501, "notImplemented", "another notificationUrl is not modelled")
    if set(fields) != {"expirationDateTime"}:
        raise wrong("Only expirationDateTime can be changed: make a new subscription.")
    return read_instant(fields["expirationDateTime"])


def read_fields(body: object) -> dict[str, Any]:
    """Text properties by name; a null one is left out."""
    if not isinstance(body, dict):
        raise unreadable()
    fields = {name: one for name, one in body.items() if one is not None}
    if UNMODELLED & fields.keys():
        names = ", ".join(sorted(UNMODELLED & fields.keys()))
        raise GraphError(501, "notImplemented", f"{names} is not modelled")
    known = {*REQUIRED, *OPTIONAL}
    if not fields.keys() <= known or not all(isinstance(one, str) for one in fields.values()):
        raise unreadable()
    return fields


def read_resource(text: str) -> str:
    """The path of a mailbox's events."""
    if match := EVENTS.fullmatch(text):
        return match[1]
    if OTHERS.fullmatch(text):
        raise GraphError(501, "notImplemented", f"a subscription to {text} is not modelled")
    raise wrong(f"The resource '{text}' cannot be subscribed to.")


def read_url(name: str, text: str) -> str:
    """Microsoft takes https only. Here plain http serves on this machine, and nothing elsewhere is
    called at all."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        raise wrong(f"{name} is not an address.") from error
    if parts.scheme not in ("http", "https") or (parts.scheme == "http" and not is_here(host)):
        raise wrong(f"{name} scheme='{parts.scheme}' is not supported.")
    if not is_here(host):
        raise GraphError(501, "notImplemented", f"the sandbox calls this machine only, not {host}")
    return text


def is_here(host: str) -> bool:
    """Whether a host is this machine by its name alone."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def read_instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise unreadable() from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def unreadable() -> CallerError:
    return wrong(
        "Could not process subscription creation payload. Are all property names spelled and "
        "camelCased properly? Also are the date and time values in a valid format?"
    )


def wrong(message: str) -> CallerError:
    return CallerError(400, "InvalidRequest", message)
