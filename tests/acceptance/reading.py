"""An independent reading of the records: what each person must see. Uses nothing of calsync."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.acceptance.world import World


@dataclass(frozen=True)
class Expected:
    number: str  # "Nr 17:" begins or is part of the title of one session only
    starts_at: datetime
    ends_at: datetime
    location: Sequence[str]  # each must stand in the location
    text: Sequence[str]  # each must stand in the description


def instant(wall: str, zone: str) -> datetime:
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def expected_of(record: Mapping[str, Any], *, by_mail: bool) -> Expected:
    """A reworded agenda reaches calendars; a mail keeps the one it was sent with."""
    place = record["place"] or {}
    if place.get("kind") == "online":
        location = [place["url"]]
    else:
        location = [value for key, value in place.items() if key in ("name", "address")]
    text = [record["agenda"]["url"], *([place["url"]] if "url" in place else [])]
    rewritten = "Rewritten" in record["agenda"]["text"]
    if not (rewritten and by_mail):
        text.append("Rewritten: only this" if rewritten else "Next steps of")
    return Expected(
        number=record["title"].partition(":")[0] + ":",
        starts_at=instant(record["starts_at"], record["time_zone"]),
        ends_at=instant(record["ends_at"], record["time_zone"]),
        location=location,
        text=text,
    )


def everybody(world: World) -> dict[str, list[Expected]]:
    """What each address must see, by address."""
    seen: dict[str, list[Expected]] = {person.email: [] for person in world.people}
    by_mail = {person.email: person.kind == "mail" for person in world.people}
    for record in world.records.values():
        if record["status"] == "booked":
            for participant in record["participants"]:
                email = participant["email"]
                seen[email].append(expected_of(record, by_mail=by_mail[email]))
    return seen


def differences(address: str, wanted: Sequence[Expected], shown: Sequence[Any]) -> list[str]:
    """What is wrong with what this person sees: missing, doubled, left over, or other fields."""
    numbers = Counter(one.title.partition(":")[0].split("Nr")[-1].strip() for one in shown)
    wrong = [
        f"{address}: Nr {n} is shown {count} times" for n, count in numbers.items() if count > 1
    ]
    by_number = {one.title.partition(":")[0].split("Nr")[-1].strip(): one for one in shown}
    for one in wanted:
        number = one.number.removeprefix("Nr ").removesuffix(":")
        event = by_number.pop(number, None)
        if event is None:
            wrong.append(f"{address}: {one.number} is missing")
            continue
        if (event.starts_at, event.ends_at) != (one.starts_at, one.ends_at):
            wrong.append(f"{address}: {one.number} at {event.starts_at}, not {one.starts_at}")
        wrong += [
            f"{address}: {one.number} lacks {part!r} in its place {event.location!r}"
            for part in one.location
            if part not in event.location
        ]
        text = event.description.replace("&amp;", "&")
        wrong += [
            f"{address}: {one.number} lacks {part!r} in its text"
            for part in one.text
            if part not in text
        ]
        if "SECRET" in event.description or "@" in text.replace(address, ""):
            wrong.append(f"{address}: {one.number} tells what must not leave the platform")
    wrong += [f"{address}: Nr {number} should not be there" for number in by_number]
    return wrong
