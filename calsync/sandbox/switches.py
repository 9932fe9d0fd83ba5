"""Facts about the vendors that nobody has confirmed, each with its rival behaviours."""

from __future__ import annotations

from types import MappingProxyType

RIVALS = MappingProxyType(
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
        # descriptions come back as sent, or with their HTML rewritten
        "description": ("as_sent", "reformatted"),
        # PATCH of the copy of someone else's event
        "guest_patch": ("ignored", "forbidden", "local"),
        # insert with an iCalUID that is there
        "repeated_uid": ("conflict", "accepted"),
        # a refresh hands out a new refresh token and ends the old one
        "rotate_refresh_tokens": (False, True),
        # Exchange and mails from outside: what waits until the mail is opened
        "exchange_waits": ("cancel", "all", "none"),
    }
)


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
