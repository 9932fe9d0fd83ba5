"""Every sentence that events and notices are made of, in each language calsync speaks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One language. Braces are filled in; `{title}` and `{when}` are the session's."""

    language: str
    titled_with: str
    neutral_title: str
    join: str
    phone: str
    passcode: str
    place: str
    view: str
    agenda: str
    continues: str
    with_people: str
    and_more: str
    someone: str
    origin: str
    unreachable_subject: str
    unreachable: str
    account_lost_subject: str
    account_lost: str
    reconnect: str
    old_entry: str
    remains_subject: str
    remains: str


ENGLISH = Words(
    language="en",
    titled_with="{title} with {name}",
    neutral_title="Appointment",
    join="Join",
    phone="Phone",
    passcode="Passcode",
    place="Place",
    view="View & Edit",
    agenda="Agenda",
    continues="Continue reading",
    with_people="With",
    and_more="and {count} more",
    someone="a participant",
    origin="Kept up to date by the platform; please make changes there, not in this entry.",
    unreachable_subject="Your session: {title}",
    unreachable=(
        "This session could not be put into your calendar yet, so here is what it is about. "
        "When: {when}."
    ),
    account_lost_subject="Your calendar is no longer connected",
    account_lost=(
        "Your calendar no longer lets us in. Upcoming sessions reach you by mail until you "
        "connect it again. Entries that are already there stay as they are."
    ),
    reconnect="Connect it again",
    old_entry="An older entry may remain in a calendar we can no longer reach; please remove it.",
    remains_subject="An entry may remain in your calendar: {title}",
    remains=(
        "This session is no longer on, or no longer as this entry shows it, and we cannot remove "
        "the entry: the connection to that calendar is lost, or you added guests to it. Please "
        "remove it yourself. It was about: {when}."
    ),
)

GERMAN = Words(
    language="de",
    titled_with="{title} mit {name}",
    neutral_title="Termin",
    join="Teilnehmen",
    phone="Telefon",
    passcode="Kenncode",
    place="Ort",
    view="Ansehen und bearbeiten",
    agenda="Agenda",
    continues="Weiterlesen",
    with_people="Mit",
    and_more="und {count} weitere",
    someone="eine teilnehmende Person",
    origin="Wird von der Plattform aktuell gehalten; bitte dort ändern, nicht in diesem Eintrag.",
    unreachable_subject="Ihr Termin: {title}",
    unreachable=(
        "Dieser Termin konnte noch nicht in Ihren Kalender eingetragen werden; hier steht, worum "
        "es geht. Wann: {when}."
    ),
    account_lost_subject="Ihr Kalender ist nicht mehr verbunden",
    account_lost=(
        "Ihr Kalender lässt uns nicht mehr hinein. Kommende Termine erreichen Sie per Mail, bis "
        "Sie ihn wieder verbinden. Vorhandene Einträge bleiben, wie sie sind."
    ),
    reconnect="Wieder verbinden",
    old_entry=(
        "In einem Kalender, den wir nicht mehr erreichen, kann ein älterer Eintrag stehen; bitte "
        "löschen Sie ihn."
    ),
    remains_subject="In Ihrem Kalender kann ein Eintrag stehen bleiben: {title}",
    remains=(
        "Dieser Termin findet nicht mehr oder nicht mehr so statt, und wir können den Eintrag "
        "nicht entfernen: die Verbindung zu diesem Kalender ist verloren, oder Sie haben Gäste "
        "dazu eingeladen. Bitte löschen Sie ihn selbst. Es ging um: {when}."
    ),
)


def words(locale: str) -> Words:
    """The language of a locale such as `de` or `de-AT`; English for those we do not speak."""
    return GERMAN if locale.lower().replace("_", "-").split("-")[0] == "de" else ENGLISH
