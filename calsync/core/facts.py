"""What the platform is told: which lines of the journal are facts for it, and as what.

No text of a provider and no content: a kind, a channel, a reason from a fixed list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from calsync.core.ledger import MAIL
from calsync.core.upcoming.rules import UPCOMING

# Lines of the journal that operators hear of, as a condition: they have an index of their own.
ALERTS = "what IN ('alert', 'person_told', 'mass_account_loss', 'many_dismissed')"


class FactKind(StrEnum):
    """What happened."""

    DELIVERED = "delivered"
    WITHDRAWN = "withdrawn"
    NOT_DELIVERED = "not_delivered"
    ENTRY_OUTDATED = "entry_outdated"
    UPCOMING_MAILED = "upcoming_mailed"
    SESSION_REFUSED = "session_refused"
    PARTICIPANT_SET_ASIDE = "participant_set_aside"
    EVENT_REMOVED = "event_removed"
    EVENT_MOVED = "event_moved"
    EVENT_EDITED = "event_edited"
    EVENT_TAKEN = "event_taken"
    ACCOUNT_CONNECTED = "account_connected"
    ACCOUNT_LIMITED = "account_limited"
    ACCOUNT_LOST = "account_lost"
    ACCOUNT_UNUSABLE = "account_unusable"
    ACCOUNT_RECOVERED = "account_recovered"
    ACCOUNT_DISCONNECTED = "account_disconnected"


MEANING: dict[FactKind, str] = {
    FactKind.DELIVERED: "The participant's calendar shows it, or their mail server accepted it.",
    FactKind.WITHDRAWN: "It was taken out of the calendar, or a cancellation was mailed.",
    FactKind.NOT_DELIVERED: "The participant cannot be shown the session; `reason` says why.",
    FactKind.ENTRY_OUTDATED: "An entry shows what is no longer true; the person got a plain mail.",
    FactKind.UPCOMING_MAILED: "The participant's mail server accepted the Upcoming Session mail.",
    FactKind.SESSION_REFUSED: "A record was refused; what was shown stays. Correct and resend it.",
    FactKind.PARTICIPANT_SET_ASIDE: "A participant cannot be read and is shown nothing.",
    FactKind.EVENT_REMOVED: "The person deleted the event; it returns with the next real change.",
    FactKind.EVENT_MOVED: "The person changed the time, place or link of the event there.",
    FactKind.EVENT_EDITED: "The person changed the words of the event in their calendar.",
    FactKind.EVENT_TAKEN: "The person added guests to the event; calsync leaves it alone now.",
    FactKind.ACCOUNT_CONNECTED: "A calendar is connected and used from now on.",
    FactKind.ACCOUNT_LIMITED: "A calendar is connected without the right to write; mail goes on.",
    FactKind.ACCOUNT_LOST: "Access to the calendar is lost; ask the person to connect it again.",
    FactKind.ACCOUNT_UNUSABLE: "The calendar cannot be written; mail goes on, tried again daily.",
    FactKind.ACCOUNT_RECOVERED: "The calendar works again.",
    FactKind.ACCOUNT_DISCONNECTED: "The calendar is disconnected.",
}
REASONS: dict[str, str] = {
    "refused": "The calendar or mail server will not take it; its operator sees the answer.",
    "not_set_up": "calsync is not set up for this; its operator was told.",
    "mail_limit": "Too many mails about this session today; it is sent tomorrow.",
    "unreachable": "The session starts soon and nothing works; the person got a plain mail.",
    "could_not_update": "The calendar could not be changed in time.",
    "could_not_remove": "The entry could not be removed in time.",
    "entry_may_remain": "The entry stands where calsync cannot write any more.",
    "by_person": "The person disconnected the calendar.",
    "by_ops": "An operator of calsync disconnected the calendar.",
    "may_be_elsewhere": "Deleted, or moved to another calendar, which calsync may not search.",
    "by_domain": "The settings of calsync do not list the person's mail domain any more.",
}
DISCONNECTED_BY = {"person": "disconnected by the person", "ops": "disconnected by ops"}
NOT_LISTED = "does not list it any more"  # how the journal says that a mail domain was removed


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened to a session, a participant of it, or an account.

    field   of the record, for `session_refused` and `participant_set_aside`
    advice  what is wrong with the field, and what to write
    policy  of `event_moved`: report or restore
    old, new  of `event_moved`: the start and end that calsync wrote, and those that the event shows
    """

    kind: FactKind
    channel: str | None = None
    reason: str | None = None
    field: str | None = None
    advice: str | None = None
    policy: str | None = None
    old: Sequence[str] | None = None
    new: Sequence[str] | None = None


