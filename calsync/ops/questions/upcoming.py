"""What operators are told of the Upcoming Session mail to one person: what became of it, or why it
is not sent now."""

from __future__ import annotations

from calsync.core.ledger import Delivery
from calsync.core.upcoming.decide import UpcomingReason, decide
from calsync.core.upcoming.rules import UpcomingTo
from calsync.notices.upcoming_case import case_of, is_unsubscribed
from calsync.ops.results.explanation import UpcomingStory
from calsync.runtime.context import Context
from calsync.store.database import Db
from calsync.store.upcoming import sent

R = UpcomingReason
BECAME = {
    "sent": "sent",
    "refused": "refused by the mail server; the journal has its answer",
    "maybe": "may have arrived: no answer came, so it is not sent again",
    "unsure": "being sent now",
}
WHY = {
    R.DUE: "due now",
    R.CANCELLED: "not sent: nothing is to be shown to them",
    R.NOT_SHOWN: "not sent: another participant's entry serves this person",
    R.HELD: "not sent while its batch is held",
    R.PARKED: "not sent while the delivery is parked",
    R.STARTED: "not sent: the session has begun",
    R.OFF: "not sent: mail.upcoming_to is off",
    R.NO_MAILBOX: "not sent: there is no address that accepts mail",
    R.IN_CALENDAR: "not sent: a calendar shows the session, and mail.upcoming_to is mailed",
    R.NOT_YET: "sent from then on",
    R.SWITCHED_ON: "not sent: the mails were switched on less than two hours before the start",
    R.UNSUBSCRIBED: "not sent: the person has turned these mails off",
    R.ELSEWHERE: "not sent: another system made the entry, and reminds of it",
    R.RESTORED: "not sent: it may have been, before the ledger was put back from a backup",
    R.JUST_BOOKED: "sent from then on: two hours after it was booked or changed",
    R.NOT_BOOKED: "not sent while the platform does not show the session",
    R.EXCLUDED: "not sent: deliver.only_to leaves the person out",
    R.STALE: "not sent while the newest record is refused",
    R.PAUSED: "not sent while an operator has paused the channel",
    R.UNSURE: "not sent while nobody knows what the person was shown",
}


def upcoming_story(context: Context, db: Db, delivery: Delivery) -> UpcomingStory | None:
    """What is told of the mail about the delivery's start; None where the tenant sends none."""
    if context.tenant(delivery.key.tenant).upcoming.to is UpcomingTo.OFF:
        return None
    row = sent.of_start(db, delivery)
    if row is not None and row["state"] in BECAME:
        return UpcomingStory(row["state"], BECAME[row["state"]], row["created"])
    step = decide(case_of(context, db, delivery))
    at = step.again_at if step.reason in (R.NOT_YET, R.JUST_BOOKED) else None
    return UpcomingStory(step.reason.value, WHY[step.reason], at)


def wants_mails(context: Context, db: Db, tenant: str, email: str) -> bool | None:
    """Whether the person takes mails before sessions; None where the tenant sends none."""
    if context.tenant(tenant).upcoming.to is UpcomingTo.OFF:
        return None
    return not is_unsubscribed(context, db, tenant, email)
