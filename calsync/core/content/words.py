"""Every sentence that events, mails and notices are made of, in each language calsync speaks."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from calsync.core.content.german import GERMAN
from calsync.core.content.language import Words
from calsync.core.ledger import Do

__all__ = ["ENGLISH", "GERMAN", "LANGUAGES", "Words", "words"]

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
        "We have had no access to {provider} ({address}) since {when}.{why} Upcoming sessions "
        "reach you by mail until you connect it again. Entries that are already there stay as "
        "they are."
    ),
    why_lost=MappingProxyType(
        {
            "google": "The permission was withdrawn or has expired, or the password was changed.",
            "outlook": "The permission was withdrawn or has expired, or the password was changed.",
            "caldav": "Its server no longer accepts the password that we were given.",
        }
    ),
    lost_not_you=(
        "If you changed nothing yourself, please check the security settings of that account "
        "before you connect it again."
    ),
    reconnect="Connect it again",
    connected_subject="Your calendar was connected",
    connected=(
        "{provider} ({address}) was connected on {when}.{why} From now on your sessions appear in "
        "that calendar."
    ),
    connected_to_read=(
        "{provider} ({address}) was connected on {when}, but only for seeing when you are free."
        "{why} Your sessions go on reaching you by mail."
    ),
    why_connected=MappingProxyType(
        {
            "person": "Somebody signed in to it from your calendars page.",
            "ops": "The platform's support did this.",
        }
    ),
    disconnected_subject="Your calendar was disconnected",
    disconnected=(
        "{provider} ({address}) was disconnected on {when}.{why} We remove upcoming sessions from "
        "that calendar as long as we have access to it; what remains there you can delete. From "
        "now on your sessions reach you by mail, or in another calendar that you have connected."
    ),
    why_disconnected=MappingProxyType(
        {
            "person": "This was asked for on your calendars page.",
            "ops": "The platform's support did this.",
            "taken_over": (
                "Somebody signed in to that calendar and connected it for another address on the "
                "platform."
            ),
        }
    ),
    taken_over_not_you=(
        "If this was not you, please change the password of that account, and tell the platform's "
        "support at once."
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

LANGUAGES: Mapping[str, Words] = MappingProxyType({"en": ENGLISH, "de": GERMAN})


def words(locale: str) -> Words:
    """The language of a locale such as `de` or `de-AT`; English for those we do not speak."""
    return LANGUAGES.get(locale.lower().replace("_", "-").partition("-")[0], ENGLISH)
