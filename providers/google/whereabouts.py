"""In which calendar of its account an event stands.

A person who moves an event leaves a tombstone where it was that tells nothing; in the other
calendar it has the same id. https://developers.google.com/workspace/calendar/api/v3/reference/events/move
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from calsync.errors import AccessLost, Missing, Refused
from calsync.ports import Access
from providers.google.client import GoogleClient, ListedCalendar
from providers.google.mapping import is_tombstone
from providers.http.errors import no_calendar
from providers.http.json_body import Resource

MOST = 20  # other calendars that are searched for one event


def placed(key: str, access: Access) -> tuple[str, Access]:
    """The event's id in a key, and the access to its calendar: a key names that where it is not the
    account's own, as `calendar/event`."""
    calendar, _, event = key.rpartition("/")
    return event, replace(access, calendar=calendar) if calendar else access


def key_in(calendar: str, event: str, access: Access) -> str:
    """The key of an event in this calendar."""
    return event if is_own(calendar, access) else f"{calendar}/{event}"


def is_own(calendar: str, access: Access) -> bool:
    return calendar in ("", access.calendar)


def prove_calendar(client: GoogleClient, access: Access, until: float) -> None:
    """Raise Unusable when not the event but the account's calendar is out of reach."""
    try:
        client.prove_calendar(access, until)
    except Missing as error:
        raise no_calendar(error) from None
    except Refused as error:
        if error.reason.startswith("403"):
            raise no_calendar(error) from None
        raise


class OtherCalendars:
    """The account's calendars during one call, listed when they are first needed."""

    def __init__(self, client: GoogleClient, access: Access, until: float) -> None:
        self._client, self._access, self._until = client, access, until
        self._listed: tuple[Sequence[str], bool] | None = None
        self._proven = False

    def prove_own(self) -> None:
        """See `prove_calendar`; asked once."""
        if not self._proven:
            prove_calendar(self._client, self._access, self._until)
        self._proven = True

    def find(self, event: str, known: str) -> tuple[str, Resource] | None:
        """The key and the resource of the event that is not, or not any more, at the key `known`.

        None: it is in no calendar that could be searched. Raises ChannelError.
        """
        for calendar in self._calendars()[0]:
            key = key_in(calendar, event, self._access)
            if key == known:
                continue
            try:
                found = self._client.get(
                    event, replace(self._access, calendar=calendar), self._until
                )
            except (Missing, Refused):
                continue
            if not is_tombstone(found):
                return key, found
        return None

    @property
    def all_known(self) -> bool:
        """Whether `find` searches every calendar that the person can put an event into."""
        return self._calendars()[1]

    def _calendars(self) -> tuple[Sequence[str], bool]:
        if self._listed is None:
            self._listed = self._list()
        return self._listed

    def _list(self) -> tuple[Sequence[str], bool]:
        """The consent that calsync asks for does not include the list of calendars; one that came
        from elsewhere may."""
        own = self._access.calendar
        try:
            found, is_whole = self._client.calendars(self._access, self._until, most=MOST + 1)
        except AccessLost as error:
            if not error.reason.startswith("403"):
                raise
            return [own], False
        except Refused:
            return [own], False
        others = [one.ident for one in found if one.ident != own and not _is_primary(one, own)]
        return [own, *others], is_whole


def _is_primary(one: ListedCalendar, own: str) -> bool:
    return one.is_primary and own == "primary"
