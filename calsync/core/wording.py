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
    remains_subject: str
    remains: str


ENGLISH = Words(
    language="en",
    titled_with="{title} with {name}",
    neutral_title="Appointment",
    join="Join",
    phone="Phone",
    passcode="Passcode",  # noqa: S106  (a word that is shown)
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
    remains_subject="An entry may remain in your calendar: {title}",
    remains=(
        "You added guests to this entry, so we leave it alone: changing it would mail them. "
        "If it is no longer right, please remove it yourself. When: {when}."
    ),
)

GERMAN = Words(
    language="de",
    titled_with="{title} mit {name}",
    neutral_title="Termin",
    join="Teilnehmen",
    phone="Telefon",
    passcode="Kenncode",  # noqa: S106  (a word that is shown)
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
    remains_subject="In Ihrem Kalender kann ein Eintrag stehen bleiben: {title}",
    remains=(
        "Sie haben zu diesem Eintrag Gäste eingeladen, darum lassen wir ihn stehen: eine Änderung "
        "ginge per Mail an sie. Stimmt er nicht mehr, löschen Sie ihn bitte selbst. Wann: {when}."
    ),
)


def words(locale: str) -> Words:
    """The language of a locale such as `de` or `de-AT`; English for those we do not speak."""
    return GERMAN if locale.lower().replace("_", "-").split("-")[0] == "de" else ENGLISH
