"""The booked session as platforms write it: the models behind parsing, schema and documents.

The models say what is right. What happens with the rest is decided in `record`: a fault in a
session's own facts refuses it, one in a person sets that person aside, any other drops the field.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.json_schema import GenerateJsonSchema

from calsync.core.upcoming.rules import MOST_HOURS
from calsync.sources.records.times import LATEST_EPOCH, STAMP, WHEN

IDENTIFIER = r"^[^\s\x00-\x1f\x7f]([^\x00-\x1f\x7f]{0,253}[^\s\x00-\x1f\x7f])?$"
LOCALE = r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$"

Identifier = Annotated[str, Field(pattern=IDENTIFIER)]
Line = str | None
When = Annotated[
    str,
    Field(pattern=WHEN),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": WHEN},
                {"type": "number", "minimum": 100_000_000, "maximum": LATEST_EPOCH},
            ]
        }
    ),
]


class RecordPart(BaseModel):
    """Unknown fields are ignored; numbers are taken as text where text is expected; what may be
    absent may be null."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True)


class ProgramRecord(RecordPart):
    id: Line = Field(default=None, description="The program's id on the platform.")
    name: Line = Field(default=None, description="The program's name, shown to participants.")
    kind: Literal["individual", "group", "peer"] | None = Field(
        default=None, description="Absent: individual, where two people meet."
    )
    discreet: bool | None = Field(
        default=None,
        description="Calendars are asked to hide the details of its sessions from others.",
    )
    upcoming_hours: int | None = Field(
        default=None,
        ge=1,
        le=MOST_HOURS,
        description="How many hours before a session its Upcoming Session mail is sent.",
    )


class OnlineRecord(RecordPart):
    kind: Literal["online"]
    url: Line = Field(
        default=None, description="The join link: an http(s) address that opens the meeting."
    )
    label: Line = Field(default=None, description="The tool's name as people know it: Zoom.")
    phone: Line = Field(default=None, description="A number to dial in with.")
    passcode: Line = Field(default=None, description="What the tool asks for at the door.")


class InPersonRecord(RecordPart):
    kind: Literal["in_person"]
    name: Line = Field(default=None, description="The place as people call it: Room 4.")
    address: Line = Field(default=None, description="Where it is.")
    instructions: Line = Field(default=None, description="How to find it or get in.")


class AgendaRecord(RecordPart):
    text: Line = Field(default=None, description="The agenda; a snippet is shown in the event.")
    format: Literal["text", "markdown", "html"] | None = Field(
        default=None, description="How to read `text`, absent: as plain text. html is sanitised."
    )
    url: Line = Field(default=None, description="Where the whole agenda is viewed and edited.")


class LinkRecord(RecordPart):
    label: Line = Field(default=None, description="What it is: Mentorship Agreement.")
    url: Line = Field(default=None, description="Where it is: an https address.")


class ParticipantRecord(RecordPart):
    id: Identifier = Field(description="The person's id on the platform; it never changes.")
    name: Annotated[str, Field(min_length=1)] = Field(description="The name others see.")
    email: Annotated[str, Field(min_length=3, max_length=320)] = Field(
        description="One e-mail address; two people may have the same."
    )
    role: Line = Field(default=None, description="What the person is in the session: mentor.")
    time_zone: Line = Field(
        default=None, description="IANA zone in which this person reads times; else the session's."
    )
    locale: Annotated[str, Field(pattern=LOCALE)] | None = Field(
        default=None, description="Language of the texts for this person: en, fr-CA."
    )
    person: Identifier | None = Field(
        default=None, description="The same text on two ids says that they are one human."
    )


class TombstoneRecord(RecordPart):
    """What a cancellation needs; every record has these."""

    id: Identifier = Field(description="The session's id on the platform; it never changes.")
    tenant: Identifier | None = Field(
        default=None, description="Whose session it is; absent: the tenant of the source."
    )
    updated_at: Annotated[str, Field(pattern=STAMP)] = Field(
        description="When the platform last changed the record, with an offset or Z."
    )
    status: Literal["booked", "cancelled"] = Field(description="`cancelled` is always obeyed.")


class SessionRecord(TombstoneRecord):
    """One booked session."""

    model_config = ConfigDict(title="Booked session")

    title: Line = Field(default=None, description="The event's title.")
    program: ProgramRecord | None = Field(default=None, description="The program it belongs to.")
    starts_at: When = Field(
        description="Local wall time in `time_zone`; or an instant: with Z or +00:00, or seconds"
        " since 1970. Another offset must be true in the zone."
    )
    ends_at: When = Field(description="Like starts_at; after it and at most 24 h later.")
    time_zone: str = Field(
        description="IANA name of the session's zone: America/Toronto; or its name on Windows."
    )
    place: Annotated[OnlineRecord | InPersonRecord, Field(discriminator="kind")] | None = Field(
        default=None, description="Where it happens; absent while nothing is agreed."
    )
    agenda: AgendaRecord | None = Field(default=None, description="What it is about.")
    url: Line = Field(
        default=None, description="View & Edit link when the agenda has none of its own."
    )
    links: list[LinkRecord] | None = Field(
        default=None, description="At most 5 pages of the platform, shown under the agenda."
    )
    participants: list[ParticipantRecord] = Field(
        description="Everybody who takes part; the same id twice is merged."
    )


class _Draft2020(GenerateJsonSchema):
    """Pydantic writes 2020-12; this says so, and what a cancellation may leave out."""

    def generate(self, schema: Any, mode: Any = "validation") -> dict[str, Any]:
        made = super().generate(schema, mode)
        always = [name for name, one in TombstoneRecord.model_fields.items() if one.is_required()]
        booked = [name for name in made["required"] if name not in always]
        made |= {
            "required": always,
            "if": {"properties": {"status": {"const": "cancelled"}}},
            "else": {"required": booked},
        }
        return {"$schema": self.schema_dialect} | made


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one record.

    Rules between fields (a time that exists in its zone, an end after the start) are beyond it:
    `validate` checks those.
    """
    return SessionRecord.model_json_schema(schema_generator=_Draft2020)
