"""Every sentence that events, mails and notices are made of, in each language calsync speaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from calsync.core.ledger import Do

DASH, MINUS = "\u2013", "\u2212"


@dataclass(frozen=True, slots=True)
class Words:
    """One language. Braces are filled in: `{title}` and `{when}` are the session's.

    subject, lead    of invitation, update and cancellation
    older_entry      a mail's `note` when an entry in a lost calendar shows something else
    handed_over      a cancellation's `note` when a calendar took the session over
    take_back        by provider, where a person sees and ends what was given to us
    date             a day, with `{day}` its name, `{n}` its number, `{month}` and `{year}`
    """

    language: str

    titled_with: str
    and_last: str
    neutral_title: str
    join: str
    online: str
    phone: str
    passcode: str
    place: str
    no_place: str
    view: str
    agenda: str
    continues: str
    with_people: str
    and_more: str
    someone: str
    origin: str

    subject: Mapping[Do, str]
    lead: Mapping[Do, str]
    when: str
    why: str
    older_entry: str
    handed_over: str

    unreachable_subject: str
    unreachable: str
    account_lost_subject: str
    account_lost: str
    reconnect: str
    connected_subject: str
    connected: str
    connected_to_read: str
    disconnected_subject: str
    disconnected: str
    take_back: Mapping[str, str]
    not_you: str
    calendars: str
    could_not_update_subject: str
    could_not_update: str
    could_not_remove_subject: str
    could_not_remove: str
    remains_subject: str
    remains: str
    digest_subject: str
    digest: str
    digest_why: str

    days: tuple[str, ...]
    months: tuple[str, ...]
    date: str

    def time(self, starts_at: datetime, ends_at: datetime, zone: str) -> str:
        """Start and end (aware) as clocks in the IANA zone show them, with zone and offset:
        `Thursday, 3 December 2026, 15:00-15:45 (America/Toronto, UTC-05:00)`, in typographic
        signs. An end on another day has its day; a second offset is named if clocks change."""
        start, end = (at.astimezone(ZoneInfo(zone)) for at in (starts_at, ends_at))
        last = f"{DASH}{end:%H:%M}"
        if end.date() != start.date():
            last = f" {DASH} {self.day(end)}, {end:%H:%M}"
        offsets = dict.fromkeys((_offset(start), _offset(end)))
        named = ", ".join(dict.fromkeys((zone, *offsets)))
        return f"{self.day(start)}, {start:%H:%M}{last} ({named})"

    def moment(self, at: datetime, zone: str) -> str:
        """An instant (aware) in the same form, without an end."""
        local = at.astimezone(ZoneInfo(zone))
        named = ", ".join(dict.fromkeys((zone, _offset(local))))
        return f"{self.day(local)}, {local:%H:%M} ({named})"

    def day(self, at: datetime) -> str:
        return self.date.format(
            day=self.days[at.weekday()], n=at.day, month=self.months[at.month - 1], year=at.year
        )


def words(locale: str) -> Words:
    """The language of a locale such as `de` or `de-AT`; English for those we do not speak."""
    return LANGUAGES.get(locale.lower().replace("_", "-").partition("-")[0], ENGLISH)


def _offset(at: datetime) -> str:
    """Hours and minutes from UTC with a true minus; "UTC" alone when there are none."""
    text = f"{at:%z}"
    return f"UTC{text[0].replace('-', MINUS)}{text[1:3]}:{text[3:5]}" if at.utcoffset() else "UTC"


ENGLISH = Words(
    language="en",
    titled_with="{title} with {name}",
    and_last=" and ",
    neutral_title="Appointment",
    join="Join",
    online="Online",
    phone="Phone",
    passcode="Passcode",
    place="Place",
    no_place="not agreed yet",
    view="View & Edit",
    agenda="Agenda",
    continues="Continue reading",
    with_people="With",
    and_more="and {count} more",
    someone="a participant",
    origin="Kept up to date by the platform; please make changes there, not in this entry.",
    subject=MappingProxyType(
        {
            Do.CREATE: "Invitation: {title}",
            Do.CHANGE: "Updated: {title}",
            Do.WITHDRAW: "Cancelled: {title}",
        }
    ),
    lead=MappingProxyType(
        {
            Do.CREATE: "You are invited to this session.",
            Do.CHANGE: "This session was updated. What follows replaces the earlier invitation.",
            Do.WITHDRAW: "This invitation is cancelled. Please remove it from your calendar.",
        }
    ),
    when="When",
    why="You receive this mail because you take part in this session.",
    older_entry=(
        "An older entry for this session may remain in a calendar that we cannot reach any more; "
        "please remove it there."
    ),
    handed_over=(
        "The session itself goes on: from now on you find it in your connected calendar, and this "
        "invitation is only taken back."
    ),
    unreachable_subject="Your session: {title}",
    unreachable=(
        "This session could not be put into your calendar. Please enter it yourself; here is "
        "what you need. When: {when}."
    ),
    account_lost_subject="Your calendar is no longer connected",
    account_lost=(
        "Your calendar no longer lets us in. Upcoming sessions reach you by mail until you "
        "connect it again. Entries that are already there stay as they are."
    ),
    reconnect="Connect it again",
    connected_subject="Your calendar was connected",
    connected=(
        "{provider} ({address}) was connected on {when}. From now on your sessions appear in that "
        "calendar."
    ),
    connected_to_read=(
        "{provider} ({address}) was connected on {when}, but only for seeing when you are free. "
        "Your sessions go on reaching you by mail."
    ),
    disconnected_subject="Your calendar was disconnected",
    disconnected=(
        "{provider} ({address}) was disconnected on {when}. We remove upcoming sessions from that "
        "calendar as long as it lets us in; what remains there you can delete. From now on your "
        "sessions reach you by mail, or in another calendar that you have connected."
    ),
    take_back=MappingProxyType(
        {
            "google": (
                "Which apps may use your Google account you see, and can change, at "
                "https://myaccount.google.com/connections."
            ),
            "outlook": (
                "Microsoft keeps the permission itself until you remove it: at "
                'https://myapps.microsoft.com, in the menu of our app, under "Manage your '
                'application".'
            ),
            "caldav": "Please delete the app password at your calendar's provider as well.",
        }
    ),
    not_you="If this was not you, please tell the platform's support at once.",
    calendars="Your calendars",
    could_not_update_subject="Please check your calendar: {title}",
    could_not_update=(
        "This session has changed, and we couldn't update the entry in your calendar. Please "
        "correct or delete that entry yourself. The session now takes place: {when}."
    ),
    could_not_remove_subject="Please remove from your calendar: {title}",
    could_not_remove=(
        "This session has been cancelled, or you no longer take part in it. We couldn't remove it "
        "from your calendar; if you still see it there, please delete it. It was planned for: "
        "{when}."
    ),
    remains_subject="An outdated entry may remain in your calendar: {title}",
    remains=(
        "An entry for this session may remain in a calendar where we can't change it: we have "
        "lost access to that calendar, or you added guests to the entry, who would get a mail. It "
        "is out of date, so please delete it yourself. The session: {when}."
    ),
    digest_subject="Your sessions further ahead",
    digest=(
        "From now on your sessions reach you by mail. To spare you many mails at once, these are "
        "your sessions that are more than {days} days away. The invitation to each follows {days} "
        "days before it starts, or at once when something about it changes. The times below are "
        "right, whatever an older entry shows."
    ),
    digest_why="You receive this mail because you take part in these sessions.",
    days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        *("January", "February", "March", "April", "May", "June", "July", "August"),
        *("September", "October", "November", "December"),
    ),
    date="{day}, {n} {month} {year}",
)

GERMAN = Words(
    language="de",
    titled_with="{title} mit {name}",
    and_last=" und ",
    neutral_title="Termin",
    join="Teilnehmen",
    online="Online",
    phone="Telefon",
    passcode="Kenncode",
    place="Ort",
    no_place="noch nicht vereinbart",
    view="Ansehen und bearbeiten",
    agenda="Agenda",
    continues="Weiterlesen",
    with_people="Mit",
    and_more="und {count} weitere",
    someone="eine teilnehmende Person",
    origin="Wird von der Plattform aktuell gehalten; bitte dort ändern, nicht in diesem Eintrag.",
    subject=MappingProxyType(
        {
            Do.CREATE: "Einladung: {title}",
            Do.CHANGE: "Geändert: {title}",
            Do.WITHDRAW: "Abgesagt: {title}",
        }
    ),
    lead=MappingProxyType(
        {
            Do.CREATE: "Sie sind zu diesem Termin eingeladen.",
            Do.CHANGE: "Dieser Termin wurde geändert. Bisherige Angaben gelten nicht mehr.",
            Do.WITHDRAW: "Diese Einladung ist abgesagt. Bitte löschen Sie sie aus Ihrem Kalender.",
        }
    ),
    when="Wann",
    why="Sie erhalten diese Mail, weil Sie an diesem Termin teilnehmen.",
    older_entry=(
        "Ein älterer Eintrag zu diesem Termin kann in einem Kalender stehen, den wir nicht mehr "
        "erreichen; bitte löschen Sie ihn dort."
    ),
    handed_over=(
        "Der Termin selbst findet statt: Sie finden ihn ab jetzt in Ihrem verbundenen Kalender; "
        "nur diese Einladung wird zurückgenommen."
    ),
    unreachable_subject="Ihr Termin: {title}",
    unreachable=(
        "Dieser Termin konnte nicht in Ihren Kalender eingetragen werden. Bitte tragen Sie ihn "
        "selbst ein; hier steht, was Sie brauchen. Wann: {when}."
    ),
    account_lost_subject="Ihr Kalender ist nicht mehr verbunden",
    account_lost=(
        "Ihr Kalender lässt uns nicht mehr hinein. Kommende Termine erreichen Sie per Mail, bis "
        "Sie ihn wieder verbinden. Vorhandene Einträge bleiben, wie sie sind."
    ),
    reconnect="Wieder verbinden",
    connected_subject="Ihr Kalender wurde verbunden",
    connected=(
        "{provider} ({address}) wurde verbunden: {when}. Ab jetzt erscheinen Ihre Termine in "
        "diesem Kalender."
    ),
    connected_to_read=(
        "{provider} ({address}) wurde verbunden: {when}. Wir dürfen dort nur sehen, wann Sie frei "
        "sind. Ihre Termine erreichen Sie weiter per Mail."
    ),
    disconnected_subject="Ihr Kalender wurde getrennt",
    disconnected=(
        "{provider} ({address}) wurde getrennt: {when}. Kommende Termine entfernen wir dort, "
        "solange uns der Kalender hineinlässt; was stehen bleibt, können Sie löschen. Ab jetzt "
        "erreichen Sie Ihre Termine per Mail oder in einem anderen Kalender, den Sie verbunden "
        "haben."
    ),
    take_back=MappingProxyType(
        {
            "google": (
                "Welche Apps Ihr Google-Konto nutzen dürfen, sehen und ändern Sie unter "
                "https://myaccount.google.com/connections."
            ),
            "outlook": (
                "Die Erlaubnis selbst bleibt bei Microsoft bestehen, bis Sie sie entfernen: unter "
                'https://myapps.microsoft.com, im Menü unserer App, "Anwendung verwalten".'
            ),
            "caldav": ("Bitte löschen Sie auch das App-Passwort beim Anbieter Ihres Kalenders."),
        }
    ),
    not_you="Waren Sie das nicht, sagen Sie bitte sofort der Plattform Bescheid.",
    calendars="Ihre Kalender",
    could_not_update_subject="Bitte prüfen Sie Ihren Kalender: {title}",
    could_not_update=(
        "Dieser Termin hat sich geändert, und wir konnten den Eintrag in Ihrem Kalender nicht "
        "anpassen. Bitte ändern oder löschen Sie ihn selbst. Der Termin findet jetzt statt: {when}."
    ),
    could_not_remove_subject="Bitte aus Ihrem Kalender löschen: {title}",
    could_not_remove=(
        "Dieser Termin wurde abgesagt, oder Sie nehmen nicht mehr daran teil. Wir konnten ihn "
        "nicht aus Ihrem Kalender entfernen; steht er dort noch, löschen Sie ihn bitte selbst. "
        "Geplant war: {when}."
    ),
    remains_subject="In Ihrem Kalender kann ein veralteter Eintrag stehen: {title}",
    remains=(
        "In einem Kalender, in dem wir nichts mehr ändern können, kann noch ein Eintrag zu diesem "
        "Termin stehen: Wir haben keinen Zugriff mehr darauf, oder Sie haben Gäste dazu "
        "eingeladen, die dann eine Mail bekämen. Der Eintrag ist veraltet; bitte löschen Sie ihn "
        "selbst. Der Termin: {when}."
    ),
    digest_subject="Ihre weiteren Termine",
    digest=(
        "Ab jetzt erreichen Sie Ihre Termine per Mail. Damit nicht viele Mails auf einmal kommen, "
        "stehen hier alle, die mehr als {days} Tage entfernt sind. Die Einladung zu jedem folgt "
        "{days} Tage vor dem Beginn, oder sofort, wenn sich daran etwas ändert. Es gelten die "
        "Zeiten unten, was immer ein älterer Eintrag zeigt."
    ),
    digest_why="Sie erhalten diese Mail, weil Sie an diesen Terminen teilnehmen.",
    days=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    months=(
        *("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August"),
        *("September", "Oktober", "November", "Dezember"),
    ),
    date="{day}, {n}. {month} {year}",
)

LANGUAGES: Mapping[str, Words] = MappingProxyType({"en": ENGLISH, "de": GERMAN})
