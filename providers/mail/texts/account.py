"""What a person reads when a calendar of theirs was connected, disconnected or lost."""

from __future__ import annotations

from calsync.core.content.icalendar import one_line
from calsync.core.content.notices import AccountFact, AccountNews, Cause
from providers.mail.brand import Brand
from providers.mail.texts.body import Body, link_line


def account_body(kind: str, news: AccountNews, link: str, brand: Brand) -> Body:
    """Which calendar it is, since when, why, and what to do if they did not do it. `link` is the
    page where they see their calendars, "" for none."""
    say, fact = brand.language(news.locale), news.fact
    what, why, not_you = _keys(kind, fact)
    reason, provider = say.optional(f"notice.{why}"), say.text(f"page.name_{fact.provider}")
    taken_back = kind == "account_disconnected"
    notes = say.optional(f"notice.take_back_{fact.provider}") if taken_back else ""
    button = "reconnect" if kind == "account_lost" else "calendars"
    title = say.text(f"notice.{kind}_subject", provider=provider)
    when = say.short(fact.at, news.time_zone)
    return Body(
        say=say,
        subject=say.text("mail.dated", title=title, when=when),
        title=title,
        lead=say.text(
            f"notice.{what}",
            provider=provider,
            address=_place(fact),
            since=say.moment(fact.at, news.time_zone),
            why=f" {reason}" if reason else "",
        ),
        buttons=link_line(say.text(f"notice.{button}"), link),
        notes=(notes,) if notes else (),
        footer=(say.text(f"notice.{not_you}"), *((brand.support,) if brand.support else ())),
    )


def _keys(kind: str, fact: AccountFact) -> tuple[str, str, str]:
    """The messages that say what happened, why, and what somebody does who did not do it."""
    if kind == "account_lost":
        return kind, f"why_lost_{fact.provider}", "lost_not_you"
    if kind == "account_connected":
        what = kind if fact.writes else "account_connected_to_read"
        return what, f"why_connected_{fact.cause}", "not_you"
    taken = fact.cause is Cause.TAKEN_OVER
    return kind, f"why_disconnected_{fact.cause}", "taken_over_not_you" if taken else "not_you"


def _place(fact: AccountFact) -> str:
    """The account, and where its calendar is when the address does not tell."""
    return ", ".join(one_line(one) for one in (fact.address, fact.calendar) if one)