PLAIN: dict[str, Fact] = {
    "copy_taken": Fact(FactKind.EVENT_TAKEN),
    "mail_limit_reached": Fact(FactKind.NOT_DELIVERED, MAIL, "mail_limit"),
    "account_connected": Fact(FactKind.ACCOUNT_CONNECTED),
    "account_active": Fact(FactKind.ACCOUNT_RECOVERED),
    "account_free_busy_only": Fact(FactKind.ACCOUNT_LIMITED),
    "account_reconnect": Fact(FactKind.ACCOUNT_LOST),
    "account_unusable": Fact(FactKind.ACCOUNT_UNUSABLE),
}
TOLD: dict[str, Fact] = {  # by the kind of plain mail that was sent
    "unreachable": Fact(FactKind.NOT_DELIVERED, MAIL, "unreachable"),
    "could_not_update": Fact(FactKind.ENTRY_OUTDATED, MAIL, "could_not_update"),
    "could_not_remove": Fact(FactKind.ENTRY_OUTDATED, MAIL, "could_not_remove"),
    "entry_may_remain": Fact(FactKind.ENTRY_OUTDATED, MAIL, "entry_may_remain"),
    UPCOMING: Fact(FactKind.UPCOMING_MAILED, MAIL),
}
FOUND = {
    "live": FactKind.DELIVERED,
    "gone": FactKind.WITHDRAWN,
    "dismissed": FactKind.EVENT_REMOVED,
    "taken": FactKind.EVENT_TAKEN,
}


def fact_of(what: str, detail: Mapping[str, object]) -> Fact | None:
    """The fact in a line of the journal; None for what is no business of the platform.

    detail  as the line has it: `answer` begins with yes or with the kind of an error
    """
    if what in PLAIN:
        return PLAIN[what]
    channel = detail.get("channel")
    via = channel if isinstance(channel, str) else None
    match what:
        case "create_answered" | "change_answered" | "withdraw_answered":
            fact = _answered(what, str(detail.get("answer")), via)
        case "copy_found":
            kind = FOUND.get(str(detail.get("state")))
            fact = Fact(kind, via, _elsewhere(detail)) if kind is not None else None
        case "copy_dismissed":
            fact = Fact(FactKind.EVENT_REMOVED, reason=_elsewhere(detail))
        case "copy_drifted":
            fact = _moved(detail) if detail.get("material") else Fact(FactKind.EVENT_EDITED)
        case "record_went_back":
            fact = Fact(FactKind.SESSION_REFUSED, field="updated_at")
        case "update_refused":
            fact = Fact(FactKind.SESSION_REFUSED, field=str(detail.get("field")))
        case "participant_set_aside":
            name, advice = str(detail.get("field")), str(detail.get("reason"))
            fact = Fact(FactKind.PARTICIPANT_SET_ASIDE, field=name, advice=advice)
        case "account_disconnected":
            fact = Fact(FactKind.ACCOUNT_DISCONNECTED, reason=_left(str(detail.get("reason"))))
        case "notice_answered":
            fact = TOLD.get(str(detail.get("kind"))) if detail.get("answer") == "yes" else None
        case _:
            fact = None
    return fact


def _moved(detail: Mapping[str, object]) -> Fact:
    """Older lines of the journal have no times."""
    policy, old, new = (detail.get(name) for name in ("policy", "old", "new"))
    return Fact(
        FactKind.EVENT_MOVED,
        policy=policy if isinstance(policy, str) else None,
        old=old if isinstance(old, list) else None,
        new=new if isinstance(new, list) else None,
    )


def _elsewhere(detail: Mapping[str, object]) -> str | None:
    """Whether a removal may have been a move to a calendar that cannot be searched."""
    return "may_be_elsewhere" if detail.get("may_remain") else None


def _left(why: str) -> str | None:
    """Who ended it, of what the journal says; None when nobody did."""
    if why.endswith(NOT_LISTED):
        return "by_domain"
    return next((f"by_{by}" for by, words in DISCONNECTED_BY.items() if words == why), None)


def _answered(what: str, answer: str, channel: str | None) -> Fact | None:
    """Anything that is tried again is no fact yet."""
    word = answer.partition(" ")[0]
    if answer == "yes":
        kind = FactKind.WITHDRAWN if what == "withdraw_answered" else FactKind.DELIVERED
        return Fact(kind, channel)
    if word in ("refused", "setup"):
        return Fact(
            FactKind.NOT_DELIVERED, channel, "refused" if word == "refused" else "not_set_up"
        )
    return None
