"""The participant's page: what is connected, what will happen, and where each session is shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response

from calsync.core.address import in_unicode
from calsync.core.content.event import NamedLink
from calsync.core.visit import Visit
from calsync.errors import InputError
from calsync.messages.language import Language
from calsync.selfservice.actions import SelfService
from calsync.selfservice.overview import Calendar, Overview, Upcoming
from calsync.selfservice.unsubscribing import Unsubscribing
from calsync.web.pages.base import Pages, see
from calsync.web.pages.entry import HOME

DONE = ("connected", "disconnected", "disconnecting")  # what the page may be asked to say first


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session as the page shows it, in the person's language and zone."""

    title: str
    when: str
    place: str
    url: str
    visibility: str
    channel: str
    address: str
    links: Sequence[NamedLink]


def router(
    pages: Pages, service: SelfService, mails: Unsubscribing, wake: Callable[[], None]
) -> APIRouter:
    """The routes; `wake` is called when there is something new to deliver."""
    routes = APIRouter(prefix=HOME, include_in_schema=False)

    @routes.get("")
    def show(
        request: Request, visit: Annotated[Visit, Depends(pages.visitor)], done: str = ""
    ) -> Response:
        found = service.overview(visit.visitor)
        return pages.page(
            request,
            visit,
            "page.html",
            done=done if done in DONE else "",
            **_content(found, pages.speaks(request, visit)),
            offered=service.offered(visit.visitor.tenant),
            mails=mails.wanted_by(visit.visitor),
        )

    @routes.post("/mails")
    def choose_mails(
        visit: Annotated[Visit, Depends(pages.visitor)],
        form: Annotated[dict[str, str], Depends(pages.own_form)],
    ) -> Response:
        """Whether the person gets mails before sessions, as they say."""
        mails.choose_for(visit.visitor, wanted=form.get("wanted") == "yes")
        return see(f"{HOME}#mails")

    @routes.get("/progress")
    def progress(request: Request, visit: Annotated[Visit, Depends(pages.visitor)]) -> Response:
        found = service.overview(visit.visitor).progress
        there = found.total - found.waiting
        told = pages.text(request, visit, "progress", shown=there, total=found.total)
        figures = {"total": found.total, "shown": found.shown, "waiting": found.waiting}
        return JSONResponse({**figures, "text": told})

    @routes.get("/disconnect")
    def ask_to_leave(
        request: Request, visit: Annotated[Visit, Depends(pages.visitor)], account: str = ""
    ) -> Response:
        """What will happen, before anything does."""
        found = service.overview(visit.visitor)
        calendar = found.to_leave(account)
        if calendar is None:
            return see(HOME)
        return pages.page(
            request,
            visit,
            "disconnect.html",
            account=account,
            provider=calendar.account.provider,
            address=in_unicode(calendar.account.address),
            health=calendar.health,
            there=found.in_calendar(calendar),
        )

    @routes.post("/disconnect")
    def leave(
        visit: Annotated[Visit, Depends(pages.visitor)],
        form: Annotated[dict[str, str], Depends(pages.own_form)],
    ) -> Response:
        try:
            outcome = service.leave(visit.visitor, form.get("account", ""))
        except InputError:  # not theirs, or gone already: the page shows what there is
            return see(HOME)
        wake()
        done = "disconnecting" if outcome == "withdrawing" else "disconnected"
        return see(f"{HOME}?done={done}")

    return routes


def _content(found: Overview, say: Language) -> dict[str, Any]:
    """What the page's template sees."""
    zone = found.sessions[0].event.time_zone if found.sessions else "UTC"
    return {
        "calendars": [_card(one, say, zone) for one in found.calendars],
        "used": found.used,
        "sessions": [_line(one, say) for one in found.sessions],
        "progress": found.progress,
    }


def _card(one: Calendar, say: Language, zone: str) -> dict[str, Any]:
    def day(at: datetime | None) -> str:
        return say.day(at, zone) if at else ""

    return {
        "id": one.account.id,
        "provider": one.account.provider,
        "address": in_unicode(one.account.address),
        "domain": in_unicode(one.account.email.rpartition("@")[2]),
        "health": one.health,
        "managed": one.managed,
        "used": one.used,
        "since": day(one.since),
        "last_title": one.last_title,
        "last_day": day(one.last_at),
    }


def _line(one: Upcoming, say: Language) -> SessionLine:
    event, seen = one.event, one.visibility
    when = say.time(event.starts_at, event.ends_at, event.time_zone)
    return SessionLine(
        title=event.title,
        when=when,
        place="" if event.join_url else event.location,
        url=event.url,
        visibility=seen.state.value,
        channel=seen.channel or "",
        address=in_unicode(seen.address or ""),
        links=event.details.links if event.details else (),
    )
