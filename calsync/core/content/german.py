"""Every sentence in German."""

from __future__ import annotations

from types import MappingProxyType

from calsync.core.content.language import Words
from calsync.core.ledger import Do

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
        "Auf {provider} ({address}) haben wir keinen Zugriff mehr, seit: {when}.{why} Kommende "
        "Termine erreichen Sie per Mail, bis Sie den Kalender wieder verbinden. Vorhandene "
        "Einträge bleiben, wie sie sind."
    ),
    why_lost=MappingProxyType(
        {
            "google": "Die Erlaubnis wurde entzogen, oder das Passwort wurde geändert.",
            "outlook": "Die Erlaubnis wurde entzogen, oder das Passwort wurde geändert.",
            "caldav": "Der Server nimmt das Passwort, das wir haben, nicht mehr an.",
        }
    ),
    lost_not_you=(
        "Haben Sie selbst nichts geändert, prüfen Sie bitte die Sicherheitseinstellungen dieses "
        "Kontos, bevor Sie es wieder verbinden."
    ),
    reconnect="Wieder verbinden",
    connected_subject="Ihr Kalender wurde verbunden",
    connected=(
        "{provider} ({address}) wurde verbunden: {when}.{why} Ab jetzt erscheinen Ihre Termine in "
        "diesem Kalender."
    ),
    connected_to_read=(
        "{provider} ({address}) wurde verbunden: {when}.{why} Wir dürfen dort nur sehen, wann Sie "
        "frei sind. Ihre Termine erreichen Sie weiter per Mail."
    ),
    why_connected=MappingProxyType(
        {
            "person": "Jemand hat sich über Ihre Kalenderseite dort angemeldet.",
            "ops": "Das hat der Support der Plattform veranlasst.",
        }
    ),
    disconnected_subject="Ihr Kalender wurde getrennt",
    disconnected=(
        "{provider} ({address}) wurde getrennt: {when}.{why} Kommende Termine entfernen wir dort, "
        "solange wir darauf Zugriff haben; was stehen bleibt, können Sie löschen. Ab jetzt "
        "erreichen Sie Ihre Termine per Mail oder in einem anderen Kalender, den Sie verbunden "
        "haben."
    ),
    why_disconnected=MappingProxyType(
        {
            "person": "Das wurde auf Ihrer Kalenderseite veranlasst.",
            "ops": "Das hat der Support der Plattform veranlasst.",
            "taken_over": (
                "Jemand hat sich bei diesem Kalender angemeldet und ihn mit einer anderen Adresse "
                "auf der Plattform verbunden."
            ),
        }
    ),
    taken_over_not_you=(
        "Waren Sie das nicht, ändern Sie bitte das Passwort dieses Kontos und sagen Sie sofort der "
        "Plattform Bescheid."
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
