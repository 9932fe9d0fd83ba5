"""Facts about the providers that nobody has confirmed, each with its rival behaviours."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

GOOGLE: Mapping[str, tuple[str | bool, ...]] = MappingProxyType(
    {
        # GET of a deleted event: with its details, or only with its id and status
        "tombstone_details": ("keep", "bare"),
        # PATCH of a deleted event: 200 and still cancelled, 403, 410, or 200 and live again
        "patch_tombstone": ("kept", "forbidden", "gone", "revived"),
        # insert with the id of a deleted event
        "insert_over_tombstone": ("conflict", "revived"),
        # list by iCalUID, by private property: deleted events still match
        "uid_list_tombstones": (True, False),
        "property_list_tombstones": (True, False),
        # several privateExtendedProperty constraints are joined by AND or by OR
        "properties_match": ("all", "any"),
        # pages may be short or empty while a next page exists
        "short_pages": (False, True),
        # an event that is moved to another calendar keeps its private properties
        "moved_properties": ("kept", "lost"),
        # descriptions come back as sent, or with their HTML rewritten
        "description": ("as_sent", "reformatted"),
        # PATCH of the copy of someone else's event
        "guest_patch": ("ignored", "forbidden", "local"),
        # insert with an iCalUID that is there
        "repeated_uid": ("conflict", "accepted"),
        # a refresh hands out a new refresh token and ends the old one
        "rotate_refresh_tokens": (False, True),
        # a refresh of a consent to openid answers with an id_token: OpenID Connect Core 12.2 leaves
        # it open, Google's pages do not say
        "refresh_id_token": (True, False),
        # a consent's redirect names its issuer (RFC 9207), which Google's pages do not mention
        "redirect_iss": (True, False),
    }
)
MICROSOFT: Mapping[str, tuple[str | bool, ...]] = MappingProxyType(
    {
        # Exchange and mails from outside: what waits until the mail is opened
        "exchange_waits": ("cancel", "all", "none"),
        # a CANCEL that Exchange applies: the meeting goes, or stays as "Canceled: ..."
        "exchange_cancel": ("removed", "marked"),
        # iCalUId of a mailed invitation: its UID inside a global object id, or as it is
        "mailed_uid": ("global_object_id", "plain"),
        # Graph: a transactionId is known as long as the mailbox lives, or forgotten soon
        "transaction_memory": ("kept", "forgotten"),
        # a known transactionId whose event was deleted makes a new one, is answered 201 with the
        # deleted one, or is refused
        "transaction_after_delete": ("new", "answered", "conflict"),
        # a known transactionId with another body: its status, and whether the event is named
        "transaction_conflict": ("400", "409"),
        "existing_event_annotation": (False, True),
        # DELETE moves the event to Deleted Items, or ends it at once
        "api_delete": ("moved", "purged"),
        # GET of a deleted event by its immutable id: Deleted Items are looked into, or not
        "deleted_by_id": ("found", "missing"),
        # the filter by extended property finds deleted events
        "property_filter_deleted": (False, True),
        # $filter=iCalUId eq '...' works
        "uid_filter": (True, False),
        # If-Match on PATCH and DELETE
        "if_match": ("honoured", "ignored"),
        # a request with a default id while it asks for immutable ones, and the other way round
        "mixed_ids": ("accepted", "refused"),
        # DELETE of the copy of someone else's meeting mails a decline
        "decline_mail": (False, True),
        # a copy that its person makes of an event keeps our extended property
        "copied_property": (True, False),
        # zone names: Windows' and the documented ones, or every IANA name
        "zone_names": ("documented", "any"),
        # more than four parts of a batch for one mailbox: all are served, or the rest is throttled
        "batch_same_mailbox": ("queued", "throttled"),
        # what "4 concurrent requests" counts: those to one mailbox, or all of an app
        "concurrency": ("mailbox", "app"),
        # the code of 404 for a user whom the directory does not know
        "unknown_user": ("Request_ResourceNotFound", "ResourceNotFound", "ErrorInvalidUser"),
        # Microsoft hands out a new refresh token with each refresh: the old one lives on, or ends
        "old_refresh_tokens": ("valid", "ended"),
        # access tokens of a revoked consent: refused at once, or live until they expire
        "revoked_access_tokens": ("ended", "live"),
    }
)
# How Graph tells of changes; calsync's Outlook channel does not ask it to.
GRAPH_CHANGES: Mapping[str, tuple[str | bool, ...]] = MappingProxyType(
    {
        # delta: a changed event outside the window is told as removed, as the reference says; only
        # one that left it is; or one that moved out of it is not told at all
        "delta_outside": ("removed", "left", "silent"),
        # delta: an event may come twice in one round
        "delta_repeats": (False, True),
        # delta: a lost token answers 410 SyncStateNotFound, 410 resyncRequired with a Location, or
        # 400 syncStateNotFound
        "delta_lost": ("SyncStateNotFound", "resyncRequired", "syncStateNotFound"),
        # delta: a nextLink ends when the page after its own is asked for, or lives on
        "old_next_links": ("ended", "valid"),
        # how many minutes a subscription may last: as documented today, as the service was seen to
        # say, as documented before
        "subscription_minutes": ("10080", "10070", "4230"),
        # the code of 400 for an address that did not pass its validation
        "validation_failed": ("ValidationError", "InvalidRequest"),
        # a renewal asks the addresses for a token again, which the reference does not say
        "renewal_validated": (True, False),
        # changes while a subscription awaits its reauthorization
        "unsure_subscription": ("delivered", "lost"),
    }
)
# What goes wrong on the way and is no open question.
MISHAPS: Mapping[str, tuple[str | bool, ...]] = MappingProxyType(
    {
        # authorization codes that are too old when they arrive: for browsers that go straight back
        "codes": ("live", "expired"),
        # Google's zone data is older than a rename: it knows Europe/Kyiv, only Europe/Kiev, or (a
        # zone that is new altogether) neither
        "renamed_zone": ("known", "by_old_name", "unknown"),
    }
)
RIVALS = MappingProxyType({**GOOGLE, **MICROSOFT, **GRAPH_CHANGES, **MISHAPS})


class Switches:
    """The chosen behaviour of each uncertain fact; the likelier one to begin with."""

    def __init__(self) -> None:
        self._chosen: dict[str, str | bool] = {name: one[0] for name, one in RIVALS.items()}

    def __getitem__(self, name: str) -> str | bool:
        return self._chosen[name]

    def choose(self, name: str, value: str | bool) -> None:
        """Raises ValueError, naming the rivals, when there is no such switch or value."""
        if name not in RIVALS:
            raise ValueError(f"no switch {name}; there are {', '.join(RIVALS)}")
        if value not in RIVALS[name]:
            raise ValueError(f"switch {name} is one of {RIVALS[name]}, not {value!r}")
        self._chosen[name] = value

    def all(self) -> dict[str, str | bool]:
        return dict(self._chosen)
