"""docs/messages.md, made of the golden mails and the catalogue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from calsync.core.content.event import CalendarObstacle
from calsync.messages.language import Language, language
from tests.providers.golden_mails import (
    ACCOUNTS,
    NOTICES,
    OF_SESSION,
    WITHDRAWN,
    C,
    mails,
)
from tests.providers.messages_pictures import links, pictures
from tests.providers.written_mails import parse, part

PAGE = Path(__file__).parents[2] / "docs/messages.md"
# When a cause is told; the words of the page, in the order of the causes.
WHEN = {
    C.BOOKED: "a first invitation",
    C.BOOKED_AGAIN: "an invitation after the session was cancelled",
    C.MOVED: "start or end changed",
    C.LINK: "meeting link, passcode or telephone number changed",
    C.VENUE: "the venue changed, or the session is online now, or no longer",
    C.PEOPLE: "the other person of a session of two changed",
    C.UPDATED: "a change of which nobody knows what its reader saw before",
    C.CANCELLED: "the session does not take place",
    C.REMOVED: "the person does not take part any more",
    C.REPLACED: "the person has, or gets, another invitation to the same session",
    C.IN_CALENDAR: "the person connected a calendar, which shows the session now",
    C.OLD_ADDRESS: "the person's address changed: to the old mailbox",
    C.NEW_ADDRESS: "the person's address changed: to the new mailbox",
    C.BY_MAIL: "the calendar was disconnected or lost",
    C.RESENT: "`calsync resend`",
    C.UNSHOWN: "no calendar shows the session in time",
    C.OUTDATED: "a calendar shows an old version in time before the session",
    C.STILL_THERE: "a calendar still shows a session that was cancelled",
    C.STILL_THERE_REMOVED: "a calendar still shows a session that its person has left",
}
HEAD = """# What people read

Every mail that calsync sends to participants, by what happened. This page and the mails of
`tests/golden/mails` are made by `pytest --golden tests/providers/test_mail_golden.py`: a changed
word shows there in every language. The sentences are in `calsync/messages/locale`, one file for
each language. English and German are complete; French and Spanish are complete too, but no native
speaker has read them. Another language is one more file: a test lists what it lacks, and what it
lacks is said in English meanwhile.

Which cause a mail tells of is decided in `calsync/core/content/causes.py` and `notice_causes.py`.
Each mail has the same order: when and where (which inboxes show beside the subject), the title,
what happened, what is different (old and new), buttons, details, what it means for an entry that
is there already, and why it came. The title in a subject is cut at 80 characters; day and time
are in the reader's zone. No two different mails of one person share a subject: one that may repeat
an earlier one, as the second change of a link, also says when it was sent, to the second.

"Cancelled" is said only of a session that does not take place. A mail that takes an invitation
back for another reason is a CANCEL as well (RFC 5546, section 3.2.5), because nothing else
removes an entry that a mail program made; its words say what really happened. Outlook writes
"Canceled:" before the title of any CANCEL by itself.

A tenant has sentences of its own by `mail.texts_file`, a TOML file with a table for each language:

```toml
[en]
"mail.lead_booked" = "Good to have you with us."
"mail.subject_moved" = "New time for {title}: {when}"
```

Keys are those of the catalogue that begin with `mail.` or `notice.`. What stands in braces there
must stand in the new sentence as well; one that loses a part is refused with its key when calsync
starts.

Words change with the next change of a session, or with `calsync resync --rewrite`: an upgrade
alone sends nothing.
"""


def page() -> str:
    """What the page holds."""
    return "".join(_page(language("en"), dict(mails("en"))))


def _not_read(say: Language) -> str:
    return say.text("mail.not_read", view=say.text("event.view")).replace('"', "")


def _page(say: Language, found: Mapping[str, bytes]) -> Iterator[str]:
    yield HEAD
    yield "\n## Sessions, by invitation\n\n"
    yield "| cause | told when | mail | subject | what happened | the entry that is there |\n"
    yield "|---|---|---|---|---|---|\n"
    for cause in OF_SESSION:
        mail = parse(found[cause])
        method = "CANCEL" if cause in WITHDRAWN else "REQUEST"
        lead, old = say.text(f"mail.lead_{cause}"), say.optional(f"mail.old_{cause}")
        yield f"| {cause} | {WHEN[cause]} | {method} | {mail['Subject']} | {lead} | {old} |\n"
    yield (
        "\nWhere nobody reads what is answered (`mail.answers_read = false`), invitations and\n"
        "updates ask for no answer (RSVP=FALSE), and say where to go instead:\n"
        f'"{_not_read(say)}"\n'
    )
    yield "\n## Sessions that a calendar shows wrongly, by plain mail\n\n"
    yield (
        "Sent once for each version of a session, without an event, and only where no invitation,\n"
        "update or cancellation of that version was mailed. The reason is one of these, with the\n"
        "calendar's name:\n\n"
    )
    for one in CalendarObstacle:
        yield f"- {one}: {say.text(f'notice.obstacle_{one}', calendar='Google Calendar (…)')}\n"
    yield (
        "\nOne that tells of a session which no calendar shows has links to add it: to Google\n"
        "Calendar, to Outlook on the web, and, where `web.public_url` is set, as a file for any\n"
        "other calendar. Other mails have none: they bring the event, or tell of one that is in a\n"
        "calendar already. The file is the session as it is when it is fetched, for whoever has\n"
        "the link. Once the session is cancelled, or its person takes part no more, a page says\n"
        "that it is no longer there. While an operator has not approved a change, and once one\n"
        "has rejected it, the file is what the person's entry shows; where there is none, and\n"
        "where nothing is kept of the session any more, a page says only that it can't be shown\n"
        "right now.\n"
    )
    yield "\n| cause | told when | subject | what happened | what to do |\n|---|---|---|---|---|\n"
    for cause in NOTICES:
        lead, do = (say.text(f"notice.{what}_{cause}") for what in ("lead", "do"))
        yield f"| {cause} | {WHEN[cause]} | {parse(found[cause])['Subject']} | {lead} | {do} |\n"
    yield "\n## Before a session\n\n"
    yield (
        "Once before each session, where `mail.upcoming_to` says so, to who takes part: without\n"
        "an event, with the agenda as it is then. Which sessions are announced when is in\n"
        "[the decision table](decision-table.md#the-upcoming-session-mail). Its last line, and\n"
        "one click in the mail program (RFC 8058), turn these mails off.\n\n"
    )
    lead, subject = say.text("mail.lead_upcoming"), parse(found["upcoming"])["Subject"]
    yield "| mail | subject | what it says |\n|---|---|---|\n"
    yield f"| upcoming | {subject} | {lead} |\n"
    yield "\n## Calendars and digests\n\n| mail | subject |\n|---|---|\n"
    for name in (*ACCOUNTS, "digest"):
        yield f"| {name} | {parse(found[name])['Subject']} |\n"
    yield "\n## As people see them\n\n"
    yield (
        "Each on a phone (360 px) and on a desk (800 px), with what was seen on it and changed.\n"
        f"Written by `make pictures`. In other languages: {links()}.\n"
    )
    yield from pictures("en", "messages/")
    yield "\n## As text\n"
    for name in (C.MOVED, C.IN_CALENDAR, C.STILL_THERE, "upcoming"):
        text = part(found[name], "text/plain").decode().replace("\r\n", "\n").strip()
        yield f"\n{name}:\n\n```\n{text}\n```\n"
