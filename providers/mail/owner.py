"""What whoever looks after the integration reads: in English, like the commands it names."""

from __future__ import annotations

from html import escape

from calsync.core.content.icalendar import one_line
from calsync.core.content.notices import OwnerNews
from calsync.core.content.words import ENGLISH
from providers.mail.body import PROVIDERS, Body, DetailLine

LOST = "A calendar account was lost"
LOST_LEAD = (
    "{provider} no longer lets calsync into this account since {when}. Its person was told by "
    "mail{how}, and their sessions go on by mail."
)
LOST_DO = (
    "Nothing needs to be done when they connect it again. `calsync accounts list --tenant "
    "{tenant}` shows every account that is lost, `calsync accounts test {account}` tries this one."
)
MANY = "Many calendar accounts were lost at once"
MANY_LEAD = (
    "{count} accounts of the tenant {tenant} were lost within an hour. {provider} is stopped there "
    "since {when}: nothing is written, and no more people are told or served by mail instead."
)
MANY_DO = (
    "Find the cause first: an administrator's policy, or a client secret that changed. `calsync "
    "accounts list --tenant {tenant}` shows the accounts. Then `calsync resume --tenant {tenant} "
    "--channel {channel}`: accounts that stay lost are served by mail, and their people are told."
)
WHY = "You receive this mail because connect.owner of calsync names your address."


def owner_body(news: OwnerNews) -> Body:
    """One lost account, or one mail for many; nothing of any session."""
    many = news.count > 0
    title = MANY if many else LOST
    values = {
        "provider": PROVIDERS.get(news.provider, news.provider),
        "channel": news.provider,
        "tenant": news.tenant,
        "account": news.account,
        "count": news.count,
        "when": ENGLISH.moment(news.at, "UTC"),
        "how": " with a link to connect it again" if news.link else "",
    }
    text = (MANY_DO if many else LOST_DO).format(**values)
    facts = (DetailLine("Account", news.account), DetailLine("Person", one_line(news.person)))
    return Body(
        language=ENGLISH.language,
        subject=f"calsync: {title[0].lower()}{title[1:]}",
        lead=(MANY_LEAD if many else LOST_LEAD).format(**values),
        title=title,
        facts=(DetailLine("Tenant", news.tenant), *(() if many else facts)),
        text=text,
        html=f"<p>{escape(text)}</p>",
        why=WHY,
    )
