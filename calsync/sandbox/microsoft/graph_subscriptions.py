"""Graph's subscriptions to the events of a mailbox, and the notifications that follow.
https://learn.microsoft.com/graph/api/resources/subscription"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from calsync.sandbox.microsoft.graph_error import CallerError, GraphError
from calsync.sandbox.microsoft.graph_event import Change, stamp
from calsync.sandbox.microsoft.graph_events import PREFIX
from calsync.sandbox.microsoft.graph_messenger import Messenger
from calsync.sandbox.microsoft.graph_subscription_body import Wanted, read_expiration, read_wanted
from calsync.sandbox.microsoft.outlook_calendar import OutlookCalendar
from calsync.sandbox.reply import Reply
from calsync.sandbox.switches import Switches

LIFECYCLE = ("missed", "subscriptionRemoved", "reauthorizationRequired")
FAILED = "Subscription validation request failed."
SHORTEST = timedelta(minutes=45)


@dataclass(slots=True)
class Subscription:
    """One subscription. `person` made it, "" the application; `unsure` awaits reauthorization."""

    calendar: OutlookCalendar
    person: str
    wanted: Wanted
    immutable: bool
    expires_at: datetime
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """One request below /subscriptions. `mailbox` finds what a resource names."""

    method: str
    path: tuple[str, ...]
    body: Any
    person: str
    immutable: bool
    mailbox: Callable[[str], OutlookCalendar]


class Subscriptions:
    """Every subscription of the one application. Callers hold the sandbox's lock.

    `tenant` and `application` are the ids of the directory and of the application.
    """

    def __init__(
        self,
        messenger: Messenger,
        switches: Switches,
        clock: Callable[[], datetime],
        tenant: str,
        application: str,
    ) -> None:
        self.url = ""
        self.messenger = messenger
        self._switches = switches
        self._clock = clock
        self._tenant = tenant
        self._application = application
        self._all: dict[str, Subscription] = {}

    # What the API does

    def answer(self, asked: Asked) -> Reply:
        """Raises GraphError, CallerError for what a right caller would not ask."""
        work = {
            ("POST", 0): self._create,
            ("GET", 0): self._list,
            ("GET", 1): self._get,
            ("PATCH", 1): self._renew,
            ("DELETE", 1): self._delete,
            ("POST", 2): self._reauthorize,
        }.get((asked.method, len(asked.path)))
        if work is None or asked.path[1:] not in ((), ("reauthorize",)):
            raise CallerError(405, "Request_BadRequest", "This method is not allowed here.")
        return work(asked)

    def _create(self, asked: Asked) -> Reply:
        wanted = read_wanted(asked.body)
        calendar = asked.mailbox(wanted.mailbox)
        expires_at = self._expiration(wanted.expires)
        self._validate(wanted)
        made = Subscription(calendar, asked.person, wanted, asked.immutable, expires_at)
        self._all[made.id] = made
        context = {"@odata.context": f"{self.url}{PREFIX}$metadata#subscriptions/$entity"}
        return Reply(201, context | self._tell(made, with_state=True))

    def _list(self, asked: Asked) -> Reply:
        found = [self._tell(one) for one in self._live() if is_for(one, asked.person)]
        context = f"{self.url}{PREFIX}$metadata#subscriptions"
        return Reply(200, {"@odata.context": context, "value": found})

    def _get(self, asked: Asked) -> Reply:
        return Reply(200, self._tell(self._find(asked)))

    def _renew(self, asked: Asked) -> Reply:
        """Only the expiration can be changed; whatever is missing needs a new subscription."""
        found = self._find(asked)
        expires_at = self._expiration(read_expiration(asked.body))
        if self._switches["renewal_validated"]:
            self._validate(found.wanted)
        found.expires_at, found.unsure = expires_at, False
        return Reply(200, self._tell(found, with_state=True))

    def _reauthorize(self, asked: Asked) -> Reply:
        self._find(asked).unsure = False
        return Reply(204)

    def _delete(self, asked: Asked) -> Reply:
        del self._all[self._find(asked).id]
        return Reply(204)

    # What happens without a request

    def hear(self, calendar: OutlookCalendar, change: Change) -> None:
        """Notify whoever wants to know of this change. Waits for nobody."""
        for one in self._live():
            lost = one.unsure and self._switches["unsure_subscription"] == "lost"
            if one.calendar is calendar and change.kind in one.wanted.changes and not lost:
                self._send(one, one.wanted.url, self._notice(one, change))

    def lifecycle(self, calendar: OutlookCalendar, event: str) -> None:
        """Tell of an event in the life of all subscriptions of a mailbox. Raises ValueError."""
        if event not in LIFECYCLE:
            raise ValueError(f"event is one of {LIFECYCLE}, not {event}")
        for one in [one for one in self._live() if one.calendar is calendar]:
            if event == "reauthorizationRequired":
                one.unsure = True
            if event == "subscriptionRemoved":
                del self._all[one.id]
            self._tell_life(one, event)

    def told(self, calendar: OutlookCalendar) -> list[dict[str, Any]]:
        """A mailbox's live subscriptions as Graph tells them, clientState included."""
        found = [one for one in self._live() if one.calendar is calendar]
        return [self._tell(one, with_state=True) for one in found]

    # Rules

    def _live(self) -> list[Subscription]:
        now = self._clock()
        for one in [one for one in self._all.values() if now >= one.expires_at]:
            del self._all[one.id]
        return list(self._all.values())

    def _find(self, asked: Asked) -> Subscription:
        for one in self._live():
            if one.id == asked.path[0] and is_for(one, asked.person):
                return one
        raise GraphError(404, "ResourceNotFound", "The object was not found.")

    def _expiration(self, moment: datetime) -> datetime:
        """Within what Graph allows: less than 45 minutes become 45. Raises CallerError 400."""
        now = self._clock()
        minutes = int(self._switches["subscription_minutes"])
        if moment <= now:
            raise CallerError(400, "InvalidRequest", "expirationDateTime must be in the future.")
        if moment > now + timedelta(minutes=minutes):
            text = f"Subscription expiration can only be {minutes} minutes in the future."
            raise CallerError(400, "ExtensionError", text)
        return max(moment, now + SHORTEST)

    def _validate(self, wanted: Wanted) -> None:
        """Each address must answer with the token. Raises GraphError 400."""
        code = str(self._switches["validation_failed"])
        for url in filter(None, (wanted.url, wanted.lifecycle_url)):
            token = (
                "Validation: Testing client application reachability for subscription "
                f"Request-Id: {uuid.uuid4()}"
            )
            answer = self.messenger.validate(url, token)
            if answer is None:
                raise GraphError(400, code, "Subscription validation request timed out.")
            if answer.status != 200:
                raise GraphError(400, code, f"{FAILED} The endpoint must respond with 200 OK.")
            if (answer.kind, answer.text) != ("text/plain", token):
                raise GraphError(400, code, f"{FAILED} The token must come back as text/plain.")

    def _tell(self, one: Subscription, *, with_state: bool = False) -> dict[str, Any]:
        maker = one.person and one.calendar.oid
        return {
            "id": one.id,
            "resource": one.wanted.resource,
            "applicationId": self._application,
            "changeType": ",".join(one.wanted.changes),
            "clientState": one.wanted.state if with_state else None,
            "notificationUrl": one.wanted.url,
            "lifecycleNotificationUrl": one.wanted.lifecycle_url,
            "expirationDateTime": stamp(one.expires_at),
            "creatorId": maker or str(uuid.uuid5(uuid.NAMESPACE_URL, self._application)),
            "includeResourceData": None,
            "latestSupportedTlsVersion": one.wanted.tls,
            "encryptionCertificate": None,
            "encryptionCertificateId": None,
            "notificationQueryOptions": None,
            "notificationUrlAppId": None,
        }

    def _head(self, one: Subscription) -> dict[str, Any]:
        return {
            "subscriptionId": one.id,
            "subscriptionExpirationDateTime": stamp(one.expires_at),
            "tenantId": self._tenant,
            "clientState": one.wanted.state,
        }

    def _notice(self, one: Subscription, change: Change) -> Mapping[str, Any]:
        item = change.id if one.immutable else change.default_id
        where = f"Users/{one.calendar.oid}/Events/{item}"
        data = {
            "@odata.type": "#Microsoft.Graph.Event",
            "@odata.id": where,
            "@odata.etag": change.etag,
            "id": item,
        }
        return self._head(one) | {
            "changeType": change.kind,
            "resource": where,
            "resourceData": data,
        }

    def _tell_life(self, one: Subscription, event: str) -> None:
        if one.wanted.lifecycle_url:
            notice = self._head(one) | {"lifecycleEvent": event}
            self._send(one, one.wanted.lifecycle_url, notice)

    def _send(self, one: Subscription, url: str, notice: Mapping[str, Any]) -> None:
        is_life = "lifecycleEvent" in notice

        def lost() -> None:
            if not is_life and one.id in self._all:
                self._tell_life(one, "missed")

        self.messenger.send(url, {"value": [notice]}, lost)


def is_for(one: Subscription, person: str) -> bool:
    """Whether a token shows this subscription: a person's only own ones, the application's all."""
    return person in ("", one.person)
