"""What whoever looks after the integration reads: in English, like the commands it names."""

from __future__ import annotations

from html import escape

from calsync.core.content.icalendar import one_line
from calsync.core.content.notices import OwnerNews
from calsync.messages.language import language
from providers.mail.texts.body import Body, DetailLine


def owner_body(news: OwnerNews) -> Body:
    """One lost account, or one mail for many; nothing of any session."""
    say, what = language("en-GB"), "many" if news.count > 0 else "lost"
    title = say.text(f"owner.{what}")
    values = {
        "provider": say.text(f"page.name_{news.provider}"),
        "channel": news.provider,
        "tenant": news.tenant,
        "account": news.account,
        "accounts": news.count,
        "when": say.moment(news.at, "UTC"),
        "how": say.text("owner.with_link") if news.link else "",
    }
    text = say.text(f"owner.{what}_do", **values)
    facts = [DetailLine(say.text("owner.tenant"), news.tenant)]
    if what == "lost":
        facts.append(DetailLine(say.text("owner.account"), news.account))
        facts.append(DetailLine(say.text("owner.person"), one_line(news.person)))
    return Body(
        say=say,
        subject=f"calsync: {title[0].lower()}{title[1:]}",
        lead=say.text(f"owner.{what}_lead", **values),
        title=title,
        facts=tuple(facts),
        text=text,
        html=f"<p>{escape(text)}</p>",
        footer=(say.text("owner.why"),),
    )
